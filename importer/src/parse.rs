//! The third stage: splits blocks into records, and records into rows whose cells are found by field.

pub(crate) mod date;
pub(crate) mod header;

use std::borrow::Cow;

use csv_core::{ReadRecordResult, Reader, ReaderBuilder};
use memchr::memchr2_iter;

use crate::profiles::{Field, Layout};

/// The records of a block, one after another.
pub(crate) struct Records<'b> {
    block: &'b [u8],
    reader: Reader,
    position: usize,
    line: u64,
    numbered: bool,
    cells: Vec<u8>,
    ends: Vec<usize>,
}

/// One record: its unquoted cells and its location.
pub(crate) struct Record<'r> {
    /// The physical line on which it starts.
    pub(crate) line: u64,
    /// Where it starts in the block.
    pub(crate) start: usize,
    /// Where it ends in the block, without its line end.
    pub(crate) end: usize,
    cells: &'r [u8],
    ends: &'r [usize],
}

impl<'b> Records<'b> {
    /// The records of a block that starts on `line`.
    pub(crate) fn new(block: &'b [u8], delimiter: u8, line: u64) -> Self {
        let mut reader = ReaderBuilder::new().delimiter(delimiter).build();
        // The parser skips a byte-order mark at its start, but here it would be part of a block's first cell.
        let _ = reader.read_record(b"\n", &mut [0; 4], &mut [0; 4]);
        let (cells, ends) = (vec![0; block.len().max(1)], vec![0; 64]);
        Self { block, reader, position: 0, line, numbered: false, cells, ends }
    }

    /// The records of a table that was converted from objects. Their first cells are the lines of the objects.
    pub(crate) fn numbered(mut self, numbered: bool) -> Self {
        self.numbered = numbered;
        self
    }

    /// The next record. Blank lines are skipped.
    pub(crate) fn next(&mut self) -> Option<Record<'_>> {
        while let Some(byte) = self.block.get(self.position) {
            match byte {
                b'\r' if self.block.get(self.position + 1) == Some(&b'\n') => self.position += 2,
                b'\n' | b'\r' => self.position += 1,
                _ => break,
            }
            self.line += 1;
        }
        let start = self.position;
        if start >= self.block.len() {
            return None;
        }
        let (mut written, mut found) = (0, 0);
        loop {
            let (result, read, copied, ended) = self.reader.read_record(
                &self.block[self.position..],
                &mut self.cells[written..],
                &mut self.ends[found..],
            );
            self.position += read;
            written += copied;
            found += ended;
            match result {
                // When called again with no input, the parser ends the record that the end of the file cut off.
                ReadRecordResult::InputEmpty => {}
                ReadRecordResult::OutputFull => self.cells.resize(self.cells.len() * 2, 0),
                ReadRecordResult::OutputEndsFull => self.ends.resize(self.ends.len() * 2, 0),
                ReadRecordResult::Record | ReadRecordResult::End => break,
            }
        }
        if self.block.get(self.position) == Some(&b'\n') && self.block[self.position - 1] == b'\r' {
            self.position += 1;
        }
        let raw = &self.block[start..self.position];
        let line = self.line;
        self.line += count_lines(raw);
        let end = start + without_line_end(raw).len();
        if self.numbered {
            return Some(self.unnumbered(start, end, written, found));
        }
        Some(Record { line, start, end, cells: &self.cells[..written], ends: &self.ends[..found] })
    }

    /// The record without its first cell, which is its line.
    fn unnumbered(&mut self, start: usize, end: usize, written: usize, found: usize) -> Record<'_> {
        let cut = self.ends.first().copied().unwrap_or(0);
        let number = std::str::from_utf8(&self.cells[..cut]).ok().and_then(|number| number.parse().ok());
        let ends = self.ends.get_mut(1..found).unwrap_or_default();
        ends.iter_mut().for_each(|end| *end -= cut);
        Record { line: number.unwrap_or(0), start, end, cells: &self.cells[cut..written], ends }
    }

    /// Where the next record starts, or the blank lines before it.
    pub(crate) fn position(&self) -> usize {
        self.position
    }

    /// The line after the last record that was returned.
    pub(crate) fn line(&self) -> u64 {
        self.line
    }
}

/// A record as it is in its file, without its line end.
pub(crate) fn without_line_end(raw: &[u8]) -> &[u8] {
    let raw = raw.strip_suffix(b"\n").unwrap_or(raw);
    raw.strip_suffix(b"\r").unwrap_or(raw)
}

/// Counts line ends: line feeds, carriage returns, and the two together as one.
pub(crate) fn count_lines(bytes: &[u8]) -> u64 {
    memchr2_iter(b'\n', b'\r', bytes).filter(|at| bytes[*at] == b'\n' || bytes.get(at + 1) != Some(&b'\n')).count()
        as u64
}

impl Record<'_> {
    /// The number of cells.
    pub(crate) fn len(&self) -> usize {
        self.ends.len()
    }

    /// A cell's bytes.
    pub(crate) fn cell(&self, at: usize) -> Option<&[u8]> {
        let end = *self.ends.get(at)?;
        let start = if at == 0 { 0 } else { self.ends[at - 1] };
        Some(&self.cells[start..end])
    }

    /// Whether all cells are text: valid UTF-8, without NUL characters, which databases do not accept as text.
    pub(crate) fn is_text(&self) -> bool {
        !self.cells.contains(&0) && std::str::from_utf8(self.cells).is_ok()
    }

    /// The cells as text. Invalid text is replaced, so that the row's other errors can be reported too.
    pub(crate) fn text(&self) -> (Cow<'_, str>, Cow<'_, [usize]>) {
        match std::str::from_utf8(self.cells) {
            Ok(text) => (Cow::Borrowed(text), Cow::Borrowed(self.ends)),
            Err(_) => {
                let mut text = String::with_capacity(self.cells.len() + 16);
                let ends = (0..self.len())
                    .map(|at| {
                        text.push_str(&String::from_utf8_lossy(self.cell(at).unwrap_or_default()));
                        text.len()
                    })
                    .collect();
                (Cow::Owned(text), Cow::Owned(ends))
            }
        }
    }
}

