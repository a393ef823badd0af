//! A server's database connections: a few threads that read, and one or a few that write.

use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, mpsc};
use std::time::{Duration, Instant};

use partnergraph_domain::AuditEventKey;
use tokio::sync::watch;

use crate::cancel::Canceller;
use crate::conn::{Access, Backend, Conn};
use crate::error::{StoreError, StoreResult};
use crate::feed::{self, Feed, Watched};
use crate::interrupt::TimeLimit;
use crate::threads::{self, Job};
use crate::url::DatabaseUrl;
use crate::writer::{self, QueuedWrite};

/// How long a write waits for its turn if no deadline is given. Most imports are applied within this time.
const UNHURRIED: Duration = Duration::from_secs(60);

/// The number of connections of a server.
#[derive(Debug, Clone, Copy)]
pub struct PoolSize {
    /// Threads that read, with one connection each. A query holds one of them from its first read to its end.
    pub readers: usize,
    /// Threads that write on PostgreSQL, where a second thread hides the latency of a commit. SQLite has one, which commits
    /// waiting writes together.
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
    /// Milliseconds. It may share a commit with other writes.
    Short,
    /// Possibly as long as an import. It is committed alone, so that no other write waits for its commit.
    Long,
    /// As long as someone reads what it wrote, before it is rolled back; see [`Database::draft`]. No other write waits for its commit
    /// either.
    Held,
}

/// The threads that write.
#[derive(Clone)]
enum Writers {
    /// One thread, which commits waiting writes together.
    Together(mpsc::SyncSender<QueuedWrite>),
    /// Several threads, each of which commits its own work.
    Alone(mpsc::SyncSender<Job>),
}

/// A pending result.
type Waiting<T, E> = Pin<Box<dyn Future<Output = Result<T, E>> + Send>>;

/// A database as a server uses it. Cheap to clone.
#[derive(Clone)]
#[allow(missing_debug_implementations)]
pub struct Database {
    pub(crate) url: DatabaseUrl,
    pub(crate) readers: mpsc::SyncSender<Job>,
    writers: Writers,
    pub(crate) statements: Arc<AtomicU64>,
    /// Cancels abandoned statements on PostgreSQL.
    pub(crate) canceller: Option<Canceller>,
    /// Increases with every write that this process has committed.
    written: Arc<watch::Sender<u64>>,
    feed: Feed,
}

impl Database {
    /// Opens the connections and starts the threads that hold them. A small pool of threads with one connection each, because a
    /// thread for each call would hold hundreds of connections, and an asynchronous driver is slower on both databases.
    ///
    /// # Errors
    /// [`StoreError::Connect`] if the first connection of either kind cannot be opened.
    pub fn open(url: &DatabaseUrl, size: PoolSize) -> StoreResult<Self> {
        let statements = Arc::new(AtomicU64::new(0));
        let readers = threads::start("reader", url, size.readers, &statements)?;
        let written = Arc::new(watch::Sender::new(0));
        let feed = Feed {
            events: watched(&readers, &written, AuditEventKey::new(0), feed::newest_event),
            runs: watched(&readers, &written, Vec::new(), feed::open_runs),
        };
        let writers = match url {
            DatabaseUrl::Sqlite(_) => Writers::Together(writer::start(url, &statements, &written)?),
            DatabaseUrl::Postgres(_) => Writers::Alone(threads::start("writer", url, size.writers, &statements)?),
        };
        Ok(Self { url: url.clone(), readers, writers, statements, canceller: Canceller::start(url), written, feed })
    }

    /// The feed that notifies listeners of events.
    #[must_use]
    pub fn feed(&self) -> &Feed {
        &self.feed
    }

    /// The URL of the database.
    pub fn url(&self) -> &DatabaseUrl {
        &self.url
    }

    /// The backend.
    pub fn backend(&self) -> Backend {
        match self.url {
            DatabaseUrl::Sqlite(_) => Backend::Sqlite,
            DatabaseUrl::Postgres(_) => Backend::Postgres,
        }
    }

    /// How many statements were sent since it was opened, except those that begin and end transactions.
    pub fn statements(&self) -> u64 {
        self.statements.load(Ordering::Relaxed)
    }

    /// Reads in a transaction.
    ///
    /// # Errors
    /// Any error of `work`, or any database error.
    pub async fn read<T, E>(&self, work: impl FnOnce(&mut Conn) -> Result<T, E> + Send + 'static) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        threads::run(&self.readers, move |conn| conn.transaction(Access::Read, work)).await?
    }

    /// Writes in a transaction, as the only writer of the installation, without urgency: waits up to a minute for its turn.
    ///
    /// # Errors
    /// See [`Database::write_for`].
    pub async fn write<T, E>(&self, work: impl FnOnce(&mut Conn) -> Result<T, E> + Send + 'static) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        self.write_for(None, Length::Short, work).await
    }

    /// Like [`Database::write`], with a deadline for getting the turn. Once it has its turn, the work is done to the end.
    ///
    /// # Errors
    /// [`StoreError::Busy`] if the turn did not come in time, any error of `work`, or any database error. Nothing is written in
    /// these cases.
    pub async fn write_for<T, E>(
        &self,
        time_limit: Option<TimeLimit>,
        length: Length,
        work: impl FnOnce(&mut Conn) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let time_limit = time_limit.unwrap_or_else(|| TimeLimit::until(Instant::now() + UNHURRIED));
        let deadline = time_limit.deadline();
        // Set by whichever comes first: the thread that executes it, or the caller whose time limit is over.
        let settled = Arc::new(AtomicBool::new(false));
        let mut waiting = match &self.writers {
            Writers::Together(queue) => {
                let (write, answered) = QueuedWrite::of((time_limit, length != Length::Short), settled.clone(), work);
                let queue = queue.clone();
                Box::pin(async move {
                    threads::send(&queue, write).await?;
                    answered.await.map_err(|_| StoreError::Stopped)?
                })
            }
            Writers::Alone(jobs) => self.write_alone(jobs.clone(), (time_limit, length), settled.clone(), work),
        };
        match tokio::time::timeout_at(deadline.into(), &mut waiting).await {
            Ok(result) => result,
            // Other writes may keep all threads busy for longer than this caller's time limit.
            Err(_) if !settled.swap(true, Ordering::AcqRel) => Err(StoreError::Busy.into()),
            Err(_) => waiting.await,
        }
    }

    /// Runs the work on one of several threads, in a transaction of its own.
    fn write_alone<T, E>(
        &self,
        jobs: mpsc::SyncSender<Job>,
        (time_limit, length): (TimeLimit, Length),
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
            if time_limit.is_over() {
                return Err(StoreError::Busy.into());
            }
            if let Err(error) = conn.begin_writing(&time_limit, length) {
                // A turn that did not come in time does not mean that the connection is broken.
                if matches!(error, StoreError::Busy | StoreError::TimeOver)
                    || !threads::reconnect(conn, &url, &statements)
                {
                    return Err(error.into());
                }
                conn.begin_writing(&time_limit, length)?;
            }
            if settled.swap(true, Ordering::AcqRel) {
                conn.rollback()?;
                return Err(StoreError::Busy.into());
            }
            let result = conn.finish(work);
            // On the writer's own thread, because the caller may be gone by now.
            if result.is_ok() {
                written.send_modify(|writes| *writes += 1);
            }
            result
        };
        Box::pin(async move { threads::run(&jobs, job).await? })
    }
}

/// A value that the reading threads read again whenever something was written.
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
