//! Why a list is never read row by row.
//!
//! All objects of one page are siblings: each holds the whole [`Level`]. The first of them whose child field runs reads the
//! answer for every sibling at once; the others find it there. What a field read is kept under the field's own place in
//! the document, so that two aliases with different arguments never mix, and a field that no sibling is asked for is never read.
//! The children of all siblings together are the next level. The number of statements therefore depends on the document, and on SQLite on
//! the size of its pages; never on the size of the book.

use std::any::Any;
use std::collections::HashMap;
use std::future::Future;
use std::ops::Deref;
use std::sync::{Arc, Mutex, PoisonError};

use async_graphql::{Context, Error, Result};
use tokio::sync::OnceCell;

/// What a shared answer is kept under.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CellKey {
    /// The place of a field in the document, which decides its arguments, and what about it is asked.
    Place(usize, &'static str),
    /// Something without arguments that several fields share.
    Name(&'static str),
}

impl CellKey {
    /// The place of the field under execution. The document outlives the operation's levels, so no two fields share an address.
    #[must_use]
    pub fn of(ctx: &Context<'_>, what: &'static str) -> Self {
        Self::Place(std::ptr::from_ref(ctx.item) as usize, what)
    }
}

type Cell<T> = OnceCell<Result<Arc<T>, Error>>;

/// The rows of one page, or of all pages of one field below a page, and what was read for all of them at once.
#[derive(Debug)]
pub struct Level<R> {
    rows: Vec<R>,
    cells: Mutex<HashMap<CellKey, Arc<dyn Any + Send + Sync>>>,
}

impl<R: Send + Sync + 'static> Level<R> {
    /// A level of these rows.
    #[must_use]
    pub fn new(rows: Vec<R>) -> Arc<Self> {
        Arc::new(Self { rows, cells: Mutex::default() })
    }

    /// All rows.
    #[must_use]
    pub fn rows(&self) -> &[R] {
        &self.rows
    }

    /// One value per row, without repetition and in order: the keys that a statement for all siblings asks for.
    pub fn keys<K: Ord>(&self, key: impl Fn(&R) -> Option<K>) -> Vec<K> {
        let mut keys: Vec<K> = self.rows.iter().filter_map(key).collect();
        keys.sort_unstable();
        keys.dedup();
        keys
    }

    /// What is kept under `key`, read by `load` if nobody has. A failure is kept as well: it would not go away by being tried
    /// for every sibling again.
    ///
    /// # Errors
    /// What `load` gives.
    pub async fn shared<T, F>(&self, key: CellKey, load: impl FnOnce() -> F) -> Result<Arc<T>>
    where
        T: Send + Sync + 'static,
        F: Future<Output = Result<T>>,
    {
        let cell = {
            let mut cells = self.cells.lock().unwrap_or_else(PoisonError::into_inner);
            cells.entry(key).or_insert_with(|| Arc::new(Cell::<T>::new())).clone()
        };
        let cell = cell.downcast::<Cell<T>>().map_err(|_| Error::new("two kinds of answer under one key"))?;
        cell.get_or_init(|| async { load().await.map(Arc::new) }).await.clone()
    }
}

/// One row among its siblings.
#[derive(Debug)]
pub struct Member<R> {
    level: Arc<Level<R>>,
    at: usize,
}

impl<R> Clone for Member<R> {
    fn clone(&self) -> Self {
        Self { level: self.level.clone(), at: self.at }
    }
}

impl<R: Send + Sync + 'static> Member<R> {
    /// The row at that place of a level; `None` where the level ends before.
    #[must_use]
    pub fn at(level: &Arc<Level<R>>, at: usize) -> Option<Self> {
        (at < level.rows.len()).then(|| Self { level: level.clone(), at })
    }

    /// A row without siblings.
    #[must_use]
    pub fn alone(row: R) -> Self {
        Self { level: Level::new(vec![row]), at: 0 }
    }

    /// It and its siblings.
    #[must_use]
    pub fn level(&self) -> &Arc<Level<R>> {
        &self.level
    }
}

impl<R> Deref for Member<R> {
    type Target = R;

    fn deref(&self) -> &R {
        &self.level.rows[self.at]
    }
}
