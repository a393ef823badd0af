//! The protocol around subscriptions: several at once, what ends them, and other operations.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use partnergraph::config::Origins;
use partnergraph_domain::Role;
use rstest::rstest;
use serde_json::{Value, json};

use crate::live::server::{Server, connect, open_from};
use crate::support::{Backend, Graph, Partner, Postgres, Sqlite, TestDatabase};

const EVENTS: &str = "subscription { relationshipEvents { operationType } }";

async fn provider(server: &Server) -> (Partner, String) {
    let provider = server.graph.provider("Northwind").add();
    let token = server.graph.token(&provider, &[Role::GlobalAdmin]);
    (provider, token)
}

fn code(answer: &Value) -> &str {
    answer["errors"][0]["extensions"]["code"].as_str().unwrap_or_else(|| panic!("no error in {answer}"))
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_of_several_subscriptions_ends_without_the_others(#[case] backend: Backend) {
    let server = Server::on(backend).await;
    let (provider, token) = provider(&server).await;
    let mut socket = server.connect(&token).await;
    socket.subscribe("one", EVENTS, json!({})).await;
    socket.subscribe("two", EVENTS, json!({})).await;
    socket.settle(&server, 2).await;
    socket.send(json!({"type": "complete", "id": "one"})).await;
    socket.send(json!({"type": "ping"})).await;
    assert_eq!(socket.receive().await, json!({"type": "pong"}));
    server.graph.customer(&provider, "Contoso");
    for happened in ["ADD_CUSTOMER", "CREATE_AGREEMENT"] {
        assert_eq!(socket.next("two").await["data"]["relationshipEvents"]["operationType"], happened);
    }
    // Queries are possible at the same time, and an id can be reused once it is free.
    socket.subscribe("one", "{ customers { totalCount } }", json!({})).await;
    assert_eq!(socket.next("one").await, json!({"data": {"customers": {"totalCount": 1}}}));
    socket.ends("one").await;
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_subscription_selects_one_field_and_needs_a_token(#[case] backend: Backend) {
    let server = Server::on(backend).await;
    let (provider, token) = provider(&server).await;
    let mut socket = server.connect(&token).await;
    for query in [
        "subscription { a: relationshipEvents { id } b: relationshipEvents { id } }",
        "subscription { __typename }",
        "subscription { nothing }",
    ] {
        socket.subscribe("e", query, json!({})).await;
        let refused = socket.refused("e").await;
        assert_eq!(code(&refused), "GRAPHQL_VALIDATION_FAILED", "{query}: {refused}");
        assert!(refused["errors"][0]["extensions"]["requestId"].is_string());
    }
    // One field selected through fragments counts as one field.
    let through = [
        "subscription { ... on Subscription { relationshipEvents { id } } }",
        "subscription { ...f } fragment f on Subscription { relationshipEvents { id } }",
    ];
    for (number, query) in through.iter().enumerate() {
        socket.subscribe(&number.to_string(), query, json!({})).await;
    }
    socket.settle(&server, through.len()).await;
    server.graph.customer(&provider, "Contoso");
    let (first, second) = (socket.receive().await, socket.receive().await);
    for message in [first, second] {
        assert!(message["payload"]["data"]["relationshipEvents"]["id"].is_string(), "{message}");
    }
    let mut anonymous = server.open().await;
    anonymous.send(json!({"type": "connection_init"})).await;
    assert_eq!(anonymous.receive().await["type"], "connection_ack");
    anonymous.subscribe("e", EVENTS, json!({})).await;
    assert_eq!(code(&anonymous.refused("e").await), "UNAUTHENTICATED");
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wrong_token_ends_the_connection_at_once(#[case] backend: Backend) {
    let server = Server::on(backend).await;
    let (_, token) = provider(&server).await;
    for authorization in [json!("Bearer wrong"), json!(token), json!(7)] {
        let mut socket = server.open().await;
        socket.send(json!({"type": "connection_init", "payload": {"Authorization": authorization}})).await;
        // Messages sent afterwards must not hide the reason.
        socket.subscribe("e", EVENTS, json!({})).await;
        assert_eq!(socket.closed().await, 4401, "{authorization}");
    }
    let production = Server::with(backend, |config| config.production = true).await;
    let mut anonymous = production.open().await;
    anonymous.send(json!({"type": "connection_init"})).await;
    assert_eq!(anonymous.closed().await, 4401);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_page_of_another_host_can_connect_if_the_configuration_allows_it() {
    let listed = "https://portal.example.com";
    let server = Server::with(Sqlite, |config| config.origins = Origins::parse(listed).unwrap()).await;
    let (_, token) = provider(&server).await;
    let init = json!({"type": "connection_init", "payload": {"Authorization": format!("Bearer {token}")}});
    let own = format!("http://{}", server.address);
    for origin in [listed, own.as_str()] {
        let mut socket = open_from(server.address, Some(origin)).await;
        socket.send(init.clone()).await;
        assert_eq!(socket.receive().await["type"], "connection_ack", "{origin}");
    }
    for origin in ["https://elsewhere.example.com", "null", "http://portal.example.com"] {
        let mut socket = open_from(server.address, Some(origin)).await;
        socket.send(init.clone()).await;
        assert_eq!(socket.closed().await, 4403, "{origin}");
    }
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_subscription_over_http_is_refused_with_a_hint(#[case] backend: Backend) {
    let server = Server::on(backend).await;
    let (_, token) = provider(&server).await;
    let url = format!("http://{}/graphql", server.address);
    let client = reqwest::Client::new();
    let posted = client.post(&url).bearer_auth(&token).json(&json!({"query": EVENTS}));
    let got = client.get(&url).bearer_auth(&token).query(&[("query", EVENTS)]);
    for request in [posted, got] {
        let answer: Value = request.send().await.unwrap().json().await.unwrap();
        assert_eq!(code(&answer), "BAD_REQUEST");
        assert!(answer["errors"][0]["message"].as_str().unwrap().contains("/graphql/ws"), "{answer}");
    }
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_ends_tells_every_connection(#[case] backend: Backend) {
    let server = Server::on(backend).await;
    let (_, token) = provider(&server).await;
    let mut waiting = server.connect(&token).await;
    waiting.subscribe("e", EVENTS, json!({})).await;
    waiting.settle(&server, 1).await;
    let mut silent = server.open().await;
    let closed = tokio::join!(
        tokio::time::timeout(Duration::from_secs(20), server.sockets.close()),
        waiting.closed(),
        silent.closed()
    );
    assert_eq!((closed.0.is_ok(), closed.1, closed.2), (true, 1001, 1001));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn invalid_frames_close_the_connection_with_the_code_of_rfc_6455() {
    use tokio_tungstenite::tungstenite::protocol::frame::Frame;
    use tokio_tungstenite::tungstenite::protocol::frame::coding::{Data, OpCode};
    let server = Server::on(Sqlite).await;
    let (_, token) = provider(&server).await;
    let frames = [
        (Frame::message(vec![0xff, 0xfe], OpCode::Data(Data::Text), true), 1007),
        (Frame::message(vec![b'x'], OpCode::Data(Data::Continue), true), 1002),
    ];
    for (frame, expected) in frames {
        let mut socket = server.connect(&token).await;
        let shown = format!("{frame:?}");
        socket.send_frame(frame).await;
        assert_eq!(socket.closed().await, expected, "{shown}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn protocol_violations_close_the_connection_with_their_code() {
    let server = Server::on(Sqlite).await;
    let (_, token) = provider(&server).await;
    let subscribe = |id: &str| json!({"id": id, "type": "subscribe", "payload": {"query": EVENTS}}).to_string();
    for (messages, expected) in [
        (vec!["no json".to_owned()], 4400),
        (vec![json!({"type": "dance"}).to_string()], 4400),
        (vec![json!({"id": "1", "type": "subscribe"}).to_string()], 4400),
        (vec![subscribe("")], 4400),
        (vec![json!({"type": "ping", "payload": 7}).to_string()], 4400),
        (vec![subscribe(&"x".repeat(300_000))], 1009),
        (vec![json!({"type": "connection_init"}).to_string()], 4429),
        (vec![subscribe("1"), subscribe("1")], 4409),
    ] {
        let mut socket = server.connect(&token).await;
        for message in &messages {
            socket.send_text(message).await;
        }
        assert_eq!(socket.closed().await, expected, "{messages:?}");
    }
    let mut early = server.open().await;
    early.send_text(&subscribe("1")).await;
    assert_eq!(early.closed().await, 4401);
    let other = reqwest::Client::new()
        .get(format!("http://{}/graphql/ws", server.address))
        .header("connection", "upgrade")
        .header("upgrade", "websocket")
        .header("sec-websocket-version", "13")
        .header("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ==")
        .header("sec-websocket-protocol", "graphql-ws")
        .send()
        .await
        .unwrap();
    assert_eq!(other.status(), 400);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_close_frame_is_answered() {
    let server = Server::on(Sqlite).await;
    let (_, token) = provider(&server).await;
    let mut socket = server.connect(&token).await;
    socket.close(1000).await;
    assert_eq!(socket.closed().await, 1000);
}

/// The built program: a signal closes open connections, and it exits successfully.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sigterm_closes_open_connections_and_the_program_exits_successfully() {
    let graph = Graph::new(TestDatabase::on(Sqlite));
    let provider = graph.provider("Northwind").add();
    let token = graph.token(&provider, &[Role::GlobalAdmin]);
    let mut command = Command::new(env!("CARGO_BIN_EXE_partnergraph"));
    command.args(["serve", "--listen", "127.0.0.1:0", "--database-url", &graph.database.url_text()]);
    let mut program = Running(command.current_dir(graph.database.directory()).stderr(Stdio::piped()).spawn().unwrap());
    let mut log = BufReader::new(program.0.stderr.take().unwrap());
    let mut line = String::new();
    while !line.contains("listening on http://") {
        line.clear();
        assert!(log.read_line(&mut line).unwrap() > 0, "the server ended");
    }
    let address: std::net::SocketAddr = line.split("listening on http://").nth(1).unwrap().trim().parse().unwrap();
    let mut socket = connect(address, &token).await;
    socket.subscribe("e", EVENTS, json!({})).await;
    let streamed = reqwest::Client::new().post(format!("http://{address}/graphql")).bearer_auth(&token);
    let streamed = streamed.header("accept", "text/event-stream").json(&json!({"query": EVENTS})).send().await.unwrap();
    let pid = program.0.id().to_string();
    assert!(Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
    assert_eq!(socket.closed().await, 1001);
    assert!(!streamed.text().await.unwrap().contains("complete"));
    let ended = tokio::task::spawn_blocking(move || program.0.wait()).await.unwrap().unwrap();
    assert_eq!(ended.code(), Some(0));
}

/// Killed with the test, in any case.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
    }
}

/// These are shown in GraphiQL's tabs and in the documentation.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_documented_subscriptions_run_as_written() {
    let server = Server::on(Sqlite).await;
    let (provider, token) = provider(&server).await;
    let document = |name: &str, extension: &str| {
        std::fs::read_to_string(format!("{}/docs/operations/{name}.{extension}", env!("CARGO_MANIFEST_DIR"))).unwrap()
    };
    let mut socket = server.connect(&token).await;
    for name in ["RelationshipEvents", "ImportProgress"] {
        let variables: Value = serde_json::from_str(&document(name, "json")).unwrap();
        socket.subscribe(name, &document(name, "graphql"), variables).await;
    }
    assert_eq!(socket.next("ImportProgress").await, json!({"data": {"importProgress": null}}));
    socket.ends("ImportProgress").await;
    socket.settle(&server, 1).await;
    server.graph.customer(&provider, "Contoso");
    assert!(socket.next("RelationshipEvents").await["data"]["relationshipEvents"]["id"].is_string());
}
