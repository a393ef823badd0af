//! The API as these actors meet it: the gate that HTTP and WebSocket pass, without the network.

use async_graphql::Variables;
use partnergraph::graphql::{Gate, GateRequest, schema};
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
        let request = GateRequest {
            query: query.to_owned(),
            variables: Variables::from_json(variables),
            token: token.map(str::to_owned),
            request_id: "matrix".to_owned(),
            ..GateRequest::default()
        };
        serde_json::to_value(self.runtime.block_on(self.gate.execute(request))).unwrap()
    }
}

/// The code of an answer's first error; `None` where it has none.
pub fn code(answer: &Value) -> Option<&str> {
    let first = answer.get("errors")?.get(0)?;
    Some(first["extensions"]["code"].as_str().unwrap_or("an error without a code"))
}
