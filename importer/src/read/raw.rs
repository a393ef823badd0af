//! Returns records as they are in the file, for the rejects file.

use std::io::{self, Read, Seek, SeekFrom};

use memchr::memchr;

use super::OpenedFile;
use super::block::{Block, Cutter};
use crate::normalise::{self, Parsed};
use crate::parse::{Records, without_line_end};
use crate::profiles::Width;

/// Most records fit into this size.
const RECORD: usize = 4 * 1024;

impl OpenedFile {
    /// The header's names, without blank ones at its end and the columns that an earlier rejects file added.
    #[must_use]
    pub fn header(&self) -> &[String] {
        &self.context.layout.names
    }

    /// The record at an offset from a fact or a parsed record, as it is in the file but in UTF-8, without its line end.
    /// Blank cells after the last column of the header, and those of an earlier rejects file, are cut off so that
    /// columns can be appended. A row with fewer or more cells than the header stays unchanged, so it is rejected again
    /// until it is fixed. An object is returned as the row of a table.
    ///
    /// # Errors
    ///
    /// The file cannot be read, or there is no record at the offset.
    pub fn raw_record(&mut self, offset: u64) -> io::Result<Vec<u8>> {
        let mut file = self.file()?;
        file.seek(SeekFrom::Start(offset))?;
        let mut cutter =
            Cutter::new(file.take(self.max_record as u64 + 2), offset, self.header.delimiter, RECORD, self.max_record);
        let Ok(Some(Block { bytes, .. })) = cutter.next(|_| {}) else {
            return Err(io::ErrorKind::UnexpectedEof.into());
        };
        let (delimiter, numbered) = (self.header.delimiter, self.header.numbered);
        let mut records = Records::new(&bytes, delimiter, 1).numbered(numbered);
        let Some(record) = records.next() else { return Err(io::ErrorKind::UnexpectedEof.into()) };
        let (end, width) = (record.end, self.context.layout.names.len());
        let width = match self.context.layout.width(record.len()) {
            Width::Exact => width,
            // A row that was refused for its width must not become valid because its reasons are appended.
            Width::Wider if !is_misfit(&normalise::record(&self.context, &record, offset)) => width,
            Width::Wider | Width::Narrower => record.len(),
        };
        let record = without_line_end(&bytes[..end]);
        // The number of a numbered record is not one of its cells.
        let start = if numbered { cell_end(record, delimiter, 1) + 1 } else { 0 };
        let record = record.get(start..).unwrap_or_default();
        Ok(record[..cell_end(record, delimiter, width)].to_vec())
    }
}

fn is_misfit(parsed: &Parsed) -> bool {
    parsed.issues.iter().any(|issue| issue.code == "row.field_count")
}

/// Where the first `count` cells of a record end.
fn cell_end(record: &[u8], delimiter: u8, count: usize) -> usize {
    let mut at = 0;
    for cell in 1..=count {
        if record.get(at) == Some(&b'"') {
            at += 1;
            while let Some(quote) = memchr(b'"', &record[at..]) {
                at += quote + 1;
                // Two quotes within quotes do not close them.
                if record.get(at) != Some(&b'"') {
                    break;
                }
                at += 1;
            }
        }
        match memchr(delimiter, &record[at..]) {
            Some(end) if cell == count => return at + end,
            Some(end) => at += end + 1,
            None => break,
        }
    }
    record.len()
}

#[cfg(test)]
mod tests {
    use super::cell_end;

    #[test]
    fn cells_are_counted_past_quotes() {
        let record = b"a,\"b,\"\"x\"\",\",c\"d,e,,";
        assert_eq!(&record[..cell_end(record, b',', 4)], b"a,\"b,\"\"x\"\",\",c\"d,e");
        assert_eq!(cell_end(b"a", b',', 3), 1);
    }
}
