//! The customer's agreement: who attests it, for whom it counts, and that nothing is sold without it (C-03, C-31).

use partnergraph_store::Backend;
use partnergraph_store::sql::sql;
use rstest::rstest;
use serde_json::{Value, json};

use crate::orders::world::{ADD, ELIGIBILITY, World, assert_refused, codes, errors, expect_success, rules, with};
use crate::support::{Customer, Postgres, Role, Sqlite};

const CONFIRM: &str = "mutation($input: ConfirmCustomerAgreementInput!) { confirmCustomerAgreement(input: $input) {
  customer { tenantId agreements { type evidence acceptedAt acceptedBy { firstName lastName email phoneNumber } } }
  userErrors { code message field rule microsoftCode } } }";
const CONFIRM_ALL: &str =
    "mutation($input: ConfirmCustomerAgreementsInput!) { confirmCustomerAgreements(input: $input) {
  results { index customer { tenantId } userErrors { code message field rule microsoftCode } } succeeded failed } }";
const ORDER: &str = "mutation($input: SubmitOrderInput!) { submitOrder(input: $input) {
  userErrors { code message field rule microsoftCode } } }";
const UPDATE: &str = "mutation($input: UpdateSubscriptionInput!) { updateSubscription(input: $input) {
  userErrors { code message field rule microsoftCode } } }";
const UPGRADE: &str = "mutation($input: UpgradeSubscriptionInput!) { upgradeSubscription(input: $input) {
  userErrors { code message field rule microsoftCode } } }";
const SEEN: &str = "query($by: CustomerLookup!) { customer(by: $by) { agreements { evidence acceptedBy { email } }
  partners { partner { mpnId } rights { name allowed rule message } } } }";
const LISTED: &str =
    "query($filter: CustomerFilter) { customers(filter: $filter) { totalCount nodes { companyName } } }";

/// An attestation of that customer's agreement.
fn attested(customer: &Customer) -> Value {
    json!({"customer": {"tenantId": customer.tenant_id}, "dateAgreed": "2024-02-01",
           "acceptedBy": {"firstName": " Maria ", "lastName": "Wolska", "email": "maria@contoso.example"}})
}

impl World {
    /// The world whose customer has accepted nothing.
    fn without_agreement(backend: Backend) -> Self {
        let world = Self::on(backend);
        world.batch("DELETE FROM customer_agreements");
        world
    }

    /// An order of these lines for the world's customer.
    fn order(&self, lines: Value) -> Value {
        json!({"customer": {"tenantId": self.customer.tenant_id}, "lines": lines, "channel": "M365_PORTAL"})
    }

    /// The world's subscription with a change to it.
    fn on_subscription(&self, change: Value) -> Value {
        with(json!({"subscription": {"subscriptionId": self.subscription.subscription_id}}), change)
    }

    fn batch(&self, statement: &'static str) {
        self.graph.database.connect().execute(&sql(statement)).unwrap();
    }

    /// What is refused of an order, of more licences and of an upgrade, by the rules.
    fn sales(&self) -> [Vec<String>; 3] {
        let only_validated = json!({"validateOnly": true});
        let offer = json!({"toOfferId": "B:1", "toOfferName": "B", "channel": "M365_PORTAL"});
        [
            (ORDER, self.order(json!([self.line()]))),
            (UPDATE, self.on_subscription(json!({"quantity": 9}))),
            (UPGRADE, self.on_subscription(offer)),
        ]
        .map(|(document, input)| rules(&self.run(document, with(input, only_validated.clone()))))
    }

    fn seen_by(&self, token: &str) -> Value {
        self.api.data(token, SEEN, json!({"by": {"tenantId": self.customer.tenant_id}}))["customer"].clone()
    }

