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
use super::answer::{answer, failure, request_id};
use super::body::{self, BodyError, Whole};
use super::{MAX_BODY_BYTES, Server, caller, events, fit};
use partnergraph_gate::{GateRequest, bounded_variables, is_beyond_bounds};
use partnergraph_operation::auth;
use partnergraph_operation::errors::code;

/// The members that the specification gives a request; others are passed over.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Body {
    /// Left out by clients that send the hash of a document alone.
    #[serde(default)]
    query: String,
    #[serde(default)]
    operation_name: Option<String>,
    #[serde(default, deserialize_with = "bounded_variables")]
    variables: Option<serde_json::Map<String, Value>>,
    /// Of these only `persistedQuery` is known; others are passed over.
    #[serde(default, deserialize_with = "extensions")]
    extensions: Option<PersistedQuery>,
}

/// Reads objects as objects only, where serde would take lists for them too.
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

/// The document by its hash (automatic persisted queries).
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PersistedQuery {
    /// Of the protocol; there is one.
    #[serde(default = "only_version")]
    version: u64,
    sha256_hash: String,
}

fn only_version() -> u64 {
    1
}

/// With this header, whatever its value, an answer says in `extensions.cost` what the operation costs.
const REPORT_COST: &str = "x-graphql-cost";

impl Body {
    /// The hash by which a client names its document.
    fn persisted(&self) -> Option<String> {
        Some(self.extensions.as_ref()?.sha256_hash.clone())
    }

    /// The same, if it says what to run.
    fn complete(self, missing: &str) -> Result<Self, Unfit> {
        let message = match &self.extensions {
            Some(PersistedQuery { version, .. }) if *version != 1 => {
                format!("persisted queries of version {version} are not known; the version is 1")
            }
            None if self.query.is_empty() => missing.to_owned(),
            _ => return Ok(self),
        };
        Err(Unfit(StatusCode::BAD_REQUEST, code::BAD_REQUEST, message))
    }
}

/// Why a request is not one.
struct Unfit(StatusCode, &'static str, String);

/// `POST` takes any operation, `GET` queries only; whoever accepts `text/event-stream` may ask for subscriptions by both.
pub(super) async fn serve(State(server): State<Server>, request: Request) -> Response {
    let headers = request.headers().clone();
    let id = request_id(&headers);
    let Some(media) = Media::accepted(&headers) else {
        let message = "the answer is application/graphql-response+json, application/json or text/event-stream; accept \
                       one of them";
        return failure(StatusCode::NOT_ACCEPTABLE, code::BAD_REQUEST, message, &id);
    };
    let method = request.method().clone();
    let body = match method {
        Method::POST => posted(&server, &headers, request).await,
        Method::GET | Method::HEAD => from_url(request.uri().query().unwrap_or_default()).map(|body| (body, None)),
        _ => {
            let message = "operations come by POST, queries by GET as well";
            let mut refused = failure(StatusCode::METHOD_NOT_ALLOWED, code::METHOD_NOT_ALLOWED, message, &id);
            refused.headers_mut().insert(header::ALLOW, header::HeaderValue::from_static("GET, HEAD, POST"));
            return refused;
        }
    };
    // The memory of the body counts until the answer is made.
    let (body, _held) = match body {
        Ok(body) => body,
        Err(Unfit(status, code, message)) => return failure(status, code, &message, &id),
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
            // It is held for as long as the stream is.
            let _ = &share;
        });
        return events::serve(answers.boxed(), server.sockets.closing());
    }
    answer(server.gate.execute(request).await, media)
}

async fn posted(server: &Server, headers: &HeaderMap, request: Request) -> Result<(Body, Option<Whole>), Unfit> {
    let unsupported = |message: &str| Unfit(StatusCode::UNSUPPORTED_MEDIA_TYPE, code::BAD_REQUEST, message.to_owned());
    if headers.get(header::CONTENT_ENCODING).is_some_and(|coding| coding != "identity") {
        return Err(unsupported("the body is read as it is: send it without Content-Encoding"));
    }
    let content_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let content_type = MediaType::parse(content_type.trim()).ok();
    if content_type.as_ref().is_some_and(|media| media.ty == MULTIPART) {
        return Err(unsupported(
            "no files are taken here: send the file to POST /import, and the upload id that it answers as a variable",
        ));
    }
    let is_json = |media: &MediaType<'_>| media.essence() == MediaType::new(APPLICATION, JSON) && is_utf_8(media);
    if !content_type.as_ref().is_some_and(is_json) {
        return Err(unsupported("the body is JSON in UTF-8: send Content-Type: application/json"));
    }
    let within = server.limits.body_timeout;
    let whole = body::collect(request.into_body(), MAX_BODY_BYTES, within, &server.memory).await.map_err(unread)?;
    Ok((parsed(&whole.bytes)?, Some(whole)))
}

/// Why a body was not read.
fn unread(error: BodyError) -> Unfit {
    let (status, code) = match error {
        BodyError::TooLarge => {
            let message = format!("the body is over {MAX_BODY_BYTES} bytes");
            return Unfit(StatusCode::PAYLOAD_TOO_LARGE, code::TOO_LARGE, message);
        }
        BodyError::TimedOut => (StatusCode::REQUEST_TIMEOUT, code::REQUEST_TIMEOUT),
        BodyError::Busy => (StatusCode::SERVICE_UNAVAILABLE, code::BUSY),
        BodyError::BrokenOff | BodyError::Malformed(_) => (StatusCode::BAD_REQUEST, code::BAD_REQUEST),
    };
    Unfit(status, code, error.to_string())
}

fn parsed(bytes: &[u8]) -> Result<Body, Unfit> {
    let body: Body = serde_json::from_slice(bytes).map_err(|error| {
        if is_beyond_bounds(&error) {
            return Unfit(StatusCode::BAD_REQUEST, code::BAD_INPUT, error.to_string());
        }
        let message = if bytes.trim_ascii_start().starts_with(b"[") {
            "one operation a request: the body is an object, not a list".to_owned()
        } else {
            format!("the body is not a GraphQL request: {error}")
        };
        Unfit(StatusCode::BAD_REQUEST, code::BAD_REQUEST, message)
    })?;
    body.complete("the body is not a GraphQL request: `query` is missing")
}

fn from_url(query: &str) -> Result<Body, Unfit> {
    let bad = |message: String| Unfit(StatusCode::BAD_REQUEST, code::BAD_REQUEST, message);
    let mut body = Body { query: String::new(), operation_name: None, variables: None, extensions: None };
    let Some(parameters) = fit::parameters(query) else { return Err(bad("the parameters are not UTF-8".to_owned())) };
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
