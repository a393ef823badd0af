//! Visibility, actor by actor.

use rstest::rstest;
use serde_json::{Value, json};

use crate::api::caller::{Api, texts};
use crate::support::{Backend, Customer, Partner, Postgres, Sqlite};

/// Two providers with a common customer, and resellers with every kind of connection to the first provider's customers.
struct World {
    api: Api,
    provider: Partner,
    rival: Partner,
    direct: Partner,
    account: Partner,
    record: Partner,
    contact: Partner,
    own: Partner,
    outside: Partner,
    contoso: Customer,
    private: Customer,
}

fn world(backend: Backend) -> World {
    let api = Api::on(backend);
    let graph = &api.graph;
    let provider = graph.provider("Northwind").add();
    let rival = graph.provider("Litware").add();
    let direct = graph.direct_bill("Adatum").add();
    let reseller = |name: &str| graph.reseller(name).partner_of(&provider).add();
    let [account, record, contact, own, outside] = ["Account", "Record", "Contact", "Own", "Outside"].map(reseller);
    let contoso = graph.customer(&provider, "Contoso");
    let private = graph.customer(&provider, "Private");
    graph.customer_also_of(&rival, &contoso);
    graph.customer_also_of(&direct, &contoso);
    graph.customer_also_of(&own, &contoso);
    graph.association(&provider, &contoso, &account);
    graph.subscription(&provider, &contoso).friendly_name("plain").add();
    graph.subscription(&provider, &contoso).friendly_name("recorded").reseller(&record).quantity(3).add();
    graph.subscription(&provider, &contoso).friendly_name("supported").support_contact(&contact).add();
    graph.subscription(&rival, &contoso).friendly_name("rival").add();
    graph.subscription(&direct, &contoso).friendly_name("direct").add();
    World { api, provider, rival, direct, account, record, contact, own, outside, contoso, private }
}

const SEEN: &str = "query ($by: CustomerLookup!) { customers { totalCount nodes { companyName tags } } \
     subscriptions(orderBy: [{field: FRIENDLY_NAME}]) { totalCount nodes { friendlyName } } \
     customer(by: $by) { indirectResellers { totalCount nodes { name } } partners { partner { name } } agreements { type } \
     subscriptions(orderBy: [{field: FRIENDLY_NAME}]) { totalCount } } }";

struct Seen {
    customers: Vec<String>,
    subscriptions: Vec<String>,
    resellers: Vec<String>,
    partners: Vec<String>,
}

