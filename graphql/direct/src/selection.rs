//! What the gate has written for the library: fields alone, each key once, every argument a value.

use async_graphql::parser::types::{Field, Selection, SelectionSet};
use async_graphql::{InputType, Positioned};

/// A field that is asked for.
#[derive(Debug, Clone, Copy)]
pub struct Asked<'a> {
    field: &'a Field,
}

impl<'a> Asked<'a> {
    /// The fields of a selection. `None` where it holds fragments, which stand where types differ.
    pub(crate) fn all(set: &'a SelectionSet) -> Option<Vec<Self>> {
        set.items.iter().map(|item| Self::of(&item.node)).collect()
    }

    fn of(selection: &'a Selection) -> Option<Self> {
        match selection {
            Selection::Field(Positioned { node, .. }) if node.directives.is_empty() => Some(Self { field: node }),
            _ => None,
        }
    }

    /// Its name in the schema.
    #[must_use]
    pub fn name(&self) -> &'a str {
        &self.field.name.node
    }

    /// Its key in the answer, as JSON writes it before the value.
    pub(crate) fn key(&self) -> String {
        // A name of GraphQL has no character that JSON would escape (section 2.1.9).
        format!("\"{}\":", self.field.response_key().node)
    }

    /// What is selected of its value.
    #[must_use]
    pub fn below(&self) -> &'a SelectionSet {
        &self.field.selection_set.node
    }

    /// The value of an argument. `None` where it is none of its type.
    pub fn argument<T: InputType>(&self, name: &str) -> Option<T> {
        let value = match self.field.get_argument(name) {
            Some(value) => Some(value.node.clone().into_const()?),
            None => None,
        };
        T::parse(value).ok()
    }
}
