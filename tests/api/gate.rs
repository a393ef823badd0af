use rstest::rstest;
use serde_json::json;

use crate::api::caller::Api;
use crate::support::{Backend, Postgres, Sqlite};

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
#[tokio::test]
async fn without_a_valid_token_only_the_schema_is_open(#[case] backend: Backend) {
    let api = Api::on(backend);
    let provider = api.graph.provider("Northwind").add();
    let token = api.admin(&provider);
    let expired = api.admin(&provider);
    let revoked = api.admin(&provider);
    api.graph.write(|conn, _, now| {
        use partnergraph_store::sql::sql;
        let hash = partnergraph_operation::auth::token_hash;
        conn.execute(
            &sql("UPDATE access_tokens SET expires_at = ").bind(now).push(" WHERE token_hash = ").bind(hash(&expired)),
        )?;
        conn.execute(
            &sql("UPDATE access_tokens SET revoked_at = ").bind(now).push(" WHERE token_hash = ").bind(hash(&revoked)),
        )
    });

    let viewer = "{ viewer { user { userPrincipalName } } }";
    for token in [None, Some("wrong"), Some(expired.as_str()), Some(revoked.as_str())] {
        let answer = api.answer(token, viewer, json!({})).await;
        assert_eq!(answer["errors"][0]["extensions"]["code"], "UNAUTHENTICATED");
        assert_eq!(answer["errors"][0]["extensions"]["requestId"], "test");
        assert_eq!(answer["data"], json!(null));
    }
    assert!(api.answer(Some(&token), viewer, json!({})).await.get("errors").is_none());

    let open = api.answer(
        None,
        "{ __typename __schema { queryType { name } } ...f } fragment f on Query { __typename }",
        json!({}),
    );
    assert_eq!(open.await["data"]["__schema"]["queryType"]["name"], "Query");
    for hidden in ["{ __typename viewer { __typename } }", "{ ...f } fragment f on Query { viewer { __typename } }"] {
        assert_eq!(api.answer(None, hidden, json!({})).await["errors"][0]["extensions"]["code"], "UNAUTHENTICATED");
    }
}

#[rstest]
#[case::sqlite(Sqlite)]
#[tokio::test]
async fn each_error_in_a_document_has_a_code(#[case] backend: Backend) {
    let api = Api::on(backend);
    let provider = api.graph.provider("Northwind").add();
    let token = api.admin(&provider);
    let deep = format!("{{ __schema {{ types {{ {} name {} }} }} }}", "ofType { ".repeat(30), "}".repeat(30));
    let circle = "{ viewer { ...a } } fragment a on Viewer { ...b } fragment b on Viewer { ...a }";
    for (query, code) in [
        ("{", "GRAPHQL_PARSE_FAILED"),
        ("{ nothing }", "GRAPHQL_VALIDATION_FAILED"),
        ("query a { __typename } query b { __typename }", "GRAPHQL_VALIDATION_FAILED"),
        (deep.as_str(), "DOCUMENT_TOO_LARGE"),
        (circle, "GRAPHQL_VALIDATION_FAILED"),
        ("{ nodes(ids: [\"x\"]) @skip(if: true) { id } nodes(ids: []) { id } }", "GRAPHQL_VALIDATION_FAILED"),
        ("{ customer(by: {tenantId: \"x\"}) { id } }", "BAD_UUID"),
        ("{ customer(by: {tenantId: \"x\", domain: \"y\"}) { id } }", "GRAPHQL_VALIDATION_FAILED"),
    ] {
        assert_eq!(api.code(&token, query, json!({})).await, code, "{query}");
    }
    // A single error, with a suggestion.
    let answer = api.answer(Some(&token), "{ customers { nodes { companyNam } } }", json!({})).await;
    assert_eq!(
        answer["errors"].as_array().unwrap().iter().map(|error| &error["message"]).collect::<Vec<_>>(),
        ["type `Customer` does not have a field `companyNam`; did you mean `companyName`?"]
    );
    let bad = "query ($id: UUID!) { customer(by: {tenantId: $id}) { id } }";
    assert_eq!(api.code(&token, bad, json!({"id": "x"})).await, "BAD_UUID");
    assert_eq!(api.code(&token, bad, json!({})).await, "BAD_USER_INPUT");
}

