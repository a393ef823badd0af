//! Rows of lists, read by position instead of by name.
//!
//! A page has some five hundred rows of some thirty columns, and looking up every cell by its column name costs as much as the
//! query itself. The columns of a list are in the order of its row's fields; debug builds check each cell's name against its
//! field.

use std::any::Any;
use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fmt::{self, Write};
use std::str::FromStr;

use chrono::{DateTime, NaiveDateTime};
use diesel::backend::Backend;
use diesel::deserialize::{self, FromSql, FromSqlRow};
use diesel::row::{Field, Row};
use diesel::sql_types::Text;
use partnergraph_domain::UnknownValue;

use crate::columns::ColumnType;
use crate::imports::bulk::Kind;

/// A row that is read from cells, in the order of its columns.
pub trait Positional<DB: Backend>: Sized {
    /// The number of its columns.
    const WIDTH: u32;

    /// Reads the row.
    ///
    /// # Errors
    /// A cell is missing or has another type.
    fn read<'a, R: Row<'a, DB>>(cells: &mut Cells<'_, R>) -> deserialize::Result<Self>;
}

/// The columns of an outer join, if there is a matching row. The first column is the row's key.
impl<DB: Backend, T: Positional<DB>> Positional<DB> for Option<T> {
    const WIDTH: u32 = T::WIDTH;

    fn read<'a, R: Row<'a, DB>>(cells: &mut Cells<'_, R>) -> deserialize::Result<Self> {
        let key = cells.row.get(cells.at).ok_or("there is no key")?;
        if key.is_null() {
            cells.skip(T::WIDTH);
            return Ok(None);
        }
        T::read(cells).map(Some)
    }
}

/// The columns of a row that a statement does not select, by their position. They are read as if they were null, `false` or the epoch.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Unselected(u128);

impl Unselected {
    fn has(self, column: u32) -> bool {
        self.0 & (1 << column) != 0
    }

    /// The same for a row that has one selected column before these.
    pub(crate) fn behind_one(self) -> Self {
        Self(self.0 << 1)
    }
}

/// The cells of a database row, read one after the other.
#[derive(Debug)]
pub struct Cells<'r, R> {
    row: &'r R,
    /// The position of the next cell, and that of the next column.
    at: usize,
    column: u32,
    unselected: Unselected,
}

impl<'r, R> Cells<'r, R> {
    /// All cells of a row.
    pub fn of(row: &'r R) -> Self {
        Self::without(row, Unselected::default())
    }

    /// The cells of a row without the columns that were not selected.
    pub(crate) fn without(row: &'r R, unselected: Unselected) -> Self {
        Self { row, at: 0, column: 0, unselected }
    }

    fn skip(&mut self, columns: u32) {
        for _ in 0..columns {
            if !self.unselected.has(self.column) {
                self.at += 1;
            }
            self.column += 1;
        }
    }

    /// Reads the next column.
    ///
    /// # Errors
    /// The cell is missing or has another type.
    pub(crate) fn next<'a, DB, ST, T>(&mut self, name: &str) -> deserialize::Result<T>
    where
        DB: Backend,
        R: Row<'a, DB>,
        ST: ColumnType,
        T: FromSql<ST, DB> + 'static,
    {
        let column = self.column;
        self.column += 1;
        if self.unselected.has(column) {
            return nothing::<DB, ST, T>();
        }
        let at = self.at;
        self.at += 1;
        cell::<DB, ST, T>(self.row, at, name)
    }
}

/// The value of a column that was not selected.
fn nothing<DB, ST, T>() -> deserialize::Result<T>
where
    DB: Backend,
    ST: ColumnType,
    T: FromSql<ST, DB> + 'static,
{
    if ST::NULLABLE {
        return T::from_nullable_sql(None);
    }
    let mut value = None::<T>;
    let any: &mut dyn Any = &mut value;
    if let Some(moment) = any.downcast_mut::<Option<NaiveDateTime>>() {
        *moment = Some(DateTime::UNIX_EPOCH.naive_utc());
    } else if let Some(truth) = any.downcast_mut::<Option<bool>>() {
        *truth = Some(false);
    }
    value.ok_or_else(|| "a column without a null must be selected".into())
}

