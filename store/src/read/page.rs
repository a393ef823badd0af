//! Keyset pages of any list, for a single list or for one list below each of many parents.
//!
//! An order is a list of columns that ends with a unique one. A cursor, the values of these columns in one row, therefore has a
//! definite position in the list and keeps it when rows are inserted. Nulls come last in ascending order and first in descending
//! order, on both databases.

mod below;

use std::fmt::Debug;

use diesel::QueryableByName;
use diesel::pg::Pg;
use diesel::sql_types::BigInt;
use diesel::sqlite::Sqlite;
use serde::Serialize;

use crate::conn::{Backend, Conn};
use crate::error::StoreResult;
use crate::read::row::{Columns, Narrow, Positional, Wanted};
use crate::sql::{Sql, Value, sql};

/// The columns, besides keys, that are unique within a list. The id of a subscription is unique among live subscriptions, by the index
/// `subscriptions_live`. An order that contains such a column needs no key, so an index can return the rows in that order.
const UNIQUE_COLUMNS: [&str; 1] = ["s.subscription_id"];

/// A column that a list can be ordered by. It is serialised as its own name, so that a cursor can recognise its order.
pub trait OrderField: Copy + Debug + Serialize + Send + Sync + 'static {
    /// The row type of the list.
    type Row: Positional<Sqlite>
        + Positional<Pg>
        + QueryableByName<Sqlite>
        + QueryableByName<Pg>
        + Send
        + Sync
        + 'static;
    /// The column that makes an order unique.
    const UNIQUE: Self;
    /// The column, with the list's alias. It must be among the list's columns, under its own name.
    fn column(self) -> &'static str;
    /// Whether no two rows of a list have the same value.
    fn is_unique(self) -> bool {
        UNIQUE_COLUMNS.contains(&self.column())
    }
    /// Whether it can be null.
    fn nullable(self) -> bool;
    /// Its value in a row; a null of its type if there is none.
    fn value(self, row: &Self::Row) -> Value;
    /// A null of its type, for parsing a cursor.
    fn kind(self) -> Value;
}

/// One column of an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct By<F> {
    /// The column.
    pub field: F,
    /// Whether the order is descending.
    pub descending: bool,
}

/// A complete order; its last column is unique.
#[derive(Debug, Clone, Serialize)]
pub struct Order<F>(Vec<By<F>>);

impl<F: OrderField> Order<F> {
    /// The order by these columns, made unique. The unique column has the direction of the last column before it, so that an
    /// index over both serves both directions.
    #[must_use]
    pub fn new(mut by: Vec<By<F>>) -> Self {
        if !by.iter().any(|by| by.field.is_unique()) {
            let descending = by.last().is_some_and(|by| by.descending);
            by.push(By { field: F::UNIQUE, descending });
        }
        Self(by)
    }

    /// The values of a row that form its cursor.
    pub fn values(&self, row: &F::Row) -> Vec<Value> {
        self.0.iter().map(|by| by.field.value(row)).collect()
    }

    /// The types of a cursor's values, as nulls.
    pub fn kinds(&self) -> Vec<Value> {
        self.0.iter().map(|by| by.field.kind()).collect()
    }

    fn clause(&self, backwards: bool) -> Sql {
        Sql::join(
            self.0.iter().map(|by| {
                let descending = by.descending != backwards;
                let nulls = match (by.field.nullable(), descending) {
                    // SQLite sorts null first and PostgreSQL last. For a column without nulls an index is used only if NULLS
                    // FIRST or LAST is omitted.
                    (false, _) => "",
                    (true, false) => " NULLS LAST",
                    (true, true) => " NULLS FIRST",
                };
                sql(by.field.column()).push(if descending { " DESC" } else { "" }).push(nulls)
            }),
            ", ",
        )
    }

