//! What is only validated is answered as it would be, and nothing of it stays.

use rstest::rstest;
use serde_json::{Value, json};

use super::world::{World, errors};
use crate::support::{Backend, Named, Postgres, Sqlite, Verbs};

const ASSOCIATE: &str = "associateReseller(input: $one) { customerSubscription { version partnerOfRecord { mpnId } } \
     customer { subscriptions { nodes { partnerOfRecord { mpnId } } } indirectResellers(first: 5) { totalCount nodes { mpnId } } } \
     userErrors { code message rule } }";
const STATE: &str = "query ($id: UUID!) { customer(by: {tenantId: $id}) { indirectResellers(first: 5) { totalCount } \
     subscriptions { totalCount nodes { version partnerOfRecord { mpnId } } } orders { totalCount } } auditEvents { totalCount } }";

fn state(world: &World) -> Value {
    world.api.data(&world.token, STATE, json!({"id": world.customer.tenant_id}))
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn a_validated_change_shows_the_entity_as_it_would_be(#[case] backend: Backend) {
    let world = World::on(backend);
    let before = state(&world);
    let input =
        json!({"subscription": world.subscription.lookup(), "reseller": world.reseller.lookup(), "validateOnly": true});
    let document = format!("mutation ($one: AssociateResellerInput!) {{ {ASSOCIATE} }}");
    let validated = world.api.data(&world.token, &document, json!({ "one": input }))["associateReseller"].take();
    let own = json!({"mpnId": world.reseller.mpn_id.to_string()});
    let version = before["customer"]["subscriptions"]["nodes"][0]["version"].as_i64().unwrap();
    assert_eq!(validated["userErrors"], json!([]));
    assert_eq!(validated["customerSubscription"], json!({"version": version + 1, "partnerOfRecord": own}));
    // What lies below is as it would be as well.
    assert_eq!(validated["customer"]["subscriptions"]["nodes"], json!([{ "partnerOfRecord": own }]));
    assert_eq!(validated["customer"]["indirectResellers"], json!({"totalCount": 1, "nodes": [own]}));
    assert_eq!(state(&world), before);
    // Of several mutations in a document, each starts from what is stored.
    let document = format!(
        "mutation ($one: AssociateResellerInput!, $two: UpdateSubscriptionInput!) {{ {ASSOCIATE} \
         updateSubscription(input: $two) {{ customerSubscription {{ friendlyName version partnerOfRecord {{ mpnId }} }} userErrors {{ code }} }} }}"
    );
    let rename = json!({"subscription": world.subscription.lookup(), "friendlyName": "Mail"});
    let both = world.api.data(&world.token, &document, json!({"one": input, "two": rename}));
    assert_eq!(both["associateReseller"], validated);
    let renamed = json!({"friendlyName": "Mail", "version": version + 1, "partnerOfRecord": null});
    assert_eq!(both["updateSubscription"]["customerSubscription"], renamed);
    assert_eq!(state(&world)["customer"]["indirectResellers"]["totalCount"], 0);
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn what_would_be_created_is_shown_and_not_kept(#[case] backend: Backend) {
    let world = World::on(backend);
    let (before, rows) = (state(&world), world.row_counts());
    let as_provider = world.as_provider().validating();
    let line = world.line();
    let ordered = as_provider.submit_order(&world.customer, line);
    assert_eq!(errors(&ordered), [] as [Value; 0]);
    assert_eq!(ordered["order"]["lines"][0]["quantity"], 5);
    assert_eq!(ordered["subscriptions"][0]["partnerOfRecord"]["mpnId"], world.reseller.mpn_id.to_string());
    let node = "query ($id: ID!) { node(id: $id) { id } }";
    for id in [&ordered["order"]["id"], &ordered["subscriptions"][0]["id"]] {
        assert_eq!(world.api.data(&world.token, node, json!({ "id": id }))["node"], Value::Null);
    }
    let added = as_provider.add_customer(world.addition());
    assert_eq!(errors(&added), [] as [Value; 0]);
    assert_eq!(added["customer"]["companyName"], "Tailspin Toys");
    assert_eq!(added["subscriptions"].as_array().unwrap().len(), 1);
    // Nothing that would never open anything.
    assert_eq!(added["credentials"], Value::Null);
    let invited = as_provider.invite_customer("it@fourth.example");
    assert_eq!(errors(&invited), [] as [Value; 0]);
    assert!(invited["invitation"]["id"].is_string() && invited["invitation"]["link"].is_null(), "{invited}");
    assert_eq!(state(&world), before);
    assert_eq!(world.row_counts(), rows);
}
