//! `/graphql`: GraphQL over HTTP.

use axum::extract::{Request, State};
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::response::Response;
use futures_util::StreamExt;
use mediatype::MediaType;
use mediatype::names::{APPLICATION, JSON, MULTIPART};
use serde::Deserialize;
use serde_json::Value;

use super::accept::{Media, is_utf_8};
use super::body::{self, BodyError, Whole};
use super::response::{failure, http_response, request_id};
use super::{MAX_BODY_BYTES, Server, caller, events, request_checks};
use partnergraph_gate::{GateRequest, bounded_variables, is_beyond_bounds};
use partnergraph_operation::auth;
use partnergraph_operation::errors::code;

/// The members that the specification defines for a request; others are ignored.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Body {
    /// Omitted by clients that send only the hash of a document.
    #[serde(default)]
    query: String,
    #[serde(default)]
    operation_name: Option<String>,
    #[serde(default, deserialize_with = "bounded_variables")]
    variables: Option<serde_json::Map<String, Value>>,
    /// Only `persistedQuery` is known; other extensions are ignored.
    #[serde(default, deserialize_with = "extensions")]
    extensions: Option<PersistedQuery>,
}

/// Accepts only JSON objects, where serde would also accept lists.
fn extensions<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Option<PersistedQuery>, D::Error> {
    let Some(mut extensions) = Option::<serde_json::Map<String, Value>>::deserialize(from)? else { return Ok(None) };
    match extensions.remove("persistedQuery") {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Object(query)) => {
            serde_json::from_value(Value::Object(query)).map(Some).map_err(serde::de::Error::custom)
        }
        Some(_) => Err(serde::de::Error::custom("`persistedQuery` is not an object")),
    }
}

/// The hash of the document (automatic persisted queries).
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PersistedQuery {
    /// The version of the protocol; there is only version 1.
    #[serde(default = "only_version")]
    version: u64,
    sha256_hash: String,
}

fn only_version() -> u64 {
    1
}

/// If this header is present, whatever its value, `extensions.cost` of the response states the cost of the operation.
const REPORT_COST: &str = "x-graphql-cost";

impl Body {
    /// The hash by which a client names its document.
    fn persisted(&self) -> Option<String> {
        Some(self.extensions.as_ref()?.sha256_hash.clone())
    }

    /// The same body, or an error if it names no document to run.
    fn complete(self, missing: &str) -> Result<Self, InvalidRequest> {
        let message = match &self.extensions {
            Some(PersistedQuery { version, .. }) if *version != 1 => {
                format!("persisted query version {version} is not supported; use version 1")
            }
            None if self.query.is_empty() => missing.to_owned(),
            _ => return Ok(self),
        };
        Err(InvalidRequest(StatusCode::BAD_REQUEST, code::BAD_REQUEST, message))
    }
}

