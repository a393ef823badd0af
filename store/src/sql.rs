//! SQL composed of pieces, written once for both databases.
//!
//! Lists with composed filters, orders and scopes have too many shapes to be expressed as types. A [`Sql`] is text and bound
//! values in sequence. As a diesel `QueryFragment` ([`Statement`]) it gets each database's own placeholders, statement cache and
//! row decoding. Values are never inserted into the text.

use std::borrow::Cow;
use std::hash::{DefaultHasher, Hash, Hasher};

use chrono::{NaiveDate, NaiveDateTime};
use diesel::backend::{Backend as DieselBackend, DieselReserveSpecialization};
use diesel::deserialize::{self, FromSql};
use diesel::pg::Pg;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::result::QueryResult;
use diesel::serialize::ToSql;
use diesel::sql_types::{BigInt, Bool, Date, Nullable, Text, Timestamp, Untyped};
use diesel::sqlite::Sqlite;
use diesel::{Connection, RunQueryDsl};
use partnergraph_domain::Key;
use serde::Serialize;

use crate::conn::Backend;
use crate::statements;

/// A key that can be read from rows of both databases.
pub trait StoredKey: Key + FromSql<BigInt, Sqlite> + FromSql<BigInt, Pg> {}
impl<K: Key + FromSql<BigInt, Sqlite> + FromSql<BigInt, Pg>> StoredKey for K {}

/// The row key of an entity of any type, for code that assigns rows to parents of one type. It is only for lookups and cannot be
/// converted back to an entity's key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AnyKey(i64);

impl AnyKey {
    /// The key without its entity type.
    pub fn of(key: impl Key) -> Self {
        Self(key.number())
    }
}

impl Key for AnyKey {
    fn number(self) -> i64 {
        self.0
    }
}

impl<DB> FromSql<BigInt, DB> for AnyKey
where
    DB: DieselBackend,
    i64: FromSql<BigInt, DB>,
{
    fn from_sql(value: DB::RawValue<'_>) -> deserialize::Result<Self> {
        <i64 as FromSql<BigInt, DB>>::from_sql(value).map(Self)
    }
}

/// A bound value; `None` is a NULL of that type.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub enum Value {
    /// Text, GUIDs and enum values.
    Text(Option<String>),
    /// Whole numbers and keys.
    Int(Option<i64>),
    /// Booleans.
    Bool(Option<bool>),
    /// A time in UTC.
    Time(Option<NaiveDateTime>),
    /// A date.
    Date(Option<NaiveDate>),
}

macro_rules! value_from {
    ($($variant:ident: $type:ty),* $(,)?) => {$(
        impl From<$type> for Value {
            fn from(value: $type) -> Self { Self::$variant(Some(value.into())) }
        }
        impl From<Option<$type>> for Value {
            fn from(value: Option<$type>) -> Self { Self::$variant(value.map(Into::into)) }
        }
    )*};
}
value_from!(Text: String, Text: &str, Int: i64, Bool: bool, Time: NaiveDateTime, Date: NaiveDate);

macro_rules! values_from_enums {
    ($($list:ident),+) => {$(
        impl From<partnergraph_domain::$list> for Value {
            fn from(value: partnergraph_domain::$list) -> Self { Self::from(value.as_str()) }
        }
        impl From<Option<partnergraph_domain::$list>> for Value {
            fn from(value: Option<partnergraph_domain::$list>) -> Self {
                Self::from(value.as_ref().map(|value| value.as_str()))
            }
        }
    )+};
}
partnergraph_domain::for_each_enum!(values_from_enums);
values_from_enums!(CountryCode);

macro_rules! value_from_keys {
    ($($key:ident),+) => {$(
        impl From<partnergraph_domain::$key> for Value {
            fn from(key: partnergraph_domain::$key) -> Self { Self::Int(Some(key.get())) }
        }
        impl From<Option<partnergraph_domain::$key>> for Value {
            fn from(key: Option<partnergraph_domain::$key>) -> Self {
                Self::Int(key.map(partnergraph_domain::$key::get))
            }
        }
    )+};
}
partnergraph_domain::for_each_key!(value_from_keys);

#[derive(Debug, Clone)]
enum Piece {
    Text(Cow<'static, str>),
    Bind(Value),
}

/// A piece of SQL: text with bound values in between.
#[derive(Debug, Clone, Default)]
pub struct Sql {
    pieces: Vec<Piece>,
}

/// A piece of SQL ready to be run on a connection.
#[derive(Debug, Clone, Copy)]
pub struct Statement<'a> {
    sql: &'a Sql,
    /// Whether the connection keeps it as a prepared statement.
    cached: bool,
}

