//! Top-level errors, which are for bugs, limits and access only. A refusal by a business rule is a user error in the payload.

use async_graphql::{Error, ErrorExtensions, Name, Response, ServerError, Value};
use partnergraph_store::StoreError;

/// The maximum number of errors in a response. One more error states how many were left out.
pub const MAX_ERRORS: usize = 9;

/// The codes of top-level errors, in `extensions.code`.
pub mod code {
    /// There is no token, or it is wrong, expired or revoked.
    pub const UNAUTHENTICATED: &str = "UNAUTHENTICATED";
    /// The document is not valid GraphQL.
    pub const PARSE_FAILED: &str = "GRAPHQL_PARSE_FAILED";
    /// The document does not match the schema, or does not contain the requested operation.
    pub const VALIDATION_FAILED: &str = "GRAPHQL_VALIDATION_FAILED";
    /// A value does not have the required type.
    pub const BAD_INPUT: &str = "BAD_USER_INPUT";
    /// The request does not conform to GraphQL over HTTP.
    pub const BAD_REQUEST: &str = "BAD_REQUEST";
    /// The request is larger, deeper or longer than the server accepts.
    pub const TOO_LARGE: &str = "DOCUMENT_TOO_LARGE";
    /// The response could contain more values than the server returns at once.
    pub const TOO_EXPENSIVE: &str = "QUERY_TOO_EXPENSIVE";
    /// The response is larger, in bytes, than the server sends at once.
    pub const ANSWER_TOO_LARGE: &str = "ANSWER_TOO_LARGE";
    /// `first` or `last` is negative or over 100, or both are set.
    pub const BAD_PAGE_SIZE: &str = "BAD_PAGE_SIZE";
    /// The cursor is malformed, or belongs to another list, order or filter.
    pub const BAD_CURSOR: &str = "BAD_CURSOR";
    /// The filter lacks a required condition, or is larger than the server accepts.
    pub const BAD_FILTER: &str = "BAD_FILTER";
    /// The operation did not complete within the time limit.
    pub const DEADLINE_EXCEEDED: &str = "DEADLINE_EXCEEDED";
    /// The server is overloaded, or another write is in progress. Nothing was done.
    pub const BUSY: &str = "BUSY";
    /// The body of the request did not arrive in time.
    pub const REQUEST_TIMEOUT: &str = "REQUEST_TIMEOUT";
    /// The caller has exceeded its limit per minute.
    pub const RATE_LIMITED: &str = "RATE_LIMITED";
    /// The document was referenced by its hash, which the server does not know. Send the full document.
    pub const PERSISTED_QUERY_NOT_FOUND: &str = "PERSISTED_QUERY_NOT_FOUND";
    /// The server runs only the documents that it is configured with.
    pub const DOCUMENT_NOT_TRUSTED: &str = "DOCUMENT_NOT_TRUSTED";
    /// The response has more errors than are listed.
    pub const MORE_ERRORS: &str = "MORE_ERRORS";
    /// A mutation was sent with GET.
    pub const METHOD_NOT_ALLOWED: &str = "METHOD_NOT_ALLOWED";
    /// The server failed. See its log for the request id.
    pub const INTERNAL: &str = "INTERNAL_SERVER_ERROR";
}

/// The message to a client without a valid token, whatever is wrong with the token.
pub const NEEDS_TOKEN: &str = "a valid access token is required: send `Authorization: Bearer TOKEN`";

/// Creates an error with a code.
pub fn error(code: &str, message: impl Into<String>) -> Error {
    Error::new(message).extend_with(|_, extensions| extensions.set("code", code))
}

/// Creates an error for the whole request, with a code.
pub fn server_error(code: &str, message: impl Into<String>) -> ServerError {
    ServerError { locations: Vec::new(), ..error(code, message).into_server_error(async_graphql::Pos::default()) }
}

/// Prepares a response for sending. Every error gets a code and the request id. Internal errors are logged once, in full, and
/// their details are not sent to the client.
///
/// If there are too many errors, the rest is replaced with one error that states how many there are.
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
                "internal error; the server's log has details under this request id".clone_into(&mut error.message);
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

/// The code and message for a failure by timeout or contention, which is not a fault of the server.
fn of_waiting(error: &StoreError) -> Option<(&'static str, &'static str)> {
    match error {
        StoreError::TimeOver => Some((code::DEADLINE_EXCEEDED, "the operation timed out; request less, or try again")),
        StoreError::ResultUnread => Some((
            code::DEADLINE_EXCEEDED,
            "the change was made, but its result could not be read in time; check the result before you try again",
        )),
        StoreError::Busy => Some((
            code::BUSY,
            "another write, such as an import, is in progress; nothing was changed; try again in a moment",
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

/// The code of an error, if it has one.
#[must_use]
pub fn code_of(error: &ServerError) -> Option<&str> {
    match error.extensions.as_ref()?.get("code")? {
        Value::String(code) => Some(code),
        Value::Enum(code) => Some(Name::as_str(code)),
        _ => None,
    }
}
