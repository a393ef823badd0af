//! Partnerships: acceptance, and what they allow (P-06 to P-17, Q-15, A-07).

use partnergraph_store::Backend;
use rstest::rstest;
use serde_json::json;

use crate::relationships::world::{ANNA, World, drafted, expect_success, rules};
use crate::support::{Postgres, Role, Sqlite, Verbs, operation};

fn in_both_lists(state: &str) -> (Vec<String>, Vec<String>) {
    (vec![state.to_owned()], vec![state.to_owned()])
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn both_lists_change_together_when_a_request_is_made_and_accepted(#[case] backend: Backend) {
    let world = World::on(backend);
    let (_, token) = world.request();
    assert_eq!(world.partnership_states(), in_both_lists("REQUESTED"));
    let agent = world.graph.token(&world.reseller, &[Role::AdminAgent]);
    let accepted = expect_success(world.as_user(&agent).accept_partnership(&token));
    let partnership = &accepted["partnership"];
    assert_eq!(partnership["state"], "ACTIVE");
    assert_eq!(partnership["providerAdminAccess"], true, "P-11");
    assert_eq!(partnership["provider"]["mpnId"], world.provider.mpn_id.to_string());
    assert_eq!(partnership["reseller"]["mpnId"], world.reseller.mpn_id.to_string());
    assert_eq!(world.partnership_states(), in_both_lists("ACTIVE"));
    let data = world.api.data(&world.northwind, &operation("IndirectResellers"), json!({}));
    let edge = &data["indirectResellers"]["edges"][0]["partnership"];
    assert!(edge["requestedAt"].is_string() && edge["acceptedAt"].is_string());
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn a_request_without_addressee_is_accepted_by_anyone_with_the_link(#[case] backend: Backend) {
    let world = World::on(backend);
    let (_, token) = drafted(world.as_provider().request_partnership(ANNA));
    assert_eq!(world.partnership_states(), (vec![], vec![]));
    expect_success(world.as_reseller().accept_partnership(&token));
    assert_eq!(world.partnership_states(), in_both_lists("ACTIVE"));
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn acceptance_needs_a_confirmation_and_the_right_role(#[case] backend: Backend) {
    let world = World::on(backend);
    let as_reseller = world.as_reseller();
    let (_, token) = world.request();
    let unconfirmed = as_reseller.with(json!({"confirm": false})).accept_partnership(&token);
    assert_eq!(rules(&unconfirmed), ["P-08"]);
    assert_eq!(unconfirmed["userErrors"][0]["field"], json!(["confirm"]));
    for role in [Role::SalesAgent, Role::UserAdmin, Role::HelpdeskAgent] {
        let refused = world.as_user(&world.graph.token(&world.reseller, &[role])).accept_partnership(&token);
        assert_eq!(rules(&refused), ["P-08"]);
        assert_eq!(refused["userErrors"][0]["microsoftCode"], 900_150);
    }
    let validated = expect_success(as_reseller.validating().accept_partnership(&token));
    assert_eq!(validated["partnership"]["state"], "ACTIVE");
    assert_eq!(world.partnership_states(), in_both_lists("REQUESTED"));
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn a_company_that_is_not_enrolled_is_told_how_to_enrol(#[case] backend: Backend) {
    let world = World::on(backend);
    let (_, token) = drafted(world.as_provider().request_partnership("new@litware.example"));
    let (_, stranger) = world.stranger();
    let direct = world.graph.token(&world.graph.direct_bill("Direct").add(), &[Role::GlobalAdmin]);
    for caller in [&stranger, &direct, &world.northwind] {
        let refused = world.as_user(caller).accept_partnership(&token);
        assert_eq!(rules(&refused)[0], "P-07");
        assert!(refused["userErrors"][0]["message"].as_str().unwrap().contains("enrollPartner"));
        assert_eq!(refused["userErrors"][0]["microsoftCode"], 2204);
    }
    // The request remains open: once it is enrolled, the company accepts.
    expect_success(world.as_reseller().accept_partnership(&token));
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn partners_must_be_in_one_region(#[case] backend: Backend) {
    let world = World::on(backend);
    let far = world.graph.reseller("Tokyo").country("JP").add();
    let (_, token) = drafted(world.as_provider().request_partnership("new@tokyo.example"));
    let refused = world.as_user(&world.graph.token(&far, &[Role::GlobalAdmin])).accept_partnership(&token);
    assert_eq!(rules(&refused), ["P-17", "Q-15"]);
    assert_eq!(refused["userErrors"][1]["microsoftCode"], 2201);
    let near = world.graph.reseller("Lisboa").country("PT").add();
    expect_success(world.as_user(&world.graph.token(&near, &[Role::GlobalAdmin])).accept_partnership(&token));
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn business_needs_an_active_partnership(#[case] backend: Backend) {
    let world = World::on(backend);
    let customer = world.graph.customer(&world.provider, "Contoso");
    let subscription = world.graph.subscription(&world.provider, &customer).add();
    let associate = || world.as_provider().associate(&subscription, &world.reseller);
    assert!(rules(&associate()).contains(&"P-06".to_owned()));
    let (_, token) = world.request();
    assert!(rules(&associate()).contains(&"P-06".to_owned()), "a request is not a partnership");
    expect_success(world.as_reseller().accept_partnership(&token));
    // P-10 and P-13: now it is allowed. P-16: the acceptance did not assign any customer.
    assert_eq!(world.customers(&world.fabrikam), [] as [String; 0]);
    expect_success(associate());
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn partnerships_are_many_to_many(#[case] backend: Backend) {
    let world = World::on(backend);
    let second = world.graph.provider("Tailspin").add();
    let tailspin = world.graph.token(&second, &[Role::GlobalAdmin]);
    let other = world.graph.reseller("Litware").add();
    let litware = world.graph.token(&other, &[Role::GlobalAdmin]);
    for provider in [&world.northwind, &tailspin] {
        for reseller in [&world.fabrikam, &litware] {
            let (_, token) = drafted(world.as_user(provider).request_partnership(ANNA));
            expect_success(world.as_user(reseller).accept_partnership(&token));
        }
    }
    let (resellers, providers) = world.partnership_states();
    assert_eq!((resellers.len(), providers.len()), (2, 2), "P-14, P-15");
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn admin_access_is_removed_and_the_partnership_remains(#[case] backend: Backend) {
    let world = World::on(backend);
    let (_, token) = world.request();
    let remove_access = |token: &str| world.as_user(token).remove_provider_admin_access(&world.provider);
    assert_eq!(rules(&remove_access(&world.fabrikam)), ["P-12"], "there is no access before acceptance");
    expect_success(world.as_reseller().accept_partnership(&token));
    let agent = world.graph.token(&world.reseller, &[Role::AdminAgent]);
    for caller in [&agent, &world.northwind] {
        let refused = remove_access(caller);
        assert_eq!(rules(&refused), ["A-07"]);
        assert_eq!(refused["userErrors"][0]["microsoftCode"], 900_150);
    }
    let removed = expect_success(remove_access(&world.fabrikam));
    assert_eq!(removed["partnership"], json!({"state": "ACTIVE", "providerAdminAccess": false}));
    let events = world.number("SELECT COUNT(*) AS number FROM audit_events");
    expect_success(remove_access(&world.fabrikam));
    assert_eq!(
        world.number("SELECT COUNT(*) AS number FROM audit_events"),
        events,
        "the second removal changes nothing"
    );
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn an_imported_partnership_remains_imported_until_it_is_accepted(#[case] backend: Backend) {
    let world = World::partnered(backend);
    world.sql("UPDATE partnerships SET state = 'IMPORTED', accepted_at = NULL");
    let (_, token) = world.request();
    assert_eq!(world.partnership_states(), in_both_lists("IMPORTED"));
    expect_success(world.as_reseller().accept_partnership(&token));
    assert_eq!(world.partnership_states(), in_both_lists("ACTIVE"));
}
