//! One import at a time: a session's advisory lock on PostgreSQL, a locked file beside the database on SQLite. Both end with
//! the process that holds them, so that whoever has the lock knows that no other import is alive.

use std::fs::{File, OpenOptions, TryLockError};

use diesel::prelude::*;
use diesel::sql_types::Bool;

use crate::conn::Conn;
use crate::error::{StoreError, StoreResult};
use crate::url::DatabaseUrl;

const IMPORT_LOCK: i64 = 724_200_903;

/// Held while an import runs. On PostgreSQL it has a connection of its own: a transaction that fails does not lose it.
#[allow(missing_debug_implementations)]
pub struct ImportLock {
    _held: Held,
}

enum Held {
    File { _file: File },
    Session { _conn: Conn },
}

#[derive(QueryableByName)]
struct Had {
    #[diesel(sql_type = Bool)]
    had: bool,
}

impl ImportLock {
    /// Takes the lock if nobody has it.
    ///
    /// # Errors
    /// The database's, or the file system's.
    pub fn try_take(url: &DatabaseUrl) -> StoreResult<Option<Self>> {
        match url {
            DatabaseUrl::Sqlite(_) => {
                let file = lock_file(url)?;
                match file.try_lock() {
                    Ok(()) => Ok(Some(Self { _held: Held::File { _file: file } })),
                    Err(TryLockError::WouldBlock) => Ok(None),
                    Err(TryLockError::Error(error)) => Err(refused(url, &error)),
                }
            }
            DatabaseUrl::Postgres(_) => {
                let mut conn = Conn::open(url)?;
                let had: Vec<Had> = match &mut conn {
                    Conn::Postgres(c) => {
                        diesel::sql_query(format!("SELECT pg_try_advisory_lock({IMPORT_LOCK}) AS had")).load(c)?
                    }
                    Conn::Sqlite(_) => Vec::new(),
                };
                Ok(had.iter().any(|row| row.had).then_some(Self { _held: Held::Session { _conn: conn } }))
            }
        }
    }

    /// Takes the lock, and waits for whoever has it.
    ///
    /// # Errors
    /// The database's, or the file system's.
    pub fn take(url: &DatabaseUrl) -> StoreResult<Self> {
        match url {
            DatabaseUrl::Sqlite(_) => {
                let file = lock_file(url)?;
                file.lock().map_err(|error| refused(url, &error))?;
                Ok(Self { _held: Held::File { _file: file } })
            }
            DatabaseUrl::Postgres(_) => {
                let mut conn = Conn::open(url)?;
                conn.batch(&format!("SELECT pg_advisory_lock({IMPORT_LOCK})"))?;
                Ok(Self { _held: Held::Session { _conn: conn } })
            }
        }
    }
}

/// `partnergraph.db-import`, beside the database. It stays there: to delete a file that others may be about to lock would
/// give two of them the lock.
fn lock_file(url: &DatabaseUrl) -> StoreResult<File> {
    let DatabaseUrl::Sqlite(path) = url else {
        return Err(StoreError::Url("a lock file is for an embedded database".to_owned()));
    };
    let mut name = path.as_os_str().to_owned();
    name.push("-import");
    OpenOptions::new().create(true).truncate(false).write(true).open(name).map_err(|error| refused(url, &error))
}

fn refused(url: &DatabaseUrl, error: &std::io::Error) -> StoreError {
    StoreError::Connect { url: url.to_string(), reason: format!("the import lock could not be taken: {error}") }
}
