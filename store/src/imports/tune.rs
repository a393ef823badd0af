//! Database settings for a connection that imports.

use diesel::QueryableByName;
use diesel::sql_types::Text;

use crate::conn::{Backend, Conn};
use crate::error::StoreResult;
use crate::sql::sql;

/// Gives an import's connection more memory: on SQLite a cache for the upper pages of the indexes, which are written in random
/// order (sorting an index temporarily needs as much again); on PostgreSQL more memory for sorting.
///
/// # Errors
/// Any database error.
pub fn for_import(conn: &mut Conn) -> StoreResult<()> {
    match conn {
        Conn::Sqlite(_) => conn.batch("PRAGMA cache_size = -81920;"),
        #[cfg(feature = "postgres")]
        Conn::Postgres(_) => conn.batch("SET work_mem = '64MB'; SET maintenance_work_mem = '128MB';"),
    }
}

#[derive(QueryableByName)]
struct Outgrown {
    #[diesel(sql_type = Text)]
    name: String,
}

/// Updates the statistics after an import, for the query planner: on PostgreSQL for the tables of which the import may have
/// changed a tenth (autovacuum would do the same minutes later), on SQLite a sample of the tables that have outgrown their
/// statistics. Must not be called in a transaction. Errors are only logged, because the import is done.
pub fn after_import(conn: &mut Conn, changes: u64) {
    if let Err(error) = look(conn, changes) {
        tracing::warn!(%error, "could not update the statistics after an import");
    }
}

fn look(conn: &mut Conn, changes: u64) -> StoreResult<()> {
    if conn.backend() == Backend::Sqlite {
        // 0x10000: all tables, not only those that this connection has read.
        return conn.batch("PRAGMA analysis_limit = 400; PRAGMA optimize = 0x10002;");
    }
    // A table that was never analysed has -1 rows.
    let outgrown = sql("SELECT c.relname::text AS name FROM pg_class c WHERE c.relkind = 'r' \
                        AND c.relnamespace = current_schema()::regnamespace AND c.reltuples < ")
    .bind(i64::try_from(changes).unwrap_or(i64::MAX).saturating_mul(10));
    let names: Vec<Outgrown> = conn.rows(&outgrown)?;
    let names: Vec<_> = names.into_iter().map(|row| row.name).collect();
    if names.is_empty() { Ok(()) } else { conn.batch(&format!("ANALYZE {}", names.join(", "))) }
}
