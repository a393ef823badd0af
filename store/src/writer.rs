//! SQLite's single writer, which commits waiting writes together.
//!
//! A commit with `synchronous = FULL` waits for the disk. Writes that are waiting when a transaction begins share its commit: each is
//! executed in the same transaction, in its own savepoint, and all get their results after the common commit. A write that fails,
//! or that must not be kept, is rolled back on its own.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use diesel::result::Error as DieselError;
use tokio::sync::{oneshot, watch};

use crate::conn::Conn;
use crate::database::Length;
use crate::error::{StoreError, StoreResult};
use crate::interrupt::TimeLimit;
use crate::threads;
use crate::url::DatabaseUrl;

/// The maximum number of writes that are committed together.
const MAX_TOGETHER: usize = 64;
/// After this time no further write is started before the commit, so that those already done do not wait indefinitely.
const MAX_COLLECTING: Duration = Duration::from_millis(20);

/// A write that waits to be executed.
pub(crate) struct QueuedWrite {
    time_limit: TimeLimit,
    /// Whether it may take long. It is then committed alone, so that no finished write has to wait for it.
    is_long: bool,
    /// Set by whichever comes first: the thread that executes it, or the caller whose time limit is over.
    settled: Arc<AtomicBool>,
    work: Work,
}

/// Does the work, or receives the reason why it cannot be done.
type Work = Box<dyn FnOnce(StoreResult<&mut Conn>) -> FinishedWrite + Send>;

/// A finished write that waits for the commit.
struct FinishedWrite {
    is_successful: bool,
    reply: Box<dyn FnOnce(WriteOutcome) + Send>,
}

/// The outcome of a common transaction for one of its writes.
enum WriteOutcome {
    /// It was committed.
    Committed,
    /// It was lost, together with everything that this write had read.
    Lost(StoreError),
    /// It was lost in this write, whose own error is more informative.
    LostInThisWrite(StoreError),
}

impl QueuedWrite {
    /// Queues this work, with the caller's time limit, and the receiver of its result.
    pub(crate) fn of<T, E>(
        (time_limit, is_long): (TimeLimit, bool),
        settled: Arc<AtomicBool>,
        work: impl FnOnce(&mut Conn) -> Result<T, E> + Send + 'static,
    ) -> (Self, oneshot::Receiver<Result<T, E>>)
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let (answer, answered) = oneshot::channel();
        let work = Box::new(move |conn: StoreResult<&mut Conn>| {
            let result = match conn {
                Ok(conn) => catch_unwind(AssertUnwindSafe(|| work(conn))).unwrap_or_else(|_| {
                    tracing::error!("a write panicked; it was rolled back");
                    Err(StoreError::Panicked.into())
                }),
                Err(error) => Err(error.into()),
            };
            let is_successful = result.is_ok();
            let reply = move |end: WriteOutcome| {
                let result = match end {
                    WriteOutcome::Committed => result,
                    WriteOutcome::Lost(error) => Err(error.into()),
                    WriteOutcome::LostInThisWrite(error) => result.and(Err(error.into())),
                };
                // The caller may be gone; the work is done nevertheless.
                let _ = answer.send(result);
            };
            FinishedWrite { is_successful, reply: Box::new(reply) }
        });
        (Self { time_limit, is_long, settled, work }, answered)
    }

    /// Does the work in a savepoint. If the savepoint cannot be ended, the whole transaction is lost: SQLite rolls it back by
    /// itself if the disk is full, for example.
    fn run(self, conn: &mut Conn) -> (FinishedWrite, StoreResult<()>) {
        if self.time_limit.is_over() || self.settled.swap(true, Ordering::AcqRel) {
            return ((self.work)(Err(StoreError::Busy)), Ok(()));
        }
        if let Err(error) = conn.save() {
            let copy = copy_of(&error);
            return ((self.work)(Err(copy)), Err(error));
        }
        let done = (self.work)(Ok(conn));
        let ended = if done.is_successful { conn.commit() } else { conn.rollback() };
        (done, ended)
    }
}

