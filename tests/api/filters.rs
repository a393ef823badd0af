use rstest::rstest;
use serde_json::json;

use crate::api::{Api, texts};
use crate::support::{Backend, Postgres, Sqlite};
use partnergraph_domain::SubscriptionStatus;

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
#[tokio::test]
async fn texts_compare_without_case_and_nulls_follow_the_contract(#[case] backend: Backend) {
    let api = Api::on(backend);
    let provider = api.graph.provider("Northwind").add();
    for name in ["Contoso", "Żółw  Sp. z o.o.", "50% off"] {
        api.graph.customer(&provider, name);
    }
    let bare = api.graph.customer(&provider, "Bare");
    api.graph.write(|conn, _, _| {
        use partnergraph_store::sql::sql;
        conn.execute(&sql("UPDATE customer_records SET country = NULL WHERE customer_id = ").bind(bare.id))
    });
    let token = api.admin(&provider);
    let cases = [
        (json!({}), 4),
        (json!({"and": []}), 4),
        (json!({"or": []}), 0),
        (json!({"companyName": {"eq": "CONTOSO"}}), 1),
        (json!({"companyName": {"startsWith": "żÓŁW sp."}}), 1),
        (json!({"companyName": {"contains": "0%"}}), 1),
        (json!({"companyName": {"contains": "_"}}), 0),
        (json!({"companyName": {"in": []}}), 0),
        (json!({"companyName": {"notIn": []}}), 4),
        (json!({"companyName": {"notIn": ["contoso", "bare"]}}), 2),
        (json!({"country": {"eq": "pl"}}), 3),
        (json!({"country": {"eq": null}}), 1),
        (json!({"country": {"ne": null}}), 3),
        (json!({"country": {"ne": "PL"}}), 1),
        (json!({"country": {"notIn": ["PL"]}}), 1),
        (json!({"not": {"country": {"eq": "PL"}}}), 1),
        (json!({"not": {"or": []}}), 4),
        (json!({"or": [{"companyName": {"eq": "bare"}}, {"domain": {"eq": "CONTOSO.example"}}]}), 2),
        (json!({"tenantId": {"eq": format!("{{{}}}", bare.tenant_id.to_string().to_uppercase())}}), 1),
    ];
    for (filter, expected) in cases {
        assert_eq!(api.names(&token, filter.clone()).await.len(), expected, "{filter}");
    }
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
#[tokio::test]
async fn a_filter_that_says_nothing_where_it_must_is_refused(#[case] backend: Backend) {
    let api = Api::on(backend);
    let provider = api.graph.provider("Northwind").add();
    let token = api.admin(&provider);
    let query = "query ($f: CustomerFilter) { customers(filter: $f) { totalCount } }";
    let mut deep = json!({"companyName": {"eq": "x"}});
    for _ in 0..6 {
        deep = json!({"not": deep});
    }
    let many: Vec<_> = (0..101).map(|number| json!({"companyName": {"eq": number.to_string()}})).collect();
    for filter in [
        json!({"companyName": {}}),
        json!({"companyName": null}),
        json!({"tenantId": {"eq": null}}),
        json!({"indirectReseller": {"mpnId": {}}}),
        json!({"subscriptions": null}),
        json!({"or": many}),
        deep,
    ] {
        assert_eq!(api.code(&token, query, json!({"f": filter})).await, "BAD_FILTER", "{filter}");
    }
    let unset =
        "query ($unset: String) { customers(filter: {indirectReseller: {mpnId: {eq: $unset}}}) { totalCount } }";
    assert_eq!(api.code(&token, unset, json!({})).await, "BAD_FILTER");
    assert_eq!(api.code(&token, query, json!({"f": {"tenantId": {"eq": "no guid"}}})).await, "BAD_UUID");
    assert_eq!(api.code(&token, query, json!({"f": {"country": {"eq": "POL"}}})).await, "BAD_COUNTRY_CODE");
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
#[tokio::test]
async fn relations_are_followed_in_both_directions(#[case] backend: Backend) {
    let api = Api::on(backend);
    let graph = &api.graph;
    let provider = graph.provider("Northwind").add();
    let reseller = graph.reseller("Fabrikam").partner_of(&provider).add();
    let contact = graph.reseller("Tailspin").partner_of(&provider).add();
    let good = graph.customer(&provider, "Good");
    let bad = graph.customer(&provider, "Bad");
    graph.customer(&provider, "None");
    graph.subscription(&provider, &good).reseller(&reseller).quantity(25).friendly_name("Mail").add();
    graph
        .subscription(&provider, &bad)
        .status(SubscriptionStatus::Suspended)
        .quantity(5)
        .support_contact(&contact)
        .add();
    graph.subscription(&provider, &bad).usage().add();
    let token = api.admin(&provider);

    let names = |filter| api.names(&token, filter);
    assert_eq!(names(json!({"not": {"subscriptions": {"status": {"eq": "SUSPENDED"}}}})).await, ["Good", "None"]);
    assert_eq!(names(json!({"subscriptions": {"quantity": {"gte": 5, "lt": 25}}})).await, ["Bad"]);
    assert_eq!(names(json!({"subscriptions": {}})).await, ["Bad", "Good"]);
    // One row satisfies all of it, or the customer does not match.
    assert!(
        names(json!({"subscriptions": {"status": {"eq": "SUSPENDED"}, "billingType": {"eq": "USAGE"}}}))
            .await
            .is_empty()
    );
    assert_eq!(names(json!({"subscriptions": {"partnerOfRecord": {"name": {"eq": "fabrikam"}}}})).await, ["Good"]);
    assert_eq!(names(json!({"indirectProvider": {"mpnId": {"eq": provider.mpn_id.to_string()}}})).await.len(), 3);

    let query = "query ($f: SubscriptionFilter) { subscriptions(filter: $f, orderBy: [{field: QUANTITY, direction: DESC}]) { nodes { friendlyName quantity } } }";
    let (api, token) = (&api, &token);
    let quantities = |filter: serde_json::Value| async move {
        let data = api.ask(token, query, json!({"f": filter})).await;
        data["subscriptions"]["nodes"]
            .as_array()
            .unwrap()
            .iter()
            .map(|node| node["quantity"].as_i64())
            .collect::<Vec<_>>()
    };
    assert_eq!(quantities(json!({})).await, [None, Some(25), Some(5)]);
    assert_eq!(quantities(json!({"quantity": {"eq": null}})).await, [None]);
    assert_eq!(quantities(json!({"quantity": {"ne": 25}})).await, [None, Some(5)]);
    assert_eq!(quantities(json!({"partnerOfRecord": null})).await, [None, Some(5)]);
    assert_eq!(quantities(json!({"customer": {"companyName": {"eq": "good"}}})).await, [Some(25)]);
    assert_eq!(
        quantities(json!({"supportContact": {"supportMpnId": {"eq": contact.mpn_id.to_string()}}})).await,
        [Some(5)]
    );
    assert_eq!(quantities(json!({"supportContact": {"name": {"eq": "Northwind"}}})).await, [None, Some(25)]);
    assert_eq!(quantities(json!({"provider": {"name": {"eq": "Northwind"}}})).await.len(), 3);
    assert_eq!(quantities(json!({"commitmentEndDate": {"lte": "2027-02-28"}})).await.len(), 3);
    assert_eq!(quantities(json!({"friendlyName": {"startsWith": "MA"}})).await, [Some(25)]);

    let resellers = "query ($f: PartnerFilter) { indirectResellers(filter: $f) { totalCount nodes { name } } }";
    let data = api
        .ask(token, resellers, json!({"f": {"name": {"contains": "SPIN"}, "type": {"eq": "INDIRECT_RESELLER"}}}))
        .await;
    assert_eq!(texts(&data["indirectResellers"]["nodes"], "name"), ["Tailspin"]);
}
