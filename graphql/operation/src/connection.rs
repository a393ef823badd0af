//! Relay connections over the store's keyset pages.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use async_graphql::{Context, Error, Result, SimpleObject};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use partnergraph_domain::Key;
use partnergraph_store::read::cursor;
use partnergraph_store::read::page::{List, Order, OrderField, Page, Window};
use partnergraph_store::sql::{AnyKey, Value};
use partnergraph_store::{Conn, Scope, StoreResult};
use tokio::sync::OnceCell;

use crate::batch::{Batch, BatchRow, CellKey};
use crate::context::Operation;
use crate::errors::{code, error};
use crate::fingerprint::Fingerprint;

/// The page size if neither `first` nor `last` is set.
pub const DEFAULT_PAGE: i64 = 20;
/// The maximum page size.
pub const MAX_PAGE: i64 = 100;

/// Information to aid in pagination.
#[derive(SimpleObject, Debug, Clone)]
pub struct PageInfo {
    /// Whether there are more items after this page.
    pub has_next_page: bool,
    /// Whether there are more items before this page.
    pub has_previous_page: bool,
    /// The cursor of the first item. Null if the page is empty.
    pub start_cursor: Option<String>,
    /// The cursor of the last item. Null if the page is empty.
    pub end_cursor: Option<String>,
}

/// The pagination arguments of a field, as received.
#[derive(Debug, Clone, Default)]
pub struct PageArgs {
    /// The number of items from the start of the list.
    pub first: Option<i32>,
    /// The number of items from the end of the list.
    pub last: Option<i32>,
    /// Only items after this cursor.
    pub after: Option<String>,
    /// Only items before this cursor.
    pub before: Option<String>,
}

impl PageArgs {
    /// Arguments that page forward only.
    #[must_use]
    pub fn forward(first: Option<i32>, after: Option<String>) -> Self {
        Self { first, after, ..Self::default() }
    }

    /// The window of the list that the arguments select.
    ///
    /// # Errors
    /// `BAD_PAGE_SIZE`, `BAD_CURSOR`.
    pub fn window<F: OrderField>(&self, order: &Order<F>, fingerprint: &Fingerprint) -> Result<Window> {
        let (size, backwards) = match (self.first, self.last) {
            (Some(_), Some(_)) => return Err(error(code::BAD_PAGE_SIZE, "`first` and `last` cannot both be set")),
            (Some(first), None) => (i64::from(first), false),
            (None, Some(last)) => (i64::from(last), true),
            (None, None) => (DEFAULT_PAGE, false),
        };
        if !(0..=MAX_PAGE).contains(&size) {
            return Err(error(code::BAD_PAGE_SIZE, format!("the page size must be between 0 and {MAX_PAGE}")));
        }
        let kinds = order.kinds();
        let read =
            |cursor: &Option<String>| cursor.as_deref().map(|text| decode(text, fingerprint, &kinds)).transpose();
        Ok(Window { limit: size, backwards, after: read(&self.after)?, before: read(&self.before)? })
    }
}

fn encode(values: &[Value], fingerprint: &Fingerprint) -> String {
    URL_SAFE_NO_PAD.encode(serde_json::json!([fingerprint.as_str(), cursor::to_json(values)]).to_string())
}

/// The cursor of a row in a list with that order and fingerprint.
pub fn cursor<F: OrderField>(order: &Order<F>, fingerprint: &Fingerprint, row: &F::Row) -> String {
    encode(&order.values(row), fingerprint)
}

fn decode(text: &str, fingerprint: &Fingerprint, kinds: &[Value]) -> Result<Vec<Value>> {
    let malformed = || error(code::BAD_CURSOR, "not a valid cursor");
    let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| malformed())?;
    let json: serde_json::Value = serde_json::from_slice(&bytes).map_err(|_| malformed())?;
    if json.get(0).and_then(|value| value.as_str()) != Some(fingerprint.as_str()) {
        return Err(error(code::BAD_CURSOR, "the cursor belongs to a list with a different order or filter"));
    }
    let values = json.get(1).ok_or_else(malformed)?;
    // No stored text contains NUL, and PostgreSQL fails on it.
    let holds_nul = |value: &serde_json::Value| value.as_str().is_some_and(|text| text.contains('\0'));
    if values.as_array().is_some_and(|values| values.iter().any(holds_nul)) {
        return Err(malformed());
    }
    cursor::from_json(values, kinds).ok_or_else(malformed)
}

/// What the pages of one field share: either a single page, or the pages below all rows of a batch.
#[allow(missing_debug_implementations)]
pub struct Pages<F: OrderField> {
    batch: Arc<Batch<F::Row>>,
    /// Keyed by parent. The key is `None` for a list without a parent.
    ranges: HashMap<Option<AnyKey>, (Range<usize>, bool, bool)>,
    window: Window,
    list: List<F>,
    fingerprint: Fingerprint,
    /// The parents. `None` for a list without a parent.
    parents: Option<Vec<AnyKey>>,
    counts: OnceCell<Result<HashMap<Option<AnyKey>, i64>, Error>>,
}

