//! The API as these actors meet it: the gate that HTTP and WebSocket pass, without the network.

use std::time::Duration;

use futures_util::StreamExt;
use partnergraph::graphql::schema;
use partnergraph_gate::as_variables;
use partnergraph_gate::{Gate, GateRequest};
use serde_json::Value;
use tokio::runtime::Runtime;

use crate::support::TestDatabase;

pub struct Client {
    gate: Gate,
    runtime: Runtime,
}

impl Client {
    pub fn on(database: &TestDatabase) -> Self {
        Self { gate: Gate::new(schema(), database.open()), runtime: Runtime::new().unwrap() }
    }

    /// The whole answer of a query or mutation.
    pub fn answer(&self, token: Option<&str>, query: &str, variables: Value) -> Value {
        serde_json::to_value(self.runtime.block_on(self.gate.execute(request(token, query, variables)))).unwrap()
    }

    /// The first answer of a subscription; `None` where it waits for something to happen, as nothing does meanwhile.
    pub fn first(&self, token: Option<&str>, query: &str, patience: Duration) -> Option<Value> {
        let mut answers = self.gate.execute_stream(request(token, query, Value::Null));
        let first = self.runtime.block_on(async { tokio::time::timeout(patience, answers.next()).await }).ok()?;
        Some(serde_json::to_value(first.expect("a subscription says something before it ends")).unwrap())
    }
}

fn request(token: Option<&str>, query: &str, variables: Value) -> GateRequest {
    GateRequest {
        query: query.to_owned(),
        variables: as_variables(variables),
        token: token.map(str::to_owned),
        request_id: "matrix".to_owned(),
        ..GateRequest::default()
    }
}

/// The code of an answer's first error; `None` where it has none.
pub fn code(answer: &Value) -> Option<&str> {
    let first = answer.get("errors")?.get(0)?;
    Some(first["extensions"]["code"].as_str().unwrap_or("an error without a code"))
}
