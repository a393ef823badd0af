//! The connections of a server: a few threads that read and one or a few that write.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, mpsc};
use std::thread;

use tokio::sync::{oneshot, watch};

use crate::cancel::{self, Canceller, Working};
use crate::conn::{Access, Backend, Conn};
use crate::error::{StoreError, StoreResult};
use crate::feed::{self, Feed, Watched};
use crate::interrupt::{self, Patience};
use crate::statements;
use crate::url::DatabaseUrl;

type Job = Box<dyn FnOnce(&mut Conn) + Send>;

/// How many connections a server holds.
#[derive(Debug, Clone, Copy)]
pub struct PoolSize {
    /// Threads that read, a connection each. A query holds one of them from its first read to its end.
    pub readers: usize,
    /// Threads that write. One is enough on SQLite; on PostgreSQL a second hides the time of a commit.
    pub writers: usize,
}

impl Default for PoolSize {
    fn default() -> Self {
        Self { readers: 8, writers: 2 }
    }
}

/// A database as a server uses it. Cheap to clone.
#[derive(Clone)]
#[allow(missing_debug_implementations)]
pub struct Database {
    url: DatabaseUrl,
    readers: mpsc::SyncSender<Job>,
    writers: mpsc::SyncSender<Job>,
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
        let readers = start("reader", url, size.readers, &statements)?;
        let written = Arc::new(watch::Sender::new(0));
        let feed = Feed {
            events: watched(&readers, &written, feed::newest_event),
            runs: watched(&readers, &written, feed::open_runs),
        };
        let writers = start("writer", url, size.writers, &statements)?;
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
        run(&self.readers, move |conn| conn.transaction(Access::Read, work)).await?
    }

    /// Writes in one transaction, as the only writer of the installation.
    ///
    /// # Errors
    /// What `work` gives, or the database's own; nothing is written then.
    pub async fn write<T, E>(&self, work: impl FnOnce(&mut Conn) -> Result<T, E> + Send + 'static) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        self.write_for(None, work).await
    }

    /// The same for somebody who waits so long for the turn to write. Once it has come, the work is done to its end.
    ///
    /// # Errors
    /// [`StoreError::Busy`] where the turn did not come in time, what `work` gives, or the database's own; nothing is written then.
    pub async fn write_for<T, E>(
        &self,
        patience: Option<Patience>,
        work: impl FnOnce(&mut Conn) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let written = self.written.clone();
        let (url, statements) = (self.url.clone(), self.statements.clone());
        run(&self.writers, move |conn| {
            if patience.as_ref().is_some_and(Patience::is_over) {
                return Err(StoreError::Busy.into());
            }
            if let Err(error) = conn.begin_writing(patience.as_ref()) {
                // A turn that did not come is no fault of the connection.
                if matches!(error, StoreError::Busy | StoreError::TimeOver) || !reconnect(conn, &url, &statements) {
                    return Err(error.into());
                }
                conn.begin_writing(patience.as_ref())?;
            }
            let result = conn.finish(work);
            // On the writer's own thread: whoever asked may have gone away meanwhile.
            if result.is_ok() {
                written.send_modify(|writes| *writes += 1);
            }
            result
        })
        .await?
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
        let at_work = working.clone();
        let with_process = self.canceller.is_some() && patience.is_some();
        let (url, statements) = (self.url.clone(), self.statements.clone());
        let hold: Job = Box::new(move |conn: &mut Conn| {
            if ready.is_closed() || waiting.as_ref().is_some_and(Patience::is_over) {
                let _ = ready.send(Err(StoreError::TimeOver));
                return;
            }
            let mut begun = conn.begin_reading(waiting.as_ref());
            if begun.is_err() && reconnect(conn, &url, &statements) {
                begun = conn.begin_reading(waiting.as_ref());
            }
            let begun = begun.map(|()| cancel::process().filter(|_| with_process));
            let failed = begun.is_err();
            if ready.send(begun).is_ok() && !failed {
                while let Ok(job) = queue.recv() {
                    at_work.set(true);
                    interrupt::while_waited_for(waiting.as_ref(), || job(conn));
                    at_work.set(false);
                }
            } else if failed {
                return;
            }
            if let Err(error) = conn.rollback() {
                tracing::warn!(%error, "a read transaction could not be ended");
            }
        });
        send(&self.readers, hold).await?;
        let process = in_time(patience.as_ref(), is_ready).await?.map_err(|_| StoreError::Stopped)??;
        let held = self.canceller.clone().zip(process).map(|(canceller, process)| Held { canceller, process, working });
        Ok(Snapshot { jobs: Mutex::new(jobs), patience, _held: held })
    }
}

