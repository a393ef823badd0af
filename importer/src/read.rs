//! The second stage: opens a file, detects its properties, and reads its records in order.

mod about;
mod block;
mod options;
mod owner;
mod pipeline;
mod raw;
mod scan;

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::sync::Arc;
use std::time::SystemTime;

use chrono::NaiveTime;
use encoding_rs::UTF_8;
use partnergraph_domain::rules::attestation::latest_day;

use crate::amount::DecimalMark;
use crate::decode::{self, Input, Readable, unreadable};
use crate::issue::{FileRefusal, Issue};
use crate::normalise::{self, Context};
use crate::parse::Records;
use crate::parse::header::{self, Header};
use crate::profiles::{Completeness, Field, Layout, Profile};

pub use crate::normalise::{Parsed, Rejected};
pub use options::{FileDescription, MAX_RECORD, MAX_UNPACKED, OwnIdentities, ReadOptions};
use scan::{Plan, Scan, Span};

/// How many bytes are searched for a header at first.
const HEAD: usize = 64 * 1024;

/// An opened file. Everything about it is known except its records.
#[derive(Debug)]
pub struct OpenedFile {
    /// Closed between two passes if there are more inputs than a process may hold open.
    file: Option<File>,
    description: FileDescription,
    issues: Vec<Issue>,
    context: Context,
    header: Header,
    complete: Completeness,
    max_record: usize,
    spans: Vec<Span>,
    written: Option<SystemTime>,
    /// The options for reading, with the detected encoding, for opening it again.
    options: ReadOptions,
}

/// Some records of a file, in their order.
#[derive(Clone, Debug)]
pub struct Batch {
    /// The records.
    pub records: Vec<Parsed>,
    /// The number of bytes of the file that they occupy, for reporting progress.
    pub bytes: u64,
}

/// Why the records of a file were not read to the end.
#[derive(Debug, thiserror::Error)]
pub enum RecordsError<E> {
    /// The file could no longer be read.
    #[error(transparent)]
    Read(FileRefusal),
    /// The receiver of the records failed.
    #[error("the records could not be processed")]
    Sink(E),
}

/// Opens an input as the file `file_index` of a run.
///
/// The whole file is read once, for what only the whole file can show. Memory stays bounded.
///
/// # Errors
///
/// A [`FileRefusal`] if the file cannot be imported as a whole.
pub fn open(input: Input, file_index: u16, options: &ReadOptions) -> Result<OpenedFile, FileRefusal> {
    if let Some(delimiter) = options.delimiter.filter(|delimiter| !header::may_delimit(*delimiter)) {
        let message = format!("{:?} cannot be used as a delimiter", char::from(delimiter));
        return Err(FileRefusal::new(&input.name(), "file.unreadable", message)
            .hint("common delimiters are a comma, a semicolon and a tab"));
    }
    let mut readable = decode::open(input, options)?;
    let profile = match (&options.map, &options.profile) {
        (Some(map), _) => Some(Arc::clone(map)),
        (None, Some(name)) => Some(header::named(&readable.name, name)?),
        (None, None) => None,
    };
    loop {
        let header = read_header(&readable, options, profile.as_deref())?;
        let (profile, layout) = header::recognise(&readable.name, &header.names, profile.as_ref())
            .map_err(|refusal| with_header_line(refusal, &readable, options, profile.as_deref()))?;
        let lacks_customer = layout.column(Field::CustomerTenantId).is_none() && options.customer.is_none();
        if lacks_customer && !profile.states.are_of_partners() {
            return Err(FileRefusal::new(
                &readable.name,
                "subscription.customer.missing",
                format!("files of the format {} do not name their customer", profile.name),
            )
            .hint("name the customer with --customer TENANT"));
        }
        let plan = Plan {
            start: readable.start + header.end as u64,
            line: header.line,
            delimiter: header.delimiter,
            numbered: header.numbered,
            max_record: max_record(&header, options),
            layout: &layout,
            own: &options.own,
        };
        let scan = scan::scan(&readable, &plan)?;
        if readable.provisional && scan.evidence.speaks_against_utf8() {
            readable = readable.in_legacy_encoding()?;
            continue;
        }
        return opened(readable, file_index, options, profile, layout, header, scan);
    }
}

/// The column names in a file's header line, from which `profiles new` creates a map.
///
/// # Errors
///
/// A [`FileRefusal`] if the file cannot be read or has no header.
pub fn header_of(input: Input, options: &ReadOptions) -> Result<Vec<String>, FileRefusal> {
    let readable = decode::open(input, options)?;
    Ok(read_header(&readable, options, None)?.names)
}

/// Checks that text can be read in the encoding with that label.
///
/// # Errors
///
/// A [`FileRefusal`] with what to do instead, of no file.
pub fn check_encoding(label: &str) -> Result<(), FileRefusal> {
    decode::by_label("", label).map(|_| ())
}

