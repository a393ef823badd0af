use partnergraph_domain::SubscriptionStatus;
use partnergraph_store::Backend;
use rstest::rstest;
use serde_json::{Value, json};

use crate::orders::world::{World, assert_refused, codes, expect_success, rules};
use crate::support::{Postgres, Role, Sqlite, Verbs};

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn name_licences_and_renewal_are_changed_and_equal_values_change_nothing(#[case] backend: Backend) {
    let world = World::on(backend);
    let as_provider = world.as_provider();
    let change = json!({"friendlyName": " Office ", "quantity": 7, "autoRenewEnabled": false, "ifVersion": 1});
    let changed = expect_success(as_provider.update_subscription(&world.subscription, change));
    let expected = json!({"subscriptionId": world.subscription.subscription_id, "friendlyName": "Office", "quantity": 7,
                          "status": "ACTIVE", "autoRenewEnabled": false, "version": 2});
    assert_eq!(changed["customerSubscription"], expected);

    let counts = world.row_counts();
    let same = json!({"friendlyName": "Office", "quantity": 7, "status": "ACTIVE", "autoRenewEnabled": false});
    let unchanged = expect_success(as_provider.update_subscription(&world.subscription, same));
    assert_eq!(unchanged["customerSubscription"]["version"], 2);
    expect_success(as_provider.update_subscription(&world.subscription, json!({})));
    expect_success(as_provider.validating().update_subscription(&world.subscription, json!({"quantity": 9})));
    assert_eq!(world.row_counts(), counts);

    let stale = as_provider.update_subscription(&world.subscription, json!({"quantity": 8, "ifVersion": 1}));
    assert_eq!(
        (codes(&stale), stale["userErrors"][0]["microsoftCode"].as_i64()),
        (vec!["STALE_VERSION".to_owned()], Some(2055))
    );
    let cleared = expect_success(as_provider.update_subscription(&world.subscription, json!({"friendlyName": null})));
    assert_eq!(cleared["customerSubscription"]["friendlyName"], Value::Null);

    let history = "query($by: CustomerLookup!) { customer(by: $by) { history(first: 2) { nodes { operationType changes { field before after } } } } }";
    let data = world.api.data(&world.token, history, json!({"by": {"tenantId": world.customer.tenant_id}}));
    let nodes = &data["customer"]["history"]["nodes"];
    assert_eq!(nodes[0]["changes"], json!([{"field": "friendlyName", "before": "Office", "after": null}]));
    assert_eq!(nodes[1]["operationType"], "UPDATE_SUBSCRIPTION");
    assert_eq!(nodes[1]["changes"][1], json!({"field": "quantity", "before": "5", "after": "7"}));
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn only_adding_licences_needs_a_channel_and_an_agreement(#[case] backend: Backend) {
    let world = World::on(backend);
    let as_provider = world.as_provider();
    let in_azure = as_provider.with(json!({"channel": "AZURE_PORTAL"}));
    assert_refused(&in_azure.update_subscription(&world.subscription, json!({"quantity": 6})), "B-01", None);
    let fewer = json!({"quantity": 4, "friendlyName": "Fewer", "autoRenewEnabled": false});
    expect_success(in_azure.update_subscription(&world.subscription, fewer));
    assert_refused(&as_provider.update_subscription(&world.subscription, json!({"quantity": 0})), "N-04", Some(2002));

    let unsigned = world.graph.provider("Adventure").without_agreement().add();
    let customer = world.graph.customer(&unsigned, "Other");
    let subscription = world.graph.subscription(&unsigned, &customer).quantity(5).add();
    let token = world.graph.token(&unsigned, &[Role::SalesAgent]);
    let as_seller = world.as_user(&token);
    assert_refused(&as_seller.update_subscription(&subscription, json!({"quantity": 6})), "M-01", Some(900_124));
    expect_success(as_seller.update_subscription(&subscription, json!({"quantity": 4})));
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn a_subscription_is_suspended_resumed_and_deleted(#[case] backend: Backend) {
    let world = World::on(backend);
    let as_provider = world.as_provider();
    let set_status = |status: &str| as_provider.update_subscription(&world.subscription, json!({"status": status}));
    assert_eq!(codes(&set_status("EXPIRED")), ["STATUS_NOT_ALLOWED"]);
    assert_eq!(expect_success(set_status("SUSPENDED"))["customerSubscription"]["status"], "SUSPENDED");
    let fewer = as_provider.update_subscription(&world.subscription, json!({"quantity": 4}));
    assert_eq!(
        (codes(&fewer), fewer["userErrors"][0]["field"].clone()),
        (vec!["SUBSCRIPTION_NOT_ACTIVE".to_owned()], json!(["quantity"]))
    );
    let resumed = expect_success(
        as_provider.update_subscription(&world.subscription, json!({"status": "ACTIVE", "quantity": 4})),
    );
    assert_eq!(resumed["customerSubscription"]["quantity"], 4);
    expect_success(set_status("DELETED"));
    let deleted = set_status("ACTIVE");
    assert_eq!(
        (codes(&deleted), deleted["userErrors"][0]["microsoftCode"].as_i64()),
        (vec!["SUBSCRIPTION_DELETED".to_owned()], Some(2011))
    );

    let expired = world.graph.subscription(&world.provider, &world.customer).status(SubscriptionStatus::Expired).add();
    let resumed = as_provider.update_subscription(&expired, json!({"status": "ACTIVE"}));
    assert_eq!(codes(&resumed), ["STATUS_NOT_ALLOWED"]);
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn only_the_sellers_four_roles_can_change_a_subscription(#[case] backend: Backend) {
    let world = World::on(backend);
    let helpdesk = world.graph.token(&world.provider, &[Role::HelpdeskAgent]);
    let bad = json!({"quantity": 0, "ifVersion": 9});
    for token in [&world.graph.customer_token(&world.customer), &world.graph.operator_token()] {
        let payload = world.as_user(token).update_subscription(&world.subscription, bad.clone());
        assert_eq!(rules(&payload), ["A-01"], "{payload:#}");
        assert_refused(&payload, "A-01", Some(900_150));
    }
    let payload = world.as_user(&helpdesk).update_subscription(&world.subscription, bad.clone());
    assert_eq!(rules(&payload), ["A-01", "N-04", "-"]);
    let rival = world.graph.provider("Rival").add();
    let rival_token = world.graph.token(&rival, &[Role::AdminAgent]);
    assert_eq!(codes(&world.as_user(&rival_token).update_subscription(&world.subscription, bad)), ["NOT_FOUND"]);
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn without_a_relationship_a_subscription_can_only_be_wound_down(#[case] backend: Backend) {
    let world = World::on(backend);
    let as_provider = world.as_provider();
    world.graph.end_relationship(&world.provider, &world.customer);
    let update = |change: Value| as_provider.update_subscription(&world.subscription, change);
    // C-01: what was sold is still read (D-06), but no longer managed. More licences are a sale as well (C-02, C-03).
    for managed in [
        json!({"quantity": 4}),
        json!({"friendlyName": "Ours"}),
        json!({"autoRenewEnabled": true}),
        json!({"status": "DELETED", "quantity": 4}),
        json!({"autoRenewEnabled": false, "friendlyName": null}),
        json!({}),
    ] {
        assert_eq!(rules(&update(managed.clone())), ["C-01"], "{managed}");
        assert_refused(&update(managed), "C-01", Some(20_002));
    }
    assert_eq!(rules(&update(json!({"quantity": 6}))), ["C-01", "C-02", "C-03"]);
    assert_eq!(rules(&as_provider.upgrade_subscription(&world.subscription)), ["C-01", "C-02", "C-03"]);
    assert_refused(&as_provider.associate(&world.subscription, &world.reseller), "C-01", Some(20_002));
    assert_eq!(rules(&as_provider.dissociate(&world.subscription)), ["C-01"]);
    assert_eq!(rules(&as_provider.assign_support_contact(&world.subscription, &world.reseller)), ["C-01"]);
    assert_eq!(rules(&as_provider.clear_support_contact(&world.subscription)), ["C-01"]);
    let resumed = || update(json!({"status": "ACTIVE"}));

    let counts = world.row_counts();
    expect_success(as_provider.validating().update_subscription(&world.subscription, json!({"status": "DELETED"})));
    assert_eq!(codes(&update(json!({"autoRenewEnabled": false, "ifVersion": 9}))), ["STALE_VERSION"]);
    assert_eq!(world.row_counts(), counts);
    let changed = expect_success(update(json!({"autoRenewEnabled": false, "status": "SUSPENDED"})));
    let expected = json!({"subscriptionId": world.subscription.subscription_id, "friendlyName": null, "quantity": 5,
                          "status": "SUSPENDED", "autoRenewEnabled": false, "version": 2});
    assert_eq!(changed["customerSubscription"], expected);
    assert_eq!(expect_success(update(json!({"status": "SUSPENDED"})))["customerSubscription"]["version"], 2);
    assert_eq!(rules(&resumed()), ["C-01"]);
    expect_success(update(json!({"status": "DELETED"})));
    assert_eq!(codes(&update(json!({"autoRenewEnabled": false}))), ["SUBSCRIPTION_DELETED"]);

    // The role is asked for as ever, and nobody else gains anything.
    let helpdesk = world.graph.token(&world.provider, &[Role::HelpdeskAgent]);
    let by =
        |token: &str| world.as_user(token).update_subscription(&world.subscription, json!({"autoRenewEnabled": false}));
    assert!(rules(&by(&helpdesk)).contains(&"A-01".to_owned()));
    let rival = world.graph.token(&world.graph.provider("Rival").add(), &[Role::AdminAgent]);
    assert_eq!(codes(&by(&rival)), ["NOT_FOUND"]);
}
