//! Connections: a single page, and one page below every row of a batch.

use std::sync::Arc;

use async_graphql::parser::types::SelectionSet;
use partnergraph_domain::Key;
use partnergraph_operation::connection::{PageArgs, PageInfo, Pages, Slice};
use partnergraph_operation::fingerprint::Fingerprint;
use partnergraph_store::read::page::{List, Order, OrderField, Window};
use partnergraph_store::read::row::{Narrow, Wanted};
use partnergraph_store::sql::AnyKey;
use partnergraph_store::{Scope, StoreResult};

use crate::object::{BatchContext, Direct, NestedField, Outline, ReadField, ReadObjects, Values};
use crate::query::{Root, RootValue};
use crate::selection::RequestedField;
use crate::{Declined, Reader, WriteJson, json};

enum Part<T: Direct> {
    Type,
    Total,
    Nodes(Outline<T>),
    Edges(Vec<(String, EdgePart<T>)>),
    Info(Values<PageInfo>),
}

enum EdgePart<T: Direct> {
    Type,
    Cursor,
    Node(Outline<T>),
}

/// The selection of a connection.
#[allow(missing_debug_implementations)]
pub struct Connection<T: Direct> {
    /// The type names of the connection and of its edges.
    types: (&'static str, &'static str),
    parts: Vec<(String, Part<T>)>,
}

impl<T: Direct> Connection<T> {
    /// Parses the selection of a connection with these types. `None` if async-graphql must answer any part of it.
    #[must_use]
    pub fn of(types: (&'static str, &'static str), set: &SelectionSet) -> Option<Self> {
        let parts = RequestedField::all(set)?.into_iter().map(|requested| {
            let part = match requested.name() {
                "__typename" => Part::Type,
                "totalCount" => Part::Total,
                "nodes" => Part::Nodes(Outline::of(requested.selection())?),
                "edges" => Part::Edges(Self::edges(requested.selection())?),
                "pageInfo" => Part::Info(Values::of(requested.selection())?),
                _ => return None,
            };
            Some((requested.key(), part))
        });
        Some(Self { types, parts: parts.collect::<Option<_>>()? })
    }

    fn edges(set: &SelectionSet) -> Option<Vec<(String, EdgePart<T>)>> {
        let parts = RequestedField::all(set)?.into_iter().map(|requested| {
            let part = match requested.name() {
                "__typename" => EdgePart::Type,
                "cursor" => EdgePart::Cursor,
                "node" => EdgePart::Node(Outline::of(requested.selection())?),
                _ => return None,
            };
            Some((requested.key(), part))
        });
        parts.collect()
    }

    /// The columns that the selected nodes need.
    fn wanted(&self) -> Wanted {
        let mut wanted = Wanted::default();
        for (_, part) in &self.parts {
            match part {
                Part::Nodes(outline) => outline.wants(&mut wanted),
                Part::Edges(parts) => parts.iter().for_each(|(_, part)| {
                    if let EdgePart::Node(outline) = part {
                        outline.wants(&mut wanted);
                    }
                }),
                Part::Type | Part::Total | Part::Info(_) => {}
            }
        }
        wanted
    }

    /// Reads everything below these pages.
    fn read<F: OrderField<Row = T::Row>>(
        &self,
        reader: &mut Reader<'_>,
        pages: Pages<F>,
    ) -> Result<ReadConnection<'_, T, F>, Declined> {
        let mut parts = Vec::with_capacity(self.parts.len());
        for (key, part) in &self.parts {
            let part = match part {
                Part::Type => ReadPart::Type,
                Part::Total => {
                    pages.count(reader.conn)?;
                    ReadPart::Total
                }
                Part::Nodes(outline) => ReadPart::Nodes(outline.read(reader, pages.batch())?),
                Part::Edges(fields) => {
                    let mut read = Vec::with_capacity(fields.len());
                    for (key, part) in fields {
                        let part = match part {
                            EdgePart::Type => ReadEdge::Type,
                            EdgePart::Cursor => ReadEdge::Cursor,
                            EdgePart::Node(outline) => ReadEdge::Node(outline.read(reader, pages.batch())?),
                        };
                        read.push((key, part));
                    }
                    ReadPart::Edges(read)
                }
                Part::Info(values) => ReadPart::Info(values),
            };
            parts.push((key, part));
        }
        Ok(ReadConnection { types: self.types, pages: Arc::new(pages), parts })
    }
}

