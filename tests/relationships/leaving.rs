//! Leaving a customer while what was sold to it stands (D-01, D-06).

use partnergraph_domain::SubscriptionStatus;
use partnergraph_store::Backend;
use partnergraph_store::write::grants::{self, GrantOf};
use rstest::rstest;
use serde_json::{Value, json};

use crate::relationships::world::{World, expect_success, rules};
use crate::support::{Customer, Named, Postgres, Role, Sqlite, Subscription, Verbs, operation};

/// A partnered provider with a customer to which it sold two live subscriptions, one of them through the reseller, and an ended one.
struct Left {
    world: World,
    customer: Customer,
    recorded: Subscription,
    ended: Subscription,
}

impl Left {
    fn before(backend: Backend) -> Self {
        let world = World::partnered(backend);
        let customer = world.graph.customer(&world.provider, "Contoso");
        let sell = || world.graph.subscription(&world.provider, &customer);
        let recorded = sell().quantity(5).reseller(&world.reseller).add();
        sell().quantity(2).status(SubscriptionStatus::Suspended).trial().add();
        let ended = sell().quantity(9).status(SubscriptionStatus::Expired).add();
        Self { world, customer, recorded, ended }
    }

    fn after(backend: Backend) -> Self {
        let left = Self::before(backend);
        expect_success(left.world.as_provider().leave_customer(&left.customer));
        left
    }

    fn ask(&self, token: &str, query: &str, variables: Value) -> Value {
        self.world.api.data(token, query, variables)
    }

    /// The subscription as a caller reads it by its id.
    fn read(&self, token: &str, subscription: &Subscription) -> Value {
        let query = "query($by: SubscriptionLookup!) { customerSubscription(by: $by) { quantity customer { tenantId companyName } \
                     partnerOfRecord { name } partnerOfRecordHistory { name to } } }";
        self.ask(token, query, json!({"by": subscription.lookup()}))["customerSubscription"].clone()
    }

    fn former(&self, token: &str, filter: Value) -> Value {
        self.ask(token, &operation("FormerCustomers"), json!({ "filter": filter }))["formerCustomers"].clone()
    }

