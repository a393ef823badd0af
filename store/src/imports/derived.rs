//! Updates derived data after an import: for the customers it touched, or for all if it touched most of them.

use partnergraph_domain::CustomerKey;

use crate::conn::{Backend, Conn};
use crate::derive;
use crate::error::StoreResult;
use crate::sql::sql;

use super::sources;

/// Up to this many customers, their keys are part of the statement.
const FEW: usize = 2_000;
/// Keys per INSERT.
const CHUNK: usize = 1_000;

/// Updates derived data for these customers.
///
/// # Errors
/// Any database error.
pub fn refresh(conn: &mut Conn, touched: &[CustomerKey]) -> StoreResult<()> {
    if touched.len() <= FEW {
        return derive::refresh_customers(conn, touched);
    }
    let highest = sources::highest_id(conn, "customers")?;
    if i64::try_from(touched.len()).is_ok_and(|count| count * 2 > highest) {
        analyse(conn, &["subscriptions", "customer_records", "reseller_relationships"])?;
        return derive::rebuild(conn);
    }
    conn.batch("CREATE TEMPORARY TABLE import_touched (customer_id BIGINT PRIMARY KEY)")?;
    for keys in touched.chunks(CHUNK) {
        let keys: Vec<String> = keys.iter().map(|key| format!("({key})")).collect();
        conn.batch(&format!("INSERT INTO import_touched (customer_id) VALUES {}", keys.join(", ")))?;
    }
    // Without statistics, PostgreSQL assumes that the table is nearly empty and joins row by row.
    analyse(conn, &["import_touched"])?;
    derive::refresh(conn, &sql("SELECT customer_id FROM import_touched"))?;
    conn.batch("DROP TABLE import_touched")
}

/// Updates statistics. PostgreSQL has none for rows that the same transaction wrote until it is told to analyse.
///
/// # Errors
/// Any database error.
pub fn analyse(conn: &mut Conn, tables: &[&str]) -> StoreResult<()> {
    if conn.backend() == Backend::Postgres {
        conn.batch(&format!("ANALYZE {}", tables.join(", ")))?;
    }
    Ok(())
}
