//! A row of a file, by column name, and what is wrong or unusual in it.

use std::collections::HashMap;

/// What an import does with an invalid or unusual row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Nothing from it is stored.
    Rejected,
    /// It is held, together with the rows that contradict it.
    Conflict,
    /// It is applied, and the report lists an issue.
    Reported,
    /// It is applied without an issue.
    Quiet,
}

/// What is wrong or unusual in a row.
#[derive(Clone, Debug)]
pub struct Blemish {
    /// Its kind, as a heading.
    pub kind: &'static str,
    /// What an import does with the row.
    pub outcome: Outcome,
    /// The expected issues; all of them for a rejected row.
    pub codes: &'static [&'static str],
    /// What is in the row.
    pub note: String,
}

/// A row under construction.
#[derive(Clone, Debug, Default)]
pub struct Record {
    cells: HashMap<&'static str, String>,
    /// What is wrong or unusual in the row, if anything.
    pub blemish: Option<Blemish>,
    /// The number of cells, if it is less than the header's.
    width: Option<usize>,
}

impl Record {
    /// Sets a cell.
    pub fn set(&mut self, column: &'static str, value: impl Into<String>) -> &mut Self {
        self.cells.insert(column, value.into());
        self
    }

    /// States what is wrong or unusual in the row.
    pub fn with_blemish(
        mut self,
        kind: &'static str,
        outcome: Outcome,
        codes: &'static [&'static str],
        note: impl Into<String>,
    ) -> Self {
        self.blemish = Some(Blemish { kind, outcome, codes, note: note.into() });
        self
    }

    /// Truncates the row to this many cells.
    pub fn cut(mut self, width: usize) -> Self {
        self.width = Some(width);
        self
    }

    /// The value of a cell; blank if it was not set.
    pub fn get(&self, column: &str) -> &str {
        self.cells.get(usual_spelling(column)).map_or("", String::as_str)
    }

    /// The cells, in the order of a header.
    pub fn under(&self, header: &str) -> Vec<&str> {
        header.split(',').take(self.width.unwrap_or(usize::MAX)).map(|column| self.get(column)).collect()
    }
}

/// Maps a column name to the usual spelling. The generations of a portal's files spell the same column differently.
fn usual_spelling(column: &str) -> &str {
    match column {
        "MpnId" => "MPNID",
        "Tier2MpnId" => "ResellerMPNID",
        "ReferenceId" => "ReferenceID",
        "PromotionId" => "PromotionID",
        _ => column,
    }
}
