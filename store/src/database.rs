//! The connections of a server: a few threads that read and one or a few that write.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, mpsc};
use std::time::{Duration, Instant};

use partnergraph_domain::AuditEventKey;
use tokio::sync::{oneshot, watch};

use crate::cancel::{self, Canceller, Working};
use crate::conn::{Access, Backend, Conn};
use crate::error::{StoreError, StoreResult};
use crate::feed::{self, Feed, Watched};
use crate::interrupt::{self, Patience};
use crate::threads::{self, Job};
use crate::turns::{self, Turn};
use crate::url::DatabaseUrl;

/// For how long a write waits for its turn where nobody says for how long: most imports are applied by then.
const UNHURRIED: Duration = Duration::from_secs(60);

/// How many connections a server holds.
#[derive(Debug, Clone, Copy)]
pub struct PoolSize {
    /// Threads that read, a connection each. A query holds one of them from its first read to its end.
    pub readers: usize,
    /// Threads that write on PostgreSQL, where a second hides the time of a commit. SQLite has one, which commits together what waits.
    pub writers: usize,
}

impl Default for PoolSize {
    fn default() -> Self {
        Self { readers: 8, writers: 2 }
    }
}

/// How long a write takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Length {
    /// Milliseconds. It may share a commit with others.
    Short,
    /// Perhaps as long as an import. Nobody else's work waits for its commit.
    Long,
}

/// The threads that write.
#[derive(Clone)]
enum Writers {
    /// One, which commits together what waits.
    Together(mpsc::SyncSender<Turn>),
    /// Several, each of which commits what it has done.
    Alone(mpsc::SyncSender<Job>),
}

/// What somebody waits for.
type Waiting<T, E> = Pin<Box<dyn Future<Output = Result<T, E>> + Send>>;

/// A database as a server uses it. Cheap to clone.
#[derive(Clone)]
#[allow(missing_debug_implementations)]
pub struct Database {
    url: DatabaseUrl,
    readers: mpsc::SyncSender<Job>,
    writers: Writers,
    statements: Arc<AtomicU64>,
    /// Ends statements that nobody waits for, on PostgreSQL.
    canceller: Option<Canceller>,
    /// Rises with every write that this process has committed.
    written: Arc<watch::Sender<u64>>,
    feed: Feed,
}

impl Database {
    /// Opens the connections and the threads that hold them: a small pool of threads with a connection each, because a
    /// thread per call holds hundreds of connections and an asynchronous driver is slower on both databases.
    ///
    /// # Errors
    /// [`StoreError::Connect`] when the first connection of either kind cannot be had.
    pub fn open(url: &DatabaseUrl, size: PoolSize) -> StoreResult<Self> {
        let statements = Arc::new(AtomicU64::new(0));
        let readers = threads::start("reader", url, size.readers, &statements)?;
        let written = Arc::new(watch::Sender::new(0));
        let feed = Feed {
            events: watched(&readers, &written, AuditEventKey::new(0), feed::newest_event),
            runs: watched(&readers, &written, Vec::new(), feed::open_runs),
        };
        let writers = match url {
            DatabaseUrl::Sqlite(_) => Writers::Together(turns::start(url, &statements, &written)?),
            DatabaseUrl::Postgres(_) => Writers::Alone(threads::start("writer", url, size.writers, &statements)?),
        };
        Ok(Self { url: url.clone(), readers, writers, statements, canceller: Canceller::start(url), written, feed })
    }

    /// What tells those who wait that something happened.
    #[must_use]
    pub fn feed(&self) -> &Feed {
        &self.feed
    }

    /// Where it is.
    pub fn url(&self) -> &DatabaseUrl {
        &self.url
    }

    /// Which database it is.
    pub fn backend(&self) -> Backend {
        match self.url {
            DatabaseUrl::Sqlite(_) => Backend::Sqlite,
            DatabaseUrl::Postgres(_) => Backend::Postgres,
        }
    }

    /// How many statements were sent since it was opened, transactions' own left out.
    pub fn statements(&self) -> u64 {
        self.statements.load(Ordering::Relaxed)
    }

