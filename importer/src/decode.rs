//! The first stage: turns any input into a seekable file of UTF-8.
//!
//! A plain UTF-8 file is used in place. Standard input, compressed files and other encodings are written to an unnamed
//! temporary file, so that memory stays bounded and rejected rows can be read again unchanged. JSON is converted to a
//! table in such a file.

mod encoding;
mod guess;
mod json;
mod unpack;

use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Seek, SeekFrom, Write};
use std::path::PathBuf;

use chrono::NaiveDateTime;
use encoding_rs::Encoding;
use sha2::{Digest, Sha256};

use crate::issue::FileRefusal;
use crate::read::ReadOptions;
pub(crate) use encoding::Evidence;
use guess::Guess;
use unpack::unpack;

/// How much of a file is inspected before it is read.
const HEAD: usize = 64 * 1024;
const COPY_BUFFER: usize = 256 * 1024;
const UTF8_BOM: &[u8] = b"\xef\xbb\xbf";

const SAVE_AS_UTF8: &str = "save it as \"CSV UTF-8\", or convert it: `iconv -f UTF-32 -t UTF-8 FILE`";
/// Except for ibm866, the code pages of the old command line are not among the web's encodings.
const CODE_PAGES: &str =
    "code pages 437, 850 and 852 are not supported; convert the file: `iconv -f CP852 -t UTF-8 FILE`";

/// First bytes of files that are often mistaken for CSV, and what to do instead.
const NOT_CSV: [(&[u8], &str, &str); 5] = [
    (b"PK\x03\x04", "a ZIP archive or an Excel workbook", "unpack it, or save the sheet as \"CSV UTF-8\""),
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook", "save the sheet as \"CSV UTF-8\""),
    (b"%PDF", "a PDF document", "export the list from the portal as CSV"),
    (b"\x28\xb5\x2f\xfd", "a zstd-compressed file", "decompress it first"),
    (b"SQLite format 3", "a SQLite database", "export the list from the portal as CSV"),
];

/// Where an export comes from.
pub enum Input {
    /// A file.
    Path(PathBuf),
    /// Any other input that can be read once, such as standard input.
    Stream {
        /// Its name in the report.
        name: String,
        /// The bytes.
        reader: Box<dyn Read + Send>,
    },
}

impl Input {
    /// In-memory bytes, for tests.
    #[must_use]
    pub fn bytes(name: &str, bytes: impl Into<Vec<u8>>) -> Self {
        Self::Stream { name: name.to_owned(), reader: Box::new(io::Cursor::new(bytes.into())) }
    }

    /// The input's name in the report.
    #[must_use]
    pub fn name(&self) -> String {
        match self {
            Self::Path(path) => path.display().to_string(),
            Self::Stream { name, .. } => name.clone(),
        }
    }
}

/// An input in UTF-8 that can be read at any offset.
pub(crate) struct Readable {
    pub(crate) name: String,
    pub(crate) file: File,
    /// Where the text begins, after any byte-order mark.
    pub(crate) start: u64,
    pub(crate) encoding: &'static Encoding,
    /// Whether the encoding was guessed.
    pub(crate) assumed: bool,
    /// Whether another encoding was chosen for text that reads as UTF-8.
    pub(crate) doubtful: bool,
    /// Whether UTF-8 is assumed because nothing at the beginning contradicts it; the rest of the file may.
    pub(crate) provisional: bool,
    /// The hash of the input's original bytes. `None` if they are in `file` and have not been read yet.
    pub(crate) sha256: Option<[u8; 32]>,
    /// When the file was last written.
    pub(crate) modified: Option<NaiveDateTime>,
    /// The column names of a table that was converted from JSON. The first cell of each of its rows is the line of the
    /// object.
    pub(crate) keys: Option<Vec<String>>,
}

