//! GraphQL over server-sent events: one operation and one response, which continues.

use std::time::Duration;

use partnergraph_domain::Role;
use reqwest::Response;
use rstest::rstest;
use serde_json::{Value, json};
use tokio::time::timeout;

use crate::live::server::Server;
use crate::support::{Backend, Partner, Postgres, Sqlite};

const EVENTS: &str = "subscription { relationshipEvents { operationType } }";
const PATIENCE: Duration = Duration::from_secs(30);

struct World {
    server: Server,
    provider: Partner,
    token: String,
}

async fn world(backend: Backend) -> World {
    let server = Server::on(backend).await;
    let provider = server.graph.provider("Northwind").add();
    let token = server.graph.token(&provider, &[Role::GlobalAdmin]);
    World { server, provider, token }
}

impl World {
    async fn post(&self, query: &str) -> Response {
        let url = format!("http://{}/graphql", self.server.address);
        let request = reqwest::Client::new().post(url).bearer_auth(&self.token).header("accept", "text/event-stream");
        request.json(&json!({ "query": query })).send().await.unwrap()
    }

    async fn get(&self, query: &str) -> Response {
        let url = format!("http://{}/graphql", self.server.address);
        let request = reqwest::Client::new().get(url).bearer_auth(&self.token).header("accept", "text/event-stream");
        request.query(&[("query", query)]).send().await.unwrap()
    }

    /// The only result of an operation, after which the stream is complete.
    async fn result(&self, answer: Response) -> Value {
        assert_eq!(answer.status(), 200);
        assert_eq!(answer.headers()["content-type"], "text/event-stream");
        let text = answer.text().await.unwrap();
        let data = text
            .strip_prefix("event: next\ndata: ")
            .and_then(|rest| rest.strip_suffix("\n\nevent: complete\ndata:\n\n"));
        serde_json::from_str(data.unwrap_or_else(|| panic!("{text}"))).unwrap()
    }
}

/// The next event, without the comments before it.
async fn next(answer: &mut Response) -> String {
    loop {
        let chunk =
            timeout(PATIENCE, answer.chunk()).await.expect("nothing was sent").unwrap().expect("the stream ended");
        let text = String::from_utf8(chunk.to_vec()).unwrap();
        if !text.starts_with(':') {
            return text;
        }
    }
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn any_operation_runs_as_a_stream_of_events(#[case] backend: Backend) {
    let world = world(backend).await;
    world.server.graph.customer(&world.provider, "Contoso");
    let customers = "{ customers { totalCount } }";
    let expected = json!({"data": {"customers": {"totalCount": 1}}});
    assert_eq!(world.result(world.post(customers).await).await, expected);
    assert_eq!(world.result(world.get(customers).await).await, expected);
    for (query, code) in [
        ("{", "GRAPHQL_PARSE_FAILED"),
        ("{ nothing }", "GRAPHQL_VALIDATION_FAILED"),
        ("subscription { nothing }", "GRAPHQL_VALIDATION_FAILED"),
    ] {
        let refused = world.result(world.post(query).await).await;
        assert_eq!(refused["errors"][0]["extensions"]["code"], code);
        assert_eq!(refused.get("data"), None);
    }
    let mutation = world.result(world.get("mutation { __typename }").await).await;
    assert_eq!(mutation["errors"][0]["extensions"]["code"], "METHOD_NOT_ALLOWED");
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_event_stream_continues_until_the_server_ends(#[case] backend: Backend) {
    let world = world(backend).await;
    let (mut posted, mut got) = (world.post(EVENTS).await, world.get(EVENTS).await);
    world.server.settled(|count| count == 2).await;
    world.server.graph.customer(&world.provider, "Contoso");
    for answer in [&mut posted, &mut got] {
        for happened in ["ADD_CUSTOMER", "CREATE_AGREEMENT"] {
            let expected = json!({"data": {"relationshipEvents": {"operationType": happened}}});
            assert_eq!(next(answer).await, format!("event: next\ndata: {expected}\n\n"));
        }
    }
    world.server.sockets.close().await;
    // A client that receives `complete` does not reconnect.
    for mut answer in [posted, got] {
        assert_eq!(timeout(PATIENCE, answer.chunk()).await.expect("the stream goes on").unwrap(), None);
    }
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_operation_of_a_disconnected_client_ends(#[case] backend: Backend) {
    let world = world(backend).await;
    let answer = world.post(EVENTS).await;
    world.server.settled(|count| count == 1).await;
    drop(answer);
    world.server.settled(|count| count == 0).await;
}
