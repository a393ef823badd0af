//! Many rows at once.

use std::marker::PhantomData;

use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::result::QueryResult;
use diesel::sql_types::{Array, BigInt, Bool, Nullable, Text};
use diesel::sqlite::Sqlite;

use crate::conn::Conn;
use crate::error::{StoreError, StoreResult};

/// One value of a row to be written. Days and moments are text as both databases write them: `2024-01-31`, `2024-01-31 23:59:00`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Cell<'a> {
    /// Nothing.
    Null,
    /// A number or a key.
    Int(i64),
    /// A truth value.
    Bool(bool),
    /// Everything else.
    Text(&'a str),
}

impl<'a> From<&'a str> for Cell<'a> {
    fn from(text: &'a str) -> Self {
        Self::Text(text)
    }
}
impl From<i64> for Cell<'_> {
    fn from(number: i64) -> Self {
        Self::Int(number)
    }
}
impl From<bool> for Cell<'_> {
    fn from(truth: bool) -> Self {
        Self::Bool(truth)
    }
}
impl<'a> From<&'a String> for Cell<'a> {
    fn from(text: &'a String) -> Self {
        Self::Text(text)
    }
}
impl<'a> From<&'a Option<String>> for Cell<'a> {
    fn from(text: &'a Option<String>) -> Self {
        text.as_deref().map_or(Self::Null, Self::Text)
    }
}
impl From<Option<i64>> for Cell<'_> {
    fn from(number: Option<i64>) -> Self {
        number.map_or(Self::Null, Self::Int)
    }
}

/// What all rows of a run share; it is not repeated in each of them.
#[derive(Debug, Clone)]
pub struct Stamp {
    /// The run.
    pub run_id: i64,
    /// The importing partner.
    pub partner_id: i64,
    /// When the plan was made, as [`Cell`]s write a moment.
    pub now: String,
}

/// What kind of column a value goes into; PostgreSQL wants to be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Kind {
    Int,
    Bool,
    Text,
    Time,
    Date,
}

impl Kind {
    fn postgres(self) -> &'static str {
        match self {
            Self::Int => "bigint",
            Self::Bool => "boolean",
            Self::Text => "text",
            Self::Time => "timestamp",
            Self::Date => "date",
        }
    }
}

/// A row that is inserted in bulk.
pub trait NewRow: 'static {
    /// Where to.
    const TABLE: &'static str;
    /// The columns, in the order of [`NewRow::cells`].
    const COLUMNS: &'static [&'static str];
    /// The values.
    fn cells<'a>(&'a self, stamp: &'a Stamp) -> Vec<Cell<'a>>;
    /// Streams lines in PostgreSQL's COPY format into the table.
    ///
    /// # Errors
    /// The database's.
    fn copy(conn: &mut PgConnection, fill: &super::copy::Fill<'_>) -> QueryResult<usize>;
}

/// A change of rows that exist, found by one or more keys.
pub trait ChangedRow: 'static {
    /// Where.
    const TABLE: &'static str;
    /// The keys and their kinds, first in [`ChangedRow::cells`].
    const KEYS: &'static [(&'static str, Kind)];
    /// The columns to set, after the keys in [`ChangedRow::cells`].
    const COLUMNS: &'static [(&'static str, Kind)];
    /// What is set besides, such as `version = version + 1`. `{t}` stands for the table on PostgreSQL and nothing on SQLite.
    const BESIDES: &'static str;
    /// The values: keys, then columns.
    fn cells<'a>(&'a self, stamp: &'a Stamp) -> Vec<Cell<'a>>;
}

/// Inserts rows and gives how many there were.
///
/// # Errors
/// The rows' source's, or the database's.
pub fn insert<R: NewRow, E: From<StoreError>>(
    conn: &mut Conn,
    stamp: &Stamp,
    rows: impl Iterator<Item = Result<R, E>>,
) -> Result<u64, E> {
    let mut count = 0;
    match conn {
        Conn::Sqlite(conn) => {
            for row in rows {
                let row = row?;
                let statement = Insert::<R> { cells: row.cells(stamp), row: PhantomData };
                statement.execute(conn).map_err(StoreError::from)?;
                count += 1;
            }
        }
        Conn::Postgres(conn) => {
            // Nothing to copy is the usual case of an import that changes little; the statement is saved then.
            let mut rows = rows.peekable();
            if rows.peek().is_some() {
                count = super::copy::copy::<R, E>(conn, stamp, rows)?;
            }
        }
    }
    Ok(count)
}

/// Changes rows and gives how many were given.
///
/// # Errors
/// The rows' source's, or the database's.
pub fn update<R: ChangedRow, E: From<StoreError>>(
    conn: &mut Conn,
    stamp: &Stamp,
    rows: impl Iterator<Item = Result<R, E>>,
) -> Result<u64, E> {
    let mut count = 0;
    match conn {
        Conn::Sqlite(conn) => {
            for row in rows {
                let row = row?;
                let statement = Update::<R> { cells: row.cells(stamp), row: PhantomData };
                statement.execute(conn).map_err(StoreError::from)?;
                count += 1;
            }
        }
        Conn::Postgres(conn) => {
            let mut columns = Columns::<R>::new();
            for row in rows {
                columns.push(&row?.cells(stamp));
                count += 1;
                if columns.rows == CHUNK {
                    columns.flush(conn)?;
                }
            }
            columns.flush(conn)?;
        }
    }
    Ok(count)
}

/// Rows to one UPDATE on PostgreSQL.
const CHUNK: usize = 5_000;

/// Values of a PostgreSQL update by column, all as text: `unnest` makes rows of them again. Without a staging table there
/// are no statistics to go wrong, and the join always goes by the primary key.
struct Columns<R> {
    rows: usize,
    values: Vec<Vec<Option<String>>>,
    row: PhantomData<R>,
}

