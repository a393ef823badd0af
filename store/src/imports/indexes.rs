//! Indexes that are built once all rows are there, instead of a little for every row.
//!
//! Rows come in the order of their keys, but the other indexes are hit in no order: a million rows that are sorted once per
//! index take a fraction of a million places looked up in it. Only for a table that was empty: otherwise the rows that were
//! there before would be sorted again as well. On SQLite this is part of the transaction and no reader notices. On
//! PostgreSQL it would lock readers out until the end, and is left.

use diesel::prelude::*;
use diesel::sql_types::Text;

use crate::conn::{Backend, Conn};
use crate::error::StoreResult;
use crate::sql::sql;

/// Indexes that were taken away, as the statements that make them.
#[derive(Debug, Default)]
pub struct SetAside(Vec<String>);

#[derive(QueryableByName)]
struct Index {
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Text)]
    text: String,
}

/// Takes the indexes of a table away that are not unique; those that are keep guarding the rows. In a write transaction.
///
/// # Errors
/// The database's.
pub fn set_aside(conn: &mut Conn, table: &'static str) -> StoreResult<SetAside> {
    if conn.backend() == Backend::Postgres {
        return Ok(SetAside::default());
    }
    let indexes: Vec<Index> = conn.rows(
        &sql("SELECT name, sql AS text FROM sqlite_master WHERE type = 'index' AND sql LIKE 'CREATE INDEX %' AND tbl_name = ")
            .bind(table),
    )?;
    for index in &indexes {
        conn.batch(&format!("DROP INDEX \"{}\"", index.name))?;
    }
    Ok(SetAside(indexes.into_iter().map(|index| index.text).collect()))
}

/// Builds them again.
///
/// # Errors
/// The database's.
pub fn restore(conn: &mut Conn, aside: &SetAside) -> StoreResult<()> {
    aside.0.iter().try_for_each(|text| conn.batch(text))
}