/// One page, as a connection shows it.
#[allow(missing_debug_implementations)]
pub struct Slice<F: OrderField> {
    field: Arc<Pages<F>>,
    parent: Option<AnyKey>,
}

impl<F: OrderField> Clone for Slice<F> {
    fn clone(&self) -> Self {
        Self { field: self.field.clone(), parent: self.parent }
    }
}

impl<F: OrderField> Slice<F> {
    /// Reads a page of a list without a parent.
    ///
    /// # Errors
    /// `BAD_PAGE_SIZE`, `BAD_CURSOR`, or a database error.
    pub async fn root(operation: &Operation, args: &PageArgs, fingerprint: Fingerprint, list: List<F>) -> Result<Self> {
        let window = args.window(&list.order, &fingerprint)?;
        let field = operation.read(move |conn, _| Pages::alone(conn, list, window, fingerprint)).await?;
        Ok(Self { field: Arc::new(field), parent: None })
    }

    /// The page below that parent or, without a parent, the single page.
    #[must_use]
    pub fn of(field: &Arc<Pages<F>>, parent: Option<AnyKey>) -> Self {
        Self { field: field.clone(), parent }
    }

    /// The page below `member`, read together with the pages below all rows of its batch. `list` is called once for all of them.
    ///
    /// # Errors
    /// `BAD_PAGE_SIZE`, `BAD_CURSOR`, or a database error.
    pub async fn below<P: Send + Sync + 'static, K: Key>(
        ctx: &Context<'_>,
        member: &BatchRow<P>,
        key: fn(&P) -> K,
        args: PageArgs,
        list: impl FnOnce(&Scope) -> Result<(Fingerprint, List<F>)>,
    ) -> Result<Self> {
        let operation = Operation::of(ctx);
        let field = member
            .batch()
            .shared(CellKey::of(ctx, "page"), || async move {
                let (fingerprint, list) = list(&operation.scope()?)?;
                let window = args.window(&list.order, &fingerprint)?;
                let parents = member.batch().keys(|row| Some(AnyKey::of(key(row))));
                operation.read(move |conn, _| Pages::below(conn, list, window, fingerprint, parents)).await
            })
            .await?;
        Ok(Self { field, parent: Some(AnyKey::of(key(member))) })
    }

    /// The range of the page's rows within the rows of all pages of the field.
    #[must_use]
    pub fn range(&self) -> Range<usize> {
        self.field.ranges.get(&self.parent).map_or(0..0, |(range, ..)| range.clone())
    }

    /// The rows of the page. They are in one batch with all rows on all pages of the field.
    pub fn members(&self) -> impl Iterator<Item = BatchRow<F::Row>> {
        self.range().filter_map(|at| BatchRow::at(&self.field.batch, at))
    }

    /// The cursor of a row of the page.
    pub fn cursor(&self, row: &F::Row) -> String {
        cursor(&self.field.list.order, &self.field.fingerprint, row)
    }

    /// The page info of the page.
    #[must_use]
    pub fn info(&self) -> PageInfo {
        let (range, has_next, has_previous) = self.field.ranges.get(&self.parent).cloned().unwrap_or((
            0..0,
            self.field.window.backwards && self.field.window.before.is_some(),
            !self.field.window.backwards && self.field.window.after.is_some(),
        ));
        let rows = &self.field.batch.rows()[range];
        PageInfo {
            has_next_page: has_next,
            has_previous_page: has_previous,
            start_cursor: rows.first().map(|row| self.cursor(row)),
            end_cursor: rows.last().map(|row| self.cursor(row)),
        }
    }

    /// The total number of items in the list. Counted when first requested, for the whole batch at once.
    ///
    /// # Errors
    /// A database error.
    pub async fn total(&self, ctx: &Context<'_>) -> Result<i64> {
        let operation = Operation::of(ctx);
        let counts = self.field.counts.get_or_init(|| async {
            let field = self.field.clone();
            operation.read(move |conn, _| field.counted(conn)).await
        });
        Ok(counts.await.clone()?.get(&self.parent).copied().unwrap_or(0))
    }

    /// The same total if [`Pages::count`] has been called, otherwise 0.
    #[must_use]
    pub fn counted(&self) -> i64 {
        let counts = self.field.counts.get().and_then(|counts| counts.as_ref().ok());
        counts.and_then(|counts| counts.get(&self.parent)).copied().unwrap_or(0)
    }
}

