//! Invitations of customers, and relationships with them (A-02, A-06, C-01 to C-29, D-01 to D-05).

use partnergraph_domain::{Cloud, CustomerKey, DelegatedAdminPolicy};
use partnergraph_operation::policy::Policy;
use partnergraph_store::Backend;
use rstest::rstest;
use serde_json::{Value, json};

use crate::relationships::world::{CONTOSO, World, drafted, expect_success, rules, with};
use crate::support::{Api, Customer, Named, Postgres, Role, Sqlite, Verbs, operation};

const SCOPE: &str = "Azure Active Directory and Office 365";

/// The grants that a caller sees: tenant, name, partner, whether it is active.
fn grants(world: &World, token: &str, filter: Value) -> Value {
    let query = operation("DelegatedAdminGrants");
    world.api.data(token, &query, json!({"filter": filter}))["delegatedAdminGrants"]["nodes"].clone()
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn an_unknown_customer_accepts_and_is_listed(#[case] backend: Backend) {
    let world = World::on(backend);
    let (invitation, token) = world.invite(&world.northwind, json!({"delegatedAdmin": true}));
    assert_eq!(invitation["kind"], "CUSTOMER");
    assert_eq!(invitation["portal"], "M365_ADMIN_CENTER", "C-13");
    let sender = format!("Northwind (MPN ID {})", world.provider.mpn_id);
    assert!(invitation["emailDraft"]["body"].as_str().unwrap().contains(&sender), "C-09");
    expect_success(world.as_provider().mark_invitation_done(&invitation));
    let (tenant_id, admin) = world.stranger();
    assert_eq!(world.customers(&world.northwind), [] as [String; 0], "C-12");

    let accepted =
        expect_success(world.as_user(&admin).with(json!({"companyName": "Contoso"})).accept_with_agreement(&token));
    assert_eq!(accepted["customer"]["tenantId"], tenant_id.to_string());
    let related = json!([{"partner": {"mpnId": world.provider.mpn_id.to_string()}, "relationshipToPartner": "RESELLER",
                          "delegatedAdmin": {"granted": true, "scope": SCOPE}}]);
    assert_eq!(accepted["relationships"], related);
    let seen = world.api.data(
        &world.northwind,
        "{ customers { nodes { tenantId companyName country allowDelegatedAccess agreements { type } } } }",
        json!({}),
    );
    let expected = json!([{"tenantId": tenant_id.to_string(), "companyName": "Contoso", "country": "PL",
        "allowDelegatedAccess": true, "agreements": [{"type": "MICROSOFT_CUSTOMER_AGREEMENT"}]}]);
    assert_eq!(seen["customers"]["nodes"], expected);
    assert_eq!(
        world.number("SELECT COUNT(*) AS number FROM customer_agreements WHERE email = 'anna@contoso.example'"),
        1
    );
    let own = world.api.data(&admin, "{ viewer { organization { ... on Customer { companyName } } } }", json!({}));
    assert_eq!(own["viewer"]["organization"]["companyName"], "Contoso");
    let history = "query($by: CustomerLookup!) { customer(by: $by) { history { nodes { operationType } } } }";
    for caller in [&admin, &world.northwind] {
        let data = world.api.data(caller, history, json!({"by": {"tenantId": tenant_id}}));
        let text = data.to_string();
        for operation in ["ACCEPT_INVITATION", "ADD_CUSTOMER", "DAP_ADMIN_RELATIONSHIP_APPROVED"] {
            assert!(text.contains(operation), "{operation} in {text}");
        }
    }
    assert_eq!(rules(&world.as_user(&admin).accept_with_agreement(&token)), ["INVITATION_CLOSED"]);
    assert_eq!(rules(&world.as_user(&world.stranger().1).accept_with_agreement(&token)), ["NOT_FOUND"]);
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn who_can_invite_depends_on_the_type_of_the_partner(#[case] backend: Backend) {
    let world = World::on(backend);
    let direct = world.graph.direct_bill("Direct").add();
    let refusals = |token: &str| rules(&world.as_user(token).invite_customer(CONTOSO));
    for (partner, allowed) in [
        (&world.provider, &[Role::GlobalAdmin, Role::UserAdmin, Role::AdminAgent, Role::SalesAgent][..]),
        (&world.reseller, &[Role::GlobalAdmin, Role::AdminAgent]),
        (&direct, &[Role::GlobalAdmin, Role::AdminAgent]),
    ] {
        for role in [Role::GlobalAdmin, Role::UserAdmin, Role::AdminAgent, Role::SalesAgent, Role::HelpdeskAgent] {
            let refused = refusals(&world.graph.token(partner, &[role]));
            assert_eq!(refused.is_empty(), allowed.contains(&role), "{role} of {}: {refused:?}", partner.name);
            assert!(refused.is_empty() || refused == ["A-02"]);
        }
    }
    assert_eq!(refusals(&world.graph.operator_token()), ["A-02"]);
    assert_eq!(refusals(&world.stranger().1), ["A-02"]);
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn an_invitation_states_what_it_requests_and_from_whom(#[case] backend: Backend) {
    let world = World::on(backend);
    let as_provider = world.as_provider();
    let refusals = |more: Value| rules(&as_provider.with(more).invite_customer(CONTOSO));
    assert_eq!(refusals(json!({"delegatedAdmin": null})), ["C-08"]);
    assert_eq!(refusals(json!({"customerEmail": ""})), ["C-23"]);
    assert_eq!(refusals(json!({"message": "Hello"})), ["C-09"]);
    assert_eq!(refusals(json!({"message": "Hello {link}"})), [] as [String; 0]);
    assert_eq!(refusals(json!({"country": "JP"})), ["C-07"]);
    let unknown = as_provider.with(json!({"country": null})).invite_customer(CONTOSO);
    assert_eq!(unknown["userErrors"][0]["code"], "UNDECIDED");
    assert_eq!(rules(&unknown), ["C-07"]);
    assert_eq!(refusals(json!({"customer": {"domain": "nobody.example"}})), ["NOT_FOUND"]);
    assert_eq!(refusals(json!({"providerDelegatedAdmin": true})), ["BAD_INPUT"]);
    // A partner whose country is in no region can invite only customers of that country.
    let lonely = world.graph.token(&world.graph.provider("Lonely").country("RU").add(), &[Role::GlobalAdmin]);
    drafted(world.as_user(&lonely).with(json!({"country": "RU"})).invite_customer(CONTOSO));
    assert_eq!(rules(&world.as_user(&lonely).with(json!({"country": "BY"})).invite_customer(CONTOSO)), ["C-07"]);
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn invitations_in_other_clouds_require_delegated_administration(#[case] backend: Backend) {
    let world = World::on(backend);
    for (cloud, rule) in [(Cloud::UsGovernment, "C-05"), (Cloud::Germany, "C-06")] {
        let partner = world.graph.direct_bill(rule).cloud(cloud).add();
        let admin = world.graph.token(&partner, &[Role::GlobalAdmin]);
        assert_eq!(rules(&world.as_user(&admin).invite_customer(CONTOSO)), [rule]);
        let (invited, _) = world.invite(&admin, json!({"delegatedAdmin": true}));
        assert_eq!(invited["portal"], "OFFICE_ADMIN_PORTAL", "C-13");
    }
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn a_global_admin_of_the_customer_accepts_with_the_agreement(#[case] backend: Backend) {
    let world = World::on(backend);
    let (_, token) = world.invite(&world.northwind, json!({}));
    let (tenant_id, admin) = world.stranger();
    let user = world.graph.tenant_token(tenant_id, &[Role::UserAdmin]);
    let refused = world.as_user(&user).accept_with_agreement(&token);
    assert_eq!(rules(&refused), ["A-06"]);
    assert_eq!(refused["userErrors"][0]["microsoftCode"], 900_150);
    assert_eq!(rules(&world.as_user(&world.graph.operator_token()).accept_with_agreement(&token)), ["A-06"]);
    let unsigned = world.as_user(&admin).accept_invitation(&token);
    assert_eq!(rules(&unsigned), ["C-10"]);
    assert_eq!(unsigned["userErrors"][0]["microsoftCode"], 13_605);
    let person = json!({"firstName": " ", "lastName": "Nowak", "email": "anna"});
    let incomplete = world.as_user(&admin).with(json!({"acceptCustomerAgreement": person})).accept_invitation(&token);
    assert_eq!(rules(&incomplete), ["BAD_INPUT", "BAD_INPUT"]);
    let validated = expect_success(world.as_user(&admin).validating().accept_with_agreement(&token));
    assert_eq!(validated["customer"], Value::Null);
    assert_eq!(world.number("SELECT COUNT(*) AS number FROM customers"), 0);
    let accepted = expect_success(world.as_user(&admin).accept_with_agreement(&token));
    assert_eq!(accepted["relationships"][0]["delegatedAdmin"]["granted"], false, "C-04");
    // C-11: a customer that has already accepted is not asked again.
    let direct = world.graph.token(&world.graph.direct_bill("Direct").add(), &[Role::GlobalAdmin]);
    let (_, second) = world.invite(&direct, json!({}));
    expect_success(world.as_user(&admin).accept_invitation(&second));
    // Each partner has its own evidence of it, from which it cannot tell whether the customer accepted through another one before.
    let query = "query($by: CustomerLookup!) { customer(by: $by) { agreements { type evidence acceptedAt acceptedBy { firstName lastName email } } \
                 history(first: 100) { nodes { operationType changes { field before after } } } } }";
    let seen = |token: &str| {
        let mut customer = world.api.data(token, query, json!({"by": {"tenantId": tenant_id}}))["customer"].clone();
        let nodes = customer["history"]["nodes"].as_array().unwrap().clone();
        let agreed =
            nodes.into_iter().filter(|record| record["operationType"] == "CREATE_AGREEMENT").collect::<Vec<_>>();
        // The two invitations were accepted one after the other.
        let moment = customer["agreements"][0]["acceptedAt"].take();
        assert!(moment.is_string());
        (customer["agreements"].clone(), agreed)
    };
    let (first, second) = (seen(&world.northwind), seen(&direct));
    assert_eq!(first.0[0]["acceptedBy"]["lastName"], "Nowak");
    assert_eq!(first.1.len(), 1);
    assert_eq!(first, second);
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn a_customer_of_another_region_is_refused_when_it_accepts(#[case] backend: Backend) {
    let world = World::on(backend);
    let (_, token) = world.invite(&world.northwind, json!({}));
    let far = world.graph.direct_bill("Tokyo").country("JP").add();
    let customer = world.graph.customer(&far, "Contoso");
    world.sql("UPDATE customers SET country = 'JP'");
    assert_eq!(rules(&world.as_user(&world.graph.customer_token(&customer)).accept_with_agreement(&token)), ["C-07"]);
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn a_joint_invitation_creates_both_relationships_or_neither(#[case] backend: Backend) {
    let world = World::partnered(backend);
    let joint = json!({"jointProvider": {"mpnId": world.provider.mpn_id}, "delegatedAdmin": true});
    let (invited, token) = world.invite(&world.fabrikam, joint.clone());
    assert_eq!(invited["kind"], "JOINT_CUSTOMER");
    let subject = invited["emailDraft"]["subject"].as_str().unwrap();
    assert!(subject.contains("Fabrikam (MPN ID") && subject.contains("Northwind (MPN ID"), "C-19: {subject}");
    world.graph.end_partnership(&world.provider, &world.reseller);
    let (tenant_id, admin) = world.stranger();
    assert_eq!(rules(&world.as_user(&admin).accept_with_agreement(&token)), ["C-22"], "C-20");
    assert_eq!(world.number("SELECT COUNT(*) AS number FROM reseller_relationships"), 0);
    world.graph.partnership(&world.provider, &world.reseller);
    let accepted = expect_success(world.as_user(&admin).accept_with_agreement(&token));
    let relation = |partner: &crate::support::Partner, granted: bool| {
        let scope = if granted { json!(SCOPE) } else { Value::Null };
        json!({"partner": {"mpnId": partner.mpn_id.to_string()}, "relationshipToPartner": "RESELLER",
               "delegatedAdmin": {"granted": granted, "scope": scope}})
    };
    let both = json!([relation(&world.reseller, true), relation(&world.provider, false)]);
    assert_eq!(accepted["relationships"], both, "C-21");
    assert_eq!(world.customers(&world.northwind), [tenant_id.to_string()]);
    assert_eq!(world.customers(&world.fabrikam), [tenant_id.to_string()]);

    let by_name = with(joint, json!({"providerDelegatedAdmin": true}));
    let (_, token) = world.invite(&world.fabrikam, by_name);
    let accepted = expect_success(world.as_user(&world.stranger().1).accept_with_agreement(&token));
    let granted: Vec<bool> = accepted["relationships"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["delegatedAdmin"]["granted"].as_bool().unwrap())
        .collect();
    assert_eq!(granted, [true, true], "C-21");
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn only_a_reseller_can_make_a_joint_invitation_and_only_with_its_provider(#[case] backend: Backend) {
    let world = World::on(backend);
    let refusals = |token: &str, partner: &crate::support::Partner| {
        let joint = json!({"jointProvider": {"mpnId": partner.mpn_id}});
        rules(&world.as_user(token).with(joint).invite_customer(CONTOSO))
    };
    assert_eq!(refusals(&world.fabrikam, &world.provider), ["C-22"]);
    world.graph.partnership(&world.provider, &world.reseller);
    assert_eq!(refusals(&world.fabrikam, &world.provider), [] as [String; 0]);
    assert!(refusals(&world.northwind, &world.reseller).contains(&"C-19".to_owned()));
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn a_new_request_restores_only_delegated_administration(#[case] backend: Backend) {
    let world = World::on(backend);
    let customer = world.graph.customer(&world.provider, "Contoso");
    let by = json!({"customer": {"tenantId": customer.tenant_id}});
    assert_eq!(rules(&world.as_provider().with(by.clone()).invite_customer(CONTOSO)), ["C-18"]);
    let (invited, token) = world.invite(&world.northwind, with(by, json!({"delegatedAdmin": true, "country": null})));
    assert_eq!(invited["kind"], "DELEGATED_ADMIN");
    assert_eq!(
        rules(&world.as_user(&world.stranger().1).accept_with_agreement(&token)),
        ["NOT_FOUND"],
        "the invitation names another customer"
    );
    let admin = world.graph.customer_token(&customer);
    let accepted = expect_success(world.as_user(&admin).accept_invitation(&token));
    assert_eq!(accepted["relationships"][0]["delegatedAdmin"]["granted"], true);
    assert_eq!(world.number("SELECT COUNT(*) AS number FROM reseller_relationships"), 1, "C-18");
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn removing_a_relationship_removes_the_customer_from_the_list_and_keeps_the_grant(#[case] backend: Backend) {
    let world = World::on(backend);
    let as_provider = world.as_provider();
    let (_, token) = world.invite(&world.northwind, json!({"delegatedAdmin": true}));
    let (tenant_id, admin) = world.stranger();
    expect_success(world.as_user(&admin).with(json!({"companyName": "Contoso"})).accept_with_agreement(&token));
    let customer = Customer {
        id: CustomerKey::new(1),
        tenant_id,
        company_name: "Contoso".to_owned(),
        domain: "contoso.example".to_owned(),
    };
    let viewers = "SELECT COUNT(*) AS number FROM audit_event_viewers WHERE viewer_partner_id = 0";
    let before = world.number(viewers);

    let removed = expect_success(as_provider.remove_customer_relationship(&customer));
    assert_eq!(removed["customer"]["tenantId"], tenant_id.to_string());
    assert!(removed["warnings"][0].as_str().unwrap().contains("legal notice of the termination"), "D-03");
    assert_eq!(world.customers(&world.northwind), [] as [String; 0], "D-01");
    assert_eq!(world.number(viewers), before, "D-03: no one else is notified");
    let stored = "SELECT COUNT(*) AS number FROM reseller_relationships WHERE representation LIKE '%indemnify%'";
    assert_eq!(world.number(stored), 1, "D-03");

    let filter = json!({"customer": {"companyName": {"startsWith": "con"}}, "granted": {"eq": true}});
    let listed = grants(&world, &world.northwind, filter);
    assert_eq!(listed[0]["customer"], json!({"tenantId": tenant_id.to_string(), "companyName": "Contoso"}), "D-05");
    assert_eq!((&listed[0]["granted"], listed[0]["grantedAt"].is_string()), (&json!(true), true), "D-02");
    let by_country = json!({"customer": {"country": {"eq": "PL"}}});
    assert_eq!(grants(&world, &world.northwind, by_country), json!([]), "D-05: no other property can be filtered by");
    let query = "{ delegatedAdminGrants { nodes { customer { customer { country } } } } }";
    let seen = world.api.data(&world.northwind, query, json!({}));
    assert_eq!(seen["delegatedAdminGrants"]["nodes"][0]["customer"]["customer"], Value::Null, "D-05");
    let partners = world.partners_of(&customer);
    assert_eq!(partners, [("Northwind".to_owned(), "NONE".to_owned(), true, false)]);
    assert_eq!(rules(&as_provider.remove_customer_relationship(&customer)), ["NOT_FOUND"]);
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn a_policy_can_end_the_grant_with_the_relationship(#[case] backend: Backend) {
    let mut world = World::on(backend);
    let policy = Policy { delegated_admin_on_removal: DelegatedAdminPolicy::Remove, ..Policy::default() };
    world.api = Api::with_policy(&world.graph.database, policy);
    let (_, token) = world.invite(&world.northwind, json!({"delegatedAdmin": true}));
    let (tenant_id, admin) = world.stranger();
    expect_success(world.as_user(&admin).accept_with_agreement(&token));
    let customer = Customer { id: CustomerKey::new(1), tenant_id, company_name: String::new(), domain: String::new() };
    expect_success(world.as_provider().remove_customer_relationship(&customer));
    let listed = grants(&world, &world.northwind, json!({}));
    assert_eq!((&listed[0]["granted"], listed[0]["revokedAt"].is_string()), (&json!(false), true), "D-02");
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn a_removal_needs_the_role_a_confirmation_and_a_representation(#[case] backend: Backend) {
    let world = World::partnered(backend);
    let as_provider = world.as_provider();
    let customer = world.graph.customer(&world.provider, "Contoso");
    for role in [Role::UserAdmin, Role::SalesAgent, Role::HelpdeskAgent] {
        let colleague = world.graph.token(&world.provider, &[role]);
        assert_eq!(rules(&world.as_user(&colleague).remove_customer_relationship(&customer)), ["A-02"]);
    }
    let incomplete = as_provider.perform("RemoveCustomerRelationship", json!({"customer": customer.lookup()}));
    assert_eq!(rules(&incomplete), ["D-04", "D-03", "D-03", "D-03", "D-03"]);
    let stale = as_provider.with(json!({"ifVersion": 9})).remove_customer_relationship(&customer);
    assert_eq!(rules(&stale), ["STALE_VERSION"]);
    // C-01: an association is not a relationship with the customer.
    world.graph.association(&world.provider, &customer, &world.reseller);
    let refused = world.as_reseller().remove_customer_relationship(&customer);
    assert_eq!(rules(&refused), ["C-01"]);
    assert_eq!(refused["userErrors"][0]["microsoftCode"], 20_002);
    expect_success(as_provider.validating().remove_customer_relationship(&customer));
    assert_eq!(world.customers(&world.northwind).len(), 1);
    // A removed relationship can be created again.
    expect_success(as_provider.remove_customer_relationship(&customer));
    let (_, token) = world.invite(&world.northwind, json!({}));
    expect_success(world.as_user(&world.graph.customer_token(&customer)).accept_invitation(&token));
    assert_eq!(world.customers(&world.northwind).len(), 1);
}