/// The rows of a table that was converted from objects are longer than the objects, which were already checked.
fn max_record(header: &Header, options: &ReadOptions) -> usize {
    if header.numbered { usize::MAX / 2 } else { options.max_record }
}

/// If there is one, the refusal of an unknown header names the line on which the header seems to be.
fn with_header_line(
    refusal: FileRefusal,
    readable: &Readable,
    options: &ReadOptions,
    profile: Option<&Profile>,
) -> FileRefusal {
    if readable.keys.is_some() || options.header_line.is_some() {
        return refusal;
    }
    let mut head = Vec::with_capacity(HEAD);
    let mut file = &readable.file;
    let read = file.seek(SeekFrom::Start(readable.start)).and_then(|_| file.take(HEAD as u64).read_to_end(&mut head));
    match read.ok().and_then(|_| header::seek(&head, options.delimiter, profile)) {
        Some(line) => {
            let message =
                format!("the first line is not a header of a known format; the header seems to be on line {line}");
            FileRefusal::new(&readable.name, "file.header.unknown", message)
                .line(line)
                .hint(format!("skip the lines before it with --header-line {line}"))
        }
        None => refusal,
    }
}

/// The refusal of a file without a header: it ends before the header, or is empty.
fn without_header(readable: &Readable, head: &[u8], header_line: Option<u64>) -> FileRefusal {
    match header_line.filter(|_| head.iter().any(|byte| !byte.is_ascii_whitespace())) {
        Some(line) => {
            FileRefusal::new(&readable.name, "file.header.unknown", format!("the file ends before line {line}"))
                .hint("--header-line is the number of the line with the column names")
        }
        None => FileRefusal::new(&readable.name, "file.empty", "the file is empty").hint("export the list again"),
    }
}

fn read_header(readable: &Readable, options: &ReadOptions, profile: Option<&Profile>) -> Result<Header, FileRefusal> {
    if let Some(keys) = &readable.keys {
        let empty =
            FileRefusal::new(&readable.name, "file.empty", "the file has no records").hint("export the list again");
        return if keys.is_empty() { Err(empty) } else { Ok(Header::of_keys(keys)) };
    }
    let most = options.max_record.max(HEAD);
    let mut wanted = HEAD;
    loop {
        let mut head = Vec::with_capacity(wanted);
        let mut file = &readable.file;
        file.seek(SeekFrom::Start(readable.start))
            .and_then(|_| file.take(wanted as u64).read_to_end(&mut head))
            .map_err(|error| unreadable(&readable.name, &error))?;
        let whole = head.len() < wanted;
        let header = header::find(&head, options.delimiter, profile, options.header_line)
            .ok_or_else(|| without_header(readable, &head, options.header_line))?;
        if !header.unfinished || (whole && !head_is_open(&head, &header)) {
            return Ok(header);
        }
        if whole || wanted >= most {
            let error = if whole {
                block::CutError::QuoteOpen(readable.start)
            } else {
                block::CutError::RecordTooLong(readable.start)
            };
            return Err(scan::refused(readable, (readable.start, 1), most, &error));
        }
        wanted = most;
    }
}

/// Whether a quote in the header is still open at the end of a file that contains nothing else.
fn head_is_open(head: &[u8], header: &Header) -> bool {
    let mut cutter = block::Cutter::new(head, 0, header.delimiter, head.len(), head.len());
    matches!(
        std::iter::from_fn(|| cutter.next(|_| {}).transpose()).find_map(Result::err),
        Some(block::CutError::QuoteOpen(_))
    )
}

fn opened(
    readable: Readable,
    file_index: u16,
    options: &ReadOptions,
    profile: Arc<Profile>,
    layout: Layout,
    header: Header,
    scan: Scan,
) -> Result<OpenedFile, FileRefusal> {
    about::check_owner(&readable.name, &layout, &scan.named)?;
    let (date_order, order_assumed) = match options.date_order {
        Some(order) => (order, false),
        None => scan.votes.order(profile.date_order, profile.states_date_order && options.map.is_some()),
    };
    let today = options.now.date();
    // If the clock was wrong when the file was written, its data must not become newer than all data that follows.
    let written_on = readable.modified.map(|at| at.date().min(today));
    let as_of = options.as_of.or(written_on).unwrap_or(today);
    let description = FileDescription {
        name: readable.name.clone(),
        profile: profile.name.clone(),
        portal: profile.portal.clone(),
        source: options.source.clone().unwrap_or_else(|| profile.family.clone()),
        encoding: readable.encoding.name().to_owned(),
        delimiter: char::from(header.delimiter),
        date_order,
        as_of,
        sha256: hex::encode(scan.sha256),
        rows: scan.rows,
        bytes: scan.spans.iter().map(|span| span.length as u64).sum(),
    };
    let about = about::About {
        file: file_index,
        readable: &readable,
        profile: &profile,
        layout: &layout,
        header: &header,
        rows: scan.rows,
    };
    let issues = about.issues(order_assumed.then_some(date_order), &scan.named);
    let decimal_mark = if header.delimiter == b';' { DecimalMark::Comma } else { DecimalMark::Point };
    // A byte-order mark or the user says UTF-8, and the text says otherwise.
    let contradicted = readable.encoding == UTF_8 && scan.evidence.speaks_against_utf8();
    let likely_encoding = if contradicted { readable.likely_encoding() } else { None };
    let encoding = readable.encoding.name();
    let written = readable.file.metadata().and_then(|about| about.modified()).ok();
    let again = ReadOptions { encoding: Some(description.encoding.clone()), ..options.clone() };
    Ok(OpenedFile {
        file: Some(readable.file),
        description,
        issues,
        complete: if options.partial { Completeness::No } else { profile.complete },
        max_record: max_record(&header, options),
        spans: scan.spans,
        written,
        options: again,
        header,
        context: Context {
            file: file_index,
            profile,
            layout,
            date_order,
            as_of: as_of.and_time(NaiveTime::MIN),
            latest: latest_day(options.now),
            customer: options.customer,
            own: options.own.clone(),
            decimal_mark,
            encoding,
            likely_encoding,
        },
    })
}