/// A record whose cells are accessed by field.
#[derive(Clone, Copy)]
pub(crate) struct Row<'r> {
    pub(crate) line: u64,
    pub(crate) layout: &'r Layout,
    text: &'r str,
    ends: &'r [usize],
}

impl<'r> Row<'r> {
    pub(crate) fn new(line: u64, layout: &'r Layout, text: &'r str, ends: &'r [usize]) -> Self {
        Self { line, layout, text, ends }
    }

    /// The cell at an index, trimmed and without what spreadsheets add around it.
    pub(crate) fn cell(&self, at: usize) -> Option<&'r str> {
        let end = *self.ends.get(at)?;
        let start = if at == 0 { 0 } else { self.ends[at - 1] };
        // Cells end between characters, because delimiters and quotes are ASCII. An invalid slice would be an error of
        // the parser.
        Some(plain(self.text.get(start..end)?))
    }

    /// The text of the field's cell. `None` if the format has no such column or the cell is blank.
    pub(crate) fn get(&self, field: Field) -> Option<&'r str> {
        self.cell(self.layout.column(field)?).filter(|text| !text.is_empty())
    }

    /// Whether the row ends before the field's column. Then the row is too short, and the cell is not blank but
    /// unknown.
    pub(crate) fn is_cut_before(&self, field: Field) -> bool {
        self.layout.column(field).is_some_and(|at| at >= self.ends.len())
    }
}

/// A cell's text, trimmed, and without what spreadsheets and careful exports add so that it is not taken for a formula
/// (`'+48…`) or a number (`="0042"`).
fn plain(cell: &str) -> &str {
    let cell = trimmed(cell);
    if let Some(inner) = cell.strip_prefix("=\"").and_then(|rest| rest.strip_suffix('"')) {
        return trimmed(inner);
    }
    match cell.strip_prefix('\'') {
        Some(rest) if rest.starts_with(['=', '+', '-', '@']) => trimmed(rest),
        _ => cell,
    }
}

fn trimmed(cell: &str) -> &str {
    // Most cells need no trimming, which two bytes show.
    match (cell.as_bytes().first(), cell.as_bytes().last()) {
        (Some(first), Some(last)) if first.is_ascii_graphic() && last.is_ascii_graphic() => cell,
        _ => cell.trim_matches(|c: char| c.is_whitespace() || matches!(c, '\u{feff}' | '\u{200b}')),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn records(block: &str) -> Vec<(u64, usize, String)> {
        let mut records = Records::new(block.as_bytes(), b',', 1);
        let mut all = Vec::new();
        while let Some(record) = records.next() {
            let cells: Vec<_> = (0..record.len())
                .map(|at| String::from_utf8_lossy(record.cell(at).expect("a cell")).into_owned())
                .collect();
            all.push((record.line, record.end - record.start, cells.join("|")));
        }
        all
    }

    #[test]
    fn lines_are_physical_and_blank_ones_are_no_records() {
        let text = "a,b\r\n\r\n\"x\ny\",z\r\nc\rd,\"e\"\"f\"\n\n\nlast";
        let expected = [(1, 3, "a|b"), (3, 7, "x\ny|z"), (5, 1, "c"), (6, 8, "d|e\"f"), (9, 4, "last")]
            .map(|(l, n, c)| (l, n, c.to_owned()));
        assert_eq!(records(text), expected);
    }

    #[test]
    fn a_numbered_record_is_on_the_line_of_its_number() {
        let mut records = Records::new(b"7,a,\"b\nc\"\n7,,d\n9,x", b',', 1).numbered(true);
        let mut all = Vec::new();
        while let Some(record) = records.next() {
            let cell = |at| String::from_utf8_lossy(record.cell(at).unwrap_or_default()).into_owned();
            all.push((record.line, record.len(), cell(0), cell(1)));
        }
        let expected = [(7, 2, "a", "b\nc"), (7, 2, "", "d"), (9, 1, "x", "")];
        assert_eq!(all, expected.map(|(line, len, a, b)| (line, len, a.to_owned(), b.to_owned())));
    }

    #[test]
    fn a_mark_in_the_middle_of_a_file_is_a_character() {
        assert_eq!(records("\u{feff}a,b\n")[0].2, "\u{feff}a|b");
    }

    #[test]
    fn a_record_of_many_cells_is_read_whole() {
        let line = vec!["x"; 1000].join(",");
        assert_eq!(records(&line)[0].2.len(), 1999);
    }

    #[test]
    fn what_guards_a_cell_against_a_spreadsheet_is_taken_off() {
        for (cell, expected) in [
            ("'+48 Sp. z o.o.", "+48 Sp. z o.o."),
            ("=\"0042\"", "0042"),
            (" x\u{a0}", "x"),
            ("'tis", "'tis"),
            ("'-1", "-1"),
        ] {
            assert_eq!(plain(cell), expected);
        }
    }
}
