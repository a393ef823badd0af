//! An entitlement's own partner of record.

use partnergraph_store::Backend;
use partnergraph_store::Scope;
use partnergraph_store::read::entitlements::{self, EntitlementRow};
use rstest::rstest;
use serde_json::{Value, json};

use crate::mutations::world::{World, codes, errors, rules};
use crate::support::{Entitlement, Named, Partner, Postgres, Role, Sqlite, Subscription, User, Verbs};
use partnergraph_domain::EntitlementKey;

const ASSOCIATE: &str = "mutation($input: AssociateResellerInput!) { associateReseller(input: $input) { \
     entitlement { id entitlementId version partnerOfRecord { mpnId } } customerSubscription { subscriptionId version } \
     customer { id } userErrors { code message field rule microsoftCode } } }";
const DISSOCIATE: &str = "mutation($input: DissociateResellerInput!) { dissociateReseller(input: $input) { \
     entitlement { id version partnerOfRecord { mpnId } } userErrors { code message field rule microsoftCode } } }";
/// The documents of both mutations, which select the entitlement.
const DOCUMENTS: &[(&str, &str)] = &[("AssociateReseller", ASSOCIATE), ("DissociateReseller", DISSOCIATE)];
const ASSOCIATE_MANY: &str = "mutation($input: AssociateResellersInput!) { associateResellers(input: $input) { \
     results { index entitlement { entitlementId version } userErrors { field rule } } succeeded failed } }";
const SUBSCRIPTION: &str = "query($by: SubscriptionLookup!) { customerSubscription(by: $by) { subscriptionId version \
     partnerOfRecord { mpnId } entitlements(first: 10) { totalCount nodes { id entitlementId partnerOfRecord { mpnId name } } } } }";
const OF_RESELLER: &str = "query($mpnId: String!, $via: Via!) { customers(filter: {indirectReseller: {mpnId: {eq: $mpnId}, via: $via}}) \
     { totalCount nodes { companyName indirectResellers { edges { association { via subscriptionCount licenseCount } node { mpnId } } } } } }";

/// A world with an Azure plan that has one entitlement.
struct Azure {
    world: World,
    plan: Subscription,
    row: EntitlementKey,
    id: String,
}

impl Azure {
    fn on(backend: Backend) -> Self {
        let world = World::on(backend);
        let plan = world.graph.subscription(&world.provider, &world.customer).usage().add();
        let row = world.graph.entitlement(&plan, "e-1", None);
        let id = id_of(&world, &world.token, &plan, "e-1").unwrap();
        Self { world, plan, row, id }
    }

    fn as_provider(&self) -> User<'_> {
        self.world.as_provider().selecting(DOCUMENTS)
    }

    fn entitlement(&self) -> Entitlement<'_> {
        Entitlement(&self.id)
    }

    fn stored(&self) -> EntitlementRow {
        entitlements::find(&mut self.world.graph.database.connect(), &Scope::Operator, self.row).unwrap().unwrap()
    }

    fn read(&self, token: &str) -> Value {
        let by = json!({"by": {"subscriptionId": self.plan.subscription_id}});
        self.world.api.data(token, SUBSCRIPTION, by)["customerSubscription"].clone()
    }
}

