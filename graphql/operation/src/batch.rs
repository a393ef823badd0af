//! Batched reading: why a list is never read row by row.
//!
//! All objects on a page form a [`Batch`], and each of them holds the whole batch. The first one that resolves a child field
//! reads the values for all of them at once; the others find the values in the batch. The values are stored under the field's
//! position in the document. Two aliases with different arguments are therefore kept apart, and a field that no object requests
//! is never read. The children of all objects of a batch form the next batch. The number of statements therefore depends on the document
//! and, on SQLite, on the page size. It never depends on the total number of rows.

use std::any::Any;
use std::collections::HashMap;
use std::future::Future;
use std::ops::Deref;
use std::sync::{Arc, Mutex, PoisonError};

use async_graphql::{Context, Error, Result};
use tokio::sync::OnceCell;

/// The key under which a shared value is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CellKey {
    /// The position of a field in the document, which determines its arguments, and the value that is read for it.
    Place(usize, &'static str),
    /// A value without arguments that several fields share.
    Name(&'static str),
}

impl CellKey {
    /// The key for the field being executed. The document outlives the operation's batches, so no two fields share an address.
    #[must_use]
    pub fn of(ctx: &Context<'_>, what: &'static str) -> Self {
        Self::Place(std::ptr::from_ref(ctx.item) as usize, what)
    }
}

type Cell<T> = OnceCell<Result<Arc<T>, Error>>;

/// The rows of one page, or of all pages of one field below a page, together with the values that were read for all of them at
/// once.
#[derive(Debug)]
pub struct Batch<R> {
    rows: Vec<R>,
    cells: Mutex<HashMap<CellKey, Arc<dyn Any + Send + Sync>>>,
}

impl<R: Send + Sync + 'static> Batch<R> {
    /// Creates a batch of these rows.
    #[must_use]
    pub fn new(rows: Vec<R>) -> Arc<Self> {
        Arc::new(Self { rows, cells: Mutex::default() })
    }

    /// All rows.
    #[must_use]
    pub fn rows(&self) -> &[R] {
        &self.rows
    }

    /// One key per row, sorted and without duplicates, for a statement that reads for the whole batch.
    pub fn keys<K: Ord>(&self, key: impl Fn(&R) -> Option<K>) -> Vec<K> {
        let mut keys: Vec<K> = self.rows.iter().filter_map(key).collect();
        keys.sort_unstable();
        keys.dedup();
        keys
    }

    /// The value stored under `key`. If there is none, `load` reads it. A failure is also stored, because retrying for every
    /// row would not help.
    ///
    /// # Errors
    /// The error of `load`.
    pub async fn shared<T, F>(&self, key: CellKey, load: impl FnOnce() -> F) -> Result<Arc<T>>
    where
        T: Send + Sync + 'static,
        F: Future<Output = Result<T>>,
    {
        let cell = {
            let mut cells = self.cells.lock().unwrap_or_else(PoisonError::into_inner);
            cells.entry(key).or_insert_with(|| Arc::new(Cell::<T>::new())).clone()
        };
        let cell = cell.downcast::<Cell<T>>().map_err(|_| Error::new("two values of different types under one key"))?;
        cell.get_or_init(|| async { load().await.map(Arc::new) }).await.clone()
    }
}

/// One row of a batch.
#[derive(Debug)]
pub struct BatchRow<R> {
    batch: Arc<Batch<R>>,
    at: usize,
}

impl<R> Clone for BatchRow<R> {
    fn clone(&self) -> Self {
        Self { batch: self.batch.clone(), at: self.at }
    }
}

impl<R: Send + Sync + 'static> BatchRow<R> {
    /// The row at that position of a batch. `None` if the position is out of range.
    #[must_use]
    pub fn at(batch: &Arc<Batch<R>>, at: usize) -> Option<Self> {
        (at < batch.rows.len()).then(|| Self { batch: batch.clone(), at })
    }

    /// A row that is alone in its batch.
    #[must_use]
    pub fn alone(row: R) -> Self {
        Self { batch: Batch::new(vec![row]), at: 0 }
    }

    /// The batch that the row is in.
    #[must_use]
    pub fn batch(&self) -> &Arc<Batch<R>> {
        &self.batch
    }
}

impl<R> Deref for BatchRow<R> {
    type Target = R;

    fn deref(&self) -> &R {
        &self.batch.rows[self.at]
    }
}
