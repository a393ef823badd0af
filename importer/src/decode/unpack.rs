//! Opens an input as seekable bytes, decompressed if it is compressed.

use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Seek, SeekFrom, Write};

use chrono::{DateTime, NaiveDateTime, Utc};
use flate2::read::MultiGzDecoder;
use sha2::{Digest, Sha256};

use super::{COPY_BUFFER, Hashing, Input, unreadable};
use crate::issue::FileRefusal;

const GZIP_MAGIC: [u8; 2] = [0x1f, 0x8b];

/// The input's bytes, decompressed and seekable.
pub(super) struct Unpacked {
    pub(super) file: File,
    pub(super) sha256: Option<[u8; 32]>,
    pub(super) modified: Option<NaiveDateTime>,
}

/// The refusal of a file that is too large when decompressed.
pub(super) fn too_large(name: &str, most: u64) -> FileRefusal {
    FileRefusal::new(name, "file.unreadable", format!("the file is larger than {most} bytes when decompressed"))
        .hint("check where the file comes from; if it is correct, raise the limit with --max-unpacked")
}

/// Opens the input and decompresses it if it is compressed.
pub(super) fn unpack(input: Input, most: u64) -> Result<Unpacked, FileRefusal> {
    let name = input.name();
    let fail = |error: io::Error| unreadable(&name, &error);
    let (mut reader, modified): (Box<dyn Read + Send>, _) = match input {
        Input::Path(path) => {
            let file = File::open(&path).map_err(fail)?;
            let about = file.metadata().map_err(fail)?;
            if about.is_dir() {
                return Err(FileRefusal::new(&name, "file.unreadable", "the path is a directory")
                    .hint("name the files in it instead, for example with a wildcard"));
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
        // Reads one byte more than allowed, to tell a file of exactly that size from a larger one.
        let copied = copy_all(&mut unpacking.by_ref().take(most.saturating_add(1)), &mut copy).map_err(|error| {
            FileRefusal::new(&name, "file.unreadable", format!("the gzip file cannot be decompressed: {error}"))
                .hint("download it again; it may be truncated")
        })?;
        if copied > most {
            return Err(too_large(&name, most));
        }
        // Data after the last gzip member is part of the file too.
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

/// Copies to the end and returns the number of bytes.
fn copy_all(from: &mut impl Read, to: &mut File) -> io::Result<u64> {
    let mut to = BufWriter::with_capacity(COPY_BUFFER, to);
    let mut buffer = vec![0; COPY_BUFFER];
    let mut copied = 0;
    loop {
        match from.read(&mut buffer) {
            Ok(0) => {
                to.flush()?;
                return Ok(copied);
            }
            Ok(count) => {
                to.write_all(&buffer[..count])?;
                copied += count as u64;
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}
