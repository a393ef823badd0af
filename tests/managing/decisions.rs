//! The provider's decision, and the reseller's withdrawal.

use partnergraph_store::Backend;
use rstest::rstest;
use serde_json::{Value, json};

use crate::managing::world::{Reader, World, codes, done, line, made, refused};
use crate::support::{Named, Postgres, Role, Sqlite, Verbs};

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn an_approval_does_what_was_asked_for_in_the_providers_name(#[case] backend: Backend) {
    let world = World::on(backend);
    let request = made(world.as_fabrikam().request_change(world.update(json!({"quantity": 15, "ifVersion": 1}))));
    let tried = done(world.as_provider().validating().approve_change(&request));
    assert_eq!(
        (&tried["changeRequest"]["state"], &tried["subscriptions"][0]["quantity"]),
        (&json!("APPROVED"), &json!(15))
    );
    assert_eq!(world.quantity(), 10);
    let approved = done(world.as_provider().with(json!({"note": "Fine."})).approve_change(&request));
    assert_eq!(approved["changeRequest"]["state"], "APPROVED");
    assert_eq!(approved["changeRequest"]["decisionNote"], "Fine.");
    assert_eq!(
        (&approved["order"], &approved["subscriptions"]),
        (&Value::Null, &json!([{"subscriptionId": world.subscription.subscription_id, "quantity": 15}]))
    );

    let events =
        "{ auditEvents(first: 3) { nodes { operationType userPrincipalName partner { name } changeRequest { id }
        changes { field before after } } } }";
    let newest = |reader| world.query(reader, events)["auditEvents"]["nodes"].clone();
    let seen = newest(Reader::Provider);
    let types: Vec<&Value> = seen.as_array().unwrap().iter().map(|event| &event["operationType"]).collect();
    assert_eq!(types, ["APPROVE_CHANGE_REQUEST", "UPDATE_SUBSCRIPTION", "CREATE_CHANGE_REQUEST"]);
    let decider = seen[0]["userPrincipalName"].clone();
    assert!(decider.as_str().unwrap().ends_with(&format!("@{}.example", world.provider.id)));
    assert_eq!(seen[1]["userPrincipalName"], decider);
    assert!(seen.as_array().unwrap().iter().all(|event| event["changeRequest"]["id"] == request["id"]));
    assert_eq!(
        (&seen[0]["partner"]["name"], &newest(Reader::Fabrikam)[0]["partner"]["name"]),
        (&json!("Fabrikam"), &json!("Northwind"))
    );
    // The other reseller of the account sees the change, and neither the request nor that there was one.
    let other = newest(Reader::Tailspin);
    assert_eq!((&other[0]["operationType"], &other[0]["changeRequest"]), (&json!("UPDATE_SUBSCRIPTION"), &Value::Null));
    let customer = world.graph.customer_token(&world.customer);
    let history = world.api.data(&customer, events, json!({}))["auditEvents"]["nodes"].clone();
    assert_eq!(
        (&history[0]["operationType"], &history[0]["changeRequest"]),
        (&json!("UPDATE_SUBSCRIPTION"), &Value::Null)
    );
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn orders_and_upgrades_are_approved_too(#[case] backend: Backend) {
    let world = World::on(backend);
    let mut mine = line();
    mine["reseller"] = world.fabrikam.lookup();
    mine["supportContact"] = world.fabrikam.lookup();
    mine["termDuration"] = json!("P1Y");
    let request = made(world.as_fabrikam().request_change(world.order(json!([mine, line()]))));
    let approved = done(world.as_provider().approve_change(&request));
    let bought = approved["subscriptions"].as_array().unwrap();
    assert_eq!((bought.len(), &bought[0]["quantity"]), (2, &json!(5)));
    let shown = |reader, at: usize| {
        let query = format!(
            "{{ customerSubscription(by: {{subscriptionId: {}}}) {{ partnerOfRecord {{ name }} supportContact {{ name }}
             termDuration orderId }} }}",
            bought[at]["subscriptionId"]
        );
        world.query(reader, &query)["customerSubscription"].clone()
    };
    assert_eq!(shown(Reader::Fabrikam, 0)["partnerOfRecord"]["name"], "Fabrikam");
    assert_eq!(shown(Reader::Fabrikam, 0)["termDuration"], "P1Y");
    assert_eq!(shown(Reader::Provider, 0)["supportContact"]["name"], "Fabrikam");
    assert_eq!(
        (shown(Reader::Fabrikam, 1), &shown(Reader::Provider, 1)["partnerOfRecord"]),
        (Value::Null, &Value::Null)
    );
    let order = format!("{{ changeRequest(id: {}) {{ state order {{ id channel }} decidedBy }} }}", request["id"]);
    let seen = world.query(Reader::Provider, &order)["changeRequest"].clone();
    assert_eq!((&seen["order"]["id"], &seen["order"]["channel"]), (&approved["order"]["id"], &json!("PARTNER_CENTER")));
    assert_eq!(world.query(Reader::Fabrikam, &order)["changeRequest"]["order"], Value::Null);

    let mut part = world.upgrade();
    part["upgrade"]["quantity"] = json!(4);
    let request = made(world.as_tailspin().request_change(part));
    let approved = done(world.as_provider().approve_change(&request));
    let quantities: Vec<&Value> =
        approved["subscriptions"].as_array().unwrap().iter().map(|one| &one["quantity"]).collect();
    assert_eq!(quantities, [6, 4]);
    assert_eq!(approved["warnings"], json!([]));
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn an_approval_is_subject_to_every_rule_at_its_time(#[case] backend: Backend) {
    let world = World::on(backend);
    let asked = |change: Value| made(world.as_fabrikam().request_change(change));
    let update = asked(world.update(json!({"quantity": 15, "ifVersion": 1})));
    let any_version = asked(world.update(json!({"quantity": 16})));
    let upgrade = asked(world.upgrade());
    let mut mine = line();
    mine["reseller"] = world.fabrikam.lookup();
    let order = asked(world.order(json!([mine, mine])));
    let approve = |request: &Value| world.as_provider().approve_change(request);

    // Somebody has changed the subscription since.
    done(world.as_provider().update_subscription(&world.subscription, json!({"friendlyName": "Changed"})));
    let payload = approve(&update);
    assert_eq!((refused(&payload), &payload["userErrors"][0]["microsoftCode"]), (vec!["STALE_VERSION"], &json!(2055)));
    assert_eq!(payload["userErrors"][0]["field"], json!(["changeRequest"]));
    let written = world.written();
    done(world.as_provider().validating().approve_change(&any_version));
    // The subscription has another partner of record.
    done(world.as_provider().associate(&world.subscription, &world.tailspin));
    assert_eq!(refused(&approve(&any_version)), ["B-16"]);
    assert_eq!(refused(&approve(&order)), ["B-16"]);
    done(world.as_provider().associate(&world.subscription, &world.fabrikam));
    // The reseller has lost its agreement: it cannot be sold through, and its other requests can still be approved.
    world.signed(&world.fabrikam, false);
    let payload = approve(&order);
    assert_eq!(refused(&payload), ["M-02", "B-06", "M-03", "M-04"], "each once, whatever the number of lines");
    done(world.as_provider().validating().approve_change(&any_version));
    world.signed(&world.fabrikam, true);
    // The partnership has ended.
    world.graph.end_partnership(&world.provider, &world.fabrikam);
    for request in [&any_version, &upgrade] {
        assert_eq!(refused(&approve(request)), ["P-06", "B-16"]);
    }
    let payload = approve(&order);
    assert!(["P-06", "B-16", "N-09", "X-09"].iter().all(|rule| refused(&payload).contains(rule)), "{payload:#}");
    world.graph.partnership(&world.provider, &world.fabrikam);
    // The relationship has ended.
    world.graph.end_relationship(&world.provider, &world.customer);
    for request in [&any_version, &upgrade, &order] {
        let payload = approve(request);
        assert!(["C-02", "C-03"].iter().all(|rule| refused(&payload).contains(rule)), "{payload:#}");
    }
    assert_eq!(world.quantity(), 10);
    assert_eq!(world.written()[1], written[1]);
    // What cannot be approved can be declined and withdrawn.
    assert_eq!(done(world.as_provider().decline_change(&any_version))["changeRequest"]["state"], "DECLINED");
    assert_eq!(made(world.as_fabrikam().withdraw_change(&upgrade))["state"], "WITHDRAWN");
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn a_request_is_closed_once(#[case] backend: Backend) {
    let world = World::on(backend);
    let ask = || made(world.as_fabrikam().request_change(world.update(json!({"quantity": 11}))));
    let (approved, declined, withdrawn) = (ask(), ask(), ask());
    done(world.as_provider().approve_change(&approved));
    done(world.as_provider().decline_change(&declined));
    made(world.as_fabrikam().validating().withdraw_change(&withdrawn));
    made(world.as_fabrikam().withdraw_change(&withdrawn));
    let written = world.written();
    for (request, word) in [(&approved, "approved"), (&declined, "declined"), (&withdrawn, "withdrawn")] {
        for payload in [
            world.as_provider().approve_change(request),
            world.as_provider().decline_change(request),
            world.as_fabrikam().withdraw_change(request),
        ] {
            assert_eq!(codes(&payload), ["CHANGE_REQUEST_CLOSED"]);
            assert_eq!(payload["userErrors"][0]["field"], json!(["changeRequest"]));
            assert!(payload["userErrors"][0]["message"].as_str().unwrap().contains(word), "{payload:#}");
        }
    }
    assert_eq!((world.written(), world.quantity()), (written, 11));
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn of_two_decisions_at_once_one_wins(#[case] backend: Backend) {
    let world = World::on(backend);
    let mut line = line();
    line["reseller"] = world.fabrikam.lookup();
    let request = made(world.as_fabrikam().request_change(world.order(json!([line]))));
    let apis: Vec<_> = (0..6).map(|_| crate::support::Api::on(&world.graph.database)).collect();
    let tokens: Vec<String> = (0..6).map(|_| world.graph.token(&world.provider, &[Role::SalesAgent])).collect();
    let request = &request;
    let payloads: Vec<Value> = std::thread::scope(|scope| {
        let threads: Vec<_> = apis
            .iter()
            .zip(&tokens)
            .enumerate()
            .map(|(number, (api, token))| {
                scope.spawn(move || match number % 2 {
                    0 => api.as_user(token).approve_change(request),
                    _ => api.as_user(token).decline_change(request),
                })
            })
            .collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    let won = payloads.iter().filter(|payload| payload["userErrors"] == json!([])).count();
    assert_eq!(won, 1, "{payloads:#?}");
    assert!(
        payloads
            .iter()
            .filter(|payload| payload["userErrors"] != json!([]))
            .all(|payload| codes(payload) == ["CHANGE_REQUEST_CLOSED"])
    );
    let approved = payloads.iter().any(|payload| payload["changeRequest"]["state"] == "APPROVED");
    assert_eq!(world.number("SELECT COUNT(*) AS number FROM orders"), i64::from(approved));
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn the_provider_decides_and_the_reseller_withdraws(#[case] backend: Backend) {
    let world = World::on(backend);
    let graph = &world.graph;
    let request = made(world.as_fabrikam().request_change(world.update(json!({"quantity": 11}))));
    let as_user = |token: &str| world.api.as_user(token).validating();
    for (role, allowed) in [
        (Role::GlobalAdmin, true),
        (Role::UserAdmin, true),
        (Role::AdminAgent, true),
        (Role::SalesAgent, true),
        (Role::HelpdeskAgent, false),
    ] {
        let token = graph.token(&world.provider, &[role]);
        for payload in [as_user(&token).approve_change(&request), as_user(&token).decline_change(&request)] {
            assert_eq!(refused(&payload), if allowed { vec![] } else { vec!["A-01"] }, "{role:?}");
        }
        assert_eq!(refused(&as_user(&token).withdraw_change(&request)), ["A-01"]);
    }
    for (role, allowed) in [(Role::SalesAgent, true), (Role::UserAdmin, false), (Role::HelpdeskAgent, false)] {
        let token = graph.token(&world.fabrikam, &[role]);
        let payload = as_user(&token).withdraw_change(&request);
        assert_eq!(refused(&payload), if allowed { vec![] } else { vec!["A-01"] }, "{role:?}");
        assert_eq!(refused(&as_user(&token).approve_change(&request)), ["A-01"]);
    }
    let operator = graph.operator_token();
    for payload in [as_user(&operator).approve_change(&request), as_user(&operator).withdraw_change(&request)] {
        assert_eq!((refused(&payload), &payload["userErrors"][0]["microsoftCode"]), (vec!["A-01"], &json!(900_150)));
    }
    let rival = graph.token(&graph.provider("Rival").add(), &[Role::GlobalAdmin]);
    let other = graph.token(&world.tailspin, &[Role::GlobalAdmin]);
    for token in [rival, other, graph.customer_token(&world.customer)] {
        assert_eq!(refused(&as_user(&token).approve_change(&request)), ["NOT_FOUND"]);
        assert_eq!(refused(&as_user(&token).withdraw_change(&request)), ["NOT_FOUND"]);
    }
    for nothing in [json!({"id": "nonsense"}), json!({"id": "Q3VzdG9tZXI6MQ"})] {
        assert_eq!(codes(&world.as_provider().approve_change(&nothing)), ["NOT_FOUND"]);
    }
}
