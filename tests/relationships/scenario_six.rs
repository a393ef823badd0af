//! One tenant is not both reseller and end customer of one provider.

use partnergraph_store::Backend;
use rstest::rstest;
use serde_json::{Value, json};

use crate::relationships::world::{CONTOSO, World, drafted, expect_success, rules};
use crate::support::{Postgres, Role, Sqlite, Verbs};

const ACCEPT: &str = "mutation($input: AcceptInvitationInput!) { acceptInvitation(input: $input) { \
     userErrors { code message field rule microsoftCode options } } }";

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn a_reseller_cannot_become_its_providers_customer_with_the_same_tenant(#[case] backend: Backend) {
    let world = World::partnered(backend);
    let as_reseller = world.as_reseller();
    let (_, token) = world.invite(&world.northwind, json!({}));
    let refused = as_reseller.selecting(&[("AcceptInvitation", ACCEPT)]).accept_with_agreement(&token);
    assert_eq!(rules(&refused), ["Q-06", "Q-09"]);
    assert_eq!(refused["userErrors"][1]["options"].as_array().unwrap().len(), 3, "Q-13");

    // Option 1: another tenant of the same company.
    let (_, admin) = world.stranger();
    expect_success(world.as_user(&admin).accept_with_agreement(&token));

    // Option 2: once the partnership has ended, Q-09 no longer applies but Q-06 does.
    let (_, token) = world.invite(&world.northwind, json!({}));
    expect_success(world.as_provider().remove_partnership(&world.reseller));
    assert_eq!(rules(&as_reseller.accept_with_agreement(&token)), ["Q-06"], "Q-11");
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn an_end_customer_cannot_become_its_providers_reseller_with_the_same_tenant(#[case] backend: Backend) {
    let world = World::on(backend);
    let customer = world.graph.customer(&world.provider, "Contoso");
    let admin = world.graph.customer_token(&customer);
    let (_, token) = drafted(world.as_provider().request_partnership(CONTOSO));
    let refused = world.as_user(&admin).accept_partnership(&token);
    assert_eq!(rules(&refused), ["P-07", "Q-09"]);

    // Option 3: the company stays an end customer here and is a reseller of another provider with another tenant.
    let reseller =
        world.graph.token(&world.graph.reseller("Contoso Partners").company("Contoso").add(), &[Role::GlobalAdmin]);
    let tailspin = world.graph.token(&world.graph.provider("Tailspin").add(), &[Role::GlobalAdmin]);
    let (_, token) = drafted(world.as_user(&tailspin).request_partnership(CONTOSO));
    let accepted: Value = expect_success(world.as_user(&reseller).accept_partnership(&token));
    assert_eq!(accepted["partnership"]["state"], "ACTIVE", "Q-12");
    assert_eq!(world.customers(&world.northwind), [customer.tenant_id.to_string()], "Q-12");
}
