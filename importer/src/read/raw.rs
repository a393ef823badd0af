//! Records as they stood in the file, for the file of rejects.

use std::io::{self, Read, Seek, SeekFrom};

use memchr::memchr;

use super::OpenedFile;
use super::block::{Block, Cutter};
use crate::parse::{Records, without_line_end};

/// Most records fit into this.
const RECORD: usize = 4 * 1024;

impl OpenedFile {
    /// The header's names, without blank ones at its end and the columns that an earlier file of rejects added.
    #[must_use]
    pub fn header(&self) -> &[String] {
        &self.context.layout.names
    }

    /// The record at an offset that a fact or a parsed record gave, as it stands in the file but in UTF-8, without its
    /// line end. Blank cells behind the last column of the header, and those of an earlier file of rejects, are cut
    /// off, so that columns can be put behind it; a row with fewer cells than the header stays as it is, and so will
    /// be rejected again until it is mended.
    ///
    /// # Errors
    ///
    /// The file cannot be read, or there is no record.
    pub fn raw_record(&mut self, offset: u64) -> io::Result<Vec<u8>> {
        let mut file = self.file()?;
        file.seek(SeekFrom::Start(offset))?;
        let mut cutter =
            Cutter::new(file.take(self.max_record as u64 + 2), offset, self.header.delimiter, RECORD, self.max_record);
        let Ok(Some(Block { bytes, .. })) = cutter.next(|_| {}) else {
            return Err(io::ErrorKind::UnexpectedEof.into());
        };
        let mut records = Records::new(&bytes, self.header.delimiter, 1);
        let (end, cells) = match records.next() {
            Some(record) => (record.end, record.len()),
            None => return Err(io::ErrorKind::UnexpectedEof.into()),
        };
        let record = without_line_end(&bytes[..end]);
        let layout = &self.context.layout;
        let width = layout.names.len();
        let surplus = cells == layout.cells && cells > width || self.is_blank_behind(record, width);
        let kept = if surplus { cell_end(record, self.header.delimiter, width) } else { record.len() };
        Ok(record[..kept].to_vec())
    }

    fn is_blank_behind(&self, record: &[u8], width: usize) -> bool {
        let mut records = Records::new(record, self.header.delimiter, 1);
        records.next().is_some_and(|record| {
            record.len() > width
                && (width..record.len()).all(|at| record.cell(at).is_some_and(|cell| cell.trim_ascii().is_empty()))
        })
    }
}

/// Where the first `count` cells of a record end.
fn cell_end(record: &[u8], delimiter: u8, count: usize) -> usize {
    let mut at = 0;
    for cell in 1..=count {
        if record.get(at) == Some(&b'"') {
            at += 1;
            while let Some(quote) = memchr(b'"', &record[at..]) {
                at += quote + 1;
                // Two quotes within quotes are one that does not close them.
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
