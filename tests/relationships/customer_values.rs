//! Which partner's values of a customer each caller reads after an invitation was accepted.

use partnergraph_store::Backend;
use rstest::rstest;
use serde_json::{Value, json};

use crate::relationships::world::{World, expect_success};
use crate::support::{Postgres, Role, Sqlite, Verbs};

/// Name, domain and country of the customers whose name begins with "con", by name.
fn list(world: &World, token: &str) -> Value {
    let list = "{ customers(filter: {companyName: {startsWith: \"CON\"}}, orderBy: [{field: COMPANY_NAME, direction: ASC}]) \
                { totalCount nodes { companyName domain country } } }";
    world.api.data(token, list, json!({}))["customers"]["nodes"].clone()
}

/// The same for one customer, by its tenant id.
fn find(world: &World, token: &str, tenant_id: &Value) -> Value {
    let query = "query($by: CustomerLookup!) { customer(by: $by) { companyName domain country } }";
    world.api.data(token, query, json!({"by": {"tenantId": tenant_id}}))["customer"].clone()
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn a_partner_that_knows_only_the_invitation_does_not_hide_others_values(#[case] backend: Backend) {
    let world = World::on(backend);
    let contoso = world.graph.customer(&world.provider, "Contoso");
    let customer = world.graph.customer_token(&contoso);
    let tenant_id = json!(contoso.tenant_id);
    let direct = world.graph.direct_bill("A. Datum").add();
    let datum = world.graph.token(&direct, &[Role::GlobalAdmin]);
    let known = json!({"companyName": "Contoso", "domain": contoso.domain, "country": "PL"});

    let (_, invitation) = world.invite(&datum, json!({"delegatedAdmin": true}));
    expect_success(world.as_user(&customer).accept_with_agreement(&invitation));
    // The other partner never reads the provider's name for the customer.
    assert_eq!(
        find(&world, &datum, &tenant_id),
        json!({"companyName": null, "domain": null, "country": "PL"}),
        "no record reveals another's"
    );
    assert_eq!(list(&world, &datum), json!([]));
    // The customer, operators and the provider still read what they read before, and find it by these values.
    let operator = world.graph.operator_token();
    for caller in [&customer, &operator, &world.northwind] {
        assert_eq!(find(&world, caller, &tenant_id), known);
        assert_eq!(list(&world, caller), json!([known]));
    }
    let grants = "{ delegatedAdminGrants(filter: {customer: {companyName: {contains: \"ntos\"}}}) { nodes { customer { companyName } } } }";
    for (caller, expected) in [
        (&customer, json!([{"customer": {"companyName": "Contoso"}}])),
        (&operator, json!([{"customer": {"companyName": "Contoso"}}])),
        (&datum, json!([])),
    ] {
        assert_eq!(world.api.data(caller, grants, json!({}))["delegatedAdminGrants"]["nodes"], expected);
    }
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn a_reseller_still_reads_what_it_read_through_its_provider(#[case] backend: Backend) {
    let world = World::partnered(backend);
    let contoso = world.graph.customer(&world.provider, "Contoso");
    world.graph.association(&world.provider, &contoso, &world.reseller);
    let known = json!([{"companyName": "Contoso", "domain": contoso.domain, "country": "PL"}]);
    assert_eq!(list(&world, &world.fabrikam), known);

    let (_, invitation) = world.invite(&world.fabrikam, json!({}));
    expect_success(world.as_user(&world.graph.customer_token(&contoso)).accept_with_agreement(&invitation));
    assert_eq!(list(&world, &world.fabrikam), known);
    // The reseller now has its own record, and changes to the provider's record do not affect it.
    expect_success(world.as_provider().update_customer(&contoso, json!({"companyName": "Contoso Polska"})));
    assert_eq!(list(&world, &world.fabrikam), known);
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn a_customer_shares_its_own_values_with_partners_it_accepts(#[case] backend: Backend) {
    let world = World::on(backend);
    let (tenant_id, customer) = world.stranger();
    let (_, first) = world.invite(&world.northwind, json!({}));
    expect_success(world.as_user(&customer).with(json!({"companyName": "Contoso"})).accept_with_agreement(&first));
    let own = json!({"companyName": "Contoso", "domain": null, "country": "PL"});
    let operator = world.graph.operator_token();
    for caller in [&customer, &operator, &world.northwind] {
        assert_eq!(list(&world, caller), json!([own]));
    }

    let change = json!({"companyName": "Contoso Group", "domain": "contoso.example"});
    expect_success(world.as_user(&customer).update_customer(&tenant_id, change));
    let direct = world.graph.direct_bill("A. Datum").add();
    let datum = world.graph.token(&direct, &[Role::GlobalAdmin]);
    let (_, second) = world.invite(&datum, json!({}));
    expect_success(world.as_user(&customer).accept_with_agreement(&second));
    let group = json!({"companyName": "Contoso Group", "domain": "contoso.example", "country": "PL"});
    for caller in [&customer, &operator, &datum] {
        assert_eq!(list(&world, caller), json!([group]));
    }
    // A partner that it accepted before has its own record.
    assert_eq!(list(&world, &world.northwind), json!([own]));
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn a_request_for_delegated_administration_alone_has_its_own_text(#[case] backend: Backend) {
    let world = World::on(backend);
    let contoso = world.graph.customer(&world.provider, "Contoso");
    let again = json!({"customer": {"tenantId": contoso.tenant_id}, "delegatedAdmin": true});
    let (invitation, token) = world.invite(&world.northwind, again);
    assert_eq!(invitation["kind"], "DELEGATED_ADMIN", "C-18");
    let body = invitation["emailDraft"]["body"].as_str().unwrap();
    assert!(body.contains("is already your reseller") && body.contains(&token), "{body}");
    assert!(!body.contains("would like to sell"), "{body}");
    let (new, _) = world.invite(&world.northwind, json!({"delegatedAdmin": true}));
    assert!(new["emailDraft"]["body"].as_str().unwrap().contains("would like to sell"));
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn a_joint_invitation_reveals_nothing_of_another_provider(#[case] backend: Backend) {
    let world = World::partnered(backend);
    let southridge = world.graph.provider("Southridge").add();
    world.graph.partnership(&southridge, &world.reseller);
    let contoso = world.graph.customer(&world.provider, "Contoso");
    world.graph.association(&world.provider, &contoso, &world.reseller);
    expect_success(world.as_provider().update_customer(&contoso, json!({"country": "DE"})));

    let (_, invitation) = world.invite(&world.fabrikam, json!({"jointProvider": {"mpnId": southridge.mpn_id}}));
    expect_success(world.as_user(&world.graph.customer_token(&contoso)).accept_with_agreement(&invitation));
    let tenant_id = json!(contoso.tenant_id);
    // The reseller read its other provider's values; this provider has those of the invitation.
    let known = json!({"companyName": "Contoso", "domain": contoso.domain, "country": "DE"});
    assert_eq!(find(&world, &world.fabrikam, &tenant_id), known);
    let token = world.graph.token(&southridge, &[Role::GlobalAdmin]);
    let invited = json!({"companyName": null, "domain": null, "country": "PL"});
    assert_eq!(find(&world, &token, &tenant_id), invited);
}
