//! Reports the progress of an import to its caller, who can also stop it.

use partnergraph_domain::{ImportPhase, ImportStatus};
use serde::{Deserialize, Serialize};

/// The progress of an import.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Position {
    /// The run's status.
    pub status: ImportStatus,
    /// The current phase.
    pub phase: ImportPhase,
    /// Rows read so far.
    pub rows_read: u64,
    /// The number of rows in all files, if known.
    pub rows_total: Option<u64>,
    /// Units of this phase that are done: files while opening, rows of the files while reading.
    pub done: u64,
    /// Total units of this phase, in the same unit. `None` if not known.
    pub total: Option<u64>,
}

impl Position {
    /// The percentage of the whole import that is done, from 0 to 100. It never decreases, and is 100 only at the end.
    #[must_use]
    pub fn percent(&self) -> f64 {
        let part = self.total.filter(|total| *total > 0).map_or(0.0, |total| self.done as f64 / total as f64);
        self.phase.percent(part)
    }
}

/// Receives the progress of an import. It is called often and should return quickly.
pub trait Progress {
    /// Reports the current position of the import.
    fn at(&self, position: Position);

    /// Whether the import should stop. This is checked between batches. What was written by then is rolled back, and
    /// the import fails with [`crate::ImportError::Cancelled`].
    fn is_cancelled(&self) -> bool {
        false
    }
}

/// Ignores the progress.
#[derive(Clone, Copy, Debug)]
pub struct Silent;

impl Progress for Silent {
    fn at(&self, _position: Position) {}
}
