//! Bulk writes.

use std::fmt::Display;
use std::io::Write as _;
use std::marker::PhantomData;

use chrono::{NaiveDate, NaiveDateTime, Timelike};
use diesel::prelude::*;
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::result::QueryResult;
use diesel::sql_types::{BigInt, Bool, Nullable, Text};
use diesel::sqlite::Sqlite;
use partnergraph_domain::{ImportRunKey, PartnerKey};

use crate::conn::Conn;
use crate::error::StoreError;
use crate::imports::change_records::ChangeRecords;

/// A value of a row to write. Dates and times are text as both databases write them: `2024-01-31`, `2024-01-31 23:59:00`. Text is
/// borrowed from the row; a [`NaiveDate`] is formatted without a heap allocation.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Cell<'a> {
    /// Null.
    Null,
    /// A number or a key.
    Int(i64),
    /// A Boolean.
    Bool(bool),
    /// Everything else.
    Text(&'a str),
    /// A date or time.
    When(When),
}

/// The text of a date or time, which is never longer than this.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct When {
    length: u8,
    bytes: [u8; 22],
}

impl When {
    fn new(at: impl Display) -> Self {
        let mut when = Self { length: 0, bytes: [0; 22] };
        let mut room: &mut [u8] = &mut when.bytes;
        write!(room, "{at}").expect("the latest moment that chrono has, +262142-12-31 23:59:59, takes 22 bytes");
        let length = room.len();
        when.length = u8::try_from(when.bytes.len() - length).expect("22 is a small number");
        when
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.bytes[..self.length.into()]).expect("it was written as text")
    }
}

impl From<NaiveDate> for Cell<'_> {
    fn from(day: NaiveDate) -> Self {
        Self::When(When::new(day))
    }
}
impl From<NaiveDateTime> for Cell<'_> {
    /// Drops fractions of a second.
    fn from(at: NaiveDateTime) -> Self {
        Self::When(When::new(at.with_nanosecond(0).unwrap_or(at)))
    }
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
macro_rules! cells_from_enums {
    ($($list:ident),+) => {$(
        impl From<partnergraph_domain::$list> for Cell<'_> {
            fn from(value: partnergraph_domain::$list) -> Self {
                Self::Text(value.as_str())
            }
        }
        impl From<Option<partnergraph_domain::$list>> for Cell<'_> {
            fn from(value: Option<partnergraph_domain::$list>) -> Self {
                value.map_or(Self::Null, |value| Self::Text(value.as_str()))
            }
        }
    )+};
}
partnergraph_domain::for_each_enum!(cells_from_enums);
macro_rules! cell_from_keys {
    ($($key:ident),+) => {$(
        impl From<partnergraph_domain::$key> for Cell<'_> {
            fn from(key: partnergraph_domain::$key) -> Self {
                Self::Int(key.get())
            }
        }
        impl From<Option<partnergraph_domain::$key>> for Cell<'_> {
            fn from(key: Option<partnergraph_domain::$key>) -> Self {
                key.map_or(Self::Null, |key| Self::Int(key.get()))
            }
        }
    )+};
}
partnergraph_domain::for_each_key!(cell_from_keys);
impl From<Option<i64>> for Cell<'_> {
    fn from(number: Option<i64>) -> Self {
        number.map_or(Self::Null, Self::Int)
    }
}

/// Values that all rows of a run share; they are not repeated in each row.
#[derive(Debug, Clone)]
pub struct Stamp {
    /// The run.
    pub run_id: ImportRunKey,
    /// The importing partner.
    pub partner_id: PartnerKey,
    /// When the plan was made, formatted like a time in a [`Cell`].
    pub now: String,
    /// The audit records of the changes. `None` if they have none of their own, as those of a move.
    pub records: Option<ChangeRecords>,
}

/// The type of a column, which PostgreSQL needs to know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Kind {
    Int,
    Bool,
    Text,
    Time,
    Date,
}

/// A row that is inserted in bulk.
pub trait NewRow: 'static {
    /// The table.
    const TABLE: &'static str;
    /// The columns, in the order of [`NewRow::cells`].
    const COLUMNS: &'static [&'static str];
    /// The values.
    fn cells<'a>(&'a self, stamp: &'a Stamp) -> Vec<Cell<'a>>;
    /// Streams lines in PostgreSQL's COPY format into the table.
    ///
    /// # Errors
    /// Any database error.
    /// Any database error.
    #[cfg(feature = "postgres")]
    fn copy(conn: &mut PgConnection, fill: &super::copy::Fill<'_>) -> QueryResult<usize>;
}

