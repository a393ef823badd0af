//! What a reseller changes itself.

use partnergraph_store::Backend;
use rstest::rstest;
use serde_json::json;

use crate::managing::world::{Reader, World, codes, done, refused};
use crate::support::{Postgres, Role, Sqlite, Verbs};

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn the_partner_of_record_and_the_account_reseller_manage_what_commits_nobody(#[case] backend: Backend) {
    let world = World::on(backend);
    let own = json!({"friendlyName": "Office", "quantity": 9, "autoRenewEnabled": false, "ifVersion": 1});
    let changed = done(world.as_fabrikam().update_subscription(&world.subscription, own.clone()));
    let shown = &changed["customerSubscription"];
    assert_eq!(
        (&shown["friendlyName"], &shown["quantity"], &shown["version"]),
        (&json!("Office"), &json!(9), &json!(2))
    );
    for status in ["SUSPENDED", "ACTIVE"] {
        let changed = done(world.as_tailspin().update_subscription(&world.subscription, json!({ "status": status })));
        assert_eq!(changed["customerSubscription"]["status"], status);
    }
    done(world.as_tailspin().update_subscription(&world.plain, json!({"friendlyName": "Plain"})));
    // What is already so is no change.
    let written = world.written();
    done(
        world.as_fabrikam().update_subscription(&world.subscription, json!({"quantity": 9, "autoRenewEnabled": false})),
    );
    done(world.as_fabrikam().validating().update_subscription(&world.subscription, json!({"quantity": 8})));
    assert_eq!(world.written(), written);
    let stale = world.as_fabrikam().update_subscription(&world.subscription, own);
    assert_eq!(refused(&stale), ["STALE_VERSION"]);
    // Another reseller's subscription is not seen by the partner of record of one.
    assert_eq!(refused(&world.as_fabrikam().update_subscription(&world.plain, json!({"quantity": 1}))), ["NOT_FOUND"]);
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn what_commits_the_provider_is_asked_for_and_cancelling_is_the_providers(#[case] backend: Backend) {
    let world = World::on(backend);
    done(world.as_provider().update_subscription(&world.subscription, json!({"autoRenewEnabled": false})));
    let all = json!({"quantity": 11, "autoRenewEnabled": true, "status": "DELETED", "friendlyName": "Mine"});
    let written = world.written();
    for user in [world.as_fabrikam(), world.as_tailspin()] {
        let payload = user.update_subscription(&world.subscription, all.clone());
        assert_eq!(refused(&payload), ["B-16"; 3], "{payload:#}");
        assert_eq!(codes(&payload), ["REQUEST_FROM_PROVIDER", "REQUEST_FROM_PROVIDER", "PROVIDER_CANCELS"]);
        let fields: Vec<_> = payload["userErrors"].as_array().unwrap().iter().map(|error| &error["field"]).collect();
        assert_eq!(json!(fields), json!([["quantity"], ["autoRenewEnabled"], ["status"]]));
        assert_eq!(refused(&user.update_subscription(&world.subscription, json!({"quantity": 0}))), ["N-04"]);
        assert_eq!(refused(&user.upgrade_subscription(&world.subscription)), ["A-01"]);
    }
    assert_eq!(world.written(), written);
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn managing_needs_a_role_a_standing_and_an_active_partnership(#[case] backend: Backend) {
    let world = World::on(backend);
    let graph = &world.graph;
    let bad = json!({"quantity": 0, "ifVersion": 7});
    for (role, allowed) in [
        (Role::GlobalAdmin, true),
        (Role::AdminAgent, true),
        (Role::SalesAgent, true),
        (Role::UserAdmin, false),
        (Role::HelpdeskAgent, false),
    ] {
        let token = graph.token(&world.fabrikam, &[role]);
        let payload =
            world.api.as_user(&token).validating().update_subscription(&world.subscription, json!({"quantity": 9}));
        assert_eq!(refused(&payload), if allowed { vec![] } else { vec!["A-01"] }, "{role:?}");
        if !allowed {
            assert_eq!(payload["userErrors"][0]["microsoftCode"], 900_150);
        }
    }
    // A support contact, a reseller with its own relationship and the partner of record of an entitlement see it and do not manage it.
    let contact = graph.reseller("Contact").partner_of(&world.provider).add();
    let supported = graph.subscription(&world.provider, &world.customer).quantity(5).support_contact(&contact).add();
    let own = graph.reseller("Own").partner_of(&world.provider).add();
    graph.customer_also_of(&own, &world.customer);
    let entitled = graph.reseller("Entitled").partner_of(&world.provider).add();
    let azure = graph.subscription(&world.provider, &world.customer).usage().add();
    graph.entitlement(&azure, "one", Some(&entitled));
    for (reseller, subscription) in [(&contact, &supported), (&own, &world.plain), (&entitled, &azure)] {
        let token = graph.token(reseller, &[Role::GlobalAdmin]);
        let payload = world.api.as_user(&token).update_subscription(subscription, bad.clone());
        assert_eq!((refused(&payload)[0], codes(&payload)[0]), ("B-16", "NOT_MANAGED"), "{payload:#}");
        assert!(!refused(&payload).contains(&"N-04"), "who does not manage learns nothing of the rules");
    }
    // C-01: it stands on its provider's relationship.
    world.batch("UPDATE reseller_relationships SET relationship_to_partner = 'ADVISOR'".to_owned());
    let payload = world.as_fabrikam().update_subscription(&world.subscription, json!({"quantity": 9}));
    assert_eq!((refused(&payload), &payload["userErrors"][0]["microsoftCode"]), (vec!["C-01"], &json!(20_002)));
    world.batch("UPDATE reseller_relationships SET relationship_to_partner = 'RESELLER'".to_owned());
    // The reseller still sees it when the partnership has ended, and no longer manages it.
    graph.end_partnership(&world.provider, &world.fabrikam);
    let payload = world.as_fabrikam().update_subscription(&world.subscription, json!({"quantity": 9}));
    assert_eq!((refused(&payload), codes(&payload)), (vec!["B-16"], vec!["NO_ACTIVE_PARTNERSHIP"]));
    graph.end_relationship(&world.provider, &world.customer);
    let payload = world.as_tailspin().update_subscription(&world.subscription, json!({"quantity": 9}));
    assert_eq!(refused(&payload), ["NOT_FOUND"]);
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn another_reseller_does_not_learn_who_changed_it(#[case] backend: Backend) {
    let world = World::on(backend);
    done(world.as_fabrikam().update_subscription(&world.subscription, json!({"quantity": 9})));
    let history = "{ auditEvents(first: 1) { nodes { operationType userPrincipalName partner { name } changes { field after } } } }";
    let newest = |reader| world.query(reader, history)["auditEvents"]["nodes"][0].clone();
    let change = json!([{"field": "quantity", "after": "9"}]);
    for reader in [Reader::Provider, Reader::Fabrikam] {
        let event = newest(reader);
        assert_eq!((&event["operationType"], &event["changes"]), (&json!("UPDATE_SUBSCRIPTION"), &change));
        assert!(event["userPrincipalName"].as_str().unwrap().ends_with(&format!("@{}.example", world.fabrikam.id)));
    }
    // B-14: it sees the subscription through its access to the account, and the customer's other resellers nowhere.
    let event = newest(Reader::Tailspin);
    assert_eq!((&event["changes"], &event["userPrincipalName"]), (&change, &json!("another organisation")));
    let by_name = format!(
        "{{ auditEvents(filter: {{userPrincipalName: {{contains: \"@{}.example\"}}}}) {{ totalCount }} }}",
        world.fabrikam.id
    );
    assert_eq!(world.query(Reader::Tailspin, &by_name)["auditEvents"]["totalCount"], 0);
    assert_eq!(world.query(Reader::Provider, &by_name)["auditEvents"]["totalCount"], 1);
}
