//! Response headers: compression, security, request id, and cross-origin access.

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use flate2::read::GzDecoder;
use partnergraph::config::Origins;
use serde_json::json;

use crate::api::http::{Answer, Server, server_with};

const TYPES: &str = "{ __schema { types { name description } } }";

impl Server {
    async fn coded(&self, query: &str, coding: &str) -> Answer {
        let request = self.post("application/json").header(header::ACCEPT_ENCODING, coding);
        self.send(request.body(Body::from(json!({ "query": query }).to_string())).unwrap()).await
    }

    async fn preflight(&self, origin: &str) -> Answer {
        let request = Request::options("/graphql")
            .header(header::ORIGIN, origin)
            .header(header::ACCESS_CONTROL_REQUEST_METHOD, "POST")
            .header(header::ACCESS_CONTROL_REQUEST_HEADERS, "authorization,content-type");
        self.send(request.body(Body::empty()).unwrap()).await
    }
}

#[tokio::test]
async fn a_response_is_compressed_if_the_client_accepts_it() {
    let server = server_with(|_| {});
    let plain = server.coded(TYPES, "identity").await;
    assert!(plain.header("content-encoding").is_empty() && plain.json()["data"]["__schema"]["types"].is_array());
    let gzip = server.coded(TYPES, "gzip").await;
    assert_eq!(gzip.header("content-encoding"), "gzip");
    let unpacked = std::io::read_to_string(GzDecoder::new(gzip.bytes.as_slice())).unwrap();
    assert_eq!(unpacked, plain.text);
    let brotli = server.coded(TYPES, "gzip;q=0.5, br").await;
    assert_eq!(brotli.header("content-encoding"), "br");
    let mut unpacked = Vec::new();
    brotli_decompressor::BrotliDecompress(&mut brotli.bytes.as_slice(), &mut unpacked).unwrap();
    assert_eq!(unpacked, plain.bytes);
    // A client that accepts no coding at all still gets a response, so that an executed mutation does not look refused.
    for nothing in ["identity;q=0", "gzip;q=0, identity; q=0.0", "*;q=0"] {
        let answer = server.coded(TYPES, nothing).await;
        assert_eq!((answer.status.as_u16(), &answer.text), (200, &plain.text), "{nothing}");
        assert!(answer.header("content-encoding").is_empty());
    }
    // Compression would make it larger.
    assert!(server.coded("{ __typename }", "gzip, br").await.header("content-encoding").is_empty());
}

#[tokio::test]
async fn a_stream_of_events_is_not_compressed() {
    let server = server_with(|_| {});
    let request = server.post("text/event-stream").header(header::ACCEPT_ENCODING, "gzip, br");
    let answer = server.send(request.body(Body::from(json!({ "query": TYPES }).to_string())).unwrap()).await;
    assert!(answer.header("content-encoding").is_empty() && answer.text.starts_with("event: next\ndata: {"));
}

#[tokio::test]
async fn pages_of_other_origins_cannot_read_responses_unless_listed() {
    let closed = server_with(|_| {});
    let (listed, other) = ("https://portal.example.com", "https://elsewhere.example.com");
    assert!(closed.preflight(listed).await.header("access-control-allow-origin").is_empty());
    let open = server_with(|config| config.origins = Origins::parse(listed).unwrap());
    let allowed = open.preflight(listed).await;
    assert_eq!((allowed.status, allowed.header("access-control-allow-origin")), (StatusCode::OK, listed));
    for name in ["authorization", "content-type"] {
        assert!(allowed.header("access-control-allow-headers").contains(name));
    }
    assert!(allowed.header("access-control-allow-methods").contains("POST"));
    assert!(allowed.header("access-control-allow-credentials").is_empty());
    assert!(open.preflight(other).await.header("access-control-allow-origin").is_empty());
    for (origin, expected) in [(listed, listed), (other, "")] {
        let request = open.post("application/json").header(header::ORIGIN, origin);
        let answer = open.send(request.body(Body::from(json!({"query": "{ __typename }"}).to_string())).unwrap()).await;
        assert_eq!(answer.header("access-control-allow-origin"), expected);
        assert!(answer.header("vary").to_ascii_lowercase().contains("origin"));
    }
}

#[tokio::test]
async fn every_response_has_security_headers() {
    let server = server_with(|_| {});
    for path in [
        "/",
        "/graphiql",
        "/graphiql/assets/nothing.js",
        "/invitation",
        "/verify",
        "/reviews",
        "/pages/page.js",
        "/healthz",
        "/readyz",
        "/metrics",
        "/schema.graphql",
        "/graphql?query=%7B__typename%7D",
        "/graphql",
        "/import",
        "/nothing",
    ] {
        let answer = server.get(path).await;
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(answer.header("referrer-policy"), "no-referrer", "{path}");
        assert_eq!(answer.header("x-frame-options"), "DENY", "{path}");
        let policy = answer.header("content-security-policy");
        assert!(
            policy.starts_with("default-src 'none'") && policy.contains("frame-ancestors 'none'"),
            "{path}: {policy}"
        );
    }
}

#[tokio::test]
async fn a_request_id_from_a_client_is_used_if_it_is_fit_for_a_log() {
    let server = server_with(|_| {});
    let given = |id: String| {
        let server = &server;
        async move {
            let request = Request::get("/nothing").header("x-request-id", id);
            server.send(request.body(Body::empty()).unwrap()).await
        }
    };
    let accepted = given("trace-1/b".to_owned()).await;
    assert_eq!(accepted.header("x-request-id"), "trace-1/b");
    assert_eq!(accepted.json()["errors"][0]["extensions"]["requestId"], "trace-1/b");
    assert_eq!(given("x".repeat(128)).await.header("x-request-id").len(), 128);
    for unfit in ["x".repeat(129), "two words".to_owned(), String::new()] {
        let answer = given(unfit.clone()).await;
        assert_ne!(answer.header("x-request-id"), unfit);
        assert_eq!(answer.header("x-request-id").len(), 36);
        assert_eq!(answer.json()["errors"][0]["extensions"]["requestId"], answer.header("x-request-id"));
    }
}

#[tokio::test]
async fn files_are_sent_elsewhere() {
    let server = server_with(|_| {});
    let mut request = server.post("application/json");
    request.headers_mut().unwrap().insert(header::CONTENT_TYPE, "multipart/form-data; boundary=x".parse().unwrap());
    let answer = server.send(request.body(Body::from("--x--")).unwrap()).await;
    assert_eq!(answer.status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
    assert!(answer.json()["errors"][0]["message"].as_str().unwrap().contains("/import"), "{}", answer.text);
}
