//! Notifies listeners of events.
//!
//! However many listeners there are, one task per process checks the database: at once after this process has written, and every
//! second for what other processes wrote. It checks only while someone listens, with one statement, and holds no connection
//! between two checks.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use diesel::QueryableByName;
use diesel::sql_types::{BigInt, Nullable, Text};
use partnergraph_domain::{AuditEventKey, ImportRunKey, ImportStatus};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::conn::Conn;
use crate::error::StoreResult;
use crate::read::history;
use crate::sql::sql;

/// The longest delay until a write of another process is noticed.
const TICK: Duration = Duration::from_secs(1);

type Look<T> = Arc<dyn Fn() -> Pin<Box<dyn Future<Output = StoreResult<T>> + Send>> + Send + Sync>;

/// A value of the database that is polled while someone waits for it to change.
#[allow(missing_debug_implementations)]
pub struct Watched<T> {
    look: Look<T>,
    written: watch::Receiver<u64>,
    value: watch::Sender<T>,
    task: Mutex<Option<JoinHandle<()>>>,
}

impl<T: PartialEq + Send + Sync + 'static> Watched<T> {
    /// `empty` is the value in a database without any events.
    pub(crate) fn new(empty: T, look: Look<T>, written: watch::Receiver<u64>) -> Arc<Self> {
        Arc::new(Self { look, written, value: watch::Sender::new(empty), task: Mutex::default() })
    }

    /// A receiver that is notified of every change from now on, and of the current value once it has been read. Must be called
    /// within a runtime.
    pub fn listen(self: &Arc<Self>) -> watch::Receiver<T> {
        let mut task = self.task.lock().unwrap_or_else(PoisonError::into_inner);
        let receiver = self.value.subscribe();
        if task.as_ref().is_none_or(JoinHandle::is_finished) {
            *task = Some(tokio::spawn(self.clone().watch()));
        }
        receiver
    }

    /// The number of listeners.
    #[must_use]
    pub fn listeners(&self) -> usize {
        self.value.receiver_count()
    }

    async fn watch(self: Arc<Self>) {
        let mut written = self.written.clone();
        loop {
            written.mark_unchanged();
            match (self.look)().await {
                Ok(seen) => {
                    self.value.send_if_modified(|value| {
                        let is_new = *value != seen;
                        if is_new {
                            *value = seen;
                        }
                        is_new
                    });
                }
                Err(error) => tracing::warn!(%error, "the event feed could not be read; retrying"),
            }
            tokio::select! {
                // The sender lives as long as the database that created this; without it, polling continues.
                changed = written.changed() => if changed.is_err() { tokio::time::sleep(TICK).await },
                () = tokio::time::sleep(TICK) => {}
            }
            // Under the lock, so that nobody starts to listen to a task that is about to end.
            let mut task = self.task.lock().unwrap_or_else(PoisonError::into_inner);
            if self.value.receiver_count() == 0 {
                *task = None;
                return;
            }
        }
    }
}

/// The progress of an import run, as listeners need it.
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName)]
#[allow(missing_docs)]
pub struct RunState {
    #[diesel(sql_type = BigInt)]
    pub id: ImportRunKey,
    #[diesel(sql_type = Text)]
    pub status: ImportStatus,
    #[diesel(sql_type = Text)]
    pub phase: String,
    #[diesel(sql_type = BigInt)]
    pub rows_read: i64,
    #[diesel(sql_type = Nullable<BigInt>)]
    pub rows_total: Option<i64>,
}

/// The watched values of a database.
#[derive(Clone)]
#[allow(missing_debug_implementations)]
pub struct Feed {
    /// The id of the newest event.
    pub events: Arc<Watched<AuditEventKey>>,
    /// The import runs that have not finished.
    pub runs: Arc<Watched<Vec<RunState>>>,
}

pub(crate) fn newest_event(conn: &mut Conn) -> StoreResult<AuditEventKey> {
    history::newest(conn)
}

pub(crate) fn open_runs(conn: &mut Conn) -> StoreResult<Vec<RunState>> {
    conn.rows(&sql("SELECT ir.id, ir.status, ir.phase, ir.rows_read, ir.rows_total FROM import_runs ir \
         WHERE ir.status IN ('QUEUED', 'PLANNING', 'APPLYING') ORDER BY ir.id"))
}
