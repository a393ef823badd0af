//! `relationshipEvents`: live events, delivered to those who can see them.

use partnergraph_domain::{Role, TenantId};
use partnergraph_store::read::history;
use partnergraph_store::write::associations::{self, AssociationOf};
use partnergraph_store::write::tokens;
use partnergraph_store::write::users::{self, Organization};
use rstest::rstest;
use serde_json::{Value, json};

use crate::live::server::Server;
use crate::support::{Backend, Customer, Partner, Postgres, Sqlite, Subscription};

const EVENTS: &str = "subscription ($after: ID) { relationshipEvents(after: $after) { id operationType operationDate \
     customerId customer { tenantId } partner { mpnId } } }";
const ASSOCIATE: &str =
    "mutation($input: AssociateResellerInput!) { associateReseller(input: $input) { userErrors { message } } }";

struct World {
    server: Server,
    provider: Partner,
    reseller: Partner,
    customer: Customer,
    subscription: Subscription,
    /// The token of an Admin agent of the provider.
    token: String,
}

async fn world(backend: Backend) -> World {
    let server = Server::on(backend).await;
    let graph = &server.graph;
    let provider = graph.provider("Northwind").add();
    let reseller = graph.reseller("Tailspin").partner_of(&provider).add();
    let customer = graph.customer(&provider, "Contoso");
    let subscription = graph.subscription(&provider, &customer).add();
    let token = graph.token(&provider, &[Role::AdminAgent]);
    World { server, provider, reseller, customer, subscription, token }
}

impl World {
    /// Sets the reseller on the subscription, in this process.
    async fn associate(&self) {
        let input = json!({"subscription": {"subscriptionId": self.subscription.subscription_id}, "reseller": {"mpnId": self.reseller.mpn_id}});
        self.server.data(&self.token, ASSOCIATE, json!({ "input": input })).await;
    }

    /// Associates and dissociates the reseller and the account this many times, as another process would.
    fn to_and_fro(&self, times: usize) {
        let key = AssociationOf {
            provider_id: self.provider.id,
            customer_id: self.customer.id,
            reseller_id: self.reseller.id,
        };
        self.server.graph.write(|conn, actor, now| {
            for _ in 0..times {
                associations::associate(conn, actor, now, key)?;
                associations::dissociate(conn, actor, now, key)?;
            }
            Ok(())
        });
    }

    fn admin(&self, partner: &Partner) -> String {
        self.server.graph.token(partner, &[Role::GlobalAdmin])
    }

