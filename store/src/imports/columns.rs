//! Bulk updates on PostgreSQL: `UPDATE … FROM unnest(…)`.

use std::marker::PhantomData;

use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::sql_types::{Array, Nullable, Text};

use super::bulk::{Cell, ChangedRow, Kind};
use crate::error::StoreResult;

/// Rows per UPDATE on PostgreSQL.
const CHUNK: usize = 5_000;

/// Values of a PostgreSQL update by column, all as text; `unnest` turns them into rows again. Without a staging table there are
/// no statistics to go wrong, and the join always uses the primary key.
pub(super) struct Columns<R> {
    rows: usize,
    values: Vec<Vec<Option<String>>>,
    row: PhantomData<R>,
}

impl<R: ChangedRow> Columns<R> {
    pub(super) fn new() -> Self {
        Self { rows: 0, values: vec![Vec::new(); R::KEYS.len() + R::COLUMNS.len()], row: PhantomData }
    }

    /// Whether it is time to flush.
    pub(super) fn is_full(&self) -> bool {
        self.rows == CHUNK
    }

    pub(super) fn push(&mut self, cells: &[Cell<'_>]) {
        self.rows += 1;
        for (column, cell) in self.values.iter_mut().zip(cells) {
            column.push(match cell {
                Cell::Null => None,
                Cell::Int(number) => Some(number.to_string()),
                Cell::Bool(truth) => Some(truth.to_string()),
                Cell::Text(text) => Some((*text).to_owned()),
                Cell::When(when) => Some(when.as_str().to_owned()),
            });
        }
    }

    pub(super) fn flush(&mut self, conn: &mut PgConnection) -> StoreResult<()> {
        if self.rows > 0 {
            (&*self).execute(conn)?;
            self.values.iter_mut().for_each(Vec::clear);
            self.rows = 0;
        }
        Ok(())
    }
}

impl<R: ChangedRow> QueryFragment<Pg> for Columns<R> {
    fn walk_ast<'b>(&'b self, mut pass: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        pass.push_sql(&format!("UPDATE {} t SET ", R::TABLE));
        let keys = R::KEYS.len();
        for (index, (name, kind)) in R::COLUMNS.iter().enumerate() {
            pass.push_sql(&format!("{name} = s.c{}::{}, ", keys + index, kind.postgres()));
        }
        pass.push_sql(&R::BESIDES.replace("{t}", "t."));
        pass.push_sql(" FROM unnest(");
        for (index, column) in self.values.iter().enumerate() {
            pass.push_sql(if index > 0 { ", " } else { "" });
            pass.push_bind_param::<Array<Nullable<Text>>, Vec<Option<String>>>(column)?;
        }
        pass.push_sql(") AS s (");
        for index in 0..self.values.len() {
            pass.push_sql(&format!("{}c{index}", if index > 0 { ", " } else { "" }));
        }
        pass.push_sql(") WHERE ");
        for (index, (name, kind)) in R::KEYS.iter().enumerate() {
            pass.push_sql(&format!(
                "{}t.{name} = s.c{index}::{}",
                if index > 0 { " AND " } else { "" },
                kind.postgres()
            ));
        }
        Ok(())
    }
}

impl<R: ChangedRow> QueryId for Columns<R> {
    type QueryId = Columns<R>;
    const HAS_STATIC_QUERY_ID: bool = true;
}
impl<R> RunQueryDsl<PgConnection> for &Columns<R> {}

impl Kind {
    fn postgres(self) -> &'static str {
        match self {
            Self::Int => "bigint",
            Self::Bool => "boolean",
            Self::Text => "text",
            Self::Time => "timestamp",
            Self::Date => "date",
        }
    }
}
