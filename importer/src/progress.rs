//! How far an import is, for whoever wants to know, and whether it should stop.

use partnergraph_domain::{ImportPhase, ImportStatus};
use serde::{Deserialize, Serialize};

/// How far an import is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Position {
    /// The run's status.
    pub status: ImportStatus,
    /// What is being done.
    pub phase: ImportPhase,
    /// Rows read so far.
    pub rows_read: u64,
    /// Rows of all files, once that is known.
    pub rows_total: Option<u64>,
    /// How much of this phase is done: files while opening, rows of the files while reading.
    pub done: u64,
    /// How much there is to do in this phase, in the same unit. Null if that is not known.
    pub total: Option<u64>,
}

impl Position {
    /// How much of the whole import is done, from 0 to 100. It never falls, and is 100 only at the end.
    #[must_use]
    pub fn percent(&self) -> f64 {
        let part = self.total.filter(|total| *total > 0).map_or(0.0, |total| self.done as f64 / total as f64);
        self.phase.percent(part)
    }
}

/// Whoever wants to know. Called often; it should be quick.
pub trait Progress {
    /// The import is here now.
    fn at(&self, position: Position);

    /// Whether the import should stop. It is asked between batches; what was written by then is rolled back, and the import
    /// fails with [`crate::ImportError::Cancelled`].
    fn is_cancelled(&self) -> bool {
        false
    }
}

/// Nobody wants to know.
#[derive(Clone, Copy, Debug)]
pub struct Silent;

impl Progress for Silent {
    fn at(&self, _position: Position) {}
}