    /// The ids of all events that the owner of a token sees, oldest first.
    async fn all(&self, token: &str) -> Vec<String> {
        let query = "query ($after: String) { auditEvents(first: 100, after: $after) { nodes { id } pageInfo { hasNextPage endCursor } } }";
        let (mut ids, mut after) = (Vec::new(), Value::Null);
        loop {
            let page = self.server.data(token, query, json!({ "after": after })).await["auditEvents"].clone();
            ids.extend(page["nodes"].as_array().unwrap().iter().map(|node| node["id"].as_str().unwrap().to_owned()));
            if page["pageInfo"]["hasNextPage"] == false {
                ids.reverse();
                return ids;
            }
            after = page["pageInfo"]["endCursor"].clone();
        }
    }
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn events_are_delivered_to_those_who_can_see_them(#[case] backend: Backend) {
    let world = world(backend).await;
    let graph = &world.server.graph;
    let rival = graph.provider("Litware").add();
    graph.customer_also_of(&rival, &world.customer);
    let tokens = [
        world.token.clone(),
        world.admin(&world.reseller),
        graph.customer_token(&world.customer),
        graph.operator_token(),
    ];
    let outside = world.admin(&rival);
    let mut sockets = Vec::new();
    for token in &tokens {
        let mut socket = world.server.connect(token).await;
        socket.subscribe("e", EVENTS, json!({})).await;
        sockets.push(socket);
    }
    let mut outside = world.server.connect(&outside).await;
    outside.subscribe("e", EVENTS, json!({})).await;
    outside.settle(&world.server, 5).await;
    world.associate().await;
    for (place, socket) in sockets.iter_mut().enumerate() {
        let event = socket.next("e").await["data"]["relationshipEvents"].clone();
        assert_eq!(event["operationType"], "CREATE_MPN_ASSOCIATION", "{place}: {event}");
        assert_eq!(event["customer"]["tenantId"], json!(world.customer.tenant_id));
        let other = if place == 1 { &world.provider } else { &world.reseller };
        assert_eq!(event["partner"]["mpnId"], other.mpn_id.to_string(), "{place}");
    }
    // The first event that the rival receives is its own.
    graph.customer(&rival, "Elsewhere");
    assert_eq!(outside.next("e").await["data"]["relationshipEvents"]["operationType"], "ADD_CUSTOMER");
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_change_request_is_delivered_to_its_two_ends(#[case] backend: Backend) {
    let world = world(backend).await;
    world.associate().await;
    let reseller_token = world.admin(&world.reseller);
    let mut reseller = world.server.connect(&reseller_token).await;
    let mut provider = world.server.connect(&world.token).await;
    let mut customer = world.server.connect(&world.server.graph.customer_token(&world.customer)).await;
    for socket in [&mut reseller, &mut provider, &mut customer] {
        socket.subscribe("e", EVENTS, json!({})).await;
    }
    customer.settle(&world.server, 3).await;
    let request = "mutation($input: RequestChangeInput!) { requestChange(input: $input) { changeRequest { id } userErrors { message } } }";
    let update = json!({"subscription": {"subscriptionId": world.subscription.subscription_id}, "quantity": 4});
    let asked = world.server.data(&reseller_token, request, json!({"input": {"change": {"update": update}}})).await;
    let decide = "mutation($input: DecideChangeInput!) { decideChange(input: $input) { userErrors { message } } }";
    let input = json!({"changeRequest": asked["requestChange"]["changeRequest"]["id"], "decision": "APPROVE"});
    world.server.data(&world.token, decide, json!({ "input": input })).await;
    for (socket, other) in [(&mut reseller, &world.provider), (&mut provider, &world.reseller)] {
        for operation in ["CREATE_CHANGE_REQUEST", "UPDATE_SUBSCRIPTION", "APPROVE_CHANGE_REQUEST"] {
            let event = socket.next("e").await["data"]["relationshipEvents"].clone();
            assert_eq!(event["operationType"], operation);
            if operation != "UPDATE_SUBSCRIPTION" {
                assert_eq!(event["partner"]["mpnId"], other.mpn_id.to_string());
            }
        }
    }
    // The customer sees the result, and nothing of the request.
    let event = customer.next("e").await["data"]["relationshipEvents"].clone();
    assert_eq!(event["operationType"], "UPDATE_SUBSCRIPTION");
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_removal_is_delivered_only_to_the_remover_and_operators(#[case] backend: Backend) {
    let world = world(backend).await;
    let other = world.server.graph.reseller("Wingtip").partner_of(&world.provider).add();
    let mut reseller = world.server.connect(&world.admin(&world.reseller)).await;
    let mut customer = world.server.connect(&world.server.graph.customer_token(&world.customer)).await;
    let mut operator = world.server.connect(&world.server.graph.operator_token()).await;
    for socket in [&mut reseller, &mut customer, &mut operator] {
        socket.subscribe("e", EVENTS, json!({})).await;
    }
    operator.settle(&world.server, 3).await;
    world.server.graph.end_partnership(&world.provider, &other);
    world.server.graph.end_partnership(&world.provider, &world.reseller);
    world.to_and_fro(1);
    for socket in [&mut reseller, &mut customer] {
        let first = socket.next("e").await;
        assert_eq!(first["data"]["relationshipEvents"]["operationType"], "CREATE_CUSTOMER_ASSOCIATION");
    }
    for _ in 0..2 {
        let first = operator.next("e").await;
        assert_eq!(first["data"]["relationshipEvents"]["operationType"], "REMOVE_PARTNER_RELATIONSHIP");
    }
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_continues_after_the_last_event_it_saw(#[case] backend: Backend) {
    let world = world(backend).await;
    world.to_and_fro(130);
    let token = world.admin(&world.reseller);
    let first = world.all(&token).await.remove(0);
    let mut socket = world.server.connect(&token).await;
    socket.subscribe("e", EVENTS, json!({ "after": first })).await;
    let mut received = vec![first];
    // More events happen while it catches up, in this process and in another one.
    for round in 0..3 {
        world.to_and_fro(20);
        if round == 1 {
            world.associate().await;
        }
        received.push(socket.next("e").await["data"]["relationshipEvents"]["id"].as_str().unwrap().to_owned());
    }
    let all = world.all(&token).await;
    assert!(all.len() > 300);
    while received.len() < all.len() {
        received.push(socket.next("e").await["data"]["relationshipEvents"]["id"].as_str().unwrap().to_owned());
    }
    assert_eq!(received, all);
    // It has caught up, and receives new events.
    world.to_and_fro(1);
    let live = socket.next("e").await["data"]["relationshipEvents"].clone();
    assert_eq!(live["operationType"], "CREATE_CUSTOMER_ASSOCIATION");
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_is_an_event_that_the_client_can_have_seen(#[case] backend: Backend) {
    let world = world(backend).await;
    let hidden = world.all(&world.server.graph.operator_token()).await.remove(0);
    let mut socket = world.server.connect(&world.token).await;
    for after in [hidden.as_str(), "nonsense", "UGFydG5lcjox", "QXVkaXRFdmVudDo5OTk5OTk"] {
        socket.subscribe("e", EVENTS, json!({ "after": after })).await;
        let refused = socket.refused("e").await;
        assert_eq!(refused["errors"][0]["extensions"]["code"], "BAD_CURSOR", "{after}: {refused}");
        assert!(refused["errors"][0]["extensions"]["requestId"].is_string());
    }
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_revoked_token_receives_no_more_events(#[case] backend: Backend) {
    let world = world(backend).await;
    let mut socket = world.server.connect(&world.admin(&world.reseller)).await;
    socket.subscribe("e", EVENTS, json!({})).await;
    socket.settle(&world.server, 1).await;
    world.to_and_fro(1);
    for _ in 0..2 {
        assert!(socket.next("e").await["data"]["relationshipEvents"]["id"].is_string());
    }
    world.server.graph.write(|conn, _, now| {
        let newest = tokens::list(conn)?.into_iter().rev().find(|token| token.organization.starts_with("partner:"));
        tokens::revoke(conn, now, newest.unwrap().id)
    });
    world.to_and_fro(1);
    let refused = socket.next("e").await;
    assert_eq!(refused["errors"][0]["extensions"]["code"], "UNAUTHENTICATED", "{refused}");
    assert!(!refused.to_string().contains("CUSTOMER"));
    socket.ends("e").await;
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_tenant_that_becomes_a_customer_receives_the_event(#[case] backend: Backend) {
    let world = world(backend).await;
    let tenant_id = TenantId(world.server.graph.guid());
    let secret = tokens::fresh_secret();
    world.server.graph.write(|conn, actor, now| {
        let organization = Organization::Tenant(tenant_id);
        let (user, _) = users::set_roles(conn, actor, now, organization, "admin@new.example", &[Role::GlobalAdmin])?;
        tokens::create(conn, now, user, &[Role::GlobalAdmin], &secret, None)
    });
    let mut socket = world.server.connect(&secret).await;
    socket.subscribe("e", EVENTS, json!({})).await;
    socket.settle(&world.server, 1).await;
    world.server.graph.customer(&world.provider, "Not this one");
    world.server.graph.write(|conn, actor, now| {
        let new = partnergraph_store::write::customers::NewCustomer {
            tenant_id,
            cloud: partnergraph_domain::Cloud::Public,
            columns: partnergraph_store::columns::CustomerRecordColumns {
                company_name: Some("Newcomer".to_owned()),
                ..Default::default()
            },
        };
        partnergraph_store::write::customers::add(conn, actor, now, world.provider.id, &new)
    });
    let event = socket.next("e").await["data"]["relationshipEvents"].clone();
    assert_eq!((&event["operationType"], &event["customer"]["tenantId"]), (&json!("ADD_CUSTOMER"), &json!(tenant_id)));
    assert_eq!(event["partner"]["mpnId"], world.provider.mpn_id.to_string());
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn waiting_subscriptions_hold_no_database_connection(#[case] backend: Backend) {
    let world = world(backend).await;
    let mut sockets = Vec::new();
    // The pool of the tests has two readers.
    for _ in 0..6 {
        let mut socket = world.server.connect(&world.token).await;
        socket.subscribe("a", EVENTS, json!({})).await;
        socket.subscribe("b", EVENTS, json!({})).await;
        sockets.push(socket);
    }
    sockets[0].settle(&world.server, 12).await;
    world.associate().await;
    for socket in &mut sockets {
        let mut ids = [socket.receive().await["id"].clone(), socket.receive().await["id"].clone()];
        ids.sort_by_key(ToString::to_string);
        assert_eq!(ids, [json!("a"), json!("b")]);
    }
    // Also between two events, and after clients have disconnected.
    drop(sockets);
    let newest = world.server.database.read(history::newest).await.unwrap();
    assert!(newest.get() > 0);
    let customers = world.server.data(&world.token, "{ customers { totalCount } }", json!({})).await;
    assert_eq!(customers["customers"]["totalCount"], 1);
}
