//! The API as the actors use it: the gate that HTTP and WebSocket use, without the network.

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

    /// The whole response to a query or mutation.
    pub fn answer(&self, token: Option<&str>, query: &str, variables: Value) -> Value {
        serde_json::to_value(self.runtime.block_on(self.gate.execute(request(token, query, variables)))).unwrap()
    }

    /// The first result of a subscription; `None` if it waits for an event, because none happens.
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

/// The code of a response's first error; `None` if there is none.
pub fn code(answer: &Value) -> Option<&str> {
    let first = answer.get("errors")?.get(0)?;
    Some(first["extensions"]["code"].as_str().unwrap_or("an error without a code"))
}
