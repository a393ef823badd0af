//! Responses in GraphQL's form, whatever went wrong.

use async_graphql::{Response as GraphqlResponse, ServerError, Value};
use async_graphql_axum::GraphQLResponse;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::{Serialize, Serializer};
use serde_json::json;

use super::accept::Media;
use partnergraph_gate::GateResponse;
use partnergraph_operation::errors::{self, code};

/// Whether a response says that nothing was executed: a request error, in the terms of the specification. HTTP shows it by the
/// status and the WebSocket by an `error` message; neither sends `data` with it.
pub(super) fn is_request_error(response: &GraphqlResponse) -> bool {
    // A field that was executed leaves its path with its error.
    response.data == Value::Null
        && !response.errors.is_empty()
        && response.errors.iter().all(|error| error.path.is_empty() && errors::code_of(error).is_some())
}

/// A response as it is sent: without `data` if nothing was executed.
#[derive(Debug, Clone, Copy)]
pub(super) struct ResponseBody<'a>(pub(super) &'a GateResponse);

impl Serialize for ResponseBody<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Errors<'a> {
            errors: &'a [ServerError],
        }
        if is_request_error(self.0) {
            Errors { errors: &self.0.errors }.serialize(serializer)
        } else {
            self.0.serialize(serializer)
        }
    }
}

/// The id of the request.
pub(super) fn request_id(headers: &HeaderMap) -> String {
    headers.get("x-request-id").and_then(|id| id.to_str().ok()).unwrap_or_default().to_owned()
}

/// Turns the gate's response into an HTTP response.
pub(super) fn http_response(response: GateResponse, media: Media) -> Response {
    let of = |wanted: &str| response.errors.iter().any(|error| errors::code_of(error) == Some(wanted));
    let is_refused = is_request_error(&response);
    let status = match media {
        _ if of(code::METHOD_NOT_ALLOWED) => StatusCode::METHOD_NOT_ALLOWED,
        _ if is_refused && of(code::RATE_LIMITED) => StatusCode::TOO_MANY_REQUESTS,
        _ if is_refused && (of(code::BUSY) || of(code::DEADLINE_EXCEEDED)) => StatusCode::SERVICE_UNAVAILABLE,
        Media::GraphqlResponse if !is_refused => StatusCode::OK,
        Media::GraphqlResponse if of(code::UNAUTHENTICATED) => StatusCode::UNAUTHORIZED,
        Media::GraphqlResponse if of(code::INTERNAL) => StatusCode::INTERNAL_SERVER_ERROR,
        Media::GraphqlResponse => StatusCode::BAD_REQUEST,
        Media::Json | Media::EventStream => StatusCode::OK,
    };
    let seconds = retry_after(&response, status);
    let mut http_response = if is_refused {
        axum::Json(ResponseBody(&response)).into_response()
    } else {
        response
            .into_json()
            .map_or_else(|response| GraphQLResponse::from(*response).into_response(), IntoResponse::into_response)
    };
    *http_response.status_mut() = status;
    let headers = http_response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media.content_type()));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if status == StatusCode::METHOD_NOT_ALLOWED {
        headers.insert(header::ALLOW, HeaderValue::from_static("POST"));
    }
    if let Some(seconds) = seconds {
        headers.insert(header::RETRY_AFTER, seconds.into());
    }
    http_response
}

/// How many seconds until the same request may succeed, if waiting helps.
fn retry_after(response: &GraphqlResponse, status: StatusCode) -> Option<u64> {
    let stated_delay = response.errors.iter().find_map(|error| match error.extensions.as_ref()?.get("retryAfter")? {
        Value::Number(seconds) => seconds.as_u64(),
        _ => None,
    });
    match status {
        StatusCode::TOO_MANY_REQUESTS => stated_delay.or(Some(60)),
        StatusCode::SERVICE_UNAVAILABLE => stated_delay.or(Some(5)),
        _ => None,
    }
}

/// A refusal before anything was executed, as a GraphQL error with code and request id.
pub fn failure(status: StatusCode, code: &str, message: &str, request_id: &str) -> Response {
    let body = json!({ "errors": [{ "message": message, "extensions": { "code": code, "requestId": request_id } }] });
    let mut http_response = (status, axum::Json(body)).into_response();
    let headers = http_response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    match status {
        StatusCode::SERVICE_UNAVAILABLE => {
            headers.insert(header::RETRY_AFTER, HeaderValue::from_static("5"));
        }
        // The rest of the body will not be read.
        StatusCode::REQUEST_TIMEOUT => {
            headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
        }
        _ => {}
    }
    http_response
}

#[cfg(test)]
mod tests {
    use async_graphql::PathSegment;

    use super::*;

    #[test]
    fn a_request_error_has_neither_data_nor_a_path() {
        let refused: GateResponse =
            GraphqlResponse::from_errors(vec![errors::server_error(code::PARSE_FAILED, "no")]).into();
        assert!(is_request_error(&refused));
        assert!(!serde_json::to_string(&ResponseBody(&refused)).unwrap().contains("data"));
        let mut failed = errors::server_error(code::BAD_INPUT, "no");
        failed.path = vec![PathSegment::Field("customers".to_owned())];
        let executed: GateResponse = GraphqlResponse::from_errors(vec![failed]).into();
        assert!(!is_request_error(&executed));
        assert!(serde_json::to_string(&ResponseBody(&executed)).unwrap().contains("\"data\":null"));
        assert!(!is_request_error(&GraphqlResponse::new(Value::Null)));
    }
}
