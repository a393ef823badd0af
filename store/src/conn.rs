use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use diesel::connection::{
    AnsiTransactionManager, DefaultLoadingMode, InstrumentationEvent, LoadConnection, SimpleConnection,
    TransactionManager,
};
use diesel::deserialize::{self, FromSql, QueryableByName};
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::result::Error::DeserializationError;
use diesel::row::NamedRow;
use diesel::sql_types::BigInt;
use diesel::sqlite::Sqlite;

use crate::database::Length;
use crate::error::{StoreError, StoreResult};
use crate::interrupt::{self, TimeLimit};
use crate::read::row::{Cells, Positional, Unselected, cell};
use crate::sql::{Sql, StoredKey};
use crate::url::DatabaseUrl;

/// The database backend of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Backend {
    /// Embedded.
    Sqlite,
    /// A server.
    Postgres,
}

/// A connection to either database.
#[allow(missing_debug_implementations)]
pub enum Conn {
    /// Embedded.
    Sqlite(SqliteConnection),
    /// A server.
    #[cfg(feature = "postgres")]
    Postgres(PgConnection),
}

/// Runs one diesel query on whichever database `$conn` is connected to.
///
/// `on!(conn, c => users::table.find(7).first::<UserRow>(c))` compiles the query once for each backend, so diesel type-checks it
/// for both. Lists with filters are built as [`crate::sql::Sql`] instead.
#[macro_export]
macro_rules! on {
    ($conn:expr, $c:ident => $query:expr) => {
        match $conn {
            $crate::Conn::Sqlite($c) => $query,
            #[cfg(feature = "postgres")]
            $crate::Conn::Postgres($c) => $query,
        }
    };
}

/// A row that consists only of a key.
struct KeyRow<K>(K);

impl<DB, K> QueryableByName<DB> for KeyRow<K>
where
    DB: diesel::backend::Backend,
    K: FromSql<BigInt, DB>,
{
    fn build<'a>(row: &impl NamedRow<'a, DB>) -> deserialize::Result<Self> {
        Ok(Self(cell::<DB, BigInt, K>(row, 0, "id")?))
    }
}

/// The purpose of a transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// One snapshot for all statements.
    Read,
    /// The only writer of the whole installation until it ends.
    Write,
}

/// The advisory lock that serialises write transactions on PostgreSQL, as SQLite does by itself. It makes the ids of
/// `audit_events` follow the order of commits, and ensures that no rule is checked against a state that another writer is
/// changing.
#[cfg(feature = "postgres")]
const WRITER_LOCK: &str = "SELECT pg_advisory_xact_lock(724200901)";

/// How long SQLite waits for another writer if no deadline is set.
const SQLITE_PATIENCE: &str = "PRAGMA busy_timeout = 600000";

/// The remaining time, at least one millisecond, because 0 would mean no limit.
#[cfg(feature = "postgres")]
fn milliseconds(time_limit: &TimeLimit) -> u128 {
    time_limit.deadline().saturating_duration_since(std::time::Instant::now()).as_millis().max(1)
}

impl Conn {
    /// Connects for writes that may be skipped: one that would have to wait for another writer for longer than a fifth of a
    /// second fails instead ([`StoreError::is_locked`]).
    ///
    /// # Errors
    /// See [`Conn::open`].
    pub fn open_without_waiting(url: &DatabaseUrl) -> StoreResult<Self> {
        let mut conn = Self::open(url)?;
        match &mut conn {
            Self::Sqlite(c) => c.batch_execute("PRAGMA busy_timeout = 200")?,
            #[cfg(feature = "postgres")]
            Self::Postgres(c) => c.batch_execute("SET lock_timeout = '200ms'")?,
        }
        Ok(conn)
    }

