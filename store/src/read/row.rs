//! Rows of lists, read by position instead of by name.
//!
//! A page has some five hundred rows of some thirty columns, and looking up every cell by its column name costs as much as the
//! query itself. The columns of a list are in the order of its row's fields; debug builds check each cell's name against its
//! field.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::str::FromStr;

use diesel::backend::Backend;
use diesel::deserialize::{self, FromSql, FromSqlRow};
use diesel::row::{Field, Row};
use diesel::sql_types::Text;
use partnergraph_domain::UnknownWord;

use crate::columns::ColumnType;
use crate::imports::bulk::Kind;

/// A row that is read from cells starting at a position.
pub trait Positional<DB: Backend>: Sized {
    /// The number of its cells.
    const WIDTH: usize;

    /// Reads the row.
    ///
    /// # Errors
    /// A cell is missing or has another type.
    fn read<'a>(row: &impl Row<'a, DB>, from: usize) -> deserialize::Result<Self>;
}

/// The columns of an outer join, if there is a matching row. The first column is the row's key.
impl<DB: Backend, T: Positional<DB>> Positional<DB> for Option<T> {
    const WIDTH: usize = T::WIDTH;

    fn read<'a>(row: &impl Row<'a, DB>, from: usize) -> deserialize::Result<Self> {
        let key = row.get(from).ok_or("there is no key")?;
        if key.is_null() { Ok(None) } else { T::read(row, from).map(Some) }
    }
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
/// Reading a late column of a wide row costs as much as finding the row. A caller that knows which columns it needs states them,
/// and gets null for all other nullable columns.
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

    /// The expression for a column in a statement: the column itself, or a replacement if it is not wanted.
    pub(crate) fn place<ST: ColumnType>(&self, name: &str, place: &str, is_computed: bool) -> String {
        let as_name = if is_computed { format!("{place} AS {name}") } else { place.to_owned() };
        match (self.0.contains(name), ST::NULLABLE, ST::KIND) {
            (false, true, _) => format!("NULL AS {name}"),
            (false, false, Kind::Bool) if is_computed => format!("FALSE AS {name}"),
            _ => as_name,
        }
    }
}

/// A row that can be read with only some of its columns.
pub trait Narrow {
    /// The select list in that case.
    fn narrowed(wanted: &Wanted) -> String;
}

/// A list of enum values stored as JSON.
#[derive(Debug, Clone, PartialEq, Eq, FromSqlRow)]
pub struct WordList<T>(pub Vec<T>);

impl<T, DB> FromSql<Text, DB> for WordList<T>
where
    DB: Backend,
    String: FromSql<Text, DB>,
    T: FromStr<Err = UnknownWord>,
{
    fn from_sql(value: DB::RawValue<'_>) -> deserialize::Result<Self> {
        Ok(Self(words_of(&<String as FromSql<Text, DB>>::from_sql(value)?)?))
    }
}

/// Parses a list of enum values stored as JSON.
///
/// # Errors
/// A value is unknown, or the text is not a list.
pub(crate) fn words_of<T: FromStr<Err = UnknownWord>>(text: &str) -> Result<Vec<T>, UnknownWord> {
    let list: Vec<Cow<'_, str>> = serde_json::from_str(text)
        .map_err(|_| UnknownWord { value: text.to_owned(), expected: "a JSON list of enum values" })?;
    list.iter().map(|word| word.parse()).collect()
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
            fn narrowed(wanted: &$crate::read::row::Wanted) -> String {
                let own = [$($crate::read::row::row!(@narrowed wanted $sql, $alias $field $(= $place)?)),+].join(", ");
                own $(+ &<$columns>::narrowed(stringify!($alias), wanted))?
                    $(+ &<$further_columns>::narrowed(stringify!($alias), wanted))?
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
            const WIDTH: usize = [$(stringify!($field)),+].len() $(+ <$row as $crate::read::row::Positional<DB>>::WIDTH)*;

            fn read<'a>(row: &impl diesel::row::Row<'a, DB>, from: usize) -> diesel::deserialize::Result<Self> {
                let mut at = from;
                $(
                    let $field = $crate::read::row::cell::<DB, $sql, $type>(row, at, stringify!($field))?;
                    at += 1;
                )+
                $(
                    let $rest = $crate::read::row::Positional::read(row, at)?;
                    at += <$row as $crate::read::row::Positional<DB>>::WIDTH;
                )*
                let _ = at;
                Ok(Self { $($field,)+ $($rest,)* })
            }
        }

        impl<DB> diesel::deserialize::QueryableByName<DB> for $name
        where
            DB: diesel::backend::Backend,
            Self: $crate::read::row::Positional<DB>,
        {
            fn build<'a>(row: &impl diesel::row::NamedRow<'a, DB>) -> diesel::deserialize::Result<Self> {
                $crate::read::row::Positional::read(row, 0)
            }
        }
    };
    (@selected $alias:ident $field:ident) => { concat!(stringify!($alias), ".", stringify!($field)) };
    (@narrowed $wanted:ident $sql:ty, $alias:ident $field:ident) => {
        $wanted.place::<$sql>(stringify!($field), concat!(stringify!($alias), ".", stringify!($field)), false)
    };
    (@narrowed $wanted:ident $sql:ty, $alias:ident $field:ident = $place:literal) => {
        $wanted.place::<$sql>(stringify!($field), $place, true)
    };
    (@selected $alias:ident $field:ident = $place:literal) => { concat!($place, " AS ", stringify!($field)) };
}
pub(crate) use row;