/// Why a request is invalid.
struct InvalidRequest(StatusCode, &'static str, String);

/// `POST` accepts any operation, `GET` queries only. A client that accepts `text/event-stream` can send subscriptions by both.
pub(super) async fn serve(State(server): State<Server>, request: Request) -> Response {
    let headers = request.headers().clone();
    let id = request_id(&headers);
    let Some(media) = Media::accepted(&headers) else {
        let message = "the response is application/graphql-response+json, application/json or text/event-stream; accept \
                       one of them";
        return failure(StatusCode::NOT_ACCEPTABLE, code::BAD_REQUEST, message, &id);
    };
    let method = request.method().clone();
    let body = match method {
        Method::POST => posted(&server, &headers, request).await,
        Method::GET | Method::HEAD => from_url(request.uri().query().unwrap_or_default()).map(|body| (body, None)),
        _ => {
            let message = "send operations by POST; queries can also be sent by GET";
            let mut refused = failure(StatusCode::METHOD_NOT_ALLOWED, code::METHOD_NOT_ALLOWED, message, &id);
            refused.headers_mut().insert(header::ALLOW, header::HeaderValue::from_static("GET, HEAD, POST"));
            return refused;
        }
    };
    // The memory of the body counts until the response is ready.
    let (body, _held) = match body {
        Ok(body) => body,
        Err(InvalidRequest(status, code, message)) => return failure(status, code, &message, &id),
    };
    let request = GateRequest {
        persisted: body.persisted(),
        query: body.query,
        operation_name: body.operation_name,
        variables: body.variables.unwrap_or_default(),
        token: caller::token(&headers).map(str::to_owned),
        request_id: id,
        safe_only: method != Method::POST,
        report_cost: headers.contains_key(REPORT_COST),
    };
    if media == Media::EventStream {
        let Some(share) = server.streams.take(request.token.as_deref().map(auth::token_hash)) else {
            let message = "too many streams are open with this token; close some of them";
            return failure(StatusCode::SERVICE_UNAVAILABLE, code::BUSY, message, &request.request_id);
        };
        let answers = server.gate.execute_stream(request).inspect(move |_| {
            // The share is held as long as the stream.
            let _ = &share;
        });
        return events::serve(answers.boxed(), server.sockets.closing());
    }
    http_response(server.gate.execute(request).await, media)
}

async fn posted(
    server: &Server,
    headers: &HeaderMap,
    request: Request,
) -> Result<(Body, Option<Whole>), InvalidRequest> {
    let unsupported =
        |message: &str| InvalidRequest(StatusCode::UNSUPPORTED_MEDIA_TYPE, code::BAD_REQUEST, message.to_owned());
    if headers.get(header::CONTENT_ENCODING).is_some_and(|coding| coding != "identity") {
        return Err(unsupported("Content-Encoding is not supported: send the body uncompressed"));
    }
    let content_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let content_type = MediaType::parse(content_type.trim()).ok();
    if content_type.as_ref().is_some_and(|media| media.ty == MULTIPART) {
        return Err(unsupported(
            "file uploads are not accepted here: send the file to POST /import, and pass the returned upload id as a variable",
        ));
    }
    let is_json = |media: &MediaType<'_>| media.essence() == MediaType::new(APPLICATION, JSON) && is_utf_8(media);
    if !content_type.as_ref().is_some_and(is_json) {
        return Err(unsupported("the body must be JSON in UTF-8: send Content-Type: application/json"));
    }
    let within = server.limits.body_timeout;
    let whole = body::collect(request.into_body(), MAX_BODY_BYTES, within, &server.memory).await.map_err(unread)?;
    Ok((parsed(&whole.bytes)?, Some(whole)))
}

/// The response for a body that could not be read.
fn unread(error: BodyError) -> InvalidRequest {
    let (status, code) = match error {
        BodyError::TooLarge => {
            let message = format!("the body is larger than {MAX_BODY_BYTES} bytes");
            return InvalidRequest(StatusCode::PAYLOAD_TOO_LARGE, code::TOO_LARGE, message);
        }
        BodyError::TimedOut => (StatusCode::REQUEST_TIMEOUT, code::REQUEST_TIMEOUT),
        BodyError::Busy => (StatusCode::SERVICE_UNAVAILABLE, code::BUSY),
        BodyError::BrokenOff | BodyError::Malformed(_) => (StatusCode::BAD_REQUEST, code::BAD_REQUEST),
    };
    InvalidRequest(status, code, error.to_string())
}

fn parsed(bytes: &[u8]) -> Result<Body, InvalidRequest> {
    let body: Body = serde_json::from_slice(bytes).map_err(|error| {
        if is_beyond_bounds(&error) {
            return InvalidRequest(StatusCode::BAD_REQUEST, code::BAD_INPUT, error.to_string());
        }
        let message = if bytes.trim_ascii_start().starts_with(b"[") {
            "batching is not supported: send one operation as an object, not a list".to_owned()
        } else {
            format!("the body is not a GraphQL request: {error}")
        };
        InvalidRequest(StatusCode::BAD_REQUEST, code::BAD_REQUEST, message)
    })?;
    body.complete("the body is not a GraphQL request: `query` is missing")
}

fn from_url(query: &str) -> Result<Body, InvalidRequest> {
    let bad = |message: String| InvalidRequest(StatusCode::BAD_REQUEST, code::BAD_REQUEST, message);
    let mut body = Body { query: String::new(), operation_name: None, variables: None, extensions: None };
    let Some(parameters) = request_checks::parameters(query) else {
        return Err(bad("the parameters are not UTF-8".to_owned()));
    };
    for (name, value) in parameters {
        match name.as_str() {
            "query" => body.query = value,
            "operationName" if !value.is_empty() => body.operation_name = Some(value),
            "extensions" if !value.is_empty() => {
                body.extensions = extensions(&mut serde_json::Deserializer::from_str(&value))
                    .map_err(|error| bad(format!("`extensions` is not a JSON object: {error}")))?;
            }
            "variables" if !value.is_empty() => {
                body.variables = bounded_variables(&mut serde_json::Deserializer::from_str(&value))
                    .map_err(|error| bad(format!("`variables` is not a JSON object: {error}")))?;
            }
            _ => {}
        }
    }
    body.complete("the parameter `query` is missing")
}
