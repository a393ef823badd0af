//! Top-level errors: bugs, limits and access only. What a business rule refuses is a user error of a payload.

use async_graphql::{Error, ErrorExtensions, Name, Response, ServerError, Value};
use partnergraph_store::StoreError;

/// The most errors of an answer; one more says how many are left out.
pub const MAX_ERRORS: usize = 9;

/// The codes that the top-level errors bear, under `extensions.code`.
pub mod code {
    /// No token, or one that is wrong, expired or revoked.
    pub const UNAUTHENTICATED: &str = "UNAUTHENTICATED";
    /// The document is no GraphQL.
    pub const PARSE_FAILED: &str = "GRAPHQL_PARSE_FAILED";
    /// The document does not fit the schema, or its operation is not there.
    pub const VALIDATION_FAILED: &str = "GRAPHQL_VALIDATION_FAILED";
    /// A value is not of its type.
    pub const BAD_INPUT: &str = "BAD_USER_INPUT";
    /// The request is not as GraphQL over HTTP wants it.
    pub const BAD_REQUEST: &str = "BAD_REQUEST";
    /// The request is larger, deeper or longer than the server takes.
    pub const TOO_LARGE: &str = "DOCUMENT_TOO_LARGE";
    /// The answer could hold more values than the server answers at once.
    pub const TOO_EXPENSIVE: &str = "QUERY_TOO_EXPENSIVE";
    /// The answer has more bytes than the server sends at once.
    pub const ANSWER_TOO_LARGE: &str = "ANSWER_TOO_LARGE";
    /// `first` or `last` is negative, over 100, or both are given.
    pub const BAD_PAGE_SIZE: &str = "BAD_PAGE_SIZE";
    /// A cursor of another list, order or filter, or no cursor at all.
    pub const BAD_CURSOR: &str = "BAD_CURSOR";
    /// A filter that is empty where it must say something, or larger than the server takes.
    pub const BAD_FILTER: &str = "BAD_FILTER";
    /// The operation was not answered in the time that the server gives it.
    pub const DEADLINE_EXCEEDED: &str = "DEADLINE_EXCEEDED";
    /// The server has too much to do just now, or another write is under way; nothing was done.
    pub const BUSY: &str = "BUSY";
    /// The body of the request did not come in time.
    pub const REQUEST_TIMEOUT: &str = "REQUEST_TIMEOUT";
    /// The caller has used up what it may ask for in a minute.
    pub const RATE_LIMITED: &str = "RATE_LIMITED";
    /// A document was named by its hash, and the server does not have it: send it whole.
    pub const PERSISTED_QUERY_NOT_FOUND: &str = "PERSISTED_QUERY_NOT_FOUND";
    /// The server runs only documents that it was configured with.
    pub const DOCUMENT_NOT_TRUSTED: &str = "DOCUMENT_NOT_TRUSTED";
    /// The answer has more errors than are told.
    pub const MORE_ERRORS: &str = "MORE_ERRORS";
    /// A mutation was sent by GET.
    pub const METHOD_NOT_ALLOWED: &str = "METHOD_NOT_ALLOWED";
    /// The server failed; its log says more under the request's id.
    pub const INTERNAL: &str = "INTERNAL_SERVER_ERROR";
}

/// What is said to whoever sends no valid token, whatever is wrong with it.
pub const NEEDS_TOKEN: &str = "a valid access token is needed: send `Authorization: Bearer TOKEN`";

/// An error with a code.
pub fn error(code: &str, message: impl Into<String>) -> Error {
    Error::new(message).extend_with(|_, extensions| extensions.set("code", code))
}

/// An error of the whole request, with a code.
pub fn server_error(code: &str, message: impl Into<String>) -> ServerError {
    ServerError { locations: Vec::new(), ..error(code, message).into_server_error(async_graphql::Pos::default()) }
}

/// Makes an answer fit to leave: every error gets its code and the request's id, and what failed inside is told to the log, in
/// full and once, and to the caller without a word of it.
///
/// Of many errors the first few leave, and one more that says how many there are.
pub fn finish(response: &mut Response, request_id: &str) {
    let more = response.errors.len().saturating_sub(MAX_ERRORS);
    if more > 1 {
        response.errors.truncate(MAX_ERRORS);
        response.errors.push(server_error(code::MORE_ERRORS, format!("… and {more} more errors")));
    }
    for error in &mut response.errors {
        if let Some((code, message)) = error.source::<StoreError>().and_then(of_waiting) {
            message.clone_into(&mut error.message);
            error.extensions.get_or_insert_default().set("code", code);
            error.source = None;
        }
        let coded = error.extensions.as_ref().is_some_and(|extensions| extensions.get("code").is_some());
        if !coded {
            let code = if error.source.is_some() {
                log(error, request_id);
                "the server failed; its log says more under this request id".clone_into(&mut error.message);
                code::INTERNAL
            } else if error.path.is_empty() {
                code::VALIDATION_FAILED
            } else {
                code::BAD_INPUT
            };
            error.extensions.get_or_insert_default().set("code", code);
        }
        error.extensions.get_or_insert_default().set("requestId", request_id);
    }
}

/// What is to be told of a failure that is nobody's fault: time was over.
fn of_waiting(error: &StoreError) -> Option<(&'static str, &'static str)> {
    match error {
        StoreError::TimeOver => Some((
            code::DEADLINE_EXCEEDED,
            "the operation was not answered in time and was ended; ask for less, or try again",
        )),
        StoreError::Untold => Some((
            code::DEADLINE_EXCEEDED,
            "the change was made, but its result could not be read in time; check the result before you try again",
        )),
        StoreError::Busy => Some((
            code::BUSY,
            "another write, perhaps an import, is under way; nothing was written; try again in a moment",
        )),
        _ => None,
    }
}

fn log(error: &ServerError, request_id: &str) {
    let path = serde_json::to_string(&error.path).unwrap_or_default();
    match error.source::<StoreError>() {
        Some(source) => tracing::error!(request_id, path, error = %source, "a field could not be read"),
        None => tracing::error!(request_id, path, error = %error.message, "a field failed"),
    }
}

/// The code of an error, once it has one.
#[must_use]
pub fn code_of(error: &ServerError) -> Option<&str> {
    match error.extensions.as_ref()?.get("code")? {
        Value::String(code) => Some(code),
        Value::Enum(code) => Some(Name::as_str(code)),
        _ => None,
    }
}
