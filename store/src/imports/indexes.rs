//! Builds indexes once after all rows are written, instead of updating them for every row.
//!
//! Rows arrive in the order of their keys, but the other indexes are hit in random order: sorting a million rows once for each
//! index takes a fraction of the time of a million insertions into it. This is done only for a table that was empty; otherwise
//! the rows that were there before would have to be sorted again as well. On SQLite it is part of the transaction and readers do
//! not notice. On PostgreSQL foreign keys are dropped too, because they would be checked row by row. That locks readers out until
//! the end, so it is skipped if someone is reading and the locks cannot be acquired at once.

use diesel::prelude::*;
use diesel::sql_types::Text;

use crate::conn::{Backend, Conn};
use crate::error::StoreResult;
use crate::sql::sql;

/// Dropped indexes, as the statements that create them.
#[derive(Debug, Default)]
pub struct SetAside(Vec<String>);

impl SetAside {
    /// Adds those of another table.
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

/// Drops the indexes of a table that are not unique; unique indexes keep guarding the rows. Call it in a write transaction.
///
/// # Errors
/// Any database error.
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
        tracing::info!(%error, table, "the table is in use; its indexes and foreign keys are maintained row by row");
        conn.batch("ROLLBACK TO SAVEPOINT set_aside")?;
        return Ok(SetAside::default());
    }
    conn.batch("RELEASE SAVEPOINT set_aside")?;
    Ok(SetAside(with))
}

/// Creates the dropped indexes again.
///
/// # Errors
/// Any database error.
pub fn restore(conn: &mut Conn, aside: &SetAside) -> StoreResult<()> {
    aside.0.iter().try_for_each(|text| conn.batch(text))
}