    fn listed(&self, filter: Value) -> Value {
        self.api.data(&self.token, LISTED, json!({ "filter": filter }))["customers"]["totalCount"].clone()
    }
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn nothing_is_sold_before_the_agreement_is_confirmed(#[case] backend: Backend) {
    let world = World::without_agreement(backend);
    assert_eq!(world.sales(), [["C-03"], ["C-03"], ["C-03"]]);
    let answer = world.run(ORDER, world.order(json!([world.line()])));
    assert_refused(&answer, "C-03", Some(13_605));
    assert!(answer["userErrors"][0]["message"].as_str().unwrap().contains("Confirm"), "{answer:#}");
    expect_success(world.run(UPDATE, world.on_subscription(json!({"quantity": 4, "autoRenewEnabled": true}))));

    let confirmed = expect_success(world.run(CONFIRM, attested(&world.customer)));
    let agreement = json!({"type": "MICROSOFT_CUSTOMER_AGREEMENT", "evidence": "ATTESTED", "acceptedAt": "2024-02-01T00:00:00Z",
        "acceptedBy": {"firstName": "Maria", "lastName": "Wolska", "email": "maria@contoso.example", "phoneNumber": null}});
    assert_eq!(confirmed["customer"], json!({"tenantId": world.customer.tenant_id, "agreements": [agreement]}));
    assert_eq!(world.sales(), [[] as [&str; 0], [], []]);
    expect_success(world.run(ORDER, world.order(json!([world.line()]))));
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn an_attestation_names_a_person_and_a_day_and_is_made_once(#[case] backend: Backend) {
    let world = World::without_agreement(backend);
    let input = attested(&world.customer);
    let bad = json!({"dateAgreed": "9999-12-31", "acceptedBy": {"firstName": " ", "lastName": "", "email": "maria"}});
    let answer = world.run(CONFIRM, with(input.clone(), bad));
    assert_eq!(rules(&answer), ["C-31"; 4]);
    let fields: Vec<Value> = errors(&answer).into_iter().map(|error| error["field"].clone()).collect();
    assert_eq!(
        json!(fields),
        json!([["acceptedBy", "firstName"], ["acceptedBy", "lastName"], ["acceptedBy", "email"], ["dateAgreed"]])
    );
    assert!(errors(&answer).iter().all(|error| error["microsoftCode"] == 13_605));
    expect_success(world.run(CONFIRM, with(input.clone(), json!({"validateOnly": true}))));
    assert_eq!(world.count("customer_agreements"), 0, "only validated");

    expect_success(world.run(CONFIRM, input.clone()));
    assert_eq!(codes(&world.run(CONFIRM, input.clone())), ["AGREEMENT_ALREADY_CONFIRMED"]);
    // A changed one adds a record, and neither can be repeated.
    let later = with(input.clone(), json!({"dateAgreed": "2024-02-02"}));
    let both = expect_success(world.run(CONFIRM, later.clone()))["customer"]["agreements"].clone();
    assert_eq!(
        (&both[0]["acceptedAt"], &both[1]["acceptedAt"]),
        (&json!("2024-02-02T00:00:00Z"), &json!("2024-02-01T00:00:00Z"))
    );
    for again in [input, later] {
        assert_refused(&world.run(CONFIRM, again), "C-31", Some(13_605));
    }
    assert_eq!(world.count("customer_agreements"), 2);
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn only_the_seller_of_the_customer_attests(#[case] backend: Backend) {
    let world = World::without_agreement(backend);
    let input = attested(&world.customer);
    let only_validated = with(input.clone(), json!({"validateOnly": true}));
    for (role, allowed) in [
        (Role::GlobalAdmin, true),
        (Role::AdminAgent, true),
        (Role::SalesAgent, true),
        (Role::UserAdmin, false),
        (Role::HelpdeskAgent, false),
    ] {
        let token = world.graph.token(&world.provider, &[role]);
        let answer = world.run_as(&token, CONFIRM, only_validated.clone());
        assert_eq!(answer["userErrors"] == json!([]), allowed, "{role:?}: {answer:#}");
        if !allowed {
            assert_refused(&answer, "A-01", Some(900_150));
        }
    }
    // A reseller sells nothing itself; others do not see the customer.
    let own = world.graph.customer_also_of(&world.reseller, &world.customer);
    let reseller = world.graph.token(&world.reseller, &[Role::GlobalAdmin]);
    assert_refused(&world.run_as(&reseller, CONFIRM, attested(&own)), "A-01", Some(900_150));
    let stranger = world.graph.token(&world.graph.provider("Stranger").add(), &[Role::GlobalAdmin]);
    assert_eq!(codes(&world.run_as(&stranger, CONFIRM, input.clone())), ["NOT_FOUND"]);
    for other in [world.graph.customer_token(&world.customer), world.graph.operator_token()] {
        assert_eq!(rules(&world.run_as(&other, CONFIRM, input.clone())), ["A-01"]);
    }
    world.batch("UPDATE reseller_relationships SET relationship_to_partner = 'ADVISOR'");
    assert_eq!(rules(&world.run(CONFIRM, input)), ["C-01"]);
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn several_are_attested_at_once(#[case] backend: Backend) {
    let world = World::without_agreement(backend);
    let second = world.graph.customer(&world.provider, "Tailspin");
    let late = with(attested(&second), json!({"dateAgreed": "9999-12-31"}));
    let items = json!([attested(&world.customer), late, attested(&second), attested(&second)]);
    let answer = world.run(CONFIRM_ALL, json!({"errorPolicy": "REJECT_EVERYTHING", "items": items}));
    assert_eq!((&answer["succeeded"], &answer["failed"]), (&json!(0), &json!(4)));
    let of = |answer: &Value, at: usize| rules(&answer["results"][at]);
    assert_eq!(
        (of(&answer, 0), of(&answer, 1), of(&answer, 3)),
        (vec![], vec!["C-31".to_owned()], vec!["C-31".to_owned()])
    );
    assert_eq!(answer["results"][1]["userErrors"][0]["field"], json!(["items", "1", "dateAgreed"]));
    assert_eq!(world.count("customer_agreements"), 1, "that of the second customer, which it accepted itself");

    let some = json!({"errorPolicy": "REJECT_FAILED_ROWS", "items": items});
    let tried = world.run(CONFIRM_ALL, with(some.clone(), json!({"validateOnly": true})));
    assert_eq!((&tried["succeeded"], world.count("customer_agreements")), (&json!(2), 1));
    let answer = world.run(CONFIRM_ALL, some);
    assert_eq!((&answer["succeeded"], &answer["failed"]), (&json!(2), &json!(2)));
    assert_eq!(answer["results"][0]["customer"]["tenantId"], json!(world.customer.tenant_id));
    assert_eq!(
        (&answer["results"][1]["customer"], codes(&answer["results"][3])),
        (&Value::Null, vec!["AGREEMENT_ALREADY_CONFIRMED".to_owned()])
    );
    assert_eq!(world.count("customer_agreements"), 3);
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn what_a_partner_attests_counts_for_it_alone_and_is_read_by_no_other(#[case] backend: Backend) {
    let world = World::without_agreement(backend);
    let direct = world.graph.direct_bill("Adatum").add();
    world.graph.customer_also_of(&direct, &world.customer);
    let theirs = world.graph.token(&direct, &[Role::GlobalAdmin]);
    // Adatum has the customer's own acceptance, Northwind has nothing.
    assert_eq!(world.seen_by(&theirs)["agreements"][0]["evidence"], "ACCEPTED");
    assert_eq!(world.seen_by(&world.token)["agreements"], json!([]));
    assert_eq!(world.sales()[0], ["C-03"]);
    assert_eq!(
        (world.listed(json!({"agreements": {}})), world.listed(json!({"not": {"agreements": {}}}))),
        (json!(0), json!(1))
    );

    expect_success(world.run(CONFIRM, attested(&world.customer)));
    assert_eq!(world.seen_by(&theirs)["agreements"].as_array().unwrap().len(), 1);
    assert!(!world.seen_by(&theirs).to_string().contains("maria@contoso.example"));
    let history = "{ customers { nodes { history { nodes { operationType changes { field after } } } } } }";
    assert!(!world.api.data(&theirs, history, json!({})).to_string().contains("Wolska"));
    let evidence = |word: &str| world.listed(json!({"agreements": {"evidence": {"eq": word}}}));
    assert_eq!((evidence("ATTESTED"), evidence("ACCEPTED")), (json!(1), json!(0)));
    // The customer reads what every partner says of it, and so does an operator.
    for token in [world.graph.customer_token(&world.customer), world.graph.operator_token()] {
        let all = world.seen_by(&token)["agreements"].clone();
        let all: Vec<&str> = all.as_array().unwrap().iter().map(|one| one["evidence"].as_str().unwrap()).collect();
        assert_eq!(all, ["ATTESTED", "ACCEPTED"]);
    }
    // The attestation of one partner is not that of the customer: its agreement is still asked for (C-10).
    assert_eq!(world.sales()[0], [] as [&str; 0]);
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn rights_say_what_the_mutations_then_do(#[case] backend: Backend) {
    let world = World::on(backend);
    for relationship in ["RESELLER", "ADVISOR"] {
        for evidence in [None, Some("ACCEPTED"), Some("ATTESTED"), Some("PORTAL")] {
            let mut conn = world.graph.database.connect();
            conn.execute(&sql(format!("UPDATE reseller_relationships SET relationship_to_partner = '{relationship}'")))
                .unwrap();
            conn.execute(&sql("DELETE FROM customer_agreements")).unwrap();
            if let Some(evidence) = evidence {
                let at = if evidence == "PORTAL" { "NULL" } else { "'2026-01-01 00:00:00'" };
                conn.execute(&sql(format!(
                    "INSERT INTO customer_agreements (customer_id, partner_id, evidence, accepted_at, recorded_by, recorded_at) \
                     VALUES ({}, {}, '{evidence}', {at}, 'a test', '2026-01-01 00:00:00')",
                    world.customer.id, world.provider.id
                )))
                .unwrap();
            }
            let rights = world.seen_by(&world.token)["partners"][0]["rights"].clone();
            let order = rights.as_array().unwrap().iter().find(|right| right["name"] == "ORDER").unwrap().clone();
            let sale =
                json!({"seller": {"mpnId": world.provider.mpn_id}, "customerTenantId": world.customer.tenant_id});
            let eligibility = world.run(ELIGIBILITY, sale);
            let verdicts = eligibility["verdicts"].as_array().unwrap();
            let agreed = verdicts.iter().find(|verdict| verdict["rule"] == "C-03").unwrap();
            assert_eq!(agreed["passed"], order["allowed"], "{relationship} {evidence:?}: {agreed}");
            for refusals in world.sales() {
                let sold = !refusals.contains(&"C-03".to_owned());
                assert_eq!(order["allowed"], sold, "{relationship} {evidence:?}: {order} {refusals:?}");
            }
        }
    }
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn a_new_customer_comes_with_its_agreement(#[case] backend: Backend) {
    let world = World::on(backend);
    let made = world.row_counts();
    let without = with(world.addition(), json!({"customerAgreement": null}));
    let answer = world.run(ADD, without);
    assert_refused(&answer, "C-03", Some(13_605));
    assert_eq!(answer["userErrors"][0]["field"], json!(["customerAgreement"]));
    let mut late = world.addition();
    late["customerAgreement"]["dateAgreed"] = json!("9999-12-31");
    let answer = world.run(ADD, late);
    assert_eq!(
        (rules(&answer), &answer["userErrors"][0]["field"]),
        (vec!["C-31".to_owned()], &json!(["customerAgreement", "dateAgreed"]))
    );
    assert_eq!(world.row_counts(), made);
    let added = expect_success(world.run(ADD, world.addition()));
    assert_eq!(added["customer"]["agreements"][0]["evidence"], "ATTESTED");
    assert_eq!(added["customer"]["agreements"][0]["acceptedBy"]["email"], "maria@example.com");
}
