//! Checks, opens and reads the files of a request.

use std::fs::{self, File};
use std::io;
use std::panic::resume_unwind;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use chrono::NaiveDateTime;
use crossbeam_channel::{RecvTimeoutError, bounded};
use partnergraph_domain::{ImportRunKey, ImportStatus};
use partnergraph_store::imports::runs::FileRow;
use partnergraph_store::imports::sources::AccountRow;
use partnergraph_store::imports::uploads::{self, UploadReader};
use partnergraph_store::{Conn, DatabaseUrl, StoreResult};

use crate::decode::{Input, unreadable};
use crate::intake::{Collector, Intake};
use crate::issue::FileRefusal;
use crate::plan::PlanError;
use crate::profiles::{MapError, Profile, States};
use crate::read::{self, OpenedFile, OwnIdentities, ReadOptions, RecordsError};
use crate::request::{FileInput, FileRequest, ImportRequest};
use crate::run::{ImportError, Job};
use partnergraph_domain::ImportPhase;

/// The number of inputs that are held open at a time. If there are more, they are closed between their passes, because
/// a process has a limited number of files (often 256 or 1024). Decompressed or transcoded inputs are then decompressed
/// or transcoded again.
const HELD_OPEN: usize = 64;

/// How often cancellation is checked while a file is opened.
const ASKED_AGAIN: Duration = Duration::from_millis(50);

/// Detects wrong paths, maps and source names before anything is read or written. Pipes are not opened, because they
/// can only be read once.
pub(crate) fn check(request: &ImportRequest) -> Result<(), ImportError> {
    for file in &request.files {
        if file.source.as_deref().is_some_and(|source| source.trim().is_empty()) {
            return Err(FileRefusal::new(&given_name(&file.input), "file.source.empty", "the source name is empty")
                .hint("set the name of the portal that the data comes from, or omit it to use the format's own source")
                .into());
        }
        if let Some(text) = &file.map {
            Profile::parse("map", text).map_err(ImportError::Map)?;
        }
        let FileInput::Path(path) = &file.input else { continue };
        let about = fs::metadata(path).and_then(|about| {
            if about.is_file() {
                File::open(path)?;
            }
            Ok(about)
        });
        let name = path.display().to_string();
        match about {
            Ok(about) if about.is_dir() => {
                return Err(FileRefusal::new(&name, "file.unreadable", "the path is a directory")
                    .hint("name the files in it instead, for example with a wildcard")
                    .into());
            }
            Ok(_) => {}
            Err(error) => return Err(unreadable(&name, &error).into()),
        }
    }
    Ok(())
}

/// Opens all files before reading any, so that a file that cannot be imported refuses the run immediately.
pub(crate) fn read(job: &Job<'_>) -> Result<Intake, ImportError> {
    let Job { url, request, watch, .. } = job;
    watch.phase(ImportStatus::Planning, ImportPhase::Opening);
    watch.total(request.files.len() as u64);
    let holds = request.files.len() <= HELD_OPEN;
    let mut opened = Vec::with_capacity(request.files.len());
    for (file, number) in request.files.iter().zip(0..) {
        let mut one = open(job, file, number)?;
        if !holds && can_be_opened_again(&file.input) {
            one.close();
        }
        opened.push(one);
        watch.advance(1).map_err(PlanError::from)?;
    }
    watch.phase(ImportStatus::Planning, ImportPhase::Reading);
    watch.rows_total(opened.iter().map(|file| file.description().rows).sum());
    let mut collector = Collector::new(job.partner.partner_type).map_err(PlanError::from)?;
    let mut files = Vec::with_capacity(opened.len());
    for (number, (mut file, requested)) in opened.into_iter().zip(&request.files).enumerate() {
        let number = u16::try_from(number).unwrap_or(u16::MAX);
        file.reopen(|| input(url, requested))?;
        collector.begin(number, &file).map_err(PlanError::from)?;
        let taken = file.records(|batch| {
            watch.rows(batch.records.len() as u64)?;
            batch.records.into_iter().try_for_each(|parsed| collector.take(parsed))
        });
        match taken {
            Ok(()) => {}
            Err(RecordsError::Read(refusal)) => return Err(refusal.into()),
            Err(RecordsError::Sink(error)) => return Err(PlanError::from(error).into()),
        }
        if !holds && can_be_opened_again(&requested.input) {
            file.close();
        }
        files.push(collector.end(file, requested.customer));
    }
    Ok(collector.finish(files).map_err(PlanError::from)?)
}

/// Opens a file on its own thread, so that an import can be stopped while a pipe has no data or a large file is
/// scanned. The thread then continues until its input or the process ends.
fn open(job: &Job<'_>, file: &FileRequest, number: u16) -> Result<OpenedFile, ImportError> {
    let options = options(job.request, file, job.caller.now, job.partner)?;
    let input = input(job.url, file)?;
    let (give, take) = bounded(1);
    let opening = thread::Builder::new().name(format!("file-{number}")).spawn(move || {
        // No one receives it if the import is stopped.
        let _ = give.send(read::open(input, number, &options));
    });
    let opening = opening.map_err(PlanError::from)?;
    loop {
        match take.recv_timeout(ASKED_AGAIN) {
            Ok(opened) => return Ok(of_partner(opened?)?),
            Err(RecvTimeoutError::Timeout) => job.watch.check().map_err(PlanError::from)?,
            Err(RecvTimeoutError::Disconnected) => match opening.join() {
                Err(panic) => resume_unwind(panic),
                Ok(()) => return Err(PlanError::from(io::Error::other("a file was not opened")).into()),
            },
        }
    }
}

