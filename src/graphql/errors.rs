//! Top-level errors: bugs, limits and access only. What a business rule refuses is a user error of a payload.

use async_graphql::{Error, ErrorExtensions, Name, Response, ServerError, Value};
use partnergraph_store::StoreError;

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
    /// `first` or `last` is negative, over 100, or both are given.
    pub const BAD_PAGE_SIZE: &str = "BAD_PAGE_SIZE";
    /// A cursor of another list, order or filter, or no cursor at all.
    pub const BAD_CURSOR: &str = "BAD_CURSOR";
    /// A filter that is empty where it must say something, or larger than the server takes.
    pub const BAD_FILTER: &str = "BAD_FILTER";
    /// The server failed; its log says more under the request's id.
    pub const INTERNAL: &str = "INTERNAL_SERVER_ERROR";
}

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
pub fn finish(response: &mut Response, request_id: &str) {
    for error in &mut response.errors {
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