    /// Reads in one transaction.
    ///
    /// # Errors
    /// What `work` gives, or the database's own.
    pub async fn read<T, E>(&self, work: impl FnOnce(&mut Conn) -> Result<T, E> + Send + 'static) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        threads::run(&self.readers, move |conn| conn.transaction(Access::Read, work)).await?
    }

    /// Writes in one transaction, as the only writer of the installation, for somebody who is in no hurry: the turn is waited for
    /// for a minute.
    ///
    /// # Errors
    /// As of [`Database::write_for`].
    pub async fn write<T, E>(&self, work: impl FnOnce(&mut Conn) -> Result<T, E> + Send + 'static) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        self.write_for(None, Length::Short, work).await
    }

    /// The same for somebody who waits so long for the turn to write. Once it has come, the work is done to its end.
    ///
    /// # Errors
    /// [`StoreError::Busy`] where the turn did not come in time, what `work` gives, or the database's own; nothing is written then.
    pub async fn write_for<T, E>(
        &self,
        patience: Option<Patience>,
        length: Length,
        work: impl FnOnce(&mut Conn) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let patience = patience.unwrap_or_else(|| Patience::until(Instant::now() + UNHURRIED));
        let deadline = patience.deadline();
        // Set by whoever is first: the thread that has the turn, or who has waited long enough for one.
        let settled = Arc::new(AtomicBool::new(false));
        let mut waiting = match &self.writers {
            Writers::Together(turns) => {
                let (turn, answered) = Turn::of((patience, length == Length::Long), settled.clone(), work);
                let turns = turns.clone();
                Box::pin(async move {
                    threads::send(&turns, turn).await?;
                    answered.await.map_err(|_| StoreError::Stopped)?
                })
            }
            Writers::Alone(jobs) => self.write_alone(jobs.clone(), patience, settled.clone(), work),
        };
        match tokio::time::timeout_at(deadline.into(), &mut waiting).await {
            Ok(result) => result,
            // Others may keep all the threads waiting for longer than there is patience here.
            Err(_) if !settled.swap(true, Ordering::AcqRel) => Err(StoreError::Busy.into()),
            Err(_) => waiting.await,
        }
    }

    /// Has one of several threads do the work, in a transaction of its own.
    fn write_alone<T, E>(
        &self,
        jobs: mpsc::SyncSender<Job>,
        patience: Patience,
        settled: Arc<AtomicBool>,
        work: impl FnOnce(&mut Conn) -> Result<T, E> + Send + 'static,
    ) -> Waiting<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let written = self.written.clone();
        let (url, statements) = (self.url.clone(), self.statements.clone());
        let job = move |conn: &mut Conn| {
            if patience.is_over() {
                return Err(StoreError::Busy.into());
            }
            if let Err(error) = conn.begin_writing(&patience) {
                // A turn that did not come is no fault of the connection.
                if matches!(error, StoreError::Busy | StoreError::TimeOver)
                    || !threads::reconnect(conn, &url, &statements)
                {
                    return Err(error.into());
                }
                conn.begin_writing(&patience)?;
            }
            if settled.swap(true, Ordering::AcqRel) {
                conn.rollback()?;
                return Err(StoreError::Busy.into());
            }
            let result = conn.finish(work);
            // On the writer's own thread: whoever asked may have gone away meanwhile.
            if result.is_ok() {
                written.send_modify(|writes| *writes += 1);
            }
            result
        };
        Box::pin(async move { threads::run(&jobs, job).await? })
    }

    /// A read transaction that stays open over several calls: one state of the database for a whole query. It holds one
    /// of the reading connections until it is dropped, so one query must not ask for two.
    ///
    /// # Errors
    /// [`StoreError::Stopped`] when the program is ending, [`StoreError::TimeOver`] when no connection is free in time.
    pub async fn snapshot(&self, patience: Option<Patience>) -> StoreResult<Snapshot> {
        let (jobs, queue) = mpsc::channel::<Job>();
        let (ready, is_ready) = oneshot::channel();
        let waiting = patience.clone();
        let working = Working::default();
        let with_process = self.canceller.is_some() && patience.is_some();
        let (url, statements) = (self.url.clone(), self.statements.clone());
        let hold: Job = Box::new(move |conn: &mut Conn| {
            if ready.is_closed() || waiting.as_ref().is_some_and(Patience::is_over) {
                let _ = ready.send(Err(StoreError::TimeOver));
                return;
            }
            let mut begun = conn.begin_reading(waiting.as_ref());
            if begun.is_err() && threads::reconnect(conn, &url, &statements) {
                begun = conn.begin_reading(waiting.as_ref());
            }
            let begun = begun.map(|()| cancel::process().filter(|_| with_process));
            let failed = begun.is_err();
            if ready.send(begun).is_ok() && !failed {
                while let Ok(job) = queue.recv() {
                    interrupt::while_waited_for(waiting.as_ref(), || job(conn));
                }
            } else if failed {
                return;
            }
            if let Err(error) = conn.rollback() {
                tracing::warn!(%error, "a read transaction could not be ended");
            }
        });
        threads::send(&self.readers, hold).await?;
        let process = in_time(patience.as_ref(), is_ready).await?.map_err(|_| StoreError::Stopped)??;
        let at_work = working.clone();
        let held = self.canceller.clone().zip(process).map(|(canceller, process)| Held { canceller, process, working });
        Ok(Snapshot { jobs: Mutex::new(jobs), patience, working: at_work, _held: held })
    }
}