    /// Connects and prepares the connection: on SQLite with WAL, full durability, foreign keys, and waiting for another writer.
    ///
    /// # Errors
    /// [`StoreError::Connect`], with the missing directory or the driver's message.
    pub fn open(url: &DatabaseUrl) -> StoreResult<Self> {
        let refused = |reason: String| StoreError::Connect {
            url: url.to_string(),
            reason: reason.split_whitespace().collect::<Vec<_>>().join(" "),
        };
        match url {
            DatabaseUrl::Sqlite(path) => {
                let directory = path.parent().filter(|p| !p.as_os_str().is_empty());
                if let Some(missing) = directory.filter(|p| !p.is_dir()) {
                    return Err(refused(format!("the directory {} does not exist", missing.display())));
                }
                if path.is_dir() {
                    return Err(refused("it is a directory".to_owned()));
                }
                interrupt::install();
                let text = path.to_str().ok_or_else(|| refused("the path is not UTF-8".to_owned()))?;
                let mut conn = SqliteConnection::establish(text).map_err(|error| refused(error.to_string()))?;
                conn.batch_execute(
                    "PRAGMA busy_timeout = 600000; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; \
                     PRAGMA foreign_keys = ON; PRAGMA cache_size = -16000;",
                )
                .map_err(|error| refused(error.to_string()))?;
                Ok(Self::Sqlite(conn))
            }
            #[cfg(not(feature = "postgres"))]
            DatabaseUrl::Postgres(_) => Err(refused(
                "this program was built without PostgreSQL support; build it with the feature `postgres`".to_owned(),
            )),
            #[cfg(feature = "postgres")]
            DatabaseUrl::Postgres(text) => {
                let mut conn = PgConnection::establish(text).map_err(|error| refused(error.to_string()))?;
                conn.batch_execute("SET TIME ZONE 'UTC'; SET client_min_messages = warning; SET jit = off;")
                    .map_err(|error| refused(error.to_string()))?;
                Ok(Self::Postgres(conn))
            }
        }
    }

    /// The backend.
    pub fn backend(&self) -> Backend {
        match self {
            Self::Sqlite(_) => Backend::Sqlite,
            #[cfg(feature = "postgres")]
            Self::Postgres(_) => Backend::Postgres,
        }
    }