    /// The rows after a cursor's row, or before it if `backwards`.
    fn beyond(&self, values: &[Value], backwards: bool) -> Sql {
        let plain = self.0.iter().all(|by| !by.field.nullable() && by.descending == self.0[0].descending);
        if plain {
            // A row comparison is a range of the index; the equivalent long form below is not.
            let columns = Sql::join(self.0.iter().map(|by| sql(by.field.column())), ", ");
            let bound = Sql::join(values.iter().map(|value| sql("").bind(value.clone())), ", ");
            let sign = if self.0[0].descending != backwards { ") < (" } else { ") > (" };
            return sql("(").add(columns).push(sign).add(bound).push(")");
        }
        let steps = (0..self.0.len()).map(|at| {
            let before = self.0[..at].iter().zip(values).map(|(by, value)| equal(by.field.column(), value));
            let step = step(self.0[at].field, &values[at], self.0[at].descending != backwards);
            sql("(").add(Sql::join(before.chain([step]), " AND ")).push(")")
        });
        sql("(").add(Sql::join(steps, " OR ")).push(")")
    }
}

fn is_null(value: &Value) -> bool {
    matches!(value, Value::Text(None) | Value::Int(None) | Value::Bool(None) | Value::Time(None) | Value::Date(None))
}

fn equal(column: &'static str, value: &Value) -> Sql {
    if is_null(value) { sql(column).push(" IS NULL") } else { sql(column).push(" = ").bind(value.clone()) }
}

fn step<F: OrderField>(field: F, value: &Value, descending: bool) -> Sql {
    let column = field.column();
    match (is_null(value), descending) {
        (true, false) => sql("1 = 0"),
        (true, true) => sql(column).push(" IS NOT NULL"),
        (false, true) => sql(column).push(" < ").bind(value.clone()),
        (false, false) if field.nullable() => {
            sql("(").push(column).push(" > ").bind(value.clone()).push(" OR ").push(column).push(" IS NULL)")
        }
        (false, false) => sql(column).push(" > ").bind(value.clone()),
    }
}

/// A part of a list.
#[derive(Debug, Clone, Default)]
pub struct Window {
    /// The maximum number of rows.
    pub limit: i64,
    /// Whether to count from the end of the list.
    pub backwards: bool,
    /// After this cursor's row.
    pub after: Option<Vec<Value>>,
    /// Before this cursor's row.
    pub before: Option<Vec<Value>>,
}

/// A list: its columns, conditions and order.
#[derive(Debug, Clone)]
pub struct List<F> {
    /// The select list of a row.
    pub columns: Columns,
    /// A table or `(SELECT …)`, with the alias that the columns and conditions use.
    pub from: Sql,
    /// The alias of the rows in `from` and of the columns.
    pub alias: &'static str,
    /// The caller's scope, the filter and, below a parent, the link to `up.id`.
    pub condition: Sql,
    /// The order.
    pub order: Order<F>,
    /// Further rows of the same list, as `from` and `condition`.
    others: Vec<(Sql, Sql)>,
    /// Whether it is usually short below a parent.
    is_short: bool,
}

/// A part of a list, in list order.
#[derive(Debug)]
pub struct Page<R> {
    /// The rows.
    pub rows: Vec<R>,
    /// Whether there are rows after these.
    pub has_next: bool,
    /// Whether there are rows before these.
    pub has_previous: bool,
}

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    rows: i64,
}