/// Reads a cell.
///
/// # Errors
/// The cell is missing or has another type.
pub fn cell<'a, DB, ST, T>(row: &impl Row<'a, DB>, at: usize, name: &str) -> deserialize::Result<T>
where
    DB: Backend,
    T: FromSql<ST, DB>,
{
    let field = row.get(at).ok_or_else(|| format!("there is no column {name}"))?;
    debug_assert_eq!(field.field_name(), Some(name), "the columns of a list are in the order of its row's fields");
    T::from_nullable_sql(field.value())
}

/// The columns with which a list's rows are read.
///
/// Reading a late column of a wide row costs as much as finding the row, and parsing a timestamp as much as several other cells. A caller
/// that knows which columns it needs states them. All other columns that can be null, timestamps and computed booleans are not selected.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wanted(BTreeSet<&'static str>);

impl Wanted {
    /// Adds these columns.
    pub fn add(&mut self, columns: impl IntoIterator<Item = &'static str>) {
        self.0.extend(columns);
    }

    /// Adds all of those columns.
    pub fn add_all(&mut self, other: &Self) {
        self.0.extend(&other.0);
    }
}

/// The select list of a row for somebody who needs only some of its columns, put together column by column.
#[derive(Debug)]
pub struct Narrowing<'w> {
    wanted: &'w Wanted,
    text: String,
    column: u32,
    unselected: Unselected,
}

impl<'w> Narrowing<'w> {
    /// An empty select list.
    pub(crate) fn new(wanted: &'w Wanted) -> Self {
        Self { wanted, text: String::with_capacity(512), column: 0, unselected: Unselected::default() }
    }

    /// Adds the row's next column, which has that name and is selected by that expression.
    pub(crate) fn column<ST: ColumnType>(&mut self, name: &str, place: fmt::Arguments<'_>, is_computed: bool) {
        let can_be_left_out = match ST::KIND {
            Kind::Time => true,
            Kind::Bool => is_computed || ST::NULLABLE,
            Kind::Int | Kind::Text | Kind::Date => ST::NULLABLE,
        };
        // One bit is left for the key of the parent ([`Unselected::behind_one`]).
        assert!(self.column + 1 < u128::BITS, "a row has fewer than {} columns", u128::BITS);
        if can_be_left_out && !self.wanted.0.contains(name) {
            self.unselected.0 |= 1 << self.column;
        } else {
            if !self.text.is_empty() {
                self.text.push_str(", ");
            }
            // Writing to a string does not fail.
            let _ = self.text.write_fmt(place);
            if is_computed {
                let _ = write!(self.text, " AS {name}");
            }
        }
        self.column += 1;
    }

    /// The select list.
    pub(crate) fn columns(self) -> Columns {
        Columns { text: self.text.into(), unselected: self.unselected }
    }
}

/// A select list, and which columns of the row it leaves out.
#[derive(Debug, Clone)]
pub struct Columns {
    pub(crate) text: Cow<'static, str>,
    pub(crate) unselected: Unselected,
}

/// All columns.
impl From<&'static str> for Columns {
    fn from(text: &'static str) -> Self {
        Self { text: text.into(), unselected: Unselected::default() }
    }
}

/// A row that can be read with only some of its columns.
pub trait Narrow {
    /// The select list in that case.
    fn narrowed(wanted: &Wanted) -> Columns;
}

/// A list of enum values stored as JSON.
#[derive(Debug, Clone, PartialEq, Eq, FromSqlRow)]
pub struct EnumList<T>(pub Vec<T>);

impl<T, DB> FromSql<Text, DB> for EnumList<T>
where
    DB: Backend,
    String: FromSql<Text, DB>,
    T: FromStr<Err = UnknownValue>,
{
    fn from_sql(value: DB::RawValue<'_>) -> deserialize::Result<Self> {
        Ok(Self(enum_list(&<String as FromSql<Text, DB>>::from_sql(value)?)?))
    }
}

/// Parses a list of enum values stored as JSON.
///
/// # Errors
/// A value is unknown, or the text is not a list.
pub(crate) fn enum_list<T: FromStr<Err = UnknownValue>>(text: &str) -> Result<Vec<T>, UnknownValue> {
    let list: Vec<Cow<'_, str>> = serde_json::from_str(text)
        .map_err(|_| UnknownValue { value: text.to_owned(), expected: "a JSON list of enum values" })?;
    list.iter().map(|value| value.parse()).collect()
}

