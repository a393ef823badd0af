//! Rows whose columns are asked for in the order in which they come.
//!
//! diesel finds a column by its name, from the first on, for every value of every row: some 450 comparisons for a row of
//! thirty columns. Here the column after the last one is tried first. Names still decide, so that a row reads its
//! own columns and no others in whatever order they stand.

use std::cell::Cell;
use std::marker::PhantomData;
use std::ops::Range;

use diesel::backend::Backend;
use diesel::deserialize::{self, QueryableByName};
use diesel::row::{Field, NamedRow, PartialRow, Row, RowIndex, RowSealed};

/// A row that is read in order.
pub(crate) struct InOrder<R>(pub(crate) R);

impl<DB: Backend, R: QueryableByName<DB>> QueryableByName<DB> for InOrder<R> {
    fn build<'a>(row: &impl NamedRow<'a, DB>) -> deserialize::Result<Self> {
        R::build(&Columns { row, next: Cell::new(0), database: PhantomData::<(&'a (), fn() -> DB)> }).map(Self)
    }
}

struct Columns<'r, 'a, DB, R> {
    row: &'r R,
    next: Cell<usize>,
    database: PhantomData<(&'a (), fn() -> DB)>,
}

impl<DB, R> RowSealed for Columns<'_, '_, DB, R> {}

impl<'a, DB: Backend, R: Row<'a, DB>> RowIndex<&str> for Columns<'_, 'a, DB, R> {
    fn idx(&self, name: &str) -> Option<usize> {
        let next = self.next.get();
        let is_next = Row::get(self.row, next).is_some_and(|field| field.field_name() == Some(name));
        let found = if is_next { next } else { self.row.idx(name)? };
        self.next.set(found + 1);
        Some(found)
    }
}

impl<'a, DB: Backend, R: Row<'a, DB>> RowIndex<usize> for Columns<'_, 'a, DB, R> {
    fn idx(&self, at: usize) -> Option<usize> {
        self.row.idx(at)
    }
}

impl<'a, DB: Backend, R: Row<'a, DB>> Row<'a, DB> for Columns<'_, 'a, DB, R> {
    type Field<'f>
        = R::Field<'f>
    where
        'a: 'f,
        R: 'f,
        Self: 'f;
    type InnerPartialRow = R::InnerPartialRow;

    fn field_count(&self) -> usize {
        self.row.field_count()
    }

    fn get<'b, I>(&'b self, at: I) -> Option<Self::Field<'b>>
    where
        'a: 'b,
        Self: RowIndex<I>,
    {
        Row::get(self.row, self.idx(at)?)
    }

    fn partial_row(&self, range: Range<usize>) -> PartialRow<'_, Self::InnerPartialRow> {
        self.row.partial_row(range)
    }
}