/// Starts the writer thread.
///
/// # Errors
/// [`StoreError::Connect`].
pub(crate) fn start(
    url: &DatabaseUrl,
    statements: &Arc<AtomicU64>,
    written: &Arc<watch::Sender<u64>>,
) -> StoreResult<mpsc::SyncSender<QueuedWrite>> {
    let (sender, queue) = mpsc::sync_channel::<QueuedWrite>(1024);
    let (mut conn, _) = threads::connect(url, statements)?;
    let (url, statements, written) = (url.clone(), statements.clone(), written.clone());
    thread::Builder::new()
        .name("writer".to_owned())
        .spawn(move || {
            let mut next: Option<QueuedWrite> = None;
            while let Some(first) = next.take().or_else(|| queue.recv().ok()) {
                threads::refresh(&mut conn, &url, &statements);
                let shared = catch_unwind(AssertUnwindSafe(|| together(&mut conn, first, &queue)));
                let shared = shared.unwrap_or_else(|_| {
                    tracing::error!("the writer panicked; replacing its connection");
                    threads::replace(&mut conn, &url, &statements);
                    Shared::default()
                });
                next = shared.next;
                if shared.is_written {
                    written.send_modify(|writes| *writes += 1);
                }
                if shared.is_lost {
                    threads::replace(&mut conn, &url, &statements);
                }
            }
        })
        .map_err(|error| StoreError::Connect { url: "writer".to_owned(), reason: error.to_string() })?;
    Ok(sender)
}

/// The outcome of a common transaction.
#[derive(Default)]
struct Shared {
    is_written: bool,
    is_lost: bool,
    /// A write that has not been executed yet.
    next: Option<QueuedWrite>,
}

/// Executes this write and those waiting behind it, commits, and sends the results.
fn together(conn: &mut Conn, first: QueuedWrite, queue: &mpsc::Receiver<QueuedWrite>) -> Shared {
    let result = if first.time_limit.is_over() {
        Err(StoreError::Busy)
    } else {
        conn.begin_writing(&first.time_limit, Length::Short)
    };
    if let Err(error) = result {
        ((first.work)(Err(error)).reply)(WriteOutcome::Committed);
        return Shared::default();
    }
    let start = Instant::now();
    let mut all: Vec<FinishedWrite> = Vec::new();
    let mut ended = Ok(());
    let mut next = Some(first);
    while let Some(write) = next.take_if(|write| all.is_empty() || !write.is_long) {
        let goes_on = !write.is_long;
        let (done, whole) = write.run(conn);
        all.push(done);
        ended = whole;
        if goes_on && ended.is_ok() && all.len() < MAX_TOGETHER && start.elapsed() < MAX_COLLECTING {
            next = queue.try_recv().ok();
        }
    }
    let is_successful = all.iter().any(|done| done.is_successful);
    let lost_here = if ended.is_err() { all.pop() } else { None };
    if ended.is_ok() && is_successful {
        ended = conn.commit();
    } else if let Err(error) = conn.rollback() {
        tracing::warn!(%error, "a transaction could not be rolled back");
    }
    for done in all {
        (done.reply)(
            ended.as_ref().map_or_else(|error| WriteOutcome::Lost(copy_of(error)), |()| WriteOutcome::Committed),
        );
    }
    let is_lost = ended.is_err();
    if let (Some(done), Err(error)) = (lost_here, ended) {
        (done.reply)(WriteOutcome::LostInThisWrite(error));
    }
    Shared { is_written: is_successful && !is_lost, is_lost, next }
}

/// A copy of the error for another write that it affected.
fn copy_of(error: &StoreError) -> StoreError {
    match error {
        StoreError::Busy => StoreError::Busy,
        StoreError::TimeOver => StoreError::TimeOver,
        StoreError::Query(DieselError::DatabaseError(_, information)) => {
            let message = Box::new(information.message().to_owned());
            StoreError::Query(DieselError::DatabaseError(diesel::result::DatabaseErrorKind::Unknown, message))
        }
        other => StoreError::Query(DieselError::QueryBuilderError(other.to_string().into())),
    }
}
