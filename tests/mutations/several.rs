//! Mutations with several items: each with its own result, all in one transaction.

use partnergraph_store::Backend;
use rstest::rstest;
use serde_json::{Value, json};

use crate::mutations::world::World;
use crate::support::{Named, Postgres, Role, Sqlite, Verbs, operation};

fn counts(payload: &Value) -> (i64, i64) {
    (payload["succeeded"].as_i64().unwrap(), payload["failed"].as_i64().unwrap())
}

/// For each item the rules, or else the codes, of its errors.
fn refusals(payload: &Value) -> Vec<Vec<String>> {
    let results = payload["results"].as_array().unwrap();
    let of = |error: &Value| error["rule"].as_str().or(error["code"].as_str()).unwrap().to_owned();
    results.iter().map(|result| result["userErrors"].as_array().unwrap().iter().map(of).collect()).collect()
}

fn none() -> Vec<String> {
    Vec::new()
}

/// The code with which the whole request is refused.
fn code(world: &World, mutation: &str, items: &Value) -> Value {
    let input = json!({"input": {"errorPolicy": "REJECT_FAILED_ROWS", "items": items}});
    world.api.response(&world.token, &operation(mutation), input)["errors"][0]["extensions"]["code"].clone()
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn support_contacts_are_assigned_together(#[case] backend: Backend) {
    let world = World::on(backend);
    let as_provider = world.as_provider();
    let stranger = world.graph.reseller("Stranger").add();
    let second = world.graph.subscription(&world.provider, &world.customer).add();
    let of = |subscription: Value, contact: &crate::support::Partner| json!({"subscription": subscription, "contact": contact.lookup()});
    let unknown = json!({"subscriptionId": world.graph.guid()});
    let items = json!([
        of(world.subscription.lookup(), &world.reseller),
        of(second.lookup(), &stranger),
        of(unknown, &world.reseller),
    ]);
    let everything = as_provider.with(json!({"errorPolicy": "REJECT_EVERYTHING"}));
    let rejected = everything.each("AssignSupportContacts", items.clone());
    assert_eq!(counts(&rejected), (0, 3));
    assert_eq!(refusals(&rejected)[0], none());
    assert_eq!(rejected["results"][2]["userErrors"][0]["field"], json!(["items", "2", "subscription"]));
    assert_eq!(world.stored().support_contact_id, None);
    let validated = as_provider.validating().each("AssignSupportContacts", items.clone());
    assert_eq!((counts(&validated), world.stored().version), ((1, 2), 1));

    let partly = as_provider.each("AssignSupportContacts", items.clone());
    assert_eq!(counts(&partly), (1, 2));
    let refused = refusals(&partly);
    assert!(refused[1].contains(&"K-02".to_owned()) && refused[2] == ["NOT_FOUND"], "{refused:?}");
    let shown = &partly["results"][0]["customerSubscription"]["supportContact"];
    assert_eq!(*shown, json!({"supportMpnId": world.reseller.mpn_id.to_string(), "name": "Fabrikam"}));
    assert_eq!(partly["results"][1]["customerSubscription"], Value::Null);
    assert_eq!((world.stored().support_contact_id, world.stored().version), (Some(world.reseller.id), 2));
    // The same again changes nothing.
    as_provider.each("AssignSupportContacts", items.clone());
    assert_eq!(world.stored().version, 2);

    let mut single = items;
    single[0]["validateOnly"] = json!(true);
    assert_eq!(code(&world, "AssignSupportContacts", &single), "BAD_USER_INPUT");
    let many = json!(vec![of(second.lookup(), &world.reseller); 501]);
    assert_eq!(code(&world, "AssignSupportContacts", &many), "BAD_USER_INPUT");
    let helpdesk = world.graph.token(&world.provider, &[Role::HelpdeskAgent]);
    let one = json!([of(second.lookup(), &world.reseller)]);
    assert_eq!(refusals(&world.as_user(&helpdesk).each("AssignSupportContacts", one.clone())), [["A-01"]]);
    let rival = world.graph.token(&world.graph.provider("Rival").add(), &[Role::GlobalAdmin]);
    assert_eq!(refusals(&world.as_user(&rival).each("AssignSupportContacts", one)), [["NOT_FOUND"]]);
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn resellers_are_dissociated_together(#[case] backend: Backend) {
    let world = World::on(backend);
    let as_provider = world.as_provider();
    world.graph.association(&world.provider, &world.customer, &world.reseller);
    as_provider.associate(&world.subscription, &world.reseller);
    let fixed = world.graph.subscription(&world.provider, &world.customer).reseller(&world.reseller).fixed().add();
    let items = json!([
        {"subscription": world.subscription.lookup(), "ifVersion": 2},
        {"subscription": fixed.lookup()},
        {"customer": world.customer.lookup(), "reseller": world.reseller.lookup()},
        {"customer": world.customer.lookup()},
        // An item sees what those before it did.
        {"subscription": world.subscription.lookup(), "ifVersion": 2},
    ]);
    let everything = as_provider.with(json!({"errorPolicy": "REJECT_EVERYTHING"}));
    assert_eq!(counts(&everything.each("DissociateResellers", items.clone())), (0, 5));
    assert_eq!(world.stored().reseller_id, Some(world.reseller.id));
    let partly = as_provider.each("DissociateResellers", items.clone());
    assert_eq!(counts(&partly), (2, 3));
    let refused = [none(), vec!["B-03".into()], none(), vec!["BAD_INPUT".into()], vec!["STALE_VERSION".into()]];
    assert_eq!(refusals(&partly), refused);
    let shown = &partly["results"][0]["customerSubscription"];
    assert_eq!(*shown, json!({"subscriptionId": world.subscription.subscription_id, "partnerOfRecord": null}));
    assert_eq!(partly["results"][2]["customerSubscription"], Value::Null);
    assert_eq!((world.stored().reseller_id, world.stored().version), (None, 3));
    let again = json!([{"subscription": world.subscription.lookup()}]);
    assert_eq!(counts(&as_provider.each("DissociateResellers", again)), (1, 0));
    assert_eq!(world.stored().version, 3);
    let single = json!([{"subscription": world.subscription.lookup(), "validateOnly": true}]);
    assert_eq!(code(&world, "DissociateResellers", &single), "BAD_USER_INPUT");
    assert_eq!(counts(&as_provider.each("DissociateResellers", json!([]))), (0, 0));
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn customers_are_invited_together(#[case] backend: Backend) {
    let world = World::on(backend);
    let as_provider = world.as_provider();
    let invited = || {
        let data = world.api.data(&world.token, "{ invitations { totalCount } }", json!({}));
        data["invitations"]["totalCount"].as_i64().unwrap()
    };
    let item =
        |email: &str, country: &str| json!({"customerEmail": email, "country": country, "delegatedAdmin": false});
    let mut keyed = item("it@keyed.example", "DE");
    keyed["idempotencyKey"] = json!("monday");
    let items = json!([item("it@one.example", "PL"), item("it@far.example", "JP"), keyed, keyed]);
    let everything = as_provider.with(json!({"errorPolicy": "REJECT_EVERYTHING"}));
    let rejected = everything.each("InviteCustomers", items.clone());
    assert_eq!((counts(&rejected), invited()), ((0, 4), 0));
    assert_eq!(refusals(&rejected)[1], ["C-07"]);
    assert_eq!(rejected["results"][0]["invitation"], Value::Null);
    let validated = as_provider.validating().each("InviteCustomers", items.clone());
    assert_eq!((counts(&validated), invited()), ((3, 1), 0));
    let invitation = &validated["results"][0]["invitation"];
    assert_eq!((&invitation["state"], &invitation["link"]), (&json!("DRAFT"), &Value::Null));

    let drafted = as_provider.each("InviteCustomers", items.clone());
    assert_eq!((counts(&drafted), invited()), ((3, 1), 2));
    let links: Vec<_> =
        drafted["results"].as_array().unwrap().iter().map(|result| &result["invitation"]["link"]).collect();
    assert!(links[0].is_string() && links[2].is_string() && links[0] != links[2], "each has a link of its own");
    // A key that was used is the first invitation again, without its secret.
    assert_eq!((links[1], links[3]), (&Value::Null, &Value::Null));
    assert_eq!(drafted["results"][2]["invitation"]["id"], drafted["results"][3]["invitation"]["id"]);
    assert_eq!(drafted["results"][0]["invitation"]["emailDraft"]["to"], "it@one.example");
    as_provider.each("InviteCustomers", json!([keyed]));
    assert_eq!(invited(), 2);
    let mut single = item("it@one.example", "PL");
    single["validateOnly"] = json!(true);
    assert_eq!(code(&world, "InviteCustomers", &json!([single])), "BAD_USER_INPUT");
    let helpdesk = world.graph.token(&world.provider, &[Role::HelpdeskAgent]);
    let one = json!([item("it@two.example", "PL")]);
    assert_eq!(refusals(&world.as_user(&helpdesk).each("InviteCustomers", one.clone())), [["A-02"]]);
    assert_eq!(
        refusals(&world.as_user(&world.graph.customer_token(&world.customer)).each("InviteCustomers", one)),
        [["A-02"]]
    );
}
