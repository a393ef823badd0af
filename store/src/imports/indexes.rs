//! Indexes that are built once all rows are there, instead of a little for every row.
//!
//! Rows come in the order of their keys, but the other indexes are hit in no order: a million rows that are sorted once per
//! index take a fraction of a million places looked up in it. Only for a table that was empty: otherwise the rows that were
//! there before would be sorted again as well. On SQLite this is part of the transaction and no reader notices. On
//! PostgreSQL foreign keys go with them, which would be looked up row by row; it locks readers out until the end, and so is
//! left where somebody reads and the locks cannot be had at once.

use diesel::prelude::*;
use diesel::sql_types::Text;

use crate::conn::{Backend, Conn};
use crate::error::StoreResult;
use crate::sql::sql;

/// Indexes that were taken away, as the statements that make them.
#[derive(Debug, Default)]
pub struct SetAside(Vec<String>);

impl SetAside {
    /// Adds another table's.
    pub fn add(&mut self, other: Self) {
        self.0.extend(other.0);
    }
}

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
        return set_aside_on_postgres(conn, table);
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

fn set_aside_on_postgres(conn: &mut Conn, table: &'static str) -> StoreResult<SetAside> {
    let indexes: Vec<Index> = conn.rows(
        &sql("SELECT c.relname::text AS name, pg_get_indexdef(c.oid) AS text FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid \
              WHERE NOT i.indisunique AND i.indrelid = CAST(")
            .bind(table)
            .push(" AS regclass)"),
    )?;
    let keys: Vec<Index> = conn.rows(
        &sql("SELECT conname::text AS name, pg_get_constraintdef(oid) AS text FROM pg_constraint WHERE contype = 'f' AND conrelid = CAST(")
            .bind(table)
            .push(" AS regclass)"),
    )?;
    let mut without = String::from("SET LOCAL lock_timeout = '2s'; ");
    let mut with = Vec::new();
    for index in indexes {
        without.push_str(&format!("DROP INDEX \"{}\"; ", index.name));
        with.push(index.text);
    }
    for key in keys {
        without.push_str(&format!("ALTER TABLE {table} DROP CONSTRAINT \"{}\"; ", key.name));
        with.push(format!("ALTER TABLE {table} ADD CONSTRAINT \"{}\" {}", key.name, key.text));
    }
    without.push_str("SET LOCAL lock_timeout = 0");
    conn.batch("SAVEPOINT set_aside")?;
    if let Err(error) = conn.batch(&without) {
        tracing::info!(%error, table, "the table is in use; its indexes and keys are kept up row by row");
        conn.batch("ROLLBACK TO SAVEPOINT set_aside")?;
        return Ok(SetAside::default());
    }
    conn.batch("RELEASE SAVEPOINT set_aside")?;
    Ok(SetAside(with))
}

/// Builds them again.
///
/// # Errors
/// The database's.
pub fn restore(conn: &mut Conn, aside: &SetAside) -> StoreResult<()> {
    aside.0.iter().try_for_each(|text| conn.batch(text))
}
