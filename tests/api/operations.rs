//! The documented operations, which GraphiQL shows as examples and callers copy.

use std::fs;

use rstest::rstest;
use serde_json::Value;

use crate::api::caller::Api;
use crate::support::{Backend, Postgres, Role, Sqlite};

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
#[tokio::test]
async fn every_documented_query_runs_as_written(#[case] backend: Backend) {
    let api = Api::on(backend);
    let graph = &api.graph;
    let provider = graph.provider("Northwind").add();
    let reseller = graph.reseller("Fabrikam").partner_of(&provider).add();
    let customer = graph.customer(&provider, "Contoso");
    graph.association(&provider, &customer, &reseller);
    graph.subscription(&provider, &customer).reseller(&reseller).add();
    let tokens = [
        api.admin(&provider),
        api.admin(&reseller),
        graph.customer_token(&customer),
        graph.operator_token(),
        graph.token(&provider, &[Role::HelpdeskAgent]),
    ];
    let mut found = 0;
    for entry in fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/operations")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "graphql") {
            continue;
        }
        let document = fs::read_to_string(&path).unwrap();
        let variables: Value = serde_json::from_str(&fs::read_to_string(path.with_extension("json")).unwrap()).unwrap();
        if !document.starts_with("query") {
            continue;
        }
        found += 1;
        for token in &tokens {
            let answer = api.answer(Some(token), &document, variables.clone()).await;
            assert_eq!(answer.get("errors"), None, "{}", path.display());
        }
    }
    assert!(found >= 8);
}
