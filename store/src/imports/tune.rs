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
        #[cfg(feature = "postgres")]
        Conn::Postgres(_) => conn.batch("SET work_mem = '64MB'; SET maintenance_work_mem = '128MB';"),
    }
}

/// Has the database look at what a large import wrote, so that the next queries are planned by it: a sample on SQLite, the
/// tables on PostgreSQL. Not in a transaction. What fails here is told and nothing else: the import is done.
pub fn after_import(conn: &mut Conn) {
    let looked = match conn {
        Conn::Sqlite(_) => conn.batch("PRAGMA analysis_limit = 400; PRAGMA optimize;"),
        #[cfg(feature = "postgres")]
        Conn::Postgres(_) => conn.batch(
            "ANALYZE tenants, customers, customer_records, reseller_relationships, subscriptions, import_baselines, \
             reseller_customers, customer_views",
        ),
    };
    if let Err(error) = looked {
        tracing::warn!(%error, "the statistics could not be brought up to date after an import");
    }
}
