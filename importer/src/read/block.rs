//! Cuts a file into blocks at the ends of records, so that blocks can be parsed in parallel.
//!
//! The end of a record depends on whether a quote is open there, and so on everything before it. This step is therefore
//! sequential. It looks only at quotes, and jumps from one to the next.

use std::io::{self, Read};

use memchr::{memchr, memrchr2};

/// Large enough to keep a core busy for a while, small enough to hold a dozen of them in memory.
pub(crate) const BLOCK: usize = 256 * 1024;

/// Whole records, as they are in the file.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Block {
    /// Where they start in the file.
    pub(crate) offset: u64,
    pub(crate) bytes: Vec<u8>,
}

/// Why a file cannot be cut.
#[derive(Debug)]
pub(crate) enum CutError {
    Read(io::Error),
    /// A quote of the record at this offset is still open at the end of the file.
    QuoteOpen(u64),
    /// The record at this offset is longer than the limit.
    RecordTooLong(u64),
}

/// Follows the quotes of a text by the same rules as the CSV parser: a quote opens only at the start of a cell, two
/// quotes within quotes are one, and any other quote is an ordinary character.
#[derive(Debug)]
struct Quotes {
    delimiter: u8,
    /// How far the text has been scanned.
    at: usize,
    open: bool,
    /// Where the last whole record ends.
    end: usize,
}

impl Quotes {
    fn advance(&mut self, bytes: &[u8], last: bool) {
        while self.at < bytes.len() {
            let quote = memchr(b'"', &bytes[self.at..]).map(|found| self.at + found);
            if self.open {
                match quote {
                    None => self.at = bytes.len(),
                    Some(quote) => match bytes.get(quote + 1) {
                        Some(b'"') => self.at = quote + 2,
                        None if !last => {
                            // Whether the quote closes depends on the next byte.
                            self.at = quote;
                            return;
                        }
                        _ => {
                            self.open = false;
                            self.at = quote + 1;
                        }
                    },
                }
            } else {
                let stop = quote.unwrap_or(bytes.len());
                if let Some(newline) = memrchr2(b'\n', b'\r', &bytes[self.at..stop]).map(|found| self.at + found) {
                    if newline + 1 == bytes.len() && bytes[newline] == b'\r' && !last {
                        // A line feed may follow, and must not start the next block as a line of its own.
                        if let Some(before) = memrchr2(b'\n', b'\r', &bytes[self.at..newline]) {
                            self.end = self.at + before + 1;
                        }
                        self.at = newline;
                        return;
                    }
                    self.end = newline + 1;
                }
                match quote {
                    None => self.at = bytes.len(),
                    Some(quote) => {
                        let before = if quote == 0 { b'\n' } else { bytes[quote - 1] };
                        self.open = before == self.delimiter || before == b'\n' || before == b'\r';
                        self.at = quote + 1;
                    }
                }
            }
        }
        if last && !self.open {
            self.end = bytes.len();
        }
    }
}

/// Cuts the bytes of a reader.
pub(crate) struct Cutter<R> {
    from: R,
    quotes: Quotes,
    buffer: Vec<u8>,
    /// Where the buffer starts in the file.
    offset: u64,
    block: usize,
    max_record: usize,
    ended: bool,
}

impl<R: Read> Cutter<R> {
    /// A cutter of a text that starts at `offset` with the start of a record.
    pub(crate) fn new(from: R, offset: u64, delimiter: u8, block: usize, max_record: usize) -> Self {
        let quotes = Quotes { delimiter, at: 0, open: false, end: 0 };
        Self { from, quotes, buffer: Vec::new(), offset, block: block.max(1), max_record, ended: false }
    }

    /// Passes the bytes to `seen` as they are read, and returns the next block.
    pub(crate) fn next(&mut self, mut seen: impl FnMut(&[u8])) -> Result<Option<Block>, CutError> {
        loop {
            if !self.ended {
                self.fill(&mut seen).map_err(CutError::Read)?;
            }
            self.quotes.advance(&self.buffer, self.ended);
            if self.quotes.end > 0 {
                return Ok(Some(self.cut()));
            }
            if self.ended {
                // Only an open quote keeps the end of the file from being the end of a record.
                return if self.buffer.is_empty() { Ok(None) } else { Err(CutError::QuoteOpen(self.offset)) };
            }
            // Two more bytes for the line end, which is not part of the record.
            if self.buffer.len() > self.max_record.saturating_add(2) {
                return Err(self.too_long(&mut seen));
            }
        }
    }

