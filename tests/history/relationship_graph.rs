//! `relationshipGraph`: the relationships that the caller sees.

use chrono::NaiveDateTime;
use partnergraph::graphql::schema;
use partnergraph_domain::{CustomerKey, PartnerKey, Role};
use partnergraph_gate::as_variables;
use partnergraph_gate::{Gate, GateRequest};
use partnergraph_store::sql::sql;
use rstest::rstest;
use serde_json::{Value, json};

use crate::support::{Api, Backend, Customer, Graph, Partner, Postgres, Sqlite, Subscription, TestDatabase, moment};

const GRAPH: &str = "query ($around: ID!, $depth: Int, $limit: Int) { relationshipGraph(around: $around, depth: $depth, \
     limit: $limit) { nodes { id kind label entity { id } } edges { from to kind label } truncated mermaid dot } }";

struct World {
    graph: Graph,
    api: Api,
    provider: Partner,
    reseller: Partner,
    other: Partner,
    contoso: Customer,
    subscription: Subscription,
}

/// A customer of two providers, with resellers that do not know of each other.
fn world(backend: Backend) -> World {
    let graph = Graph::new(TestDatabase::on(backend));
    let provider = graph.provider("Northwind").add();
    let rival = graph.provider("Litware").add();
    let reseller = graph.reseller("Tailspin").partner_of(&provider).add();
    let other = graph.reseller("Wingtip").partner_of(&provider).add();
    let contoso = graph.customer(&provider, "Contoso");
    graph.customer_also_of(&rival, &contoso);
    graph.association(&provider, &contoso, &reseller);
    let subscription =
        graph.subscription(&provider, &contoso).friendly_name("Mail").reseller(&reseller).support_contact(&other).add();
    graph.subscription(&rival, &contoso).friendly_name("Rival").add();
    graph.write(|conn, _, now| {
        grant(conn, provider.id, contoso.id, now)?;
        conn.execute(&sql("UPDATE customer_associations SET tenant_owner = ").bind(true))?;
        conn.execute(&sql("UPDATE customers SET internal_use_of = ").bind(other.id))
    });
    let api = Api::on(&graph.database);
    World { graph, api, provider, reseller, other, contoso, subscription }
}

fn grant(
    conn: &mut partnergraph_store::Conn,
    partner: PartnerKey,
    customer: CustomerKey,
    now: NaiveDateTime,
) -> partnergraph_store::StoreResult<usize> {
    conn.execute(
        &sql("INSERT INTO delegated_admin_grants (partner_id, customer_id, kind, external_id, granted_at, version, created_at, \
              updated_at) VALUES (")
        .bind(partner)
        .push(", ")
        .bind(customer)
        .push(", 'DAP', '', ")
        .bind(now)
        .push(", 1, ")
        .bind(now)
        .push(", ")
        .bind(now)
        .push(")"),
    )
}

impl World {
    fn token(&self, partner: &Partner) -> String {
        self.graph.token(partner, &[Role::HelpdeskAgent])
    }

    fn id_of(&self, token: &str, name: &str) -> Value {
        let query = "query ($m: String!, $t: UUID!, $s: UUID!) { partner(by: {mpnId: $m}) { id } customer(by: {tenantId: $t}) { id } \
                     customerSubscription(by: {subscriptionId: $s}) { id } }";
        let variables = json!({"m": self.provider.mpn_id.to_string(), "t": self.contoso.tenant_id, "s": self.subscription.subscription_id});
        self.api.data(token, query, variables)[name]["id"].clone()
    }

    fn around(&self, token: &str, id: &Value, depth: i32) -> Value {
        self.api.data(token, GRAPH, json!({"around": id, "depth": depth}))["relationshipGraph"].clone()
    }
}

/// The names of the nodes, in order.
fn labels(graph: &Value) -> Vec<&str> {
    graph["nodes"].as_array().unwrap().iter().map(|node| node["label"].as_str().unwrap()).collect()
}

