//! A finished file, and where its invalid and unusual rows are.

use super::record::{Blemish, Outcome, Record};
use crate::sheet::{SampleFile, Sheet};

/// The location of an invalid or unusual row.
#[derive(Clone, Debug)]
pub struct Finding {
    /// The path below the samples' directory.
    pub path: &'static str,
    /// The physical line on which the row starts.
    pub line: usize,
    /// What is wrong or unusual.
    pub blemish: Blemish,
}

/// A finished export.
#[derive(Clone, Debug)]
pub struct Export {
    /// The path below the samples' directory.
    pub path: &'static str,
    /// The file itself.
    pub file: SampleFile,
    /// The number of rows without the header.
    pub rows: usize,
    /// The invalid and unusual rows, in line order.
    pub findings: Vec<Finding>,
}

impl Export {
    /// The number of rows with this outcome.
    pub fn count(&self, outcome: Outcome) -> usize {
        self.findings.iter().filter(|finding| finding.blemish.outcome == outcome).count()
    }
}

/// An export under construction.
#[derive(Debug)]
pub struct ExportBuilder {
    sheet: Sheet,
    findings: Vec<Finding>,
}

impl ExportBuilder {
    /// Starts from this sheet.
    pub fn new(sheet: Sheet) -> Self {
        Self { sheet, findings: Vec::new() }
    }

    /// Adds a record in the order of the header.
    ///
    /// # Errors
    /// Any error of the CSV writer.
    pub fn push(&mut self, record: &Record, header: &str) -> anyhow::Result<()> {
        self.push_cells(&record.under(header), record.blemish.clone())
    }

    /// Adds a row of cells.
    ///
    /// # Errors
    /// Any error of the CSV writer.
    pub fn push_cells(&mut self, cells: &[&str], blemish: Option<Blemish>) -> anyhow::Result<()> {
        let line = self.sheet.push_row(cells)?;
        self.findings.extend(blemish.map(|blemish| Finding { path: self.sheet.path, line, blemish }));
        Ok(())
    }

    /// The finished export.
    ///
    /// # Errors
    /// If the file's encoding lacks a character.
    pub fn finish(self) -> anyhow::Result<Export> {
        let Self { sheet, findings } = self;
        Ok(Export { path: sheet.path, rows: sheet.rows, file: sheet.finish()?, findings })
    }
}
