//! The location of each row in its file: eighteen bytes per row, on disk, found by the row's number.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::os::unix::fs::FileExt;

const SIZE: usize = 18;

/// The location of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct RowLocation {
    /// The input's position in the request.
    pub(crate) file: u16,
    /// The physical line on which it starts.
    pub(crate) line: u64,
    /// The offset for [`crate::OpenedFile::raw_record`].
    pub(crate) offset: u64,
}

/// A line of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct FileLine {
    /// The input's position in the request.
    pub(crate) file: u16,
    /// The physical line.
    pub(crate) line: u64,
}

impl From<RowLocation> for FileLine {
    fn from(RowLocation { file, line, .. }: RowLocation) -> Self {
        Self { file, line }
    }
}

/// Locations that are being written.
#[derive(Debug)]
pub(crate) struct RowLocationWriter(BufWriter<File>);

impl RowLocationWriter {
    pub(crate) fn new() -> io::Result<Self> {
        Ok(Self(BufWriter::new(tempfile::tempfile()?)))
    }

    pub(crate) fn append(&mut self, location: RowLocation) -> io::Result<()> {
        self.0.write_all(&location.file.to_le_bytes())?;
        self.0.write_all(&location.line.to_le_bytes())?;
        self.0.write_all(&location.offset.to_le_bytes())
    }

    pub(crate) fn finish(self) -> io::Result<RowLocations> {
        Ok(RowLocations(self.0.into_inner().map_err(|error| error.into_error())?))
    }
}

/// Locations that are read.
#[derive(Debug)]
pub(crate) struct RowLocations(File);

impl RowLocations {
    pub(crate) fn get(&self, row: u32) -> io::Result<RowLocation> {
        let mut bytes = [0; SIZE];
        self.0.read_exact_at(&mut bytes, u64::from(row) * SIZE as u64)?;
        let number = |from: usize| {
            let mut eight = [0; 8];
            eight.copy_from_slice(&bytes[from..from + 8]);
            u64::from_le_bytes(eight)
        };
        Ok(RowLocation { file: u16::from_le_bytes([bytes[0], bytes[1]]), line: number(2), offset: number(10) })
    }
}
