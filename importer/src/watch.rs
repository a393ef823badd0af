//! Reports progress to the caller, writes it to the run's row from time to time, and checks for cancellation.

use std::cell::{Cell, RefCell};
use std::time::{Duration, Instant};
use std::{fmt, io};

use partnergraph_domain::{ImportRunKey, ImportStatus};
use partnergraph_store::imports::runs;
use partnergraph_store::{Access, Conn, DatabaseUrl, StoreError, StoreResult};

use crate::progress::{Position, Progress};
use partnergraph_domain::ImportPhase;

/// The shortest interval between two writes of the row, because each one is a commit.
const PERIOD: Duration = Duration::from_millis(500);
/// Small steps are reported by the thousand.
const STEP: u64 = 1_000;

/// Reports the progress of a run. The row is written over a separate connection, and not while the import itself
/// writes, because it would wait for the import's own connection. That connection hardly waits for other writers
/// either: if the progress cannot be written, it is written a moment later.
pub(crate) struct Watch<'a> {
    progress: &'a dyn Progress,
    run: Option<(RefCell<Conn>, ImportRunKey)>,
    position: Cell<Position>,
    written: Cell<Instant>,
    /// Whether the import is in a write transaction.
    is_writing: Cell<bool>,
}

impl fmt::Debug for Watch<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Watch").field("position", &self.position).finish_non_exhaustive()
    }
}

impl<'a> Watch<'a> {
    pub(crate) fn new(progress: &'a dyn Progress, run: Option<(&DatabaseUrl, ImportRunKey)>) -> StoreResult<Self> {
        let run = match run {
            Some((url, id)) => Some((RefCell::new(Conn::open_without_waiting(url)?), id)),
            None => None,
        };
        let position = Position {
            status: ImportStatus::Planning,
            phase: ImportPhase::Opening,
            rows_read: 0,
            rows_total: None,
            done: 0,
            total: None,
        };
        let written = Cell::new(Instant::now());
        Ok(Self { progress, run, position: Cell::new(position), written, is_writing: Cell::new(false) })
    }

    /// Does the work in one write transaction. Everything that a run writes must use this.
    ///
    /// # Errors
    ///
    /// The error of `work`, or a database error. Nothing is written then.
    pub(crate) fn writing<T, E: From<StoreError>>(
        &self,
        conn: &mut Conn,
        work: impl FnOnce(&mut Conn) -> Result<T, E>,
    ) -> Result<T, E> {
        self.is_writing.set(true);
        let result = conn.transaction(Access::Write, work);
        self.is_writing.set(false);
        result
    }

    /// Begins a new phase whose size is not known yet.
    pub(crate) fn phase(&self, status: ImportStatus, phase: ImportPhase) {
        self.position.set(Position { status, phase, done: 0, total: None, ..self.position.get() });
        self.progress.at(self.position.get());
        // Applying records its status in its own transaction.
        if phase != ImportPhase::Done {
            self.write();
        }
    }

    /// Sets the size of the phase.
    pub(crate) fn total(&self, total: u64) {
        self.position.set(Position { total: Some(total), ..self.position.get() });
    }

    /// Sets the number of rows in all files together.
    pub(crate) fn rows_total(&self, rows: u64) {
        self.position.set(Position { rows_total: Some(rows), ..self.position.get() });
        self.total(rows);
    }

    /// Adds rows that were read.
    ///
    /// # Errors
    ///
    /// The import should stop; see [`Watch::check`].
    pub(crate) fn rows(&self, rows: u64) -> io::Result<()> {
        let position = self.position.get();
        self.position.set(Position { rows_read: position.rows_read + rows, ..position });
        self.advance(rows)
    }

    /// Adds completed units of the phase. Cheap enough to be called for each row.
    ///
    /// # Errors
    ///
    /// The import should stop; see [`Watch::check`].
    pub(crate) fn advance(&self, steps: u64) -> io::Result<()> {
        let position = self.position.get();
        let done = position.done + steps;
        // Units of a plan that is made again have already been counted.
        let done = position.total.map_or(done, |total| done.min(total));
        self.position.set(Position { done, ..position });
        let is_large = position.total.is_none_or(|total| total > STEP);
        if is_large && steps < STEP && position.done / STEP == done / STEP {
            return Ok(());
        }
        self.progress.at(self.position.get());
        if self.written.get().elapsed() >= PERIOD {
            self.write();
        }
        self.check()
    }