    /// Every number that a caller can read about its customers and subscriptions.
    fn counts(&self, token: &str) -> Value {
        let query = "query($m: String!) { customers { totalCount } subscriptions { totalCount } orders { totalCount } \
                     partner(by: {mpnId: $m}) { customerCount subscriptionCount licenseCount } \
                     named: subscriptions(filter: {customer: {companyName: {ne: null}}}) { totalCount } }";
        self.ask(token, query, json!({"m": self.world.provider.mpn_id.to_string()}))
    }
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn live_subscriptions_are_left_only_on_purpose(#[case] backend: Backend) {
    let Left { world, customer, .. } = Left::before(backend);
    let as_provider = world.as_provider();
    let key = GrantOf { partner_id: world.provider.id, customer_id: customer.id };
    world.graph.write(|conn, actor, now| grants::grant(conn, actor, now, key));
    let refused = as_provider.remove_customer_relationship(&customer);
    assert_eq!(rules(&refused), ["D-06"]);
    let error = &refused["userErrors"][0];
    assert_eq!((&error["code"], &error["field"]), (&json!("LIVE_SUBSCRIPTIONS"), &json!(["leaveSubscriptions"])));
    assert!(error["message"].as_str().unwrap().starts_with("2 subscriptions that you sold"), "{error}");
    assert_eq!((&refused["remaining"], &refused["customer"]), (&Value::Null, &Value::Null));
    let everything = as_provider.perform("RemoveCustomerRelationship", json!({"customer": customer.lookup()}));
    assert_eq!(rules(&everything), ["D-06", "D-04", "D-03", "D-03", "D-03", "D-03"]);
    let remaining = json!({"subscriptions": 2, "licenses": 5, "delegatedAdmin": 1});
    let validated = expect_success(as_provider.validating().leave_customer(&customer));
    assert_eq!((&validated["remaining"], world.customers(&world.northwind).len()), (&remaining, 1));

    let left = expect_success(as_provider.leave_customer(&customer));
    assert_eq!(left["remaining"], remaining);
    let warnings = left["warnings"].as_array().unwrap();
    assert!(warnings[2].as_str().unwrap().starts_with("2 subscriptions that you leave renew"), "{warnings:?}");
    assert_eq!(rules(&as_provider.leave_customer(&customer)), ["NOT_FOUND"]);

    // What does not stand needs no word, and another partner's subscriptions are none of its business.
    let direct = world.graph.direct_bill("Direct").add();
    world.graph.customer_also_of(&direct, &customer);
    world.graph.subscription(&direct, &customer).status(SubscriptionStatus::Deleted).add();
    let theirs = world.graph.token(&direct, &[Role::AdminAgent]);
    let left = expect_success(world.as_user(&theirs).remove_customer_relationship(&customer));
    assert_eq!(left["remaining"], json!({"subscriptions": 0, "licenses": 0, "delegatedAdmin": 0}));
    assert_eq!(left["warnings"].as_array().unwrap().len(), 2);
    // The partnership shares nothing any more (C-28), although the subscription still names the reseller.
    assert_eq!(world.number("SELECT COUNT(*) AS number FROM subscriptions WHERE reseller_id IS NOT NULL"), 1);
    let parted = expect_success(as_provider.remove_partnership(&world.reseller));
    let nothing = json!({"customers": 0, "partnersOfRecord": 0, "supportContacts": 0, "delegatedAdmin": 0});
    assert_eq!(parted["remaining"], nothing);
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn the_seller_goes_on_reading_what_it_sold_and_lists_it_no_more(#[case] backend: Backend) {
    let left = Left::after(backend);
    let world = &left.world;
    let (seller, operator) = (&world.northwind, world.graph.operator_token());
    let buyer = world.graph.customer_token(&left.customer);
    let helpdesk = world.graph.token(&world.provider, &[Role::HelpdeskAgent]);
    let rival = world.graph.token(&world.graph.provider("Rival").add(), &[Role::GlobalAdmin]);
    let whole = json!({"quantity": 5, "customer": {"tenantId": left.customer.tenant_id, "companyName": "Contoso"},
        "partnerOfRecord": {"name": "Fabrikam"}, "partnerOfRecordHistory": [{"name": "Fabrikam", "to": null}]});
    for token in [seller, &helpdesk, &operator, &buyer] {
        assert_eq!(left.read(token, &left.recorded), whole);
        assert_eq!(left.read(token, &left.ended)["quantity"], 9);
    }
    // The reseller saw the customer through the seller (C-28), and a rival never did.
    for token in [&world.fabrikam, &rival] {
        assert_eq!(left.read(token, &left.recorded), Value::Null);
    }
    let nothing = json!({"totalCount": 0});
    let counts = left.counts(seller);
    for list in ["customers", "subscriptions", "orders", "named"] {
        assert_eq!(counts[list], nothing, "{list}");
    }
    assert_eq!(counts["partner"], json!({"customerCount": 0, "subscriptionCount": 0, "licenseCount": 0}));
    assert_eq!(left.counts(&operator)["subscriptions"], json!({"totalCount": 3}));
    assert_eq!(left.counts(&buyer)["subscriptions"], json!({"totalCount": 3}));

    // Node and lookup find the same; of the customer only what identifies it.
    let ids = "query($by: SubscriptionLookup!) { customerSubscription(by: $by) { id customer { id } } }";
    let named = left.ask(seller, ids, json!({"by": left.recorded.lookup()}))["customerSubscription"].clone();
    let nodes = "query($ids: [ID!]!) { nodes(ids: $ids) { __typename ... on CustomerSubscription { quantity } \
                 ... on Customer { companyName tags agreements { type } billingProfile { email } relationshipToPartner \
                 partners { relationshipToPartner } subscriptions { totalCount nodes { quantity } } } } }";
    let found =
        |token: &str| left.ask(token, nodes, json!({"ids": [named["id"], named["customer"]["id"]]}))["nodes"].clone();
    let expected = json!([{"__typename": "CustomerSubscription", "quantity": 5},
        {"__typename": "Customer", "companyName": "Contoso", "tags": [], "agreements": [], "billingProfile": null,
         "relationshipToPartner": "NONE", "partners": [], "subscriptions": {"totalCount": 3, "nodes": [{"quantity": 2}, {"quantity": 5}, {"quantity": 9}]}}]);
    let mut sold = found(seller);
    sold[1]["subscriptions"]["nodes"].as_array_mut().unwrap().sort_by_key(|node| node["quantity"].as_i64());
    assert_eq!(sold, expected);
    for token in [&world.fabrikam, &rival] {
        assert_eq!(found(token), json!([null, null]));
    }
    // The customer itself is no longer looked up, by nobody but itself and operators.
    let lookup = "query($by: CustomerLookup!) { customer(by: $by) { companyName } }";
    let looked_up = |token: &str| left.ask(token, lookup, json!({"by": left.customer.lookup()}))["customer"].clone();
    assert_eq!([seller, &rival].map(|token| looked_up(token)), [Value::Null, Value::Null]);
    assert_eq!(looked_up(&buyer)["companyName"], "Contoso");
    // Nothing new can be done for the customer: for that it does not exist.
    let lines = json!([{"offerId": "CFQ7TTC0LH18:0001", "offerName": "Basic", "quantity": 1}]);
    assert_eq!(rules(&world.as_provider().submit_order(&left.customer, lines)), ["NOT_FOUND"]);
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn an_order_is_read_by_its_seller_after_it_left(#[case] backend: Backend) {
    let left = Left::before(backend);
    let world = &left.world;
    let lines = json!([{"offerId": "CFQ7TTC0LH18:0001", "offerName": "Basic", "quantity": 3, "reseller": world.reseller.lookup()}]);
    let placed = expect_success(world.as_provider().submit_order(&left.customer, lines.clone()));
    let kept = world.graph.customer(&world.provider, "Kept");
    expect_success(world.as_provider().submit_order(&kept, lines));
    let listed = |filter: Value| {
        let orders = left.ask(&world.northwind, &operation("Orders"), json!({ "filter": filter }))["orders"].clone();
        let names = orders["nodes"].as_array().unwrap().iter().map(|order| order["customer"]["companyName"].clone());
        assert_eq!(orders["totalCount"], orders["nodes"].as_array().unwrap().len());
        names.map(|name| name.as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(listed(json!({})), ["Kept", "Contoso"], "newest first");
    assert_eq!(listed(json!({"customer": {"companyName": {"startsWith": "con"}}})), ["Contoso"]);
    assert_eq!(listed(json!({"channel": {"eq": "PARTNER_CENTER"}})), [] as [&str; 0]);
    assert_eq!(listed(json!({"provider": {"mpnId": {"eq": world.provider.mpn_id.to_string()}}, "not": {"orderedBy": {"eq": "nobody"}}})).len(), 2);
    assert_eq!(listed(json!({"createdAt": {"gt": "2100-01-01T00:00:00Z"}})), [] as [&str; 0]);
    // A reseller reads its subscriptions and no order (B-14), the customer its own.
    let of = |token: &str| left.ask(token, "{ orders { totalCount } }", json!({}))["orders"]["totalCount"].clone();
    let buyer = world.graph.customer_token(&left.customer);
    assert_eq!((of(&world.fabrikam), of(&buyer), of(&world.graph.operator_token())), (json!(0), json!(1), json!(2)));

    expect_success(world.as_provider().leave_customer(&left.customer));
    assert_eq!(listed(json!({})), ["Kept"]);
    let query = "query($id: ID!) { node(id: $id) { ... on Order { customer { companyName orders { totalCount } } \
                 lines { subscription { quantity } } } } }";
    let order = |token: &str| left.ask(token, query, json!({"id": placed["order"]["id"]}))["node"].clone();
    let expected = json!({"customer": {"companyName": "Contoso", "orders": {"totalCount": 1}}, "lines": [{"subscription": {"quantity": 3}}]});
    assert_eq!(order(&world.northwind), expected);
    assert_eq!(order(&world.fabrikam), Value::Null);
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn former_customers_are_listed_with_what_was_stated_and_sold(#[case] backend: Backend) {
    let left = Left::after(backend);
    let world = &left.world;
    let bare = world.graph.customer(&world.provider, "Bare");
    world.graph.customer(&world.provider, "Current");
    expect_success(world.as_provider().remove_customer_relationship(&bare));
    let names = |token: &str, filter: Value| {
        let former = left.former(token, filter);
        let edges = former["edges"].as_array().unwrap().clone();
        assert_eq!(former["totalCount"], edges.len());
        edges.iter().map(|edge| edge["node"]["companyName"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(names(&world.northwind, json!({})), ["Bare", "Contoso"]);
    let renewing = json!({"subscriptions": {"autoRenewEnabled": {"eq": true}, "status": {"eq": "ACTIVE"}}});
    assert_eq!(names(&world.northwind, renewing), ["Contoso"]);
    assert_eq!(names(&world.northwind, json!({"companyName": {"contains": "are"}})), ["Bare"]);
    assert_eq!(names(&world.northwind, json!({"tags": ["any"]})), [] as [&str; 0]);
    let edge = left.former(&world.northwind, json!({}))["edges"][1].clone();
    assert!(edge["removedAt"].is_string());
    let stated = json!({"goodFaith": true, "legitimateBusinessPurpose": true, "inAccordanceWithAgreement": true, "indemnify": true});
    assert_eq!(edge["representation"], stated, "D-03");
    assert_eq!(edge["node"]["subscriptions"]["totalCount"], 2);

    // Each end of a page, and every item again by its id.
    let page = "query($first: Int, $after: String) { formerCustomers(first: $first, after: $after) { \
                nodes { id companyName } pageInfo { hasNextPage endCursor } } }";
    let first = left.ask(&world.northwind, page, json!({"first": 1}))["formerCustomers"].clone();
    assert_eq!(first["pageInfo"]["hasNextPage"], true);
    let second = left.ask(&world.northwind, page, json!({"first": 1, "after": first["pageInfo"]["endCursor"]}));
    assert_eq!(second["formerCustomers"]["nodes"][0]["companyName"], "Contoso");
    let node = "query($id: ID!) { node(id: $id) { ... on Customer { companyName } } }";
    let again = left.ask(&world.northwind, node, json!({"id": first["nodes"][0]["id"]}));
    assert_eq!(again["node"], json!({"companyName": "Bare"}));

    // Only who left reads it, and operators.
    let rival = world.graph.token(&world.graph.provider("Rival").add(), &[Role::GlobalAdmin]);
    for token in [&world.fabrikam, &rival, &world.graph.customer_token(&left.customer)] {
        assert_eq!(names(token, json!({})), [] as [&str; 0]);
    }
    assert_eq!(names(&world.graph.operator_token(), json!({})), ["Bare", "Contoso"]);
    // A customer that comes back is former no more.
    let (_, token) = world.invite(&world.northwind, json!({}));
    expect_success(world.as_user(&world.graph.customer_token(&left.customer)).accept_invitation(&token));
    assert_eq!(names(&world.northwind, json!({})), ["Bare"]);
    assert_eq!(names(&world.graph.operator_token(), json!({})), ["Bare"]);
    assert_eq!(left.counts(&world.northwind)["subscriptions"], json!({"totalCount": 3}));
    // A reseller that ended its own relationship, but still sees the customer through its provider, has it in one list only.
    world.graph.customer_also_of(&world.reseller, &left.customer);
    expect_success(world.as_reseller().remove_customer_relationship(&left.customer));
    assert_eq!((names(&world.fabrikam, json!({})).len(), world.customers(&world.fabrikam).len()), (0, 1));
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn the_representation_is_in_the_audit_record_of_the_remover(#[case] backend: Backend) {
    let left = Left::after(backend);
    let world = &left.world;
    expect_success(world.as_provider().remove_partnership(&world.reseller));
    let query = "query($f: AuditEventFilter) { auditEvents(filter: $f) { nodes { changes { field after } } } }";
    let stated = |token: &str, operation: &str| {
        let filter = json!({"operationType": {"eq": operation}});
        let nodes = left.ask(token, query, json!({ "f": filter }))["auditEvents"]["nodes"].clone();
        let changes = nodes.as_array().unwrap().iter().flat_map(|node| node["changes"].as_array().unwrap().clone());
        let made = changes.filter(|change| change["field"].as_str().unwrap().starts_with("representation."));
        made.map(|change| (change["field"].as_str().unwrap()[15..].to_owned(), change["after"].clone()))
            .collect::<Vec<_>>()
    };
    let all = ["goodFaith", "inAccordanceWithAgreement", "indemnify", "legitimateBusinessPurpose"];
    let all = all.map(|statement| (statement.to_owned(), json!("true")));
    for operation in ["REMOVE_PARTNER_RELATIONSHIP", "REMOVE_PARTNER_CUSTOMER_RELATIONSHIP"] {
        for token in [&world.northwind, &world.graph.operator_token()] {
            let mut made = stated(token, operation);
            made.sort_by(|one, other| one.0.cmp(&other.0));
            assert_eq!(made, all, "{operation}");
        }
        for token in [&world.fabrikam, &world.graph.customer_token(&left.customer)] {
            assert_eq!(stated(token, operation), [], "X-05, D-03");
        }
    }
}
