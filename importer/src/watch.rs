//! Progress, told to the caller and written to the run's row now and again; and whether to go on.

use std::cell::{Cell, RefCell};
use std::time::{Duration, Instant};
use std::{fmt, io};

use partnergraph_domain::ImportStatus;
use partnergraph_store::imports::runs;
use partnergraph_store::{Conn, DatabaseUrl, StoreResult};

use crate::progress::{Phase, Position, Progress};

/// The row is written so often at most: each time is a commit.
const PERIOD: Duration = Duration::from_millis(500);
/// Small steps are told by the thousand.
const STEP: u64 = 1_000;

/// Tells how far a run is. The row is written over a connection of its own, outside the transaction that applies.
pub(crate) struct Watch<'a> {
    progress: &'a dyn Progress,
    run: Option<(RefCell<Conn>, i64)>,
    position: Cell<Position>,
    written: Cell<Instant>,
}

impl fmt::Debug for Watch<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Watch").field("position", &self.position).finish_non_exhaustive()
    }
}

impl<'a> Watch<'a> {
    pub(crate) fn new(progress: &'a dyn Progress, run: Option<(&DatabaseUrl, i64)>) -> StoreResult<Self> {
        let run = match run {
            Some((url, id)) => Some((RefCell::new(Conn::open(url)?), id)),
            None => None,
        };
        let position = Position {
            status: ImportStatus::Planning,
            phase: Phase::Opening,
            rows_read: 0,
            rows_total: None,
            done: 0,
            total: None,
        };
        Ok(Self { progress, run, position: Cell::new(position), written: Cell::new(Instant::now()) })
    }

    /// A new phase begins, of which nobody knows yet how much it is.
    pub(crate) fn phase(&self, status: ImportStatus, phase: Phase) {
        self.position.set(Position { status, phase, done: 0, total: None, ..self.position.get() });
        self.progress.at(self.position.get());
        // What is applied says so itself, in its own transaction.
        if phase != Phase::Done {
            self.write();
        }
    }

    /// The phase has so much to do.
    pub(crate) fn total(&self, total: u64) {
        self.position.set(Position { total: Some(total), ..self.position.get() });
    }

    /// All files together have so many rows.
    pub(crate) fn rows_total(&self, rows: u64) {
        self.position.set(Position { rows_total: Some(rows), ..self.position.get() });
        self.total(rows);
    }

    /// So many rows more are read.
    ///
    /// # Errors
    /// The import is to stop; see [`Watch::check`].
    pub(crate) fn rows(&self, rows: u64) -> io::Result<()> {
        let position = self.position.get();
        self.position.set(Position { rows_read: position.rows_read + rows, ..position });
        self.advance(rows)
    }

    /// So much more of the phase is done. It is cheap enough to be called for each row.
    ///
    /// # Errors
    /// The import is to stop; see [`Watch::check`].
    pub(crate) fn advance(&self, steps: u64) -> io::Result<()> {
        let position = self.position.get();
        let done = position.done + steps;
        // What is planned again has been counted before.
        let done = position.total.map_or(done, |total| done.min(total));
        self.position.set(Position { done, ..position });
        let is_large = position.total.is_none_or(|total| total > STEP);
        if is_large && steps < STEP && position.done / STEP == done / STEP {
            return Ok(());
        }
        self.progress.at(self.position.get());
        // The transaction that applies holds the database of which this would be a second writer.
        if position.phase != Phase::Applying && self.written.get().elapsed() >= PERIOD {
            self.write();
        }
        self.check()
    }

    /// So much is to be planned; see [`Watch::planned`].
    pub(crate) fn to_plan(&self, total: u64) {
        if self.position.get().phase == Phase::Planning {
            self.total(total);
        }
    }

    /// So much more is planned. A plan that is made anew while the former one waits to be applied has been counted.
    ///
    /// # Errors
    /// The import is to stop; see [`Watch::check`].
    pub(crate) fn planned(&self, steps: u64) -> io::Result<()> {
        if self.position.get().phase == Phase::Planning { self.advance(steps) } else { self.check() }
    }

    /// Whether the import is to stop.
    pub(crate) fn is_cancelled(&self) -> bool {
        self.progress.is_cancelled()
    }

    /// Fails when the import is to stop. The run says that it was cancelled, whatever the failure became on its way up.
    ///
    /// # Errors
    /// That it is to stop.
    pub(crate) fn check(&self) -> io::Result<()> {
        // Not `Interrupted`: that kind makes whoever reads or writes try again.
        if self.is_cancelled() { Err(io::Error::other("the import was interrupted")) } else { Ok(()) }
    }

    /// A run that cannot say how far it is goes on all the same.
    fn write(&self) {
        self.written.set(Instant::now());
        let Some((conn, id)) = &self.run else { return };
        let Position { status, phase, rows_read, rows_total, .. } = self.position.get();
        if let Err(error) = runs::progress(&mut conn.borrow_mut(), *id, status, phase.as_str(), rows_read, rows_total) {
            tracing::warn!(%error, run = id, "the progress of an import could not be written");
        }
    }
}
