//! The columns of an entity, declared once: what its rows are read from, what filters and orders name, what an import and the API
//! write.
//!
//! A declaration has the columns that say what an entity *is*. To whom it belongs, its key and its version stand in the rows
//! themselves, which have the declared columns as one field, [`std::ops::Deref`]ed to.

pub(crate) mod subscription;
#[cfg(test)]
mod tests;

pub use subscription::SubscriptionColumns;

use chrono::{NaiveDate, NaiveDateTime};
use diesel::sql_types::{BigInt, Bool, Date, Nullable, Text, Timestamp};

use crate::imports::bulk::{Cell, Kind};
use crate::sql::Value;

/// What the SQL type of a column says of it.
pub(crate) trait ColumnType {
    /// What bulk writes are told of it.
    const KIND: Kind;
    /// Whether it can be null.
    const NULLABLE: bool = false;

    /// A null of its type.
    fn null() -> Value {
        match Self::KIND {
            Kind::Int => Value::Int(None),
            Kind::Bool => Value::Bool(None),
            Kind::Text => Value::Text(None),
            Kind::Time => Value::Time(None),
            Kind::Date => Value::Date(None),
        }
    }
}

macro_rules! column_types {
    ($($sql:ident: $kind:ident),+) => {$(
        impl ColumnType for $sql {
            const KIND: Kind = Kind::$kind;
        }
    )+};
}
column_types!(BigInt: Int, Bool: Bool, Text: Text, Timestamp: Time, Date: Date);

impl<T: ColumnType> ColumnType for Nullable<T> {
    const KIND: Kind = T::KIND;
    const NULLABLE: bool = true;
}

/// What a bulk write makes of a field.
pub(crate) trait AsCell {
    /// Its cell.
    fn cell(&self) -> Cell<'_>;
}

impl AsCell for String {
    fn cell(&self) -> Cell<'_> {
        Cell::Text(self)
    }
}

impl<T: AsCell> AsCell for Option<T> {
    fn cell(&self) -> Cell<'_> {
        self.as_ref().map_or(Cell::Null, AsCell::cell)
    }
}

macro_rules! copied_cells {
    ($($type:ty),+) => {$(
        impl AsCell for $type {
            fn cell(&self) -> Cell<'_> {
                (*self).into()
            }
        }
    )+};
}
copied_cells!(i64, bool, NaiveDate, NaiveDateTime);

macro_rules! cells_of_words {
    ($($list:ident),+) => {
        copied_cells!($(partnergraph_domain::$list),+);
    };
}
partnergraph_domain::for_each_word_list!(cells_of_words);

/// Two lists as one constant, `N` long.
pub(crate) const fn chained<T: Copy, const N: usize>(head: &[T], tail: &[T]) -> [T; N] {
    assert!(head.len() + tail.len() == N, "the length is that of both");
    let mut all = [head[0]; N];
    let mut at = 0;
    while at < N {
        all[at] = if at < head.len() { head[at] } else { tail[at - head.len()] };
        at += 1;
    }
    all
}

/// The text of bytes that were put together of texts.
pub(crate) const fn text(bytes: &[u8]) -> &str {
    match std::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(_) => panic!("pieces of text are text"),
    }
}

