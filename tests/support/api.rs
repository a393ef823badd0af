//! The API as a client uses it, without the network: through the gate that HTTP and WebSocket use.

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

    /// The whole response of an operation.
    pub fn response(&self, token: &str, query: &str, variables: Value) -> Value {
        let request = GateRequest {
            query: query.to_owned(),
            variables: as_variables(variables),
            token: Some(token.to_owned()),
            request_id: "test".to_owned(),
            ..GateRequest::default()
        };
        serde_json::to_value(self.runtime.block_on(self.gate.execute(request))).unwrap()
    }

    /// The data of an operation that must not fail.
    pub fn data(&self, token: &str, query: &str, variables: Value) -> Value {
        let response = self.response(token, query, variables);
        assert!(response.get("errors").is_none(), "{response:#}");
        response["data"].clone()
    }
}
