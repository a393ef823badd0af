use std::collections::BTreeSet;

use partnergraph_store::Backend;
use rstest::rstest;
use serde_json::{Value, json};

use crate::orders::world::{ELIGIBILITY, World, rules, with};
use crate::support::{Postgres, Role, Sqlite, Verbs};

/// The rules that refuse or cannot be decided.
fn not_passed(eligibility: &Value) -> BTreeSet<String> {
    let verdicts = eligibility["verdicts"].as_array().unwrap();
    let failing = verdicts.iter().filter(|verdict| verdict["passed"] != json!(true));
    failing.map(|verdict| verdict["rule"].as_str().unwrap().to_owned()).collect()
}

fn refusing_rules(payload: &Value) -> BTreeSet<String> {
    rules(payload).into_iter().collect()
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn every_rule_is_returned_with_its_verdict(#[case] backend: Backend) {
    let world = World::on(backend);
    let input = json!({"seller": {"mpnId": world.provider.mpn_id}, "reseller": {"mpnId": world.reseller.mpn_id}, "country": "DE"});
    let eligibility = world.run(ELIGIBILITY, input.clone());
    assert_eq!(eligibility["allowed"], true, "{eligibility:#}");
    for rule in
        ["M-01", "T-03", "T-04", "Q-01", "Q-06", "Q-07", "Q-08", "Q-09", "Q-14", "P-06", "M-02", "M-03", "M-04", "B-05"]
    {
        let found = eligibility["verdicts"].as_array().unwrap().iter().find(|verdict| verdict["rule"] == rule);
        assert_eq!(found.unwrap()["passed"], true, "{rule}");
    }
    let unknown = world.run(ELIGIBILITY, with(input.clone(), json!({"country": null})));
    let undecided = unknown["verdicts"].as_array().unwrap().iter().find(|verdict| verdict["rule"] == "Q-14").unwrap();
    assert_eq!((&unknown["allowed"], &undecided["passed"]), (&json!(false), &Value::Null));
    assert!(undecided["message"].is_string());
    let known = with(input, json!({"country": null, "customerTenantId": world.customer.tenant_id}));
    assert_eq!(world.run(ELIGIBILITY, known)["allowed"], true);
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn the_verdicts_match_the_refusals_of_orders(#[case] backend: Backend) {
    let world = World::on(backend);
    let as_provider = world.as_provider();
    let unsigned = world.graph.reseller("Unsigned").without_agreement().partner_of(&world.provider).add();
    let removed = world.graph.reseller("Removed").partner_of(&world.provider).add();
    world.graph.end_partnership(&world.provider, &removed);
    let stranger = world.graph.reseller("Stranger").add();
    let buyer = world.graph.reseller("Buyer").add();
    let resellers =
        [None, Some(&world.reseller), Some(&unsigned), Some(&removed), Some(&stranger), Some(&world.provider)];
    let buyers = [None, Some(&buyer), Some(&world.reseller), Some(&world.provider)];
    let mut seen = BTreeSet::new();
    for reseller in resellers {
        for buyer in buyers {
            for country in ["PL", "US"] {
                let reseller = json!(reseller.map(|partner| json!({"mpnId": partner.mpn_id})));
                let buyer = json!(buyer.map(|partner| json!({"mpnId": partner.mpn_id})));
                let line = json!({"offerId": "A:1", "offerName": "A", "quantity": 1, "reseller": reseller});
                let order = json!({"reseller": reseller, "internalUseOf": buyer, "lines": [line], "country": country,
                                   "validateOnly": true});
                let request = json!({"seller": {"mpnId": world.provider.mpn_id}, "reseller": reseller, "buyer": buyer,
                                      "country": country});
                let eligibility = world.run(ELIGIBILITY, request.clone());
                let not_passed = not_passed(&eligibility);
                let order = as_provider.add_customer(with(world.addition(), order));
                assert_eq!(not_passed, refusing_rules(&order), "{request}");
                assert_eq!(eligibility["allowed"], json!(not_passed.is_empty()));
                seen.extend(not_passed);
            }
        }
    }
    for rule in ["Q-14", "Q-07", "Q-16", "Q-17", "M-02", "X-09", "E-11"] {
        assert!(seen.contains(rule), "no case is refused by {rule}: {seen:?}");
    }

    // A tenant that exists is invited before anything is sold to it.
    let request = json!({"seller": {"mpnId": world.provider.mpn_id}, "customerTenantId": world.reseller.tenant_id, "country": "PL"});
    let not_passed_for_tenant = not_passed(&world.run(ELIGIBILITY, request));
    assert_eq!(not_passed_for_tenant, ["Q-06", "Q-09"].map(str::to_owned).into());
    assert_eq!(not_passed_for_tenant, refusing_rules(&as_provider.invite_tenant(world.reseller.tenant_id)));

    let lines = json!([with(world.line(), json!({"reseller": {"mpnId": unsigned.mpn_id}}))]);
    let request = json!({"seller": {"mpnId": world.provider.mpn_id}, "reseller": {"mpnId": unsigned.mpn_id},
                          "customerTenantId": world.customer.tenant_id});
    assert_eq!(
        not_passed(&world.run(ELIGIBILITY, request)),
        refusing_rules(&as_provider.submit_order(&world.customer, lines))
    );
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn a_reseller_and_a_direct_bill_partner_can_check_their_own_eligibility(#[case] backend: Backend) {
    let world = World::on(backend);
    let reseller = world.graph.token(&world.reseller, &[Role::HelpdeskAgent]);
    let alone = json!({"seller": {"mpnId": world.reseller.mpn_id}, "country": "PL"});
    assert_eq!(not_passed(&world.run_as(&reseller, ELIGIBILITY, alone)), ["Q-01", "T-03"].map(str::to_owned).into());
    let through = json!({"seller": {"mpnId": world.provider.mpn_id}, "reseller": {"mpnId": world.reseller.mpn_id}, "country": "PL"});
    assert_eq!(world.run_as(&reseller, ELIGIBILITY, through)["allowed"], true);
    let direct = world.graph.direct_bill("Direct").add();
    let token = world.graph.token(&direct, &[Role::AdminAgent]);
    let own = json!({"seller": {"mpnId": direct.mpn_id}, "country": "PL"});
    assert_eq!(world.run_as(&token, ELIGIBILITY, own)["allowed"], true);
    // a reseller's own-use tenant can buy from a direct-bill partner.
    let own_use =
        json!({"seller": {"mpnId": direct.mpn_id}, "country": "PL", "buyer": {"mpnId": world.reseller.mpn_id}});
    assert_eq!(world.run_as(&token, ELIGIBILITY, own_use)["allowed"], true);
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn eligibility_reveals_no_relationships_of_others(#[case] backend: Backend) {
    let world = World::on(backend);
    let pair = json!({"seller": {"mpnId": world.provider.mpn_id}, "reseller": {"mpnId": world.reseller.mpn_id}, "country": "PL"});
    let rival = world.graph.provider("Rival").add();
    let rival_token = world.graph.token(&rival, &[Role::GlobalAdmin]);
    assert_eq!(world.run_as(&rival_token, ELIGIBILITY, pair.clone()), Value::Null);
    let customer = world.graph.customer_token(&world.customer);
    assert_eq!(world.run_as(&customer, ELIGIBILITY, pair.clone()), Value::Null);
    let plain = json!({"seller": {"mpnId": world.provider.mpn_id}, "customerTenantId": world.customer.tenant_id});
    assert_eq!(world.run_as(&customer, ELIGIBILITY, plain)["allowed"], true);
    assert_eq!(world.run_as(&world.graph.operator_token(), ELIGIBILITY, pair)["allowed"], true);

    // Own use and affiliation are revealed only to those who would take part in the sale.
    let buyer = world.graph.reseller("Buyer").add();
    let own_use =
        json!({"seller": {"mpnId": world.provider.mpn_id}, "buyer": {"mpnId": buyer.mpn_id}, "country": "PL"});
    let reseller = world.graph.token(&world.reseller, &[Role::GlobalAdmin]);
    assert_eq!(world.run_as(&customer, ELIGIBILITY, own_use.clone()), Value::Null);
    assert_eq!(world.run_as(&reseller, ELIGIBILITY, own_use.clone()), Value::Null);
    assert_eq!(world.run(ELIGIBILITY, own_use.clone())["allowed"], false, "Q-16");
    let mut through = own_use;
    through["reseller"] = json!({"mpnId": world.reseller.mpn_id});
    assert_eq!(world.run_as(&reseller, ELIGIBILITY, through)["allowed"], true);

    // Another partner's customer looks like an unknown tenant.
    let hidden = world.graph.customer(&rival, "Hidden");
    let check = |tenant: Value| {
        world.run(ELIGIBILITY, json!({"seller": {"mpnId": world.provider.mpn_id}, "customerTenantId": tenant}))
    };
    assert_eq!(check(json!(hidden.tenant_id)), check(json!(world.graph.guid())));
    assert_eq!(check(json!(hidden.tenant_id))["allowed"], false);
    // It also does so if it is marked for internal use, and if the seller asks about internal use.
    let mark = format!("UPDATE customers SET internal_use_of = {} WHERE id = {}", buyer.id, hidden.id);
    for marked in [false, true] {
        if marked {
            world.graph.write(|conn, _, _| conn.batch(&mark));
        }
        let ask = |tenant: Value, buyer: Value| {
            let input = json!({"seller": {"mpnId": world.provider.mpn_id}, "reseller": {"mpnId": world.reseller.mpn_id},
                               "buyer": buyer, "customerTenantId": tenant, "country": "PL"});
            world.run(ELIGIBILITY, input)
        };
        for asked in [Value::Null, json!({"mpnId": buyer.mpn_id}), json!({"mpnId": rival.mpn_id})] {
            assert_eq!(ask(json!(hidden.tenant_id), asked.clone()), ask(json!(world.graph.guid()), asked), "{marked}");
        }
        assert_eq!(check(json!(hidden.tenant_id)), check(json!(world.graph.guid())), "{marked}");
    }
}
