use partnergraph_store::Backend;
use partnergraph_store::sql::sql;
use rstest::rstest;
use serde_json::{Value, json};

use crate::orders::world::{World, assert_refused, codes, expect_success, rules, with};
use crate::support::{Postgres, Role, Sqlite, Verbs};

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn each_order_line_has_its_own_reseller_and_support_contact(#[case] backend: Backend) {
    let world = World::on(backend);
    let other = world.graph.reseller("Litware").partner_of(&world.provider).add();
    let unsigned = world.graph.reseller("Unsigned").without_agreement().partner_of(&world.provider).add();
    // K-01 to K-04, B-12: contact and partner of record are independent, and a contact needs no agreement.
    let lines = json!([
        with(world.line(), json!({"supportContact": {"mpnId": unsigned.mpn_id}, "termDuration": "P1M"})),
        with(world.line(), json!({"reseller": {"mpnId": other.mpn_id}})),
        with(world.line(), json!({"reseller": null, "supportContact": {"mpnId": world.reseller.mpn_id}})),
        {"offerId": "Z:1", "offerName": "Azure plan", "billingType": "USAGE"},
    ]);
    let placed = expect_success(world.as_provider().submit_order(&world.customer, lines));
    let value = |at: usize, place: &str| placed["subscriptions"][at].pointer(place).cloned().unwrap_or_default();
    assert_eq!(value(0, "/partnerOfRecord/mpnId"), world.reseller.mpn_id.to_string());
    assert_eq!(value(0, "/supportContact/supportMpnId"), unsigned.mpn_id.to_string());
    assert_eq!(value(1, "/partnerOfRecord/mpnId"), other.mpn_id.to_string());
    assert_eq!(value(1, "/supportContact/supportMpnId"), world.provider.mpn_id.to_string());
    assert_eq!(value(2, "/partnerOfRecord"), Value::Null);
    assert_eq!(value(2, "/supportContact/supportMpnId"), world.reseller.mpn_id.to_string());
    assert_eq!(
        (value(3, "/quantity"), value(3, "/billingType"), value(3, "/status")),
        (Value::Null, json!("USAGE"), json!("ACTIVE"))
    );

    // Q-01, T-04 and decision 3: the chain includes the reseller if there is one.
    let roles = |at: usize| -> Vec<String> {
        value(at, "/salesChain")
            .as_array()
            .unwrap()
            .iter()
            .map(|link| link["role"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(roles(0), ["MICROSOFT", "INDIRECT_PROVIDER", "INDIRECT_RESELLER", "CUSTOMER"]);
    assert_eq!(roles(2), ["MICROSOFT", "INDIRECT_PROVIDER", "CUSTOMER"]);

    // B-09, B-13, B-14: the other reseller sees its own line and no order.
    let token = world.graph.token(&other, &[Role::AdminAgent]);
    let seen = world.api.data(
        &token,
        "query($id: ID!) { subscriptions { totalCount } node(id: $id) { id } }",
        json!({"id": placed["order"]["id"]}),
    );
    assert_eq!(seen, json!({"subscriptions": {"totalCount": 1}, "node": null}));
    let query = "query($id: ID!) { node(id: $id) { ... on Order { orderNumber customer { companyName } provider { mpnId }
               lines { quantity subscription { partnerOfRecord { mpnId } } } } } customers { nodes { orders { totalCount } } } }";
    let node = world.api.data(&world.token, query, json!({"id": placed["order"]["id"]}));
    assert_eq!(node["node"]["orderNumber"], placed["order"]["orderNumber"]);
    assert_eq!(node["node"]["lines"].as_array().unwrap().len(), 4);
    assert_eq!(node["customers"]["nodes"][0]["orders"]["totalCount"], 1);
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn one_refused_line_rejects_the_whole_order(#[case] backend: Backend) {
    let world = World::on(backend);
    let unsigned = world.graph.reseller("Unsigned").without_agreement().partner_of(&world.provider).add();
    let stranger = world.graph.reseller("Stranger").add();
    let removed = world.graph.reseller("Removed").partner_of(&world.provider).add();
    world.graph.end_partnership(&world.provider, &removed);
    let global = world.graph.reseller("Global").global_mpn_id(4_800_000).partner_of(&world.provider).add();
    let counts = world.row_counts();
    let line = |mpn_id: Value| with(world.line(), json!({"reseller": {"mpnId": mpn_id}}));
    let lines = json!([
        world.line(),
        line(json!(unsigned.mpn_id)),
        line(json!(stranger.mpn_id)),
        line(json!(removed.mpn_id)),
        line(json!("4800000")),
        line(json!(world.provider.mpn_id)),
        with(world.line(), json!({"reseller": null, "supportContact": {"mpnId": removed.mpn_id}})),
    ]);
    let payload = world.as_provider().submit_order(&world.customer, lines);
    // M-02, M-03, M-04, B-05, B-06, N-09, X-09, K-02: each in its own line.
    for (rule, code) in [
        ("M-02", Some(2203)),
        ("M-03", Some(900_123)),
        ("M-04", None),
        ("B-06", Some(2203)),
        ("N-09", Some(800_016)),
        ("X-09", None),
        ("K-02", Some(800_016)),
    ] {
        assert_refused(&payload, rule, code);
    }
    let of_line = |at: &str| -> Vec<(String, i64)> {
        let all = crate::orders::world::errors(&payload);
        let own = all.iter().filter(|error| error["field"][1] == at);
        own.map(|error| (error["rule"].as_str().unwrap().to_owned(), error["microsoftCode"].as_i64().unwrap_or(0)))
            .collect()
    };
    assert_eq!(of_line("0"), []);
    assert!(of_line("4").contains(&("B-05".to_owned(), 2200)), "{payload:#}");
    assert_eq!(of_line("5"), [("B-05".to_owned(), 2072), ("Q-01".to_owned(), 0)]);
    assert_eq!(world.row_counts(), counts);
    drop(global);
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn an_order_needs_relationship_agreement_channel_and_region(#[case] backend: Backend) {
    let world = World::on(backend);
    let as_provider = world.as_provider();
    let in_azure = as_provider.with(json!({"channel": "AZURE_PORTAL"}));
    assert_refused(&in_azure.submit_order(&world.customer, json!([world.line()])), "B-01", None);

    // C-02, C-26, B-11: the reseller's relationship is not the provider's.
    let others = world.graph.customer(&world.reseller, "Others");
    assert_eq!(codes(&as_provider.submit_order(&others, json!([world.line()]))), ["NOT_FOUND"]);
    // T-03: a reseller does not buy from Microsoft itself.
    let reseller = world.graph.token(&world.reseller, &[Role::AdminAgent]);
    let alone = json!([{"offerId": "A:1", "offerName": "A", "quantity": 1}]);
    let payload = world.as_user(&reseller).submit_order(&others, alone.clone());
    assert_eq!(rules(&payload), ["T-03", "Q-01"]);

    // A reseller that sees the provider's customer through an association has no relationship of its own with it.
    world.graph.association(&world.provider, &world.customer, &world.reseller);
    let payload = world.as_user(&reseller).submit_order(&world.customer, alone);
    for (rule, code) in [("C-02", Some(20_002)), ("B-11", Some(20_002)), ("C-26", None)] {
        assert_refused(&payload, rule, code);
    }

    // C-03: without the customer's agreement nothing is ordered.
    let ended = sql("DELETE FROM customer_agreements WHERE customer_id = ").bind(world.customer.id);
    world.graph.database.connect().execute(&ended).unwrap();
    let payload = as_provider.submit_order(&world.customer, json!([world.line()]));
    assert_refused(&payload, "C-03", Some(13_605));
    assert_eq!(rules(&payload), ["C-03"]);

    // an unknown country does not count as the same region.
    let unknown = sql("UPDATE customer_records SET country = NULL WHERE customer_id = ").bind(world.customer.id);
    world.graph.database.connect().execute(&unknown).unwrap();
    let payload = as_provider.submit_order(&world.customer, json!([world.line()]));
    assert!(codes(&payload).contains(&"UNDECIDED".to_owned()), "{payload:#}");
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn a_direct_bill_partner_sells_without_a_reseller(#[case] backend: Backend) {
    let world = World::on(backend);
    let direct = world.graph.direct_bill("Direct").add();
    let customer = world.graph.customer(&direct, "Customer");
    let token = world.graph.token(&direct, &[Role::AdminAgent]);
    let plain = json!({"offerId": "A:1", "offerName": "A", "quantity": 1});
    let as_direct = world.as_user(&token).with(json!({"channel": "PARTNER_CENTER"}));
    let placed = expect_success(as_direct.submit_order(&customer, json!([plain])));
    let roles: Vec<_> =
        placed["subscriptions"][0]["salesChain"].as_array().unwrap().iter().map(|link| link["role"].clone()).collect();
    assert_eq!(json!(roles), json!(["MICROSOFT", "DIRECT_BILL", "CUSTOMER"]));
    let through = with(plain, json!({"reseller": {"mpnId": world.reseller.mpn_id}}));
    assert_refused(&as_direct.submit_order(&customer, json!([through])), "T-04", None);
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn new_business_with_a_customer_imported_against_a_rule_is_refused(#[case] backend: Backend) {
    let world = World::on(backend);
    let as_provider = world.as_provider();
    let block =
        sql("UPDATE customer_records SET new_business_blocked = 'Q-14' WHERE customer_id = ").bind(world.customer.id);
    world.graph.database.connect().execute(&block).unwrap();
    let order = as_provider.submit_order(&world.customer, json!([world.line()]));
    let more = as_provider.update_subscription(&world.subscription, json!({"quantity": 6}));
    let upgrade = as_provider.upgrade_subscription(&world.subscription);
    for payload in [order, more, upgrade] {
        assert_eq!(
            (codes(&payload), rules(&payload)),
            (vec!["NEW_BUSINESS_BLOCKED".to_owned()], vec!["Q-14".to_owned()]),
            "{payload:#}"
        );
    }
    expect_success(as_provider.update_subscription(&world.subscription, json!({"quantity": 4})));
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn an_idempotency_key_places_one_order(#[case] backend: Backend) {
    let world = World::on(backend);
    let as_provider = world.as_provider();
    let with_key = as_provider.with(json!({"idempotencyKey": "order-1"}));
    let first = expect_success(with_key.submit_order(&world.customer, json!([world.line()])));
    let counts = world.row_counts();
    assert_eq!(with_key.submit_order(&world.customer, json!([world.line()])), first);
    assert_eq!(world.row_counts(), counts);
    let in_partner_center = with_key.with(json!({"channel": "PARTNER_CENTER"}));
    assert_eq!(
        codes(&in_partner_center.submit_order(&world.customer, json!([world.line()]))),
        ["IDEMPOTENCY_KEY_REUSED"]
    );
    let validated = expect_success(as_provider.validating().submit_order(&world.customer, json!([world.line()])));
    assert_eq!(validated["subscriptions"][0]["quantity"], 5);
    assert_eq!(world.row_counts(), counts);
}