    /// Reads until a block's worth of new bytes is available, or the input ends.
    fn fill(&mut self, seen: &mut impl FnMut(&[u8])) -> io::Result<()> {
        let known = self.buffer.len();
        // The rest after a block is cut is less than a record. A record longer than a block makes the buffer grow step
        // by step.
        let wanted = if known < self.block { self.block } else { known + self.block.min(64 * 1024) };
        self.buffer.resize(wanted, 0);
        let mut filled = known;
        while filled < wanted {
            match self.from.read(&mut self.buffer[filled..]) {
                Ok(0) => {
                    self.ended = true;
                    break;
                }
                Ok(count) => filled += count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        self.buffer.truncate(filled);
        seen(&self.buffer[known..]);
        Ok(())
    }

    fn cut(&mut self) -> Block {
        let rest = self.buffer.split_off(self.quotes.end);
        let bytes = std::mem::replace(&mut self.buffer, rest);
        let offset = self.offset;
        self.offset += bytes.len() as u64;
        self.quotes.at -= bytes.len();
        self.quotes.end = 0;
        Block { offset, bytes }
    }

    /// Distinguishes a record that is too long from a quote that is never closed, which is the more likely mistake and
    /// the more useful message. Reads on without keeping anything.
    fn too_long(&mut self, seen: &mut impl FnMut(&[u8])) -> CutError {
        let start = self.offset;
        loop {
            let last_byte = self.buffer.len() - 1;
            self.buffer.drain(..last_byte);
            self.quotes.at = self.quotes.at.saturating_sub(last_byte);
            if !self.ended
                && let Err(error) = self.fill(seen)
            {
                return CutError::Read(error);
            }
            self.quotes.advance(&self.buffer, self.ended);
            if self.quotes.end > 0 {
                return CutError::RecordTooLong(start);
            }
            if self.ended {
                return if self.quotes.open { CutError::QuoteOpen(start) } else { CutError::RecordTooLong(start) };
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse::{Records, count_lines};

    fn cut(text: &str, block: usize, max_record: usize) -> Result<Vec<String>, CutError> {
        let mut cutter = Cutter::new(text.as_bytes(), 0, b',', block, max_record);
        let mut blocks = Vec::new();
        while let Some(block) = cutter.next(|_| {})? {
            blocks.push(String::from_utf8(block.bytes).expect("cut between characters"));
        }
        Ok(blocks)
    }

    #[test]
    fn blocks_end_with_records_whatever_their_size() {
        let text = "a,b\r\n\"x\r\ny\",\"he said \"\"no\"\"\"\r\nc\"d,5\" wide\n\n\"last\",z";
        for block in 1..=text.len() + 1 {
            let blocks = cut(text, block, 1000).expect("sound");
            assert_eq!(blocks.concat(), text, "blocks of {block}");
            for block in &blocks {
                assert!(!block.starts_with("y\""), "cut within quotes: {blocks:?}");
                assert!(!block.ends_with('\r'), "cut within a line end: {blocks:?}");
            }
        }
        assert_eq!(cut(text, 1, 1000).expect("sound").len(), 5);
    }

    #[test]
    fn a_quote_that_is_never_closed_is_reported_with_the_record_that_opens_it() {
        let text = format!("a,b\nc,\"d\n{}", "e,f\n".repeat(1000));
        assert!(matches!(cut(&text, 16, 100), Err(CutError::QuoteOpen(4))));
        assert!(matches!(cut(&text, 1 << 20, 1 << 20), Err(CutError::QuoteOpen(4))));
    }

    #[test]
    fn a_record_that_is_too_long_is_reported_without_being_buffered() {
        let text = format!("a,b\n{}\nc,d\n", "x".repeat(1000));
        assert!(matches!(cut(&text, 16, 100), Err(CutError::RecordTooLong(4))));
        let quoted = format!("a,b\n\"{}\"\nc,d\n", "x\n".repeat(1000));
        assert!(matches!(cut(&quoted, 16, 100), Err(CutError::RecordTooLong(4))));
        assert_eq!(cut(&quoted, 16, 5000).expect("allowed").concat(), quoted);
    }

    proptest::proptest! {
        #[test]
        fn blocks_of_any_size_have_the_records_of_the_whole(
            pieces in proptest::collection::vec("[a-c]|[,\"]|\"\"|\r\n|\r|\n|\"[a,\n]{0,3}\"", 0..40),
            block in 1_usize..50,
        ) {
            let text = pieces.concat();
            let whole: Vec<csv::ByteRecord> = csv::ReaderBuilder::new()
                .has_headers(false)
                .flexible(true)
                .from_reader(text.as_bytes())
                .into_byte_records()
                .collect::<Result<_, _>>()
                .expect("memory can be read");
            let Ok(blocks) = cut(&text, block, text.len()) else { return Ok(()) };
            let mut found = Vec::new();
            let mut line = 1;
            for block in &blocks {
                let mut records = Records::new(block.as_bytes(), b',', line);
                while let Some(record) = records.next() {
                    found.push((0..record.len()).filter_map(|at| record.cell(at)).collect::<csv::ByteRecord>());
                }
                line = records.line();
            }
            proptest::prop_assert_eq!(found, whole);
            proptest::prop_assert_eq!(line, 1 + count_lines(text.as_bytes()));
        }
    }
}
