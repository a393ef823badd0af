//! Converts JSON to a table. Each object, whether in a sequence or in an array, becomes a row whose columns are named
//! by the keys.
//!
//! The table is CSV. The first cell of each row is the line of its object, because a line may hold several objects and
//! an object may span several lines. The file is read twice: first for its keys, then for its values. Invalid JSON
//! refuses the file and names the line, because a file of records that breaks off in the middle is incomplete.

mod objects;

use std::collections::HashMap;
use std::io::{self, BufReader, BufWriter, Read, Seek, SeekFrom, Write};

use sha2::{Digest, Sha256};

use super::{COPY_BUFFER, HEAD, Hashing, Readable, unpack, unreadable};
use crate::issue::FileRefusal;
use crate::read::ReadOptions;
use objects::{Fault, Objects, members};

/// A format has a few dozen columns. A file with more keys than this is not a list of records.
const KEYS: usize = 1000;

/// The same input as a table, if it is JSON.
pub(super) fn as_table(readable: Readable, options: &ReadOptions) -> Result<Readable, FileRefusal> {
    let fail = |error: io::Error| unreadable(&readable.name, &error);
    let mut file = &readable.file;
    file.seek(SeekFrom::Start(readable.start)).map_err(fail)?;
    let mut head = Vec::new();
    file.take(HEAD as u64).read_to_end(&mut head).map_err(fail)?;
    if !is_json(&head) {
        return Ok(readable);
    }
    let refuse = |fault: Fault| refused(&readable.name, options, fault);
    let keys = keys(&readable, options).map_err(refuse)?;
    let mut copy = tempfile::tempfile().map_err(fail)?;
    file.seek(SeekFrom::Start(0)).map_err(fail)?;
    let mut from = Hashing { inner: file, hash: Sha256::new() };
    io::copy(&mut (&mut from).take(readable.start), &mut io::sink()).map_err(fail)?;
    let mut to = BufWriter::with_capacity(COPY_BUFFER, &mut copy);
    rows(&mut from, &keys, options, &mut to).map_err(refuse)?;
    to.flush().map_err(fail)?;
    drop(to);
    let sha256 = readable.sha256.or_else(|| Some(from.finish()));
    Ok(Readable { file: copy, start: 0, provisional: false, sha256, keys: Some(keys), ..readable })
}

/// Whether a text begins like an object or an array of objects.
fn is_json(head: &[u8]) -> bool {
    let mut text = head.iter().filter(|byte| !byte.is_ascii_whitespace());
    match text.next() {
        Some(b'{') => matches!(text.next(), Some(b'"' | b'}')),
        Some(b'[') => matches!(text.next(), Some(b'{' | b']')),
        _ => false,
    }
}

/// All keys, in the order of their first occurrence.
fn keys(readable: &Readable, options: &ReadOptions) -> Result<Vec<String>, Fault> {
    let mut file = &readable.file;
    file.seek(SeekFrom::Start(readable.start))?;
    let mut objects = Objects::new(BufReader::with_capacity(COPY_BUFFER, file), options.max_record);
    let mut known = HashMap::new();
    let mut keys = Vec::new();
    while let Some((line, object)) = objects.next()? {
        for member in members(line, object)? {
            let (key, _) = member?;
            if !known.contains_key(&*key) {
                if keys.len() == KEYS {
                    return Err(Fault::Invalid(line, format!("the file has more than {KEYS} different keys")));
                }
                known.insert(key.to_string(), ());
                keys.push(key.into_owned());
            }
        }
    }
    Ok(keys)
}

/// Writes a row for each object.
fn rows(from: &mut impl Read, keys: &[String], options: &ReadOptions, to: &mut impl Write) -> Result<(), Fault> {
    let places: HashMap<&str, usize> = keys.iter().zip(0..).map(|(key, at)| (key.as_str(), at)).collect();
    let mut objects = Objects::new(BufReader::with_capacity(COPY_BUFFER, from), options.max_record);
    let mut cells: Vec<Option<String>> = vec![None; keys.len()];
    let mut row = Vec::new();
    let mut written = 0;
    while let Some((line, object)) = objects.next()? {
        cells.iter_mut().for_each(|cell| *cell = None);
        for member in members(line, object)? {
            let (key, value) = member?;
            // If the file changes while it is read, this is detected later. New keys have no column here.
            let Some(cell) = places.get(&*key).map(|at| &mut cells[*at]) else { continue };
            if cell.replace(value.clone()).is_some_and(|before| before != value) {
                return Err(Fault::Invalid(
                    line,
                    format!("the object has the key \"{key}\" twice, with different values"),
                ));
            }
        }
        row.clear();
        row.extend_from_slice(line.to_string().as_bytes());
        for cell in &cells {
            row.push(b',');
            write_cell(cell.as_deref().unwrap_or_default(), &mut row);
        }
        row.push(b'\n');
        written += row.len() as u64;
        if written > options.max_unpacked {
            return Err(Fault::TooLarge);
        }
        to.write_all(&row)?;
    }
    // Text after the end of an array is part of the file and must be checked.
    objects.finish()
}

fn write_cell(text: &str, row: &mut Vec<u8>) {
    if text.contains(['"', ',', '\n', '\r']) {
        row.push(b'"');
        row.extend_from_slice(text.replace('"', "\"\"").as_bytes());
        row.push(b'"');
    } else {
        row.extend_from_slice(text.as_bytes());
    }
}

fn refused(name: &str, options: &ReadOptions, fault: Fault) -> FileRefusal {
    match fault {
        Fault::Read(error) => unreadable(name, &error),
        Fault::TooLarge => unpack::too_large(name, options.max_unpacked),
        Fault::TooLong(line) => {
            let message = format!("the object that starts here is longer than {} bytes", options.max_record);
            FileRefusal::new(name, "file.record_too_long", message)
                .line(line)
                .hint("look for an unclosed brace, or allow longer records with --max-record")
        }
        Fault::Open(line) => {
            let message = "the object or array that starts here is still open at the end of the file";
            FileRefusal::new(name, "file.json.invalid", message)
                .line(line)
                .hint("download the file again; it may be truncated")
        }
        Fault::Invalid(line, message) => FileRefusal::new(name, "file.json.invalid", message)
            .line(line)
            .hint("fix the line, or export the file again with one JSON object per record"),
    }
}