/// Declares a row: each field with its type and the SQL type of its column, in column order. It can end with another row, such as
/// that of an outer join. With an alias, it ends with the declared columns of its entity ([`crate::columns`]), the first of which
/// it dereferences to, and has a select list: the column with the field's name, or the expression after `=`.
macro_rules! row {
    (
        $(#[$doc:meta])*
        pub struct $name:ident from $alias:ident {
            $($(#[$field_doc:meta])* pub $field:ident: $type:ty => $sql:ty $(= $place:literal)?,)+
            $(..pub $declared:ident: $columns:ty,)?
            $(..and pub $further:ident: $further_columns:ty,)?
        }
    ) => {
        $crate::read::row::row! {
            $(#[$doc])*
            pub struct $name {
                $($(#[$field_doc])* pub $field: $type => $sql,)+
                $(..pub $declared: $columns,)?
                $(..pub $further: $further_columns,)?
            }
        }

        impl $name {
            /// Its select list.
            pub(crate) fn selected() -> &'static str {
                static COLUMNS: std::sync::LazyLock<String> = std::sync::LazyLock::new(|| {
                    let own = [$($crate::read::row::row!(@selected $alias $field $(= $place)?)),+].join(", ");
                    own $(+ &$crate::columns::selected(stringify!($alias), <$columns>::NAMES))?
                        $(+ &$crate::columns::selected(stringify!($alias), <$further_columns>::NAMES))?
                });
                &COLUMNS
            }
        }

        impl $crate::read::row::Narrow for $name {
            fn narrowed(wanted: &$crate::read::row::Wanted) -> $crate::read::row::Columns {
                let mut narrowing = $crate::read::row::Narrowing::new(wanted);
                $($crate::read::row::row!(@narrowed narrowing $sql, $alias $field $(= $place)?);)+
                $(<$columns>::narrow(stringify!($alias), &mut narrowing);)?
                $(<$further_columns>::narrow(stringify!($alias), &mut narrowing);)?
                narrowing.columns()
            }
        }

        $(impl std::ops::Deref for $name {
            type Target = $columns;

            fn deref(&self) -> &$columns {
                &self.$declared
            }
        })?
    };
    (
        $(#[$doc:meta])*
        pub struct $name:ident {
            $($(#[$field_doc:meta])* pub $field:ident: $type:ty => $sql:ty,)+
            $(..pub $rest:ident: $row:ty,)*
        }
    ) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq)]
        #[allow(missing_docs)]
        pub struct $name {
            $($(#[$field_doc])* pub $field: $type,)+
            $(pub $rest: $row,)*
        }

        impl<DB> $crate::read::row::Positional<DB> for $name
        where
            DB: diesel::backend::Backend,
            $($type: diesel::deserialize::FromSql<$sql, DB>,)+
            $($row: $crate::read::row::Positional<DB>,)*
        {
            const WIDTH: u32 =
                [$(stringify!($field)),+].len() as u32 $(+ <$row as $crate::read::row::Positional<DB>>::WIDTH)*;

            fn read<'a, R: diesel::row::Row<'a, DB>>(
                cells: &mut $crate::read::row::Cells<'_, R>,
            ) -> diesel::deserialize::Result<Self> {
                Ok(Self {
                    $($field: cells.next::<DB, $sql, $type>(stringify!($field))?,)+
                    $($rest: $crate::read::row::Positional::read(cells)?,)*
                })
            }
        }

        impl<DB> diesel::deserialize::QueryableByName<DB> for $name
        where
            DB: diesel::backend::Backend,
            Self: $crate::read::row::Positional<DB>,
        {
            fn build<'a>(row: &impl diesel::row::NamedRow<'a, DB>) -> diesel::deserialize::Result<Self> {
                $crate::read::row::Positional::read(&mut $crate::read::row::Cells::of(row))
            }
        }
    };
    (@selected $alias:ident $field:ident) => { concat!(stringify!($alias), ".", stringify!($field)) };
    (@narrowed $narrowing:ident $sql:ty, $alias:ident $field:ident) => {
        $narrowing.column::<$sql>(
            stringify!($field),
            format_args!("{}", concat!(stringify!($alias), ".", stringify!($field))),
            false,
        )
    };
    (@narrowed $narrowing:ident $sql:ty, $alias:ident $field:ident = $place:literal) => {
        $narrowing.column::<$sql>(stringify!($field), format_args!("{}", $place), true)
    };
    (@selected $alias:ident $field:ident = $place:literal) => { concat!($place, " AS ", stringify!($field)) };
}
pub(crate) use row;