/// A read transaction held open; see [`Database::snapshot`].
#[allow(missing_debug_implementations)]
pub struct Snapshot {
    jobs: Mutex<mpsc::Sender<Job>>,
    patience: Option<Patience>,
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
        let job: Job = Box::new(move |conn| {
            let result = if interrupt::is_over() {
                Ok(Err(StoreError::TimeOver.into()))
            } else {
                catch_unwind(AssertUnwindSafe(|| work(conn)))
            };
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
            Err(_panic) => Err(StoreError::Stopped.into()),
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
fn watched<T: PartialEq + Default + Send + Sync + 'static>(
    readers: &mpsc::SyncSender<Job>,
    written: &watch::Sender<u64>,
    look: fn(&mut Conn) -> StoreResult<T>,
) -> Arc<Watched<T>> {
    let readers = readers.clone();
    let ask = move || -> std::pin::Pin<Box<dyn Future<Output = StoreResult<T>> + Send>> {
        let readers = readers.clone();
        Box::pin(async move { run(&readers, move |conn| conn.transaction(Access::Read, look)).await? })
    };
    Watched::new(Arc::new(ask), written.subscribe())
}

async fn run<T: Send + 'static>(
    queue: &mpsc::SyncSender<Job>,
    work: impl FnOnce(&mut Conn) -> T + Send + 'static,
) -> StoreResult<T> {
    let (answer, answered) = oneshot::channel();
    let job: Job = Box::new(move |conn| {
        // Whoever asked may have gone away; the work is done all the same.
        let _ = answer.send(work(conn));
    });
    send(queue, job).await?;
    answered.await.map_err(|_| StoreError::Stopped)
}

/// Puts a job into a queue without blocking the thread of the asynchronous runtime.
async fn send(queue: &mpsc::SyncSender<Job>, job: Job) -> StoreResult<()> {
    match queue.try_send(job) {
        Ok(()) => Ok(()),
        Err(mpsc::TrySendError::Disconnected(_)) => Err(StoreError::Stopped),
        Err(mpsc::TrySendError::Full(job)) => {
            let queue = queue.clone();
            tokio::task::spawn_blocking(move || queue.send(job).map_err(|_| StoreError::Stopped))
                .await
                .map_err(|_| StoreError::Stopped)?
        }
    }
}

/// Starts threads with a connection each that take jobs from one queue.
fn start(
    name: &str,
    url: &DatabaseUrl,
    threads: usize,
    statements: &Arc<AtomicU64>,
) -> StoreResult<mpsc::SyncSender<Job>> {
    let (jobs, queue) = mpsc::sync_channel::<Job>(1024);
    let queue = Arc::new(Mutex::new(queue));
    for number in 0..threads.max(1) {
        let (mut conn, process) = connect(url, statements)?;
        let (url, statements, queue) = (url.clone(), statements.clone(), queue.clone());
        thread::Builder::new()
            .name(format!("{name}-{number}"))
            .spawn(move || {
                cancel::adopt(process);
                loop {
                    let job = match queue.lock() {
                        Ok(queue) => queue.recv(),
                        Err(_) => return,
                    };
                    let Ok(job) = job else { return };
                    if statements::is_full() || is_broken(&mut conn) {
                        match connect(&url, &statements) {
                            Ok((fresh, _)) => {
                                conn = fresh;
                                statements::forget();
                            }
                            Err(error) => tracing::error!(%error, "the database cannot be reached"),
                        }
                    }
                    if catch_unwind(AssertUnwindSafe(|| job(&mut conn))).is_err() {
                        tracing::error!("a database job panicked; its connection is replaced");
                        if let Ok((fresh, _)) = connect(&url, &statements) {
                            conn = fresh;
                            statements::forget();
                        }
                    }
                }
            })
            .map_err(|error| StoreError::Connect { url: name.to_owned(), reason: error.to_string() })?;
    }
    Ok(jobs)
}

/// Replaces a connection on which nothing can be begun, as after the server was started again; `false` where there is no other. Nothing was
/// done on it, so whoever wanted to begin can do so on the new one.
fn reconnect(conn: &mut Conn, url: &DatabaseUrl, statements: &Arc<AtomicU64>) -> bool {
    if conn.backend() == Backend::Sqlite {
        return false;
    }
    match connect(url, statements) {
        Ok((fresh, process)) => {
            *conn = fresh;
            cancel::adopt(process);
            statements::forget();
            true
        }
        Err(error) => {
            tracing::error!(%error, "the database cannot be reached");
            false
        }
    }
}

/// A connection, and the server process that serves it.
fn connect(url: &DatabaseUrl, statements: &Arc<AtomicU64>) -> StoreResult<(Conn, Option<i32>)> {
    let mut conn = Conn::open(url)?;
    let process = cancel::remember(&mut conn)?;
    conn.count_statements(statements.clone());
    Ok((conn, process))
}

/// Whether a connection must be replaced: its server went away, or a transaction could not be ended.
fn is_broken(conn: &mut Conn) -> bool {
    use diesel::connection::{AnsiTransactionManager, TransactionManager};
    use diesel::r2d2::R2D2Connection;
    on!(conn, c => AnsiTransactionManager::is_broken_transaction_manager(c) || R2D2Connection::is_broken(c))
}
