//! How deep a document selects, its fragments spread out. Each fragment is measured once, so that fragments that spread each
//! other many times cost no more than their text.

use std::collections::HashMap;

use async_graphql::parser::types::{ExecutableDocument, Selection};
use async_graphql::{Name, Positioned, ServerError};

use super::MAX_SELECTION_DEPTH;
use crate::graphql::errors::{code, server_error};

/// Refuses a document that selects too deep, or whose fragments spread each other in a circle.
///
/// # Errors
/// `DOCUMENT_TOO_LARGE`, `GRAPHQL_VALIDATION_FAILED`.
pub(super) fn check(document: &ExecutableDocument) -> Result<(), ServerError> {
    let mut known = HashMap::new();
    for (_, operation) in document.operations.iter() {
        let depth = depth_of(document, &operation.node.selection_set.node.items, &mut known)?;
        if depth > MAX_SELECTION_DEPTH {
            return Err(server_error(code::TOO_LARGE, format!("selections nest at most {MAX_SELECTION_DEPTH} deep")));
        }
    }
    Ok(())
}

/// `known` holds the depth of each fragment measured, and `None` for one that is being measured.
fn depth_of<'a>(
    document: &'a ExecutableDocument,
    items: &'a [Positioned<Selection>],
    known: &mut HashMap<&'a Name, Option<usize>>,
) -> Result<usize, ServerError> {
    let mut deepest = 0;
    for item in items {
        let depth = match &item.node {
            Selection::Field(field) => 1 + depth_of(document, &field.node.selection_set.node.items, known)?,
            Selection::InlineFragment(fragment) => depth_of(document, &fragment.node.selection_set.node.items, known)?,
            Selection::FragmentSpread(spread) => {
                let name = &spread.node.fragment_name.node;
                match (known.get(name), document.fragments.get(name)) {
                    (Some(Some(depth)), _) => *depth,
                    (Some(None), _) => {
                        let message = format!("the fragment `{name}` spreads itself");
                        return Err(server_error(code::VALIDATION_FAILED, message));
                    }
                    // An unknown fragment is told by validation.
                    (None, None) => 0,
                    (None, Some(fragment)) => {
                        known.insert(name, None);
                        let depth = depth_of(document, &fragment.node.selection_set.node.items, known)?;
                        known.insert(name, Some(depth));
                        depth
                    }
                }
            }
        };
        deepest = deepest.max(depth);
    }
    Ok(deepest)
}
