//! One id, one object, over all sample data.

use std::collections::BTreeMap;

use rstest::rstest;
use serde_json::{Value, json};

use crate::samples::{PROVIDER, Program};
use crate::support::{Api, Backend, Postgres, Sqlite, TestDatabase};

/// The queries of a provider for its data, with the type and id of each object.
const BOOK: &[&str] = &[
    "{ viewer { user { __typename id } organization { __typename ... on Partner { id } } } users { nodes { __typename id } } }",
    "{ customers(first: 100) { nodes { __typename id subscriptions(first: 20) { nodes { __typename id \
       customer { __typename id } } } history(first: 5) { nodes { __typename id } } } } }",
    "{ subscriptions(first: 100) { nodes { __typename id entitlements { nodes { __typename id } } } } }",
    "{ indirectResellers(first: 100) { edges { node { __typename id } partnership { __typename id } } } }",
    "{ importRuns(first: 100) { nodes { __typename id } } auditEvents(first: 100) { nodes { __typename id } } }",
    "{ delegatedAdminGrants(first: 100) { nodes { __typename id } } }",
    "{ providerDirectory(first: 100) { nodes { __typename id entity { __typename id } } } }",
];
const GRAPH: &str = "query($id: ID!) { relationshipGraph(around: $id, depth: 2, limit: 60) { \
     nodes { __typename id entity { __typename id } } } }";
const NODES: &str = "query($ids: [ID!]!) { nodes(ids: $ids) { __typename id } }";

fn objects(value: &Value, found: &mut BTreeMap<String, String>) {
    match value {
        Value::Array(entries) => entries.iter().for_each(|entry| objects(entry, found)),
        Value::Object(members) => {
            if let (Some(Value::String(kind)), Some(Value::String(id))) = (members.get("__typename"), members.get("id"))
            {
                let known = found.entry(id.clone()).or_insert_with(|| kind.clone());
                assert_eq!(known, kind, "one id of two types");
            }
            members.values().for_each(|below| objects(below, found));
        }
        _ => {}
    }
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn every_id_in_the_samples_leads_to_its_own_object(#[case] backend: Backend) {
    let database = TestDatabase::on(backend);
    let program = Program(database.url_text());
    program.accounts();
    program.import_all();
    let person = ["--user", "anna@vistula.example", "--role", "ADMIN_AGENT"];
    let token = program.done(&[&["token", "create", "--org", PROVIDER], &person[..]].concat());
    let api = Api::on(&database);
    let mut found = BTreeMap::new();
    for query in BOOK {
        objects(&api.data(&token, query, json!({})), &mut found);
    }
    let (own, _) = found.iter().find(|(_, kind)| *kind == "Partner").unwrap();
    let graph = api.data(&token, GRAPH, json!({ "id": own }));
    objects(&graph, &mut found);
    for kind in [
        "AuditRecord",
        "Customer",
        "CustomerSubscription",
        "DirectoryEntry",
        "ImportRun",
        "Partner",
        "Partnership",
        "RelationshipGraphNode",
        "User",
    ] {
        assert!(found.values().any(|met| met == kind), "the book shows no {kind}");
    }
    let all: Vec<(String, String)> = found.into_iter().collect();
    for some in all.chunks(100) {
        let ids: Vec<&String> = some.iter().map(|(id, _)| id).collect();
        let nodes = api.data(&token, NODES, json!({ "ids": ids }));
        let expected: Vec<Value> = some.iter().map(|(id, kind)| json!({"__typename": kind, "id": id})).collect();
        assert_eq!(nodes["nodes"], json!(expected));
    }
}
