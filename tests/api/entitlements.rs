//! The entitlements under an Azure plan, in lists and filters.

use rstest::rstest;
use serde_json::{Value, json};

use crate::api::caller::{Api, operation, texts};
use crate::api::statements::lists_below;
use crate::support::{Backend, Postgres, Sqlite};

const PAGE: &str = "query($by: SubscriptionLookup!, $first: Int, $last: Int, $after: String, $before: String) { \
     customerSubscription(by: $by) { entitlements(first: $first, last: $last, after: $after, before: $before) { totalCount \
     edges { cursor node { entitlementId } } pageInfo { hasNextPage hasPreviousPage endCursor startCursor } } } }";
const FILTERED: &str = "query($f: SubscriptionFilter) { subscriptions(filter: $f) { nodes { friendlyName } } }";

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
#[tokio::test]
async fn pages_run_both_ways_in_the_order_of_ids(#[case] backend: Backend) {
    let api = Api::on(backend);
    let graph = &api.graph;
    let provider = graph.provider("Northwind").add();
    let customer = graph.customer(&provider, "Contoso");
    let plan = graph.subscription(&provider, &customer).usage().add();
    for id in ["c", "a", "e", "b", "d"] {
        graph.entitlement(&plan, id, None);
    }
    let token = api.admin(&provider);
    let page = async |arguments: Value| {
        let mut variables = json!({"by": {"subscriptionId": plan.subscription_id}});
        variables.as_object_mut().unwrap().extend(arguments.as_object().unwrap().clone());
        let found = api.ask(&token, PAGE, variables).await["customerSubscription"]["entitlements"].clone();
        assert_eq!(found["totalCount"], 5);
        let edges = found["edges"].as_array().unwrap();
        let ids: String = edges.iter().map(|edge| edge["node"]["entitlementId"].as_str().unwrap().to_owned()).collect();
        (ids, found["pageInfo"].clone())
    };
    let (ids, info) = page(json!({"first": 2})).await;
    assert_eq!((ids.as_str(), &info["hasNextPage"]), ("ab", &json!(true)));
    assert_eq!(page(json!({"first": 9, "after": info["endCursor"]})).await.0, "cde");
    let (ids, info) = page(json!({"last": 2})).await;
    assert_eq!((ids.as_str(), &info["hasPreviousPage"]), ("de", &json!(true)));
    assert_eq!(page(json!({"last": 2, "before": info["startCursor"]})).await.0, "bc");
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
#[tokio::test]
async fn subscriptions_are_filtered_by_their_entitlements_as_the_caller_sees_them(#[case] backend: Backend) {
    let api = Api::on(backend);
    let graph = &api.graph;
    let provider = graph.provider("Northwind").add();
    let reseller = graph.reseller("Fabrikam").partner_of(&provider).add();
    let other = graph.reseller("Tailspin").partner_of(&provider).add();
    let customer = graph.customer(&provider, "Contoso");
    let [one, two] =
        ["one", "two"].map(|name| graph.subscription(&provider, &customer).friendly_name(name).usage().add());
    graph.subscription(&provider, &customer).friendly_name("three").add();
    graph.entitlement(&one, "ent-a", Some(&reseller));
    graph.entitlement(&one, "ent-b", Some(&other));
    graph.entitlement(&two, "ent-c", None);
    let (own, theirs) = (api.admin(&provider), api.admin(&reseller));
    let find = async |token: &str, entitlements: Value| {
        let found = api.ask(token, FILTERED, json!({"f": {"entitlements": entitlements}})).await;
        let mut names = texts(&found["subscriptions"]["nodes"], "friendlyName");
        names.sort_unstable();
        names.join(" ")
    };
    assert_eq!(find(&own, json!({})).await, "one two");
    assert_eq!(find(&own, json!({"entitlementId": {"eq": "ENT-B"}})).await, "one");
    assert_eq!(find(&own, json!({"partnerOfRecord": null})).await, "two");
    assert_eq!(find(&own, json!({"partnerOfRecord": {"name": {"eq": "tailspin"}}})).await, "one");
    // All conditions must be met by the same row.
    let crossed = json!({"entitlementId": {"eq": "ent-a"}, "partnerOfRecord": {"name": {"eq": "tailspin"}}});
    assert_eq!(find(&own, crossed).await, "");
    assert_eq!(find(&own, json!({"description": {"contains": "ENT-C"}})).await, "two");
    // A reseller filters by what it sees, which is its own entitlement (B-14).
    assert_eq!(find(&theirs, json!({})).await, "one");
    assert_eq!(find(&theirs, json!({"entitlementId": {"eq": "ent-b"}})).await, "");
}

/// A caller with access to the whole plan or the account sees all of its entitlements, but no other reseller's name.
#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
#[tokio::test]
async fn a_caller_that_sees_the_whole_plan_sees_every_entitlement(#[case] backend: Backend) {
    let api = Api::on(backend);
    let graph = &api.graph;
    let provider = graph.provider("Northwind").add();
    let reseller = |name: &str| graph.reseller(name).partner_of(&provider).add();
    let [account, record, contact, entitled] = ["Account", "Record", "Contact", "Entitled"].map(reseller);
    let customer = graph.customer(&provider, "Contoso");
    graph.association(&provider, &customer, &account);
    let plan = graph.subscription(&provider, &customer).usage().reseller(&record).support_contact(&contact).add();
    graph.entitlement(&plan, "e-1", Some(&entitled));
    graph.entitlement(&plan, "e-2", None);
    let variables = json!({"by": {"subscriptionId": plan.subscription_id}, "first": 10});
    for (token, count, name) in [
        (api.admin(&provider), 2, json!("Entitled")),
        (graph.customer_token(&customer), 2, json!("Entitled")),
        (graph.operator_token(), 2, json!("Entitled")),
        (api.admin(&account), 2, Value::Null),
        (api.admin(&record), 2, Value::Null),
        (api.admin(&contact), 2, Value::Null),
        (api.admin(&entitled), 1, json!("Entitled")),
    ] {
        let data = api.ask(&token, &operation("Entitlements"), variables.clone()).await;
        let found = &data["customerSubscription"]["entitlements"];
        assert_eq!((&found["totalCount"], &found["nodes"][0]["partnerOfRecord"]["name"]), (&json!(count), &name));
    }
}

/// Entitlements, their partners and the history are read for a whole page of subscriptions at once.
#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
#[tokio::test]
async fn a_page_takes_as_many_statements_as_a_single_subscription(#[case] backend: Backend) {
    let query = "{ subscriptions(first: 50) { nodes { entitlements(first: 3) { totalCount nodes { entitlementId \
                 partnerOfRecord { name } } } partnerOfRecordHistory { name source { kind run { id } } } } } }";
    let mut counts = Vec::new();
    for subscriptions in [1, 9] {
        let api = Api::on(backend);
        let provider = api.graph.provider("Northwind").add();
        let reseller = api.graph.reseller("Fabrikam").partner_of(&provider).add();
        let customer = api.graph.customer(&provider, "Contoso");
        for _ in 0..subscriptions {
            let plan = api.graph.subscription(&provider, &customer).usage().reseller(&reseller).add();
            api.graph.entitlement(&plan, "e-1", Some(&reseller));
        }
        let token = api.admin(&provider);
        let before = api.database.statements();
        api.ask(&token, query, json!({})).await;
        // The entitlements of each subscription are a list below it.
        counts.push(api.database.statements() - before - lists_below(backend, subscriptions));
    }
    assert_eq!(counts[0], counts[1]);
}