/// Makes an input readable.
pub(crate) fn open(input: Input, options: &ReadOptions) -> Result<Readable, FileRefusal> {
    let name = input.name();
    let chosen = options.encoding.as_deref().map(|label| by_label(&name, label)).transpose()?;
    let mut unpacked = unpack(input, options.max_unpacked)?;
    let mut head = Vec::with_capacity(HEAD);
    read_head(&mut unpacked.file, &mut head).map_err(|error| unreadable(&name, &error))?;
    if let Some((_, what, hint)) = NOT_CSV.iter().find(|(magic, ..)| head.starts_with(magic)) {
        return Err(FileRefusal::new(&name, "file.unreadable", format!("the file is {what}, not CSV")).hint(*hint));
    }
    if encoding::is_utf32(&head) {
        return Err(FileRefusal::new(&name, "file.unreadable", "the file is in UTF-32").hint(SAVE_AS_UTF8));
    }
    let length = unpacked.file.seek(SeekFrom::End(0)).map_err(|error| unreadable(&name, &error))?;
    let complete = length == head.len() as u64;
    let found = encoding::detect(&head, complete);
    let (encoding, bom, provisional) = match (chosen, found) {
        (Some(chosen), found) => (chosen_with_mark(chosen, &head), found.mark_of(chosen, &head), false),
        (None, found) => (found.encoding, found.bom, found.provisional),
    };
    let doubtful = match chosen {
        Some(_) => contradicted(&name, encoding, &head, &mut unpacked.file)?,
        None => false,
    };
    if encoding.is_ascii_compatible() && is_binary(&head) {
        return Err(FileRefusal::new(&name, "file.unreadable", "the file is binary, not CSV")
            .hint("export the list from the portal as CSV"));
    }
    let readable = Readable {
        name,
        file: unpacked.file,
        start: bom,
        encoding,
        assumed: chosen.is_none() && found.assumed,
        doubtful,
        provisional,
        sha256: unpacked.sha256,
        modified: unpacked.modified,
        keys: None,
    };
    let readable = if encoding == encoding_rs::UTF_8 {
        readable
    } else {
        let encoding = if readable.assumed && encoding.is_ascii_compatible() { readable.guess()? } else { encoding };
        readable.transcoded(encoding)?
    };
    json::as_table(readable, options)
}

impl Readable {
    /// The same input, after it has turned out not to be UTF-8.
    pub(crate) fn in_legacy_encoding(mut self) -> Result<Self, FileRefusal> {
        let encoding = self.guess()?;
        self.assumed = true;
        self.transcoded(encoding)
    }

    /// The encoding that best fits the text of the whole file.
    fn guess(&self) -> Result<&'static Encoding, FileRefusal> {
        let mut file = &self.file;
        file.seek(SeekFrom::Start(self.start)).map_err(|error| unreadable(&self.name, &error))?;
        let guess = guess::guess(&mut BufReader::with_capacity(COPY_BUFFER, file));
        match guess.map_err(|error| unreadable(&self.name, &error))? {
            Guess::Text(encoding) => Ok(encoding),
            Guess::Nonsense(found) => Err(self.nonsense(found)),
        }
    }

    /// The older encoding that the text seems to be in. `None` if it is readable in none.
    pub(crate) fn likely_encoding(&self) -> Option<&'static str> {
        self.guess().ok().map(Encoding::name)
    }

    /// The file is not text in any encoding that can be assumed.
    fn nonsense(&self, found: Option<&'static Encoding>) -> FileRefusal {
        let message = "the file's encoding could not be detected: the text is not readable in any common encoding";
        let refusal = FileRefusal::new(&self.name, "file.unreadable", message);
        match found {
            Some(found) => refusal.hint(format!(
                "set the encoding with --encoding (perhaps {}), or save the file as UTF-8",
                found.name().to_lowercase()
            )),
            None => refusal.hint(format!("set the encoding with --encoding, or save the file as UTF-8; {CODE_PAGES}")),
        }
    }

    /// A copy in UTF-8.
    fn transcoded(mut self, encoding: &'static Encoding) -> Result<Self, FileRefusal> {
        let fail = |error: io::Error| unreadable(&self.name, &error);
        let mut copy = tempfile::tempfile().map_err(fail)?;
        self.file.seek(SeekFrom::Start(0)).map_err(fail)?;
        let mut from = Hashing { inner: &self.file, hash: Sha256::new() };
        io::copy(&mut (&mut from).take(self.start), &mut io::sink()).map_err(fail)?;
        let mut to = BufWriter::with_capacity(COPY_BUFFER, &mut copy);
        let controls = encoding::to_utf8(encoding, &mut from, &mut to).map_err(fail)?;
        to.flush().map_err(fail)?;
        drop(to);
        if controls > 0 && self.assumed {
            return Err(self.nonsense(None));
        }
        let sha256 = from.finish();
        self.sha256.get_or_insert(sha256);
        Ok(Self { file: copy, start: 0, encoding, provisional: false, ..self })
    }
}

