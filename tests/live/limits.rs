//! Limits on time, size and number: what one client cannot take from the others.

use std::time::Duration;

use partnergraph_domain::Role;
use rstest::rstest;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::live::server::Server;
use crate::support::{Backend, Postgres, Sqlite};

const PATIENCE: Duration = Duration::from_secs(30);
/// How long to watch a client that must not be served.
const WHILE: Duration = Duration::from_millis(300);

/// Everything that the server sends until it closes the connection.
async fn rest(socket: &mut TcpStream) -> String {
    let mut text = Vec::new();
    timeout(PATIENCE, socket.read_to_end(&mut text)).await.expect("the connection stays open").unwrap();
    String::from_utf8(text).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_that_sends_no_request_is_disconnected() {
    let server = Server::with(Sqlite, |config| config.limits.header_timeout = Duration::from_millis(500)).await;
    for begun in ["", "GET /healthz HTTP/1.1\r\nHost: x\r\nA: b"] {
        let mut socket = TcpStream::connect(server.address).await.unwrap();
        socket.write_all(begun.as_bytes()).await.unwrap();
        assert_eq!(rest(&mut socket).await, "", "{begun}");
    }
    let mut idle = TcpStream::connect(server.address).await.unwrap();
    idle.write_all(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
    assert!(rest(&mut idle).await.ends_with("ok\n"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_head_that_is_too_long_is_refused() {
    let server = Server::on(Sqlite).await;
    let url = format!("http://{}/healthz", server.address);
    let with = |bytes: usize| reqwest::Client::new().get(&url).header("x", "x".repeat(bytes)).send();
    assert_eq!(with(60_000).await.unwrap().status(), 200);
    assert_eq!(with(66_000).await.unwrap().status(), 431);
}

#[rstest]
#[case::graphql("/graphql", "application/json")]
#[case::import("/import", "text/csv")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_body_that_does_not_arrive_gets_status_408(#[case] path: &str, #[case] kind: &str) {
    let server = Server::with(Sqlite, |config| config.limits.body_timeout = Duration::from_millis(500)).await;
    let token = server.graph.token(&server.graph.provider("Northwind").add(), &[Role::GlobalAdmin]);
    let mut socket = TcpStream::connect(server.address).await.unwrap();
    let head = format!(
        "POST {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\nContent-Type: {kind}\r\nContent-Length: 100\r\n\r\n{{"
    );
    socket.write_all(head.as_bytes()).await.unwrap();
    let answer = rest(&mut socket).await;
    assert!(answer.starts_with("HTTP/1.1 408 ") && answer.contains("\"REQUEST_TIMEOUT\""), "{answer}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_silent_client_loses_its_place_but_a_websocket_does_not() {
    let server = Server::with(Sqlite, |config| config.limits.max_connections = 2).await;
    let token = server.graph.token(&server.graph.provider("Northwind").add(), &[Role::GlobalAdmin]);
    let mut socket = server.connect(&token).await;
    let mut idle = TcpStream::connect(server.address).await.unwrap();
    let mut half = *b"GET /healthz HTTP/1.1\r\n";
    idle.write_all(&half).await.unwrap();
    let url = format!("http://{}/healthz", server.address);
    let third = timeout(PATIENCE, reqwest::get(url.as_str())).await.expect("no connection was closed to make room");
    assert_eq!(third.unwrap().status(), 200);
    assert_eq!(timeout(PATIENCE, idle.read(&mut half)).await.expect("it is still open").unwrap_or(0), 0);
    socket.send(json!({"type": "ping"})).await;
    assert_eq!(socket.receive().await["type"], "pong");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn half_bodies_do_not_block_other_clients() {
    let server = Server::with(Sqlite, |config| config.limits.max_connections = 3).await;
    let mut held = Vec::new();
    for _ in 0..3 {
        let mut socket = TcpStream::connect(server.address).await.unwrap();
        let head =
            "POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{";
        socket.write_all(head.as_bytes()).await.unwrap();
        held.push(socket);
    }
    let url = format!("http://{}/healthz", server.address);
    let answer = timeout(PATIENCE, reqwest::get(url.as_str())).await.expect("no connection was closed to make room");
    assert_eq!(answer.unwrap().status(), 200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_request_must_have_one_host() {
    let server = Server::on(Sqlite).await;
    for (hosts, status) in [("", "400"), ("Host: a\r\nHost: b\r\n", "400"), ("Host: a\r\n", "200")] {
        let mut socket = TcpStream::connect(server.address).await.unwrap();
        let head = format!("GET /healthz HTTP/1.1\r\n{hosts}Connection: close\r\n\r\n");
        socket.write_all(head.as_bytes()).await.unwrap();
        let answer = rest(&mut socket).await;
        assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{answer}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_connection_too_many_waits_until_another_is_closed() {
    let server = Server::with(Sqlite, |config| config.limits.max_connections = 1).await;
    let token = server.graph.token(&server.graph.provider("Northwind").add(), &[Role::GlobalAdmin]);
    let socket = server.connect(&token).await;
    let url = format!("http://{}/healthz", server.address);
    let mut second = std::pin::pin!(reqwest::get(url.as_str()));
    assert!(timeout(WHILE, &mut second).await.is_err(), "a second connection was served");
    drop(socket);
    assert_eq!(timeout(PATIENCE, second).await.expect("its place was not given on").unwrap().status(), 200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_token_cannot_take_all_streams() {
    let server = Server::with(Sqlite, |config| config.limits.max_connections = 8).await;
    let provider = server.graph.provider("Northwind").add();
    let (token, other) =
        (server.graph.token(&provider, &[Role::GlobalAdmin]), server.graph.token(&provider, &[Role::SalesAgent]));
    let _held = [server.connect(&token).await, server.connect(&token).await];
    let mut third = server.open().await;
    third.send(json!({"type": "connection_init", "payload": {"Authorization": format!("Bearer {token}")}})).await;
    assert_eq!(third.closed().await, 4429);
    let _others = server.connect(&other).await;
    // Open event streams count as well.
    let stream = |token: &str| {
        let request = reqwest::Client::new().post(format!("http://{}/graphql", server.address)).bearer_auth(token);
        let query = json!({"query": "subscription { relationshipEvents { id } }"});
        request.header("accept", "text/event-stream").json(&query).send()
    };
    let open = stream(&other).await.unwrap();
    assert_eq!(open.status(), 200);
    assert_eq!(stream(&other).await.unwrap().status(), 503);
    drop(open);
    let deadline = tokio::time::Instant::now() + PATIENCE;
    while stream(&other).await.unwrap().status() != 200 {
        assert!(tokio::time::Instant::now() < deadline, "its place was not given back");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_upload_above_the_limit_is_told_to_retry(#[case] backend: Backend) {
    let server = Server::with(backend, |config| config.limits.max_uploads = 1).await;
    let token = server.graph.token(&server.graph.provider("Northwind").add(), &[Role::GlobalAdmin]);
    let upload = || {
        let url = format!("http://{}/import", server.address);
        reqwest::Client::new().post(url).bearer_auth(&token).body("x").send()
    };
    let mut first = TcpStream::connect(server.address).await.unwrap();
    let head = format!(
        "POST /import HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\
         Connection: close\r\n\r\n"
    );
    first.write_all(head.as_bytes()).await.unwrap();
    // The server requests the bytes when the upload has its place.
    let mut go_on = [0; 12];
    timeout(PATIENCE, first.read_exact(&mut go_on)).await.expect("the server sends no 100 Continue").unwrap();
    assert_eq!(&go_on, b"HTTP/1.1 100");
    let refused = upload().await.unwrap();
    assert_eq!(refused.status(), 503);
    assert!(refused.headers().contains_key("retry-after"));
    let refused: Value = refused.json().await.unwrap();
    assert_eq!(refused["errors"][0]["extensions"]["code"], "BUSY");
    first.write_all(b"a,b\n").await.unwrap();
    let answer = rest(&mut first).await;
    assert!(answer.contains("HTTP/1.1 201 "), "{answer}");
    assert_eq!(upload().await.unwrap().status(), 201);
}