/// A file that a partner can import. The register of MPN profiles belongs to no partner.
fn of_partner(file: OpenedFile) -> Result<OpenedFile, FileRefusal> {
    if file.profile().states != States::MpnProfiles {
        return Ok(file);
    }
    let message = "the file is the register of MPN profiles, which belongs to no partner";
    Err(FileRefusal::new(&file.description().name, "file.register", message)
        .hint("an operator imports it with `partnergraph mpn import`; if it is your list of resellers, add `--profile resellers`"))
}

/// Whether an input gives the same bytes a second time. Standard input and pipes do not.
fn can_be_opened_again(input: &FileInput) -> bool {
    match input {
        FileInput::Path(path) => fs::metadata(path).is_ok_and(|about| about.is_file()),
        FileInput::Upload(_) | FileInput::Bytes(..) => true,
        FileInput::Stdin => false,
    }
}

fn options(
    request: &ImportRequest,
    file: &FileRequest,
    now: NaiveDateTime,
    partner: &AccountRow,
) -> Result<ReadOptions, ImportError> {
    let map = match &file.map {
        Some(text) => Some(Arc::new(Profile::parse("map", text).map_err(ImportError::Map)?)),
        None => None,
    };
    let delimiter = match file.delimiter {
        Some(delimiter) => Some(u8::try_from(delimiter).map_err(|_| {
            let hint = "common delimiters are a comma, a semicolon and a tab";
            ImportError::Map(MapError::new("the delimiter is not an ASCII character", hint))
        })?),
        None => None,
    };
    let ids = partner.tenant_id.as_deref().and_then(|id| id.parse().ok());
    let mpn_ids = [&partner.mpn_id, &partner.global_mpn_id].into_iter().flatten().filter_map(|id| id.parse().ok());
    Ok(ReadOptions {
        profile: file.profile.clone(),
        map,
        customer: file.customer,
        encoding: file.encoding.clone(),
        delimiter,
        date_order: file.date_order,
        as_of: file.as_of,
        partial: file.partial,
        source: file.source.clone(),
        max_record: request.max_record,
        max_unpacked: request.max_unpacked,
        header_line: file.header_line,
        own: OwnIdentities { ids: ids.into_iter().collect(), mpn_ids: mpn_ids.collect() },
        now,
    })
}

/// The source of a file's bytes.
pub(crate) fn input(url: &DatabaseUrl, file: &FileRequest) -> Result<Input, ImportError> {
    Ok(match &file.input {
        FileInput::Path(path) => Input::Path(path.clone()),
        FileInput::Stdin => Input::Stream { name: "-".to_owned(), reader: Box::new(io::stdin()) },
        FileInput::Bytes(name, bytes) => Input::bytes(name, bytes.clone()),
        FileInput::Upload(id) => {
            let mut conn = Conn::open(url)?;
            let upload = uploads::find(&mut conn, id)?.ok_or_else(|| ImportError::NoUpload(id.clone()))?;
            Input::Stream { name: upload.name, reader: Box::new(UploadReader::open(url, id)?) }
        }
    })
}

/// The name by which the caller gave the input. An upload has its own name in the database.
fn given_name(input: &FileInput) -> String {
    match input {
        FileInput::Path(path) => path.display().to_string(),
        FileInput::Stdin => "-".to_owned(),
        FileInput::Bytes(name, _) => name.clone(),
        FileInput::Upload(id) => id.clone(),
    }
}

/// The run's files as they were read.
pub(crate) fn rows(run_id: ImportRunKey, request: &ImportRequest, intake: &Intake) -> Vec<FileRow> {
    intake
        .files
        .iter()
        .zip(&request.files)
        .zip(0..)
        .map(|((file, requested), ordinal)| {
            let description = &file.description;
            FileRow {
                run_id,
                ordinal,
                name: description.name.clone(),
                upload_id: upload_of(requested),
                profile: Some(description.profile.clone()),
                source: Some(description.source.clone()),
                encoding: Some(description.encoding.clone()),
                delimiter: Some(description.delimiter.to_string()),
                date_order: Some(description.date_order.as_str().to_owned()),
                as_of: description.as_of.and_hms_opt(0, 0, 0),
                sha256: Some(description.sha256.clone()),
                row_count: i64::try_from(description.rows).ok(),
                options: "{}".to_owned(),
            }
        })
        .collect()
}

/// The run's files if none of them was read: only their names are known.
pub(crate) fn unread(conn: &mut Conn, run_id: ImportRunKey, request: &ImportRequest) -> StoreResult<Vec<FileRow>> {
    let mut rows = Vec::with_capacity(request.files.len());
    for (file, ordinal) in request.files.iter().zip(0..) {
        let upload = match &file.input {
            FileInput::Upload(id) => uploads::find(conn, id)?,
            _ => None,
        };
        let name = upload.map_or_else(|| given_name(&file.input), |upload| upload.name);
        rows.push(FileRow {
            run_id,
            ordinal,
            name,
            upload_id: upload_of(file),
            profile: None,
            source: None,
            encoding: None,
            delimiter: None,
            date_order: None,
            as_of: None,
            sha256: None,
            row_count: None,
            options: "{}".to_owned(),
        });
    }
    Ok(rows)
}

fn upload_of(file: &FileRequest) -> Option<String> {
    match &file.input {
        FileInput::Upload(id) => Some(id.clone()),
        _ => None,
    }
}
