//! Ensures that one import runs at a time, and shows which processes are alive: a session's advisory lock on PostgreSQL, a locked
//! file beside the database on SQLite. Both are released when the process that holds them ends. So the holder of the
//! [`ImportLock`] knows that no other import is running, and the exclusive holder of the [`ServerLock`] knows that no other
//! server is running.

use std::fs::{File, OpenOptions, TryLockError};
use std::time::Duration;

use diesel::QueryableByName;
use diesel::sql_types::Bool;

use crate::conn::Conn;
use crate::error::{StoreError, StoreResult};
use crate::sql::sql;
use crate::url::DatabaseUrl;

const IMPORT_LOCK: i64 = 724_200_903;
const SERVER_LOCK: i64 = 724_200_904;
/// How often a waiting caller checks whether it has to stop.
const ASKED_AGAIN: Duration = Duration::from_millis(100);

/// Held while an import runs. On PostgreSQL it has its own connection, so that a failed transaction does not release it.
#[allow(missing_debug_implementations)]
pub struct ImportLock {
    held: Held,
}

enum Held {
    File { file: File },
    Session { conn: Conn },
}

#[derive(QueryableByName)]
struct Had {
    #[diesel(sql_type = Bool)]
    had: bool,
}

impl ImportLock {
    /// Takes the lock if it is free.
    ///
    /// # Errors
    /// Any database or file system error.
    pub fn try_take(url: &DatabaseUrl) -> StoreResult<Option<Self>> {
        match url {
            DatabaseUrl::Sqlite(_) => {
                let file = lock_file(url, "-import")?;
                match file.try_lock() {
                    Ok(()) => Ok(Some(Self { held: Held::File { file } })),
                    Err(TryLockError::WouldBlock) => Ok(None),
                    Err(TryLockError::Error(error)) => Err(refused(url, &error)),
                }
            }
            DatabaseUrl::Postgres(_) => {
                let mut conn = Conn::open(url)?;
                Ok(try_lock(&mut conn, IMPORT_LOCK)?.then_some(Self { held: Held::Session { conn } }))
            }
        }
    }

    /// Takes the lock, waiting for its holder until `stop` returns true.
    ///
    /// # Errors
    /// Any database or file system error.
    pub fn take_unless(url: &DatabaseUrl, stop: impl Fn() -> bool) -> StoreResult<Option<Self>> {
        let mut held = match url {
            DatabaseUrl::Sqlite(_) => Held::File { file: lock_file(url, "-import")? },
            DatabaseUrl::Postgres(_) => Held::Session { conn: Conn::open(url)? },
        };
        while !stop() {
            let is_taken = match &mut held {
                Held::File { file } => match file.try_lock() {
                    Ok(()) => true,
                    Err(TryLockError::WouldBlock) => false,
                    Err(TryLockError::Error(error)) => return Err(refused(url, &error)),
                },
                Held::Session { conn } => try_lock(conn, IMPORT_LOCK)?,
            };
            if is_taken {
                return Ok(Some(Self { held }));
            }
            std::thread::sleep(ASKED_AGAIN);
        }
        Ok(None)
    }

    /// Takes the lock, waiting for its holder.
    ///
    /// # Errors
    /// Any database or file system error.
    pub fn take(url: &DatabaseUrl) -> StoreResult<Self> {
        match url {
            DatabaseUrl::Sqlite(_) => {
                let file = lock_file(url, "-import")?;
                file.lock().map_err(|error| refused(url, &error))?;
                Ok(Self { held: Held::File { file } })
            }
            DatabaseUrl::Postgres(_) => {
                let mut conn = Conn::open(url)?;
                conn.batch(&format!("SELECT pg_advisory_lock({IMPORT_LOCK})"))?;
                Ok(Self { held: Held::Session { conn } })
            }
        }
    }
}

impl Drop for ImportLock {
    /// The server ends a session a moment after its connection is closed, so the next import would find the lock still held.
    fn drop(&mut self) {
        if let Held::Session { conn } = &mut self.held
            && let Err(error) = conn.batch(&format!("SELECT pg_advisory_unlock({IMPORT_LOCK})"))
        {
            tracing::debug!(%error, "the lock is released with its session");
        }
    }
}

/// Held by every server while it runs. An import started by the API may be queued, or run without the [`ImportLock`] as a dry run
/// does; once no server is left, nobody is working on it.
#[allow(missing_debug_implementations)]
pub struct ServerLock {
    _held: Held,
}

impl ServerLock {
    /// Takes the lock, shared with other servers. If there is no other server, runs `alone` before another one can start.
    ///
    /// # Errors
    /// Any database or file system error, or any error of `alone`.
    pub fn take(url: &DatabaseUrl, alone: impl FnOnce() -> StoreResult<()>) -> StoreResult<Self> {
        match url {
            DatabaseUrl::Sqlite(_) => {
                let file = lock_file(url, "-server")?;
                match file.try_lock() {
                    Ok(()) => {
                        alone()?;
                        file.unlock().map_err(|error| refused(url, &error))?;
                    }
                    Err(TryLockError::WouldBlock) => {}
                    Err(TryLockError::Error(error)) => return Err(refused(url, &error)),
                }
                file.lock_shared().map_err(|error| refused(url, &error))?;
                Ok(Self { _held: Held::File { file } })
            }
            DatabaseUrl::Postgres(_) => {
                let mut conn = Conn::open(url)?;
                if try_lock(&mut conn, SERVER_LOCK)? {
                    alone()?;
                    conn.batch(&format!("SELECT pg_advisory_unlock({SERVER_LOCK})"))?;
                }
                conn.batch(&format!("SELECT pg_advisory_lock_shared({SERVER_LOCK})"))?;
                Ok(Self { _held: Held::Session { conn } })
            }
        }
    }
}

fn try_lock(conn: &mut Conn, number: i64) -> StoreResult<bool> {
    let had: Option<Had> = conn.row(&sql("SELECT pg_try_advisory_lock(").bind(number).push(") AS had"))?;
    Ok(had.is_some_and(|row| row.had))
}

/// `partnergraph.db-import` and the like, beside the database. The file is never deleted: deleting a file that others may be
/// about to lock would give two of them the lock.
fn lock_file(url: &DatabaseUrl, ending: &str) -> StoreResult<File> {
    let DatabaseUrl::Sqlite(path) = url else {
        return Err(StoreError::Url("a lock file is for an embedded database".to_owned()));
    };
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    OpenOptions::new().create(true).truncate(false).write(true).open(name).map_err(|error| refused(url, &error))
}

fn refused(url: &DatabaseUrl, error: &std::io::Error) -> StoreError {
    StoreError::Connect {
        url: url.to_string(),
        reason: format!("the lock file beside it could not be locked: {error}"),
    }
}