/// `from KIND label to`, sorted.
fn edges(graph: &Value) -> Vec<String> {
    let name = |id: &Value| {
        let node = graph["nodes"].as_array().unwrap().iter().find(|node| node["id"] == *id);
        node.unwrap_or_else(|| panic!("an edge without its end {id}"))["label"].as_str().unwrap().to_owned()
    };
    let mut edges: Vec<String> = graph["edges"]
        .as_array()
        .unwrap()
        .iter()
        .map(|edge| {
            let (kind, label) = (edge["kind"].as_str().unwrap(), edge["label"].as_str().unwrap_or("-"));
            format!("{} {kind} {label} {}", name(&edge["from"]), name(&edge["to"]))
        })
        .collect();
    edges.sort();
    edges
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn a_provider_sees_its_resellers_customers_and_what_it_sold(#[case] backend: Backend) {
    let world = world(backend);
    let token = world.token(&world.provider);
    let graph = world.around(&token, &world.id_of(&token, "partner"), 2);
    assert_eq!(labels(&graph), ["Northwind", "Tailspin", "Wingtip", "Contoso", "Mail"]);
    assert_eq!(
        edges(&graph),
        [
            "Mail SUBSCRIPTION_OF - Contoso",
            "Northwind DELEGATED_ADMIN DAP Contoso",
            "Northwind PARTNERSHIP ACTIVE Tailspin",
            "Northwind PARTNERSHIP ACTIVE Wingtip",
            "Northwind RESELLER_RELATIONSHIP RESELLER Contoso",
            "Northwind SELLS - Mail",
            "Tailspin ASSOCIATION - Contoso",
            "Tailspin PARTNER_OF_RECORD - Mail",
            "Tailspin TENANT_OWNER - Contoso",
            "Wingtip INTERNAL_USE - Contoso",
            "Wingtip SUPPORT_CONTACT - Mail",
        ]
    );
    assert_eq!(graph["truncated"], false);
    let kinds: Vec<&str> =
        graph["nodes"].as_array().unwrap().iter().map(|node| node["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["INDIRECT_PROVIDER", "INDIRECT_RESELLER", "INDIRECT_RESELLER", "CUSTOMER", "SUBSCRIPTION"]);
    // A node is a view of its entity and has its own id, by which it can be found again.
    let nodes = graph["nodes"].as_array().unwrap();
    let ids: Vec<&Value> = nodes.iter().flat_map(|node| [&node["id"], &node["entity"]["id"]]).collect();
    let document =
        "query ($ids: [ID!]!) { nodes(ids: $ids) { __typename id ... on RelationshipGraphNode { kind label } } }";
    let found = world.api.data(&token, document, json!({ "ids": ids }));
    let kinds = ["Partner", "Partner", "Partner", "Customer", "CustomerSubscription"];
    for ((node, kind), found) in nodes.iter().zip(kinds).zip(found["nodes"].as_array().unwrap().chunks(2)) {
        assert_ne!(node["id"], node["entity"]["id"]);
        let view = json!({"__typename": "RelationshipGraphNode", "id": node["id"], "kind": node["kind"], "label": node["label"]});
        assert_eq!(found, [view, json!({"__typename": kind, "id": node["entity"]["id"]})]);
    }
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn a_reseller_sees_only_itself_and_its_provider(#[case] backend: Backend) {
    let world = world(backend);
    let token = world.token(&world.reseller);
    let graph = world.around(&token, &world.id_of(&token, "customer"), 6);
    assert_eq!(labels(&graph), ["Contoso", "Northwind", "Tailspin", "Mail"]);
    assert_eq!(
        edges(&graph),
        [
            "Mail SUBSCRIPTION_OF - Contoso",
            "Northwind DELEGATED_ADMIN DAP Contoso",
            "Northwind PARTNERSHIP ACTIVE Tailspin",
            "Northwind RESELLER_RELATIONSHIP RESELLER Contoso",
            "Northwind SELLS - Mail",
            "Tailspin ASSOCIATION - Contoso",
            "Tailspin PARTNER_OF_RECORD - Mail",
            "Tailspin TENANT_OWNER - Contoso",
        ]
    );
    assert!(!graph.to_string().contains("Wingtip") && !graph.to_string().contains("Litware"));
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn a_customer_sees_all_its_partners_and_no_partnership(#[case] backend: Backend) {
    let world = world(backend);
    let token = world.graph.customer_token(&world.contoso);
    let graph = world.around(&token, &world.id_of(&token, "customer"), 6);
    assert_eq!(labels(&graph), ["Contoso", "Litware", "Northwind", "Tailspin", "Wingtip", "Mail", "Rival"]);
    assert!(edges(&graph).iter().all(|edge| !edge.contains("PARTNERSHIP")), "{graph:#}");
    assert!(edges(&graph).contains(&"Litware SELLS - Rival".to_owned()));
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn missing_and_invisible_nodes_are_both_null(#[case] backend: Backend) {
    let world = world(backend);
    let provider = world.token(&world.provider);
    let stranger = world.token(&world.graph.provider("Stranger").add());
    let (customer, subscription) = (world.id_of(&provider, "customer"), world.id_of(&provider, "customerSubscription"));
    for id in [&customer, &subscription, &world.id_of(&provider, "partner")] {
        assert_eq!(world.around(&stranger, id, 2), json!(null));
        assert!(world.around(&provider, id, 0)["nodes"].as_array().unwrap().len() == 1);
    }
    for id in ["nonsense", "VXNlcjox", "UGFydG5lcjo5OTk5OTk"] {
        assert_eq!(world.around(&provider, &json!(id), 2), json!(null));
    }
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn a_partnership_id_means_its_two_ends(#[case] backend: Backend) {
    let world = world(backend);
    let token = world.token(&world.provider);
    let query = "{ indirectResellers(first: 1) { edges { partnership { id } } } }";
    let id = world.api.data(&token, query, json!({}))["indirectResellers"]["edges"][0]["partnership"]["id"].clone();
    assert_eq!(labels(&world.around(&token, &id, 0)), ["Northwind", "Tailspin"]);
    assert_eq!(world.around(&world.token(&world.other), &id, 0), json!(null));
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn omitted_nodes_are_counted_at_their_neighbours(#[case] backend: Backend) {
    let world = world(backend);
    for number in 0..40 {
        let customer = world.graph.customer(&world.provider, &format!("Customer {number:02}"));
        if number == 0 {
            world.graph.subscription(&world.provider, &customer).friendly_name("Zoo").add();
        }
    }
    let token = world.token(&world.provider);
    let id = world.id_of(&token, "partner");
    let graph =
        world.api.data(&token, GRAPH, json!({"around": id, "depth": 1, "limit": 6}))["relationshipGraph"].clone();
    // 41 customers, 3 of which are included, and two subscriptions, neither of which is included.
    assert_eq!(
        labels(&graph),
        ["Northwind", "Tailspin", "Wingtip", "Contoso", "Customer 00", "Customer 01", "+40 more"]
    );
    assert_eq!(graph["truncated"], true);
    let more = graph["nodes"].as_array().unwrap().last().unwrap();
    assert_eq!((&more["kind"], &more["entity"]), (&json!("MORE"), &Value::Null));
    let found = "query ($id: ID!) { node(id: $id) { ... on RelationshipGraphNode { id kind label entity { id } } } }";
    assert_eq!(world.api.data(&token, found, json!({"id": more["id"]}))["node"], *more);
    assert!(edges(&graph).contains(&"Northwind MORE - +40 more".to_owned()));
    let again =
        world.api.data(&token, GRAPH, json!({"around": id, "depth": 1, "limit": 6}))["relationshipGraph"].clone();
    assert_eq!(graph, again);
    let whole = world.around(&token, &id, 1);
    assert_eq!((labels(&whole).len(), &whole["truncated"]), (46, &json!(false)));
    // A node whose neighbours were not requested has no omitted ones.
    assert_eq!(labels(&world.around(&token, &id, 0)), ["Northwind"]);
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn a_graph_has_bounds(#[case] backend: Backend) {
    let world = world(backend);
    let token = world.token(&world.provider);
    let id = world.id_of(&token, "partner");
    for bounds in [json!({"depth": 7}), json!({"depth": -1}), json!({"limit": 501}), json!({"limit": 0})] {
        let mut variables = json!({"around": id});
        variables.as_object_mut().unwrap().extend(bounds.as_object().unwrap().clone());
        let refused = world.api.response(&token, GRAPH, variables);
        assert_eq!(refused["errors"][0]["extensions"]["code"], "BAD_PAGE_SIZE", "{bounds}");
    }
    let default = world.api.data(&token, GRAPH, json!({"around": id}))["relationshipGraph"].clone();
    assert_eq!(default, world.around(&token, &id, 2));
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn ended_relationships_are_not_edges(#[case] backend: Backend) {
    let world = world(backend);
    world.graph.end_partnership(&world.provider, &world.other);
    world
        .graph
        .write(|conn, _, _| conn.execute(&sql("UPDATE delegated_admin_grants SET revoked_at = ").bind(moment())));
    let token = world.token(&world.provider);
    let graph = world.around(&token, &world.id_of(&token, "partner"), 2);
    let edges = edges(&graph);
    assert!(
        !edges
            .iter()
            .any(|edge| edge.contains("DELEGATED_ADMIN") || edge.starts_with("Northwind PARTNERSHIP ACTIVE W"))
    );
    // existing assignments remain.
    assert!(edges.contains(&"Wingtip SUPPORT_CONTACT - Mail".to_owned()), "{edges:#?}");
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn names_are_escaped_in_the_pictures(#[case] backend: Backend) {
    let world = world(backend);
    world.graph.customer(&world.provider, "<b>\"Quoted\"</b>\nCo & [Sons] `x`");
    let token = world.token(&world.provider);
    let graph = world.around(&token, &world.id_of(&token, "partner"), 1);
    let (mermaid, dot) = (graph["mermaid"].as_str().unwrap(), graph["dot"].as_str().unwrap());
    assert!(mermaid.starts_with("flowchart LR\n  n0[\"Northwind\"]\n"), "{mermaid}");
    assert!(mermaid.contains("-->|\"partnership ACTIVE\"|"), "{mermaid}");
    assert!(mermaid.lines().all(|line| line.matches('"').count() % 2 == 0 && !line.contains('<')), "{mermaid}");
    assert!(dot.contains("label=\"<b>\\\"Quoted\\\"</b> Co &amp; [Sons] `x`\""), "{dot}");
    let lines = graph["nodes"].as_array().unwrap().len() + graph["edges"].as_array().unwrap().len();
    assert_eq!((mermaid.lines().count(), dot.lines().count()), (lines + 1, lines + 4));
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
#[tokio::test]
async fn the_number_of_statements_depends_only_on_the_depth(#[case] backend: Backend) {
    let mut counts = Vec::new();
    for customers in [1, 12] {
        let graph = Graph::new(TestDatabase::on(backend));
        let provider = graph.provider("Northwind").add();
        let reseller = graph.reseller("Tailspin").partner_of(&provider).add();
        for number in 0..customers {
            let customer = graph.customer(&provider, &format!("Customer {number}"));
            graph.association(&provider, &customer, &reseller);
            graph.subscription(&provider, &customer).reseller(&reseller).add();
        }
        let database = graph.database.open();
        let gate = Gate::new(schema(), database.clone());
        let request = GateRequest {
            query: GRAPH.to_owned(),
            variables: as_variables(json!({"around": "UGFydG5lcjox", "depth": 3})),
            token: Some(graph.token(&provider, &[Role::HelpdeskAgent])),
            ..GateRequest::default()
        };
        let before = database.statements();
        let response = serde_json::to_value(gate.execute(request).await).unwrap();
        assert_eq!(labels(&response["data"]["relationshipGraph"]).len(), 2 + 2 * customers);
        counts.push(database.statements() - before);
    }
    assert_eq!(counts[0], counts[1]);
    assert!(counts[0] <= 12, "{counts:?}");
}
