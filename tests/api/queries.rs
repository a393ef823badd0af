//! The other documented queries.

use rstest::rstest;
use serde_json::json;

use crate::api::caller::{Api, operation, texts};
use crate::support::{Backend, Postgres, Sqlite};

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
#[tokio::test]
async fn the_viewer_is_the_user_of_the_token_and_its_organisation(#[case] backend: Backend) {
    let api = Api::on(backend);
    let provider = api.graph.provider("Northwind").add();
    let customer = api.graph.customer(&provider, "Contoso");
    let query = operation("Viewer");

    let viewer = api.ask(&api.admin(&provider), &query, json!({})).await["viewer"].take();
    assert_eq!(viewer["user"]["roles"], json!(["GLOBAL_ADMIN"]));
    let organization = &viewer["organization"];
    assert_eq!(organization["__typename"], "Partner");
    assert_eq!(organization["mpnId"], provider.mpn_id.to_string());
    assert_eq!((&organization["type"], &organization["region"]), (&json!("INDIRECT_PROVIDER"), &json!("EUROPE")));

    let viewer = api.ask(&api.graph.customer_token(&customer), &query, json!({})).await["viewer"].take();
    assert_eq!(viewer["organization"]["__typename"], "Customer");
    assert_eq!(viewer["organization"]["companyName"], "Contoso");

    let viewer = api.ask(&api.graph.operator_token(), &query, json!({})).await["viewer"].take();
    assert_eq!(viewer["organization"], json!(null));
    assert_eq!(viewer["user"]["roles"], json!(["OPERATOR"]));
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
#[tokio::test]
async fn a_customer_shows_its_partners_associations_agreements_and_history(#[case] backend: Backend) {
    let api = Api::on(backend);
    let graph = &api.graph;
    let provider = graph.provider("Northwind").add();
    let reseller = graph.reseller("Fabrikam").partner_of(&provider).add();
    let customer = graph.customer(&provider, "Contoso");
    graph.association(&provider, &customer, &reseller);
    graph.subscription(&provider, &customer).reseller(&reseller).add();
    graph.subscription(&provider, &customer).usage().add();
    let token = api.admin(&provider);

    let query = operation("Customer");
    for by in [json!({"tenantId": customer.tenant_id}), json!({"domain": "CONTOSO.example"})] {
        let found = api.ask(&token, &query, json!({"by": by})).await["customer"].take();
        assert_eq!(found["companyName"], "Contoso");
        assert_eq!(found["internalUseOf"], json!(null));
        assert_eq!(found["agreements"][0]["type"], "MICROSOFT_CUSTOMER_AGREEMENT");
        let partner = &found["partners"][0];
        assert_eq!(partner["partner"]["name"], "Northwind");
        assert_eq!(partner["relationshipToPartner"], "RESELLER");
        assert_eq!(
            partner["delegatedAdmin"],
            json!({"granted": false, "grantedAt": null, "revokedAt": null, "scope": null})
        );
        assert_eq!(
            partner["rights"],
            json!([
                {"name": "ORDER", "allowed": true, "rule": "C-03"},
                {"name": "MANAGE_SERVICES", "allowed": false, "rule": "C-03"},
                {"name": "MANAGE_AZURE", "allowed": true, "rule": "C-03"}
            ])
        );
        assert_eq!(partner["supportResponsible"], true);
        assert_eq!(partner["serviceRequestPath"], "MICROSOFT_SUPPORT_PHONE");
        assert_eq!(found["partners"].as_array().unwrap().len(), 1);
        let edge = &found["associations"]["edges"][0];
        assert_eq!(edge["node"]["mpnId"], reseller.mpn_id.to_string());
        assert_eq!(edge["association"]["via"], "ANY");
        assert_eq!(edge["association"]["tenantOwner"], false);
        assert_eq!(edge["association"]["since"], "2026-03-01T09:00:00Z");
    }
    let nothing = api.ask(&token, &query, json!({"by": {"domain": "nowhere.example"}})).await;
    assert_eq!(nothing["customer"], json!(null));
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
#[tokio::test]
async fn a_sales_chain_runs_from_microsoft_to_the_customer(#[case] backend: Backend) {
    let api = Api::on(backend);
    let graph = &api.graph;
    let provider = graph.provider("Northwind").add();
    let reseller = graph.reseller("Fabrikam").partner_of(&provider).add();
    let direct = graph.direct_bill("Tailspin").add();
    let customer = graph.customer(&provider, "Contoso");
    graph.customer_also_of(&direct, &customer);
    graph.subscription(&provider, &customer).reseller(&reseller).friendly_name("a").add();
    graph.subscription(&provider, &customer).friendly_name("b").add();
    graph.subscription(&direct, &customer).friendly_name("c").add();

    let variables = json!({"orderBy": [{"field": "FRIENDLY_NAME"}]});
    let data = api.ask(&graph.customer_token(&customer), &operation("Subscriptions"), variables).await;
    let chains: Vec<_> = data["subscriptions"]["nodes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|node| texts(&node["salesChain"], "role"))
        .collect();
    assert_eq!(
        chains,
        [
            vec!["MICROSOFT", "INDIRECT_PROVIDER", "INDIRECT_RESELLER", "CUSTOMER"],
            vec!["MICROSOFT", "INDIRECT_PROVIDER", "CUSTOMER"],
            vec!["MICROSOFT", "DIRECT_BILL", "CUSTOMER"],
        ]
    );
    assert_eq!(data["subscriptions"]["nodes"][0]["provider"]["name"], "Northwind");
    assert_eq!(
        texts(&data["subscriptions"]["nodes"][0]["salesChain"], "name"),
        ["Microsoft", "Northwind", "Fabrikam", "Contoso"]
    );
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
#[tokio::test]
async fn both_ends_of_a_partnership_see_the_same_customers(#[case] backend: Backend) {
    let api = Api::on(backend);
    let graph = &api.graph;
    let provider = graph.provider("Northwind").add();
    let reseller = graph.reseller("Fabrikam").partner_of(&provider).add();
    let unsigned = graph.reseller("Tailspin").without_agreement().partner_of(&provider).add();
    let former = graph.reseller("Wingtip").partner_of(&provider).add();
    graph.end_partnership(&provider, &former);
    let shared = graph.customer(&provider, "Shared");
    let sold = graph.customer(&provider, "Sold");
    graph.customer(&provider, "Other");
    graph.association(&provider, &shared, &reseller);
    graph.subscription(&provider, &sold).reseller(&reseller).quantity(10).add();
    graph.subscription(&provider, &sold).reseller(&reseller).quantity(5).trial().add();
    graph.subscription(&provider, &sold).reseller(&reseller).usage().add();

    let data = api.ask(&api.admin(&provider), &operation("IndirectResellers"), json!({})).await;
    let list = &data["indirectResellers"];
    assert_eq!(list["totalCount"], 2);
    let edges = list["edges"].as_array().unwrap();
    let (first, second) = (&edges[0], &edges[1]);
    assert_eq!((&first["node"]["name"], &second["node"]["name"]), (&json!("Fabrikam"), &json!("Tailspin")));
    assert_eq!(second["node"]["status"], json!({"onboarded": true, "enrolled": true, "mpaSigned": false}));
    assert_eq!(second["node"]["mpnId"], unsigned.mpn_id.to_string());
    assert_eq!(first["partnership"]["state"], "ACTIVE");
    assert_eq!(first["partnership"]["providerAdminAccess"], true);
    assert_eq!(first["partnership"]["customerCount"], 2);
    assert_eq!(first["partnership"]["customers"]["totalCount"], 2);
    let counts = ["customerCount", "subscriptionCount", "licenseCount"].map(|count| first["node"][count].clone());
    assert_eq!(counts, [json!(2), json!(3), json!(10)]);

    let token = api.admin(&reseller);
    let data = api.ask(&token, &operation("IndirectProviders"), json!({"first": 5})).await;
    let edge = &data["indirectProviders"]["edges"][0];
    assert_eq!((&edge["node"]["name"], &edge["partnership"]["customerCount"]), (&json!("Northwind"), &json!(2)));
    let customers =
        "{ indirectProviders { edges { partnership { customers { totalCount nodes { companyName } } } } } }";
    let data = api.ask(&token, customers, json!({})).await;
    let pair = &data["indirectProviders"]["edges"][0]["partnership"]["customers"];
    assert_eq!(texts(&pair["nodes"], "companyName"), ["Shared", "Sold"]);
    assert_eq!(pair["totalCount"], 2);
    let view = api.names(&token, json!({"indirectProvider": {"mpnId": {"eq": provider.mpn_id.to_string()}}})).await;
    assert_eq!(view, ["Shared", "Sold"]);
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
#[tokio::test]
async fn nodes_keep_the_order_asked_for_and_are_null_for_what_is_not_there(#[case] backend: Backend) {
    let api = Api::on(backend);
    let graph = &api.graph;
    let provider = graph.provider("Northwind").add();
    let stranger = graph.provider("Litware").add();
    let customer = graph.customer(&provider, "Contoso");
    let hidden = graph.customer(&stranger, "Hidden");
    graph.subscription(&provider, &customer).add();
    let token = api.admin(&provider);
    let ids = "{ customers { nodes { id subscriptions { nodes { id } } } } viewer { organization { ... on Partner { id } } } }";
    let data = api.ask(&token, ids, json!({})).await;
    let customer_id = &data["customers"]["nodes"][0]["id"];
    let subscription_id = &data["customers"]["nodes"][0]["subscriptions"]["nodes"][0]["id"];
    let partner_id = &data["viewer"]["organization"]["id"];
    let theirs = api.ask(&api.admin(&stranger), ids, json!({})).await;
    let hidden_id = &theirs["customers"]["nodes"][0]["id"];
    assert!(hidden_id.is_string() && hidden_id != customer_id && hidden.id != customer.id);

    let query = "query ($ids: [ID!]!) { nodes(ids: $ids) { __typename id } }";
    let variables = json!({"ids": [subscription_id, hidden_id, partner_id, "nonsense", customer_id, customer_id]});
    let nodes = api.ask(&token, query, variables).await["nodes"].take();
    assert_eq!(
        nodes,
        json!([
            {"__typename": "CustomerSubscription", "id": subscription_id}, null,
            {"__typename": "Partner", "id": partner_id}, null,
            {"__typename": "Customer", "id": customer_id}, {"__typename": "Customer", "id": customer_id}
        ])
    );
    let one = api.ask(
        &token,
        "query ($id: ID!) { node(id: $id) { ... on Customer { companyName } } }",
        json!({"id": customer_id}),
    );
    assert_eq!(one.await["node"]["companyName"], "Contoso");
    let many: Vec<_> = (0..101).map(|_| "x").collect();
    assert_eq!(api.code(&token, query, json!({"ids": many})).await, "BAD_PAGE_SIZE");
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
#[tokio::test]
async fn an_import_run_shows_its_report_to_the_partner_it_ran_for(#[case] backend: Backend) {
    let api = Api::on(backend);
    let provider = api.graph.provider("Northwind").add();
    let stranger = api.graph.provider("Litware").add();
    let report = json!({
        "rows": {"read": 7, "applied": 4, "merged": 1, "rejected": 1, "conflict": 1},
        "customers": {"created": 2, "updated": 1, "unchanged": 0}, "absent": {"customers_total": 3, "subscriptions_total": 4},
        "controls": [{"file": "a.csv", "customers": 3, "subscriptions": 4, "seats": 50, "subtotals": {"EUR": "12.50"}}]
    });
    api.graph.write(|conn, _, now| {
        use partnergraph_store::sql::sql;
        conn.execute(
            &sql("INSERT INTO import_runs (id, partner_id, started_by, mode, status, phase, rows_read, rows_total, options, report, \
                  issues_total, changes_total, created_at) VALUES (7, ")
            .bind(provider.id)
            .push(", 'anna', 'APPLY', 'APPLIED', 'done', 7, 14, '{}', ")
            .bind(report.to_string())
            .push(", 2, 0, ")
            .bind(now)
            .push(")"),
        )?;
        conn.batch("INSERT INTO import_files (run_id, ordinal, name, row_count, options) VALUES (7, 1, 'a.csv', 7, '{}')")?;
        for ordinal in 1..=2 {
            conn.execute(&sql("INSERT INTO import_issues (run_id, ordinal, severity, file, line, code, message) VALUES (7, ")
                .bind(i64::from(ordinal))
                .push(", 'ERROR', 1, 3, 'row.encoding', 'unreadable')"))?;
        }
        Ok(())
    });
    let token = api.admin(&provider);
    let runs = api.ask(&token, "{ importRuns { totalCount nodes { id } } }", json!({})).await["importRuns"].take();
    assert_eq!(runs["totalCount"], 1);
    let id = &runs["nodes"][0]["id"];
    let run = api.ask(&token, &operation("ImportRun"), json!({"id": id})).await["importRun"].take();
    assert_eq!(run["status"], "APPLIED");
    assert_eq!(run["progress"], json!({"phase": "done", "rowsRead": 7, "rowsTotal": 14, "percent": 100.0}));
    assert_eq!(run["rows"], report["rows"]);
    assert_eq!(run["customers"], report["customers"]);
    assert_eq!(run["subscriptions"], json!({"created": 0, "updated": 0, "unchanged": 0}));
    assert_eq!(run["controls"][0]["seats"], 50);
    assert_eq!(run["controls"][0]["subtotals"], json!([{"currency": "EUR", "amount": "12.50"}]));
    assert_eq!(run["absent"], json!({"customersTotal": 3, "subscriptionsTotal": 4}));
    assert_eq!(run["files"][0]["name"], "a.csv");
    assert_eq!(run["issues"]["totalCount"], 2);
    assert_eq!(run["issues"]["nodes"][1]["code"], "row.encoding");
    assert_eq!(run["changes"], json!({"totalCount": 0, "nodes": []}));
    let theirs = api.ask(&api.admin(&stranger), &operation("ImportRun"), json!({"id": id})).await;
    assert_eq!(theirs["importRun"], json!(null));
}
