//! Asking the provider for a change.

use partnergraph_operation::policy::Policy;
use partnergraph_store::Backend;
use rstest::rstest;
use serde_json::{Value, json};

use crate::managing::world::{Reader, World, codes, done, line, made, refused};
use crate::support::{Api, Named, Postgres, Role, Sqlite, Verbs};

const WHOLE: &str = "{ changeRequests { totalCount nodes { id kind state requestedBy { name } requestedByUser provider { name }
  customer { companyName } subscription { subscriptionId } lines { lineNumber offerId offerName quantity billingType billingCycle
  termDuration autoRenewEnabled friendlyName publisherName throughRequester supportedByRequester } quantity autoRenewEnabled
  toOfferId toOfferName ifVersion note decidedAt decidedBy decisionNote autoApproved withdrawnAt order { id } version } } }";

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn a_reseller_asks_for_licences_renewal_upgrades_and_orders(#[case] backend: Backend) {
    let world = World::on(backend);
    let as_fabrikam = world.as_fabrikam();
    let request = made(
        as_fabrikam
            .with(json!({"note": " Five more. "}))
            .request_change(world.update(json!({"quantity": 15, "ifVersion": 1}))),
    );
    assert_eq!(
        (&request["kind"], &request["state"], &request["note"]),
        (&json!("UPDATE"), &json!("REQUESTED"), &json!("Five more."))
    );
    assert_eq!(request["requestedBy"], json!({"mpnId": world.fabrikam.mpn_id.to_string()}));
    assert_eq!(request["subscription"], json!({"subscriptionId": world.subscription.subscription_id}));
    made(as_fabrikam.request_change(world.upgrade()));
    let mut mine = line();
    mine["reseller"] = world.fabrikam.lookup();
    mine["supportContact"] = json!({"tenantId": world.fabrikam.tenant_id});
    mine["friendlyName"] = json!("New");
    made(as_fabrikam.request_change(world.order(json!([mine, line()]))));
    done(world.as_provider().update_subscription(&world.subscription, json!({"autoRenewEnabled": false})));
    made(world.as_tailspin().request_change(world.update(json!({"autoRenewEnabled": true}))));

    assert_eq!(world.quantity(), 10, "nothing is done yet");
    let listed = |reader| world.query(reader, WHOLE)["changeRequests"].clone();
    let provider = listed(Reader::Provider);
    assert_eq!(provider["totalCount"], 4);
    let kinds: Vec<&Value> = provider["nodes"].as_array().unwrap().iter().map(|node| &node["kind"]).collect();
    assert_eq!(kinds, ["UPDATE", "ORDER", "UPGRADE", "UPDATE"], "newest first");
    let order = &provider["nodes"][1];
    assert_eq!((&order["subscription"], &order["lines"][0]["throughRequester"]), (&Value::Null, &json!(true)));
    assert_eq!(
        order["lines"][1],
        json!({"lineNumber": 2, "offerId": "CFQ7TTC0LH18:0001", "offerName": "Microsoft 365 Business Basic", "quantity": 5,
               "billingType": "LICENSE", "billingCycle": "MONTHLY", "termDuration": null, "autoRenewEnabled": true,
               "friendlyName": null, "publisherName": null, "throughRequester": false, "supportedByRequester": false})
    );
    assert_eq!(
        (&provider["nodes"][2]["toOfferId"], &provider["nodes"][2]["quantity"]),
        (&json!("CFQ7TTC0LCHC:0002"), &Value::Null)
    );
    // Each reads its own as the provider does; the other's do not exist.
    let own = listed(Reader::Fabrikam);
    assert_eq!(own["totalCount"], 3);
    assert_eq!(own["nodes"][2], provider["nodes"][3]);
    assert_eq!(listed(Reader::Tailspin)["totalCount"], 1);
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn a_request_is_for_something_and_names_nobody_else(#[case] backend: Backend) {
    let world = World::on(backend);
    let as_fabrikam = world.as_fabrikam();
    let written = world.written();
    for (change, expected) in [
        (json!({}), "BAD_INPUT"),
        (json!({"quantity": 9}), "REQUEST_NOT_NEEDED"),
        (json!({"quantity": 10, "autoRenewEnabled": true}), "REQUEST_NOT_NEEDED"),
        (json!({"quantity": 1_000_001}), "QUANTITY_OUT_OF_RANGE"),
        (json!({"quantity": 11, "ifVersion": 2}), "STALE_VERSION"),
    ] {
        let payload = as_fabrikam.request_change(world.update(change.clone()));
        assert_eq!(codes(&payload), [expected], "{change}: {payload:#}");
        let field = payload["userErrors"][0]["field"].as_array().unwrap();
        assert_eq!(field[..2], ["change", "update"], "{payload:#}");
    }
    let mut same = world.upgrade();
    same["upgrade"]["toOfferId"] = json!("cfq7ttc0lh18:0001");
    same["upgrade"]["quantity"] = json!(11);
    assert_eq!(codes(&as_fabrikam.request_change(same)), ["QUANTITY_OUT_OF_RANGE", "SAME_OFFER"]);
    let mut others = [line(), line()];
    others[0]["reseller"] = world.tailspin.lookup();
    others[0]["supportContact"] = json!({"mpnId": "9999999"});
    others[1]["quantity"] = json!(0);
    let payload = as_fabrikam.request_change(world.order(json!(others)));
    assert_eq!(codes(&payload), ["QUANTITY_OUT_OF_RANGE", "RESELLER_NOT_REQUESTER", "RESELLER_NOT_REQUESTER"]);
    let place = |at: usize| payload["userErrors"][at]["field"].clone();
    assert_eq!(place(0), json!(["change", "order", "lines", "1", "quantity"]));
    assert_eq!(place(1), json!(["change", "order", "lines", "0", "reseller"]));
    assert_eq!(codes(&as_fabrikam.request_change(world.order(json!([])))), ["LINES_MISSING"]);
    let many = vec![line(); 101];
    assert_eq!(codes(&as_fabrikam.request_change(world.order(json!(many)))), ["LINES_TOO_MANY"]);
    let nowhere = json!({"order": {"provider": {"mpnId": "9999999"}, "customer": {"domain": "nowhere.example"}, "lines": [line()]}});
    assert_eq!(codes(&as_fabrikam.request_change(nowhere)), ["NOT_FOUND", "NOT_FOUND"]);
    done(as_fabrikam.validating().request_change(world.upgrade()));
    assert_eq!(world.written(), written);
    // Of a deleted or suspended subscription nothing can be asked.
    done(world.as_provider().update_subscription(&world.subscription, json!({"status": "SUSPENDED"})));
    let more = world.update(json!({"quantity": 11}));
    assert_eq!(codes(&as_fabrikam.request_change(more.clone())), ["SUBSCRIPTION_NOT_ACTIVE"]);
    done(world.as_provider().update_subscription(&world.subscription, json!({"status": "DELETED"})));
    assert_eq!(codes(&world.as_tailspin().request_change(more)), ["SUBSCRIPTION_DELETED"]);
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn only_a_reseller_that_manages_asks(#[case] backend: Backend) {
    let world = World::on(backend);
    let graph = &world.graph;
    let changes = [world.update(json!({"quantity": 11})), world.upgrade(), world.order(json!([line()]))];
    for other in [
        graph.customer_token(&world.customer),
        graph.operator_token(),
        graph.token(&world.provider, &[Role::GlobalAdmin]),
    ] {
        for change in &changes {
            assert_eq!(refused(&world.api.as_user(&other).request_change(change.clone())), ["A-01"]);
        }
    }
    for (role, allowed) in [
        (Role::GlobalAdmin, true),
        (Role::AdminAgent, true),
        (Role::SalesAgent, true),
        (Role::UserAdmin, false),
        (Role::HelpdeskAgent, false),
    ] {
        let token = graph.token(&world.fabrikam, &[role]);
        for change in &changes {
            let payload = world.api.as_user(&token).validating().request_change(change.clone());
            assert_eq!(refused(&payload), if allowed { vec![] } else { vec!["A-01"] }, "{role:?}");
        }
    }
    // The support contact sees one subscription, and asks for nothing.
    let contact = graph.reseller("Contact").partner_of(&world.provider).add();
    let supported = graph.subscription(&world.provider, &world.customer).support_contact(&contact).add();
    let token = graph.token(&contact, &[Role::GlobalAdmin]);
    let mut of_supported = changes.clone();
    for (kind, change) in ["update", "upgrade"].iter().zip(&mut of_supported) {
        change[kind]["subscription"] = supported.lookup();
    }
    for change in of_supported {
        let payload = world.api.as_user(&token).request_change(change);
        assert_eq!((refused(&payload), codes(&payload)), (vec!["B-16"], vec!["NOT_MANAGED"]));
    }
    // A reseller of another provider does not see anything.
    let stranger = graph.reseller("Stranger").add();
    let token = graph.token(&stranger, &[Role::GlobalAdmin]);
    for change in &changes {
        let payload = world.api.as_user(&token).request_change(change.clone());
        assert!(refused(&payload).iter().all(|rule| *rule == "NOT_FOUND"), "{payload:#}");
    }
    graph.end_partnership(&world.provider, &world.fabrikam);
    for change in changes {
        let payload = world.as_fabrikam().request_change(change);
        assert_eq!((refused(&payload), codes(&payload)), (vec!["B-16"], vec!["NO_ACTIVE_PARTNERSHIP"]));
    }
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn a_request_reveals_nothing_of_the_provider(#[case] backend: Backend) {
    let world = World::on(backend);
    // Neither the provider nor the customer has signed, and they are in different regions.
    world.batch("DELETE FROM customer_agreements".to_owned());
    world.signed(&world.provider, false);
    world.batch(format!("UPDATE partners SET country = 'JP' WHERE id = {}", world.provider.id));
    for change in [world.update(json!({"quantity": 11})), world.upgrade(), world.order(json!([line()]))] {
        let request = made(world.as_fabrikam().request_change(change));
        let verdicts = "verdicts { rule passed message }";
        let query = format!("{{ changeRequest(id: {}) {{ {verdicts} }} }}", request["id"]);
        assert_eq!(world.query(Reader::Fabrikam, &query)["changeRequest"]["verdicts"], Value::Null);
        let seen = world.query(Reader::Provider, &query)["changeRequest"]["verdicts"].clone();
        let broken: Vec<&str> = seen
            .as_array()
            .unwrap()
            .iter()
            .filter(|verdict| verdict["passed"] == false)
            .map(|verdict| verdict["rule"].as_str().unwrap())
            .collect();
        let payload = world.as_provider().approve_change(&request);
        assert_eq!(broken, refused(&payload), "the verdicts are those of the approval");
        for rule in ["M-01", "C-03", "Q-14"] {
            assert!(broken.contains(&rule), "{rule}: {broken:?}");
        }
    }
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn a_repeated_key_makes_one_request(#[case] backend: Backend) {
    let world = World::on(backend);
    let keyed = json!({"idempotencyKey": "monday"});
    let change = world.update(json!({"quantity": 11}));
    let first = made(world.as_fabrikam().with(keyed.clone()).request_change(change.clone()));
    let written = world.written();
    let again = made(world.as_fabrikam().with(keyed.clone()).request_change(change.clone()));
    assert_eq!((&again["id"], world.written()), (&first["id"], written));
    let other = world.as_fabrikam().with(keyed.clone()).request_change(world.upgrade());
    assert_eq!(codes(&other), ["IDEMPOTENCY_KEY_REUSED"]);
    // Another organisation's key is another key, and a replay asks the role again.
    assert_ne!(made(world.as_tailspin().with(keyed.clone()).request_change(change.clone()))["id"], first["id"]);
    let helpdesk = world.graph.token(&world.fabrikam, &[Role::HelpdeskAgent]);
    assert_eq!(refused(&world.api.as_user(&helpdesk).with(keyed).request_change(change)), ["A-01"]);
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn a_thousand_open_requests_are_enough(#[case] backend: Backend) {
    let world = World::on(backend);
    let change = world.update(json!({"quantity": 11}));
    let first = made(world.as_fabrikam().request_change(change.clone()));
    world.batch(
        "INSERT INTO change_requests (kind, state, seller_id, reseller_id, customer_id, subscription_pk, quantity, \
         requested_by, requested_at, expires_at, is_automatic, version) SELECT c.kind, c.state, c.seller_id, c.reseller_id, \
         c.customer_id, c.subscription_pk, c.quantity, c.requested_by, c.requested_at, c.expires_at, c.is_automatic, c.version \
         FROM change_requests c CROSS JOIN (WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 999) \
         SELECT i FROM n) x"
            .to_owned(),
    );
    assert_eq!(codes(&world.as_fabrikam().request_change(change.clone())), ["TOO_MANY_CHANGE_REQUESTS"]);
    made(world.as_tailspin().request_change(change.clone()));
    made(world.as_fabrikam().withdraw_change(&first));
    made(world.as_fabrikam().request_change(change.clone()));
    assert_eq!(codes(&world.as_fabrikam().request_change(change.clone())), ["TOO_MANY_CHANGE_REQUESTS"]);
    // Expired ones do not count.
    world.expire();
    made(world.as_fabrikam().request_change(change));
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn an_undecided_request_expires_by_itself(#[case] backend: Backend) {
    let world = World::on(backend);
    let api = Api::with_policy(&world.graph.database, Policy { change_request_days: 2, ..Policy::default() });
    let token = world.graph.token(&world.fabrikam, &[Role::GlobalAdmin]);
    let request = made(api.as_user(&token).request_change(world.update(json!({"quantity": 11}))));
    let moment = |name: &str| request[name].as_str().unwrap().parse::<chrono::DateTime<chrono::Utc>>().unwrap();
    assert_eq!(moment("expiresAt") - moment("requestedAt"), chrono::TimeDelta::days(2));
    let states = |state: &str| {
        let query =
            format!("{{ changeRequests(filter: {{state: {{eq: {state}}}}}) {{ totalCount nodes {{ state }} }} }}");
        world.query(Reader::Provider, &query)["changeRequests"].clone()
    };
    assert_eq!(states("REQUESTED")["totalCount"], 1);
    world.expire();
    assert_eq!(
        (&states("REQUESTED")["totalCount"], &states("EXPIRED")["nodes"][0]["state"]),
        (&json!(0), &json!("EXPIRED"))
    );
    for payload in [
        world.as_provider().approve_change(&request),
        world.as_provider().decline_change(&request),
        world.as_fabrikam().withdraw_change(&request),
    ] {
        assert_eq!(codes(&payload), ["CHANGE_REQUEST_CLOSED"]);
        assert!(payload["userErrors"][0]["message"].as_str().unwrap().contains("expired"));
    }
    assert_eq!(world.quantity(), 10);
}