/// Implements the target of a [`NewRow`], including PostgreSQL's COPY: the row's own columns and those declared for its entity
/// ([`crate::columns`]), which are those of a second view of the table, if the schema has one.
macro_rules! copy_into {
    ($table:ident ($($column:ident),+ $(,)?)) => {
        const COLUMNS: &'static [&'static str] = &[$(stringify!($column)),+];
        copy_into!(@table $table $($column),+);
    };
    ($table:ident ($view:ident($($beside:ident),+), $($column:ident,)+ ..$declared:ty)) => {
        // Named, so that a column that the view does not have fails to compile.
        const COLUMNS: &'static [&'static str] = {
            let _ = ($($crate::schema::$view::$beside,)+);
            copy_into!(@chained [$($beside,)+ $($column),+] $declared)
        };
        copy_into!(@table $table $($column),+);
    };
    ($table:ident ($($column:ident,)+ ..$declared:ty)) => {
        const COLUMNS: &'static [&'static str] = copy_into!(@chained [$($column),+] $declared);
        copy_into!(@table $table $($column),+);
    };
    ($table:ident ($($column:ident,)+ ..$declared:ty, ..$further:ty)) => {
        const COLUMNS: &'static [&'static str] = {
            const HEAD: &[&str] = copy_into!(@chained [$($column),+] $declared);
            const TAIL: &[&str] = <$further>::NAMES;
            const ALL: [&str; HEAD.len() + TAIL.len()] = $crate::columns::chained(HEAD, TAIL);
            &ALL
        };
        copy_into!(@table $table $($column),+);
    };
    (@chained [$($column:ident),+] $declared:ty) => {{
        const OWN: &[&str] = &[$(stringify!($column)),+];
        const DECLARED: &[&str] = <$declared>::NAMES;
        const ALL: [&str; OWN.len() + DECLARED.len()] = $crate::columns::chained(OWN, DECLARED);
        &ALL
    }};
    (@table $table:ident $($column:ident),+) => {
        const TABLE: &'static str = stringify!($table);
        #[cfg(feature = "postgres")]
        fn copy(conn: &mut diesel::PgConnection, fill: &$crate::imports::copy::Fill<'_>) -> diesel::QueryResult<usize> {
            use diesel::ExecuteCopyFromDsl;
            use $crate::schema::$table;
            // Named, so that a column that the table does not have fails to compile.
            let _ = ($($table::$column,)+);
            diesel::copy_from($table::table)
                .from_raw_data($crate::imports::copy::Target::<Self, $table::table>::new(), |out: &mut dyn std::io::Write| {
                    fill(out).map_err(|error| diesel::result::Error::SerializationError(Box::new(error)))
                })
                .execute(conn)
        }
    };
}
pub(super) use copy_into;

/// A change of existing rows, found by one or more keys.
pub trait ChangedRow: 'static {
    /// The table.
    const TABLE: &'static str;
    /// The keys and their kinds, first in [`ChangedRow::cells`].
    const KEYS: &'static [(&'static str, Kind)];
    /// The columns to set, after the keys in [`ChangedRow::cells`].
    const COLUMNS: &'static [(&'static str, Kind)];
    /// Additional assignments, such as `version = version + 1`. `{t}` is the table alias on PostgreSQL and nothing on SQLite.
    const BESIDES: &'static str;
    /// The values: keys, then columns.
    fn cells<'a>(&'a self, stamp: &'a Stamp) -> Vec<Cell<'a>>;
}

/// Inserts rows and returns their number.
///
/// # Errors
/// Any error of the row iterator, or any database error.
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
        #[cfg(feature = "postgres")]
        Conn::Postgres(conn) => {
            // No rows is the usual case for an import that changes little; this saves the statement.
            let mut rows = rows.peekable();
            if rows.peek().is_some() {
                count = super::copy::copy::<R, E>(conn, stamp, rows)?;
            }
        }
    }
    Ok(count)
}

/// Updates rows and returns the number of rows given.
///
/// # Errors
/// Any error of the row iterator, or any database error.
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
        #[cfg(feature = "postgres")]
        Conn::Postgres(conn) => {
            let mut columns = super::columns::Columns::<R>::new();
            for row in rows {
                columns.push(&row?.cells(stamp));
                count += 1;
                if columns.is_full() {
                    columns.flush(conn)?;
                }
            }
            columns.flush(conn)?;
        }
    }
    Ok(count)
}

/// An INSERT of one row on SQLite. Its text follows from its type, so the prepared statement is found without building the text.
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
        Cell::When(when) => pass.push_bind_param::<Text, str>(when.as_str()),
    }
}