    /// Counts every statement from now on except those that begin and end transactions. Used for a metric, and for tests that no
    /// list reads row by row.
    ///
    /// It does not look at the text of statements, which would have to be built for that: diesel reports when a transaction is
    /// about to begin or end, and the next statement is then the transaction's own.
    pub fn count_statements(&mut self, counter: Arc<AtomicU64>) {
        let mut is_transactions_own = false;
        let count = move |event: InstrumentationEvent<'_>| match event {
            InstrumentationEvent::BeginTransaction { .. }
            | InstrumentationEvent::CommitTransaction { .. }
            | InstrumentationEvent::RollbackTransaction { .. } => is_transactions_own = true,
            InstrumentationEvent::StartQuery { .. } if !std::mem::take(&mut is_transactions_own) => {
                counter.fetch_add(1, Ordering::Relaxed);
            }
            _ => {}
        };
        on!(self, c => c.set_instrumentation(count));
    }

    /// All rows of a query.
    ///
    /// # Errors
    /// Any database error.
    pub fn rows<R>(&mut self, sql: &Sql) -> StoreResult<Vec<R>>
    where
        R: QueryableByName<Sqlite> + QueryableByName<Pg> + 'static,
    {
        let statement = sql.statement();
        Ok(on!(self, c => statement.load::<R>(c))?)
    }

    /// All rows of a query that selects only some of their columns.
    ///
    /// # Errors
    /// Any database error.
    pub(crate) fn narrow_rows<R>(&mut self, sql: &Sql, unselected: Unselected) -> StoreResult<Vec<R>>
    where
        R: Positional<Sqlite> + Positional<Pg>,
    {
        let statement = sql.statement();
        let rows = on!(self, c => {
            let rows = LoadConnection::<DefaultLoadingMode>::load(c, statement)?;
            rows.map(|row| R::read(&mut Cells::without(&row?, unselected)).map_err(DeserializationError)).collect()
        });
        let rows: QueryResult<Vec<R>> = rows;
        Ok(rows?)
    }

    /// The first row of a query, if there is one.
    ///
    /// # Errors
    /// Any database error.
    pub fn row<R>(&mut self, sql: &Sql) -> StoreResult<Option<R>>
    where
        R: QueryableByName<Sqlite> + QueryableByName<Pg> + 'static,
    {
        Ok(self.rows(sql)?.into_iter().next())
    }

    /// Reads the keys that a statement selects; each row has only the column `id`.
    ///
    /// # Errors
    /// Any database error.
    pub fn keys<K: StoredKey>(&mut self, sql: &Sql) -> StoreResult<Vec<K>> {
        Ok(self.rows::<KeyRow<K>>(sql)?.into_iter().map(|KeyRow(key)| key).collect())
    }

    /// Runs a statement and returns the number of rows it changed.
    ///
    /// # Errors
    /// Any database error.
    pub fn execute(&mut self, sql: &Sql) -> StoreResult<usize> {
        let statement = sql.statement();
        Ok(on!(self, c => statement.execute(c))?)
    }

    /// Runs statements without parameters.
    ///
    /// # Errors
    /// Any database error.
    pub fn batch(&mut self, text: &str) -> StoreResult<()> {
        Ok(on!(self, c => c.batch_execute(text))?)
    }

    /// Runs `work` in a transaction, which is committed if `work` returns `Ok` and rolled back otherwise.
    ///
    /// # Errors
    /// Any error of `work`, or any database error.
    pub fn transaction<T, E>(&mut self, access: Access, work: impl FnOnce(&mut Self) -> Result<T, E>) -> Result<T, E>
    where
        E: From<StoreError>,
    {
        self.begin(access)?;
        self.finish(work)
    }

    /// Runs `work` in the transaction that has already begun, and ends the transaction.
    pub(crate) fn finish<T, E>(&mut self, work: impl FnOnce(&mut Self) -> Result<T, E>) -> Result<T, E>
    where
        E: From<StoreError>,
    {
        match work(self) {
            Ok(value) => {
                self.commit()?;
                Ok(value)
            }
            Err(error) => {
                // The error of `work` is more useful than that of a failed rollback; a broken connection is replaced before its
                // next use.
                if let Err(rollback) = self.rollback() {
                    tracing::warn!(%rollback, "a transaction could not be rolled back");
                }
                Err(error)
            }
        }
    }

    pub(crate) fn begin(&mut self, access: Access) -> StoreResult<()> {
        match (self, access) {
            (Self::Sqlite(c), Access::Read) => AnsiTransactionManager::begin_transaction_sql(c, "BEGIN")?,
            (Self::Sqlite(c), Access::Write) => AnsiTransactionManager::begin_transaction_sql(c, "BEGIN IMMEDIATE")?,
            #[cfg(feature = "postgres")]
            (Self::Postgres(c), Access::Read) => {
                AnsiTransactionManager::begin_transaction_sql(c, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")?;
            }
            #[cfg(feature = "postgres")]
            (Self::Postgres(c), Access::Write) => {
                AnsiTransactionManager::begin_transaction_sql(c, "BEGIN ISOLATION LEVEL READ COMMITTED")?;
                // The lock is taken by a separate statement, so that the snapshot of the transaction begins after it is held.
                if let Err(error) = c.batch_execute(WRITER_LOCK) {
                    let _ = AnsiTransactionManager::rollback_transaction(c);
                    return Err(error.into());
                }
            }
        }
        Ok(())
    }

    /// Begins a read transaction with this deadline. On PostgreSQL the server itself ends the statements.
    pub(crate) fn begin_reading(&mut self, time_limit: Option<&TimeLimit>) -> StoreResult<()> {
        match (&mut *self, time_limit) {
            #[cfg(feature = "postgres")]
            (Self::Postgres(c), Some(time_limit)) => {
                let begin = format!(
                    "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL statement_timeout = {}",
                    milliseconds(time_limit)
                );
                Ok(AnsiTransactionManager::begin_transaction_sql(c, &begin)?)
            }
            _ => self.begin(Access::Read),
        }
    }

    /// In a transaction, ends further statements at this deadline. SQLite checks it by itself.
    #[cfg_attr(not(feature = "postgres"), allow(unused_variables))]
    pub(crate) fn end_statements_with(&mut self, time_limit: &TimeLimit) -> StoreResult<()> {
        match self {
            Self::Sqlite(_) => Ok(()),
            #[cfg(feature = "postgres")]
            Self::Postgres(_) => self.batch(&format!("SET LOCAL statement_timeout = {}", milliseconds(time_limit))),
        }
    }

    /// Begins a write transaction, waiting for the turn until this deadline. On PostgreSQL, its statements also end at the deadline, except
    /// those of long work: then only waiting for a lock does.
    ///
    /// # Errors
    /// [`StoreError::Busy`] if the turn does not come in time.
    #[cfg_attr(not(feature = "postgres"), allow(unused_variables))]
    pub(crate) fn begin_writing(&mut self, time_limit: &TimeLimit, length: Length) -> StoreResult<()> {
        match self {
            Self::Sqlite(c) => {
                // SQLite's wait cannot be interrupted, so it waits briefly and repeatedly.
                c.batch_execute("PRAGMA busy_timeout = 100")?;
                let result = loop {
                    match AnsiTransactionManager::begin_transaction_sql(c, "BEGIN IMMEDIATE") {
                        Err(error) => match StoreError::from(error) {
                            error if error.is_locked() && !time_limit.is_over() => {}
                            error if error.is_locked() => break Err(StoreError::Busy),
                            error => break Err(error),
                        },
                        Ok(()) => break Ok(()),
                    }
                };
                c.batch_execute(SQLITE_PATIENCE)?;
                result
            }
            #[cfg(feature = "postgres")]
            Self::Postgres(c) => {
                // One message to the server. A lock that others hold for long (a migration, or someone at a psql prompt) ends the
                // statement that waits for it, and with it the transaction.
                let left = milliseconds(time_limit);
                let ends = match length {
                    Length::Short | Length::Held => format!(
                        "; SET LOCAL lock_timeout = 0; SELECT set_config('statement_timeout', CAST(GREATEST(1, {left} - \
                         CAST(EXTRACT(EPOCH FROM clock_timestamp() - now()) * 1000 AS BIGINT)) AS TEXT), TRUE)"
                    ),
                    Length::Long => String::new(),
                };
                let begin = format!(
                    "BEGIN ISOLATION LEVEL READ COMMITTED; SET LOCAL lock_timeout = {left}; {WRITER_LOCK}{ends}"
                );
                AnsiTransactionManager::begin_transaction_sql(c, &begin).map_err(|error| {
                    // The transaction has begun on the server, which diesel does not know.
                    let _ = c.batch_execute("ROLLBACK");
                    let error = StoreError::from(error);
                    if error.is_locked() { StoreError::Busy } else { error }
                })
            }
        }
    }

    /// Begins a savepoint, which the next [`Conn::commit`] or [`Conn::rollback`] ends.
    pub(crate) fn save(&mut self) -> StoreResult<()> {
        Ok(on!(self, c => AnsiTransactionManager::begin_transaction(c))?)
    }

    pub(crate) fn commit(&mut self) -> StoreResult<()> {
        Ok(on!(self, c => AnsiTransactionManager::commit_transaction(c))?)
    }

    pub(crate) fn rollback(&mut self) -> StoreResult<()> {
        Ok(on!(self, c => AnsiTransactionManager::rollback_transaction(c))?)
    }
}
