//! The lists of an import run: issues and changes, filtered, and what complete lists lack.

use partnergraph_store::Backend;
use rstest::rstest;
use serde_json::{Value, json};

use crate::mutations::imports::{finished_run, upload};
use crate::mutations::world::World;
use crate::support::{Postgres, Role, Sqlite, Verbs};

const HEADER: &str = "Microsoft ID,Company name,Primary domain name,Relationship\r\n";
const ONE: &str = "5d1f6f0a-1111-4222-8333-944444444401,Adventure Works,adventure-works.example,Cloud Reseller\r\n";
const TWO: &str = "5d1f6f0a-1111-4222-8333-944444444402,Wide World,wide-world.example,Cloud Reseller\r\n";
const THREE: &str = "5d1f6f0a-1111-4222-8333-944444444403,Blue Yonder,blue-yonder.example,Cloud Reseller\r\n";

impl World {
    /// A run over a complete list.
    fn import(&self, text: &str, mode: &str) -> Value {
        let file = upload(self, &self.provider, text);
        let complete = json!({"files": [{"upload": file, "partial": false}]});
        finished_run(self, &self.as_provider().with(complete).start_import(&file, mode))["id"].clone()
    }

    fn of_run(&self, token: &str, run: &Value, selection: &str, variables: Value) -> Value {
        let mut variables = variables;
        variables["id"] = run.clone();
        let declared = [("$i", "ImportIssueFilter"), ("$c", "ImportChangeFilter"), ("$after", "String")];
        let used = declared.iter().filter(|(name, _)| selection.contains(name));
        let used: String = used.map(|(name, of)| format!(", {name}: {of}")).collect();
        let query = format!("query($id: ID!{used}) {{ importRun(id: $id) {{ {selection} }} }}");
        self.api.data(token, &query, variables)["importRun"].clone()
    }
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn issues_and_changes_are_filtered(#[case] backend: Backend) {
    let world = World::on(backend);
    let bad = "not-a-guid,Nobody,nobody.example,Cloud Reseller\r\n";
    let run = world.import(&[HEADER, ONE, TWO, bad].concat(), "APPLY");
    let issues = |filter: Value| {
        let selection = "issues(filter: $i) { totalCount nodes { code severity file } }";
        let found = world.of_run(&world.token, &run, selection, json!({ "i": filter }))["issues"].clone();
        assert_eq!(found["totalCount"], found["nodes"].as_array().unwrap().len());
        found["nodes"].as_array().unwrap().clone()
    };
    let invalid = issues(json!({"code": {"eq": "customer.tenant_id.invalid"}}));
    assert_eq!(invalid, [json!({"code": "customer.tenant_id.invalid", "severity": "ERROR", "file": "Customers.csv"})]);
    assert_eq!(issues(json!({"severity": {"eq": "ERROR"}, "file": {"startsWith": "customers"}})), invalid);
    assert_eq!(issues(json!({"file": {"eq": "Other.csv"}})), [] as [Value; 0]);
    let named = json!({"code": {"startsWith": "customer."}});
    let others = issues(json!({ "not": named }));
    assert_eq!(others.len() + issues(named).len(), issues(json!({})).len());

    let changes = |filter: Value| {
        let selection = "changes(filter: $c) { totalCount nodes { entity action key field } }";
        let found = world.of_run(&world.token, &run, selection, json!({ "c": filter }))["changes"].clone();
        assert_eq!(found["totalCount"], found["nodes"].as_array().unwrap().len());
        found["nodes"].as_array().unwrap().clone()
    };
    let key = "5D1F6F0A-1111-4222-8333-944444444402";
    let of_one = changes(json!({"key": {"eq": key}, "entity": {"eq": "customer"}, "action": {"eq": "CREATE"}}));
    assert!(!of_one.is_empty() && of_one.iter().all(|change| change["key"] == key.to_lowercase()), "{of_one:?}");
    assert_eq!(changes(json!({"entity": {"eq": "SUBSCRIPTION"}})), [] as [Value; 0]);
    let whole = changes(json!({"field": {"eq": null}})).len();
    assert_eq!(whole + changes(json!({"field": {"ne": null}})).len(), changes(json!({})).len());

    // A cursor belongs to its filter, and a filter that compares nothing is refused.
    let first = world.of_run(&world.token, &run, "changes(first: 1) { pageInfo { endCursor } }", json!({}));
    let after =
        json!({"id": run, "after": first["changes"]["pageInfo"]["endCursor"], "c": {"entity": {"eq": "CUSTOMER"}}});
    let query = "query($id: ID!, $c: ImportChangeFilter, $after: String) { importRun(id: $id) { changes(first: 1, after: $after, filter: $c) { totalCount } } }";
    assert_eq!(world.api.response(&world.token, query, after)["errors"][0]["extensions"]["code"], "BAD_CURSOR");
    let empty = json!({"id": run, "c": {"entity": {}}});
    assert_eq!(world.api.response(&world.token, query, empty)["errors"][0]["extensions"]["code"], "BAD_FILTER");
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn what_a_complete_list_lacks_is_listed(#[case] backend: Backend) {
    let world = World::on(backend);
    let all = world.import(&[HEADER, ONE, TWO, THREE].concat(), "APPLY");
    let shorter = [HEADER, ONE].concat();
    const ABSENT: &str = "absent { customersTotal subscriptionsTotal } absentCustomers { totalCount nodes { companyName } } \
                          absentSubscriptions { totalCount nodes { quantity } }";
    let absent = |token: &str, run: &Value| world.of_run(token, run, ABSENT, json!({}));
    let nothing = json!({"absent": {"customersTotal": 0, "subscriptionsTotal": 0},
        "absentCustomers": {"totalCount": 0, "nodes": []}, "absentSubscriptions": {"totalCount": 0, "nodes": []}});
    assert_eq!(absent(&world.token, &all), nothing);
    let two = json!({"absent": {"customersTotal": 2, "subscriptionsTotal": 0},
        "absentCustomers": {"totalCount": 2, "nodes": [{"companyName": "Blue Yonder"}, {"companyName": "Wide World"}]},
        "absentSubscriptions": {"totalCount": 0, "nodes": []}});
    let tried = world.import(&shorter, "DRY_RUN");
    assert_eq!(absent(&world.token, &tried), two);
    let planned = world.import(&shorter, "PLAN");
    let applied = finished_run(&world, &world.as_provider().apply_import(planned.as_str().unwrap()))["id"].clone();
    for run in [&planned, &applied] {
        assert_eq!(absent(&world.token, run), two);
    }
    let page = "absentCustomers(first: 1, after: $after) { nodes { companyName } pageInfo { hasNextPage endCursor } }";
    let first = world.of_run(&world.token, &applied, page, json!({}))["absentCustomers"].clone();
    assert_eq!(first["pageInfo"]["hasNextPage"], true);
    let second = world.of_run(&world.token, &applied, page, json!({"after": first["pageInfo"]["endCursor"]}));
    assert_eq!(second["absentCustomers"]["nodes"], json!([{"companyName": "Wide World"}]));
    // Each run has its own, the run of another organisation none at all.
    assert_eq!(absent(&world.token, &all), nothing);
    let rival = world.graph.token(&world.graph.provider("Rival").add(), &[Role::GlobalAdmin]);
    assert_eq!(absent(&rival, &applied), Value::Null);
    assert_eq!(absent(&world.graph.operator_token(), &applied), two);
    let runs = world.api.data(&world.token, "{ importRuns { nodes { absentCustomers { totalCount } } } }", json!({}));
    let totals: Vec<_> = runs["importRuns"]["nodes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|run| &run["absentCustomers"]["totalCount"])
        .collect();
    assert_eq!(totals, [2, 2, 0]);
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn a_subscription_that_a_complete_list_lacks_is_listed_even_after_its_seller_left(#[case] backend: Backend) {
    let world = World::on(backend);
    let other = world.graph.subscription(&world.provider, &world.customer).quantity(7).add();
    let run = world.import(&[HEADER, ONE].concat(), "APPLY");
    let absent = |subscription: &crate::support::Subscription| {
        format!(
            "INSERT INTO import_absences (run_id, entity, key) SELECT MAX(id), 'SUBSCRIPTION', '{}' FROM import_runs;",
            subscription.subscription_id
        )
    };
    world.graph.write(|conn, _, _| conn.batch(&[absent(&world.subscription), absent(&other)].concat()));
    let selection = "absentSubscriptions { totalCount nodes { quantity customer { companyName } } }";
    let mut listed = world.of_run(&world.token, &run, selection, json!({}))["absentSubscriptions"].clone();
    assert_eq!(listed["totalCount"], 2);
    assert_eq!(world.as_provider().leave_customer(&world.customer)["userErrors"], json!([]));
    assert_eq!(world.of_run(&world.token, &run, selection, json!({}))["absentSubscriptions"].take(), listed.take());
}
