//! SQLite's single writer, which commits waiting writes together.
//!
//! A commit with `synchronous = FULL` waits for the disk. Writes that are waiting when a turn begins share its commit: each is
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
use crate::error::{StoreError, StoreResult};
use crate::interrupt::Patience;
use crate::threads;
use crate::url::DatabaseUrl;

/// The maximum number of writes that are committed together.
const MOST: usize = 64;
/// After this time no further write is started before the commit, so that those already done do not wait indefinitely.
const LONGEST: Duration = Duration::from_millis(20);

/// A write that waits for its turn.
pub(crate) struct Turn {
    patience: Patience,
    /// Whether it may take long. It is then committed alone, so that no finished write has to wait for it.
    is_long: bool,
    /// Set by whichever comes first: the thread that has the turn, or the caller whose patience is over.
    settled: Arc<AtomicBool>,
    work: Work,
}

/// Does the work, or receives the reason why it cannot be done.
type Work = Box<dyn FnOnce(StoreResult<&mut Conn>) -> Done + Send>;

/// A finished write that waits for the commit.
struct Done {
    is_kept: bool,
    tell: Box<dyn FnOnce(End) + Send>,
}

/// The outcome of a common transaction for one of its writes.
enum End {
    /// It was committed.
    Committed,
    /// It was lost, together with everything that this write had read.
    Lost(StoreError),
    /// It was lost in this write, whose own error is more informative.
    LostHere(StoreError),
}

impl Turn {
    /// A turn for this work, with the caller's patience, and the receiver of its result.
    pub(crate) fn of<T, E>(
        (patience, is_long): (Patience, bool),
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
            let is_kept = result.is_ok();
            let tell = move |end: End| {
                let result = match end {
                    End::Committed => result,
                    End::Lost(error) => Err(error.into()),
                    End::LostHere(error) => result.and(Err(error.into())),
                };
                // The caller may be gone; the work is done nevertheless.
                let _ = answer.send(result);
            };
            Done { is_kept, tell: Box::new(tell) }
        });
        (Self { patience, is_long, settled, work }, answered)
    }

    /// Does the work in a savepoint. If the savepoint cannot be ended, the whole transaction is lost: SQLite rolls it back by
    /// itself if the disk is full, for example.
    fn run(self, conn: &mut Conn) -> (Done, StoreResult<()>) {
        if self.patience.is_over() || self.settled.swap(true, Ordering::AcqRel) {
            return ((self.work)(Err(StoreError::Busy)), Ok(()));
        }
        if let Err(error) = conn.save() {
            let told = again(&error);
            return ((self.work)(Err(told)), Err(error));
        }
        let done = (self.work)(Ok(conn));
        let ended = if done.is_kept { conn.commit() } else { conn.rollback() };
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
) -> StoreResult<mpsc::SyncSender<Turn>> {
    let (turns, queue) = mpsc::sync_channel::<Turn>(1024);
    let (mut conn, _) = threads::connect(url, statements)?;
    let (url, statements, written) = (url.clone(), statements.clone(), written.clone());
    thread::Builder::new()
        .name("writer".to_owned())
        .spawn(move || {
            let mut next: Option<Turn> = None;
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
    Ok(turns)
}

/// The outcome of a common transaction.
#[derive(Default)]
struct Shared {
    is_written: bool,
    is_lost: bool,
    /// A turn that has to be repeated.
    next: Option<Turn>,
}

/// Does the work of this turn and of those waiting behind it, commits, and sends the results.
fn together(conn: &mut Conn, first: Turn, queue: &mpsc::Receiver<Turn>) -> Shared {
    let begun = if first.patience.is_over() { Err(StoreError::Busy) } else { conn.begin_writing(&first.patience) };
    if let Err(error) = begun {
        ((first.work)(Err(error)).tell)(End::Committed);
        return Shared::default();
    }
    let start = Instant::now();
    let mut all: Vec<Done> = Vec::new();
    let mut ended = Ok(());
    let mut next = Some(first);
    while let Some(turn) = next.take_if(|turn| all.is_empty() || !turn.is_long) {
        let goes_on = !turn.is_long;
        let (done, whole) = turn.run(conn);
        all.push(done);
        ended = whole;
        if goes_on && ended.is_ok() && all.len() < MOST && start.elapsed() < LONGEST {
            next = queue.try_recv().ok();
        }
    }
    let is_kept = all.iter().any(|done| done.is_kept);
    let lost_here = if ended.is_err() { all.pop() } else { None };
    if ended.is_ok() && is_kept {
        ended = conn.commit();
    } else if let Err(error) = conn.rollback() {
        tracing::warn!(%error, "a transaction could not be rolled back");
    }
    for done in all {
        (done.tell)(ended.as_ref().map_or_else(|error| End::Lost(again(error)), |()| End::Committed));
    }
    let is_lost = ended.is_err();
    if let (Some(done), Err(error)) = (lost_here, ended) {
        (done.tell)(End::LostHere(error));
    }
    Shared { is_written: is_kept && !is_lost, is_lost, next }
}

/// A copy of the error for another write that it affected.
fn again(error: &StoreError) -> StoreError {
    match error {
        StoreError::Busy => StoreError::Busy,
        StoreError::TimeOver => StoreError::TimeOver,
        StoreError::Query(DieselError::DatabaseError(_, information)) => {
            let said = Box::new(information.message().to_owned());
            StoreError::Query(DieselError::DatabaseError(diesel::result::DatabaseErrorKind::Unknown, said))
        }
        other => StoreError::Query(DieselError::QueryBuilderError(other.to_string().into())),
    }
}
