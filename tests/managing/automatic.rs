//! Automatic approval, and what else a provider sets about a reseller.

use partnergraph_store::Backend;
use partnergraph_store::write::users::{self, Organization};
use rstest::rstest;
use serde_json::{Value, json};

use crate::managing::world::{Reader, World, codes, done, line, made, refused};
use crate::support::{Named, Postgres, Role, Sqlite, Verbs};

const PARTNERSHIP: &str = "partnership { state label autoApprove autoApproveSetBy version }";

impl World {
    /// The partnership as one of its ends reads it.
    fn partnership(&self, reader: Reader) -> Value {
        match reader {
            Reader::Provider => {
                let query = format!(
                    "{{ indirectResellers(filter: {{mpnId: {{eq: \"{}\"}}}}) {{ edges {{ {PARTNERSHIP} }} }} }}",
                    self.fabrikam.mpn_id
                );
                self.query(reader, &query)["indirectResellers"]["edges"][0]["partnership"].clone()
            }
            _ => {
                let query = format!("{{ indirectProviders {{ edges {{ {PARTNERSHIP} }} }} }}");
                self.query(reader, &query)["indirectProviders"]["edges"][0]["partnership"].clone()
            }
        }
    }

    fn approves(&self, setting: &str) {
        done(self.as_provider().update_partnership(&self.fabrikam, json!({ "autoApprove": setting })));
    }

