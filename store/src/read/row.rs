//! Rows of lists, read by place and not by name.
//!
//! A page is some five hundred rows of some thirty columns, and looking every cell up by its column's name costs as much as the
//! database's own work. The columns of a list are written in the order of its row's fields; builds with assertions hold each
//! cell's name against its field.

use std::borrow::Cow;
use std::str::FromStr;

use diesel::backend::Backend;
use diesel::deserialize::{self, FromSql, FromSqlRow};
use diesel::row::{Field, Row};
use diesel::sql_types::Text;
use partnergraph_domain::UnknownWord;

/// A row that is read from the cells beginning at some place.
pub trait Positional<DB: Backend>: Sized {
    /// Reads it.
    ///
    /// # Errors
    /// A cell that is missing or of another type.
    fn read<'a>(row: &impl Row<'a, DB>, from: usize) -> deserialize::Result<Self>;
}

/// What an outer join adds, where there is such a row: its first column is its key.
impl<DB: Backend, T: Positional<DB>> Positional<DB> for Option<T> {
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
        let text = <String as FromSql<Text, DB>>::from_sql(value)?;
        let list: Vec<Cow<'_, str>> = serde_json::from_str(&text)
            .map_err(|_| UnknownWord { value: text.clone(), expected: "a list of words as JSON" })?;
        Ok(Self(list.iter().map(|word| word.parse()).collect::<Result<_, _>>()?))
    }
}

/// Declares a row: each field with its type and the SQL type of its column, in the order of the columns. It may end with another row, such as
/// that of an outer join. With an alias, it ends with the declared columns of its entity ([`crate::columns`]), to which it is
/// dereferenced, and knows what it is read from: the column of that name, or what stands behind `=`.
macro_rules! row {
    (
        $(#[$doc:meta])*
        pub struct $name:ident from $alias:ident {
            $($(#[$field_doc:meta])* pub $field:ident: $type:ty => $sql:ty $(= $place:literal)?,)+
            ..pub $declared:ident: $columns:ty,
        }
    ) => {
        $crate::read::row::row! {
            $(#[$doc])*
            pub struct $name {
                $($(#[$field_doc])* pub $field: $type => $sql,)+
                ..pub $declared: $columns,
            }
        }

        impl $name {
            /// What it is read from.
            pub(crate) fn selected() -> &'static str {
                static COLUMNS: std::sync::LazyLock<String> = std::sync::LazyLock::new(|| {
                    let own = [$($crate::read::row::row!(@selected $alias $field $(= $place)?)),+].join(", ");
                    own + &$crate::columns::selected(stringify!($alias), <$columns>::NAMES)
                });
                &COLUMNS
            }
        }

        impl std::ops::Deref for $name {
            type Target = $columns;

            fn deref(&self) -> &$columns {
                &self.$declared
            }
        }
    };
    (
        $(#[$doc:meta])*
        pub struct $name:ident {
            $($(#[$field_doc:meta])* pub $field:ident: $type:ty => $sql:ty,)+
            $(..pub $rest:ident: $row:ty,)?
        }
    ) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq)]
        #[allow(missing_docs)]
        pub struct $name {
            $($(#[$field_doc])* pub $field: $type,)+
            $(pub $rest: $row,)?
        }

        impl<DB> $crate::read::row::Positional<DB> for $name
        where
            DB: diesel::backend::Backend,
            $($type: diesel::deserialize::FromSql<$sql, DB>,)+
            $($row: $crate::read::row::Positional<DB>,)?
        {
            fn read<'a>(row: &impl diesel::row::Row<'a, DB>, from: usize) -> diesel::deserialize::Result<Self> {
                let mut at = from;
                $(
                    let $field = $crate::read::row::cell::<DB, $sql, $type>(row, at, stringify!($field))?;
                    at += 1;
                )+
                $(let $rest = $crate::read::row::Positional::read(row, at)?;)?
                let _ = at;
                Ok(Self { $($field,)+ $($rest)? })
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
    (@selected $alias:ident $field:ident = $place:literal) => { concat!($place, " AS ", stringify!($field)) };
}
pub(crate) use row;