#[rstest]
#[case::sqlite(Sqlite)]
#[tokio::test]
async fn an_invalid_value_is_reported_with_its_location(#[case] backend: Backend) {
    let api = Api::on(backend);
    let provider = api.graph.provider("Northwind").add();
    let token = api.admin(&provider);
    let filter = "query ($f: CustomerFilter, $n: Int) { customers(filter: $f, first: $n) { totalCount } }";
    let import = "mutation ($i: StartImportInput!) { startImport(input: $i) { userErrors { code } } }";
    for (query, variables, code, message) in [
        (
            filter,
            json!({"f": {"contry": {}}}),
            "BAD_USER_INPUT",
            "`$f` has the field `contry`, which type `CustomerFilter` does not have; did you mean `country`?",
        ),
        (
            filter,
            json!({"f": {"or": [{}, {"country": {"eq": "Poland"}}]}}),
            "BAD_COUNTRY_CODE",
            "`$f.or[1].country.eq`: a country must be a two-letter ISO 3166 code, such as PL",
        ),
        (
            filter,
            json!({"f": {"or": [{}, {"country": {"in": ["PL", "UK"]}}]}}),
            "BAD_COUNTRY_CODE",
            "`$f.or[1].country.in[1]`: not an ISO 3166 country code; the United Kingdom is GB, and Greece is GR",
        ),
        (
            filter,
            json!({"f": {"companyName": {"eq": "a\u{0}b"}}}),
            "BAD_USER_INPUT",
            "`$f.companyName.eq`: a string must not contain NUL characters",
        ),
        (filter, json!({"n": "ten"}), "BAD_USER_INPUT", "`$n` is \"ten\", which is not a valid `Int`"),
        (
            import,
            json!({"i": {"mode": "TRY", "files": []}}),
            "BAD_USER_INPUT",
            "`$i.mode` is \"TRY\", but must be one of DRY_RUN, PLAN, APPLY",
        ),
        (
            import,
            json!({"i": {"mode": "PLAN", "files": [{"upload": "x"}, {}]}}),
            "BAD_USER_INPUT",
            "`$i.files[1].upload` is missing; its type is `String!`",
        ),
        (import, json!({}), "BAD_USER_INPUT", "missing variables: `$i` of type `StartImportInput!`"),
    ] {
        let answer = api.answer(Some(&token), query, variables).await;
        let error = &answer["errors"][0];
        assert_eq!((&error["message"], &error["extensions"]["code"]), (&json!(message), &json!(code)));
    }
    let literal = "{\n  customers(filter: {country: {eq: \"UK\"}}) { totalCount } }";
    let answer = api.answer(Some(&token), literal, json!({})).await;
    assert_eq!(answer["errors"][0]["locations"], json!([{"line": 2, "column": 36}]), "{answer}");
}

#[tokio::test]
async fn a_database_failure_reveals_nothing_to_the_caller() {
    let api = Api::on(Sqlite);
    let provider = api.graph.provider("Northwind").add();
    let token = api.admin(&provider);
    api.graph.customer(&provider, "x");
    api.graph.write(|conn, _, _| conn.batch("ALTER TABLE delegated_admin_grants RENAME TO gone"));
    let answer = api.answer(Some(&token), "{ customers { nodes { allowDelegatedAccess } } }", json!({})).await;
    assert_eq!(answer["errors"][0]["extensions"]["code"], "INTERNAL_SERVER_ERROR");
    assert!(!answer.to_string().contains("delegated_admin_grants"), "{answer}");
}

#[tokio::test]
async fn in_production_the_schema_needs_a_token_too() {
    use partnergraph::graphql::schema;
    use partnergraph_gate::{Gate, GateRequest};
    let api = Api::on(Sqlite);
    let token = api.admin(&api.graph.provider("Northwind").add());
    let gate = Gate::new(schema(), api.database.clone()).in_production(true);
    let ask =
        |token: Option<String>| GateRequest { query: "{ __typename }".to_owned(), token, ..GateRequest::default() };
    assert_eq!(gate.execute(ask(None)).await.errors.len(), 1);
    assert!(gate.execute(ask(Some(token))).await.errors.is_empty());
}
