//! GraphiQL in a real browser, with every other host unreachable.

use std::time::Duration;

use fantoccini::Locator;
use serde_json::json;

use super::driver::{browser, serve, serve_for, until};
use crate::support::{Graph, Role, TestDatabase};

#[tokio::test(flavor = "multi_thread")]
async fn graphiql_runs_an_example_and_shows_the_docs_without_any_other_host() {
    let graph = Graph::new(TestDatabase::sqlite());
    let provider = graph.provider("Vistula Distribution").add();
    let token = graph.token(&provider, &[Role::AdminAgent]);
    let (_server, origin) = serve(&graph.database.url_text()).await;
    let (_driver, client) = browser().await;

    client.goto(&format!("{origin}/graphiql#token={token}")).await.unwrap();
    client
        .wait()
        .at_most(Duration::from_secs(60))
        .for_element(Locator::Css(".graphiql-query-editor .view-line"))
        .await
        .unwrap();

    // The contract's operations are available as examples, each in a tab with its name.
    let tabs = client
        .execute("return [...document.querySelectorAll('.graphiql-tab-button')].map(t => t.textContent)", Vec::new());
    let tabs = tabs.await.unwrap();
    for operation in ["Viewer", "CustomersOfReseller", "AssociateReseller"] {
        assert!(
            tabs.as_array().unwrap().iter().any(|tab| tab.as_str().unwrap().contains(operation)),
            "{operation} in {tabs}"
        );
    }
    // A token in the URL is taken over and removed from the URL.
    assert_eq!(client.current_url().await.unwrap().fragment(), None);

    client.find(Locator::Css(".graphiql-execute-button")).await.unwrap().click().await.unwrap();
    let answer = until(
        &client,
        "the answer",
        "const m = window.__MONACO?.editor.getModels().find(m => m.uri.path.endsWith('response.json')); \
         return m && m.getValue().includes('data') ? m.getValue() : null",
    )
    .await;
    assert!(answer.as_str().unwrap().contains("Vistula Distribution"), "{answer}");

    client.find(Locator::Css("button[aria-label='Show Documentation Explorer']")).await.unwrap().click().await.unwrap();
    until(&client, "the docs", "return document.querySelector('.graphiql-plugin')?.innerText.includes('Query')").await;
    client.find(Locator::Css("button[aria-label='Show GraphiQL Explorer']")).await.unwrap().click().await.unwrap();
    until(
        &client,
        "the explorer",
        "return document.querySelector('.graphiql-plugin')?.innerText.includes('customers')",
    )
    .await;

    let hosts = client
        .execute("return performance.getEntriesByType('resource').map(e => new URL(e.name).origin)", Vec::new())
        .await
        .unwrap();
    assert!(hosts.as_array().unwrap().len() > 3, "{hosts}");
    assert!(hosts.as_array().unwrap().iter().all(|host| host.as_str() == Some(origin.as_str())), "{hosts}");
    client.close().await.unwrap();
}

/// A page of another origin; returns that origin.
async fn elsewhere() -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let origin = format!("http://{}", listener.local_addr().unwrap());
    let app =
        axum::Router::new().fallback(|| async { axum::response::Html("<!DOCTYPE html><title>elsewhere</title>") });
    // It ends with the test's runtime.
    tokio::spawn(async move { axum::serve(listener, app).await });
    origin
}

/// The results of a query, a WebSocket and an event stream that the open page requests: data or `refused`, the code with which
/// the WebSocket is closed or `acknowledged`, and the events.
const ASK: &str = r#"
const [origin, token, done] = arguments;
const query = async () => {
  const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
  const body = JSON.stringify({ query: "{ customers { totalCount } }" });
  const answer = await fetch(`${origin}/graphql`, { method: "POST", headers, body });
  return (await answer.json()).data.customers.totalCount;
};
const socket = () => new Promise((resolve) => {
  const socket = new WebSocket(`${origin.replace("http", "ws")}/graphql/ws`, "graphql-transport-ws");
  socket.onopen = () => socket.send(JSON.stringify({ type: "connection_init" }));
  socket.onmessage = () => resolve("acknowledged");
  socket.onclose = ({ code }) => resolve(code);
});
const events = () => new Promise((resolve) => {
  const source = new EventSource(`${origin}/graphql?query=${encodeURIComponent("{ __typename }")}`);
  const received = [];
  const close = (end) => { source.close(); resolve([...received, end]); };
  source.addEventListener("next", ({ data }) => received.push(data));
  source.addEventListener("complete", () => close("complete"));
  source.onerror = () => close("refused");
});
Promise.all([query().catch(() => "refused"), socket(), events()]).then(done);
"#;

#[tokio::test(flavor = "multi_thread")]
async fn a_page_of_another_origin_can_send_requests_if_it_is_listed() {
    let graph = Graph::new(TestDatabase::sqlite());
    let token = graph.token(&graph.provider("Vistula Distribution").add(), &[Role::AdminAgent]);
    let page = elsewhere().await;
    let (_driver, client) = browser().await;
    client.goto(&page).await.unwrap();
    let next = r#"{"data":{"__typename":"Query"}}"#;
    for (origins, expected) in [
        (page.as_str(), json!([0, "acknowledged", [next, "complete"]])),
        ("https://portal.example.com", json!(["refused", 4403, ["refused"]])),
        ("", json!(["refused", 4403, ["refused"]])),
    ] {
        let (_server, origin) = serve_for(&graph.database.url_text(), origins).await;
        let became = client.execute_async(ASK, vec![json!(origin), json!(token)]).await.unwrap();
        assert_eq!(became, expected, "{origins}");
    }
    client.close().await.unwrap();
}
