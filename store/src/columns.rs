//! The columns of an entity, declared once: for reading rows, for filters and orders, and for writes by imports and the API.
//!
//! A declaration has the columns that describe the entity. Its owner, key and version are in the row types, which contain the
//! declared columns as one field and [`std::ops::Deref`] to it.

pub(crate) mod customer_record;
pub(crate) mod partner;
pub(crate) mod subscription;
#[cfg(test)]
mod tests;

pub use customer_record::{CustomerRecordColumns, CustomerRecordKeys, CustomerRecordRow};
pub use partner::{AccountRow, PartnerColumns, PartnerKeys, Profile};
pub use subscription::SubscriptionColumns;

use chrono::{NaiveDate, NaiveDateTime};
use diesel::sql_types::{BigInt, Bool, Date, Nullable, Text, Timestamp};
use partnergraph_domain::CountryCode;

use crate::imports::bulk::{Cell, Kind};
use crate::sql::Value;

/// Properties of a column that follow from its SQL type.
pub(crate) trait ColumnType {
    /// Its kind in bulk writes.
    const KIND: Kind;
    /// Whether it is nullable.
    const NULLABLE: bool = false;

    /// A null of this type.
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

/// Converts a field for a bulk write.
pub(crate) trait AsCell {
    /// Its cell.
    fn cell(&self) -> Cell<'_>;
}

impl AsCell for String {
    fn cell(&self) -> Cell<'_> {
        Cell::Text(self)
    }
}

impl AsCell for CountryCode {
    fn cell(&self) -> Cell<'_> {
        Cell::Text(self.as_str())
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

macro_rules! cells_of_enums {
    ($($list:ident),+) => {
        copied_cells!($(partnergraph_domain::$list),+);
    };
}
partnergraph_domain::for_each_enum!(cells_of_enums);

/// Concatenates two lists into one constant of length `N`.
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

/// The select list of declared columns, for a table with this alias, to append to other columns: `, s.offer_id, s.offer_name`.
pub(crate) fn selected(alias: &str, names: &[&str]) -> String {
    format!(", {}", listed(alias, names))
}

/// The same without the leading comma.
pub(crate) fn listed(alias: &str, names: &[&str]) -> String {
    names.iter().map(|name| format!("{alias}.{name}")).collect::<Vec<_>>().join(", ")
}

/// Dates in stored plans: numbers, which are faster to read and write than chrono's text.
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

/// Declares the columns of an entity: each with its type, its default if none is given (else the default of the type), and its
/// SQL type.
///
/// `filter` makes lists filterable by the column. It states the name of the filter and how the text is compared. In parentheses
/// is the expression to compare, if it is another column; an expression after `=` replaces the column. `order` makes lists
/// sortable by the column and states the name of the order.
///
/// `beside` lists the columns for filters and orders that are not the entity's own: keys, versions and computed values.
macro_rules! columns {
    (
        $(#[$doc:meta])*
        pub struct $name:ident of $table:ident $alias:ident {
            $(
                $(#[$field_doc:meta])*
                $field:ident: $type:ty $(= $default:literal)? => $sql:ty
                $(, filter $filter:ident: $spelling:ident $(($compared:literal))? $(= $place:literal)?)?
                $(, order $order:ident)?;
            )+
        }
        beside {
            $(
                $other:ident => $other_sql:ty
                $(, filter $other_filter:ident: $other_spelling:ident $(= $other_place:literal)?)?
                $(, order $other_order:ident)?;
            )+
        }
        $(#[$filters_doc:meta])*
        pub enum $filters:ident;
        $(#[$orders_doc:meta])*
        pub enum $orders:ident of $row:ident by $key:ident;
    ) => {
        $crate::columns::columns! {
            $(#[$doc])*
            pub struct $name of $table { $($(#[$field_doc])* $field: $type $(= $default)? => $sql;)+ }
        }
        $crate::columns::filterable! {
            $(#[$filters_doc])*
            pub enum $filters {
                $($($field => $filter: $spelling $(($compared))? $(= $place)?;)?)+
                $($($other => $other_filter: $other_spelling $(= $other_place)?;)?)+
            }
        }
        $crate::columns::orderable! {
            $(#[$orders_doc])*
            pub enum $orders of $row on $alias by $key {
                $($($field => $order: $sql;)?)+
                $($($other => $other_order: $other_sql;)?)+
            }
        }
    };
    (
        $(#[$doc:meta])*
        pub struct $name:ident of $table:ident {
            $($(#[$field_doc:meta])* $field:ident: $type:ty $(= $default:literal)? => $sql:ty;)+
        }
    ) => {
        $crate::read::row::row! {
            $(#[$doc])*
            #[derive(serde::Serialize, serde::Deserialize, diesel::Insertable, diesel::AsChangeset)]
            #[diesel(table_name = $crate::schema::$table)]
            #[diesel(treat_none_as_default_value = false, treat_none_as_null = true)]
            pub struct $name { $($(#[$field_doc])* pub $field: $type => $sql,)+ }
        }

        impl Default for $name {
            fn default() -> Self {
                Self { $($field: $crate::columns::columns!(@default $($default)?)),+ }
            }
        }

        impl $name {
            /// Their names, in the order of the fields.
            pub const NAMES: &'static [&'static str] = &[$(stringify!($field)),+];
            /// The same, with the kind of each for bulk writes.
            #[allow(dead_code, reason = "an import changes no partner account")]
            pub(crate) const KINDS: &'static [(&'static str, $crate::imports::bulk::Kind)] =
                &[$((stringify!($field), <$sql as $crate::columns::ColumnType>::KIND)),+];

            /// Adds the columns of a table with this alias to a select list.
            #[allow(dead_code, reason = "an enrolment reads whole accounts")]
            pub(crate) fn narrow(alias: &str, narrowing: &mut $crate::read::row::Narrowing<'_>) {
                $(narrowing.column::<$sql>(stringify!($field), format_args!("{alias}.{}", stringify!($field)), false);)+
            }

            /// Their values for bulk writes.
            pub(crate) fn cells(&self) -> [$crate::imports::bulk::Cell<'_>; Self::NAMES.len()] {
                [$($crate::columns::AsCell::cell(&self.$field)),+]
            }
        }
    };
    (@default) => { Default::default() };
    (@default $default:literal) => { $default.into() };
}
pub(crate) use columns;

/// Declares what lists can be filtered by: columns of the row `@` ([`mod@crate::on`]).
macro_rules! filterable {
    (
        $(#[$doc:meta])*
        pub enum $name:ident {
            $($field:ident => $filter:ident: $spelling:ident $(($compared:literal))? $(= $place:literal)?;)+
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
                        @column concat!("@.", stringify!($field)), $spelling $(, $compared)? $(, = $place)?
                    ),)+
                }
            }
        }
    };
    (@column $shown:expr, $spelling:ident) => {
        $crate::read::filter::Column::plain($shown, $crate::read::filter::Spelling::$spelling)
    };
    (@column $shown:expr, $spelling:ident, = $place:literal) => {
        $crate::read::filter::Column::plain($place, $crate::read::filter::Spelling::$spelling)
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

/// Declares what lists can be ordered by, starting with the key of the row.
macro_rules! orderable {
    (
        $(#[$doc:meta])*
        pub enum $name:ident of $row:ident on $alias:ident by $key:ident {
            $($field:ident => $variant:ident: $sql:ty;)+
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
                    Self::Row => concat!(stringify!($alias), ".", stringify!($key)),
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
                    Self::Row => row.$key.into(),
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
