//! Root fields, each with a fate of its own. The library nulls all that was answered where the arguments of one root field cannot be
//! read; a mutation that is done must not be hidden by another that failed (section 6.4.4: a field that can be null is null by itself).

use std::sync::Arc;

use apollo_compiler::executable::OperationType;
use async_graphql::parser::types::{DocumentOperations, ExecutableDocument, Selection};
use async_graphql::{Name, PathSegment, Request, Response, Value};

use crate::graphql::Operation;
use crate::graphql::schema::ApiSchema;

/// An operation for the library.
pub(super) fn request(document: ExecutableDocument, operation: &Arc<Operation>) -> Request {
    let mut request = Request::new(String::new()).data(operation.clone());
    request.set_parsed_query(document);
    request
}

/// Executes a query or mutation. Mutations run one after the other, as they would; the fields of a query at once, and one by one where
/// one of them took all others with it.
pub(super) async fn execute(
    schema: ApiSchema,
    kind: OperationType,
    document: ExecutableDocument,
    operation: Arc<Operation>,
) -> Response {
    if kind == OperationType::Query {
        let response = schema.execute(request(document.clone(), &operation)).await;
        if response.data != Value::Null || !response.errors.iter().any(|error| !error.path.is_empty()) {
            return response;
        }
    }
    let mut whole = Response::default();
    let mut data = async_graphql::indexmap::IndexMap::new();
    for (key, part) in parts(document) {
        let mut response = schema.execute(request(part, &operation)).await;
        for error in &mut response.errors {
            if error.path.is_empty() {
                error.path.push(PathSegment::Field(key.to_string()));
            }
        }
        whole.errors.append(&mut response.errors);
        match response.data {
            Value::Object(fields) => data.extend(fields),
            _ => {
                data.insert(key, Value::Null);
            }
        }
    }
    whole.data = Value::Object(data);
    whole
}

/// The operation with one of its root fields each, and that field's key.
fn parts(document: ExecutableDocument) -> Vec<(Name, ExecutableDocument)> {
    let DocumentOperations::Single(operation) = document.operations else { return Vec::new() };
    let items = operation.node.selection_set.node.items.clone();
    let part = |item: async_graphql::Positioned<Selection>| {
        let Selection::Field(field) = &item.node else { return None };
        let key = field.node.response_key().node.clone();
        let mut operation = operation.clone();
        operation.node.selection_set.node.items = vec![item];
        let operations = DocumentOperations::Single(operation);
        Some((key, ExecutableDocument { operations, fragments: document.fragments.clone() }))
    };
    items.into_iter().filter_map(part).collect()
}
