//! The API as a client uses it, without the network: through the gate that HTTP and WebSocket use.

use std::sync::LazyLock;

use partnergraph::graphql::error_catalogue::document;
use partnergraph::graphql::schema;
use partnergraph_gate::as_variables;
use partnergraph_gate::{Gate, GateRequest};
use partnergraph_operation::policy::Policy;
use serde_json::Value;
use tokio::runtime::Runtime;

use super::TestDatabase;

/// A server on a test's database.
pub struct Api {
    gate: Gate,
    runtime: Runtime,
}

impl Api {
    pub fn on(database: &TestDatabase) -> Self {
        let gate = Gate::new(schema(), database.open());
        Self { gate, runtime: Runtime::new().unwrap() }
    }

    /// The same with another policy.
    pub fn with_policy(database: &TestDatabase, policy: Policy) -> Self {
        let gate = Gate::new(schema(), database.open()).with_policy(policy);
        Self { gate, runtime: Runtime::new().unwrap() }
    }

    /// The number of statements sent to the database so far.
    pub fn statements(&self) -> u64 {
        self.gate.database().statements()
    }

    /// The whole response of an operation, whose error codes must all be documented.
    pub fn response(&self, token: &str, query: &str, variables: Value) -> Value {
        let request = GateRequest {
            query: query.to_owned(),
            variables: as_variables(variables),
            token: Some(token.to_owned()),
            request_id: "test".to_owned(),
            ..GateRequest::default()
        };
        let response = serde_json::to_value(self.runtime.block_on(self.gate.execute(request))).unwrap();
        for code in codes(&response) {
            assert!(DOCUMENT.contains(&format!("`{code}`")), "docs/ERRORS.md does not have {code}: {response:#}");
        }
        response
    }

    /// The data of an operation that must not fail.
    pub fn data(&self, token: &str, query: &str, variables: Value) -> Value {
        let response = self.response(token, query, variables);
        assert!(response.get("errors").is_none(), "{response:#}");
        response["data"].clone()
    }
}

/// `docs/ERRORS.md`, as generated from the catalogue.
static DOCUMENT: LazyLock<String> = LazyLock::new(|| document(include_str!("../../domain/data/refusal-codes.tsv")));

/// The codes of the errors and of all user errors of a response.
fn codes(response: &Value) -> Vec<&str> {
    let errors = response["errors"].as_array().into_iter().flatten();
    let mut codes: Vec<&str> = errors.filter_map(|error| error["extensions"]["code"].as_str()).collect();
    let mut values = vec![&response["data"]];
    while let Some(value) = values.pop() {
        match value {
            Value::Array(list) => values.extend(list),
            Value::Object(map) => {
                let refused = map.get("userErrors").and_then(Value::as_array).into_iter().flatten();
                codes.extend(refused.filter_map(|error| error["code"].as_str()));
                values.extend(map.values());
            }
            _ => {}
        }
    }
    codes
}
