//! One tenant is not both reseller and end customer of one provider.

use partnergraph_store::Backend;
use rstest::rstest;
use serde_json::{Value, json};

use crate::relationships::world::{World, acceptance, done, drafted, representation, rules};
use crate::support::{Postgres, Role, Sqlite};

const ACCEPT: &str = "mutation($input: AcceptInvitationInput!) { acceptInvitation(input: $input) { \
     userErrors { code message field rule microsoftCode options } } }";

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn a_reseller_cannot_become_its_providers_customer_with_the_same_tenant(#[case] backend: Backend) {
    let world = World::partnered(backend);
    let (_, token) = world.invite(&world.northwind, json!({}));
    let refused = world.payload(&world.fabrikam, ACCEPT, acceptance(&token));
    assert_eq!(rules(&refused), ["Q-06", "Q-09"]);
    assert_eq!(refused["userErrors"][1]["options"].as_array().unwrap().len(), 3, "Q-13");

    // Option 1: another tenant of the same company.
    let (_, admin) = world.stranger();
    done(world.accept(&admin, &token));

    // Option 2: once the partnership has ended, Q-09 no longer applies but Q-06 does.
    let (_, token) = world.invite(&world.northwind, json!({}));
    let removal =
        json!({"partner": {"mpnId": world.reseller.mpn_id}, "confirm": true, "representation": representation()});
    done(world.run(&world.northwind, "RemovePartnership", removal));
    assert_eq!(rules(&world.accept(&world.fabrikam, &token)), ["Q-06"], "Q-11");
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn an_end_customer_cannot_become_its_providers_reseller_with_the_same_tenant(#[case] backend: Backend) {
    let world = World::on(backend);
    let customer = world.graph.customer(&world.provider, "Contoso");
    let admin = world.graph.customer_token(&customer);
    let input = json!({"resellerEmail": "it@contoso.example"});
    let (_, token) = drafted(world.run(&world.northwind, "RequestPartnership", input.clone()));
    let refused = world.run(&admin, "AcceptPartnership", json!({"token": token, "confirm": true}));
    assert_eq!(rules(&refused), ["P-07", "Q-09"]);

    // Option 3: the company stays an end customer here and is a reseller of another provider with another tenant.
    let reseller =
        world.graph.token(&world.graph.reseller("Contoso Partners").company("Contoso").add(), &[Role::GlobalAdmin]);
    let tailspin = world.graph.token(&world.graph.provider("Tailspin").add(), &[Role::GlobalAdmin]);
    let (_, token) = drafted(world.run(&tailspin, "RequestPartnership", input));
    let accepted: Value = done(world.run(&reseller, "AcceptPartnership", json!({"token": token, "confirm": true})));
    assert_eq!(accepted["partnership"]["state"], "ACTIVE", "Q-12");
    assert_eq!(world.customers(&world.northwind), [customer.tenant_id.to_string()], "Q-12");
}
