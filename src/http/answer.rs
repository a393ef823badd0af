//! Answers that are GraphQL's in form, whatever went wrong on the way.

use async_graphql::Response as GraphqlResponse;
use axum::body::Body;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use crate::graphql::errors::{self, code};

const GRAPHQL_RESPONSE: &str = "application/graphql-response+json";
const JSON: &str = "application/json";

/// The media type of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Media {
    /// A client of the specification: the status says what became of the request.
    GraphqlResponse,
    /// Any other client: what is well formed is answered 200.
    Json,
}

impl Media {
    /// What the client takes; `None` where it takes neither.
    pub(super) fn accepted(headers: &HeaderMap) -> Option<Self> {
        let accept: Vec<&str> =
            headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok()).collect();
        if accept.is_empty() {
            return Some(Self::Json);
        }
        accept
            .iter()
            .flat_map(|value| value.split(','))
            .filter(|part| !part.replace(' ', "").contains(";q=0,") && !part.trim().ends_with("q=0"))
            .find_map(|part| match part.split(';').next().unwrap_or_default().trim().to_ascii_lowercase().as_str() {
                GRAPHQL_RESPONSE => Some(Self::GraphqlResponse),
                JSON | "application/*" | "*/*" => Some(Self::Json),
                _ => None,
            })
    }

    fn content_type(self) -> &'static str {
        match self {
            Self::GraphqlResponse => "application/graphql-response+json; charset=utf-8",
            Self::Json => "application/json; charset=utf-8",
        }
    }
}

/// The id that the request goes by.
pub(super) fn request_id(headers: &HeaderMap) -> String {
    headers.get("x-request-id").and_then(|id| id.to_str().ok()).unwrap_or_default().to_owned()
}

/// What the gate answered, as HTTP.
pub(super) fn answer(response: &GraphqlResponse, media: Media) -> Response {
    // A request error has no data at all; an error of a field leaves data behind.
    let refused =
        response.errors.iter().any(|error| error.path.is_empty()) && response.data == async_graphql::Value::Null;
    let of = |wanted: &str| response.errors.iter().any(|error| errors::code_of(error) == Some(wanted));
    let status = match media {
        _ if of(code::METHOD_NOT_ALLOWED) => StatusCode::METHOD_NOT_ALLOWED,
        Media::Json => StatusCode::OK,
        Media::GraphqlResponse if !refused => StatusCode::OK,
        Media::GraphqlResponse if of(code::UNAUTHENTICATED) => StatusCode::UNAUTHORIZED,
        Media::GraphqlResponse if of(code::INTERNAL) => StatusCode::INTERNAL_SERVER_ERROR,
        Media::GraphqlResponse => StatusCode::BAD_REQUEST,
    };
    // What was refused before it ran has no `data` at all, not even null.
    let body =
        if refused { serde_json::to_vec(&json!({ "errors": response.errors })) } else { serde_json::to_vec(response) };
    match body {
        Ok(body) => {
            let mut answer = Response::new(Body::from(body));
            *answer.status_mut() = status;
            answer.headers_mut().insert(header::CONTENT_TYPE, header::HeaderValue::from_static(media.content_type()));
            answer.headers_mut().insert(header::CACHE_CONTROL, header::HeaderValue::from_static("no-store"));
            if status == StatusCode::METHOD_NOT_ALLOWED {
                answer.headers_mut().insert(header::ALLOW, header::HeaderValue::from_static("POST"));
            }
            answer
        }
        Err(error) => {
            tracing::error!(%error, "an answer could not be written as JSON");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

/// A refusal before anything was executed, in the form of a GraphQL error with code and request id.
pub fn failure(status: StatusCode, code: &str, message: &str, request_id: &str) -> Response {
    let body = json!({ "errors": [{ "message": message, "extensions": { "code": code, "requestId": request_id } }] });
    (status, axum::Json(body)).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn accepting(value: &str) -> Option<Media> {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT, value.parse().unwrap());
        Media::accepted(&headers)
    }

    #[test]
    fn the_answers_type_is_the_one_the_client_names() {
        assert_eq!(Media::accepted(&HeaderMap::new()), Some(Media::Json));
        assert_eq!(accepting("*/*"), Some(Media::Json));
        assert_eq!(accepting("application/json"), Some(Media::Json));
        assert_eq!(
            accepting("application/graphql-response+json, application/json;q=0.9"),
            Some(Media::GraphqlResponse)
        );
        assert_eq!(accepting("text/html"), None);
    }
}
