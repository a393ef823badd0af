//! One page below each of many parents.

use std::collections::HashMap;

use diesel::QueryableByName;
use diesel::backend::Backend as DieselBackend;
use diesel::deserialize::{self, FromSql};
use diesel::row::NamedRow;
use diesel::sql_types::BigInt;
use partnergraph_domain::Key;

use super::{List, OrderField, Page, Window, cut};
use crate::conn::{Backend, Conn};
use crate::error::StoreResult;
use crate::read::row::{Cells, Positional, cell};
use crate::sql::{Sql, StoredKey, ids, sql};

/// The parent's key in the conditions of a list below a parent.
const PARENT: &str = "up.id";

/// A statement for PostgreSQL without the signs that keep SQLite from using an index: with a sign in front of a column, PostgreSQL cannot
/// estimate how many rows match.
fn without_signs(statement: Sql) -> Sql {
    statement.with(" AND +", " AND ")
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

fn by_parent<K: Key, R>(rows: Vec<Child<K, R>>) -> HashMap<K, Vec<R>> {
    let mut lists: HashMap<K, Vec<R>> = HashMap::new();
    for Child { parent_id, row } in rows {
        lists.entry(parent_id).or_default().push(row);
    }
    lists
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
        let short = if self.is_short && parents.len() > 1 { self.short_lists(conn, window, parents)? } else { None };
        let lists = match short {
            Some(lists) => lists,
            None => self.lists(conn, window, parents)?,
        };
        Ok(lists.into_iter().map(|(parent, rows)| (parent, cut(rows, window))).collect())
    }

    /// The lists in one statement, which is quicker if nearly all of their rows are on a page. `None` if there are more rows than the
    /// pages could hold.
    fn short_lists<K: StoredKey>(
        &self,
        conn: &mut Conn,
        window: &Window,
        parents: &[K],
    ) -> StoreResult<Option<HashMap<K, Vec<F::Row>>>> {
        let page = usize::try_from(window.limit).unwrap_or(0) + 1;
        // Few different numbers, because each is a statement of its own.
        let most = (parents.len() * page).next_power_of_two();
        let statement = self.statement_of_short_lists(conn.backend(), window, parents, most + 1);
        let rows = conn.narrow_rows::<Child<K, F::Row>>(&statement, self.columns.unselected.behind_one())?;
        Ok((rows.len() <= most).then(|| by_parent(rows)))
    }

    /// The first `most` rows of all lists together, in the order of the parents and of the list.
    fn statement_of_short_lists<K: Key>(&self, backend: Backend, window: &Window, parents: &[K], most: usize) -> Sql {
        let rows = self.rows_in(window, &self.from, &self.condition);
        sql("SELECT ")
            .push(self.alias)
            .push(".* FROM (SELECT up.id AS parent_id, ")
            .push(self.columns.text.clone())
            .push(" FROM ")
            .add(ids(backend, parents))
            .push(" CROSS JOIN ")
            .add(if backend == Backend::Postgres { without_signs(rows) } else { rows })
            .push(format!(" LIMIT {most}) "))
            .push(self.alias)
            .push(" ORDER BY ")
            .push(self.alias)
            .push(".parent_id, ")
            .add(self.order.clause(window.backwards))
    }

    fn lists<K: StoredKey>(
        &self,
        conn: &mut Conn,
        window: &Window,
        parents: &[K],
    ) -> StoreResult<HashMap<K, Vec<F::Row>>> {
        match conn.backend() {
            // One statement for each parent, prepared once: SQLite runs in-process, so calls are cheap, and it has no LATERAL.
            Backend::Sqlite => {
                let mut lists = HashMap::with_capacity(parents.len());
                let mut statement = self.statement(window).for_each(PARENT);
                for parent in parents {
                    let rows = conn.narrow_rows(statement.of(parent.number()), self.columns.unselected)?;
                    if !rows.is_empty() {
                        lists.insert(*parent, rows);
                    }
                }
                Ok(lists)
            }
            Backend::Postgres if parents.is_empty() => Ok(HashMap::new()),
            Backend::Postgres => {
                let statement = self.statement_below_all(window, parents);
                Ok(by_parent(conn.narrow_rows(&statement, self.columns.unselected.behind_one())?))
            }
        }
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

    /// The number of rows in the lists below each of these parents; parents without rows are missing from the result.
    ///
    /// # Errors
    /// Any database error.
    pub fn counts<K: StoredKey>(&self, conn: &mut Conn, parents: &[K]) -> StoreResult<HashMap<K, i64>> {
        let counts = self.sources().map(|(from, condition)| {
            sql("(SELECT COUNT(*) FROM ").add(from.clone()).push(" WHERE ").add(condition.clone()).push(")")
        });
        let count = Sql::join(counts, " + ");
        let statement = sql("SELECT up.id AS parent_id, ")
            .add(if conn.backend() == Backend::Postgres { without_signs(count) } else { count })
            .push(" AS rows FROM ")
            .add(ids(conn.backend(), parents));
        Ok(conn.rows::<CountBelow<K>>(&statement)?.into_iter().map(|count| (count.parent_id, count.rows)).collect())
    }
}
