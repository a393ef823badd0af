//! Requirements of HTTP/1.1 on a request's head that hyper does not check.

use axum::extract::Request;
use axum::http::{HeaderMap, StatusCode, Version, header};
use axum::middleware::Next;
use axum::response::Response;

use super::response::{failure, request_id};
use partnergraph_operation::errors::code;

/// Why a request is not served, whatever it asks for.
#[derive(Clone, Copy)]
struct InvalidRequest(StatusCode, &'static str);

/// Records what is wrong with a request from a connection. It is answered further in, so that the response has what every
/// response has: a request id and the headers of [`super::headers::secure`].
pub(super) fn inspected<B>(mut request: Request<B>) -> Request<B> {
    if let Some(invalid) = problem(request.version(), request.headers()) {
        request.extensions_mut().insert(invalid);
    }
    request
}

fn problem(version: Version, headers: &HeaderMap) -> Option<InvalidRequest> {
    // RFC 9112, section 3.2.
    if version == Version::HTTP_11 && headers.get_all(header::HOST).iter().count() != 1 {
        return Some(InvalidRequest(StatusCode::BAD_REQUEST, "an HTTP/1.1 request must have exactly one Host header"));
    }
    // RFC 9112, section 6.1.
    let is_chunked = |coding: &header::HeaderValue| coding.as_bytes().trim_ascii().eq_ignore_ascii_case(b"chunked");
    if !headers.get_all(header::TRANSFER_ENCODING).iter().all(is_chunked) {
        return Some(InvalidRequest(StatusCode::NOT_IMPLEMENTED, "the only supported Transfer-Encoding is chunked"));
    }
    None
}

/// Refuses a request that was found to be unfit.
pub(super) async fn refuse(request: Request, next: Next) -> Response {
    match request.extensions().get::<InvalidRequest>() {
        Some(InvalidRequest(status, message)) => {
            failure(*status, code::BAD_REQUEST, message, &request_id(request.headers()))
        }
        None => next.run(request).await,
    }
}

/// The query parameters of a URL. `None` if they are not UTF-8 once decoded.
pub(super) fn parameters(query: &str) -> Option<Vec<(String, String)>> {
    percent_encoding::percent_decode_str(query).decode_utf8().ok()?;
    Some(url::form_urlencoded::parse(query.as_bytes()).into_owned().collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_has_one_host_and_no_unknown_transfer_coding() {
        let problem = |lines: &[(&'static str, &'static str)]| {
            let mut headers = HeaderMap::new();
            for (name, value) in lines {
                headers.append(*name, header::HeaderValue::from_static(value));
            }
            super::problem(Version::HTTP_11, &headers).map(|invalid| invalid.0.as_u16())
        };
        assert_eq!(problem(&[("host", "a")]), None);
        assert_eq!(problem(&[("host", "a"), ("transfer-encoding", " Chunked")]), None);
        assert_eq!(problem(&[]), Some(400));
        assert_eq!(problem(&[("host", "a"), ("host", "b")]), Some(400));
        assert_eq!(problem(&[("host", "a"), ("transfer-encoding", "gzip, chunked")]), Some(501));
        assert_eq!(
            problem(&[("host", "a"), ("transfer-encoding", "gzip"), ("transfer-encoding", "chunked")]),
            Some(501)
        );
    }

    #[test]
    fn parameters_are_utf8_or_none() {
        assert_eq!(parameters("a=%C5%81%20%2B+x"), Some(vec![("a".to_owned(), "\u{141} + x".to_owned())]));
        assert_eq!(parameters("a=%ff"), None);
        assert_eq!(parameters(""), Some(Vec::new()));
    }
}
