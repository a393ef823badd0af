//! Progress, told to the caller and written to the run's row now and again.

use std::cell::{Cell, RefCell};
use std::time::{Duration, Instant};

use partnergraph_domain::ImportStatus;
use partnergraph_store::imports::runs;
use partnergraph_store::{Conn, DatabaseUrl};

use crate::progress::{Phase, Position, Progress};
use crate::run::ImportError;

/// The row is written so often at most: each time is a commit.
const PERIOD: Duration = Duration::from_millis(500);

/// Tells how far a run is. The row is written over a connection of its own, outside the transaction that applies.
pub(crate) struct Watch<'a> {
    progress: &'a dyn Progress,
    run: Option<(RefCell<Conn>, i64)>,
    position: Cell<Position>,
    written: Cell<Instant>,
}

impl<'a> Watch<'a> {
    pub(crate) fn new(progress: &'a dyn Progress, run: Option<(&DatabaseUrl, i64)>) -> Result<Self, ImportError> {
        let run = match run {
            Some((url, id)) => Some((RefCell::new(Conn::open(url)?), id)),
            None => None,
        };
        let position =
            Position { status: ImportStatus::Planning, phase: Phase::Opening, rows_read: 0, rows_total: None };
        Ok(Self { progress, run, position: Cell::new(position), written: Cell::new(Instant::now()) })
    }

    /// A new stage begins.
    pub(crate) fn phase(&self, status: ImportStatus, phase: Phase) {
        self.position.set(Position { status, phase, ..self.position.get() });
        self.progress.at(self.position.get());
        // What is applied says so itself, in its own transaction.
        if phase != Phase::Done {
            self.write();
        }
    }

    /// All files together have so many rows.
    pub(crate) fn total(&self, rows: u64) {
        self.position.set(Position { rows_total: Some(rows), ..self.position.get() });
    }

    /// So many rows more are read.
    pub(crate) fn rows(&self, rows: u64) {
        let position = self.position.get();
        self.position.set(Position { rows_read: position.rows_read + rows, ..position });
        self.progress.at(self.position.get());
        if self.written.get().elapsed() >= PERIOD {
            self.write();
        }
    }

    /// A run that cannot say how far it is goes on all the same.
    fn write(&self) {
        self.written.set(Instant::now());
        let Some((conn, id)) = &self.run else { return };
        let Position { status, phase, rows_read, rows_total } = self.position.get();
        if let Err(error) = runs::progress(&mut conn.borrow_mut(), *id, status, phase.as_str(), rows_read, rows_total) {
            tracing::warn!(%error, run = id, "the progress of an import could not be written");
        }
    }
}
