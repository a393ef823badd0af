//! Keyset pages of any list, for a single list or for one list below each of many parents.
//!
//! An order is a list of columns that ends with a unique one. A cursor, the values of these columns in one row, therefore has a
//! definite position in the list and keeps it when rows are inserted. Nulls come last in ascending order and first in descending
//! order, on both databases.

use std::collections::HashMap;
use std::fmt::Debug;

use diesel::QueryableByName;
use diesel::backend::Backend as DieselBackend;
use diesel::deserialize::{self, FromSql};
use diesel::pg::Pg;
use diesel::row::NamedRow;
use diesel::sql_types::BigInt;
use diesel::sqlite::Sqlite;
use partnergraph_domain::Key;
use serde::Serialize;

use crate::conn::{Backend, Conn};
use crate::error::StoreResult;
use crate::read::row::{Cells, Columns, Narrow, Positional, Wanted, cell};
use crate::sql::{Sql, StoredKey, Value, ids, sql};

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
}

/// The parent's key in the conditions of a list below a parent.
const PARENT: &str = "up.id";

/// A statement for PostgreSQL without the signs that keep SQLite from using an index: with a sign in front of a column, PostgreSQL cannot
/// estimate how many rows match.
fn without_signs(statement: Sql) -> Sql {
    statement.with(" AND +", " AND ")
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

struct Child<K, R> {
    parent_id: K,
    row: R,
}

impl<DB, K, R> Positional<DB> for Child<K, R>
where
    DB: DieselBackend,
    K: FromSql<BigInt, DB> + 'static,
    R: Positional<DB>,
{
    const WIDTH: u32 = 1 + R::WIDTH;

    fn read<'a, Row: diesel::row::Row<'a, DB>>(cells: &mut Cells<'_, Row>) -> deserialize::Result<Self> {
        Ok(Self { parent_id: cells.next::<DB, BigInt, K>("parent_id")?, row: R::read(cells)? })
    }
}

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    rows: i64,
}

struct CountBelow<K> {
    parent_id: K,
    rows: i64,
}

impl<DB, K> QueryableByName<DB> for CountBelow<K>
where
    DB: DieselBackend,
    K: FromSql<BigInt, DB>,
    i64: FromSql<BigInt, DB>,
{
    fn build<'a>(row: &impl NamedRow<'a, DB>) -> deserialize::Result<Self> {
        Ok(Self {
            parent_id: cell::<DB, BigInt, K>(row, 0, "parent_id")?,
            rows: cell::<DB, BigInt, i64>(row, 1, "rows")?,
        })
    }
}

impl<F: OrderField> List<F> {
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

    /// The parts in `window` of the lists below each of these parents.
    ///
    /// # Errors
    /// Any database error.
    pub fn pages<K: StoredKey>(
        &self,
        conn: &mut Conn,
        window: &Window,
        parents: &[K],
    ) -> StoreResult<HashMap<K, Page<F::Row>>> {
        let mut lists: HashMap<K, Vec<F::Row>> = HashMap::with_capacity(parents.len());
        match conn.backend() {
            // One statement for each parent, prepared once: SQLite runs in-process, so calls are cheap, and it has no LATERAL.
            Backend::Sqlite => {
                let mut statement = self.statement(window).for_each(PARENT);
                for parent in parents {
                    let rows = conn.narrow_rows(statement.of(parent.number()), self.columns.unselected)?;
                    if !rows.is_empty() {
                        lists.insert(*parent, rows);
                    }
                }
            }
            Backend::Postgres if parents.is_empty() => {}
            Backend::Postgres => {
                let unselected = self.columns.unselected.behind_one();
                let statement = self.statement_below_all(window, parents);
                for child in conn.narrow_rows::<Child<K, F::Row>>(&statement, unselected)? {
                    lists.entry(child.parent_id).or_default().push(child.row);
                }
            }
        }
        Ok(lists.into_iter().map(|(parent, rows)| (parent, cut(rows, window))).collect())
    }

    /// The statement that reads the list below this parent.
    #[must_use]
    pub fn statement_below<K: Key>(&self, backend: Backend, window: &Window, parent: K) -> Sql {
        match backend {
            Backend::Sqlite => self.statement(window).for_each(PARENT).of(parent.number()).clone(),
            Backend::Postgres => self.statement_below_all(window, &[parent]),
        }
    }

    /// The lists below all parents in one statement: the first rows of every parent come directly from the index. A window
    /// function would number all rows of all parents first.
    fn statement_below_all<K: Key>(&self, window: &Window, parents: &[K]) -> Sql {
        sql("SELECT up.id AS parent_id, ")
            .push(self.alias)
            .push(".* FROM ")
            .add(ids(Backend::Postgres, parents))
            .push(" CROSS JOIN LATERAL (")
            .add(without_signs(self.statement(window)))
            .push(") ")
            .push(self.alias)
            .push(" ORDER BY up.id, ")
            .add(self.order.clause(window.backwards))
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
        let rows = sql(" FROM ").add(self.from.clone()).push(" WHERE ").add(self.condition.clone());
        let count = sql("SELECT CAST(0 AS BIGINT) AS parent_id, COUNT(*) AS rows");
        match backend {
            Backend::Postgres => count.add(rows),
            // SQLite omits unneeded outer joins when it lists rows but not when it counts them; LIMIT keeps it from merging the
            // two queries.
            Backend::Sqlite => count.push(" FROM (SELECT 1").add(rows).push(" LIMIT -1)"),
        }
    }

    /// The number of rows in the lists below each of these parents; parents without rows are missing from the result.
    ///
    /// # Errors
    /// Any database error.
    pub fn counts<K: StoredKey>(&self, conn: &mut Conn, parents: &[K]) -> StoreResult<HashMap<K, i64>> {
        let rows = self.from.clone().push(" WHERE ").add(self.condition.clone());
        let rows = match conn.backend() {
            Backend::Sqlite => rows,
            Backend::Postgres => without_signs(rows),
        };
        let statement = sql("SELECT up.id AS parent_id, (SELECT COUNT(*) FROM ")
            .add(rows)
            .push(") AS rows FROM ")
            .add(ids(conn.backend(), parents));
        Ok(conn.rows::<CountBelow<K>>(&statement)?.into_iter().map(|count| (count.parent_id, count.rows)).collect())
    }

    /// The statement of [`List::page`], and of [`List::pages`] for the parent `up.id`.
    #[must_use]
    pub fn statement(&self, window: &Window) -> Sql {
        sql("SELECT ").push(self.columns.text.clone()).add(self.tail(window))
    }

    /// ` FROM … WHERE … ORDER BY … LIMIT …`, with one row more than requested, which shows whether the list continues.
    fn tail(&self, window: &Window) -> Sql {
        let mut tail = sql(" FROM ").add(self.from.clone()).push(" WHERE ").add(self.condition.clone());
        if let Some(after) = &window.after {
            tail = tail.push(" AND ").add(self.order.beyond(after, false));
        }
        if let Some(before) = &window.before {
            tail = tail.push(" AND ").add(self.order.beyond(before, true));
        }
        // The limit is part of the text. PostgreSQL assumes that a bound limit returns a tenth of the list, and would therefore plan every
        // execution anew.
        tail.push(" ORDER BY ").add(self.order.clause(window.backwards)).push(format!(" LIMIT {}", window.limit + 1))
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