enum ReadPart<'o, T: Direct> {
    Type,
    Total,
    Nodes(ReadObjects<'o, T>),
    Edges(Vec<(&'o String, ReadEdge<'o, T>)>),
    Info(&'o Values<PageInfo>),
}

enum ReadEdge<'o, T: Direct> {
    Type,
    Cursor,
    Node(ReadObjects<'o, T>),
}

/// The pages of a connection, with everything below them read.
#[allow(missing_debug_implementations)]
pub struct ReadConnection<'o, T: Direct, F: OrderField> {
    types: (&'static str, &'static str),
    pages: Arc<Pages<F>>,
    parts: Vec<(&'o String, ReadPart<'o, T>)>,
}

impl<T: Direct, F: OrderField<Row = T::Row>> ReadConnection<'_, T, F> {
    fn write(&self, parent: Option<AnyKey>, out: &mut Vec<u8>) -> Result<(), Declined> {
        let page = Slice::of(&self.pages, parent);
        let rows = self.pages.batch().rows();
        json::members(self.parts.iter().map(|(key, part)| (*key, part)), out, |part, out| match part {
            ReadPart::Type => json::text(self.types.0, out),
            ReadPart::Total => page.counted().write_json(out),
            ReadPart::Nodes(nodes) => json::elements(page.range(), out, |at, out| nodes.write(at, out)),
            ReadPart::Edges(parts) => json::elements(page.range(), out, |at, out| {
                json::members(parts.iter().map(|(key, part)| (*key, part)), out, |part, out| match part {
                    ReadEdge::Type => json::text(self.types.1, out),
                    ReadEdge::Cursor => json::text(
                        &page.cursor(rows.get(at).ok_or_else(|| Declined::because("a row is missing from the batch"))?),
                        out,
                    ),
                    ReadEdge::Node(nodes) => nodes.write(at, out),
                })
            }),
            ReadPart::Info(values) => values.write(&page.info(), out),
        })
    }
}

crate::shape! { PageInfo as "PageInfo" of {
    "hasNextPage": has_next_page;
    "hasPreviousPage": has_previous_page;
    "startCursor": start_cursor;
    "endCursor": end_cursor;
} }