/// A read transaction held open; see [`Database::snapshot`].
#[allow(missing_debug_implementations)]
pub struct Snapshot {
    jobs: Mutex<mpsc::Sender<Job>>,
    patience: Option<Patience>,
    working: Working,
    _held: Option<Held>,
}

/// A connection of PostgreSQL that a snapshot holds. When the snapshot goes, what still runs is cancelled.
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
    /// Reads in the snapshot. Calls at the same time run one after the other.
    ///
    /// # Errors
    /// What `work` gives, [`StoreError::TimeOver`], or [`StoreError::Stopped`].
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
            // Before the answer: who has it may let the snapshot go, and nothing is to be cancelled then.
            working.set(false);
            let _ = answer.send(match result {
                // The statement was ended because nobody waits for it; what it says of that is of no use to anybody.
                Ok(Err(_)) if interrupt::is_over() => Ok(Err(StoreError::TimeOver.into())),
                result => result,
            });
        });
        {
            let jobs = self.jobs.lock().map_err(|_| StoreError::Stopped)?;
            jobs.send(job).map_err(|_| StoreError::Stopped)?;
        }
        match in_time(self.patience.as_ref(), answered).await?.map_err(|_| StoreError::Stopped)? {
            Ok(result) => result,
            Err(_panic) => Err(StoreError::Panicked.into()),
        }
    }
}

/// Waits as long as there is patience. The working thread notices by itself that it is over; this is for one that is slow to.
async fn in_time<F: Future>(patience: Option<&Patience>, waiting: F) -> StoreResult<F::Output> {
    match patience {
        Some(patience) => {
            tokio::time::timeout_at(patience.deadline().into(), waiting).await.map_err(|_| StoreError::TimeOver)
        }
        None => Ok(waiting.await),
    }
}

/// A value that is read by the reading threads whenever something was written.
fn watched<T: PartialEq + Send + Sync + 'static>(
    readers: &mpsc::SyncSender<Job>,
    written: &watch::Sender<u64>,
    empty: T,
    look: fn(&mut Conn) -> StoreResult<T>,
) -> Arc<Watched<T>> {
    let readers = readers.clone();
    let ask = move || -> std::pin::Pin<Box<dyn Future<Output = StoreResult<T>> + Send>> {
        let readers = readers.clone();
        Box::pin(async move { threads::run(&readers, move |conn| conn.transaction(Access::Read, look)).await? })
    };
    Watched::new(empty, Arc::new(ask), written.subscribe())
}
