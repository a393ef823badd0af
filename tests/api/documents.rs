//! Requirements of the specification on documents and variables where the GraphQL library differs from it, and the cost limit of
//! operations.

use partnergraph::graphql::schema;
use partnergraph_gate::{Gate, GateRequest};
use partnergraph_gate::{Trusted, as_variables};
use rstest::rstest;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::api::caller::Api;
use crate::support::{Backend, Postgres, Role, Sqlite};

/// The number of times that the provider's profile was written.
async fn versions(api: &Api, token: &str) -> i64 {
    let viewer = "{ viewer { organization { ... on Partner { version } } } }";
    api.ask(token, viewer, json!({})).await["viewer"]["organization"]["version"].as_i64().unwrap()
}

const RENAME: &str = "updatePartnerProfile(input: {capabilities: [$CAPABILITY]}) { userErrors { code } }";

fn rename(capability: &str) -> String {
    RENAME.replace("$CAPABILITY", capability)
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
#[tokio::test]
async fn a_mutation_runs_as_often_as_the_specification_says(#[case] backend: Backend) {
    let api = Api::on(backend);
    let token = api.admin(&api.graph.provider("Northwind").add());
    let before = versions(&api, &token).await;
    // Selected twice with the same response key, it is one field.
    let twice = format!("mutation {{ {0} ...again }} fragment again on Mutation {{ {0} }}", rename("SUPPORT"));
    api.ask(&token, &twice, json!({})).await;
    assert_eq!(versions(&api, &token).await, before + 1);
    // The default of a variable applies to `@skip` as well.
    let skipped =
        format!("mutation ($dry: Boolean = true) {{ __typename ... @skip(if: $dry) {{ {} }} }}", rename("BILLING"));
    assert_eq!(api.ask(&token, &skipped, json!({})).await, json!({"__typename": "Mutation"}));
    assert_eq!(versions(&api, &token).await, before + 1);
    api.ask(&token, &skipped, json!({"dry": false})).await;
    assert_eq!(versions(&api, &token).await, before + 2);
    // A missing variable rejects the request before its first field is executed.
    let second = format!(
        "mutation ($id: UUID!) {{ {} clearSupportContact(input: {{subscription: {{subscriptionId: $id}}}}) {{ userErrors {{ code }} }} }}",
        rename("TRAINING")
    );
    for variables in [json!({}), json!({"id": "x"}), json!({"id": null})] {
        let answer = api.answer(Some(&token), &second, variables).await;
        assert_eq!(answer["data"], json!(null), "{answer}");
        assert!(answer["errors"][0]["message"].as_str().unwrap().to_lowercase().contains("id"), "{answer}");
    }
    assert_eq!(versions(&api, &token).await, before + 2);
}

#[tokio::test]
async fn documents_that_the_library_would_wrongly_accept_are_refused() {
    let api = Api::on(Sqlite);
    let token = api.admin(&api.graph.provider("Northwind").add());
    for (document, code) in [
        ("{ __typename { id } }", "GRAPHQL_VALIDATION_FAILED"),
        ("{ __typename(x: 1) }", "GRAPHQL_VALIDATION_FAILED"),
        (
            "{ customers(filter: {domain: {eq: \"a\"}, domain: {eq: \"b\"}}) { totalCount } }",
            "GRAPHQL_VALIDATION_FAILED",
        ),
        ("{ customers { nodes { a: domain ... on Customer { a: country } } } }", "GRAPHQL_VALIDATION_FAILED"),
        (
            "{ customers { nodes { ...x a: domain } } } fragment x on Customer { a: companyName }",
            "GRAPHQL_VALIDATION_FAILED",
        ),
        (
            "query ($ids: ID!) { nodes(ids: [$ids]) { id } node(id: $ids) { ...on Customer { tags(x: $ids) } } }",
            "GRAPHQL_VALIDATION_FAILED",
        ),
        ("query ($ids: [ID!]!) { node(id: $ids) { id } }", "GRAPHQL_VALIDATION_FAILED"),
        ("{ nodes(ids: []) { id } nodes(ids: [\"x\"]) { id } }", "GRAPHQL_VALIDATION_FAILED"),
        ("query ($by: CustomerLookup!) { customer(by: $by) { id } }", "BAD_USER_INPUT"),
    ] {
        let answer = api.answer(Some(&token), document, json!({"by": {"domain": "a", "id": null}, "ids": "x"})).await;
        assert_eq!(answer["errors"][0]["extensions"]["code"], code, "{document}: {answer}");
        assert_eq!(answer["data"], json!(null), "{document}");
    }
    // The location of an error, without a picture of the document.
    let answer = api.answer(Some(&token), "{\n  customers {", json!({})).await;
    assert_eq!(answer["errors"][0]["locations"][0]["line"], 2, "{answer}");
    assert!(!answer["errors"][0]["message"].as_str().unwrap().contains('\n'), "{answer}");
    // Of many errors, nine and the total number are reported.
    let many: String = (0..40).map(|n| format!("nothing{n} ")).collect();
    let errors = api.answer(Some(&token), &format!("{{ {many} }}"), json!({})).await["errors"].take();
    assert_eq!(errors.as_array().unwrap().len(), 10);
    assert_eq!(errors[9]["message"], "… and 31 more errors");
    assert_eq!(errors[9]["extensions"]["code"], "MORE_ERRORS");
}

#[tokio::test]
async fn documents_that_the_library_would_wrongly_refuse_are_executed() {
    let api = Api::on(Sqlite);
    let provider = api.graph.provider("Northwind").add();
    let token = api.admin(&provider);
    api.graph.customer(&provider, "\u{1F600}");
    let smile = "{ customers(filter: {companyName: {eq: \"\\u{1F600}\"}}) { totalCount } }";
    assert_eq!(api.ask(&token, smile, json!({})).await["customers"]["totalCount"], 1);
    // The fields with the same response key are one field, in the order of first occurrence.
    let merged = "{ customers { totalCount ...a nodes { domain } } } fragment a on CustomerConnection { nodes { companyName } totalCount }";
    let data = api.ask(&token, merged, json!({})).await;
    let keys: Vec<&String> = data["customers"].as_object().unwrap().keys().collect();
    assert_eq!(keys, ["totalCount", "nodes"]);
    let entry: Vec<&String> = data["customers"]["nodes"][0].as_object().unwrap().keys().collect();
    assert_eq!(entry, ["companyName", "domain"]);
    // A field that fails does not affect others.
    let answer = api
        .answer(Some(&token), "{ bad: customers(first: 101) { totalCount } good: customers { totalCount } }", json!({}))
        .await;
    assert_eq!(answer["data"], json!({"bad": null, "good": {"totalCount": 1}}));
    assert_eq!(answer["errors"][0]["path"], json!(["bad"]));
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
#[tokio::test]
async fn a_mutation_with_a_syntax_error_is_not_executed_without_the_faulty_part(#[case] backend: Backend) {
    let api = Api::on(backend);
    let token = api.admin(&api.graph.provider("Northwind").add());
    let before = versions(&api, &token).await;
    for input in [
        "capabilities: [TRAINING] validateOnly true",
        "capabilities: [TRAINING] validateOnly",
        "capabilities: [TRAINING, validateOnly: true]",
    ] {
        let mutation = format!("mutation {{ updatePartnerProfile(input: {{{input}}}) {{ userErrors {{ code }} }} }}");
        assert_eq!(api.code(&token, &mutation, json!({})).await, "GRAPHQL_PARSE_FAILED", "{input}");
    }
    for document in [
        "{ __typename @skip(if: true x) }",
        "query ($b: Boolean!) { customers { nodes @include(if: $b __typename) { id } } }",
    ] {
        assert_eq!(api.code(&token, document, json!({"b": true})).await, "GRAPHQL_PARSE_FAILED", "{document}");
    }
    assert_eq!(versions(&api, &token).await, before);
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
#[tokio::test]
async fn a_successful_mutation_is_returned_even_if_another_has_invalid_input(#[case] backend: Backend) {
    let api = Api::on(backend);
    let token = api.admin(&api.graph.provider("Northwind").add());
    let before = versions(&api, &token).await;
    let bad =
        "updateCustomer(input: {customer: {domain: \"c.example\"}, companyName: \"a\\u0007\"}) { userErrors { code } }";
    let answer =
        api.answer(Some(&token), &format!("mutation {{ good: {} bad: {bad} }}", rename("SUPPORT")), json!({})).await;
    assert_eq!(answer["data"], json!({"good": {"userErrors": []}, "bad": null}), "{answer}");
    assert_eq!(answer["errors"][0]["path"], json!(["bad"]));
    assert_eq!(versions(&api, &token).await, before + 1);
    // -0 is an integer, and any integer is an id.
    for query in [
        "{ customers(first: -0) { totalCount } }",
        "{ node(id: 9223372036854775808) { id } }",
        "{ nodes(ids: [1, \"x\"]) { id } }",
    ] {
        assert!(api.answer(Some(&token), query, json!({})).await.get("errors").is_none(), "{query}");
    }
}

#[tokio::test]
async fn introspection_is_limited_to_what_tools_need() {
    let api = Api::on(Sqlite);
    let circle = |times: usize| {
        let (open, close) = ("possibleTypes { interfaces { ".repeat(times), "} } ".repeat(times));
        format!("{{ __schema {{ types {{ {open} name {close} }} }} }}")
    };
    for times in [4, 5, 7] {
        let answer = api.answer(None, &circle(times), json!({})).await;
        assert_eq!(answer["errors"][0]["extensions"]["code"], "QUERY_TOO_EXPENSIVE", "{times}");
    }
    let wide = "{ __schema { types { possibleTypes { fields { name description args { name type { name description } } } } } } }";
    assert_eq!(api.answer(None, wide, json!({})).await["errors"][0]["extensions"]["code"], "QUERY_TOO_EXPENSIVE");
    let tools = "query { __schema { description queryType { name } mutationType { name } subscriptionType { name } \
                 types { ...T } directives { name description isRepeatable locations args(includeDeprecated: true) { ...I } } } } \
                 fragment T on __Type { kind name description specifiedByURL isOneOf \
                 fields(includeDeprecated: true) { name description args(includeDeprecated: true) { ...I } type { ...R } isDeprecated deprecationReason } \
                 inputFields(includeDeprecated: true) { ...I } interfaces { ...R } \
                 enumValues(includeDeprecated: true) { name description isDeprecated deprecationReason } possibleTypes { ...R } } \
                 fragment I on __InputValue { name description type { ...R } defaultValue isDeprecated deprecationReason } \
                 fragment R on __Type { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name \
                 ofType { kind name ofType { kind name ofType { kind name ofType { kind name } } } } } } } } } }";
    let answer = api.answer(None, tools, json!({})).await;
    assert!(
        answer["data"]["__schema"]["types"].as_array().is_some_and(|types| types.len() > 200),
        "{}",
        answer["errors"]
    );
    assert_eq!(api.answer(None, "mutation { __typename }", json!({})).await["data"], json!({"__typename": "Mutation"}));
}

/// The gate's response to a custom request.
async fn sent(gate: &Gate, request: GateRequest) -> (Option<String>, Value) {
    let response = gate.execute(request).await;
    let answer = serde_json::to_value(response).unwrap();
    (answer["errors"][0]["extensions"]["code"].as_str().map(str::to_owned), answer)
}

#[tokio::test]
async fn a_query_that_costs_too_much_is_refused_with_a_page_size_that_passes() {
    let api = Api::on(Sqlite);
    let token = api.admin(&api.graph.provider("Northwind").add());
    let query = |first: u64| {
        format!(
            "{{ customers(first: {first}) {{ nodes {{ subscriptions(first: 100) {{ nodes {{ id offerName quantity status }} }} }} }} }}"
        )
    };
    let answer = api.answer(Some(&token), &query(100), json!({})).await;
    let error = &answer["errors"][0];
    assert_eq!(error["extensions"]["code"], "QUERY_TOO_EXPENSIVE", "{answer}");
    assert_eq!(error["extensions"]["field"], "customers");
    let first = error["extensions"]["first"].as_u64().unwrap();
    assert!(error["message"].as_str().unwrap().contains(&format!("`first: {first}`")), "{error}");
    api.ask(&token, &query(first), json!({})).await;
    assert_eq!(api.code(&token, &query(first + 1), json!({})).await, "QUERY_TOO_EXPENSIVE");
    // The page size is that of the variable, the variable's default, or the default page size.
    let by = "query ($n: Int = 100) { customers(first: $n) { nodes { subscriptions { nodes { id customer { subscriptions { nodes { id } } } } } } } }";
    assert_eq!(api.code(&token, by, json!({})).await, "QUERY_TOO_EXPENSIVE");
    api.ask(&token, by, json!({"n": 1})).await;
    // The cost is reported on request.
    let gate = Gate::new(schema(), api.database.clone());
    let request = GateRequest {
        query: "{ customers(first: 3) { nodes { id domain } } }".to_owned(),
        token: Some(token),
        report_cost: true,
        ..GateRequest::default()
    };
    let (_, answer) = sent(&gate, request).await;
    assert_eq!(answer["extensions"]["cost"], json!({"requested": 10, "max": 50_000}));
}

#[tokio::test]
async fn documents_are_stored_by_hash_and_can_be_restricted_to_trusted_ones() {
    let api = Api::on(Sqlite);
    let token = api.admin(&api.graph.provider("Northwind").add());
    let text = "{ customers { totalCount } }";
    let hash = hex::encode(Sha256::digest(text));
    let request = |query: &str, persisted: Option<&str>| GateRequest {
        query: query.to_owned(),
        persisted: persisted.map(str::to_owned),
        token: Some(token.clone()),
        variables: as_variables(json!({})),
        ..GateRequest::default()
    };
    let gate = Gate::new(schema(), api.database.clone());
    assert_eq!(sent(&gate, request("", Some(&hash))).await.0.as_deref(), Some("PERSISTED_QUERY_NOT_FOUND"));
    assert_eq!(sent(&gate, request("{ __typename }", Some(&hash))).await.0.as_deref(), Some("BAD_REQUEST"));
    assert_eq!(sent(&gate, request(text, Some(&hash))).await.0, None);
    assert_eq!(sent(&gate, request("", Some(&hash))).await.1["data"]["customers"]["totalCount"], 0);
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("customers.graphql"), text).unwrap();
    let gate = gate.trusting_only(Some(std::sync::Arc::new(Trusted::read(folder.path(), &schema()).unwrap())));
    assert_eq!(sent(&gate, request("", Some(&hash))).await.0, None);
    assert_eq!(sent(&gate, request(text, None)).await.0, None);
    assert_eq!(sent(&gate, request("{ __typename }", None)).await.0.as_deref(), Some("DOCUMENT_NOT_TRUSTED"));
    // In the form that clients print after parsing, but not with changes.
    assert_eq!(sent(&gate, request("{\n  customers {\n    totalCount # all\n  }\n}\n", None)).await.0, None);
    for other in
        ["{ customers { totalCount __typename } }", "{ customers(first: 1) { totalCount } }", "{ customers {", ""]
    {
        assert_eq!(
            sent(&gate, request(other, Some(&"00".repeat(32)).filter(|_| other.is_empty()).map(String::as_str)))
                .await
                .0
                .as_deref(),
            Some("DOCUMENT_NOT_TRUSTED"),
            "{other}"
        );
    }
    std::fs::write(folder.path().join("bad.graphql"), "{ nothing }").unwrap();
    assert!(Trusted::read(folder.path(), &schema()).unwrap_err().contains("bad.graphql"));
    let empty = tempfile::tempdir().unwrap();
    assert!(Trusted::read(empty.path(), &schema()).unwrap_err().contains("no file"));
}

#[tokio::test]
async fn a_token_has_its_budget() {
    let api = Api::on(Sqlite);
    let provider = api.graph.provider("Northwind").add();
    let (token, colleague) = (api.admin(&provider), api.graph.token(&provider, &[Role::SalesAgent]));
    let gate = Gate::new(schema(), api.database.clone()).with_budget(50);
    let ask = |token: &str| GateRequest {
        query: "{ customers(first: 10) { nodes { id domain } } }".to_owned(),
        token: Some(token.to_owned()),
        ..GateRequest::default()
    };
    assert_eq!(sent(&gate, ask(&token)).await.0, None);
    let (code, answer) = sent(&gate, ask(&token)).await;
    assert_eq!(code.as_deref(), Some("RATE_LIMITED"));
    assert!((1..=60).contains(&answer["errors"][0]["extensions"]["retryAfter"].as_u64().unwrap()), "{answer}");
    assert_eq!(sent(&gate, ask(&colleague)).await.0, None);
}
