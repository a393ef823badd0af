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
    /// It may take long, so that nobody who is done waits for it.
    is_long: bool,
    /// Set by whoever is first: the thread that has the turn, or who has waited long enough for one.
    settled: Arc<AtomicBool>,
    work: Work,
}

/// Does the work, or hears why that cannot be.
type Work = Box<dyn FnOnce(StoreResult<&mut Conn>) -> Done + Send>;

/// Work that was done, and waits for the commit.
struct Done {
    is_kept: bool,
    tell: Box<dyn FnOnce(End) + Send>,
}

/// How a common transaction ended for one of those who shared it.
enum End {
    /// What was kept of it is there.
    Committed,
    /// It was lost, and with it whatever this work had seen.
    Lost(StoreError),
    /// It was lost in this work, whose own error says more.
    LostHere(StoreError),
}

impl Turn {
    /// A turn for this work, which somebody waits for so long, and where its result will come from.
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
                    tracing::error!("a write panicked; it is taken back");
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
                // Whoever asked may have gone away; the work is done all the same.
                let _ = answer.send(result);
            };
            Done { is_kept, tell: Box::new(tell) }
        });
        (Self { patience, is_long, settled, work }, answered)
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
            let mut next: Option<Turn> = None;
            while let Some(first) = next.take().or_else(|| queue.recv().ok()) {
                threads::refresh(&mut conn, &url, &statements);
                let shared = catch_unwind(AssertUnwindSafe(|| together(&mut conn, first, &queue)));
                let shared = shared.unwrap_or_else(|_| {
                    tracing::error!("the writer panicked; its connection is replaced");
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

/// What came of a common transaction.
#[derive(Default)]
struct Shared {
    is_written: bool,
    is_lost: bool,
    /// A turn that has to begin anew.
    next: Option<Turn>,
}

/// Does the work of this turn and of those that wait behind it, commits it and tells everybody.
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
