//! The first pass over a file: determines what only the whole file can show.
//!
//! This is where its blocks are, how many rows it has, whether a quote stays open or a record is too long, whether it
//! is UTF-8, its date order, and the account that it belongs to. The second pass then only parses.

use std::io::{self, Read, Seek, SeekFrom};

use sha2::{Digest, Sha256};

use super::block::{BLOCK, Block, CutError, Cutter};
use super::options::OwnIdentities;
use super::owner::{Named, Own};
use super::pipeline;
use crate::decode::{Evidence, Readable, unreadable};
use crate::issue::FileRefusal;
use crate::parse::date::Votes;
use crate::parse::{Records, count_lines};
use crate::profiles::{Field, Layout};

/// The location of whole records.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Span {
    pub(crate) offset: u64,
    pub(crate) length: usize,
    pub(crate) line: u64,
}

/// What the whole file shows.
#[derive(Debug, Default)]
pub(crate) struct Scan {
    pub(crate) spans: Vec<Span>,
    pub(crate) rows: u64,
    pub(crate) votes: Votes,
    pub(crate) evidence: Evidence,
    pub(crate) sha256: [u8; 32],
    /// The account that the file belongs to.
    pub(crate) named: Named,
}

/// What to scan.
pub(crate) struct Plan<'a> {
    /// The offset and the line where the rows begin.
    pub(crate) start: u64,
    pub(crate) line: u64,
    pub(crate) delimiter: u8,
    /// Whether the first cells of the rows are their lines.
    pub(crate) numbered: bool,
    pub(crate) max_record: usize,
    pub(crate) layout: &'a Layout,
    pub(crate) own: &'a OwnIdentities,
}

/// What one block shows.
struct Looked {
    offset: u64,
    length: usize,
    lines: u64,
    rows: u64,
    votes: Votes,
    evidence: Evidence,
    /// Lines are counted from 0 here, because the line on which the block starts is not known yet.
    named: Named,
    too_long: Option<u64>,
}

/// Reads the file once.
pub(crate) fn scan(readable: &Readable, plan: &Plan<'_>) -> Result<Scan, FileRefusal> {
    let fail = |error: io::Error| unreadable(&readable.name, &error);
    let mut file = &readable.file;
    let mut hash = Sha256::new();
    file.seek(SeekFrom::Start(0)).map_err(fail)?;
    io::copy(&mut file.take(plan.start), &mut HashOnly(&mut hash)).map_err(fail)?;
    let hashing = readable.sha256.is_none();
    let dates: Vec<usize> = plan.layout.columns_of(Field::is_date).into_iter().map(|(_, at)| at).collect();
    let own = Own::new(plan.layout, plan.own);
    let mut cutter = Cutter::new(file, plan.start, plan.delimiter, BLOCK, plan.max_record);
    let mut line = plan.line;
    let mut scan = Scan::default();
    pipeline::in_order(
        || {
            cutter
                .next(|bytes| {
                    if hashing {
                        hash.update(bytes);
                    }
                })
                .map_err(|error| refused(readable, (plan.start, plan.line), plan.max_record, &error))
        },
        |block| look(&block, plan, &dates, &own),
        |looked: Looked| {
            if let Some(offset) = looked.too_long {
                return Err(refused(
                    readable,
                    (plan.start, plan.line),
                    plan.max_record,
                    &CutError::RecordTooLong(offset),
                ));
            }
            scan.spans.push(Span { offset: looked.offset, length: looked.length, line });
            scan.rows += looked.rows;
            scan.votes.merge(looked.votes);
            scan.evidence.merge(looked.evidence);
            scan.named.merge(looked.named, if plan.numbered { 0 } else { line });
            line += looked.lines;
            Ok(())
        },
    )?;
    scan.sha256 = readable.sha256.unwrap_or_else(|| hash.finalize().into());
    Ok(scan)
}

fn look(block: &Block, plan: &Plan<'_>, dates: &[usize], own: &Own) -> Looked {
    let mut looked = Looked {
        offset: block.offset,
        length: block.bytes.len(),
        lines: 0,
        rows: 0,
        votes: Votes::default(),
        evidence: Evidence::default(),
        named: Named::default(),
        too_long: None,
    };
    looked.evidence.add(&block.bytes);
    let mut records = Records::new(&block.bytes, plan.delimiter, 0).numbered(plan.numbered);
    // Neighbouring rows often have the same dates.
    let mut last: Vec<(Vec<u8>, Votes)> = vec![(Vec::new(), Votes::default()); dates.len()];
    let mut reader = own.reader();
    while let Some(record) = records.next() {
        looked.rows += 1;
        if record.end - record.start > plan.max_record {
            looked.too_long = looked.too_long.or(Some(block.offset + record.start as u64));
        }
        for (at, (cell, votes)) in dates.iter().zip(&mut last) {
            let text = record.cell(*at).unwrap_or_default();
            if text != cell.as_slice() {
                cell.clear();
                cell.extend_from_slice(text);
                *votes = Votes::of(text);
            }
            looked.votes.merge(*votes);
        }
        reader.read(&record, &mut looked.named);
    }
    looked.lines = records.line();
    looked
}

/// The refusal of a file that cannot be cut into records, with the line of the record concerned. `start`: the offset
/// and the line where the text that was cut begins.
pub(crate) fn refused(readable: &Readable, start: (u64, u64), max_record: usize, error: &CutError) -> FileRefusal {
    let (offset, code, message, hint) = match error {
        CutError::Read(error) => return unreadable(&readable.name, error),
        CutError::QuoteOpen(offset) => (
            *offset,
            "file.quote_open",
            "a quote in the record that starts here is still open at the end of the file".to_owned(),
            "close the quote or double it, or download the file again if it is truncated",
        ),
        CutError::RecordTooLong(offset) => (
            *offset,
            "file.record_too_long",
            format!("the record that starts here is longer than {max_record} bytes"),
            "look for an unclosed quote, or allow longer records with --max-record",
        ),
    };
    let refusal = FileRefusal::new(&readable.name, code, message).hint(hint);
    match line_at(readable, start, offset) {
        Ok(line) => refusal.line(line),
        Err(error) => unreadable(&readable.name, &error),
    }
}

/// The line of an offset. Only a refusal needs it, so the file is read again for it instead of counting lines for every
/// file.
fn line_at(readable: &Readable, (start, mut line): (u64, u64), offset: u64) -> io::Result<u64> {
    let mut file = &readable.file;
    file.seek(SeekFrom::Start(start))?;
    let mut text = file.take(offset.saturating_sub(start));
    let mut buffer = vec![0; BLOCK];
    let mut returned = false;
    loop {
        let count = text.read(&mut buffer)?;
        if count == 0 {
            return Ok(line);
        }
        let bytes = &buffer[..count];
        // A line end of two characters may be split between two reads.
        line += count_lines(bytes) - u64::from(returned && bytes[0] == b'\n');
        returned = bytes[count - 1] == b'\r';
    }
}

struct HashOnly<'h>(&'h mut Sha256);

impl io::Write for HashOnly<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
