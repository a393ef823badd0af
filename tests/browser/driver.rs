//! A server and a browser for a test, and a page in it.

use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use fantoccini::{Client, ClientBuilder};
use serde_json::{Value, json};

/// Killed when the test ends, in any case.
pub(super) struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

pub(super) async fn serve(database: &str) -> (Running, String) {
    serve_with(database, &[]).await
}

/// A server that accepts requests from pages of these origins.
pub(super) async fn serve_for(database: &str, origins: &str) -> (Running, String) {
    serve_with(database, &[("PARTNERGRAPH_CORS_ORIGINS", origins)]).await
}

/// A server with these environment variables.
pub(super) async fn serve_with(database: &str, settings: &[(&str, &str)]) -> (Running, String) {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let origin = format!("http://127.0.0.1:{port}");
    let child = Command::new(env!("CARGO_BIN_EXE_partnergraph"))
        .args(["serve", "--listen", &format!("127.0.0.1:{port}")])
        .env("DATABASE_URL", database)
        .envs(settings.iter().copied())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let running = Running(child);
    let started = Instant::now();
    while reqwest::get(format!("{origin}/readyz")).await.map(|answer| answer.status() != 200).unwrap_or(true) {
        assert!(started.elapsed() < Duration::from_secs(60), "the server was not ready within a minute");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    (running, origin)
}

/// ChromeDriver, and the port it listens on. It chooses a port of one address family and ends if the other family's is taken, as can
/// happen when several are started at once; then it is started again.
fn driver() -> (Running, String) {
    let program = std::env::var("PARTNERGRAPH_TEST_CHROMEDRIVER").unwrap_or_else(|_| "chromedriver".to_owned());
    for _ in 0..10 {
        let mut command = Command::new(&program);
        let mut child = command.arg("--port=0").stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let running = Running(child);
        for line in lines {
            if let Some((_, port)) = line.unwrap().split_once("started successfully on port ") {
                return (running, port.trim_end_matches('.').to_owned());
            }
        }
    }
    panic!("chromedriver prints no port that it listens on");
}

/// A browser that can reach only this machine.
pub(super) async fn browser() -> (Running, Client) {
    let program = std::env::var("PARTNERGRAPH_TEST_CHROMIUM").expect("tests/run names the browser");
    let (running, port) = driver();
    let mut capabilities = serde_json::Map::new();
    capabilities.insert("goog:loggingPrefs".to_owned(), json!({"browser": "ALL"}));
    capabilities.insert(
        "goog:chromeOptions".to_owned(),
        json!({
            "binary": program,
            "args": [
                "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-dev-shm-usage",
                "--disable-background-networking", "--disable-component-update", "--disable-sync", "--window-size=1400,900",
                // A click must not miss what is still scrolling.
                "--force-prefers-reduced-motion",
                "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
            ],
        }),
    );
    let client = ClientBuilder::new(hyper_util::client::legacy::connect::HttpConnector::new())
        .capabilities(capabilities)
        .connect(&format!("http://127.0.0.1:{port}"))
        .await;
    (running, client.unwrap())
}

pub(super) async fn until(client: &Client, what: &str, script: &str) -> Value {
    let started = Instant::now();
    loop {
        let value = client.execute(script, Vec::new()).await.unwrap_or(Value::Null);
        if !matches!(value, Value::Null | Value::Bool(false)) {
            return value;
        }
        assert!(
            started.elapsed() < Duration::from_secs(45),
            "{what} did not appear; the page shows {:?}",
            page_text(client).await
        );
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

async fn page_text(client: &Client) -> Value {
    client.execute("return document.body.innerText.slice(0, 2000)", Vec::new()).await.unwrap_or(Value::Null)
}
