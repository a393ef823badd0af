//! The first stage: any input becomes a seekable file of UTF-8.
//!
//! A plain UTF-8 file is used where it lies. Standard input, compressed files and other encodings are written to a
//! temporary file without a name, so that memory stays bounded and rejected rows can be read again as they were.

mod encoding;

use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Seek, SeekFrom, Write};
use std::path::PathBuf;

use chrono::{DateTime, NaiveDateTime, Utc};
use encoding_rs::Encoding;
use flate2::read::MultiGzDecoder;
use sha2::{Digest, Sha256};

use crate::issue::FileRefusal;
pub(crate) use encoding::Evidence;

/// How much of a file is looked at before it is read.
const HEAD: usize = 64 * 1024;
const COPY_BUFFER: usize = 256 * 1024;
const GZIP_MAGIC: [u8; 2] = [0x1f, 0x8b];
const UTF8_BOM: &[u8] = b"\xef\xbb\xbf";

/// First bytes of files that are often taken for CSV, and what to do instead.
const NOT_CSV: [(&[u8], &str, &str); 5] = [
    (b"PK\x03\x04", "a ZIP archive or an Excel workbook", "unpack it, or save the sheet as \"CSV UTF-8\""),
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook", "save the sheet as \"CSV UTF-8\""),
    (b"%PDF", "a PDF document", "export the list from the portal as CSV"),
    (b"\x28\xb5\x2f\xfd", "a file packed with zstd", "unpack it first"),
    (b"SQLite format 3", "a SQLite database", "export the list from the portal as CSV"),
];

/// Where an export comes from.
pub enum Input {
    /// A file.
    Path(PathBuf),
    /// Anything else that can be read once, such as standard input.
    Stream {
        /// What the report calls it.
        name: String,
        /// The bytes.
        reader: Box<dyn Read + Send>,
    },
}

impl Input {
    /// Bytes at hand, as tests have them.
    #[must_use]
    pub fn bytes(name: &str, bytes: impl Into<Vec<u8>>) -> Self {
        Self::Stream { name: name.to_owned(), reader: Box::new(io::Cursor::new(bytes.into())) }
    }

    /// What the report calls it.
    #[must_use]
    pub fn name(&self) -> String {
        match self {
            Self::Path(path) => path.display().to_string(),
            Self::Stream { name, .. } => name.clone(),
        }
    }
}

/// An input in UTF-8 that can be read at any place.
pub(crate) struct Readable {
    pub(crate) name: String,
    pub(crate) file: File,
    /// Where the text begins, behind a byte-order mark.
    pub(crate) start: u64,
    pub(crate) encoding: &'static Encoding,
    /// Whether the encoding was guessed.
    pub(crate) assumed: bool,
    /// UTF-8 because nothing at the beginning speaks against it; the rest of the file may.
    pub(crate) provisional: bool,
    /// Of the input's bytes as they were given; `None` where they lie in `file` and are yet to be read.
    pub(crate) sha256: Option<[u8; 32]>,
    /// When the file was last written.
    pub(crate) modified: Option<NaiveDateTime>,
}

/// The input's bytes, unpacked and seekable.
struct Unpacked {
    file: File,
    sha256: Option<[u8; 32]>,
    modified: Option<NaiveDateTime>,
}

/// Makes an input readable.
pub(crate) fn open(input: Input, encoding: Option<&str>) -> Result<Readable, FileRefusal> {
    let name = input.name();
    let chosen = encoding.map(|label| by_label(&name, label)).transpose()?;
    let mut unpacked = unpack(input)?;
    let mut head = Vec::with_capacity(HEAD);
    read_head(&mut unpacked.file, &mut head).map_err(|error| unreadable(&name, &error))?;
    if let Some((_, what, hint)) = NOT_CSV.iter().find(|(magic, ..)| head.starts_with(magic)) {
        return Err(FileRefusal::new(&name, "file.unreadable", format!("this is {what}, not CSV")).hint(*hint));
    }
    let length = unpacked.file.seek(SeekFrom::End(0)).map_err(|error| unreadable(&name, &error))?;
    let complete = length == head.len() as u64;
    let found = encoding::detect(&head, complete);
    let (encoding, bom, provisional) = match (chosen, found) {
        (Some(chosen), found) => (chosen_with_mark(chosen, &head), found.mark_of(chosen, &head), false),
        (None, found) => (found.encoding, found.bom, found.provisional),
    };
    if encoding.is_ascii_compatible() && head.contains(&0) {
        return Err(FileRefusal::new(&name, "file.unreadable", "this is a binary file, not CSV")
            .hint("export the list from the portal as CSV"));
    }
    let readable = Readable {
        name,
        file: unpacked.file,
        start: bom,
        encoding,
        assumed: chosen.is_none() && found.assumed,
        provisional,
        sha256: unpacked.sha256,
        modified: unpacked.modified,
    };
    if encoding == encoding_rs::UTF_8 {
        Ok(readable)
    } else {
        let encoding = if readable.assumed && encoding.is_ascii_compatible() { readable.guess()? } else { encoding };
        readable.transcoded(encoding)
    }
}

impl Readable {
    /// The same input once it has turned out not to be UTF-8 after all.
    pub(crate) fn in_legacy_encoding(mut self) -> Result<Self, FileRefusal> {
        let encoding = self.guess()?;
        self.assumed = true;
        self.transcoded(encoding)
    }

