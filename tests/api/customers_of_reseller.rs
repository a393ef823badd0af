use rstest::rstest;
use serde_json::json;

use crate::api::caller::{Api, operation, texts};
use crate::support::{Backend, Postgres, Sqlite};

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
#[tokio::test]
async fn a_provider_finds_the_customers_of_a_reseller_either_way(#[case] backend: Backend) {
    let api = Api::on(backend);
    let graph = &api.graph;
    let provider = graph.provider("Northwind").add();
    let reseller = graph.reseller("Fabrikam").partner_of(&provider).add();
    let other = graph.reseller("Tailspin").partner_of(&provider).add();
    let by_account = graph.customer(&provider, "Alpha");
    let by_subscription = graph.customer(&provider, "Beta");
    let of_other = graph.customer(&provider, "Gamma");
    graph.association(&provider, &by_account, &reseller);
    graph.subscription(&provider, &by_subscription).reseller(&reseller).quantity(7).add();
    graph.subscription(&provider, &by_subscription).support_contact(&other).usage().add();
    graph.subscription(&provider, &of_other).reseller(&other).add();
    let token = api.admin(&provider);

    let variables = json!({"mpnId": reseller.mpn_id.to_string(), "first": 10});
    let data = api.ask(&token, &operation("CustomersOfReseller"), variables).await;

    let customers = &data["customers"];
    assert_eq!(customers["totalCount"], 2);
    assert_eq!(texts(&customers["nodes"], "companyName"), ["Alpha", "Beta"]);
    let beta = &customers["nodes"][1];
    assert_eq!(beta["tenantId"], by_subscription.tenant_id.to_string());
    assert_eq!(beta["region"], "EUROPE");
    assert_eq!(beta["cloud"], "PUBLIC");
    assert_eq!(beta["relationshipToPartner"], "RESELLER");
    assert_eq!(beta["allowDelegatedAccess"], false);
    assert_eq!(texts(&beta["indirectResellers"]["nodes"], "name"), ["Fabrikam"]);
    let subscriptions = &beta["subscriptions"];
    assert_eq!(subscriptions["totalCount"], 2);
    assert_eq!(subscriptions["nodes"][0]["quantity"], 7);
    assert_eq!(subscriptions["nodes"][0]["partnerOfRecord"]["name"], "Fabrikam");
    assert_eq!(
        subscriptions["nodes"][0]["supportContact"],
        json!({"supportTenantId": provider.tenant_id, "supportMpnId": provider.mpn_id, "name": "Northwind", "isDefault": true})
    );
    assert_eq!(subscriptions["nodes"][1]["quantity"], json!(null));
    assert_eq!(subscriptions["nodes"][1]["partnerOfRecord"], json!(null));
    assert_eq!(subscriptions["nodes"][1]["supportContact"]["name"], "Tailspin");
    assert_eq!(subscriptions["nodes"][1]["supportContact"]["isDefault"], false);
    assert_eq!(customers["nodes"][0]["subscriptions"]["totalCount"], 0);
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
#[tokio::test]
async fn via_narrows_how_reseller_and_customer_are_connected(#[case] backend: Backend) {
    let api = Api::on(backend);
    let graph = &api.graph;
    let provider = graph.provider("Northwind").add();
    let reseller = graph.reseller("Fabrikam").partner_of(&provider).add();
    let account = graph.customer(&provider, "Account");
    let both = graph.customer(&provider, "Both");
    let sold = graph.customer(&provider, "Sold");
    graph.customer(&provider, "Neither");
    graph.association(&provider, &account, &reseller);
    graph.association(&provider, &both, &reseller);
    graph.subscription(&provider, &both).reseller(&reseller).add();
    graph.subscription(&provider, &sold).reseller(&reseller).add();
    let token = api.admin(&provider);
    let operator = graph.operator_token();

    let mpn = reseller.mpn_id.to_string();
    // The operator's query uses the general plan, the provider's the index; both must return the same.
    for token in [&token, &operator] {
        let by = |via: &str| json!({"indirectReseller": {"mpnId": {"eq": mpn}, "via": via}});
        assert_eq!(api.names(token, by("ANY")).await, ["Account", "Both", "Sold"]);
        assert_eq!(api.names(token, by("ACCOUNT")).await, ["Account", "Both"]);
        assert_eq!(api.names(token, by("SUBSCRIPTION")).await, ["Both", "Sold"]);
        assert_eq!(api.names(token, json!({"indirectReseller": {"mpnId": {"eq": mpn}}})).await.len(), 3);
        assert_eq!(api.names(token, json!({"indirectReseller": {"mpnId": {"eq": "999"}}})).await.len(), 0);
        let named = json!({"indirectReseller": {"mpnId": {"eq": mpn}}, "companyName": {"contains": "OL"}});
        assert_eq!(api.names(token, named).await, ["Sold"]);
    }
}