/// Days in kept plans: numbers, which are read and written faster than chrono's text.
pub(crate) mod days {
    use chrono::{Datelike, NaiveDate};
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub(crate) fn serialize<S: Serializer>(day: &Option<NaiveDate>, to: S) -> Result<S::Ok, S::Error> {
        day.map(|day| day.num_days_from_ce()).serialize(to)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Option<NaiveDate>, D::Error> {
        Ok(Option::<i32>::deserialize(from)?.and_then(NaiveDate::from_num_days_from_ce_opt))
    }
}

/// Declares the columns of an entity: each with its type, its SQL type, and where lists can be narrowed by it, the name that filters
/// have for it, how its text is spelled and what is compared, where that is another column. `ordered` ends what lists can be ordered
/// by under that name. `beside` are the columns of the same row that filters and orders name and that are not the entity's own.
macro_rules! columns {
    (
        $(#[$doc:meta])*
        pub struct $name:ident of $table:ident $alias:ident {
            $(
                $(#[$field_doc:meta])*
                $field:ident: $type:ty => $sql:ty
                $(, filter $filter:ident: $spelling:ident $(($compared:literal))? $(, $ordered:ident)?)?;
            )+
        }
        beside {
            $($other:ident => $other_sql:ty, filter $other_filter:ident: $other_spelling:ident $(, $other_ordered:ident)?;)+
        }
        $(#[$filters_doc:meta])*
        pub enum $filters:ident;
        $(#[$orders_doc:meta])*
        pub enum $orders:ident of $row:ident;
    ) => {
        $crate::columns::columns! {
            $(#[$doc])*
            pub struct $name of $table $alias { $($(#[$field_doc])* $field: $type => $sql;)+ }
        }
        $crate::columns::filterable! {
            $(#[$filters_doc])*
            pub enum $filters on $alias {
                $($($field => $filter: $spelling $(($compared))?;)?)+
                $($other => $other_filter: $other_spelling;)+
            }
        }
        $crate::columns::orderable! {
            $(#[$orders_doc])*
            pub enum $orders of $row on $alias {
                $($($(@$ordered $field => $filter: $sql;)?)?)+
                $($(@$other_ordered $other => $other_filter: $other_sql;)?)+
            }
        }
    };
    (
        $(#[$doc:meta])*
        pub struct $name:ident of $table:ident $alias:ident {
            $($(#[$field_doc:meta])* $field:ident: $type:ty => $sql:ty;)+
        }
    ) => {
        $crate::read::row::row! {
            $(#[$doc])*
            #[derive(Default, serde::Serialize, serde::Deserialize, diesel::Insertable)]
            #[diesel(table_name = $crate::schema::$table)]
            #[diesel(treat_none_as_default_value = false)]
            pub struct $name { $($(#[$field_doc])* pub $field: $type => $sql,)+ }
        }

        impl $name {
            /// Their names, in the order of the fields.
            pub const NAMES: &'static [&'static str] = &[$(stringify!($field)),+];
            /// The same, with what bulk writes are told of each.
            pub(crate) const KINDS: &'static [(&'static str, $crate::imports::bulk::Kind)] =
                &[$((stringify!($field), <$sql as $crate::columns::ColumnType>::KIND)),+];
            /// What they are read from, behind other columns.
            pub(crate) const SELECTED: &'static str = concat!($(", ", stringify!($alias), ".", stringify!($field)),+);

            /// Their values, as bulk writes have them.
            pub(crate) fn cells(&self) -> [$crate::imports::bulk::Cell<'_>; Self::NAMES.len()] {
                [$($crate::columns::AsCell::cell(&self.$field)),+]
            }
        }
    };
}
pub(crate) use columns;

/// Declares what lists can be narrowed by.
macro_rules! filterable {
    (
        $(#[$doc:meta])*
        pub enum $name:ident on $alias:ident {
            $($field:ident => $filter:ident: $spelling:ident $(($compared:literal))?;)+
        }
    ) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
        #[allow(missing_docs)]
        pub enum $name {
            $($filter,)+
        }

        impl $name {
            pub(crate) fn column(self) -> $crate::read::filter::Column {
                match self {
                    $(Self::$filter => $crate::columns::filterable!(
                        @column concat!(stringify!($alias), ".", stringify!($field)), $spelling $(, $compared)?
                    ),)+
                }
            }
        }
    };
    (@column $shown:expr, $spelling:ident) => {
        $crate::read::filter::Column::plain($shown, $crate::read::filter::Spelling::$spelling)
    };
    (@column $shown:expr, $spelling:ident, $compared:literal) => {
        $crate::read::filter::Column {
            compared: $compared,
            shown: $shown,
            spelling: $crate::read::filter::Spelling::$spelling,
        }
    };
}
pub(crate) use filterable;

/// Declares what lists can be ordered by, the key of the row first.
macro_rules! orderable {
    (
        $(#[$doc:meta])*
        pub enum $name:ident of $row:ident on $alias:ident {
            $(@ordered $field:ident => $variant:ident: $sql:ty;)+
        }
    ) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
        #[allow(missing_docs)]
        pub enum $name {
            Row,
            $($variant,)+
        }

        impl $crate::read::page::OrderField for $name {
            type Row = $row;
            const UNIQUE: Self = Self::Row;

            fn column(self) -> &'static str {
                match self {
                    Self::Row => concat!(stringify!($alias), ".id"),
                    $(Self::$variant => concat!(stringify!($alias), ".", stringify!($field)),)+
                }
            }

            fn nullable(self) -> bool {
                match self {
                    Self::Row => false,
                    $(Self::$variant => <$sql as $crate::columns::ColumnType>::NULLABLE,)+
                }
            }

            fn value(self, row: &$row) -> $crate::sql::Value {
                match self {
                    Self::Row => row.id.into(),
                    $(Self::$variant => row.$field.clone().into(),)+
                }
            }

            fn kind(self) -> $crate::sql::Value {
                match self {
                    Self::Row => $crate::sql::Value::Int(None),
                    $(Self::$variant => <$sql as $crate::columns::ColumnType>::null(),)+
                }
            }
        }
    };
}
pub(crate) use orderable;