    /// The encoding that the whole file's letters speak for.
    fn guess(&self) -> Result<&'static Encoding, FileRefusal> {
        let mut file = &self.file;
        file.seek(SeekFrom::Start(self.start)).map_err(|error| unreadable(&self.name, &error))?;
        encoding::guess(&mut BufReader::with_capacity(COPY_BUFFER, file))
            .map_err(|error| unreadable(&self.name, &error))
    }

    /// A copy in UTF-8.
    fn transcoded(mut self, encoding: &'static Encoding) -> Result<Self, FileRefusal> {
        let fail = |error: io::Error| unreadable(&self.name, &error);
        let mut copy = tempfile::tempfile().map_err(fail)?;
        self.file.seek(SeekFrom::Start(0)).map_err(fail)?;
        let mut from = Hashing { inner: &self.file, hash: Sha256::new() };
        io::copy(&mut (&mut from).take(self.start), &mut io::sink()).map_err(fail)?;
        let mut to = BufWriter::with_capacity(COPY_BUFFER, &mut copy);
        encoding::to_utf8(encoding, &mut from, &mut to).map_err(fail)?;
        to.flush().map_err(fail)?;
        drop(to);
        let sha256 = from.finish();
        self.sha256.get_or_insert(sha256);
        Ok(Self { file: copy, start: 0, encoding, provisional: false, ..self })
    }
}

/// A file that cannot be read, and what to do about it.
pub(crate) fn unreadable(name: &str, error: &io::Error) -> FileRefusal {
    let hint = match error.kind() {
        io::ErrorKind::NotFound => "check the path",
        io::ErrorKind::PermissionDenied => "let the user who runs the import read the file",
        io::ErrorKind::StorageFull => "free some space for temporary files, or point TMPDIR elsewhere",
        _ => "check that the file is whole and that its disk or pipe works",
    };
    FileRefusal::new(name, "file.unreadable", format!("the file cannot be read: {error}")).hint(hint)
}

fn by_label(name: &str, label: &str) -> Result<&'static Encoding, FileRefusal> {
    Encoding::for_label(label.trim().as_bytes()).ok_or_else(|| {
        FileRefusal::new(name, "file.unreadable", format!("no encoding is called \"{label}\""))
            .hint("for example utf-8, utf-16le, utf-16be, windows-1250 or windows-1252")
    })
}

/// "utf-16" alone leaves the order of bytes to the mark.
fn chosen_with_mark(chosen: &'static Encoding, head: &[u8]) -> &'static Encoding {
    if chosen == encoding_rs::UTF_16LE && head.starts_with(b"\xfe\xff") { encoding_rs::UTF_16BE } else { chosen }
}

fn read_head(file: &mut File, head: &mut Vec<u8>) -> io::Result<()> {
    file.seek(SeekFrom::Start(0))?;
    file.take(HEAD as u64).read_to_end(head)?;
    Ok(())
}

/// Opens the input and unpacks it where it is packed.
fn unpack(input: Input) -> Result<Unpacked, FileRefusal> {
    let name = input.name();
    let fail = |error: io::Error| unreadable(&name, &error);
    let (mut reader, modified): (Box<dyn Read + Send>, _) = match input {
        Input::Path(path) => {
            let file = File::open(&path).map_err(fail)?;
            let about = file.metadata().map_err(fail)?;
            if about.is_dir() {
                return Err(FileRefusal::new(&name, "file.unreadable", "this is a directory")
                    .hint("name the files in it, for example with a wildcard"));
            }
            let modified = about.modified().ok().map(|at| DateTime::<Utc>::from(at).naive_utc());
            if about.is_file() && !is_gzip(&file).map_err(fail)? {
                return Ok(Unpacked { file, sha256: None, modified });
            }
            (Box::new(file), modified.filter(|_| about.is_file()))
        }
        Input::Stream { reader, .. } => (reader, None),
    };
    let mut magic = Vec::with_capacity(2);
    reader.by_ref().take(2).read_to_end(&mut magic).map_err(fail)?;
    let packed = magic == GZIP_MAGIC;
    let mut hashed = Hashing { inner: io::Cursor::new(magic).chain(reader), hash: Sha256::new() };
    let mut copy = tempfile::tempfile().map_err(fail)?;
    if packed {
        let mut unpacking = MultiGzDecoder::new(BufReader::with_capacity(COPY_BUFFER, &mut hashed));
        copy_all(&mut unpacking, &mut copy).map_err(|error| {
            FileRefusal::new(&name, "file.unreadable", format!("the gzip file cannot be unpacked: {error}"))
                .hint("download it again; it may have been cut off")
        })?;
        // What follows the last member belongs to the file all the same.
        io::copy(&mut hashed, &mut io::sink()).map_err(fail)?;
    } else {
        copy_all(&mut hashed, &mut copy).map_err(fail)?;
    }
    let sha256 = Some(hashed.finish());
    Ok(Unpacked { file: copy, sha256, modified })
}

fn is_gzip(mut file: &File) -> io::Result<bool> {
    let mut magic = Vec::with_capacity(2);
    file.take(2).read_to_end(&mut magic)?;
    file.seek(SeekFrom::Start(0))?;
    Ok(magic == GZIP_MAGIC)
}

fn copy_all(from: &mut impl Read, to: &mut File) -> io::Result<()> {
    let mut to = BufWriter::with_capacity(COPY_BUFFER, to);
    let mut buffer = vec![0; COPY_BUFFER];
    loop {
        match from.read(&mut buffer) {
            Ok(0) => return to.flush(),
            Ok(count) => to.write_all(&buffer[..count])?,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
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
