//! The selections that the gate has written for async-graphql: only fields, each response key once, every argument a
//! literal value.

use async_graphql::parser::types::{Field, Selection, SelectionSet};
use async_graphql::{InputType, Positioned};

/// A requested field.
#[derive(Debug, Clone, Copy)]
pub struct RequestedField<'a> {
    field: &'a Field,
}

impl<'a> RequestedField<'a> {
    /// The fields of a selection. `None` if it contains fragments, which the gate keeps only where the selection
    /// differs by type.
    pub(crate) fn all(set: &'a SelectionSet) -> Option<Vec<Self>> {
        set.items.iter().map(|item| Self::of(&item.node)).collect()
    }

    fn of(selection: &'a Selection) -> Option<Self> {
        match selection {
            Selection::Field(Positioned { node, .. }) if node.directives.is_empty() => Some(Self { field: node }),
            _ => None,
        }
    }

    /// The field's name in the schema.
    #[must_use]
    pub fn name(&self) -> &'a str {
        &self.field.name.node
    }

    /// The field's response key as JSON, with the colon that precedes the value.
    pub(crate) fn key(&self) -> String {
        // A GraphQL name contains no characters that JSON must escape (section 2.1.9).
        format!("\"{}\":", self.field.response_key().node)
    }

    /// The selection below the field.
    #[must_use]
    pub fn selection(&self) -> &'a SelectionSet {
        &self.field.selection_set.node
    }

    /// The value of an argument. `None` if it is not of type `T`.
    pub fn argument<T: InputType>(&self, name: &str) -> Option<T> {
        let value = match self.field.get_argument(name) {
            Some(value) => Some(value.node.clone().into_const()?),
            None => None,
        };
        T::parse(value).ok()
    }
}
