//! A graph and its gate.

use partnergraph::graphql::schema;
use partnergraph_gate::as_variables;
use partnergraph_gate::{Gate, GateRequest};
use partnergraph_store::Database;
use serde_json::{Value, json};

use crate::support::{Backend, Graph, Partner, Role, TestDatabase};

/// The API of a test's graph.
pub struct Api {
    gate: Gate,
    pub database: Database,
    pub graph: Graph,
}

impl Api {
    pub fn on(backend: Backend) -> Self {
        let graph = Graph::new(TestDatabase::on(backend));
        let database = graph.database.open();
        Self { gate: Gate::new(schema(), database.clone()), database, graph }
    }

    /// The same graph behind a restarted server.
    pub fn restarted(self) -> Self {
        let database = self.graph.database.open();
        Self { gate: Gate::new(schema(), database.clone()), database, graph: self.graph }
    }

    /// A token of a Global admin of that partner.
    pub fn admin(&self, partner: &Partner) -> String {
        self.graph.token(partner, &[Role::GlobalAdmin])
    }

    /// The whole response.
    pub async fn answer(&self, token: Option<&str>, query: &str, variables: Value) -> Value {
        let request = GateRequest {
            query: query.to_owned(),
            variables: as_variables(variables),
            token: token.map(str::to_owned),
            request_id: "test".to_owned(),
            ..GateRequest::default()
        };
        serde_json::to_value(self.gate.execute(request).await).unwrap()
    }

    /// The data of a response without errors.
    pub async fn ask(&self, token: &str, query: &str, variables: Value) -> Value {
        let mut answer = self.answer(Some(token), query, variables).await;
        assert_eq!(answer.get("errors"), None, "{query}");
        answer["data"].take()
    }

    /// The code of the first error.
    pub async fn code(&self, token: &str, query: &str, variables: Value) -> String {
        let answer = self.answer(Some(token), query, variables).await;
        answer["errors"][0]["extensions"]["code"].as_str().unwrap_or_else(|| panic!("no error in {answer}")).to_owned()
    }

    /// The names of the customers that match.
    pub async fn names(&self, token: &str, filter: Value) -> Vec<String> {
        let data = self
            .ask(
                token,
                "query ($f: CustomerFilter) { customers(filter: $f) { nodes { companyName } } }",
                json!({"f": filter}),
            )
            .await;
        texts(&data["customers"]["nodes"], "companyName")
    }
}

/// A field of each item of a list.
pub fn texts(list: &Value, field: &str) -> Vec<String> {
    list.as_array().unwrap().iter().map(|entry| entry[field].as_str().unwrap_or("null").to_owned()).collect()
}

/// The text of a documented operation.
pub fn operation(name: &str) -> String {
    let path = format!("{}/docs/operations/{name}.graphql", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(path).unwrap()
}
