//! Transactions that stay open while an operation is answered: of a state of the database, or of a draft of one.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Mutex, mpsc};
use std::time::{Duration, Instant};

use tokio::sync::oneshot;

use crate::cancel::{self, Canceller, Working};
use crate::conn::Conn;
use crate::database::{Database, Length};
use crate::error::{StoreError, StoreResult};
use crate::interrupt::{self, TimeLimit};
use crate::threads::{self, Job};

/// How long a draft is kept. Meanwhile nobody else can write.
const LONGEST_DRAFT: Duration = Duration::from_secs(5);
/// How much longer its thread waits, so that a reader learns that the time is over, rather than that the thread has stopped.
const GRACE: Duration = Duration::from_millis(100);

impl Database {
    /// Opens a read transaction that stays open over several calls: one state of the database for a whole query. It holds one of
    /// the reading connections until it is dropped, so a query must not open two.
    ///
    /// # Errors
    /// [`StoreError::Stopped`] if the program is ending, [`StoreError::TimeOver`] if no connection becomes free in time.
    pub async fn snapshot(&self, time_limit: Option<TimeLimit>) -> StoreResult<Snapshot> {
        let (jobs, queue) = mpsc::channel::<Job>();
        let (ready, is_ready) = oneshot::channel();
        let waiting = time_limit.clone();
        let with_process = self.canceller.is_some() && time_limit.is_some();
        let (url, statements) = (self.url.clone(), self.statements.clone());
        let hold: Job = Box::new(move |conn: &mut Conn| {
            if ready.is_closed() || waiting.as_ref().is_some_and(TimeLimit::is_over) {
                let _ = ready.send(Err(StoreError::TimeOver));
                return;
            }
            let mut beginning = conn.begin_reading(waiting.as_ref());
            if beginning.is_err() && threads::reconnect(conn, &url, &statements) {
                beginning = conn.begin_reading(waiting.as_ref());
            }
            let beginning = beginning.map(|()| cancel::process().filter(|_| with_process));
            let failed = beginning.is_err();
            if ready.send(beginning).is_ok() && !failed {
                while let Ok(job) = queue.recv() {
                    interrupt::with_time_limit(waiting.as_ref(), || job(conn));
                }
            } else if failed {
                return;
            }
            if let Err(error) = conn.rollback() {
                tracing::warn!(%error, "a read transaction could not be ended");
            }
        });
        threads::send(&self.readers, hold).await?;
        let process = in_time(time_limit.as_ref(), is_ready).await?.map_err(|_| StoreError::Stopped)??;
        Ok(self.snapshot_on(process, jobs, time_limit))
    }

    /// The transaction on the connection with that server process, which does these jobs.
    fn snapshot_on(&self, process: Option<i32>, jobs: mpsc::Sender<Job>, time_limit: Option<TimeLimit>) -> Snapshot {
        let working = Working::default();
        let of = |(canceller, process)| Held { canceller, process, working: working.clone() };
        let held = self.canceller.clone().zip(process).map(of);
        Snapshot { jobs: Mutex::new(jobs), time_limit, working, _held: held }
    }

    /// Writes as [`Database::write_for`], but nothing of it is kept: what the work wrote can be read in the snapshot until that is dropped or
    /// its time is over, and is rolled back then. Nobody else can write until then.
    ///
    /// # Errors
    /// Those of [`Database::write_for`].
    pub async fn draft<T, E>(
        &self,
        time_limit: Option<TimeLimit>,
        length: Length,
        work: impl FnOnce(&mut Conn) -> Result<T, E> + Send + 'static,
    ) -> Result<(T, Snapshot), E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let (jobs, queue) = mpsc::channel::<Job>();
        let (done, is_done) = oneshot::channel();
        let held = time_limit.clone();
        let with_process = self.canceller.is_some();
        let length = if length == Length::Short { Length::Held } else { length };
        let writing = self.write_for(time_limit, length, move |conn| {
            let made = work(conn)?;
            let held = held.map_or_else(
                || TimeLimit::until(Instant::now() + LONGEST_DRAFT),
                |time_limit| time_limit.at_most(LONGEST_DRAFT),
            );
            conn.end_statements_with(&held)?;
            let process = cancel::process().filter(|_| with_process);
            if done.send((made, held.clone(), process)).is_ok() {
                let left = || (held.deadline() + GRACE).saturating_duration_since(Instant::now());
                while let Ok(job) = queue.recv_timeout(left()) {
                    interrupt::with_time_limit(Some(&held), || job(conn));
                }
            }
            Err::<std::convert::Infallible, E>(StoreError::Stopped.into())
        });
        // The work goes on without being waited for.
        tokio::select! {
            biased;
            Ok((made, limit, process)) = is_done => Ok((made, self.snapshot_on(process, jobs, Some(limit)))),
            Err(error) = writing => Err(error),
            else => Err(StoreError::Stopped.into()),
        }
    }
}

/// An open transaction that reads; see [`Database::snapshot`] and [`Database::draft`].
#[allow(missing_debug_implementations)]
pub struct Snapshot {
    jobs: Mutex<mpsc::Sender<Job>>,
    time_limit: Option<TimeLimit>,
    working: Working,
    _held: Option<Held>,
}

/// A PostgreSQL connection held by a snapshot. When the snapshot is dropped, a statement that is still running is cancelled.
struct Held {
    canceller: Canceller,
    process: i32,
    working: Working,
}

impl Drop for Held {
    fn drop(&mut self) {
        if self.working.is_set() {
            self.canceller.cancel(self.process, &self.working);
        }
    }
}

impl Snapshot {
    /// Reads in the snapshot. Concurrent calls run one after the other.
    ///
    /// # Errors
    /// Any error of `work`, [`StoreError::TimeOver`], or [`StoreError::Stopped`].
    pub async fn read<T, E>(&self, work: impl FnOnce(&mut Conn) -> Result<T, E> + Send + 'static) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let (answer, answered) = oneshot::channel();
        let working = self.working.clone();
        let job: Job = Box::new(move |conn| {
            working.set(true);
            let result = if interrupt::is_over() {
                Ok(Err(StoreError::TimeOver.into()))
            } else {
                catch_unwind(AssertUnwindSafe(|| work(conn)))
            };
            // Before the result is sent: its receiver may drop the snapshot, and nothing must be cancelled then.
            working.set(false);
            let _ = answer.send(match result {
                // The statement was cancelled because the time is over; its own error is of no use to anyone.
                Ok(Err(_)) if interrupt::is_over() => Ok(Err(StoreError::TimeOver.into())),
                result => result,
            });
        });
        {
            let jobs = self.jobs.lock().map_err(|_| StoreError::Stopped)?;
            jobs.send(job).map_err(|_| StoreError::Stopped)?;
        }
        match in_time(self.time_limit.as_ref(), answered).await?.map_err(|_| StoreError::Stopped)? {
            Ok(result) => result,
            Err(_panic) => Err(StoreError::Panicked.into()),
        }
    }
}

/// Waits until the deadline. The worker thread notices by itself that the time is over; this is for a worker that is slow to
/// notice.
async fn in_time<F: Future>(time_limit: Option<&TimeLimit>, waiting: F) -> StoreResult<F::Output> {
    match time_limit {
        Some(time_limit) => {
            tokio::time::timeout_at(time_limit.deadline().into(), waiting).await.map_err(|_| StoreError::TimeOver)
        }
        None => Ok(waiting.await),
    }
}
