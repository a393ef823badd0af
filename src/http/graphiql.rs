//! `/graphiql`: the GraphiQL page, which loads nothing from another host.

use axum::body::Body;
use axum::extract::Path;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use rust_embed::{EmbeddedFile, RustEmbed};
use serde_json::json;

use super::examples::examples;
use super::headers::takes_coding;

#[derive(RustEmbed)]
#[folder = "ui/dist/"]
#[include = "index.html"]
#[include = "assets/*"]
struct Built;

/// The page and its assets may load from and connect to this server only.
const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'self'; worker-src 'self'; style-src 'self' 'unsafe-inline'; connect-src 'self'; \
     img-src 'self' data:; font-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
);

pub(super) async fn page() -> Response {
    let Some(index) = Built::get("index.html") else { return StatusCode::NOT_FOUND.into_response() };
    let configuration = json!({ "endpoint": "/graphql", "wsEndpoint": "/graphql/ws", "examples": examples() });
    // Inside a script element, only `<` could end it.
    let configuration = configuration.to_string().replace('<', "\\u003c");
    let page = String::from_utf8_lossy(&index.data).replace("{{CONFIG}}", &configuration);
    let mut answer = Response::new(Body::from(page));
    let headers = answer.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    headers.insert(header::CONTENT_SECURITY_POLICY, POLICY);
    answer
}

/// Large assets are embedded only as brotli; a client that does not accept brotli gets them decompressed.
pub(super) async fn asset(Path(file): Path<String>, headers: HeaderMap) -> Response {
    if let Some(plain) = Built::get(&format!("assets/{file}")) {
        let bytes = plain.data.to_vec();
        return found(&file, &plain, (&headers, &POLICY), bytes, false);
    }
    let Some(packed) = Built::get(&format!("assets/{file}.br")) else { return StatusCode::NOT_FOUND.into_response() };
    if takes_coding(&headers, "br") {
        let bytes = packed.data.to_vec();
        return found(&file, &packed, (&headers, &POLICY), bytes, true);
    }
    let mut plain = Vec::new();
    match brotli_decompressor::BrotliDecompress(&mut packed.data.as_ref(), &mut plain) {
        Ok(()) => found(&file, &packed, (&headers, &POLICY), plain, false),
        Err(error) => {
            tracing::error!(%error, file, "an embedded asset could not be decompressed");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

/// The response for an embedded file, with that content security policy: its bytes, unless the client has them.
pub(super) fn found(
    name: &str,
    file: &EmbeddedFile,
    (request, policy): (&HeaderMap, &HeaderValue),
    bytes: Vec<u8>,
    packed: bool,
) -> Response {
    let tag = format!("\"{}{}\"", hex::encode(&file.metadata.sha256_hash()[..12]), if packed { "-br" } else { "" });
    let same = request.get(header::IF_NONE_MATCH).is_some_and(|known| known.as_bytes() == tag.as_bytes());
    let mut answer = Response::new(if same { Body::empty() } else { Body::from(bytes) });
    if same {
        *answer.status_mut() = StatusCode::NOT_MODIFIED;
    }
    let headers = answer.headers_mut();
    let kind = mime_guess::from_path(name).first_or_octet_stream();
    if let Ok(kind) = HeaderValue::from_str(kind.as_ref()) {
        headers.insert(header::CONTENT_TYPE, kind);
    }
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        headers.insert(header::ETAG, tag);
    }
    if packed {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("br"));
    }
    headers.insert(header::VARY, HeaderValue::from_static("Accept-Encoding"));
    // The file names contain no version, so a browser revalidates them; the ETag makes that cheap.
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    headers.insert(header::CONTENT_SECURITY_POLICY, policy.clone());
    answer
}