    /// The state of a new request for that change.
    fn state_of(&self, change: Value) -> Value {
        made(self.as_fabrikam().request_change(change))["state"].clone()
    }
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn a_provider_names_a_reseller_and_lets_its_requests_pass(#[case] backend: Backend) {
    let world = World::on(backend);
    let set = json!({"label": " North ", "autoApprove": "UPDATES", "ifVersion": 1});
    let payload = done(world.as_provider().update_partnership(&world.fabrikam, set.clone()));
    let (label, setting) = (&payload["partnership"]["label"], &payload["partnership"]["autoApprove"]);
    assert_eq!((label, setting), (&json!("North"), &json!("UPDATES")));
    let seen = world.partnership(Reader::Provider);
    assert_eq!((&seen["label"], &seen["version"]), (&json!("North"), &json!(2)));
    assert!(seen["autoApproveSetBy"].is_string());
    // The name is the provider's own.
    let seen = world.partnership(Reader::Fabrikam);
    assert_eq!(
        (&seen["label"], &seen["autoApprove"], &seen["autoApproveSetBy"]),
        (&Value::Null, &json!("UPDATES"), &Value::Null)
    );
    let events = "{ auditEvents(first: 1) { nodes { operationType changes { field } } } }";
    assert_eq!(
        world.query(Reader::Provider, events)["auditEvents"]["nodes"][0]["operationType"],
        "UPDATE_PARTNER_RELATIONSHIP"
    );
    assert!(
        !world
            .query(Reader::Fabrikam, "{ auditEvents { nodes { changes { field after } } } }")
            .to_string()
            .contains("North")
    );

    let written = world.written();
    assert_eq!(refused(&world.as_provider().update_partnership(&world.fabrikam, set)), ["STALE_VERSION"]);
    done(world.as_provider().update_partnership(&world.fabrikam, json!({"label": "North", "autoApprove": "UPDATES"})));
    done(world.as_provider().update_partnership(&world.fabrikam, json!({})));
    done(world.as_provider().validating().update_partnership(&world.fabrikam, json!({"label": "South"})));
    assert_eq!(world.written(), written);
    for cleared in [json!(null), json!("  ")] {
        let payload = done(world.as_provider().update_partnership(&world.fabrikam, json!({ "label": cleared })));
        assert_eq!(payload["partnership"]["label"], Value::Null);
    }
    world.approves("NONE");
    assert_eq!(world.partnership(Reader::Provider)["autoApproveSetBy"], Value::Null);
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn only_the_provider_sets_it_and_only_for_a_partner(#[case] backend: Backend) {
    let world = World::on(backend);
    let graph = &world.graph;
    let all = json!({"autoApprove": "ALL"});
    let set = |token: &str| world.api.as_user(token).validating().update_partnership(&world.fabrikam, all.clone());
    let reseller = graph.token(&world.fabrikam, &[Role::GlobalAdmin]);
    let helpdesk = graph.token(&world.provider, &[Role::HelpdeskAgent]);
    for token in [reseller, helpdesk, graph.operator_token(), graph.customer_token(&world.customer)] {
        assert_eq!(refused(&set(&token)), ["A-01"]);
    }
    assert_eq!(refused(&set(&graph.token(&world.provider, &[Role::UserAdmin]))), [] as [&str; 0]);
    let rival = graph.token(&graph.provider("Rival").add(), &[Role::GlobalAdmin]);
    assert_eq!(refused(&set(&rival)), ["NOT_FOUND"]);
    let stranger = graph.reseller("Stranger").add();
    assert_eq!(refused(&world.as_provider().update_partnership(&stranger, all.clone())), ["NOT_FOUND"]);
    world.batch(format!("UPDATE partnerships SET state = 'IMPORTED' WHERE reseller_id = {}", world.fabrikam.id));
    done(world.as_provider().update_partnership(&world.fabrikam, json!({"label": "Known", "autoApprove": "NONE"})));
    assert_eq!(refused(&world.as_provider().update_partnership(&world.fabrikam, all.clone())), ["P-06"]);
    graph.end_partnership(&world.provider, &world.fabrikam);
    assert_eq!(
        codes(&world.as_provider().update_partnership(&world.fabrikam, json!({"label": "Gone"}))),
        ["PARTNERSHIP_ENDED"]
    );
    // A new partnership begins without any of it.
    graph.partnership(&world.provider, &world.fabrikam);
    let seen = world.partnership(Reader::Provider);
    assert_eq!((&seen["label"], &seen["autoApprove"]), (&Value::Null, &json!("NONE")));
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn requests_are_approved_at_once_as_far_as_that_is_set(#[case] backend: Backend) {
    let world = World::on(backend);
    let seats = |quantity: i64| world.update(json!({ "quantity": quantity }));
    done(world.as_provider().update_subscription(&world.subscription, json!({"autoRenewEnabled": false})));
    let renewal = world.update(json!({"quantity": 20, "autoRenewEnabled": true}));
    assert_eq!(world.state_of(seats(11)), "REQUESTED");
    world.approves("UPDATES");
    assert_eq!((world.state_of(seats(12)), world.quantity()), (json!("APPROVED"), 12));
    for asked in [renewal.clone(), world.upgrade(), world.order(json!([line()]))] {
        assert_eq!(world.state_of(asked), "REQUESTED");
    }
    // Another reseller's are not meant.
    assert_eq!(made(world.as_tailspin().request_change(seats(13)))["state"], "REQUESTED");
    world.approves("ALL");
    let mut mine = line();
    mine["reseller"] = world.fabrikam.lookup();
    for asked in [renewal, world.order(json!([mine])), world.upgrade()] {
        assert_eq!(world.state_of(asked), "APPROVED");
    }
    assert_eq!(world.number("SELECT COUNT(*) AS number FROM orders"), 1);
    let validated = done(world.as_fabrikam().validating().request_change(world.order(json!([line()]))));
    assert_eq!(validated["changeRequest"]["state"], "APPROVED");
    assert_eq!(world.number("SELECT COUNT(*) AS number FROM orders"), 1);

    // They are recorded under whoever set it.
    let setter = world.partnership(Reader::Provider)["autoApproveSetBy"].clone();
    let query = "{ changeRequests(filter: {state: {eq: APPROVED}}) { nodes { decidedBy autoApproved } } }";
    let decided = world.query(Reader::Provider, query)["changeRequests"]["nodes"].clone();
    assert!(decided.as_array().unwrap().iter().all(|node| node["decidedBy"] == setter && node["autoApproved"] == true));
    let events = format!(
        "{{ auditEvents(filter: {{userPrincipalName: {{eq: {setter}}}, operationType: {{in: [APPROVE_CHANGE_REQUEST, CREATE_ORDER, \
         UPGRADE_SUBSCRIPTION]}}}}) {{ nodes {{ changeRequest {{ id }} }} }} }}"
    );
    let events = world.query(Reader::Provider, &events)["auditEvents"]["nodes"].clone();
    let events = events.as_array().unwrap();
    assert_eq!(events.len(), 4 + 1 + 2);
    assert!(events.iter().all(|event| event["changeRequest"] != Value::Null));
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn what_a_rule_refuses_waits_for_the_provider(#[case] backend: Backend) {
    let world = World::on(backend);
    world.approves("ALL");
    world.batch("DELETE FROM customer_agreements".to_owned());
    let request = made(world.as_fabrikam().request_change(world.update(json!({"quantity": 11}))));
    assert_eq!((&request["state"], world.quantity()), (&json!("REQUESTED"), 10));
    let query = format!("{{ changeRequest(id: {}) {{ autoApproved verdicts {{ rule passed }} }} }}", request["id"]);
    let seen = world.query(Reader::Provider, &query)["changeRequest"].clone();
    assert!(seen["verdicts"].as_array().unwrap().contains(&json!({"rule": "C-03", "passed": false})), "{seen:#}");
    assert_eq!(
        (&seen["autoApproved"], refused(&world.as_provider().approve_change(&request))),
        (&json!(false), vec!["C-03"])
    );
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn whoever_set_it_must_still_be_able_to_approve(#[case] backend: Backend) {
    let world = World::on(backend);
    let organization = Organization::Partner { id: world.provider.id, tenant_id: Some(world.provider.tenant_id) };
    let token = world.graph.token_of(organization, "eve@northwind.example", &[Role::SalesAgent]);
    done(world.api.as_user(&token).update_partnership(&world.fabrikam, json!({"autoApprove": "UPDATES"})));
    let seats = |quantity: i64| world.state_of(world.update(json!({ "quantity": quantity })));
    let set_roles = |roles: &[Role]| {
        world.graph.write(|conn, actor, now| {
            users::set_roles(conn, actor, now, organization, "eve@northwind.example", roles).map(drop)
        });
    };
    assert_eq!(seats(11), "APPROVED");
    set_roles(&[Role::HelpdeskAgent]);
    assert_eq!(seats(12), "REQUESTED");
    set_roles(&[Role::AdminAgent]);
    assert_eq!(seats(13), "APPROVED");
    set_roles(&[]);
    assert_eq!((seats(14), world.quantity()), (json!("REQUESTED"), 13));
    // Somebody else takes it over by setting it again.
    world.approves("UPDATES");
    assert_eq!((seats(15), world.quantity()), (json!("APPROVED"), 15));
    world.graph.end_partnership(&world.provider, &world.fabrikam);
    world.graph.partnership(&world.provider, &world.fabrikam);
    assert_eq!(seats(16), "REQUESTED", "a new partnership approves nothing by itself");
}
