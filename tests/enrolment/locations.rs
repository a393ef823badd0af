//! The locations of one company, and what lists of resellers state.

use partnergraph_importer::{FileInput, FileRequest};
use rstest::rstest;
use serde_json::{Value, json};

use crate::enrolment::takeover::{import, partner_center_files};
use crate::enrolment::world::{MPN_ID, World, errors, form};
use crate::support::{Backend, Partner, Postgres, Role, Sqlite};

const UPSERT: &str =
    "mutation($input: UpsertMpnProfileInput!) { upsertMpnProfile(input: $input) { userErrors { code } } }";

fn register(world: &World, mpn_id: &str, global: &str) {
    let input = json!({"mpnId": mpn_id, "country": "PL", "globalMpnId": global});
    assert_eq!(errors(&world.run(&world.operator, UPSERT, input)), [] as [Value; 0]);
}

/// The MPN IDs of the other locations of the company of that MPN ID, as the caller sees them.
fn locations(world: &World, token: &str, mpn_id: &str) -> Value {
    let query = "query($m: String!) { partner(by: {mpnId: $m}) { locations { mpnId name } } }";
    world.api.data(token, query, json!({"m": mpn_id}))["partner"].clone()
}

fn list(rows: &str) -> Vec<FileRequest> {
    let text = format!("Location,MpnId,Name,PartnerId,RelationshipType,State\n{rows}");
    vec![FileRequest::new(FileInput::Bytes("resellers.csv".to_owned(), text.into_bytes()))]
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn a_subscription_under_a_siblings_id_names_the_sibling_and_finds_the_company(#[case] backend: Backend) {
    let world = World::on(backend);
    let provider = world.graph.provider("Northwind").add();
    let fabrikam = world.graph.reseller("Fabrikam").mpn_id(71).global_mpn_id(70).partner_of(&provider).add();
    world.graph.reseller("Litware").mpn_id(81).global_mpn_id(80).partner_of(&provider).add();
    let stranger = world.graph.reseller("Fabrikam Sud").mpn_id(73).global_mpn_id(70).add();
    register(&world, &MPN_ID.to_string(), "70");
    import(&world, &provider, partner_center_files());
    let token = world.graph.token(&provider, &[Role::SalesAgent]);
    let query = "{ subscriptions { nodes { partnerOfRecord { mpnId locations { mpnId name } } } } }";
    let seen = world.api.data(&token, query, json!({}));
    let named = json!({"mpnId": MPN_ID.to_string(), "locations": [{"mpnId": "71", "name": "Fabrikam"}]});
    assert_eq!(seen["subscriptions"]["nodes"][0]["partnerOfRecord"], named);
    let sibling = json!({"mpnId": MPN_ID.to_string(), "name": format!("MPN {MPN_ID}")});
    assert_eq!(locations(&world, &token, "71"), json!({"locations": [sibling]}));
    assert_eq!(locations(&world, &token, "81"), json!({"locations": []}));
    // The sibling that the provider does not know, the operator does.
    let all = json!({"locations": [sibling, {"mpnId": "73", "name": "Fabrikam Sud"}]});
    assert_eq!(locations(&world, &world.operator, "71"), all);
    let own = |partner: &Partner| world.graph.token(partner, &[Role::SalesAgent]);
    assert_eq!(locations(&world, &own(&fabrikam), "71"), json!({"locations": []}));
    assert_eq!(locations(&world, &own(&stranger), "71"), Value::Null);
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn who_only_claims_an_mpn_id_is_no_location(#[case] backend: Backend) {
    let world = World::on(backend);
    let fabrikam = world.graph.reseller("Fabrikam").mpn_id(71).global_mpn_id(70).add();
    register(&world, &MPN_ID.to_string(), "70");
    world.enroll(form());
    assert_eq!(locations(&world, &world.operator, "71"), json!({"locations": []}));
    assert_eq!(locations(&world, &world.operator, &MPN_ID.to_string()), json!({"locations": []}));
    world.verify(true, true);
    assert_eq!(errors(&world.review("AUTHORIZE")), [] as [Value; 0]);
    let named = json!({"locations": [{"mpnId": "71", "name": fabrikam.name}]});
    assert_eq!(locations(&world, &world.operator, &MPN_ID.to_string()), named);
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn a_provider_reads_what_its_lists_state(#[case] backend: Backend) {
    let world = World::on(backend);
    let provider = world.graph.provider("Northwind").add();
    let rival = world.graph.provider("Rival").add();
    import(&world, &provider, list(&format!("PL,{MPN_ID},Fabrikam,{},X,Active\n", world.tenant_id)));
    import(&world, &rival, list(&format!("DE,{MPN_ID},Other,,X,Active\n")));
    let query = "{ indirectResellers { edges { partnership { state listing { name country tenantId vettingStatus mpaSignedOn } } \
                 node { name country } } } }";
    let seen = |token: &str| world.api.data(token, query, json!({}))["indirectResellers"]["edges"].clone();
    let token = |partner: &Partner| world.graph.token(partner, &[Role::SalesAgent]);
    let listing = |name: &str, country: &str, tenant: Value| json!({"name": name, "country": country, "tenantId": tenant, "vettingStatus": null, "mpaSignedOn": null});
    let edge = |listing: Value| {
        let partnership = json!({"state": "IMPORTED", "listing": listing});
        json!([{"partnership": partnership, "node": {"name": "Fabrikam", "country": "PL"}}])
    };
    assert_eq!(seen(&token(&provider)), edge(listing("Fabrikam", "PL", json!(world.tenant_id))));
    // Neither provider reads the other's list; the placeholder keeps the name that it got first.
    assert_eq!(seen(&token(&rival)), edge(listing("Other", "DE", Value::Null)));
    // The account that takes the placeholder over keeps its own name, and reads no provider's list.
    world.enroll(form());
    world.verify(true, true);
    world.authorize_takeover();
    let query = "{ indirectProviders { edges { partnership { listing { name } } node { name } } } }";
    let own = world.api.data(&world.token, query, json!({}));
    let names = json!([{"partnership": {"listing": null}, "node": {"name": "Northwind"}},
        {"partnership": {"listing": null}, "node": {"name": "Rival"}}]);
    assert_eq!(own["indirectProviders"]["edges"], names);
    let after = seen(&token(&provider));
    assert_eq!(after[0]["node"], json!({"name": "Fabrikam Sp. z o.o.", "country": "PL"}));
    assert_eq!(after[0]["partnership"]["listing"]["name"], "Fabrikam");
}
