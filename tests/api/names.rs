//! Names and labels in every input of every mutation that has one.

use std::collections::BTreeSet;

use rstest::rstest;
use serde_json::{Value, json};

use crate::api::caller::Api;
use crate::support::{Backend, Postgres, Sqlite};

const TYPES: &str = "{ __schema { mutationType { fields { name args { name type { ...T } } } } \
     types { name kind isOneOf enumValues { name } inputFields { name defaultValue type { ...T } } } } } \
     fragment T on __Type { kind name ofType { kind name ofType { kind name ofType { kind name } } } }";

/// Texts that are not names: secrets and keys, multi-line texts, and values that are looked up or parsed.
const NO_NAMES: &[&str] = &[
    "token",
    "reviewToken",
    "idempotencyKey",
    "message",
    "note",
    "map",
    "delimiter",
    "upload",
    "website",
    "mpnId",
    "globalMpnId",
];

struct Types(Value);

impl Types {
    fn get(&self, name: &str) -> &Value {
        self.0["types"].as_array().unwrap().iter().find(|kind| kind["name"] == name).unwrap()
    }

    /// A minimal value of a type.
    fn value(&self, of: &Value) -> Value {
        let name = of["name"].as_str().unwrap_or_default();
        match of["kind"].as_str().unwrap() {
            "NON_NULL" => self.value(&of["ofType"]),
            "LIST" => json!([self.value(&of["ofType"])]),
            "ENUM" => self.get(name)["enumValues"][0]["name"].clone(),
            "INPUT_OBJECT" => self.object(name, None),
            _ => match name {
                "Boolean" => json!(true),
                "Int" | "Float" => json!(1),
                "UUID" => json!("d2c3f0a1-5b6e-4f70-8a91-b2c3d4e5f607"),
                "CountryCode" => json!("PL"),
                "Date" => json!("2026-03-01"),
                "DateTime" => json!("2026-03-01T09:00:00Z"),
                _ => json!("x"),
            },
        }
    }

    /// An input object with its required fields, and with that value of one field.
    fn object(&self, name: &str, with: Option<(&str, Value)>) -> Value {
        let kind = self.get(name);
        let mut object = json!({});
        let fields = kind["inputFields"].as_array().unwrap();
        for field in fields {
            if field["type"]["kind"] == "NON_NULL" && field["defaultValue"].is_null() {
                object[field["name"].as_str().unwrap()] = self.value(&field["type"]);
            }
        }
        if kind["isOneOf"] == true && with.is_none() {
            object[fields[0]["name"].as_str().unwrap()] = self.value(&fields[0]["type"]);
        }
        if let Some((field, value)) = with {
            object[field] = value;
        }
        object
    }

    /// Every way to place `text` in a text field below that input object: the path and the object. Lookup fields name existing
    /// entities.
    fn ways(&self, name: &str, text: &str, seen: &mut Vec<String>) -> Vec<(String, Value)> {
        if self.get(name)["isOneOf"] == true || seen.iter().any(|known| known == name) {
            return Vec::new();
        }
        seen.push(name.to_owned());
        let mut ways = Vec::new();
        for field in self.get(name)["inputFields"].as_array().unwrap() {
            let at = field["name"].as_str().unwrap();
            let (of, is_list) = named(&field["type"]);
            let wrapped = |value: Value| if is_list { json!([value]) } else { value };
            if of["name"] == "String" {
                ways.push((at.to_owned(), self.object(name, Some((at, wrapped(json!(text)))))));
            } else if of["kind"] == "INPUT_OBJECT" {
                for (below, value) in self.ways(of["name"].as_str().unwrap(), text, seen) {
                    ways.push((format!("{at}.{below}"), self.object(name, Some((at, wrapped(value))))));
                }
            }
        }
        seen.pop();
        ways
    }
}

/// The type of a field, and whether it is a list.
fn named(of: &Value) -> (&Value, bool) {
    match of["kind"].as_str().unwrap() {
        "NON_NULL" => named(&of["ofType"]),
        "LIST" => (named(&of["ofType"]).0, true),
        _ => (of, false),
    }
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
#[tokio::test]
async fn a_name_has_no_control_characters_and_is_not_longer_than_256(#[case] backend: Backend) {
    let api = Api::on(backend);
    let token = api.admin(&api.graph.provider("Northwind").add());
    let types = Types(api.ask(&token, TYPES, json!({})).await["__schema"].take());
    let long = "ż".repeat(257);
    let mut places = BTreeSet::new();
    for field in types.0["mutationType"]["fields"].as_array().unwrap() {
        let (mutation, argument) = (field["name"].as_str().unwrap(), &field["args"][0]);
        let input = argument["type"]["ofType"]["name"].as_str().unwrap();
        let document = format!("mutation($input: {input}!) {{ {mutation}(input: $input) {{ __typename }} }}");
        for text in ["Con\u{1b}[31mtoso", "Con\ntoso", "Contoso\u{202e}", long.as_str()] {
            for (place, value) in types.ways(input, text, &mut Vec::new()) {
                // The texts of a filter are compared, not stored.
                if NO_NAMES.contains(&place.rsplit('.').next().unwrap()) || place.starts_with("filter.") {
                    continue;
                }
                let answer = api.answer(Some(&token), &document, json!({ "input": value })).await;
                let error = &answer["errors"][0];
                assert_eq!(error["extensions"]["code"], "BAD_USER_INPUT", "{mutation} {place}: {answer}");
                let message = error["message"].as_str().unwrap();
                assert!(message.contains("the name or label \""), "{mutation} {place}: {message}");
                places.insert(format!("{mutation}.{place}"));
            }
        }
    }
    for place in [
        "addCustomer.companyName",
        "updateCustomer.tags",
        "enrollPartner.primaryContact.firstName",
        "submitOrder.lines.friendlyName",
        "updatePartnerProfile.directory.programs",
    ] {
        assert!(places.contains(place), "{place} is not among {places:?}");
    }
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
#[tokio::test]
async fn a_name_of_256_characters_is_stored_unchanged(#[case] backend: Backend) {
    let api = Api::on(backend);
    let provider = api.graph.provider("Northwind").add();
    let customer = api.graph.customer(&provider, "Contoso");
    let name = "Ż".repeat(256);
    let input = json!({"customer": {"tenantId": customer.tenant_id}, "companyName": name});
    let document =
        "mutation($input: UpdateCustomerInput!) { updateCustomer(input: $input) { customer { companyName } } }";
    let answer = api.ask(&api.admin(&provider), document, json!({ "input": input })).await;
    assert_eq!(answer["updateCustomer"]["customer"]["companyName"], name);
}
