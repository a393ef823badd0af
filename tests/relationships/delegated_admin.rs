//! A customer's decisions about its partners' admin rights, and their inventory (C-14 to C-17, N-10).

use partnergraph_store::Backend;
use partnergraph_store::write::grants::{self, GrantOf};
use rstest::rstest;
use serde_json::{Value, json};

use crate::relationships::world::{World, expect_success, rules};
use crate::support::{Customer, Partner, Postgres, Role, Sqlite, Verbs, operation};

fn grant(world: &World, partner: &Partner, customer: &Customer) {
    let key = GrantOf { partner_id: partner.id, customer_id: customer.id };
    world.graph.write(|conn, actor, now| grants::grant(conn, actor, now, key));
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn a_customer_revokes_admin_rights_and_remains_a_customer(#[case] backend: Backend) {
    let world = World::on(backend);
    let as_provider = world.as_provider();
    let customer = world.graph.customer(&world.provider, "Contoso");
    grant(&world, &world.provider, &customer);
    // A granular grant from an import is revoked with it.
    world.sql(
        "INSERT INTO delegated_admin_grants (partner_id, customer_id, kind, external_id, granted_at, version, created_at, updated_at) \
         SELECT partner_id, customer_id, 'GDAP', 'g-1', granted_at, 1, created_at, updated_at FROM delegated_admin_grants",
    );
    let admin = world.graph.customer_token(&customer);
    let user = world.graph.tenant_token(customer.tenant_id, &[Role::UserAdmin]);
    for caller in [&user, &world.northwind, &world.graph.operator_token()] {
        assert_eq!(rules(&world.as_user(caller).revoke_delegated_admin(&world.provider)), ["A-06"]);
    }
    let unknown = world.as_user(&admin).revoke_delegated_admin(&world.reseller);
    assert_eq!(rules(&unknown), ["NOT_FOUND"]);
    let revoked = expect_success(world.as_user(&admin).revoke_delegated_admin(&world.provider));
    assert_eq!(revoked["delegatedAdmin"]["granted"], false);
    assert!(revoked["delegatedAdmin"]["revokedAt"].is_string());
    assert_eq!(world.number("SELECT COUNT(*) AS number FROM delegated_admin_grants WHERE revoked_at IS NULL"), 0);

    // C-15 and C-16: the relationship and the support obligation remain.
    let related = ("Northwind".to_owned(), "RESELLER".to_owned(), false, true);
    assert_eq!(world.partners_of(&customer), [related]);
    let path = "query($by: CustomerLookup!) { customer(by: $by) { version partners { serviceRequestPath supportResponsible } } }";
    let by = json!({"by": {"tenantId": customer.tenant_id}});
    let seen = world.api.data(&world.northwind, path, by.clone());
    assert_eq!(seen["customer"]["partners"][0]["serviceRequestPath"], "MICROSOFT_SUPPORT_PHONE", "C-17");
    let version = seen["customer"]["version"].as_i64().unwrap();

    let sales = world.graph.token(&world.provider, &[Role::SalesAgent]);
    assert_eq!(rules(&world.as_user(&sales).record_renegotiation(&customer)), ["A-02"]);
    assert_eq!(rules(&world.as_user(&admin).record_renegotiation(&customer)), ["A-02"]);
    expect_success(as_provider.record_renegotiation(&customer));
    expect_success(as_provider.record_renegotiation(&customer));
    let seen = world.api.data(&world.northwind, path, by);
    assert_eq!(seen["customer"]["partners"][0]["supportResponsible"], false, "C-16");
    assert_eq!(seen["customer"]["version"], version + 1);
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn a_customer_reassigns_admin_rights_to_another_of_its_partners(#[case] backend: Backend) {
    let world = World::on(backend);
    let customer = world.graph.customer(&world.provider, "Contoso");
    let direct = world.graph.direct_bill("Direct").add();
    world.graph.customer_also_of(&direct, &customer);
    grant(&world, &world.provider, &customer);
    let admin = world.graph.customer_token(&customer);
    let refused = world.as_provider().reassign_delegated_admin(&world.provider, &direct);
    assert_eq!(rules(&refused), ["A-06"]);
    let as_customer = world.as_user(&admin);
    let refused = |from: &Partner, to: &Partner| rules(&as_customer.reassign_delegated_admin(from, to));
    assert_eq!(refused(&world.provider, &world.provider), ["C-14"]);
    assert_eq!(refused(&direct, &world.provider), ["C-14"], "it has no grant");
    assert_eq!(refused(&world.provider, &world.reseller), ["NOT_FOUND"]);
    let reassigned = expect_success(as_customer.reassign_delegated_admin(&world.provider, &direct));
    assert_eq!(reassigned["delegatedAdmin"]["granted"], true);
    let granted: Vec<(String, bool)> =
        world.partners_of(&customer).into_iter().map(|(name, _, granted, _)| (name, granted)).collect();
    assert_eq!(granted, [("Direct".to_owned(), true), ("Northwind".to_owned(), false)]);
    // Neither partner learns of the other.
    let history = "query($by: CustomerLookup!) { customer(by: $by) { history { nodes { operationType changes { before after } } } } }";
    let by = json!({"by": {"tenantId": customer.tenant_id}});
    let events = world.api.data(&world.northwind, history, by.clone()).to_string();
    assert!(events.contains("DAP_ADMIN_RELATIONSHIP_TERMINATED") && !events.contains("REASSIGNED"), "{events}");
    let events = world.api.data(&admin, history, by).to_string();
    assert!(
        events.contains("DAP_ADMIN_RELATIONSHIP_REASSIGNED") && events.contains(&direct.mpn_id.to_string()),
        "{events}"
    );
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn an_associated_reseller_owns_the_azure_tenant_once_the_customer_grants_it(#[case] backend: Backend) {
    let world = World::partnered(backend);
    let customer = world.graph.customer(&world.provider, "Contoso");
    world.graph.association(&world.provider, &customer, &world.reseller);
    let other = world.graph.reseller("Litware").partner_of(&world.provider).add();
    world.graph.subscription(&world.provider, &customer).reseller(&other).add();
    let admin = world.graph.customer_token(&customer);
    let is_tenant_owner = || {
        let query = operation("Customer");
        let by = json!({"by": {"tenantId": customer.tenant_id}});
        let data = world.api.data(&world.northwind, &query, by);
        let edges = data["customer"]["associations"]["edges"].as_array().unwrap().clone();
        let edge = edges.iter().find(|edge| edge["node"]["mpnId"] == world.reseller.mpn_id.to_string()).unwrap();
        edge["association"]["tenantOwner"].as_bool().unwrap()
    };
    assert!(!is_tenant_owner(), "N-10: absent after association");
    assert_eq!(rules(&world.as_provider().grant_tenant_owner(&world.reseller)), ["A-06"]);
    assert_eq!(rules(&world.as_user(&admin).grant_tenant_owner(&other)), ["N-10"], "a subscription is not enough");
    let granted = expect_success(world.as_user(&admin).grant_tenant_owner(&world.reseller));
    assert_eq!(granted["customer"]["tenantId"], customer.tenant_id.to_string());
    assert!(is_tenant_owner(), "N-10");
    assert_eq!(world.number("SELECT COUNT(*) AS number FROM delegated_admin_grants"), 0, "K-03");
    expect_success(world.as_user(&admin).revoke_tenant_owner(&world.reseller));
    assert!(!is_tenant_owner());
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn the_inventory_shows_which_grants_are_active_and_which_are_stale(#[case] backend: Backend) {
    let world = World::on(backend);
    let [stale, fresh, gone, ended] =
        ["Stale", "Fresh", "Gone", "Ended"].map(|name| world.graph.customer(&world.provider, name));
    for customer in [&stale, &fresh, &gone, &ended] {
        grant(&world, &world.provider, customer);
    }
    let set = |customer: &Customer, what: &str| {
        world.sql(&format!("UPDATE delegated_admin_grants SET {what} WHERE customer_id = {}", customer.id));
    };
    set(&stale, "granted_at = '2020-01-01 00:00:00'");
    set(
        &fresh,
        "granted_at = '2020-01-01 00:00:00', last_sign_in_at = '2999-01-01 00:00:00', partner_sign_in_count = 3",
    );
    set(&ended, "kind = 'GDAP', granted_at = '2020-01-01 00:00:00', end_at = '2021-01-01 00:00:00'");
    expect_success(world.as_user(&world.graph.customer_token(&gone)).revoke_delegated_admin(&world.provider));
    let names = |token: &str, filter: Value| {
        let data = world.api.data(token, &operation("DelegatedAdminGrants"), json!({"filter": filter}));
        let nodes = data["delegatedAdminGrants"]["nodes"].as_array().unwrap().clone();
        assert_eq!(data["delegatedAdminGrants"]["totalCount"], nodes.len());
        let mut names: Vec<String> =
            nodes.iter().map(|node| node["customer"]["companyName"].as_str().unwrap().to_owned()).collect();
        names.sort();
        names.join(" ")
    };
    let own = |filter: Value| names(&world.northwind, filter);
    assert_eq!(own(json!({})), "Ended Fresh Gone Stale");
    assert_eq!(own(json!({"granted": {"eq": true}})), "Fresh Stale");
    assert_eq!(own(json!({"inactive": {"eq": true}})), "Stale");
    assert_eq!(own(json!({"kind": {"eq": "GDAP"}})), "Ended");
    assert_eq!(own(json!({"endDateTime": {"ne": null}})), "Ended");
    assert_eq!(own(json!({"lastSignInDateTime": {"gt": "2100-01-01T00:00:00Z"}})), "Fresh");
    assert_eq!(own(json!({"grantedAt": {"lt": "2020-06-01T00:00:00Z"}})), "Ended Fresh Stale");
    assert_eq!(own(json!({"not": {"revokedAt": {"eq": null}}})), "Gone");
    assert_eq!(own(json!({"customer": {"tenantId": {"eq": stale.tenant_id}}})), "Stale");
    assert_eq!(own(json!({"customer": {"country": {"eq": "PL"}}})), "Ended Fresh Gone Stale");
    assert_eq!(own(json!({"partner": {"mpnId": {"eq": world.provider.mpn_id}}})), "Ended Fresh Gone Stale");
    assert_eq!(names(&world.fabrikam, json!({})), "");
    assert_eq!(names(&world.graph.customer_token(&gone), json!({})), "Gone");
    assert_eq!(names(&world.graph.operator_token(), json!({})), "Ended Fresh Gone Stale");

    let query = "query($f: DelegatedAdminOrderField!) { delegatedAdminGrants(orderBy: [{field: $f}], first: 1) { \
                 nodes { id partner { name } dapEnabled startDateTime partnerAgentCount partnerSignInCount \
                 globalAdminSignInCount version customer { customer { companyName } } } pageInfo { endCursor hasNextPage } } }";
    for field in ["GRANTED_AT", "REVOKED_AT", "END_DATE_TIME", "LAST_SIGN_IN_DATE_TIME"] {
        let data = world.api.data(&world.northwind, query, json!({"f": field}));
        let one = &data["delegatedAdminGrants"]["nodes"][0];
        assert_eq!(one["partner"]["name"], "Northwind");
        let node = "query($id: ID!) { node(id: $id) { ... on DelegatedAdminGrant { id kind } } }";
        let id = json!({"id": one["id"]});
        assert_eq!(world.api.data(&world.northwind, node, id.clone())["node"]["id"], one["id"]);
        assert_eq!(world.api.data(&world.fabrikam, node, id)["node"], Value::Null);
    }
}