impl<F: OrderField> List<F> {
    /// The list of the rows of `from`, which has the second text as its alias there, that match the condition.
    pub fn new(
        columns: impl Into<Columns>,
        (from, alias): (Sql, &'static str),
        condition: Sql,
        order: Order<F>,
    ) -> Self {
        Self { columns: columns.into(), from, alias, condition, order, others: Vec::new(), is_short: false }
    }

    /// The same list, which is usually short below a parent, such as the resellers of a customer: the lists below many parents are then
    /// read in one statement.
    #[must_use]
    pub fn short(mut self) -> Self {
        self.is_short = true;
        self
    }

    /// The same list with further rows, from the same columns of another source.
    #[must_use]
    pub fn and(mut self, others: impl IntoIterator<Item = (Sql, Sql)>) -> Self {
        self.others.extend(others);
        self
    }

    /// The same list with only these columns and those that it is ordered by.
    #[must_use]
    pub fn narrowed(mut self, wanted: &Wanted) -> Self
    where
        F::Row: Narrow,
    {
        let mut wanted = wanted.clone();
        wanted.add(self.order.0.iter().filter_map(|by| by.field.column().rsplit('.').next()));
        self.columns = F::Row::narrowed(&wanted);
        self
    }

    /// The part of the list in `window`.
    ///
    /// # Errors
    /// Any database error.
    pub fn page(&self, conn: &mut Conn, window: &Window) -> StoreResult<Page<F::Row>> {
        let rows = conn.narrow_rows(&self.statement(window), self.columns.unselected)?;
        Ok(cut(rows, window))
    }

    /// The number of rows in the whole list.
    ///
    /// # Errors
    /// Any database error.
    pub fn count(&self, conn: &mut Conn) -> StoreResult<i64> {
        let statement = self.count_statement(conn.backend());
        Ok(conn.row::<Count>(&statement)?.map_or(0, |count| count.rows))
    }

    /// The statement of [`List::count`].
    #[must_use]
    pub fn count_statement(&self, backend: Backend) -> Sql {
        let counts = self.sources().map(|(from, condition)| {
            let rows = sql(" FROM ").add(from.clone()).push(" WHERE ").add(condition.clone());
            let count = sql("(SELECT COUNT(*)");
            match backend {
                Backend::Postgres => count.add(rows),
                // SQLite omits unneeded outer joins when it lists rows but not when it counts them; LIMIT keeps it from merging the
                // two queries.
                Backend::Sqlite => count.push(" FROM (SELECT 1").add(rows).push(" LIMIT -1)"),
            }
            .push(")")
        });
        sql("SELECT CAST(0 AS BIGINT) AS parent_id, ").add(Sql::join(counts, " + ")).push(" AS rows")
    }

    /// The statement of [`List::page`], and of [`List::pages`] for the parent `up.id`.
    #[must_use]
    pub fn statement(&self, window: &Window) -> Sql {
        sql("SELECT ").push(self.columns.text.clone()).add(self.tail(window))
    }

    /// ` FROM … WHERE … ORDER BY … LIMIT …`, with one row more than requested, which shows whether the list continues.
    fn tail(&self, window: &Window) -> Sql {
        // The limit is part of the text. PostgreSQL assumes that a bound limit returns a tenth of the list, and would therefore plan every
        // execution anew.
        let ordered = |rows: Sql| {
            rows.push(" ORDER BY ")
                .add(self.order.clause(window.backwards))
                .push(format!(" LIMIT {}", window.limit + 1))
        };
        let from = sql(" FROM ");
        if self.others.is_empty() {
            return ordered(from.add(self.rows_in(window, &self.from, &self.condition)));
        }
        // Each source on its own is in the order of an index, and gives no more rows than the page has.
        let parts = self.sources().map(|(rows, condition)| {
            let part = sql("SELECT ").push(self.columns.text.clone()).push(" FROM ");
            let part = ordered(part.add(self.rows_in(window, rows, condition)));
            sql("SELECT * FROM (").add(part).push(") part")
        });
        ordered(from.push("(").add(Sql::join(parts, " UNION ALL ")).push(") ").push(self.alias))
    }

    /// Everything that the rows come from, each with its condition.
    fn sources(&self) -> impl Iterator<Item = (&Sql, &Sql)> {
        let others = self.others.iter().map(|(from, condition)| (from, condition));
        std::iter::once((&self.from, &self.condition)).chain(others)
    }

    /// `… WHERE …`: all rows of a source from the cursors of the window on.
    fn rows_in(&self, window: &Window, from: &Sql, condition: &Sql) -> Sql {
        let mut rows = from.clone().push(" WHERE ").add(condition.clone());
        if let Some(after) = &window.after {
            rows = rows.push(" AND ").add(self.order.beyond(after, false));
        }
        if let Some(before) = &window.before {
            rows = rows.push(" AND ").add(self.order.beyond(before, true));
        }
        rows
    }
}

fn cut<R>(mut rows: Vec<R>, window: &Window) -> Page<R> {
    let limit = usize::try_from(window.limit).unwrap_or(0);
    let more = rows.len() > limit;
    rows.truncate(limit);
    if window.backwards {
        rows.reverse();
        return Page { rows, has_next: window.before.is_some(), has_previous: more };
    }
    Page { rows, has_next: more, has_previous: window.after.is_some() }
}