/// Builds a root connection's list from its arguments, within the reader's scope.
type ListOf<F> = Box<dyn Fn(&mut Reader<'_>) -> StoreResult<List<F>> + Send + Sync>;

/// A field that selects a page of a list.
#[allow(missing_debug_implementations)]
pub struct Page<T: Direct> {
    connection: Connection<T>,
    window: Window,
    fingerprint: Fingerprint,
}

impl<T: Direct> Page<T> {
    /// Parses a field's selection and arguments. `types` are the type names of the connection and of its edges. `None`
    /// if the arguments are invalid, so that async-graphql reports the error, or if async-graphql must answer any part
    /// of the selection.
    pub fn of<F: OrderField<Row = T::Row>>(
        types: (&'static str, &'static str),
        requested: &RequestedField<'_>,
        order: &Order<F>,
        fingerprint: Fingerprint,
    ) -> Option<Self> {
        let (first, last) = (requested.argument("first")?, requested.argument("last")?);
        let (after, before) = (requested.argument("after")?, requested.argument("before")?);
        let window = PageArgs { first, last, after, before }.window(order, &fingerprint).ok()?;
        Some(Self { connection: Connection::of(types, requested.selection())?, window, fingerprint })
    }
}

/// A root field that is a page of a list.
#[allow(missing_debug_implementations)]
pub struct PagesAlone<T: Direct, F: OrderField<Row = T::Row>> {
    page: Page<T>,
    list: ListOf<F>,
}

impl<T, F> PagesAlone<T, F>
where
    T: Direct,
    F: OrderField<Row = T::Row>,
    T::Row: Narrow,
{
    /// A page of the list that `list` builds.
    pub fn of(page: Page<T>, list: impl Fn(&mut Reader<'_>) -> StoreResult<List<F>> + Send + Sync + 'static) -> Self {
        Self { page, list: Box::new(list) }
    }
}

impl<T, F> Root for PagesAlone<T, F>
where
    T: Direct,
    F: OrderField<Row = T::Row>,
    T::Row: Narrow,
{
    fn read<'o>(&'o self, reader: &mut Reader<'_>) -> Result<Box<dyn RootValue + 'o>, Declined> {
        let Page { connection, window, fingerprint } = &self.page;
        let list = (self.list)(reader)?.narrowed(&connection.wanted());
        let pages = Pages::alone(reader.conn, list, window.clone(), fingerprint.clone())?;
        Ok(Box::new(connection.read(reader, pages)?))
    }
}

impl<T: Direct, F: OrderField<Row = T::Row>> RootValue for ReadConnection<'_, T, F> {
    fn write(&self, out: &mut Vec<u8>) -> Result<(), Declined> {
        Self::write(self, None, out)
    }
}

/// Builds the list below the rows of a batch, within the given scope.
type NestedList<F> = Box<dyn Fn(&Scope) -> List<F> + Send + Sync>;

/// A field that is a page of a list below each row `P`.
#[allow(missing_debug_implementations)]
pub struct NestedPages<P, K, T: Direct, F: OrderField<Row = T::Row>> {
    page: Page<T>,
    key: fn(&P) -> K,
    list: NestedList<F>,
}

impl<P, K, T, F> NestedPages<P, K, T, F>
where
    T: Direct,
    F: OrderField<Row = T::Row>,
    T::Row: Narrow,
{
    /// A page of the list below each row. `key` returns the key of a row.
    pub fn of(page: Page<T>, key: fn(&P) -> K, list: impl Fn(&Scope) -> List<F> + Send + Sync + 'static) -> Self {
        Self { page, key, list: Box::new(list) }
    }
}

impl<P, K, T, F> NestedField<P> for NestedPages<P, K, T, F>
where
    P: Send + Sync + 'static,
    K: Key + 'static,
    T: Direct,
    F: OrderField<Row = T::Row>,
    T::Row: Narrow,
{
    fn read<'o>(
        &'o self,
        reader: &mut Reader<'_>,
        batch: &mut BatchContext<'_, P>,
    ) -> Result<Box<dyn ReadField<P> + 'o>, Declined> {
        let Page { connection, window, fingerprint } = &self.page;
        let list = (self.list)(reader.scope).narrowed(&connection.wanted());
        let parents = batch.rows.keys(|row| Some(AnyKey::of((self.key)(row))));
        let pages = Pages::below(reader.conn, list, window.clone(), fingerprint.clone(), parents)?;
        Ok(Box::new(Lists { key: self.key, read: connection.read(reader, pages)? }))
    }
}

struct Lists<'o, P, K, T: Direct, F: OrderField> {
    key: fn(&P) -> K,
    read: ReadConnection<'o, T, F>,
}

impl<P, K: Key, T: Direct, F: OrderField<Row = T::Row>> ReadField<P> for Lists<'_, P, K, T, F> {
    fn write(&self, _: usize, row: &P, out: &mut Vec<u8>) -> Result<(), Declined> {
        self.read.write(Some(AnyKey::of((self.key)(row))), out)
    }
}
