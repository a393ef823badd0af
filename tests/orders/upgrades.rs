use partnergraph_domain::SubscriptionStatus;
use partnergraph_store::Backend;
use rstest::rstest;
use serde_json::{Value, json};

use crate::orders::world::{World, assert_refused, codes, expect_success};
use crate::support::{Postgres, Sqlite, Verbs};

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn a_full_upgrade_ends_the_old_subscription(#[case] backend: Backend) {
    let world = World::on(backend);
    let as_provider = world.as_provider();
    let upgraded = expect_success(as_provider.upgrade_subscription(&world.subscription));
    let old = json!(world.subscription.subscription_id);
    assert_eq!(upgraded["from"], json!({"subscriptionId": old, "quantity": 5, "status": "DELETED"}));
    let to = &upgraded["to"];
    assert_eq!(
        (&to["offerId"], &to["quantity"], &to["status"]),
        (&json!("CFQ7TTC0LCHC:0002"), &json!(5), &json!("ACTIVE"))
    );
    assert_eq!(to["parentSubscriptionId"], old);
    assert_eq!(codes(&as_provider.upgrade_subscription(&world.subscription)), ["SUBSCRIPTION_DELETED"]);
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn a_partial_upgrade_creates_a_second_subscription(#[case] backend: Backend) {
    let world = World::on(backend);
    let as_provider = world.as_provider();
    let with_key = as_provider.with(json!({"quantity": 2, "idempotencyKey": "upgrade-1", "ifVersion": 1}));
    let first = expect_success(with_key.upgrade_subscription(&world.subscription));
    assert_eq!((&first["from"]["quantity"], &first["from"]["status"]), (&json!(3), &json!("ACTIVE")));
    assert_eq!(first["to"]["quantity"], 2);
    let counts = world.row_counts();
    assert_eq!(with_key.upgrade_subscription(&world.subscription), first);
    assert_eq!(world.row_counts(), counts);
    let validating = as_provider.with(json!({"quantity": 1})).validating();
    let validated = expect_success(validating.upgrade_subscription(&world.subscription));
    assert_eq!((&validated["from"]["quantity"], &validated["to"]["quantity"]), (&json!(2), &json!(1)));
    assert_eq!(world.row_counts(), counts);

    let history = "query($by: CustomerLookup!) { customer(by: $by) { history(first: 2) { nodes { operationType changes { field before after } } } } }";
    let data = world.api.data(&world.token, history, json!({"by": {"tenantId": world.customer.tenant_id}}));
    let nodes = &data["customer"]["history"]["nodes"];
    assert_eq!(
        (&nodes[0]["operationType"], &nodes[1]["operationType"]),
        (&json!("UPGRADE_SUBSCRIPTION"), &json!("UPGRADE_SUBSCRIPTION"))
    );
    assert_eq!(nodes[1]["changes"], json!([{"field": "quantity", "before": "5", "after": "3"}]));
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn an_upgrade_follows_the_rules_of_a_sale(#[case] backend: Backend) {
    let world = World::on(backend);
    let as_provider = world.as_provider();
    let counts = world.row_counts();
    let upgrade = |more: Value| as_provider.with(more).upgrade_subscription(&world.subscription);
    assert_refused(&upgrade(json!({"channel": "AZURE_PORTAL"})), "B-01", None);
    assert_refused(&upgrade(json!({"quantity": 6})), "B-15", Some(2002));
    assert_eq!(codes(&upgrade(json!({"toOfferId": "cfq7ttc0lh18:0001"}))), ["SAME_OFFER"]);
    assert_eq!(codes(&upgrade(json!({"ifVersion": 4}))), ["STALE_VERSION"]);
    assert_eq!(world.row_counts(), counts);
    let suspended =
        world.graph.subscription(&world.provider, &world.customer).status(SubscriptionStatus::Suspended).add();
    assert_eq!(codes(&as_provider.upgrade_subscription(&suspended)), ["SUBSCRIPTION_NOT_ACTIVE"]);
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn an_upgrade_keeps_reseller_and_contact_only_with_an_active_partnership(#[case] backend: Backend) {
    let world = World::on(backend);
    let as_provider = world.as_provider();
    let kept = world.graph.reseller("Litware").partner_of(&world.provider).add();
    let old = world
        .graph
        .subscription(&world.provider, &world.customer)
        .quantity(9)
        .reseller(&world.reseller)
        .support_contact(&kept)
        .add();
    let mpn_id = |payload: &Value, place: &str| payload.pointer(place).cloned().unwrap_or_default();

    let first = expect_success(as_provider.with(json!({"quantity": 1})).upgrade_subscription(&old));
    assert_eq!(mpn_id(&first, "/to/partnerOfRecord/mpnId"), world.reseller.mpn_id.to_string());
    assert_eq!(mpn_id(&first, "/to/supportContact/supportMpnId"), kept.mpn_id.to_string());
    assert_eq!(first["warnings"], json!([]));

    world.graph.end_partnership(&world.provider, &world.reseller);
    let second = expect_success(as_provider.with(json!({"quantity": 1})).upgrade_subscription(&old));
    assert_eq!(second["to"]["partnerOfRecord"], Value::Null);
    assert_eq!(mpn_id(&second, "/to/supportContact/supportMpnId"), kept.mpn_id.to_string());
    assert!(second["warnings"][0].as_str().unwrap().contains(&world.reseller.mpn_id.to_string()), "{second:#}");
    // Assignments of the old subscription are unchanged (X-09, M-07).
    let query =
        "query($by: SubscriptionLookup!) { customerSubscription(by: $by) { quantity partnerOfRecord { mpnId } } }";
    let kept = world.api.data(&world.token, query, json!({"by": {"subscriptionId": old.subscription_id}}));
    let expected = json!({"quantity": 7, "partnerOfRecord": {"mpnId": world.reseller.mpn_id.to_string()}});
    assert_eq!(kept["customerSubscription"], expected);
}
