//! One row of a file, by the names of its columns, and the mark it bears if something about it is to be told.

use std::collections::HashMap;

/// What an import does with a marked row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Nothing of it is stored.
    Rejected,
    /// It is held beside the rows with which it is at odds.
    Conflict,
    /// It is taken, and the report says something about it.
    Told,
    /// It is taken, and there is nothing to say.
    Quiet,
}

/// Why a row stands in the samples' list of blemishes.
#[derive(Clone, Debug)]
pub struct Mark {
    /// The kind of blemish, as a heading.
    pub kind: &'static str,
    /// What an import does with the row.
    pub outcome: Outcome,
    /// The issues to be reported; all of them for a rejected row.
    pub codes: &'static [&'static str],
    /// What is in the row.
    pub note: String,
}

/// A row in the making.
#[derive(Clone, Debug, Default)]
pub struct Record {
    cells: HashMap<&'static str, String>,
    /// If the row is a blemish.
    pub mark: Option<Mark>,
    /// How many cells the row has, where it is fewer than the header.
    width: Option<usize>,
}

impl Record {
    /// Sets a cell.
    pub fn set(&mut self, column: &'static str, value: impl Into<String>) -> &mut Self {
        self.cells.insert(column, value.into());
        self
    }

    /// The same row with a mark.
    pub fn marked(
        mut self,
        kind: &'static str,
        outcome: Outcome,
        codes: &'static [&'static str],
        note: impl Into<String>,
    ) -> Self {
        self.mark = Some(Mark { kind, outcome, codes, note: note.into() });
        self
    }

    /// The same row broken off after so many cells.
    pub fn cut(mut self, width: usize) -> Self {
        self.width = Some(width);
        self
    }

    /// What is in a cell; blank if nothing was set.
    pub fn get(&self, column: &str) -> &str {
        self.cells.get(usual_spelling(column)).map_or("", String::as_str)
    }

    /// The cells in the order of a header.
    pub fn under(&self, header: &str) -> Vec<&str> {
        header.split(',').take(self.width.unwrap_or(usize::MAX)).map(|column| self.get(column)).collect()
    }
}

/// The generations of one portal's files spell the same column in several ways.
fn usual_spelling(column: &str) -> &str {
    match column {
        "MpnId" => "MPNID",
        "Tier2MpnId" => "ResellerMPNID",
        "ReferenceId" => "ReferenceID",
        "PromotionId" => "PromotionID",
        _ => column,
    }
}
