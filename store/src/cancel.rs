//! Cancels a running statement on PostgreSQL when the client has gone away: another connection asks the server to cancel it.

use std::cell::Cell;
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::thread;

use diesel::QueryableByName;
use diesel::sql_types::Integer;

use crate::conn::{Backend, Conn};
use crate::error::StoreResult;
use crate::sql::sql;
use crate::url::DatabaseUrl;

/// Whether a connection is executing work. The canceller holds the lock while it cancels, so that the connection cannot move on
/// to work for another client in between.
#[derive(Debug, Clone, Default)]
pub(crate) struct Working(Arc<Mutex<bool>>);

impl Working {
    /// Records that work begins or has ended.
    pub(crate) fn set(&self, is_working: bool) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = is_working;
    }

    /// Whether it is executing work, as far as can be told without waiting for the canceller.
    pub(crate) fn is_set(&self) -> bool {
        self.0.try_lock().is_ok_and(|is_working| *is_working)
    }
}

/// A statement to cancel.
struct Order {
    process: i32,
    working: Working,
}

/// The thread that cancels statements; one for all connections of a database.
#[derive(Clone)]
pub(crate) struct Canceller(mpsc::Sender<Order>);

impl Canceller {
    /// Starts the thread. SQLite needs none.
    pub(crate) fn start(url: &DatabaseUrl) -> Option<Self> {
        if matches!(url, DatabaseUrl::Sqlite(_)) {
            return None;
        }
        let (orders, queue) = mpsc::channel::<Order>();
        let url = url.clone();
        let serve = move || {
            let mut conn = None;
            for order in queue {
                if let Err(error) = cancel(&mut conn, &url, &order) {
                    tracing::warn!(%error, "an abandoned statement could not be cancelled");
                    conn = None;
                }
            }
        };
        thread::Builder::new().name("canceller".to_owned()).spawn(serve).ok()?;
        Some(Self(orders))
    }

    /// Cancels what the connection with this server process is executing.
    pub(crate) fn cancel(&self, process: i32, working: &Working) {
        // If the thread has ended, the statement ends by its own timeout.
        let _ = self.0.send(Order { process, working: working.clone() });
    }
}

fn cancel(conn: &mut Option<Conn>, url: &DatabaseUrl, order: &Order) -> StoreResult<()> {
    let is_working = order.working.0.lock().unwrap_or_else(PoisonError::into_inner);
    if !*is_working {
        return Ok(());
    }
    let conn = match conn {
        Some(conn) => conn,
        None => conn.insert(Conn::open(url)?),
    };
    conn.execute(&sql("SELECT pg_cancel_backend(CAST(").bind(i64::from(order.process)).push(" AS integer))")).map(drop)
}

#[derive(QueryableByName)]
struct Process {
    #[diesel(sql_type = Integer)]
    pid: i32,
}

thread_local! {
    /// The PostgreSQL server process of this thread's connection.
    static PROCESS: Cell<Option<i32>> = const { Cell::new(None) };
}

/// Records which server process serves the thread's connection, before statements are counted.
pub(crate) fn remember(conn: &mut Conn) -> StoreResult<Option<i32>> {
    let process = match conn.backend() {
        Backend::Sqlite => None,
        Backend::Postgres => conn.row::<Process>(&sql("SELECT pg_backend_pid() AS pid"))?.map(|row| row.pid),
    };
    PROCESS.set(process);
    Ok(process)
}

/// Records it for the thread that a connection is handed to.
pub(crate) fn adopt(process: Option<i32>) {
    PROCESS.set(process);
}

/// The server process of this thread's connection; `None` on SQLite.
pub(crate) fn process() -> Option<i32> {
    PROCESS.get()
}