impl OpenedFile {
    /// The report's entry for the file.
    #[must_use]
    pub fn description(&self) -> &FileDescription {
        &self.description
    }

    /// The format, with its ranks and what it states.
    #[must_use]
    pub fn profile(&self) -> &Arc<Profile> {
        &self.context.profile
    }

    /// Whether the list is complete: as the profile says, unless the caller said that it is partial.
    #[must_use]
    pub fn complete(&self) -> Completeness {
        self.complete
    }

    /// Issues about the file as a whole.
    #[must_use]
    pub fn issues(&self) -> &[Issue] {
        &self.issues
    }

    /// Reads all records, parsed in parallel, and passes them to `sink` in the order of the file.
    ///
    /// It can be called again, with the same result.
    ///
    /// # Errors
    ///
    /// The error of `sink`, or an error if the file changed while it was read.
    pub fn records<E>(&mut self, mut sink: impl FnMut(Batch) -> Result<(), E>) -> Result<(), RecordsError<E>> {
        let name = self.description.name.clone();
        let (context, header) = (&self.context, &self.header);
        let closed = |error| RecordsError::Read(changed(&name, &error));
        let mut file = self.file().map_err(closed)?;
        let mut spans = self.spans.iter();
        pipeline::in_order(
            || {
                let Some(span) = spans.next() else { return Ok(None) };
                let mut bytes = vec![0; span.length];
                file.seek(SeekFrom::Start(span.offset))
                    .and_then(|_| file.read_exact(&mut bytes))
                    .map_err(|error| RecordsError::Read(changed(&name, &error)))?;
                Ok(Some((*span, bytes)))
            },
            |(span, bytes)| parsed(context, header, span, &bytes),
            |batch| sink(batch).map_err(RecordsError::Sink),
        )?;
        if file.metadata().and_then(|about| about.modified()).ok() != self.written {
            return Err(RecordsError::Read(changed(&name, &io::ErrorKind::InvalidData.into())));
        }
        Ok(())
    }
}

impl OpenedFile {
    /// Closes the file. It can be opened again with [`OpenedFile::reopen`].
    pub(crate) fn close(&mut self) {
        self.file = None;
    }

    /// Opens the file again, unless it is open. Its content must be the same as before.
    pub(crate) fn reopen<E: From<FileRefusal>>(&mut self, input: impl FnOnce() -> Result<Input, E>) -> Result<(), E> {
        if self.file.is_some() {
            return Ok(());
        }
        let Readable { file, sha256, .. } = decode::open(input()?, &self.options)?;
        let written = file.metadata().and_then(|about| about.modified()).ok();
        // A copy was written in this pass. For a file that is read in place, its modification time shows whether it was
        // changed.
        let is_same = match sha256 {
            Some(sha256) => hex::encode(sha256) == self.description.sha256,
            None => written == self.written,
        };
        if !is_same {
            return Err(changed(&self.description.name, &io::ErrorKind::InvalidData.into()).into());
        }
        self.file = Some(file);
        self.written = written;
        Ok(())
    }

    fn file(&self) -> io::Result<&File> {
        self.file.as_ref().ok_or_else(|| io::ErrorKind::NotConnected.into())
    }
}

fn changed(name: &str, error: &io::Error) -> FileRefusal {
    FileRefusal::new(name, "file.unreadable", format!("the file changed while it was read ({error})"))
        .hint("import it again when no other program writes to it")
}

fn parsed(context: &Context, header: &Header, span: Span, bytes: &[u8]) -> Batch {
    let mut records = Records::new(bytes, header.delimiter, span.line).numbered(header.numbered);
    let mut batch = Batch { records: Vec::with_capacity(bytes.len() / 200 + 1), bytes: bytes.len() as u64 };
    while let Some(record) = records.next() {
        let offset = span.offset + record.start as u64;
        batch.records.push(normalise::record(context, &record, offset));
    }
    batch
}