impl<F: OrderField> Pages<F> {
    /// Reads the page of a list without a parent.
    ///
    /// # Errors
    /// A database error.
    pub fn alone(conn: &mut Conn, list: List<F>, window: Window, fingerprint: Fingerprint) -> StoreResult<Self> {
        let page = list.page(conn, &window)?;
        Ok(Self::new(HashMap::from([(None, page)]), window, list, fingerprint, None))
    }

    /// Reads the pages below all these parents.
    ///
    /// # Errors
    /// A database error.
    pub fn below(
        conn: &mut Conn,
        list: List<F>,
        window: Window,
        fingerprint: Fingerprint,
        parents: Vec<AnyKey>,
    ) -> StoreResult<Self> {
        let pages = list.pages(conn, &window, &parents)?;
        let pages = pages.into_iter().map(|(parent, page)| (Some(parent), page)).collect();
        Ok(Self::new(pages, window, list, fingerprint, Some(parents)))
    }

    /// Counts the items of the whole lists, for [`Slice::counted`].
    ///
    /// # Errors
    /// A database error.
    pub fn count(&self, conn: &mut Conn) -> StoreResult<()> {
        if !self.counts.initialized() {
            // If two calls count at the same time, either result is correct.
            let _ = self.counts.set(Ok(self.counted(conn)?));
        }
        Ok(())
    }

    /// The number of rows in each whole list. A list that fits on its page is not queried again.
    fn counted(&self, conn: &mut Conn) -> StoreResult<HashMap<Option<AnyKey>, i64>> {
        let mut counts = HashMap::new();
        let mut is_counted = |parent: Option<AnyKey>| match self.shown_whole(parent) {
            Some(rows) => {
                counts.insert(parent, rows);
                true
            }
            None => false,
        };
        match &self.parents {
            Some(parents) => {
                let partly: Vec<AnyKey> = parents.iter().copied().filter(|parent| !is_counted(Some(*parent))).collect();
                if !partly.is_empty() {
                    let rest = self.list.counts(conn, &partly)?;
                    counts.extend(rest.into_iter().map(|(parent, rows)| (Some(parent), rows)));
                }
            }
            None if !is_counted(None) => {
                counts.insert(None, self.list.count(conn)?);
            }
            None => {}
        }
        Ok(counts)
    }

    /// The number of rows in the list, if its page shows all of them.
    fn shown_whole(&self, parent: Option<AnyKey>) -> Option<i64> {
        if self.window.after.is_some() || self.window.before.is_some() {
            return None;
        }
        match self.ranges.get(&parent) {
            Some((rows, false, false)) => i64::try_from(rows.len()).ok(),
            Some(_) => None,
            None => Some(0),
        }
    }

    /// The rows of all pages.
    #[must_use]
    pub fn batch(&self) -> &Arc<Batch<F::Row>> {
        &self.batch
    }

    fn new(
        pages: HashMap<Option<AnyKey>, Page<F::Row>>,
        window: Window,
        list: List<F>,
        fingerprint: Fingerprint,
        parents: Option<Vec<AnyKey>>,
    ) -> Self {
        let mut rows = Vec::new();
        let mut ranges = HashMap::with_capacity(pages.len());
        for (parent, page) in pages {
            let from = rows.len();
            rows.extend(page.rows);
            ranges.insert(parent, (from..rows.len(), page.has_next, page.has_previous));
        }
        Self { batch: Batch::new(rows), ranges, window, list, fingerprint, parents, counts: OnceCell::new() }
    }
}

/// Declares the connection and edge types for an object type that wraps a [`BatchRow`].
#[macro_export]
macro_rules! connection {
    ($connection:ident, $edge:ident, $node:ty, $order:ty, $what:literal) => {
        #[doc = concat!("A page of ", $what, ".")]
        #[allow(missing_debug_implementations)]
        pub struct $connection(pub $crate::connection::Slice<$order>);

        #[doc = concat!("A page of ", $what, ".")]
        #[async_graphql::Object]
        impl $connection {
            /// The items with their cursors.
            fn edges(&self) -> Vec<$edge> {
                let cursor = |row: &_| self.0.cursor(row);
                self.0.members().map(|row| $edge { cursor: cursor(&row), node: <$node>::from(row) }).collect()
            }

            /// The items.
            fn nodes(&self) -> Vec<$node> {
                self.0.members().map(<$node>::from).collect()
            }

            /// Information to aid in pagination.
            fn page_info(&self) -> $crate::connection::PageInfo {
                self.0.info()
            }

            /// The total number of items in the list. Counted only if requested.
            async fn total_count(&self, ctx: &async_graphql::Context<'_>) -> async_graphql::Result<i64> {
                self.0.total(ctx).await
            }
        }

        #[doc = concat!("An item in a page of ", $what, ".")]
        #[derive(async_graphql::SimpleObject)]
        #[allow(missing_debug_implementations)]
        pub struct $edge {
            /// The item's cursor, for `after` and `before`.
            pub cursor: String,
            /// The item.
            pub node: $node,
        }
    };
}
