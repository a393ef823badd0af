//! A CSV file under construction, which tracks the physical line on which each record starts.

use anyhow::{Context, ensure};
use csv::{Terminator, WriterBuilder};

/// The format of the file.
#[derive(Clone, Copy, Debug)]
pub struct Dialect {
    /// The delimiter.
    pub delimiter: u8,
    /// The line ending.
    pub line_end: &'static str,
    /// The encoding.
    pub encoding: Encoding,
}

/// The encodings of the samples.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// UTF-8 without a byte order mark.
    Utf8,
    /// UTF-8 with a byte order mark.
    Utf8Bom,
    /// Windows-1250, as on a Polish Windows.
    Windows1250,
}

impl Dialect {
    /// Comma, CRLF and UTF-8 without a byte order mark: the usual format.
    pub const USUAL: Self = Self { delimiter: b',', line_end: "\r\n", encoding: Encoding::Utf8 };
}

/// A finished file.
#[derive(Clone, Debug)]
pub struct SampleFile {
    /// The path below the samples' directory, with `/` as separator.
    pub path: String,
    /// The contents.
    pub bytes: Vec<u8>,
}

/// A CSV file under construction.
#[derive(Debug)]
pub struct Sheet {
    /// The path below the samples' directory.
    pub path: &'static str,
    /// The number of records without the header.
    pub rows: usize,
    dialect: Dialect,
    text: String,
    lines: usize,
}

impl Sheet {
    /// A file with this header, which is written unchanged.
    pub fn new(path: &'static str, dialect: Dialect, header: &str) -> Self {
        let mut sheet = Self { path, rows: 0, dialect, text: String::new(), lines: 0 };
        sheet.push_line(header);
        sheet
    }

    /// Writes a line that is not a record, such as `sep=,` or a header.
    pub fn push_line(&mut self, line: &str) {
        self.text.push_str(line);
        self.text.push_str(self.dialect.line_end);
        self.lines += 1;
    }

    /// Writes a record, quoted where necessary. Returns the physical line on which it starts, from 1.
    ///
    /// # Errors
    /// Any error of the CSV writer.
    pub fn push_row<I, T>(&mut self, cells: I) -> anyhow::Result<usize>
    where
        I: IntoIterator<Item = T>,
        T: AsRef<[u8]>,
    {
        let mut writer = WriterBuilder::new()
            .delimiter(self.dialect.delimiter)
            .terminator(if self.dialect.line_end == "\n" { Terminator::Any(b'\n') } else { Terminator::CRLF })
            .buffer_capacity(1024)
            .from_writer(Vec::new());
        writer.write_record(cells)?;
        let record = String::from_utf8(writer.into_inner()?)?;
        let starts_on = self.lines + 1;
        self.lines += record.matches('\n').count();
        self.text.push_str(&record);
        self.rows += 1;
        Ok(starts_on)
    }

    /// The finished file.
    ///
    /// # Errors
    /// If its encoding lacks one of its characters.
    pub fn finish(self) -> anyhow::Result<SampleFile> {
        let bytes = match self.dialect.encoding {
            Encoding::Utf8 => self.text.into_bytes(),
            Encoding::Utf8Bom => ["\u{feff}", &self.text].concat().into_bytes(),
            Encoding::Windows1250 => {
                windows_1250(&self.text).with_context(|| format!("cannot encode {}", self.path))?
            }
        };
        ensure!(!bytes.is_empty(), "{} is empty", self.path);
        Ok(SampleFile { path: self.path.to_owned(), bytes })
    }
}

/// Encodes ASCII and the further letters that the Polish sample needs.
fn windows_1250(text: &str) -> anyhow::Result<Vec<u8>> {
    const LETTERS: [(char, u8); 19] = [
        ('Ą', 0xa5),
        ('ą', 0xb9),
        ('Ć', 0xc6),
        ('ć', 0xe6),
        ('Ę', 0xca),
        ('ę', 0xea),
        ('Ł', 0xa3),
        ('ł', 0xb3),
        ('Ń', 0xd1),
        ('ń', 0xf1),
        ('Ó', 0xd3),
        ('ó', 0xf3),
        ('Ś', 0x8c),
        ('ś', 0x9c),
        ('Ź', 0x8f),
        ('ź', 0x9f),
        ('Ż', 0xaf),
        ('ż', 0xbf),
        ('–', 0x96),
    ];
    text.chars()
        .map(|letter| match u8::try_from(letter) {
            Ok(byte) if byte.is_ascii() => Ok(byte),
            _ => LETTERS
                .iter()
                .find(|(known, _)| *known == letter)
                .map(|(_, byte)| *byte)
                .with_context(|| format!("Windows-1250 is not known to have {letter:?}")),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_is_located_by_the_line_on_which_it_starts() {
        let mut sheet = Sheet::new("a.csv", Dialect::USUAL, "a,b");
        assert_eq!(sheet.push_row(["1", "two\r\nlines"]).expect("a row"), 2);
        assert_eq!(sheet.push_row(["2", "a, \"b\""]).expect("a row"), 4);
        assert_eq!(sheet.rows, 2);
        let file = sheet.finish().expect("a file");
        assert_eq!(file.bytes, b"a,b\r\n1,\"two\r\nlines\"\r\n2,\"a, \"\"b\"\"\"\r\n");
    }

    #[test]
    fn polish_letters_have_one_byte_in_windows_1250() {
        assert_eq!(windows_1250("Ilość").expect("all known"), b"Ilo\x9c\xe6");
        assert!(windows_1250("日").is_err());
    }
}
