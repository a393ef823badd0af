//! `/graphql`: GraphQL over HTTP.

use axum::body::{Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::Value;

use super::answer::{Media, answer, failure, request_id};
use super::{MAX_BODY_BYTES, Server};
use crate::auth;
use crate::graphql::errors::code;
use crate::graphql::gate::GateRequest;

/// The members that the specification gives a request; others are passed over.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Body {
    /// Left out by clients that send the hash of a document alone.
    #[serde(default)]
    query: String,
    #[serde(default)]
    operation_name: Option<String>,
    #[serde(default)]
    variables: Option<serde_json::Map<String, Value>>,
    #[serde(default)]
    extensions: Option<serde_json::Map<String, Value>>,
}

/// With this header, whatever its value, an answer says in `extensions.cost` what the operation costs.
const REPORT_COST: &str = "x-graphql-cost";

/// The hash by which a client names its document (automatic persisted queries).
fn persisted(extensions: Option<&serde_json::Map<String, Value>>) -> Option<String> {
    Some(extensions?.get("persistedQuery")?.get("sha256Hash")?.as_str()?.to_owned())
}

/// Why a request is not one.
struct Unfit(StatusCode, &'static str, String);

/// `POST` takes any operation, `GET` queries only.
pub(super) async fn serve(State(server): State<Server>, request: Request) -> Response {
    let headers = request.headers().clone();
    let id = request_id(&headers);
    let Some(media) = Media::accepted(&headers) else {
        let message = "the answer is application/graphql-response+json or application/json; accept one of them";
        return failure(StatusCode::NOT_ACCEPTABLE, code::BAD_REQUEST, message, &id);
    };
    let method = request.method().clone();
    let body = match method {
        Method::POST => posted(&headers, request).await,
        Method::GET | Method::HEAD => from_url(request.uri().query().unwrap_or_default()),
        _ => {
            let message = "operations come by POST, queries by GET as well";
            let mut refused = failure(StatusCode::METHOD_NOT_ALLOWED, code::BAD_REQUEST, message, &id);
            refused.headers_mut().insert(header::ALLOW, header::HeaderValue::from_static("GET, POST"));
            return refused;
        }
    };
    let body = match body {
        Ok(body) => body,
        Err(Unfit(status, code, message)) => return failure(status, code, &message, &id),
    };
    let token = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()).and_then(auth::bearer);
    let response = server
        .gate
        .execute(GateRequest {
            query: body.query,
            operation_name: body.operation_name,
            persisted: persisted(body.extensions.as_ref()),
            variables: body.variables.unwrap_or_default(),
            token: token.map(str::to_owned),
            request_id: id,
            safe_only: method != Method::POST,
            report_cost: headers.contains_key(REPORT_COST),
        })
        .await;
    answer(&response, media).into_response()
}

async fn posted(headers: &HeaderMap, request: Request) -> Result<Body, Unfit> {
    let content_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let mut parts = content_type.split(';').map(|part| part.trim().to_ascii_lowercase());
    if parts.next().as_deref() != Some("application/json")
        || parts.any(|part| part.strip_prefix("charset=").is_some_and(|charset| charset.trim_matches('"') != "utf-8"))
    {
        let message = "the body is JSON in UTF-8: send Content-Type: application/json".to_owned();
        return Err(Unfit(StatusCode::UNSUPPORTED_MEDIA_TYPE, code::BAD_REQUEST, message));
    }
    let bytes = to_bytes(request.into_body(), MAX_BODY_BYTES).await.map_err(|_| {
        let message = format!("the body is over {MAX_BODY_BYTES} bytes");
        Unfit(StatusCode::PAYLOAD_TOO_LARGE, code::TOO_LARGE, message)
    })?;
    parsed(&bytes)
}

fn parsed(bytes: &Bytes) -> Result<Body, Unfit> {
    serde_json::from_slice(bytes).map_err(|error| {
        let message = if bytes.trim_ascii_start().starts_with(b"[") {
            "one operation a request: the body is an object, not a list".to_owned()
        } else {
            format!("the body is not a GraphQL request: {error}")
        };
        Unfit(StatusCode::BAD_REQUEST, code::BAD_REQUEST, message)
    })
}

fn from_url(query: &str) -> Result<Body, Unfit> {
    let bad = |message: String| Unfit(StatusCode::BAD_REQUEST, code::BAD_REQUEST, message);
    let mut body = Body { query: String::new(), operation_name: None, variables: None, extensions: None };
    for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
        match name.as_ref() {
            "query" => body.query = value.into_owned(),
            "operationName" if !value.is_empty() => body.operation_name = Some(value.into_owned()),
            "extensions" if !value.is_empty() => {
                body.extensions = serde_json::from_str(&value)
                    .map_err(|error| bad(format!("`extensions` is not a JSON object: {error}")))?;
            }
            "variables" if !value.is_empty() => {
                body.variables = serde_json::from_str(&value)
                    .map_err(|error| bad(format!("`variables` is not a JSON object: {error}")))?;
            }
            _ => {}
        }
    }
    if body.query.is_empty() && persisted(body.extensions.as_ref()).is_none() {
        return Err(bad("the parameter `query` is missing".to_owned()));
    }
    Ok(body)
}