fn id_of(world: &World, token: &str, plan: &Subscription, entitlement: &str) -> Option<String> {
    let by = json!({"by": {"subscriptionId": plan.subscription_id}});
    let found = world.api.data(token, SUBSCRIPTION, by)["customerSubscription"]["entitlements"]["nodes"].clone();
    let node = found.as_array()?.iter().find(|node| node["entitlementId"] == entitlement)?.clone();
    node["id"].as_str().map(str::to_owned)
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn the_partner_of_record_of_an_entitlement_is_set_and_cleared(#[case] backend: Backend) {
    let azure = Azure::on(backend);
    let world = &azure.world;
    let as_provider = azure.as_provider();
    let payload = as_provider.associate(&azure.entitlement(), &world.reseller);
    assert_eq!(errors(&payload), [] as [Value; 0]);
    assert_eq!(payload["entitlement"]["version"], 2);
    assert_eq!(payload["entitlement"]["partnerOfRecord"]["mpnId"], world.reseller.mpn_id.to_string());
    // The plan's own partner of record is independent (K-03).
    assert_eq!(payload["customerSubscription"]["version"], 1);
    assert_eq!(azure.read(&world.token)["partnerOfRecord"], Value::Null);

    let again = as_provider.associate(&azure.entitlement(), &world.reseller);
    assert_eq!(again["entitlement"]["version"], 2);

    let cleared = as_provider.with(json!({"ifVersion": 2})).dissociate(&azure.entitlement());
    assert_eq!(errors(&cleared), [] as [Value; 0]);
    assert_eq!(cleared["entitlement"], json!({"id": azure.id, "version": 3, "partnerOfRecord": null}));
    assert_eq!((azure.stored().reseller_id, azure.stored().version), (None, 3));
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn a_reseller_sees_the_customer_of_its_entitlement_and_is_found_by_it(#[case] backend: Backend) {
    let azure = Azure::on(backend);
    let world = &azure.world;
    let as_provider = azure.as_provider();
    let other = world.graph.reseller("Litware").partner_of(&world.provider).add();
    world.graph.entitlement(&azure.plan, "e-2", Some(&other));
    world.graph.entitlement(&azure.plan, "e-3", None);
    let token = world.graph.token(&world.reseller, &[Role::AdminAgent]);
    assert_eq!(azure.read(&token), Value::Null);
    assert_eq!(world.api.data(&token, "{ customers { totalCount } }", json!({}))["customers"]["totalCount"], 0);

    as_provider.associate(&azure.entitlement(), &world.reseller);

    // B-14: only its own entitlement of the plan, and nothing of others.
    let seen = azure.read(&token);
    assert_eq!(seen["entitlements"]["totalCount"], 1);
    assert_eq!(seen["entitlements"]["nodes"][0]["entitlementId"], "e-1");
    assert_eq!(seen["entitlements"]["nodes"][0]["partnerOfRecord"]["name"], "Fabrikam");
    assert_eq!(world.api.data(&token, "{ customers { totalCount } }", json!({}))["customers"]["totalCount"], 1);
    let other_id = id_of(world, &world.token, &azure.plan, "e-2").unwrap();
    let nodes = world.api.data(
        &token,
        "query($ids: [ID!]!) { nodes(ids: $ids) { ... on Entitlement { entitlementId } } }",
        json!({"ids": [azure.id, other_id]}),
    );
    assert_eq!(nodes["nodes"], json!([{"entitlementId": "e-1"}, null]));

    let operator = world.graph.operator_token();
    for token in [&world.token, &token, &operator] {
        for (via, count) in [("ANY", 1), ("SUBSCRIPTION", 1), ("ACCOUNT", 0)] {
            let variables = json!({"mpnId": world.reseller.mpn_id.to_string(), "via": via});
            let found = world.api.data(token, OF_RESELLER, variables);
            assert_eq!(found["customers"]["totalCount"], count, "{via}");
        }
    }
    let variables = json!({"mpnId": world.reseller.mpn_id.to_string(), "via": "ANY"});
    let found = world.api.data(&token, OF_RESELLER, variables);
    let edges = &found["customers"]["nodes"][0]["indirectResellers"]["edges"];
    let association = json!({"via": "SUBSCRIPTION", "subscriptionCount": 1, "licenseCount": 0});
    assert_eq!(*edges, json!([{"association": association, "node": {"mpnId": world.reseller.mpn_id.to_string()}}]));

    as_provider.dissociate(&azure.entitlement());
    assert_eq!(azure.read(&token), Value::Null);
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn a_subscription_counts_once_for_a_reseller(#[case] backend: Backend) {
    let azure = Azure::on(backend);
    let world = &azure.world;
    let as_provider = azure.as_provider();
    world.graph.entitlement(&azure.plan, "e-2", Some(&world.reseller));
    as_provider.associate(&azure.entitlement(), &world.reseller);
    let count = |token: &str| {
        let query = "query($by: PartnerLookup!) { partner(by: $by) { subscriptionCount licenseCount customerCount } }";
        world.api.data(token, query, json!({"by": {"mpnId": world.reseller.mpn_id}}))["partner"].clone()
    };
    let operator = world.graph.operator_token();
    let own = world.graph.token(&world.reseller, &[Role::AdminAgent]);
    let once = json!({"subscriptionCount": 1, "licenseCount": 0, "customerCount": 1});
    for token in [&world.token, &operator, &own] {
        assert_eq!(count(token), once);
    }
    as_provider.associate(&azure.plan, &world.reseller);
    for token in [&world.token, &operator, &own] {
        assert_eq!(count(token), once);
    }
    as_provider.associate(&world.subscription, &world.reseller);
    let twice = json!({"subscriptionCount": 2, "licenseCount": 5, "customerCount": 1});
    for token in [&world.token, &operator, &own] {
        assert_eq!(count(token), twice);
    }
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn an_entitlement_follows_the_rules_of_a_subscription(#[case] backend: Backend) {
    let azure = Azure::on(backend);
    let world = &azure.world;
    let as_provider = azure.as_provider();
    let unsigned = world.graph.reseller("Litware").without_agreement().partner_of(&world.provider).add();
    let stranger = world.graph.reseller("Stranger").add();
    for reseller in [&unsigned, &stranger, &world.provider] {
        let of_subscription = as_provider.associate(&world.subscription, reseller);
        let of_entitlement = as_provider.associate(&azure.entitlement(), reseller);
        assert!(!rules(&of_entitlement).is_empty());
        assert_eq!(errors(&of_entitlement), errors(&of_subscription));
    }
    assert_eq!(azure.stored().version, 1);

    let stale = as_provider.with(json!({"ifVersion": 7})).associate(&azure.entitlement(), &world.reseller);
    assert_eq!(codes(&stale), ["STALE_VERSION"]);

    let fixed = world.graph.subscription(&world.provider, &world.customer).fixed().add();
    world.graph.entitlement(&fixed, "e-9", None);
    let id = id_of(world, &world.token, &fixed, "e-9").unwrap();
    let refused = as_provider.associate(&Entitlement(&id), &world.reseller);
    assert_eq!(
        (rules(&refused), errors(&refused)[0]["field"].clone()),
        (vec!["B-03".to_owned()], json!(["entitlement"]))
    );
    let refused = as_provider.dissociate(&Entitlement(&id));
    assert_eq!(
        (rules(&refused), errors(&refused)[0]["field"].clone()),
        (vec!["B-03".to_owned()], json!(["entitlement"]))
    );
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn exactly_one_visible_target_must_be_named(#[case] backend: Backend) {
    let azure = Azure::on(backend);
    let world = &azure.world;
    let as_provider = azure.as_provider();
    let both = as_provider.with(json!({"subscription": world.subscription.lookup()}));
    assert_eq!(codes(&both.associate(&azure.entitlement(), &world.reseller)), ["BAD_INPUT"]);
    let with_reseller = as_provider.with(json!({"reseller": world.reseller.lookup()}));
    assert_eq!(codes(&with_reseller.dissociate(&azure.entitlement())), ["BAD_INPUT"]);

    let rival = world.graph.provider("Rival").add();
    let token = world.graph.token(&rival, &[Role::AdminAgent]);
    let hidden = world.as_user(&token).selecting(DOCUMENTS).associate(&azure.entitlement(), &world.reseller);
    assert_eq!(codes(&hidden), ["NOT_FOUND"]);
    assert_eq!(errors(&hidden)[0]["field"], json!(["entitlement"]));
    let unknown = as_provider.associate(&Entitlement("nothing"), &world.reseller);
    assert_eq!(errors(&unknown), errors(&hidden));
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn many_entitlements_are_associated_at_once(#[case] backend: Backend) {
    let azure = Azure::on(backend);
    let world = &azure.world;
    world.graph.entitlement(&azure.plan, "e-2", None);
    let second = id_of(world, &world.token, &azure.plan, "e-2").unwrap();
    let stranger = world.graph.reseller("Stranger").add();
    let item = |id: &str, reseller: &Partner| json!({"entitlement": id, "reseller": reseller.lookup()});
    let items = json!([item(&azure.id, &world.reseller), item(&second, &stranger)]);
    let payload = world.as_provider().run(ASSOCIATE_MANY, json!({"errorPolicy": "REJECT_FAILED_ROWS", "items": items}));
    assert_eq!((payload["succeeded"].clone(), payload["failed"].clone()), (json!(1), json!(1)));
    assert_eq!(payload["results"][0]["entitlement"], json!({"entitlementId": "e-1", "version": 2}));
    assert_eq!(payload["results"][1]["entitlement"], Value::Null);
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn the_event_names_the_entitlement_and_no_other_reseller(#[case] backend: Backend) {
    let azure = Azure::on(backend);
    let world = &azure.world;
    let as_provider = azure.as_provider();
    let other = world.graph.reseller("Litware").partner_of(&world.provider).add();
    let bystander = world.graph.reseller("Tailspin").partner_of(&world.provider).add();
    world.graph.entitlement(&azure.plan, "e-2", Some(&bystander));
    // Creating a token is an event as well, so the tokens are created first.
    let [other_token, reseller_token, bystander_token] =
        [&other, &world.reseller, &bystander].map(|partner| world.graph.token(partner, &[Role::AdminAgent]));
    as_provider.associate(&azure.entitlement(), &world.reseller);
    as_provider.associate(&azure.entitlement(), &other);
    let newest_event = |token: &str| -> Value {
        let query = "{ auditEvents(first: 1) { nodes { operationType customer { companyName } changes { field before after } } } }";
        world.api.data(token, query, json!({}))["auditEvents"]["nodes"][0].clone()
    };
    let changes = |before: Option<&Partner>, after: Option<&Partner>| {
        let name = |partner: Option<&Partner>| partner.map(|partner| partner.mpn_id.to_string());
        json!([{"field": "entitlementId", "before": "e-1", "after": "e-1"},
               {"field": "partnerOfRecord", "before": name(before), "after": name(after)}])
    };
    let event = newest_event(&world.token);
    assert_eq!(event["operationType"], "UPDATE_MPN_ASSOCIATION");
    assert_eq!(event["changes"], changes(Some(&world.reseller), Some(&other)));
    assert_eq!(newest_event(&other_token)["changes"], changes(None, Some(&other)));
    assert_eq!(newest_event(&reseller_token)["changes"], changes(Some(&world.reseller), None));
    // The partner of record of another entitlement is not notified.
    assert_ne!(newest_event(&bystander_token)["operationType"], "UPDATE_MPN_ASSOCIATION");
}
