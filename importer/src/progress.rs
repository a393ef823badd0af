//! How far an import is, told to whoever wants to know.

use partnergraph_domain::ImportStatus;
use serde::{Deserialize, Serialize};

/// How far an import is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Position {
    /// The run's status.
    pub status: ImportStatus,
    /// What is being done.
    pub phase: Phase,
    /// Rows read so far.
    pub rows_read: u64,
    /// Rows of all files, once that is known.
    pub rows_total: Option<u64>,
}

/// The stages that take time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// Another import is under way.
    Waiting,
    /// Files are opened and found out about.
    Opening,
    /// Rows are read and checked.
    Reading,
    /// Facts are put beside what is stored.
    Planning,
    /// The plan is written.
    Applying,
    /// It is over.
    Done,
}

impl Phase {
    /// The word for it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Opening => "opening",
            Self::Reading => "reading",
            Self::Planning => "planning",
            Self::Applying => "applying",
            Self::Done => "done",
        }
    }
}

/// Whoever wants to know. Called often; it should be quick.
pub trait Progress {
    /// The import is here now.
    fn at(&self, position: Position);
}

/// Nobody wants to know.
#[derive(Clone, Copy, Debug)]
pub struct Silent;

impl Progress for Silent {
    fn at(&self, _position: Position) {}
}