/// A piece of SQL that is run for one value after another.
#[derive(Debug)]
pub(crate) struct Filled {
    sql: Sql,
    /// The positions of the value.
    places: Vec<usize>,
}

impl Filled {
    /// The SQL with this value.
    pub(crate) fn of(&mut self, value: impl Into<Value>) -> &Sql {
        let value = value.into();
        for place in &self.places {
            self.sql.pieces[*place] = Piece::Bind(value.clone());
        }
        &self.sql
    }
}

/// Starts a piece of SQL.
pub fn sql(text: impl Into<Cow<'static, str>>) -> Sql {
    Sql::default().push(text)
}

/// Row keys as a table `up` with one column `id`, for statements that read for many parents at once.
///
/// The list is a single bound value, so the text of the statement, and therefore its entry in the statement cache, does not
/// depend on the number of keys. Each database has its own syntax to unpack it.
pub fn ids<K: Key>(backend: Backend, ids: &[K]) -> Sql {
    let mut text = String::with_capacity(ids.len() * 8 + 2);
    for (index, id) in ids.iter().enumerate() {
        if index > 0 {
            text.push(',');
        }
        text.push_str(&id.number().to_string());
    }
    match backend {
        Backend::Sqlite => sql("(SELECT value AS id FROM json_each(").bind(format!("[{text}]")).push(")) up"),
        Backend::Postgres => sql("unnest(CAST(string_to_array(").bind(text).push(", ',') AS bigint[])) AS up(id)"),
    }
}

/// Pairs of row keys as a table `up` with the columns `a` and `b`, like [`ids`].
pub fn pairs<A: Key, B: Key>(backend: Backend, pairs: &[(A, B)]) -> Sql {
    let column =
        |key: &dyn Fn(&(A, B)) -> i64| pairs.iter().map(|pair| key(pair).to_string()).collect::<Vec<_>>().join(",");
    match backend {
        Backend::Sqlite => {
            let texts = pairs.iter().map(|(a, b)| format!("[{},{}]", a.number(), b.number()));
            sql("(SELECT json_extract(value, '$[0]') AS a, json_extract(value, '$[1]') AS b FROM json_each(")
                .bind(format!("[{}]", texts.collect::<Vec<_>>().join(",")))
                .push(")) up")
        }
        Backend::Postgres => sql("unnest(CAST(string_to_array(")
            .bind(column(&|(a, _)| a.number()))
            .push(", ',') AS bigint[]), CAST(string_to_array(")
            .bind(column(&|(_, b)| b.number()))
            .push(", ',') AS bigint[])) AS up(a, b)"),
    }
}

impl Sql {
    /// Adds text. It must be the program's own: values go through [`Sql::bind`].
    #[must_use]
    pub fn push(mut self, text: impl Into<Cow<'static, str>>) -> Self {
        self.pieces.push(Piece::Text(text.into()));
        self
    }

    /// Adds a placeholder and its value.
    #[must_use]
    pub fn bind(mut self, value: impl Into<Value>) -> Self {
        self.pieces.push(Piece::Bind(value.into()));
        self
    }

    /// Adds another piece.
    #[must_use]
    #[allow(clippy::should_implement_trait, reason = "`a + b` would not read as text put together")]
    pub fn add(mut self, other: Sql) -> Self {
        self.pieces.extend(other.pieces);
        self
    }

    /// The same SQL with one text replaced by another, except in values.
    pub(crate) fn with(mut self, placeholder: &str, text: &str) -> Sql {
        for piece in &mut self.pieces {
            if let Piece::Text(part) = piece
                && part.contains(placeholder)
            {
                *part = part.replace(placeholder, text).into();
            }
        }
        self
    }

    /// The same SQL, to be run for one value after another, which replaces a text except in values.
    pub(crate) fn for_each(self, placeholder: &str) -> Filled {
        let value = Value::Int(None);
        let mut filled = Filled { sql: Sql::default(), places: Vec::new() };
        for piece in self.pieces {
            let Piece::Text(text) = piece else {
                filled.sql.pieces.push(piece);
                continue;
            };
            for (number, part) in text.split(placeholder).enumerate() {
                if number > 0 {
                    filled.places.push(filled.sql.pieces.len());
                    filled.sql.pieces.push(Piece::Bind(value.clone()));
                }
                filled.sql.pieces.push(Piece::Text(part.to_owned().into()));
            }
        }
        filled
    }

