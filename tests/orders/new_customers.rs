use partnergraph_domain::TenantId;
use partnergraph_store::Backend;
use rstest::rstest;
use serde_json::{Value, json};

use crate::orders::world::{COUNTS, ELIGIBILITY, World, assert_refused, codes, errors, expect_success, rules, with};
use crate::support::{Customer, Postgres, Role, Sqlite, Verbs};

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn a_new_customer_is_created_with_its_order_reseller_and_administrator(#[case] backend: Backend) {
    let world = World::on(backend);
    let as_provider = world.as_provider();
    let mpn_id = json!(world.reseller.mpn_id.to_string());
    let line =
        with(world.line(), json!({"termDuration": "P1Y", "friendlyName": "Office", "publisherName": "Microsoft"}));
    let usage = json!({"offerId": "DZH318Z0BPS6", "offerName": "Azure plan", "billingType": "USAGE"});
    let details = json!({
        "lines": [line, usage], "acquisition": "MICROSOFT_REFERRAL", "language": "pl-PL",
        "contact": {"firstName": "Maria", "lastName": "Wolska"}, "address": {"addressLine1": "ul. Długa 1", "city": "Gdynia"},
    });
    let added = expect_success(as_provider.add_customer(with(world.addition(), details)));

    // N-06, N-08, C-27, and the agreement that the partner confirms (C-03, C-26).
    let customer = &added["customer"];
    assert_eq!(customer["companyName"], "Tailspin Toys");
    assert_eq!(customer["acquisition"], "MICROSOFT_REFERRAL");
    assert_eq!(customer["indirectResellers"]["nodes"], json!([{"mpnId": mpn_id}]));
    assert_eq!(customer["agreements"][0]["type"], "MICROSOFT_CUSTOMER_AGREEMENT");
    let right = json!({"name": "ORDER", "allowed": true});
    assert!(customer["partners"][0]["rights"].as_array().unwrap().contains(&right), "{customer:#}");
    let billing = json!({"email": "bills@tailspin.example", "firstName": "Maria", "addressLine1": "ul. Długa 1", "country": "PL"});
    assert_eq!(customer["billingProfile"], billing);
    assert_eq!(added["credentials"]["userName"], "admin@tailspin.example");
    assert_eq!(added["credentials"]["temporaryPassword"].as_str().unwrap().len(), 20);

    // N-04, B-02, B-07: the licence line has its reseller; the other has neither a quantity nor a reseller.
    let subscriptions = added["subscriptions"].as_array().unwrap();
    assert_eq!(subscriptions[0]["quantity"], 5);
    assert_eq!(subscriptions[0]["partnerOfRecord"]["mpnId"], mpn_id);
    assert_eq!(subscriptions[0]["friendlyName"], "Office");
    assert_eq!(subscriptions[0]["orderId"], added["order"]["orderNumber"]);
    assert_eq!(subscriptions[0]["billingCycle"], "MONTHLY");
    assert_eq!(subscriptions[0]["autoRenewEnabled"], true);
    assert_eq!(subscriptions[1]["quantity"], Value::Null);
    assert_eq!(subscriptions[1]["billingType"], "USAGE");
    assert_eq!(subscriptions[1]["partnerOfRecord"], Value::Null);
    assert_eq!(subscriptions[1]["supportContact"]["isDefault"], true);
    assert_eq!(added["order"]["lines"].as_array().unwrap().len(), 2);
    assert_eq!(added["order"]["lines"][1]["subscription"]["subscriptionId"], subscriptions[1]["subscriptionId"]);

    // From now on, orders for the customer are possible.
    expect_success(as_provider.submit_order(&json!({"id": customer["id"]}), json!([world.line()])));
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn the_associated_reseller_sees_the_customer_and_everything_sold_to_it(#[case] backend: Backend) {
    let world = World::on(backend);
    let line = json!({"offerId": "A:1", "offerName": "A", "quantity": 1});
    expect_success(world.as_provider().add_customer(with(world.addition(), json!({"lines": [line, line]}))));
    let reseller = world.graph.token(&world.reseller, &[Role::AdminAgent]);
    let query = "{ customers { nodes { companyName allowDelegatedAccess relationshipToPartner billingProfile { email } orders { totalCount }
                  subscriptions { totalCount nodes { partnerOfRecord { mpnId } } } } } }";
    let response = world.api.data(&reseller, query, json!({}));
    // N-02, N-11: through the association, which is neither a grant nor a relationship and gives no credit; billing and orders
    // are visible only to the provider.
    let expected = json!([{"companyName": "Tailspin Toys", "allowDelegatedAccess": false, "relationshipToPartner": "NONE",
        "billingProfile": null, "orders": {"totalCount": 0},
        "subscriptions": {"totalCount": 2, "nodes": [{"partnerOfRecord": null}, {"partnerOfRecord": null}]}}]);
    assert_eq!(response["customers"]["nodes"], expected);
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn all_errors_of_a_new_customer_are_returned_at_once_and_nothing_is_written(#[case] backend: Backend) {
    let world = World::on(backend);
    let as_provider = world.as_provider();
    let before = world.row_counts();
    let stranger = world.graph.reseller("Stranger").add();
    let after_stranger = world.row_counts();
    assert!(before < after_stranger);
    let bad = json!({
        "companyName": " ", "domain": "tailspin", "country": "US", "billingEmail": "bills", "channel": "AZURE_PORTAL",
        "reseller": {"mpnId": stranger.mpn_id},
        "lines": [{"offerId": "A:1", "offerName": "A"}, {"offerId": "", "offerName": "B", "quantity": 0},
                  {"offerId": "C:1", "offerName": "C", "billingType": "USAGE", "quantity": 3}],
    });
    let response = as_provider.add_customer(with(world.addition(), bad.clone()));
    assert_refused(&response, "B-01", None);
    assert_refused(&response, "Q-14", Some(2030));
    assert_refused(&response, "N-09", Some(800_016));
    assert_refused(&response, "N-04", Some(2002));
    for code in ["COMPANY_NAME_MISSING", "DOMAIN_INVALID", "EMAIL_INVALID", "OFFER_MISSING"] {
        assert!(codes(&response).contains(&code.to_owned()), "{code}: {response:#}");
    }
    let quantity_fields: Vec<_> = errors(&response)
        .into_iter()
        .filter(|error| error["rule"] == "N-04")
        .map(|error| error["field"].clone())
        .collect();
    assert_eq!(
        json!(quantity_fields),
        json!([["lines", "0", "quantity"], ["lines", "1", "quantity"], ["lines", "2", "quantity"]])
    );
    assert_eq!(response["customer"], Value::Null);
    assert_eq!(world.row_counts(), after_stranger);

    let validated = as_provider.validating().add_customer(with(world.addition(), bad));
    assert_eq!(validated["userErrors"], response["userErrors"]);
    let empty = as_provider.add_customer(with(world.addition(), json!({"lines": []})));
    assert_eq!(codes(&empty), ["LINES_MISSING"]);
    let accepted = expect_success(as_provider.validating().add_customer(world.addition()));
    assert_eq!(
        (&accepted["customer"]["domain"], &accepted["credentials"], &accepted["order"]["channel"]),
        (&json!("tailspin.example"), &Value::Null, &json!("PARTNER_CENTER"))
    );
    assert_eq!(world.row_counts(), after_stranger);
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn an_unknown_partner_in_a_line_is_reported_with_its_path(#[case] backend: Backend) {
    let world = World::on(backend);
    let unknown = json!({"tenantId": world.graph.guid()});
    let line = with(world.line(), json!({"reseller": unknown, "supportContact": unknown}));
    let bad = json!({"reseller": unknown, "internalUseOf": unknown, "lines": [world.line(), line]});
    let response = world.as_provider().add_customer(with(world.addition(), bad));
    assert!(codes(&response).iter().all(|code| code == "NOT_FOUND"));
    let fields: Vec<_> = errors(&response).into_iter().map(|error| error["field"].clone()).collect();
    let expected =
        json!([["reseller"], ["internalUseOf"], ["lines", "1", "reseller"], ["lines", "1", "supportContact"]]);
    assert_eq!(json!(fields), expected);
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn roles_and_agreements_decide_who_can_add_customers(#[case] backend: Backend) {
    let world = World::on(backend);
    for role in [Role::GlobalAdmin, Role::UserAdmin, Role::AdminAgent, Role::SalesAgent] {
        let token = world.graph.token(&world.provider, &[role]);
        expect_success(world.as_user(&token).validating().add_customer(world.addition()));
    }
    let helpdesk = world.graph.token(&world.provider, &[Role::HelpdeskAgent]);
    assert_refused(&world.as_user(&helpdesk).add_customer(world.addition()), "A-01", Some(900_150));
    for token in [world.graph.operator_token(), world.graph.customer_token(&world.customer)] {
        let response = world.as_user(&token).add_customer(world.addition());
        assert_eq!(rules(&response), ["A-01"]);
        assert_eq!(response["userErrors"][0]["microsoftCode"], 900_150);
    }
    let unsigned = world.graph.provider("Adventure").without_agreement().add();
    let token = world.graph.token(&unsigned, &[Role::AdminAgent]);
    let own = with(
        world.addition(),
        json!({"reseller": null, "lines": [{"offerId": "A:1", "offerName": "A", "quantity": 1}]}),
    );
    assert_refused(&world.as_user(&token).add_customer(own), "M-01", Some(900_124));
    let caller = world.graph.token(&world.provider, &[Role::HelpdeskAgent]);
    assert_eq!(world.run_as(&caller, ELIGIBILITY, json!({"seller": {"mpnId": unsigned.mpn_id}})), Value::Null);
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn a_tenant_that_exists_is_never_added(#[case] backend: Backend) {
    let world = World::on(backend);
    let rival = world.graph.provider("Rival").add();
    let stranger = world.graph.reseller("Stranger").add();
    let foreign = world.graph.customer(&rival, "Foreign");
    let before = world.row_counts();
    let as_provider = world.as_provider();
    let refused = as_provider.add_customer(with(world.addition(), json!({"tenantId": world.graph.guid()})));
    assert_refused(&refused, "C-30", None);
    assert_eq!(errors(&refused).len(), 1);
    assert_eq!(errors(&refused)[0]["field"], json!(["tenantId"]));
    // C-30: the same response for every tenant, whatever else is wrong with the input: nothing is looked up.
    let tenants = [
        world.customer.tenant_id,
        foreign.tenant_id,
        world.reseller.tenant_id,
        stranger.tenant_id,
        world.provider.tenant_id,
    ];
    let nobody = json!({"mpnId": "9999999"});
    for tenant_id in tenants {
        let named = with(world.addition(), json!({ "tenantId": tenant_id }));
        for more in [
            json!({}),
            json!({"validateOnly": true}),
            json!({"mode": "REVIEW"}),
            json!({"reviewToken": "made-up"}),
            json!({"idempotencyKey": "known-or-not"}),
            json!({"idempotencyKey": ""}),
            json!({"internalUseOf": nobody, "reseller": nobody, "lines": [], "companyName": " ", "domain": "x", "country": "JP"}),
            json!({"channel": "AZURE_PORTAL", "customerAgreement": null, "billingEmail": ""}),
        ] {
            assert_eq!(as_provider.add_customer(with(named.clone(), more.clone())), refused, "{tenant_id} {more}");
        }
        let helpdesk = world.graph.token(&world.provider, &[Role::HelpdeskAgent]);
        assert_eq!(rules(&world.as_user(&helpdesk).add_customer(named)), ["A-01"]);
    }
    // Only the helpdesk agents are new.
    let after = world.row_counts();
    assert_eq!((&after[..5], after[6]), (&before[..5], before[6]));
    assert_eq!(world.count("order_reviews"), 0);
    assert_eq!(world.count("idempotency_keys"), 0);
    // A domain or a name that another customer has decides nothing: each addition is a directory of its own.
    let same = json!({"domain": foreign.domain, "companyName": foreign.company_name});
    let added = [1, 2].map(|_| expect_success(as_provider.add_customer(with(world.addition(), same.clone()))));
    let ids = added.map(|added| added["customer"]["tenantId"].clone());
    assert!(ids[0] != ids[1] && !ids.contains(&json!(foreign.tenant_id)), "{ids:?}");
    assert_eq!(world.count("tenants"), before[0] + 2);
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn a_customer_of_one_partner_is_won_by_another_with_its_consent(#[case] backend: Backend) {
    let world = World::on(backend);
    // Q-02, T-04: a direct-bill partner sells to the same customer, with its own record.
    let direct = world.graph.direct_bill("Direct").add();
    let token = world.graph.token(&direct, &[Role::AdminAgent]);
    world.win(&token, &world.customer);
    let line = json!({"offerId": "A:1", "offerName": "A", "quantity": 2});
    expect_success(world.as_user(&token).submit_order(&world.customer, json!([line])));
    let provider =
        world.api.data(&world.token, "{ customers { nodes { companyName } } subscriptions { totalCount } }", json!({}));
    assert_eq!(provider["customers"]["nodes"], json!([{"companyName": "Contoso"}]));
    assert_eq!(provider["subscriptions"]["totalCount"], 1);
    assert_eq!(world.api.data(&token, COUNTS, json!({}))["subscriptions"]["totalCount"], 1);
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn a_former_customer_comes_back_when_it_accepts_again(#[case] backend: Backend) {
    let world = World::on(backend);
    world.graph.end_relationship(&world.provider, &world.customer);
    assert_eq!(world.api.data(&world.token, COUNTS, json!({}))["customers"]["totalCount"], 0);
    world.win(&world.token, &world.customer);
    assert_eq!(world.api.data(&world.token, COUNTS, json!({}))["customers"]["totalCount"], 1);
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn an_idempotency_key_adds_one_customer_and_returns_the_password_once(#[case] backend: Backend) {
    let world = World::on(backend);
    let as_provider = world.as_provider();
    let input = with(world.addition(), json!({"idempotencyKey": "new-1"}));
    let first = expect_success(as_provider.add_customer(input.clone()));
    let counts = world.row_counts();
    let again = expect_success(as_provider.add_customer(input.clone()));
    assert_eq!(again["customer"]["id"], first["customer"]["id"]);
    assert_eq!(again["order"], first["order"]);
    assert_eq!(again["subscriptions"], first["subscriptions"]);
    assert_eq!(again["credentials"], Value::Null);
    assert_eq!(world.row_counts(), counts);
    let other = as_provider.add_customer(with(input, json!({"companyName": "Another"})));
    assert_eq!(codes(&other), ["IDEMPOTENCY_KEY_REUSED"]);
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn simultaneous_requests_with_one_idempotency_key_add_one_customer(#[case] backend: Backend) {
    let world = World::on(backend);
    let with_key = world.as_provider().with(json!({"idempotencyKey": "at-once"}));
    let addition = world.addition();
    let responses: Vec<Value> = std::thread::scope(|scope| {
        let add = || with_key.add_customer(addition.clone());
        let threads: Vec<_> = (0..12).map(|_| scope.spawn(add)).collect();
        threads.into_iter().map(|thread| expect_success(thread.join().unwrap())).collect()
    });
    assert!(responses.iter().all(|response| response["customer"]["id"] == responses[0]["customer"]["id"]));
    assert_eq!(responses.iter().filter(|response| !response["credentials"].is_null()).count(), 1);
    assert_eq!((world.count("orders"), world.count("user_credentials")), (1, 1));
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn a_reseller_cannot_add_a_customer_without_a_provider(#[case] backend: Backend) {
    let world = World::on(backend);
    let token = world.graph.token(&world.reseller, &[Role::GlobalAdmin]);
    let alone = json!({"reseller": null, "lines": [{"offerId": "A:1", "offerName": "A", "quantity": 1}]});
    assert_eq!(rules(&world.as_user(&token).add_customer(with(world.addition(), alone))), ["T-03", "Q-01"]);
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn only_the_partner_and_operators_read_the_billing_profile(#[case] backend: Backend) {
    let world = World::on(backend);
    let added = expect_success(world.as_provider().add_customer(world.addition()));
    let tenant = &added["customer"]["tenantId"];
    let query = "query($by: CustomerLookup!) { customer(by: $by) { companyName billingProfile { email } } }";
    let by = json!({"by": {"tenantId": tenant}});
    let profile = |token: &str| world.api.data(token, query, by.clone())["customer"]["billingProfile"].clone();
    let expected = json!({"email": "bills@tailspin.example"});
    assert_eq!(profile(&world.token), expected);
    assert_eq!(profile(&world.graph.operator_token()), expected);
    assert_eq!(profile(&world.graph.token(&world.reseller, &[Role::GlobalAdmin])), Value::Null);
    // Another partner of the same customer does not see it.
    let direct = world.graph.direct_bill("Direct").add();
    let token = world.graph.token(&direct, &[Role::AdminAgent]);
    let tenant_id = TenantId(tenant.as_str().unwrap().parse().unwrap());
    world.win(&token, &Customer { tenant_id, ..world.customer.clone() });
    assert_eq!(profile(&token), Value::Null);
    assert_eq!(profile(&world.token), expected);
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn orders_and_billing_take_as_many_statements_for_one_customer_as_for_many(#[case] backend: Backend) {
    let query = "{ customers { nodes { billingProfile { email } orders(first: 3) { totalCount nodes { provider { name }
                  customer { companyName } lines { quantity subscription { quantity partnerOfRecord { name } } } } } } } }";
    let mut counts = Vec::new();
    for customers in [1, 4] {
        let world = World::on(backend);
        for _ in 0..customers {
            expect_success(
                world
                    .as_provider()
                    .add_customer(with(world.addition(), json!({"lines": [world.line(), world.line()]}))),
            );
        }
        let before = world.api.statements();
        world.api.data(&world.token, query, json!({}));
        // On SQLite, the orders below each customer take one statement.
        let lists = if backend == Backend::Sqlite { customers } else { 1 };
        counts.push(world.api.statements() - before - lists);
    }
    assert_eq!(counts[0], counts[1]);
}
