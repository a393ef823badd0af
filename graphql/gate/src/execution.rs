//! Executes operations. A query is answered directly if possible ([`partnergraph_direct`]). Otherwise async-graphql
//! executes the operation, and every error is reported at the field where it occurred
//! ([`propagation`](partnergraph_operation::propagation)).

use std::sync::Arc;

use apollo_compiler::executable::OperationType;
use async_graphql::parser::types::ExecutableDocument;
use async_graphql::{Request, Response};
use futures_util::stream::{Stream, StreamExt};

use super::schema::ApiSchema;
use partnergraph_direct::{Query, Reader};
use partnergraph_operation::Operation;
use partnergraph_operation::propagation::{Failures, is_reported_correctly};

fn request(document: ExecutableDocument, operation: &Arc<Operation>, failures: &Failures) -> Request {
    let mut request = Request::new(String::new()).data(operation.clone()).data(failures.clone());
    request.set_parsed_query(document);
    request
}

/// The `data` of a query that is answered directly, as JSON. `None` if async-graphql must execute the operation,
/// because it asks for something unusual or because something failed.
pub(super) async fn directly(
    schema: &ApiSchema,
    document: &ExecutableDocument,
    operation: &Operation,
) -> Option<String> {
    let query = Query::of(document, schema.direct)?;
    let now = operation.now();
    let answer = operation.read(move |conn, scope| Ok(query.answer(&mut Reader { conn, scope, now }))).await;
    let reason = match answer {
        Ok(Ok(data)) => return Some(data),
        Ok(Err(declined)) => declined.to_string(),
        Err(error) => error.message,
    };
    tracing::debug!(
        request_id = operation.request_id(),
        reason,
        "falling back to async-graphql: the query was not answered directly"
    );
    // After a failed statement, PostgreSQL refuses all others in the same transaction.
    operation.renew().await;
    None
}

/// Executes a query or mutation. A query in which something failed is executed again with careful error handling. A
/// mutation is executed with it from the start, because it must not run twice.
pub(super) async fn execute(
    schema: ApiSchema,
    kind: OperationType,
    document: ExecutableDocument,
    operation: Arc<Operation>,
) -> Response {
    let failures = Failures::default();
    if kind == OperationType::Query {
        let response = schema.quick.execute(request(document.clone(), &operation, &failures)).await;
        if is_reported_correctly(&response) {
            return response;
        }
    }
    let mut response = schema.careful.execute(request(document, &operation, &failures)).await;
    failures.add_to(&mut response);
    response
}

/// Executes a subscription. If the stream cannot be opened, for example because an argument is invalid, nothing was
/// executed. That is a request error, which has no path (section 6.2.3.1).
pub(super) fn execute_stream(
    schema: &ApiSchema,
    document: ExecutableDocument,
    operation: &Arc<Operation>,
) -> impl Stream<Item = Response> + Send + 'static {
    let failures = Failures::default();
    let answers = schema.careful.execute_stream(request(document, operation, &failures));
    answers.enumerate().map(move |(number, mut response)| {
        failures.add_to(&mut response);
        if number == 0 && response.errors.iter().all(|error| error.path.len() <= 1) {
            response.errors.iter_mut().for_each(|error| error.path.clear());
        }
        response
    })
}