    /// Adds a parenthesised list of values, `(?, ?, …)`, for `IN`. An empty list matches nothing on both databases.
    ///
    /// The list is padded with its last value to one of a few lengths, so that the statement cache needs only a few texts instead
    /// of one for every length.
    #[must_use]
    pub fn list<V: Into<Value>>(mut self, values: impl IntoIterator<Item = V>) -> Self {
        let values: Vec<Value> = values.into_iter().map(Into::into).collect();
        let Some(last) = values.last().cloned() else {
            return self.push("(SELECT NULL WHERE 1 = 0)");
        };
        let length =
            [1, 2, 5, 10, 20, 50, 100, 200, 500].into_iter().find(|n| *n >= values.len()).unwrap_or(values.len());
        self = self.push("(");
        for (index, value) in values.into_iter().chain(std::iter::repeat(last)).take(length).enumerate() {
            if index > 0 {
                self = self.push(", ");
            }
            self = self.bind(value);
        }
        self.push(")")
    }

    /// The statement, to be run once by this thread's connection.
    pub fn statement(&self) -> Statement<'_> {
        let mut hasher = DefaultHasher::new();
        for piece in &self.pieces {
            match piece {
                Piece::Text(text) => text.hash(&mut hasher),
                // The type of a placeholder is part of a prepared statement.
                Piece::Bind(value) => std::mem::discriminant(value).hash(&mut hasher),
            }
        }
        Statement { sql: self, cached: statements::is_cached(hasher.finish()) }
    }

    /// Joins pieces with a separator, as in `a AND b AND c`.
    pub fn join(pieces: impl IntoIterator<Item = Sql>, separator: &'static str) -> Sql {
        let mut joined = Sql::default();
        for (index, piece) in pieces.into_iter().enumerate() {
            if index > 0 {
                joined = joined.push(separator);
            }
            joined = joined.add(piece);
        }
        joined
    }

    /// The text with `?` for each value, for logs and tests. It never contains the values.
    pub fn text(&self) -> String {
        self.pieces
            .iter()
            .map(|piece| match piece {
                Piece::Text(text) => text.as_ref(),
                Piece::Bind(_) => "?",
            })
            .collect()
    }
}

impl<DB> QueryFragment<DB> for Statement<'_>
where
    DB: DieselBackend + DieselReserveSpecialization,
    Option<String>: ToSql<Nullable<Text>, DB>,
    Option<i64>: ToSql<Nullable<BigInt>, DB>,
    Option<bool>: ToSql<Nullable<Bool>, DB>,
    Option<NaiveDateTime>: ToSql<Nullable<Timestamp>, DB>,
    Option<NaiveDate>: ToSql<Nullable<Date>, DB>,
    DB: diesel::sql_types::HasSqlType<Text>
        + diesel::sql_types::HasSqlType<BigInt>
        + diesel::sql_types::HasSqlType<Bool>
        + diesel::sql_types::HasSqlType<Timestamp>
        + diesel::sql_types::HasSqlType<Date>,
{
    fn walk_ast<'b>(&'b self, mut pass: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        if !self.cached {
            pass.unsafe_to_cache_prepared();
        }
        for piece in &self.sql.pieces {
            match piece {
                Piece::Text(text) => pass.push_sql(text),
                Piece::Bind(Value::Text(value)) => pass.push_bind_param::<Nullable<Text>, _>(value)?,
                Piece::Bind(Value::Int(value)) => pass.push_bind_param::<Nullable<BigInt>, _>(value)?,
                Piece::Bind(Value::Bool(value)) => pass.push_bind_param::<Nullable<Bool>, _>(value)?,
                Piece::Bind(Value::Time(value)) => pass.push_bind_param::<Nullable<Timestamp>, _>(value)?,
                Piece::Bind(Value::Date(value)) => pass.push_bind_param::<Nullable<Date>, _>(value)?,
            }
        }
        Ok(())
    }
}

impl QueryId for Statement<'_> {
    // Its shape is known only at run time, so the statement cache uses the text.
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl Query for Statement<'_> {
    type SqlType = Untyped;
}

impl<C: Connection> RunQueryDsl<C> for Statement<'_> {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_have_few_lengths_and_an_empty_one_matches_nothing() {
        assert_eq!(sql("x IN ").list([1_i64, 2, 3]).text(), "x IN (?, ?, ?, ?, ?)");
        assert_eq!(sql("x IN ").list(Vec::<i64>::new()).text(), "x IN (SELECT NULL WHERE 1 = 0)");
    }
}
