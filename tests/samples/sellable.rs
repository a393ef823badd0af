//! An imported book can be worked with: each customer can be ordered for, or is listed for attestation, or the answer says which rule
//! is in the way.

use std::collections::BTreeSet;

use rstest::rstest;
use serde_json::{Value, json};

use super::{PROVIDER, Program};
use crate::support::{Api, Backend, Postgres, Sqlite, TestDatabase};

const CUSTOMERS: &str = "query($filter: CustomerFilter, $after: String) { customers(filter: $filter, first: 100, after: $after) {
  nodes { tenantId country agreements { evidence acceptedAt acceptedBy { email } } } pageInfo { hasNextPage endCursor } } }";
const ORDER: &str =
    "mutation($input: SubmitOrderInput!) { submitOrder(input: $input) { userErrors { message rule } } }";
const CONFIRM: &str = "mutation($input: ConfirmCustomerAgreementsInput!) { confirmCustomerAgreements(input: $input) {
  results { userErrors { code } } succeeded failed } }";

fn customers(api: &Api, token: &str, filter: &Value) -> Vec<Value> {
    let (mut all, mut after) = (Vec::new(), Value::Null);
    loop {
        let page = api.data(token, CUSTOMERS, json!({ "filter": filter, "after": after }))["customers"].clone();
        all.extend(page["nodes"].as_array().unwrap().iter().cloned());
        if page["pageInfo"]["hasNextPage"] == false {
            return all;
        }
        after = page["pageInfo"]["endCursor"].clone();
    }
}

/// The rules against an order for that customer.
fn refusals(api: &Api, token: &str, customer: &Value) -> BTreeSet<String> {
    let line = json!({"offerId": "CFQ7TTC0LH18:0001", "offerName": "Microsoft 365 Business Basic", "quantity": 1});
    let input = json!({"customer": {"tenantId": customer["tenantId"]}, "lines": [line], "channel": "PARTNER_CENTER", "validateOnly": true});
    let answer = api.data(token, ORDER, json!({ "input": input }));
    let errors = answer["submitOrder"]["userErrors"].as_array().unwrap().clone();
    assert!(errors.iter().all(|error| error["message"].as_str().unwrap().len() > 20), "{errors:?}");
    errors.iter().map(|error| error["rule"].as_str().unwrap_or("-").to_owned()).collect()
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn each_imported_customer_can_be_ordered_for_or_the_answer_says_why_not(#[case] backend: Backend) {
    let database = TestDatabase::on(backend);
    let program = Program(database.url_text());
    program.accounts();
    program.import_all();
    let token =
        program.done(&["token", "create", "--org", PROVIDER, "--user", "ola@vistula.example", "--role", "SALES_AGENT"]);
    let api = Api::on(&database);
    let waiting = customers(&api, &token, &json!({"not": {"agreements": {}}}));
    let listed: BTreeSet<&str> = waiting.iter().map(|one| one["tenantId"].as_str().unwrap()).collect();
    let all = customers(&api, &token, &json!({}));
    let mut proved = 0;
    for customer in &all {
        let mut expected = BTreeSet::new();
        if customer["country"].is_null() {
            expected.insert("Q-14".to_owned());
        }
        if listed.contains(customer["tenantId"].as_str().unwrap()) {
            expected.insert("C-03".to_owned());
            assert_eq!(customer["agreements"], json!([]));
        } else {
            // C-32: what the invoices show.
            let proof = json!([{"evidence": "PORTAL", "acceptedAt": null, "acceptedBy": null}]);
            assert_eq!(customer["agreements"], proof);
            proved += 1;
        }
        assert_eq!(refusals(&api, &token, customer), expected, "{customer}");
    }
    assert!(proved > 500 && !listed.is_empty(), "{proved} of {}", all.len());

    let attested = |tenant_id: &&str| {
        json!({"customer": {"tenantId": tenant_id}, "dateAgreed": "2024-02-01",
               "acceptedBy": {"firstName": "Maria", "lastName": "Wolska", "email": "maria@example.com"}})
    };
    let items: Vec<Value> = listed.iter().map(attested).collect();
    let input = json!({"errorPolicy": "REJECT_EVERYTHING", "items": items});
    let answer = api.data(&token, CONFIRM, json!({ "input": input }))["confirmCustomerAgreements"].clone();
    assert_eq!((&answer["succeeded"], &answer["failed"]), (&json!(listed.len()), &json!(0)));
    assert_eq!(customers(&api, &token, &json!({"not": {"agreements": {}}})), [] as [Value; 0]);
    assert!(waiting.iter().all(|customer| !refusals(&api, &token, customer).contains("C-03")));
}
