//! SQLite's one writer, and what it commits together.
//!
//! A commit at `synchronous = FULL` waits for the disk. Whoever waits when a turn begins need not wait for it again: each has its work done in the
//! one transaction, in a savepoint of its own, and all are told after the common commit. Work that fails, or that is not to be kept, is taken back
//! by itself.

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

/// How many turns are committed together at most.
const MOST: usize = 64;
/// After how long no other work is begun before the commit: who is done already does not wait for the others without end.
const LONGEST: Duration = Duration::from_millis(20);

/// A piece of work that waits for its turn.
pub(crate) struct Turn {
    patience: Patience,
    /// Set by whoever is first: the thread that has the turn, or who has waited long enough for one.
    settled: Arc<AtomicBool>,
    work: Work,
}

/// Does the work, or hears why that cannot be.
type Work = Box<dyn FnOnce(StoreResult<&mut Conn>) -> Done + Send>;

/// Work that was done, and waits for the commit.
struct Done {
    is_kept: bool,
    tell: Box<dyn FnOnce(StoreResult<()>) + Send>,
}

impl Turn {
    /// A turn for this work, which somebody waits for so long, and where its result will come from.
    pub(crate) fn of<T, E>(
        patience: Patience,
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
                    tracing::error!("a write panicked; it is taken back");
                    Err(StoreError::Panicked.into())
                }),
                Err(error) => Err(error.into()),
            };
            let is_kept = result.is_ok();
            let tell = move |committed: StoreResult<()>| {
                let result = result.and_then(|done| committed.map(|()| done).map_err(E::from));
                // Whoever asked may have gone away; the work is done all the same.
                let _ = answer.send(result);
            };
            Done { is_kept, tell: Box::new(tell) }
        });
        (Self { patience, settled, work }, answered)
    }

    /// Does the work in a savepoint. Where that cannot be ended the whole transaction is gone: SQLite takes it back by itself when the disk is
    /// full, for instance.
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

/// Starts the writer.
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
            while let Ok(first) = queue.recv() {
                threads::refresh(&mut conn, &url, &statements);
                if together(&mut conn, first, &queue) {
                    written.send_modify(|writes| *writes += 1);
                }
            }
        })
        .map_err(|error| StoreError::Connect { url: "writer".to_owned(), reason: error.to_string() })?;
    Ok(turns)
}

/// Does the work of this turn and of those that wait behind it, commits it and tells everybody. Whether anything was written.
fn together(conn: &mut Conn, first: Turn, queue: &mpsc::Receiver<Turn>) -> bool {
    let begun = if first.patience.is_over() { Err(StoreError::Busy) } else { conn.begin_writing(&first.patience) };
    if let Err(error) = begun {
        ((first.work)(Err(error)).tell)(Ok(()));
        return false;
    }
    let start = Instant::now();
    let mut all: Vec<Done> = Vec::new();
    let mut ended = Ok(());
    let mut next = Some(first);
    while let Some(turn) = next {
        let (done, whole) = turn.run(conn);
        all.push(done);
        ended = whole;
        let goes_on = ended.is_ok() && all.len() < MOST && start.elapsed() < LONGEST;
        next = if goes_on { queue.try_recv().ok() } else { None };
    }
    let is_kept = all.iter().any(|done| done.is_kept);
    if ended.is_ok() && is_kept {
        ended = conn.commit();
    } else if let Err(error) = conn.rollback() {
        tracing::warn!(%error, "a transaction could not be rolled back");
    }
    for done in all {
        (done.tell)(ended.as_ref().copied().map_err(again));
    }
    ended.is_ok() && is_kept
}

/// The same error for somebody else whom it struck.
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