    /// Sets the size of the planning; see [`Watch::planned`].
    pub(crate) fn to_plan(&self, total: u64) {
        if self.position.get().phase == ImportPhase::Planning {
            self.total(total);
        }
    }

    /// Adds planned units. A plan that is made again while the previous one waits to be applied has already been
    /// counted.
    ///
    /// # Errors
    ///
    /// The import should stop; see [`Watch::check`].
    pub(crate) fn planned(&self, steps: u64) -> io::Result<()> {
        if self.position.get().phase == ImportPhase::Planning { self.advance(steps) } else { self.check() }
    }

    /// Whether the import should stop.
    pub(crate) fn is_cancelled(&self) -> bool {
        self.progress.is_cancelled()
    }

    /// Fails if the import should stop. The run is then recorded as cancelled, whatever error the failure is converted
    /// to on the way.
    ///
    /// # Errors
    ///
    /// The import should stop.
    pub(crate) fn check(&self) -> io::Result<()> {
        // Not `Interrupted`, because that kind makes readers and writers try again.
        if self.is_cancelled() { Err(io::Error::other("the import was interrupted")) } else { Ok(()) }
    }

    /// A run that cannot write its progress continues nevertheless.
    fn write(&self) {
        if self.is_writing.get() {
            return;
        }
        self.written.set(Instant::now());
        let Some((conn, id)) = &self.run else { return };
        let Position { status, phase, rows_read, rows_total, .. } = self.position.get();
        match runs::progress(&mut conn.borrow_mut(), *id, status, phase.as_str(), rows_read, rows_total) {
            Err(error) if !error.is_locked() => {
                tracing::warn!(%error, run = id.get(), "the progress of an import could not be written");
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::progress::Silent;
    use partnergraph_domain::{ImportMode, PartnerKey};
    use partnergraph_store::migrate;

    /// Regression test: the import waited for itself, for as long as SQLite lets a writer wait, when slow planning made
    /// progress due within a transaction.
    #[test]
    fn an_import_that_writes_does_not_wait_for_itself() {
        let directory = tempfile::tempdir().expect("a directory");
        let url = DatabaseUrl::Sqlite(directory.path().join("a.db"));
        let mut conn = Conn::open(&url).expect("a database");
        migrate::run(&mut conn).expect("tables");
        conn.batch("INSERT INTO partners (id, partner_type, name, name_key, name_sort, cloud, capabilities, onboarded, enrolled, \
                    vetting_status, vetting_sub_status, version, created_at, updated_at) VALUES (1, 'INDIRECT_PROVIDER', 'A', 'a', 'a', \
                    'PUBLIC', '[]', 1, 1, 'NONE', 'NONE', 1, '2026-01-01 00:00:00', '2026-01-01 00:00:00')")
            .expect("a partner");
        let now = partnergraph_store::clock::now();
        let run = runs::create(&mut conn, PartnerKey::new(1), "anna@a.example", ImportMode::DryRun, "{}", now)
            .expect("a run");
        let watch = Watch::new(&Silent, Some((&url, run))).expect("a watch");
        let started = Instant::now();
        for status in [ImportStatus::Planning, ImportStatus::Applying] {
            watch.phase(
                status,
                if status == ImportStatus::Planning { ImportPhase::Planning } else { ImportPhase::Applying },
            );
            watch
                .writing(&mut conn, |conn| {
                    conn.batch("UPDATE partners SET version = version + 1")?;
                    std::thread::sleep(PERIOD);
                    watch.advance(2 * STEP).expect("nobody stops it");
                    Ok::<_, StoreError>(())
                })
                .expect("it is written");
        }
        // It does not wait for another writer either.
        let mut other = Conn::open(&url).expect("a connection");
        let outcome = other.transaction::<_, StoreError>(Access::Write, |_| {
            watch.phase(ImportStatus::Planning, ImportPhase::Planning);
            Ok(())
        });
        outcome.expect("it is written");
        assert!(started.elapsed() < Duration::from_secs(20), "{:?}", started.elapsed());
    }
}
