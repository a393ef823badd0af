//! The visibility table, actor by list.

use rstest::rstest;
use serde_json::{Value, json};

use crate::api::caller::{Api, texts};
use crate::support::{Backend, Postgres, Sqlite};

const LISTS: &str = "{ customers { totalCount nodes { companyName } } \
     subscriptions(orderBy: [{field: FRIENDLY_NAME}]) { totalCount nodes { friendlyName } } \
     indirectResellers { totalCount nodes { name } } indirectProviders { totalCount nodes { name } } \
     importRuns { totalCount } }";

/// The names of customers, subscriptions, resellers and providers, and the number of import runs.
async fn lists(api: &Api, token: &str) -> (String, String, String, String, i64) {
    let data = api.ask(token, LISTS, json!({})).await;
    let list = |name: &str, field: &str| {
        let names = texts(&data[name]["nodes"], field);
        assert_eq!(data[name]["totalCount"], names.len(), "{name}");
        names.join(" ")
    };
    (
        list("customers", "companyName"),
        list("subscriptions", "friendlyName"),
        list("indirectResellers", "name"),
        list("indirectProviders", "name"),
        data["importRuns"]["totalCount"].as_i64().unwrap(),
    )
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
#[tokio::test]
async fn every_actor_sees_in_every_list_what_the_table_says(#[case] backend: Backend) {
    let api = Api::on(backend);
    let graph = &api.graph;
    let provider = graph.provider("Provider").add();
    let direct = graph.direct_bill("Direct").add();
    let reseller = |name: &str| graph.reseller(name).partner_of(&provider).add();
    let [account, own, record, ended, contact] = ["Account", "Own", "Record", "Ended", "Contact"].map(reseller);
    let contoso = graph.customer(&provider, "Contoso");
    let gone = graph.customer(&provider, "Gone");
    graph.customer_also_of(&own, &contoso);
    graph.customer_also_of(&direct, &contoso);
    graph.association(&provider, &contoso, &account);
    let sell = |customer, name| graph.subscription(&provider, customer).friendly_name(name);
    sell(&contoso, "ended").reseller(&ended).add();
    sell(&contoso, "plain").add();
    sell(&contoso, "recorded").reseller(&record).add();
    sell(&contoso, "supported").support_contact(&contact).add();
    sell(&gone, "gone").reseller(&record).support_contact(&contact).add();
    graph.subscription(&direct, &contoso).friendly_name("direct").add();
    graph.end_relationship(&provider, &gone);
    graph.end_partnership(&provider, &ended);
    graph.write(|conn, actor, now| {
        let mode = partnergraph_domain::ImportMode::Apply;
        partnergraph_store::imports::runs::create(conn, provider.id, &actor.user_principal_name, mode, "{}", now)
    });

    let all = "ended plain recorded supported";
    for (partner, customers, subscriptions, resellers, providers, runs) in [
        (&provider, "Contoso", all, "Account Contact Own Record", "", 1),
        (&direct, "Contoso", "direct", "", "", 0),
        (&account, "Contoso", all, "", "Provider", 0),
        (&own, "Contoso", all, "", "Provider", 0),
        (&record, "Contoso", "recorded", "", "Provider", 0),
        // Existing assignments outlive the partnership.
        (&ended, "Contoso", "ended", "", "", 0),
        (&contact, "Contoso", "supported", "", "Provider", 0),
    ] {
        let expected = [customers, subscriptions, resellers, providers].map(str::to_owned);
        let (customers, subscriptions, resellers, providers, seen) = lists(&api, &api.admin(partner)).await;
        assert_eq!(([customers, subscriptions, resellers, providers], seen), (expected, runs), "{}", partner.name);
    }
    let (customers, subscriptions, resellers, providers, runs) = lists(&api, &graph.customer_token(&contoso)).await;
    assert_eq!((customers.as_str(), subscriptions.as_str()), ("Contoso", "direct ended plain recorded supported"));
    assert_eq!((resellers.as_str(), providers.as_str(), runs), ("", "", 0));
    let (customers, _, _, _, runs) = lists(&api, &graph.operator_token()).await;
    assert_eq!((customers.as_str(), runs), ("Contoso Gone", 1));
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
#[tokio::test]
async fn a_caller_that_sees_only_the_identity_cannot_filter_by_other_fields(#[case] backend: Backend) {
    let api = Api::on(backend);
    let graph = &api.graph;
    let provider = graph.provider("Provider").add();
    let record = graph.reseller("Record").partner_of(&provider).add();
    let contoso = graph.customer(&provider, "Contoso");
    graph.subscription(&provider, &contoso).reseller(&record).add();
    graph.write(|conn, _, _| {
        conn.batch(
            "UPDATE customer_records SET tags = '[\"gold\"]', associated_partner_id = '77', acquisition = 'OTHER'",
        )
    });
    let (provider, record) = (api.admin(&provider), api.admin(&record));
    for filter in [
        json!({"tags": ["gold"]}),
        json!({"associatedPartnerId": {"eq": "77"}}),
        json!({"acquisition": {"eq": "OTHER"}}),
        json!({"acquisition": {"ne": null}}),
    ] {
        assert_eq!(api.names(&provider, filter.clone()).await, ["Contoso"], "{filter}");
        assert_eq!(api.names(&record, filter.clone()).await, Vec::<String>::new(), "{filter}");
    }
    let read = "{ customers { nodes { tags associatedPartnerId acquisition } } }";
    let seen: Value = api.ask(&record, read, json!({})).await;
    assert_eq!(seen["customers"]["nodes"], json!([{"tags": [], "associatedPartnerId": null, "acquisition": null}]));
}
