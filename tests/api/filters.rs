use rstest::rstest;
use serde_json::json;

use crate::api::caller::{Api, texts};
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
        (json!({"region": {"in": ["europe", "AFRICA"]}}), 3),
        (json!({"region": {"startsWith": "EUROP"}}), 3),
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
async fn an_empty_filter_where_a_condition_is_required_is_refused(#[case] backend: Backend) {
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
        json!({"region": {"eq": "ATLANTIS"}}),
        json!({"region": {"notIn": ["EUROPE", "EUROP"]}}),
        json!({"indirectReseller": {"region": {"ne": ""}}}),
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
    assert_eq!(
        api.code(&token, query, json!({"f": {"companyName": {"contains": "x".repeat(1_001)}}})).await,
        "BAD_USER_INPUT"
    );
    let dated = "query ($d: Date) { subscriptions(filter: {commitmentEndDate: {lt: $d}}) { totalCount } }";
    for date in ["-9999-01-01", "+262142-01-01", "0000-01-01", "2026-1-1", "20260-01-01", "2026-02-30"] {
        assert_eq!(api.code(&token, dated, json!({ "d": date })).await, "BAD_DATE", "{date}");
    }
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
    // All conditions must be met by the same row, or the customer does not match.
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

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
#[tokio::test]
async fn a_customer_is_found_by_its_relationship_to_the_caller(#[case] backend: Backend) {
    let api = Api::on(backend);
    let graph = &api.graph;
    let provider = graph.provider("Northwind").add();
    let reseller = graph.reseller("Fabrikam").partner_of(&provider).add();
    let [sold, advised, lapsed, past] =
        ["Sold", "Advised", "Lapsed", "Past"].map(|name| graph.customer(&provider, name));
    graph.association(&provider, &sold, &reseller);
    graph.customer_also_of(&reseller, &advised);
    graph.write(|conn, _, now| {
        use partnergraph_store::sql::sql;
        conn.execute(
            &sql("UPDATE reseller_relationships SET relationship_to_partner = 'ADVISOR' WHERE partner_id = ")
                .bind(provider.id)
                .push(" AND customer_id = ")
                .bind(advised.id),
        )?;
        for (customer, end_at, revoked_at) in [(&sold, None, None), (&lapsed, Some(now), None), (&past, None, Some(now))] {
            conn.execute(
                &sql("INSERT INTO delegated_admin_grants (partner_id, customer_id, kind, external_id, granted_at, end_at, \
                      revoked_at, version, created_at, updated_at) VALUES (")
                .bind(provider.id)
                .push(", ")
                .bind(customer.id)
                .push(", 'DAP', '', ")
                .bind(now)
                .push(", ")
                .bind(end_at)
                .push(", ")
                .bind(revoked_at)
                .push(", 1, ")
                .bind(now)
                .push(", ")
                .bind(now)
                .push(")"),
            )?;
        }
        Ok(())
    });
    let (token, reseller, operator) = (api.admin(&provider), api.admin(&reseller), graph.operator_token());
    for (filter, by_provider, by_reseller) in [
        (json!({"relationshipToPartner": {"eq": "ADVISOR"}}), vec!["Advised"], vec![]),
        (json!({"relationshipToPartner": {"ne": "ADVISOR"}}), vec!["Lapsed", "Past", "Sold"], vec!["Advised", "Sold"]),
        (json!({"relationshipToPartner": {"in": ["NONE"]}}), vec![], vec!["Sold"]),
        (
            json!({"relationshipToPartner": {"notIn": ["NONE", "ADVISOR"]}}),
            vec!["Lapsed", "Past", "Sold"],
            vec!["Advised"],
        ),
        (json!({"allowDelegatedAccess": {"eq": true}}), vec!["Sold"], vec![]),
        (json!({"allowDelegatedAccess": {"ne": true}}), vec!["Advised", "Lapsed", "Past"], vec!["Advised", "Sold"]),
        (
            json!({"allowDelegatedAccess": {"eq": false}, "companyName": {"startsWith": "A"}}),
            vec!["Advised"],
            vec!["Advised"],
        ),
    ] {
        assert_eq!(api.names(&token, filter.clone()).await, by_provider, "{filter}");
        assert_eq!(api.names(&reseller, filter.clone()).await, by_reseller, "{filter}");
    }
    assert_eq!(api.names(&operator, json!({"allowDelegatedAccess": {"eq": true}})).await, ["Sold"]);
    assert_eq!(api.names(&operator, json!({"relationshipToPartner": {"eq": "RESELLER"}})).await.len(), 4);

    // A filter matches the field's value.
    let query = "{ customers { nodes { companyName relationshipToPartner allowDelegatedAccess } } }";
    for token in [&token, &reseller, &operator] {
        let seen = api.ask(token, query, json!({})).await;
        for node in seen["customers"]["nodes"].as_array().unwrap() {
            let same = json!({"companyName": {"eq": node["companyName"]},
                "relationshipToPartner": {"eq": node["relationshipToPartner"]},
                "allowDelegatedAccess": {"eq": node["allowDelegatedAccess"]}});
            assert_eq!(api.names(token, same).await, [node["companyName"].as_str().unwrap()], "{node}");
        }
    }
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
#[tokio::test]
async fn subscription_names_compare_like_customer_names(#[case] backend: Backend) {
    let api = Api::on(backend);
    let provider = api.graph.provider("Northwind").add();
    let customer = api.graph.customer(&provider, "Contoso");
    let add = |offer: &str, friendly: Option<&str>| {
        let subscription = api.graph.subscription(&provider, &customer).offer("MS-0001", offer);
        friendly.into_iter().fold(subscription, |subscription, name| subscription.friendly_name(name)).add();
    };
    add("Poczta  ŻÓŁW", None);
    add("Poczta żółw", Some("Łódź Główna"));
    add("Mail", Some("Zespół"));
    let token = api.admin(&provider);
    let query = "query ($f: SubscriptionFilter) { subscriptions(filter: $f) { totalCount } }";
    for (filter, expected) in [
        (json!({"offerName": {"eq": "POCZTA żółw"}}), 2),
        (json!({"offerName": {"contains": "ŻÓŁ"}}), 2),
        (json!({"offerName": {"startsWith": "poczta Ż"}}), 2),
        (json!({"offerName": {"notIn": ["poczta żółw"]}}), 1),
        (json!({"offerName": {"eq": null}}), 0),
        (json!({"friendlyName": {"eq": "łódź GŁÓWNA"}}), 1),
        (json!({"friendlyName": {"contains": "Ó"}}), 2),
        (json!({"friendlyName": {"contains": "żółw"}}), 0),
        (json!({"friendlyName": {"ne": "ZESPÓŁ"}}), 2),
        (json!({"friendlyName": {"eq": null}}), 1),
        (json!({"offerId": {"eq": "ms-0001"}}), 3),
    ] {
        let data = api.ask(&token, query, json!({ "f": filter })).await;
        assert_eq!(data["subscriptions"]["totalCount"], expected, "{filter}");
    }
}

/// The fields of a filter have the names of the entity's fields.
#[tokio::test]
async fn every_plain_field_of_an_entity_can_be_filtered_by() {
    let query = "{ __schema { types { name fields { name args { name } type { kind name ofType { kind name } } } \
                 inputFields { name } } } }";
    let api = Api::on(Sqlite);
    let provider = api.graph.provider("Northwind").add();
    let answer = api.ask(&api.admin(&provider), query, json!({})).await;
    let types = answer["__schema"]["types"].as_array().unwrap();
    let kind = |name: &str| types.iter().find(|kind| kind["name"] == name).unwrap_or_else(|| panic!("no {name}"));
    for (entity, filter, besides) in [
        // Use `node` for the global id.
        ("Customer", "CustomerFilter", vec!["id"]),
        // The MPN ID of the partner of record, which can be filtered by its relation.
        ("CustomerSubscription", "SubscriptionFilter", vec!["id", "partnerId"]),
        // The legal company name is in another table, and the counts are not stored fields.
        ("Partner", "PartnerFilter", vec!["id", "companyName", "customerCount", "subscriptionCount", "licenseCount"]),
    ] {
        let known = texts(&kind(filter)["inputFields"], "name");
        let is_plain = |of: &serde_json::Value| ["SCALAR", "ENUM"].iter().any(|plain| of["kind"] == *plain);
        for field in kind(entity)["fields"].as_array().unwrap() {
            let plain = is_plain(&field["type"]) || is_plain(&field["type"]["ofType"]);
            let name = field["name"].as_str().unwrap();
            if plain && !besides.contains(&name) {
                assert!(known.iter().any(|known| known == name), "{filter} has no {name}");
            }
        }
    }
}
