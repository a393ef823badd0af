//! Rows of lists, read by place and not by name.
//!
//! A page is some five hundred rows of some thirty columns, and looking every cell up by its column's name costs as much as the
//! database's own work. The columns of a list are written in the order of its row's fields; builds with assertions hold each
//! cell's name against its field.

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

/// A row that is read from the cells beginning at some place.
pub trait Positional<DB: Backend>: Sized {
    /// How many cells it takes.
    const WIDTH: usize;

    /// Reads it.
    ///
    /// # Errors
    /// A cell that is missing or of another type.
    fn read<'a>(row: &impl Row<'a, DB>, from: usize) -> deserialize::Result<Self>;
}

/// What an outer join adds, where there is such a row: its first column is its key.
impl<DB: Backend, T: Positional<DB>> Positional<DB> for Option<T> {
    const WIDTH: usize = T::WIDTH;

    fn read<'a>(row: &impl Row<'a, DB>, from: usize) -> deserialize::Result<Self> {
        let key = row.get(from).ok_or("there is no key")?;
        if key.is_null() { Ok(None) } else { T::read(row, from).map(Some) }
    }
}

/// Reads one cell.
///
/// # Errors
/// A cell that is missing or of another type.
pub fn cell<'a, DB, ST, T>(row: &impl Row<'a, DB>, at: usize, name: &str) -> deserialize::Result<T>
where
    DB: Backend,
    T: FromSql<ST, DB>,
{
    let field = row.get(at).ok_or_else(|| format!("there is no column {name}"))?;
    debug_assert_eq!(field.field_name(), Some(name), "the columns of a list are in the order of its row's fields");
    T::from_nullable_sql(field.value())
}

/// Which columns of its rows a list is read with.
///
/// A column that is read late in a wide row costs as much as finding the row. Who knows beforehand which it will look at says so, and
/// finds null in all others that can be null.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wanted(BTreeSet<&'static str>);

impl Wanted {
    /// These as well.
    pub fn add(&mut self, columns: impl IntoIterator<Item = &'static str>) {
        self.0.extend(columns);
    }

    /// All of those as well.
    pub fn add_all(&mut self, other: &Self) {
        self.0.extend(&other.0);
    }

    /// What stands in a statement for a column: the column itself, or something in its place where nobody looks at it.
    pub(crate) fn place<ST: ColumnType>(&self, name: &str, place: &str, is_computed: bool) -> String {
        let as_name = if is_computed { format!("{place} AS {name}") } else { place.to_owned() };
        match (self.0.contains(name), ST::NULLABLE, ST::KIND) {
            (false, true, _) => format!("NULL AS {name}"),
            (false, false, Kind::Bool) if is_computed => format!("FALSE AS {name}"),
            _ => as_name,
        }
    }
}

/// A row that can be read with some of its columns.
pub trait Narrow {
    /// What it is read from then.
    fn narrowed(wanted: &Wanted) -> String;
}

/// A list of words that a table holds as JSON.
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

/// The words of a list that a table holds as JSON.
///
/// # Errors
/// One that is none of its list's, or a text that is no list.
pub(crate) fn words_of<T: FromStr<Err = UnknownWord>>(text: &str) -> Result<Vec<T>, UnknownWord> {
    let list: Vec<Cow<'_, str>> = serde_json::from_str(text)
        .map_err(|_| UnknownWord { value: text.to_owned(), expected: "a list of words as JSON" })?;
    list.iter().map(|word| word.parse()).collect()
}

/// Declares a row: each field with its type and the SQL type of its column, in the order of the columns. It may end with another row, such as
/// that of an outer join. With an alias, it ends with the declared columns of its entity ([`crate::columns`]), the first of which it is
/// dereferenced to, and knows what it is read from: the column of that name, or what stands behind `=`.
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
            /// What it is read from.
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
