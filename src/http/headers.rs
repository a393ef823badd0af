//! Headers that every response has, and processing that applies to all responses.

use std::time::Duration;

use axum::extract::Request;
use axum::http::header::{self, HeaderName};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use axum::middleware::Next;
use axum::response::Response;
use tower_http::CompressionLevel;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{NotForContentType, Predicate, SizeAbove};
use tower_http::cors::{AllowOrigin, CorsLayer};

use crate::config::Origins;

/// The default content security policy: a page may load nothing.
const POLICY: HeaderValue =
    HeaderValue::from_static("default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'");

/// Shorter responses, in bytes, are not compressed: they fit into one packet.
const COMPRESSED_FROM: u64 = 1024;

/// How long a browser may cache a preflight response.
const PREFLIGHT_LASTS: Duration = Duration::from_secs(3600);

/// Adds headers that a response has not set itself.
pub(super) async fn secure(request: Request, next: Next) -> Response {
    let mut answer = next.run(request).await;
    let is_unauthorized = answer.status() == StatusCode::UNAUTHORIZED;
    let headers = answer.headers_mut();
    let mut add = |name: HeaderName, value: HeaderValue| {
        headers.entry(name).or_insert(value);
    };
    add(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    add(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    add(header::CONTENT_SECURITY_POLICY, POLICY);
    // For browsers that do not support frame-ancestors.
    add(header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    if is_unauthorized {
        add(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    }
    answer
}

/// Compresses responses with gzip or brotli if the client accepts it. Each response is compressed anew, so speed matters more
/// than size. Event streams are not compressed, because a compressor would delay events.
pub(super) fn compressed() -> CompressionLayer<impl Predicate> {
    CompressionLayer::new()
        .quality(CompressionLevel::Fastest)
        .compress_when(SizeAbove::new(COMPRESSED_FROM).and(NotForContentType::SSE))
}

/// Sends the response uncompressed to a client that accepts none of the offered codings, even if it excludes `identity` (RFC
/// 9110, section 12.5.3, allows that): a mutation that was executed must not be reported as refused.
pub(super) async fn accept_uncoded(mut request: Request, next: Next) -> Response {
    if !["br", "gzip"].iter().any(|coding| takes_coding(request.headers(), coding)) {
        request.headers_mut().remove(header::ACCEPT_ENCODING);
    }
    next.run(request).await
}

/// Lets pages of these origins send requests. There are no cookies, so a browser never adds credentials of a user.
pub(super) fn cross_origin(origins: &Origins) -> CorsLayer {
    CorsLayer::new()
        .allow_origin(AllowOrigin::list(origins.as_slice().iter().cloned()))
        .allow_methods([Method::GET, Method::POST])
        .allow_headers([
            header::ACCEPT,
            header::AUTHORIZATION,
            header::CONTENT_TYPE,
            HeaderName::from_static("x-request-id"),
            HeaderName::from_static("last-event-id"),
            HeaderName::from_static("x-graphql-cost"),
            // Headers that Apollo's clients send by default.
            HeaderName::from_static("apollo-require-preflight"),
            HeaderName::from_static("apollographql-client-name"),
            HeaderName::from_static("apollographql-client-version"),
        ])
        .expose_headers([HeaderName::from_static("x-request-id"), header::RETRY_AFTER, header::WWW_AUTHENTICATE])
        .max_age(PREFLIGHT_LASTS)
}

/// Whether a client accepts that content coding.
pub(super) fn takes_coding(headers: &HeaderMap, coding: &str) -> bool {
    let codings = headers.get_all(header::ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok());
    codings.flat_map(|value| value.split(',')).any(|taken| {
        let mut parts = taken.split(';').map(str::trim);
        let is_named = parts.next().is_some_and(|name| name.eq_ignore_ascii_case(coding));
        let is_refused = parts.any(|part| {
            let weight = part.strip_prefix("q=").or_else(|| part.strip_prefix("Q="));
            weight.is_some_and(|weight| weight.trim().parse() == Ok(0.0))
        });
        is_named && !is_refused
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_coding_with_the_weight_zero_is_not_taken() {
        let takes = |value: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT_ENCODING, value.parse().unwrap());
            takes_coding(&headers, "br")
        };
        assert!(takes("br") && takes("gzip, BR;q=0.5") && takes("gzip,br; q=1.0"));
        assert!(!takes("gzip") && !takes("br;q=0") && !takes("br; q=0.0, gzip") && !takes("brotli"));
    }
}
