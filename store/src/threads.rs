//! The threads that hold a server's connections, and how they receive work.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex, mpsc};
use std::thread;

use tokio::sync::oneshot;

use crate::cancel;
use crate::conn::{Backend, Conn};
use crate::error::{StoreError, StoreResult};
use crate::statements;
use crate::url::DatabaseUrl;

pub(crate) type Job = Box<dyn FnOnce(&mut Conn) + Send>;

/// Runs the work on a thread and waits for its result.
pub(crate) async fn run<T: Send + 'static>(
    queue: &mpsc::SyncSender<Job>,
    work: impl FnOnce(&mut Conn) -> T + Send + 'static,
) -> StoreResult<T> {
    let (answer, answered) = oneshot::channel();
    // The caller may be gone; the work is done nevertheless.
    let job: Job = Box::new(move |conn| match catch_unwind(AssertUnwindSafe(|| work(conn))) {
        Ok(done) => {
            let _ = answer.send(Ok(done));
        }
        Err(panic) => {
            let _ = answer.send(Err(StoreError::Panicked));
            resume_unwind(panic);
        }
    });
    send(queue, job).await?;
    answered.await.map_err(|_| StoreError::Stopped)?
}

/// Puts an item into a queue without blocking the thread of the async runtime.
pub(crate) async fn send<T: Send + 'static>(queue: &mpsc::SyncSender<T>, job: T) -> StoreResult<()> {
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

/// Starts threads that each hold a connection and take jobs from one queue.
pub(crate) fn start(
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
                    refresh(&mut conn, &url, &statements);
                    if catch_unwind(AssertUnwindSafe(|| job(&mut conn))).is_err() {
                        tracing::error!("a database job panicked; replacing its connection");
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

/// Replaces a connection that cannot be used for another job.
pub(crate) fn refresh(conn: &mut Conn, url: &DatabaseUrl, statements: &Arc<AtomicU64>) {
    if statements::is_full() || is_broken(conn) {
        replace(conn, url, statements);
    }
}

/// Replaces a connection with a new one.
pub(crate) fn replace(conn: &mut Conn, url: &DatabaseUrl, statements: &Arc<AtomicU64>) {
    match connect(url, statements) {
        Ok((fresh, _)) => {
            *conn = fresh;
            statements::forget();
        }
        Err(error) => tracing::error!(%error, "the database cannot be reached"),
    }
}

/// Replaces a connection on which no transaction can be started, for example after a restart of the server; `false` if no new one
/// can be opened. Nothing was done on the old connection, so the caller can start again on the new one.
pub(crate) fn reconnect(conn: &mut Conn, url: &DatabaseUrl, statements: &Arc<AtomicU64>) -> bool {
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

/// Opens a connection; also returns the server process that serves it.
pub(crate) fn connect(url: &DatabaseUrl, statements: &Arc<AtomicU64>) -> StoreResult<(Conn, Option<i32>)> {
    let mut conn = Conn::open(url)?;
    let process = cancel::remember(&mut conn)?;
    conn.count_statements(statements.clone());
    Ok((conn, process))
}

/// Whether a connection must be replaced: its server is gone, or a transaction could not be ended.
fn is_broken(conn: &mut Conn) -> bool {
    use diesel::connection::{AnsiTransactionManager, TransactionManager};
    use diesel::r2d2::R2D2Connection;
    on!(conn, c => AnsiTransactionManager::is_broken_transaction_manager(c) || R2D2Connection::is_broken(c))
}
