//! `/graphql/ws`: the protocol graphql-transport-ws over a real connection.

use futures_util::{SinkExt, StreamExt};
use partnergraph::config::{Config, Flags};
use partnergraph::http::router;
use serde_json::{Value, json};
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};

use crate::api::caller::Api;
use crate::support::Sqlite;

const PROTOCOL: &str = "graphql-transport-ws";
const CUSTOMERS: &str = "query ($f: CustomerFilter) { customers(filter: $f) { nodes { companyName } } }";

struct Socket(WebSocketStream<MaybeTlsStream<TcpStream>>);

impl Socket {
    /// Opens a connection to a server for that API, with or without a token in the opening request.
    async fn open(api: &Api, token: Option<&str>) -> Self {
        let headers = token.map(|token| ("authorization", format!("Bearer {token}")));
        Self::open_with(api, headers.into_iter().collect()).await
    }

    /// The same with these headers in the opening request.
    async fn open_with(api: &Api, headers: Vec<(&'static str, String)>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let app = router(api.database.clone(), &Config::load(&Flags::default()).unwrap());
        // It ends with the test's runtime.
        tokio::spawn(async move { axum::serve(listener, app).await });
        let mut request = format!("ws://{address}/graphql/ws").into_client_request().unwrap();
        request.headers_mut().insert("sec-websocket-protocol", PROTOCOL.parse().unwrap());
        for (name, value) in headers {
            request.headers_mut().insert(name, value.parse().unwrap());
        }
        let (socket, response) = tokio_tungstenite::connect_async(request).await.unwrap();
        assert_eq!(response.headers()["sec-websocket-protocol"], PROTOCOL);
        Self(socket)
    }

    async fn send(&mut self, message: Value) {
        self.0.send(Message::text(message.to_string())).await.unwrap();
    }

    /// The next message of the protocol; `None` if the server has closed the connection.
    async fn receive(&mut self) -> Option<Value> {
        while let Some(message) = self.0.next().await {
            match message.unwrap() {
                Message::Text(text) => return Some(serde_json::from_str(&text).unwrap()),
                Message::Close(_) => return None,
                _ => {}
            }
        }
        None
    }

    /// Sends `connection_init` and expects to be accepted.
    async fn begin(&mut self, payload: Value) {
        self.send(json!({"type": "connection_init", "payload": payload})).await;
        assert_eq!(self.receive().await.unwrap()["type"], "connection_ack");
    }

    /// The result of an operation; expects that nothing follows.
    async fn result(&mut self, id: &str, query: &str, variables: Value) -> Value {
        self.send(json!({"id": id, "type": "subscribe", "payload": {"query": query, "variables": variables}})).await;
        let next = self.receive().await.unwrap();
        assert_eq!((&next["type"], &next["id"]), (&json!("next"), &json!(id)), "{next}");
        assert_eq!(self.receive().await.unwrap(), json!({"type": "complete", "id": id}));
        next["payload"].clone()
    }

    /// The errors of an operation that is not executed; expects that nothing follows.
    async fn refusal(&mut self, id: &str, query: &str) -> Value {
        self.send(json!({"id": id, "type": "subscribe", "payload": {"query": query}})).await;
        let error = self.receive().await.unwrap();
        assert_eq!((&error["type"], &error["id"]), (&json!("error"), &json!(id)), "{error}");
        self.send(json!({"type": "ping"})).await;
        assert_eq!(self.receive().await.unwrap()["type"], "pong");
        json!({"errors": error["payload"]})
    }
}

fn code(answer: &Value) -> &str {
    answer["errors"][0]["extensions"]["code"].as_str().unwrap_or_else(|| panic!("no error in {answer}"))
}

/// Two providers with a customer each, and the token of the first.
fn two_providers() -> (Api, String) {
    let api = Api::on(Sqlite);
    let provider = api.graph.provider("Northwind").add();
    api.graph.customer(&provider, "Contoso");
    api.graph.customer(&api.graph.provider("Litware").add(), "Private");
    let token = api.admin(&provider);
    (api, token)
}

#[tokio::test]
async fn a_connection_has_the_identity_of_its_first_message() {
    let (api, token) = two_providers();
    let mut socket = Socket::open(&api, None).await;
    socket.begin(json!({"Authorization": format!("Bearer {token}")})).await;
    let seen = socket.result("1", CUSTOMERS, json!({})).await;
    assert_eq!(seen, json!({"data": {"customers": {"nodes": [{"companyName": "Contoso"}]}}}));
    let none = socket.result("2", CUSTOMERS, json!({"f": {"companyName": {"eq": "private"}}})).await;
    assert_eq!(none["data"]["customers"]["nodes"], json!([]));
    socket.send(json!({"type": "ping"})).await;
    assert_eq!(socket.receive().await.unwrap()["type"], "pong");
}

#[tokio::test]
async fn a_connection_without_a_token_gets_no_data() {
    let (api, token) = two_providers();
    let mut anonymous = Socket::open(&api, None).await;
    anonymous.begin(json!({})).await;
    assert_eq!(code(&anonymous.refusal("1", CUSTOMERS).await), "UNAUTHENTICATED");
    for wrong in [json!({"Authorization": "Bearer wrong"}), json!({"Authorization": token})] {
        let mut socket = Socket::open(&api, None).await;
        socket.send(json!({"type": "connection_init", "payload": wrong})).await;
        assert_eq!(socket.receive().await, None);
    }
    // If the first message names no token, that of the opening request applies.
    let mut socket = Socket::open(&api, Some(&token)).await;
    socket.begin(json!({})).await;
    assert_eq!(
        socket.result("1", CUSTOMERS, json!({})).await["data"]["customers"]["nodes"][0]["companyName"],
        "Contoso"
    );
}

#[tokio::test]
async fn an_operation_passes_the_same_gate_as_over_http() {
    let (api, token) = two_providers();
    let mut socket = Socket::open(&api, Some(&token)).await;
    socket.begin(json!({})).await;
    let deep = format!("{{ __schema {{ types {{ {} name {} }} }} }}", "ofType { ".repeat(30), "}".repeat(30));
    for (query, expected) in [
        ("{", "GRAPHQL_PARSE_FAILED"),
        ("{ nothing }", "GRAPHQL_VALIDATION_FAILED"),
        (deep.as_str(), "DOCUMENT_TOO_LARGE"),
    ] {
        let refused = socket.refusal("1", query).await;
        assert_eq!(code(&refused), expected);
        assert!(refused["errors"][0]["extensions"]["requestId"].is_string(), "{refused}");
    }
    // An executed operation gets a result, whatever its outcome.
    let failed = socket.result("1", "{ customers(first: 101) { totalCount } }", json!({})).await;
    assert_eq!((code(&failed), &failed["data"]), ("BAD_PAGE_SIZE", &json!({"customers": null})));
}

#[tokio::test]
async fn an_operation_before_the_first_message_ends_the_connection() {
    let (api, token) = two_providers();
    let mut socket = Socket::open(&api, Some(&token)).await;
    socket.send(json!({"id": "1", "type": "subscribe", "payload": {"query": CUSTOMERS}})).await;
    assert_eq!(socket.receive().await, None);
}

/// Why checking the origin is not needed for authentication: cookies are ignored, so a page of another origin has only the
/// credentials that its user entered.
#[tokio::test]
async fn cookies_do_not_authenticate() {
    let (api, token) = two_providers();
    let cookie = format!("token={token}; Authorization=Bearer {token}; session={token}");
    let mut socket = Socket::open_with(&api, vec![("cookie", cookie)]).await;
    socket.begin(json!({})).await;
    assert_eq!(code(&socket.refusal("1", CUSTOMERS).await), "UNAUTHENTICATED");
}
