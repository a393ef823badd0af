//! The program as a separate process, with data to query.

use std::fmt::Write as _;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use partnergraph_store::Conn;
use serde_json::{Value, json};

use crate::support::{Backend, Graph, Role, TestDatabase};

/// The limit of the process's address space in KiB: an attack ends the process instead of the machine.
const ADDRESS_SPACE: u64 = 6 * 1024 * 1024;
/// The number of customers.
const CUSTOMERS: usize = 300;
const SUBSCRIPTIONS: usize = 8;

/// A running server.
pub(crate) struct Server {
    process: Child,
    address: String,
    client: reqwest::Client,
    /// The token of the provider that has the data.
    pub(crate) token: String,
    /// The token of another provider, with one customer.
    pub(crate) other: String,
    /// Kept because the server needs its database.
    graph: Mutex<Graph>,
}

/// A response and its duration.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) text: String,
    pub(crate) took: Duration,
}

impl Answer {
    pub(crate) fn code(&self) -> String {
        let json: Value = serde_json::from_str(&self.text).unwrap_or_default();
        json["errors"][0]["extensions"]["code"].as_str().unwrap_or_default().to_owned()
    }
}

impl Server {
    /// Starts a server with these additional settings.
    pub(crate) fn on(backend: Backend, settings: &[(&str, &str)]) -> Self {
        let graph = Graph::new(TestDatabase::on(backend));
        let provider = graph.provider("Northwind").add();
        let token = graph.token(&provider, &[Role::GlobalAdmin]);
        let rival = graph.provider("Fabrikam").add();
        graph.customer(&rival, "Contoso");
        let other = graph.token(&rival, &[Role::GlobalAdmin]);
        let book = graph.database.directory().join("book.csv");
        std::fs::write(&book, csv()).unwrap();
        let program = env!("CARGO_BIN_EXE_partnergraph");
        let url = graph.database.url_text();
        let mpn_id = provider.mpn_id.to_string();
        let import = Command::new(program)
            .args(["import", book.to_str().unwrap(), "--as", &mpn_id, "--database-url", &url, "--progress", "none"])
            .output()
            .unwrap();
        assert!(import.status.success(), "{}", String::from_utf8_lossy(&import.stderr));
        let mut process = Command::new("sh")
            .args(["-c", &format!("ulimit -v {ADDRESS_SPACE}; exec \"$0\" \"$@\""), program])
            .args(["serve", "--listen", "127.0.0.1:0", "--database-url", &url])
            .envs(settings.iter().copied())
            .current_dir(graph.database.directory())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut log = BufReader::new(process.stderr.take().unwrap());
        let mut line = String::new();
        while !line.contains("listening on http://") {
            line.clear();
            assert!(log.read_line(&mut line).unwrap() > 0, "the server ended");
        }
        let address = format!("http://{}", line.split("listening on http://").nth(1).unwrap().trim());
        // Its log has to be read, or the server would block.
        std::thread::spawn(move || log.lines().for_each(drop));
        Self {
            process,
            address,
            client: reqwest::Client::builder().pool_max_idle_per_host(0).build().unwrap(),
            token,
            other,
            graph: Mutex::new(graph),
        }
    }

    /// Another connection to its database.
    pub(crate) fn connect(&self) -> Conn {
        self.graph.lock().unwrap().database.connect()
    }

    /// Sends an operation.
    pub(crate) async fn ask(&self, token: &str, query: &str, variables: Value) -> Answer {
        self.send(token, json!({ "query": query, "variables": variables }).to_string().into_bytes()).await
    }

    /// Sends a body.
    pub(crate) async fn send(&self, token: &str, body: Vec<u8>) -> Answer {
        self.try_send(token, body).await.expect("the server answers")
    }

    /// Sends a body that the server may stop reading. A client that continues to send might not receive the response.
    pub(crate) async fn try_send(&self, token: &str, body: Vec<u8>) -> Option<Answer> {
        let started = Instant::now();
        let response = self
            .client
            .post(format!("{}/graphql", self.address))
            .header("content-type", "application/json")
            .header("accept", "application/graphql-response+json")
            .bearer_auth(token)
            .body(body)
            .send()
            .await
            .ok()?;
        let status = response.status().as_u16();
        let text = response.text().await.unwrap();
        Some(Answer { status, text, took: started.elapsed() })
    }

    /// The cost of an operation.
    pub(crate) async fn costs(&self, token: &str, query: &str) -> u64 {
        let request =
            self.client.post(format!("{}/graphql", self.address)).bearer_auth(token).header("x-graphql-cost", "1");
        let request = request.header("content-type", "application/json").body(json!({ "query": query }).to_string());
        let answer: Value = serde_json::from_str(&request.send().await.unwrap().text().await.unwrap()).unwrap();
        answer["extensions"]["cost"]["requested"].as_u64().unwrap()
    }

    /// The median duration of an operation, run this many times.
    pub(crate) async fn median(&self, token: &str, query: &str, times: usize) -> Duration {
        let mut took = Vec::with_capacity(times);
        for _ in 0..times {
            let answer = self.ask(token, query, json!({})).await;
            assert_eq!(answer.status, 200, "{}", answer.text);
            took.push(answer.took);
        }
        took.sort_unstable();
        took[times / 2]
    }

    /// Its resident memory in bytes.
    pub(crate) fn resident(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.process.id())).unwrap();
        let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
        line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() * 1024
    }

    /// Whether it is still running.
    pub(crate) fn is_alive(&mut self) -> bool {
        self.process.try_wait().unwrap().is_none()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// A list of customers and their subscriptions, as charges.
fn csv() -> String {
    let mut text = String::from(
        "CustomerId,CustomerName,CustomerDomainName,CustomerCountry,OrderDate,ProductId,SkuId,SkuName,ProductName,\
         ChargeType,UnitPrice,Quantity,Subtotal,Currency,SubscriptionId,ChargeStartDate,ChargeEndDate,TermAndBillingCycle\n",
    );
    for customer in 0..CUSTOMERS {
        for subscription in 0..SUBSCRIPTIONS {
            let number = customer * SUBSCRIPTIONS + subscription;
            let _ = writeln!(
                text,
                "00000000-0000-4000-8000-{customer:012},Customer {customer},c{customer}.example,PL,2026-06-18,P,1,M365,M365,new,\
                 1.00,{},5.00,USD,11111111-0000-4000-8000-{number:012},2026-06-18,2027-06-17,1 Year commitment for monthly billing",
                1 + number % 50,
            );
        }
    }
    text
}