impl World {
    async fn seen(&self, token: &str) -> Seen {
        let data = self.api.ask(token, SEEN, json!({"by": {"tenantId": self.contoso.tenant_id}})).await;
        let customer = &data["customer"];
        let list = |value: &Value, field| if value.is_array() { texts(value, field) } else { Vec::new() };
        let partners = customer["partners"].as_array().into_iter().flatten();
        let seen = Seen {
            customers: list(&data["customers"]["nodes"], "companyName"),
            subscriptions: list(&data["subscriptions"]["nodes"], "friendlyName"),
            resellers: list(&customer["indirectResellers"]["nodes"], "name"),
            partners: partners.map(|entry| entry["partner"]["name"].as_str().unwrap_or("null").to_owned()).collect(),
        };
        assert_eq!(data["customers"]["totalCount"], seen.customers.len());
        assert_eq!(data["subscriptions"]["totalCount"], seen.subscriptions.len());
        if !customer.is_null() {
            assert_eq!(customer["subscriptions"]["totalCount"], seen.subscriptions.len());
            assert_eq!(customer["indirectResellers"]["totalCount"], seen.resellers.len());
        }
        seen
    }
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
#[tokio::test]
async fn each_actor_sees_its_own_data(#[case] backend: Backend) {
    let world = world(backend);
    let api = &world.api;

    let provider = world.seen(&api.admin(&world.provider)).await;
    assert_eq!(provider.customers, ["Contoso", "Private"]);
    assert_eq!(provider.subscriptions, ["plain", "recorded", "supported"]);
    assert_eq!(provider.resellers, ["Account", "Own", "Record"]);
    assert_eq!(provider.partners, ["Northwind", "Own"]);

    let rival = world.seen(&api.admin(&world.rival)).await;
    assert_eq!((rival.customers, rival.subscriptions), (vec!["Contoso".to_owned()], vec!["rival".to_owned()]));
    assert!(rival.resellers.is_empty());
    assert_eq!(rival.partners, ["Litware"]);

    let direct = world.seen(&api.admin(&world.direct)).await;
    assert_eq!((direct.customers, direct.subscriptions), (vec!["Contoso".to_owned()], vec!["direct".to_owned()]));
    assert_eq!(direct.partners, ["Adatum"]);

    for reseller in [&world.account, &world.own] {
        let seen = world.seen(&api.admin(reseller)).await;
        assert_eq!(seen.customers, ["Contoso"], "{}", reseller.name);
        assert_eq!(seen.subscriptions, ["plain", "recorded", "supported"], "{}", reseller.name);
        assert_eq!(seen.resellers, [reseller.name.as_str()]);
    }
    for (reseller, subscription) in [(&world.record, "recorded"), (&world.contact, "supported")] {
        let seen = world.seen(&api.admin(reseller)).await;
        assert_eq!(seen.customers, ["Contoso"], "{}", reseller.name);
        assert_eq!(seen.subscriptions, [subscription], "{}", reseller.name);
        assert!(seen.resellers.iter().all(|name| *name == reseller.name));
        assert!(!seen.partners.iter().any(|name| name == "Litware" || name == "Own" || name == "Adatum"));
    }

    let outside = world.seen(&api.admin(&world.outside)).await;
    assert!(outside.customers.is_empty() && outside.subscriptions.is_empty());

    let customer = world.seen(&api.graph.customer_token(&world.contoso)).await;
    assert_eq!(customer.customers, ["Contoso"]);
    assert_eq!(customer.subscriptions, ["direct", "plain", "recorded", "rival", "supported"]);
    assert_eq!(customer.resellers, ["Account", "Own", "Record"]);
    assert_eq!(customer.partners, ["Adatum", "Litware", "Northwind", "Own"]);

    let operator = world.seen(&api.graph.operator_token()).await;
    assert_eq!(operator.customers, ["Contoso", "Private"]);
    assert_eq!(operator.subscriptions.len(), 5);
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
#[tokio::test]
async fn a_reseller_learns_nothing_of_the_others_on_a_subscription(#[case] backend: Backend) {
    let world = world(backend);
    let token = world.api.admin(&world.account);
    let query = "{ subscriptions(orderBy: [{field: FRIENDLY_NAME}]) { nodes { partnerId partnerOfRecord { name } \
                 supportContact { supportMpnId name isDefault } salesChain { role } provider { name } } } }";
    let data = world.api.ask(&token, query, json!({})).await;
    let nodes = &data["subscriptions"]["nodes"];
    assert_eq!(nodes[1]["partnerOfRecord"], json!(null));
    assert_eq!(nodes[1]["partnerId"], json!(null));
    assert_eq!(texts(&nodes[1]["salesChain"], "role"), ["MICROSOFT", "INDIRECT_PROVIDER", "CUSTOMER"]);
    assert_eq!(nodes[2]["supportContact"], json!({"supportMpnId": null, "name": null, "isDefault": false}));
    assert_eq!(nodes[2]["provider"]["name"], "Northwind");

    // A filter reveals no more than a field does.
    let filter = "query ($f: SubscriptionFilter) { subscriptions(filter: $f) { totalCount } }";
    for hidden in [
        json!({"partnerOfRecord": {"mpnId": {"eq": world.record.mpn_id.to_string()}}}),
        json!({"supportContact": {"name": {"eq": "Contact"}}}),
        json!({"customer": {"indirectReseller": {"name": {"eq": "Record"}}}}),
        json!({"provider": {"name": {"eq": "Litware"}}}),
    ] {
        let data = world.api.ask(&token, filter, json!({"f": hidden})).await;
        assert_eq!(data["subscriptions"]["totalCount"], 0, "{hidden}");
    }
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
#[tokio::test]
async fn what_is_not_visible_looks_as_if_it_did_not_exist(#[case] backend: Backend) {
    let world = world(backend);
    let api = &world.api;
    let ids = "{ customers(filter: {companyName: {eq: \"Private\"}}) { nodes { id } } subscriptions(filter: {friendlyName: {eq: \"plain\"}}) { nodes { id subscriptionId } } }";
    let data = api.ask(&api.admin(&world.provider), ids, json!({})).await;
    let (customer_id, subscription) = (&data["customers"]["nodes"][0]["id"], &data["subscriptions"]["nodes"][0]);
    let look = "query ($c: ID!, $s: ID!, $t: UUID!, $u: UUID!, $m: String!) { a: node(id: $c) { id } b: node(id: $s) { id } \
                c: customer(by: {tenantId: $t}) { id } d: customerSubscription(by: {subscriptionId: $u}) { id } e: partner(by: {mpnId: $m}) { id } }";
    let variables = json!({
        "c": customer_id, "s": subscription["id"], "t": world.private.tenant_id, "u": subscription["subscriptionId"],
        "m": world.account.mpn_id.to_string()
    });
    let tokens =
        [api.admin(&world.rival), api.admin(&world.direct), api.admin(&world.record), api.admin(&world.outside)];
    for token in &tokens {
        let seen = api.ask(token, look, variables.clone()).await;
        assert_eq!(seen, json!({"a": null, "b": null, "c": null, "d": null, "e": null}));
    }
    let seen = api.ask(&api.graph.customer_token(&world.contoso), look, variables.clone()).await;
    assert_eq!((&seen["a"], &seen["c"]), (&json!(null), &json!(null)));
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
#[tokio::test]
async fn access_outlives_the_partnership_but_not_the_relationship(#[case] backend: Backend) {
    let world = world(backend);
    let api = &world.api;
    for reseller in [&world.account, &world.record, &world.contact] {
        api.graph.end_partnership(&world.provider, reseller);
        let seen = world.seen(&api.admin(reseller)).await;
        assert_eq!(seen.customers, ["Contoso"], "{}", reseller.name);
    }
    // The reseller still sees the customer through its own relationship, but no longer what the provider sold there.
    api.graph.end_partnership(&world.provider, &world.own);
    let own = world.seen(&api.admin(&world.own)).await;
    assert_eq!((own.customers, own.subscriptions), (vec!["Contoso".to_owned()], Vec::<String>::new()));

    api.graph.end_relationship(&world.provider, &world.contoso);
    let provider = world.seen(&api.admin(&world.provider)).await;
    assert_eq!((provider.customers, provider.subscriptions), (vec!["Private".to_owned()], Vec::<String>::new()));
    let account = world.seen(&api.admin(&world.account)).await;
    assert!(account.customers.is_empty());
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
#[tokio::test]
async fn counts_count_only_what_the_caller_sees(#[case] backend: Backend) {
    let world = world(backend);
    let api = &world.api;
    let counts = "query ($m: String!) { partner(by: {mpnId: $m}) { customerCount subscriptionCount licenseCount } }";
    let of = |partner: &Partner| json!({"m": partner.mpn_id.to_string()});
    let shown = |customers: i64, subscriptions: i64, licenses: i64| json!({"customerCount": customers, "subscriptionCount": subscriptions, "licenseCount": licenses});
    let provider = api.admin(&world.provider);
    let record = api.admin(&world.record);
    let operator = api.graph.operator_token();
    assert_eq!(api.ask(&provider, counts, of(&world.record)).await["partner"], shown(1, 1, 3));
    assert_eq!(api.ask(&record, counts, of(&world.record)).await["partner"], shown(1, 1, 3));
    assert_eq!(api.ask(&record, counts, of(&world.provider)).await["partner"], shown(1, 1, 3));
    assert_eq!(api.ask(&provider, counts, of(&world.provider)).await["partner"], shown(2, 3, 5));
    assert_eq!(api.ask(&operator, counts, of(&world.provider)).await["partner"], shown(2, 3, 5));
}

/// The level at which a reseller sees a customer belongs to the record it reads: access through one provider reveals nothing of
/// another's record.
#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
#[tokio::test]
async fn access_through_one_provider_reveals_nothing_of_anothers_record(#[case] backend: Backend) {
    let api = Api::on(backend);
    let graph = &api.graph;
    let ours = graph.provider("Northwind").add();
    let theirs = graph.provider("Litware").add();
    let reseller = graph.reseller("Fabrikam").partner_of(&ours).partner_of(&theirs).add();
    let customer = graph.customer(&ours, "Contoso");
    graph.customer_also_of(&theirs, &customer);
    let tag = |name: &str, tags: &str| {
        format!(
            "UPDATE customer_records SET tags = '{tags}', custom_domains = '{tags}', associated_partner_id = '{name}' \
             WHERE partner_id = (SELECT id FROM partners WHERE name = '{name}')"
        )
    };
    graph.database.connect().batch(&tag("Northwind", r#"["secret"]"#)).unwrap();
    graph.database.connect().batch(&tag("Litware", r#"["open"]"#)).unwrap();
    graph.subscription(&ours, &customer).reseller(&reseller).add();
    let token = api.admin(&reseller);
    let seen = "{ customers { nodes { tags customDomains associatedPartnerId } } }";
    let nodes = api.ask(&token, seen, json!({})).await["customers"]["nodes"].take();
    assert_eq!(nodes, json!([{"tags": [], "customDomains": [], "associatedPartnerId": null}]));
    graph.association(&theirs, &customer, &reseller);
    let nodes = api.ask(&token, seen, json!({})).await["customers"]["nodes"].take();
    assert_eq!(nodes, json!([{"tags": ["open"], "customDomains": ["open"], "associatedPartnerId": "Litware"}]));
    for (tag, count) in [("secret", 0), ("open", 1)] {
        assert_eq!(api.names(&token, json!({"tags": [tag]})).await.len(), count, "{tag}");
    }
}