/// Whether the text has too many NUL bytes to be a slip. A row with a single one is rejected by itself.
fn is_binary(head: &[u8]) -> bool {
    memchr::memchr_iter(0, head).count() > (head.len() / 100).max(3)
}

/// The refusal of a file that cannot be read, with what to do about it.
pub(crate) fn unreadable(name: &str, error: &io::Error) -> FileRefusal {
    let hint = match error.kind() {
        io::ErrorKind::NotFound => "check the path",
        io::ErrorKind::PermissionDenied => "give the user who runs the import permission to read the file",
        io::ErrorKind::StorageFull => "free some space for temporary files, or point TMPDIR elsewhere",
        _ => "check that the file is complete and that its disk or pipe works",
    };
    FileRefusal::new(name, "file.unreadable", format!("the file cannot be read: {error}")).hint(hint)
}

/// The encoding with that label.
pub(crate) fn by_label(name: &str, label: &str) -> Result<&'static Encoding, FileRefusal> {
    Encoding::for_label(label.trim().as_bytes()).ok_or_else(|| {
        let plain: String = label.chars().filter(char::is_ascii_alphanumeric).collect();
        let plain = plain.to_ascii_lowercase();
        let message = format!("unknown encoding \"{label}\"");
        let refusal = FileRefusal::new(name, "file.unreadable", message);
        if plain.starts_with("utf32") {
            refusal.hint(SAVE_AS_UTF8)
        } else if plain.starts_with("cp8") || plain.starts_with("ibm8") || plain == "cp437" || plain == "ibm437" {
            refusal.hint(CODE_PAGES)
        } else {
            refusal.hint("use for example utf-8, utf-16le, utf-16be, windows-1250, windows-1252 or shift_jis")
        }
    })
}

/// "utf-16" alone leaves the byte order to the byte-order mark.
fn chosen_with_mark(chosen: &'static Encoding, head: &[u8]) -> &'static Encoding {
    if chosen == encoding_rs::UTF_16LE && head.starts_with(b"\xfe\xff") { encoding_rs::UTF_16BE } else { chosen }
}

/// Whether the text reads as UTF-8 although another encoding was chosen. A byte-order mark that shows the same, or UTF-16, refuses
/// the file: its text would be imported as nonsense.
fn contradicted(name: &str, chosen: &'static Encoding, head: &[u8], file: &mut File) -> Result<bool, FileRefusal> {
    let refused = |shown: &'static Encoding| {
        let (shown, chosen) = (shown.name(), chosen.name());
        let message = format!("the file is {shown} by its byte-order mark, but the encoding {chosen} was chosen");
        FileRefusal::new(name, "file.unreadable", message).hint("leave out --encoding")
    };
    let mark = Encoding::for_bom(head).map(|(marked, _)| marked).filter(|marked| *marked != chosen);
    match mark {
        Some(marked) if marked != encoding_rs::UTF_8 || !chosen.is_ascii_compatible() => Err(refused(marked)),
        _ if chosen == encoding_rs::UTF_8 || !chosen.is_ascii_compatible() => Ok(false),
        mark => {
            let reads = encoding::reads_as_utf8(file).map_err(|error| unreadable(name, &error))?;
            if mark.is_some() && reads { Err(refused(encoding_rs::UTF_8)) } else { Ok(reads) }
        }
    }
}

fn read_head(file: &mut File, head: &mut Vec<u8>) -> io::Result<()> {
    file.seek(SeekFrom::Start(0))?;
    file.take(HEAD as u64).read_to_end(head)?;
    Ok(())
}

/// Passes bytes on and hashes them.
struct Hashing<R> {
    inner: R,
    hash: Sha256,
}

impl<R> Hashing<R> {
    fn finish(self) -> [u8; 32] {
        self.hash.finalize().into()
    }
}

impl<R: Read> Read for Hashing<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.hash.update(&buffer[..count]);
        Ok(count)
    }
}
