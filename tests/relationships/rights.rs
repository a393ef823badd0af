//! The rights of a customer's partners (C-03, C-04, T-03).

use partnergraph_store::Backend;
use rstest::rstest;
use serde_json::{Value, json};

use crate::relationships::world::{World, expect_success};
use crate::support::{Postgres, Sqlite, Verbs};

/// What depends on the agreement is the partner's own; and a reseller orders through its provider, whatever it has.
#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn rights_of_another_partner_show_nothing_of_its_agreement(#[case] backend: Backend) {
    let world = World::partnered(backend);
    let customer = world.graph.customer(&world.provider, "Contoso");
    world.graph.customer_also_of(&world.reseller, &customer);
    world.graph.association(&world.provider, &customer, &world.reseller);
    let query = "query($by: CustomerLookup!) { customer(by: $by) { partners { partner { name } rights { name allowed rule } } } }";
    let seen = |token: &str| {
        let data = world.api.data(token, query, json!({"by": {"tenantId": customer.tenant_id}}));
        let partners = data["customer"]["partners"].as_array().unwrap().clone();
        let rights = |partner: &Value| {
            let rights = partner["rights"].as_array().unwrap().iter();
            rights
                .map(|right| format!("{} {} {}", right["name"], right["allowed"], right["rule"]).replace('"', ""))
                .collect::<Vec<String>>()
        };
        partners
            .iter()
            .map(|one| (one["partner"]["name"].as_str().unwrap().to_owned(), rights(one)))
            .collect::<Vec<_>>()
    };
    let all =
        |order: &str| [order, "MANAGE_SERVICES false C-03", "MANAGE_AZURE false C-03"].map(str::to_owned).to_vec();
    let open = vec!["MANAGE_AZURE false C-03".to_owned()];
    let of = |fabrikam: &Vec<String>, northwind: &Vec<String>| -> Vec<(String, Vec<String>)> {
        vec![("Fabrikam".to_owned(), fabrikam.clone()), ("Northwind".to_owned(), northwind.clone())]
    };
    let (orders, orders_through_provider) = (all("ORDER true C-03"), all("ORDER false T-03"));
    for _ in ["with the provider's evidence", "without"] {
        assert_eq!(seen(&world.fabrikam), of(&orders_through_provider, &open));
        world.sql("DELETE FROM customer_agreements");
    }
    assert_eq!(seen(&world.northwind), of(&open, &all("ORDER false C-03")));
    world.sql("INSERT INTO customer_agreements (customer_id, partner_id, evidence, recorded_by, recorded_at) SELECT customer_id, \
               partner_id, 'PORTAL', 'a test', '2026-01-01 00:00:00' FROM customer_records");
    assert_eq!(seen(&world.northwind), of(&open, &orders));
    assert_eq!(seen(&world.graph.customer_token(&customer)), of(&orders_through_provider, &orders));
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn rights_depend_on_relationship_agreement_and_delegated_administration(#[case] backend: Backend) {
    let world = World::on(backend);
    let customer = world.graph.customer(&world.provider, "Contoso");
    world.graph.subscription(&world.provider, &customer).usage().add();
    let query = "query($by: CustomerLookup!) { customer(by: $by) { partners { rights { name allowed rule } } } }";
    let rights = || {
        let data = world.api.data(&world.northwind, query, json!({"by": {"tenantId": customer.tenant_id}}));
        data["customer"]["partners"][0]["rights"].clone()
    };
    let right = |name: &str, allowed: bool| json!({"name": name, "allowed": allowed, "rule": "C-03"});
    let without = json!([right("ORDER", true), right("MANAGE_SERVICES", false), right("MANAGE_AZURE", true)]);
    assert_eq!(rights(), without, "C-04");
    let by = json!({"customer": {"tenantId": customer.tenant_id}, "delegatedAdmin": true});
    let (_, token) = world.invite(&world.northwind, by);
    expect_success(world.as_user(&world.graph.customer_token(&customer)).accept_invitation(&token));
    let all = json!([right("ORDER", true), right("MANAGE_SERVICES", true), right("MANAGE_AZURE", true)]);
    assert_eq!(rights(), all);
    world.sql("DELETE FROM customer_agreements");
    let unsigned = json!([right("ORDER", false), right("MANAGE_SERVICES", false), right("MANAGE_AZURE", true)]);
    assert_eq!(rights(), unsigned, "C-03");
}
