//! Rewrites an operation for async-graphql, without fragments, directives and variables.

use std::collections::HashMap;

use apollo_compiler::executable::{self, OperationType};
use apollo_compiler::response::JsonMap;
use async_graphql::parser::types as library;
use async_graphql::{Name, Pos, Positioned, ServerError};

use super::arguments;
use super::document::Document;
use super::selection::{Nested, Selected};
use super::type_system::TypeSystem;

/// Writes an operation for async-graphql.
///
/// # Errors
/// `BAD_USER_INPUT` if an argument is not of its type.
pub(super) fn rewrite(
    types: &TypeSystem,
    document: &Document,
    operation: &executable::Operation,
    variables: &JsonMap,
    selected: &[Selected<'_>],
) -> Result<library::ExecutableDocument, ServerError> {
    let writer = Writer { types, document, variables };
    let items = writer.items(selected)?;
    let operation = library::OperationDefinition {
        ty: match operation.operation_type {
            OperationType::Query => library::OperationType::Query,
            OperationType::Mutation => library::OperationType::Mutation,
            OperationType::Subscription => library::OperationType::Subscription,
        },
        variable_definitions: Vec::new(),
        directives: Vec::new(),
        selection_set: here(library::SelectionSet { items }),
    };
    let operations = library::DocumentOperations::Single(here(operation));
    Ok(library::ExecutableDocument { operations, fragments: HashMap::default() })
}

struct Writer<'a> {
    types: &'a TypeSystem,
    document: &'a Document,
    variables: &'a JsonMap,
}

type Items = Vec<Positioned<library::Selection>>;

impl Writer<'_> {
    fn items(&self, selected: &[Selected<'_>]) -> Result<Items, ServerError> {
        let field = |selected| {
            let field = self.field(selected)?;
            let pos = field.pos;
            Ok(Positioned::new(library::Selection::Field(field), pos))
        };
        selected.iter().map(field).collect()
    }

    fn field(&self, selected: &Selected<'_>) -> Result<Positioned<library::Field>, ServerError> {
        let field = selected.field;
        let pos = self.document.position(field);
        let arguments = arguments::of(self.types, self.variables, field).map_err(|mut error| {
            error.locations = vec![pos];
            error
        })?;
        let items = self.nested(&selected.nested)?;
        let at = |node: Name| Positioned::new(node, pos);
        let written = library::Field {
            alias: (selected.key != &field.name).then(|| at(Name::new(selected.key.as_str()))),
            name: at(Name::new(field.name.as_str())),
            arguments: arguments
                .into_iter()
                .map(|(name, value)| (at(name), Positioned::new(value.into_value(), pos)))
                .collect(),
            directives: Vec::new(),
            selection_set: Positioned::new(library::SelectionSet { items }, pos),
        };
        Ok(Positioned::new(written, pos))
    }

    fn nested(&self, nested: &Nested<'_>) -> Result<Items, ServerError> {
        match nested {
            Nested::Leaf => Ok(Vec::new()),
            Nested::Fields(selected) => self.items(selected),
            Nested::ByType(types) => {
                let mut items = Vec::with_capacity(types.len());
                for (name, selected) in types {
                    let fragment = library::InlineFragment {
                        type_condition: Some(here(library::TypeCondition { on: here(Name::new(name.as_str())) })),
                        directives: Vec::new(),
                        selection_set: here(library::SelectionSet { items: self.items(selected)? }),
                    };
                    items.push(here(library::Selection::InlineFragment(here(fragment))));
                }
                Ok(items)
            }
        }
    }
}

fn here<T>(node: T) -> Positioned<T> {
    Positioned::new(node, Pos::default())
}
