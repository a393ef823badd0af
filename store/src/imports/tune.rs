//! How a connection that imports differs from one that serves.

use crate::conn::Conn;
use crate::error::StoreResult;

/// Gives the connection of an import more memory: on SQLite a cache that holds the upper pages of the indexes, which are
/// written in no order (sorting an index takes as much again, for a while); on PostgreSQL more for sorting.
///
/// # Errors
/// The database's.
pub fn for_import(conn: &mut Conn) -> StoreResult<()> {
    match conn {
        Conn::Sqlite(_) => conn.batch("PRAGMA cache_size = -49152;"),
        Conn::Postgres(_) => conn.batch("SET work_mem = '64MB'; SET maintenance_work_mem = '128MB';"),
    }
}
