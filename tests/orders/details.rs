use partnergraph_store::Backend;
use partnergraph_store::sql::sql;
use rstest::rstest;
use serde_json::json;

use crate::orders::world::{World, assert_refused, codes, expect_success, rules};
use crate::support::{Postgres, Role, Sqlite, Verbs};

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn a_partner_changes_its_own_record_and_finds_it_by_the_new_values(#[case] backend: Backend) {
    let world = World::on(backend);
    let as_provider = world.as_provider();
    let other = world.graph.provider("Other").add();
    world.graph.customer_also_of(&other, &world.customer);
    let helpdesk = world.graph.token(&world.provider, &[Role::HelpdeskAgent]);
    let change = json!({"companyName": " Zażółć ", "domain": "ZAZOLC.example", "country": "de", "tags": ["key", "key", " "], "ifVersion": 1});
    let changed = expect_success(world.as_user(&helpdesk).update_customer(&world.customer, change));
    for (field, value) in [
        ("companyName", json!("Zażółć")),
        ("domain", json!("zazolc.example")),
        ("country", json!("DE")),
        ("tags", json!(["key"])),
        ("version", json!(2)),
    ] {
        assert_eq!(changed["customer"][field], value, "{field}");
    }

    let before = world.row_counts();
    let unchanged = expect_success(as_provider.update_customer(&world.customer, json!({"companyName": "Zażółć"})));
    assert_eq!(unchanged["customer"]["version"], 2);
    let stale = as_provider.update_customer(&world.customer, json!({"companyName": "X", "ifVersion": 1}));
    assert_eq!(codes(&stale), ["STALE_VERSION"]);
    expect_success(as_provider.validating().update_customer(&world.customer, json!({"companyName": "X"})));
    assert_eq!(world.row_counts(), before);

    let search =
        "{ customers(filter: {companyName: {startsWith: \"zażó\"}, domain: {eq: \"zazolc.example\"}}) { totalCount
        nodes { history(first: 1) { nodes { operationType changes { field before after } } } } } }";
    let data = world.api.data(&world.token, search, json!({}));
    assert_eq!(data["customers"]["totalCount"], 1);
    let event = &data["customers"]["nodes"][0]["history"]["nodes"][0];
    assert_eq!(event["operationType"], "UPDATE_CUSTOMER");
    assert_eq!(event["changes"][2], json!({"field": "country", "before": "PL", "after": "DE"}));
    // The records of other partners are unchanged, and no other partner sees the change.
    let other_token = world.graph.token(&other, &[Role::AdminAgent]);
    let query = "{ customers { nodes { companyName history(first: 1) { nodes { operationType } } } } }";
    let node = world.api.data(&other_token, query, json!({}))["customers"]["nodes"][0].clone();
    assert_eq!(node["companyName"], "Contoso");
    assert_ne!(node["history"]["nodes"][0]["operationType"], "UPDATE_CUSTOMER");
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn a_country_in_the_region_unblocks_new_business_blocked_by_an_import(#[case] backend: Backend) {
    let world = World::on(backend);
    let as_provider = world.as_provider();
    let block = sql("UPDATE customer_records SET country = 'US', new_business_blocked = 'Q-14' WHERE customer_id = ")
        .bind(world.customer.id);
    world.graph.database.connect().execute(&block).unwrap();
    let order = || as_provider.submit_order(&world.customer, json!([world.line()]));
    assert!(codes(&order()).contains(&"NEW_BUSINESS_BLOCKED".to_owned()));
    assert_refused(&as_provider.update_customer(&world.customer, json!({"country": "JP"})), "Q-14", Some(2030));
    // Without a country, the region is unknown and the block remains.
    expect_success(as_provider.update_customer(&world.customer, json!({"country": null})));
    assert!(codes(&order()).contains(&"NEW_BUSINESS_BLOCKED".to_owned()));
    expect_success(as_provider.update_customer(&world.customer, json!({"country": "PL"})));
    expect_success(order());
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn the_customer_and_operators_change_the_customers_own_values(#[case] backend: Backend) {
    let world = World::on(backend);
    let own = world.graph.customer_token(&world.customer);
    let operator = world.graph.operator_token();
    let changed = expect_success(
        world.as_user(&own).update_customer(&world.customer, json!({"companyName": "Contoso Holding", "ifVersion": 1})),
    );
    assert_eq!(
        (&changed["customer"]["companyName"], &changed["customer"]["version"]),
        (&json!("Contoso Holding"), &json!(2))
    );
    let again = expect_success(
        world.as_user(&operator).update_customer(&world.customer, json!({"country": "SK", "ifVersion": 2})),
    );
    assert_eq!((&again["customer"]["country"], &again["customer"]["version"]), (&json!("SK"), &json!(3)));
    let search = "{ customers(filter: {companyName: {eq: \"contoso holding\"}}, orderBy: [{field: COMPANY_NAME, direction: ASC}]) { totalCount } }";
    assert_eq!(world.api.data(&operator, search, json!({}))["customers"]["totalCount"], 1);
    assert_eq!(world.api.data(&world.token, search, json!({}))["customers"]["totalCount"], 0);
    assert_eq!(codes(&world.as_user(&own).update_customer(&world.customer, json!({"tags": ["x"]}))), ["BAD_INPUT"]);
    let cleared = expect_success(world.as_user(&own).update_customer(&world.customer, json!({"companyName": null})));
    assert_eq!(cleared["customer"]["companyName"], "Contoso");
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn other_callers_cannot_change_a_customer(#[case] backend: Backend) {
    let world = World::on(backend);
    world.graph.association(&world.provider, &world.customer, &world.reseller);
    let reseller = world.graph.token(&world.reseller, &[Role::GlobalAdmin]);
    let payload =
        world.as_user(&reseller).update_customer(&world.customer, json!({"companyName": " ", "ifVersion": 9}));
    assert_eq!(rules(&payload), ["A-01"]);
    assert_refused(&payload, "A-01", Some(900_150));
    let rival = world.graph.provider("Rival").add();
    let rival_token = world.graph.token(&rival, &[Role::GlobalAdmin]);
    assert_eq!(
        codes(&world.as_user(&rival_token).update_customer(&world.customer, json!({"companyName": "X"}))),
        ["NOT_FOUND"]
    );
    let malformed = world
        .as_provider()
        .update_customer(&world.customer, json!({"companyName": " ", "domain": "x", "country": "US"}));
    assert_eq!(rules(&malformed), ["Q-14", "-", "-"]);
}
