//! A server on a test's database, and a WebSocket client.

use std::net::SocketAddr;
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use partnergraph::config::{Config, Flags};
use partnergraph::graphql::schema;
use partnergraph::http::{Sockets, router_with, serve};
use partnergraph_gate::as_variables;
use partnergraph_gate::{Gate, GateRequest};
use partnergraph_store::Database;
use serde_json::{Value, json};
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::protocol::frame::Frame;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};

use crate::support::{Backend, Graph, TestDatabase};

/// The time after which a test fails; successful tests do not wait for it.
const PATIENCE: Duration = Duration::from_secs(30);

/// A running server.
pub(crate) struct Server {
    pub(crate) graph: Graph,
    pub(crate) database: Database,
    pub(crate) sockets: Sockets,
    pub(crate) address: SocketAddr,
    gate: Gate,
}

impl Server {
    pub(crate) async fn on(backend: Backend) -> Self {
        Self::with(backend, |_| {}).await
    }

    /// A server with another configuration.
    pub(crate) async fn with(backend: Backend, configure: impl FnOnce(&mut Config)) -> Self {
        let mut config = Config::load(&Flags::default()).unwrap();
        configure(&mut config);
        let graph = Graph::new(TestDatabase::on(backend));
        let database = graph.database.open();
        let sockets = Sockets::default();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let app = router_with(database.clone(), &config, sockets.clone());
        // It ends with the test's runtime.
        tokio::spawn(async move { serve(listener, app, &config.limits, std::future::pending()).await });
        let gate = Gate::new(schema(), database.clone());
        Self { graph, database, sockets, address, gate }
    }

    /// The data of an operation that must succeed, run in this process.
    pub(crate) async fn data(&self, token: &str, query: &str, variables: Value) -> Value {
        let request = GateRequest {
            query: query.to_owned(),
            variables: as_variables(variables),
            token: Some(token.to_owned()),
            ..GateRequest::default()
        };
        let answer = serde_json::to_value(self.gate.execute(request).await).unwrap();
        assert_eq!(answer.get("errors"), None, "{answer:#}");
        answer["data"].clone()
    }

    /// An authenticated connection.
    pub(crate) async fn connect(&self, token: &str) -> Socket {
        connect(self.address, token).await
    }

    /// Waits until the number of listeners is as expected.
    pub(crate) async fn settled(&self, is_settled: impl Fn(usize) -> bool) {
        let feed = self.database.feed();
        let deadline = tokio::time::Instant::now() + PATIENCE;
        while !is_settled(feed.events.listeners() + feed.runs.listeners()) {
            assert!(tokio::time::Instant::now() < deadline, "not as many listen as should");
            tokio::task::yield_now().await;
        }
    }

    /// A connection without any message yet.
    pub(crate) async fn open(&self) -> Socket {
        open(self.address).await
    }
}

/// An authenticated connection to this server.
pub(crate) async fn connect(address: SocketAddr, token: &str) -> Socket {
    let mut socket = open(address).await;
    socket.send(json!({"type": "connection_init", "payload": {"Authorization": format!("Bearer {token}")}})).await;
    assert_eq!(socket.receive().await, json!({"type": "connection_ack"}));
    socket
}

async fn open(address: SocketAddr) -> Socket {
    open_from(address, None).await
}

/// A connection opened by a page of that origin.
pub(crate) async fn open_from(address: SocketAddr, origin: Option<&str>) -> Socket {
    let mut request = format!("ws://{address}/graphql/ws").into_client_request().unwrap();
    request.headers_mut().insert("sec-websocket-protocol", "graphql-transport-ws".parse().unwrap());
    if let Some(origin) = origin {
        request.headers_mut().insert("origin", origin.parse().unwrap());
    }
    let (socket, _) = tokio_tungstenite::connect_async(request).await.unwrap();
    Socket(socket)
}

/// The client's end of a connection.
pub(crate) struct Socket(WebSocketStream<MaybeTlsStream<TcpStream>>);

impl Socket {
    pub(crate) async fn send(&mut self, message: Value) {
        self.0.send(Message::text(message.to_string())).await.unwrap();
    }

    /// Sends an arbitrary frame.
    pub(crate) async fn send_frame(&mut self, frame: Frame) {
        self.0.send(Message::Frame(frame)).await.unwrap();
    }

    pub(crate) async fn send_text(&mut self, text: &str) {
        self.0.send(Message::text(text.to_owned())).await.unwrap();
    }

    pub(crate) async fn subscribe(&mut self, id: &str, query: &str, variables: Value) {
        self.send(json!({"id": id, "type": "subscribe", "payload": {"query": query, "variables": variables}})).await;
    }

    /// The next message of the protocol.
    pub(crate) async fn receive(&mut self) -> Value {
        loop {
            match tokio::time::timeout(PATIENCE, self.0.next()).await.expect("nothing was sent").unwrap().unwrap() {
                Message::Text(text) => return serde_json::from_str(&text).unwrap(),
                Message::Close(frame) => panic!("closed: {frame:?}"),
                _ => {}
            }
        }
    }

    /// The next result of the operation with that id.
    pub(crate) async fn next(&mut self, id: &str) -> Value {
        let message = self.receive().await;
        assert_eq!((&message["type"], &message["id"]), (&json!("next"), &json!(id)), "{message:#}");
        message["payload"].clone()
    }

    /// Expects that the operation has no more results.
    pub(crate) async fn ends(&mut self, id: &str) {
        assert_eq!(self.receive().await, json!({"type": "complete", "id": id}));
    }

    /// The errors of an operation that was not executed; expects that nothing follows.
    pub(crate) async fn refused(&mut self, id: &str) -> Value {
        let message = self.receive().await;
        assert_eq!((&message["type"], &message["id"]), (&json!("error"), &json!(id)), "{message:#}");
        json!({"errors": message["payload"]})
    }

    /// Closes the connection from the client's side.
    pub(crate) async fn close(&mut self, code: u16) {
        let frame = CloseFrame { code: code.into(), reason: "".into() };
        self.0.send(Message::Close(Some(frame))).await.unwrap();
    }

    /// The code with which the server closes the connection, ignoring earlier messages.
    pub(crate) async fn closed(&mut self) -> u16 {
        loop {
            match tokio::time::timeout(PATIENCE, self.0.next())
                .await
                .expect("the connection stays open")
                .unwrap()
                .unwrap()
            {
                Message::Close(frame) => return frame.unwrap().code.into(),
                _ => continue,
            }
        }
    }

    /// Waits until there are this many listeners: the server starts an operation when its first result is requested.
    pub(crate) async fn settle(&self, server: &Server, listeners: usize) {
        server.settled(|count| count >= listeners).await;
    }
}
