//! A whole query.

use async_graphql::parser::types::{DocumentOperations, ExecutableDocument, OperationType, SelectionSet};
use partnergraph_operation::batch;

use crate::object::{Direct, Outline, ReadObjects};
use crate::selection::RequestedField;
use crate::{Declined, Reader, WriteJson, json};

/// A root field.
pub trait Root: Send + Sync {
    /// Reads the field and everything below it.
    ///
    /// # Errors
    /// [`Declined`].
    fn read<'o>(&'o self, reader: &mut Reader<'_>) -> Result<Box<dyn RootValue + 'o>, Declined>;
}

/// The value of a root field.
pub trait RootValue {
    /// Writes the value.
    ///
    /// # Errors
    /// [`Declined`].
    fn write(&self, out: &mut Vec<u8>) -> Result<(), Declined>;
}

/// Finds the direct reader for a root field, if there is one.
pub type Roots = fn(&RequestedField<'_>) -> Option<Box<dyn Root>>;

/// A query that is answered directly.
#[allow(missing_debug_implementations)]
pub struct Query(Vec<(String, Option<Box<dyn Root>>)>);

impl Query {
    /// Parses a query that the gate has rewritten. `None` if it is not a query, or if async-graphql must execute it.
    #[must_use]
    pub fn of(document: &ExecutableDocument, roots: Roots) -> Option<Self> {
        let DocumentOperations::Single(operation) = &document.operations else { return None };
        let is_query = operation.node.ty == OperationType::Query;
        let fields = RequestedField::all(Some(&operation.node.selection_set.node).filter(|_| is_query)?)?;
        let fields = fields.into_iter().map(|requested| {
            let root = if requested.name() == "__typename" { None } else { Some(roots(&requested)?) };
            Some((requested.key(), root))
        });
        // A query for `__typename` alone is just as fast in async-graphql.
        fields.collect::<Option<Vec<_>>>().filter(|fields| fields.iter().any(|(_, root)| root.is_some())).map(Self)
    }

    /// Reads everything and returns `data` as JSON.
    ///
    /// # Errors
    /// [`Declined`].
    pub fn answer(&self, reader: &mut Reader<'_>) -> Result<String, Declined> {
        let mut read = Vec::with_capacity(self.0.len());
        for (key, root) in &self.0 {
            let written = match root {
                Some(root) => Some(root.read(reader)?),
                None => None,
            };
            read.push((key, written));
        }
        let mut out = Vec::with_capacity(1 << 14);
        json::members(read.iter().map(|(key, root)| (*key, root)), &mut out, |root, out| match root {
            Some(root) => root.write(out),
            None => json::text("Query", out),
        })?;
        String::from_utf8(out).map_err(|_| Declined::because("the result is not UTF-8"))
    }
}

/// Finds a row.
type Find<R> = Box<dyn Fn(&mut Reader<'_>) -> Result<Option<R>, Declined> + Send + Sync>;

/// A root field that is one object, or null if there is none.
#[allow(missing_debug_implementations)]
pub struct One<T: Direct> {
    outline: Outline<T>,
    find: Find<T::Row>,
}

impl<T: Direct> One<T> {
    /// The object whose row `find` returns.
    pub fn of(
        set: &SelectionSet,
        find: impl Fn(&mut Reader<'_>) -> Result<Option<T::Row>, Declined> + Send + Sync + 'static,
    ) -> Option<Self> {
        Some(Self { outline: Outline::of(set)?, find: Box::new(find) })
    }
}

impl<T: Direct> Root for One<T> {
    fn read<'o>(&'o self, reader: &mut Reader<'_>) -> Result<Box<dyn RootValue + 'o>, Declined> {
        let row = (self.find)(reader)?;
        let read = row.map(|row| self.outline.read(reader, &batch::Batch::new(vec![row]))).transpose()?;
        Ok(Box::new(Found(read)))
    }
}

struct Found<'o, T: Direct>(Option<ReadObjects<'o, T>>);

impl<T: Direct> RootValue for Found<'_, T> {
    fn write(&self, out: &mut Vec<u8>) -> Result<(), Declined> {
        match &self.0 {
            Some(found) => found.write(0, out),
            None => None::<bool>.write_json(out),
        }
    }
}