impl<R: ChangedRow> Columns<R> {
    fn new() -> Self {
        Self { rows: 0, values: vec![Vec::new(); R::KEYS.len() + R::COLUMNS.len()], row: PhantomData }
    }

    fn push(&mut self, cells: &[Cell<'_>]) {
        self.rows += 1;
        for (column, cell) in self.values.iter_mut().zip(cells) {
            column.push(match cell {
                Cell::Null => None,
                Cell::Int(number) => Some(number.to_string()),
                Cell::Bool(truth) => Some(truth.to_string()),
                Cell::Text(text) => Some((*text).to_owned()),
            });
        }
    }

    fn flush(&mut self, conn: &mut PgConnection) -> StoreResult<()> {
        if self.rows > 0 {
            (&*self).execute(conn)?;
            self.values.iter_mut().for_each(Vec::clear);
            self.rows = 0;
        }
        Ok(())
    }
}

impl<R: ChangedRow> QueryFragment<Pg> for Columns<R> {
    fn walk_ast<'b>(&'b self, mut pass: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        pass.push_sql(&format!("UPDATE {} t SET ", R::TABLE));
        let keys = R::KEYS.len();
        for (index, (name, kind)) in R::COLUMNS.iter().enumerate() {
            pass.push_sql(&format!("{name} = s.c{}::{}, ", keys + index, kind.postgres()));
        }
        pass.push_sql(&R::BESIDES.replace("{t}", "t."));
        pass.push_sql(" FROM unnest(");
        for (index, column) in self.values.iter().enumerate() {
            pass.push_sql(if index > 0 { ", " } else { "" });
            pass.push_bind_param::<Array<Nullable<Text>>, Vec<Option<String>>>(column)?;
        }
        pass.push_sql(") AS s (");
        for index in 0..self.values.len() {
            pass.push_sql(&format!("{}c{index}", if index > 0 { ", " } else { "" }));
        }
        pass.push_sql(") WHERE ");
        for (index, (name, kind)) in R::KEYS.iter().enumerate() {
            pass.push_sql(&format!(
                "{}t.{name} = s.c{index}::{}",
                if index > 0 { " AND " } else { "" },
                kind.postgres()
            ));
        }
        Ok(())
    }
}

impl<R: ChangedRow> QueryId for Columns<R> {
    type QueryId = Columns<R>;
    const HAS_STATIC_QUERY_ID: bool = true;
}
impl<R> RunQueryDsl<PgConnection> for &Columns<R> {}

/// An INSERT of one row on SQLite. Its text is known by its type, so that the prepared statement is found without making it.
struct Insert<'a, R> {
    cells: Vec<Cell<'a>>,
    row: PhantomData<R>,
}

impl<R: NewRow> QueryFragment<Sqlite> for Insert<'_, R> {
    fn walk_ast<'b>(&'b self, mut pass: AstPass<'_, 'b, Sqlite>) -> QueryResult<()> {
        pass.push_sql("INSERT INTO ");
        pass.push_sql(R::TABLE);
        for (index, name) in R::COLUMNS.iter().enumerate() {
            pass.push_sql(if index > 0 { ", " } else { " (" });
            pass.push_sql(name);
        }
        pass.push_sql(") VALUES (");
        for (index, cell) in self.cells.iter().enumerate() {
            pass.push_sql(if index > 0 { ", " } else { "" });
            bind(cell, &mut pass)?;
        }
        pass.push_sql(")");
        Ok(())
    }
}

impl<R: NewRow> QueryId for Insert<'_, R> {
    type QueryId = Insert<'static, R>;
    const HAS_STATIC_QUERY_ID: bool = true;
}
impl<R> RunQueryDsl<SqliteConnection> for Insert<'_, R> {}

/// An UPDATE of one row on SQLite.
struct Update<'a, R> {
    cells: Vec<Cell<'a>>,
    row: PhantomData<R>,
}

impl<R: ChangedRow> QueryFragment<Sqlite> for Update<'_, R> {
    fn walk_ast<'b>(&'b self, mut pass: AstPass<'_, 'b, Sqlite>) -> QueryResult<()> {
        let (keys, values) = self.cells.split_at(R::KEYS.len());
        pass.push_sql("UPDATE ");
        pass.push_sql(R::TABLE);
        pass.push_sql(" SET ");
        for ((name, _), cell) in R::COLUMNS.iter().zip(values) {
            pass.push_sql(name);
            pass.push_sql(" = ");
            bind(cell, &mut pass)?;
            pass.push_sql(", ");
        }
        pass.push_sql(&R::BESIDES.replace("{t}", ""));
        for (index, ((name, _), cell)) in R::KEYS.iter().zip(keys).enumerate() {
            pass.push_sql(if index > 0 { " AND " } else { " WHERE " });
            pass.push_sql(name);
            pass.push_sql(" = ");
            bind(cell, &mut pass)?;
        }
        Ok(())
    }
}

impl<R: ChangedRow> QueryId for Update<'_, R> {
    type QueryId = Update<'static, R>;
    const HAS_STATIC_QUERY_ID: bool = true;
}
impl<R> RunQueryDsl<SqliteConnection> for Update<'_, R> {}

fn bind<'b>(cell: &'b Cell<'_>, pass: &mut AstPass<'_, 'b, Sqlite>) -> QueryResult<()> {
    match cell {
        Cell::Null => pass.push_bind_param::<Nullable<Text>, Option<String>>(&None),
        Cell::Int(number) => pass.push_bind_param::<BigInt, i64>(number),
        Cell::Bool(truth) => pass.push_bind_param::<Bool, bool>(truth),
        Cell::Text(text) => pass.push_bind_param::<Text, str>(text),
    }
}
