//! `auditEvents`: the history of the caller's organisation.

use partnergraph_domain::ImportMode;
use partnergraph_store::imports::runs;
use partnergraph_store::write::{Event, Viewer, record};
use rstest::rstest;
use serde_json::{Value, json};

use crate::support::{Api, Backend, Customer, Graph, Partner, Postgres, Role, Sqlite, TestDatabase};

const EVENTS: &str = "query ($f: AuditEventFilter, $first: Int, $after: String, $last: Int, $before: String) { \
     auditEvents(filter: $f, first: $first, after: $after, last: $last, before: $before) { totalCount \
     edges { cursor } nodes { id operationType operationStatus userPrincipalName customerId customerName \
     customer { tenantId companyName } partner { mpnId } importRunId changes { field before after } } \
     pageInfo { hasNextPage hasPreviousPage endCursor } } }";

struct World {
    graph: Graph,
    api: Api,
    provider: Partner,
    reseller: Partner,
    contoso: Customer,
    fabrikam: Customer,
    token: String,
    rival: String,
}

fn world(backend: Backend) -> World {
    let graph = Graph::new(TestDatabase::on(backend));
    let provider = graph.provider("Northwind").add();
    let rival = graph.provider("Litware").add();
    let reseller = graph.reseller("Tailspin").partner_of(&provider).add();
    let contoso = graph.customer(&provider, "Contoso");
    let fabrikam = graph.customer(&provider, "Fabrikam");
    graph.customer_also_of(&rival, &contoso);
    graph.association(&provider, &contoso, &reseller);
    graph.subscription(&provider, &fabrikam).reseller(&reseller).add();
    let token = graph.token(&provider, &[Role::HelpdeskAgent]);
    let rival = graph.token(&rival, &[Role::GlobalAdmin]);
    let api = Api::on(&graph.database);
    World { graph, api, provider, reseller, contoso, fabrikam, token, rival }
}

impl World {
    fn events(&self, token: &str, filter: Value) -> Value {
        let mut events = self.api.data(token, EVENTS, json!({"f": filter, "first": 100}))["auditEvents"].take();
        assert_eq!(events["totalCount"], events["nodes"].as_array().unwrap().len(), "{filter}");
        events["nodes"].take()
    }

    fn types(&self, token: &str, filter: Value) -> Vec<String> {
        let nodes = self.events(token, filter);
        nodes.as_array().unwrap().iter().map(|node| node["operationType"].as_str().unwrap().to_owned()).collect()
    }
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn the_newest_comes_first_with_actor_type_and_change(#[case] backend: Backend) {
    let world = world(backend);
    let nodes = world.events(&world.token, json!({"operationType": {"ne": "CREATE_USER"}}));
    let newest = &nodes[0];
    assert_eq!(newest["operationType"], "CREATE_ORDER");
    assert_eq!(newest["operationStatus"], "SUCCEEDED");
    assert_eq!(newest["userPrincipalName"], "command line");
    assert_eq!(newest["customer"], json!({"tenantId": world.fabrikam.tenant_id, "companyName": "Fabrikam"}));
    assert_eq!(newest["partner"]["mpnId"], world.reseller.mpn_id.to_string());
    let recorded = json!({"field": "partnerOfRecord", "before": null, "after": world.reseller.mpn_id.to_string()});
    assert!(newest["changes"].as_array().unwrap().contains(&recorded), "{newest:#}");
    assert_eq!(nodes[1]["operationType"], "CREATE_CUSTOMER_ASSOCIATION");
    let ids: Vec<&str> = nodes.as_array().unwrap().iter().map(|node| node["id"].as_str().unwrap()).collect();
    let node =
        world.api.data(&world.token, "query ($id: ID!) { node(id: $id) { __typename id } }", json!({"id": ids[0]}));
    assert_eq!(node["node"], json!({"__typename": "AuditRecord", "id": ids[0]}));
    let hidden = world.api.data(&world.rival, "query ($id: ID!) { node(id: $id) { id } }", json!({"id": ids[0]}));
    assert_eq!(hidden["node"], json!(null));
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn each_end_of_an_event_sees_the_other_as_the_partner(#[case] backend: Backend) {
    let world = world(backend);
    let filter = json!({"operationType": {"eq": "CREATE_PARTNER_RELATIONSHIP"}});
    let provider = world.events(&world.token, filter.clone());
    assert_eq!(provider[0]["partner"]["mpnId"], world.reseller.mpn_id.to_string());
    let reseller = world.graph.token(&world.reseller, &[Role::AdminAgent]);
    assert_eq!(world.events(&reseller, filter)[0]["partner"]["mpnId"], world.provider.mpn_id.to_string());
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn every_property_filters(#[case] backend: Backend) {
    let world = world(backend);
    let types = |filter: Value| world.types(&world.token, filter);
    let associated = vec!["CREATE_CUSTOMER_ASSOCIATION".to_owned()];
    assert_eq!(types(json!({"operationType": {"in": ["CREATE_CUSTOMER_ASSOCIATION"]}})), associated);
    assert_eq!(types(json!({"operationType": {"in": []}})), Vec::<String>::new());
    assert_eq!(types(json!({"operationStatus": {"eq": "FAILED"}})), Vec::<String>::new());
    let all = types(json!({}));
    assert_eq!(types(json!({"operationStatus": {"eq": "SUCCEEDED"}})), all);
    assert_eq!(types(json!({"operationDate": {"gte": "2026-03-01T09:00:00Z", "lte": "2026-03-01T09:00:00Z"}})), all);
    assert_eq!(types(json!({"operationDate": {"gt": "2026-03-01T09:00:00Z"}})), Vec::<String>::new());
    assert_eq!(types(json!({"operationDate": {"lt": "2026-03-01T09:00:00Z"}})), Vec::<String>::new());
    assert_eq!(types(json!({"userPrincipalName": {"startsWith": "COMMAND"}})), all);
    assert_eq!(types(json!({"userPrincipalName": {"contains": "somebody"}})), Vec::<String>::new());
    let of_contoso = types(json!({"customer": {"companyName": {"eq": "contoso"}}}));
    assert_eq!(of_contoso, ["CREATE_CUSTOMER_ASSOCIATION", "CREATE_AGREEMENT", "ADD_CUSTOMER"]);
    assert_eq!(types(json!({"customerId": {"eq": world.contoso.tenant_id}})), of_contoso);
    assert_eq!(
        types(
            json!({"customer": {"companyName": {"eq": "contoso"}}, "not": {"operationType": {"eq": "ADD_CUSTOMER"}}})
        ),
        ["CREATE_CUSTOMER_ASSOCIATION", "CREATE_AGREEMENT"]
    );
    let of_reseller = types(json!({"partner": {"mpnId": {"eq": world.reseller.mpn_id.to_string()}}}));
    assert_eq!(of_reseller, ["CREATE_ORDER", "CREATE_CUSTOMER_ASSOCIATION", "CREATE_PARTNER_RELATIONSHIP"]);
    let either =
        json!({"or": [{"operationType": {"eq": "CREATE_ORDER"}}, {"customerId": {"eq": world.contoso.tenant_id}}]});
    assert_eq!(types(either), ["CREATE_ORDER", "CREATE_CUSTOMER_ASSOCIATION", "CREATE_AGREEMENT", "ADD_CUSTOMER"]);
    let refused = world.api.response(&world.token, EVENTS, json!({"f": {"operationType": {}}}));
    assert_eq!(refused["errors"][0]["extensions"]["code"], "BAD_FILTER");
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn an_import_is_one_event_that_names_its_run(#[case] backend: Backend) {
    let world = world(backend);
    let run = world.graph.write(|conn, actor, now| {
        let run = runs::create(conn, world.provider.id, &actor.user_principal_name, ImportMode::Apply, "{}", now)?;
        let event = Event {
            run_id: Some(run),
            viewers: vec![Viewer::Partner(world.provider.id)],
            ..Event::succeeded(partnergraph_domain::OperationType::ApplyImport)
        };
        record(conn, actor, now, &event)?;
        Ok(run)
    });
    // the run itself is visible to those who import; its existence is part of the history.
    let importer = world.graph.token(&world.provider, &[Role::AdminAgent]);
    let runs = world.api.data(&importer, "{ importRuns { nodes { id } } }", json!({}));
    let id = &runs["importRuns"]["nodes"][0]["id"];
    assert!(run.get() > 0 && id.is_string());
    let nodes = world.events(&world.token, json!({"importRunId": {"eq": id}}));
    assert_eq!((&nodes[0]["operationType"], &nodes[0]["importRunId"]), (&json!("APPLY_IMPORT"), id));
    assert_eq!(nodes.as_array().unwrap().len(), 1);
    assert_eq!(world.types(&world.token, json!({"importRunId": {"eq": "nonsense"}})), Vec::<String>::new());
    let others = world.types(&world.token, json!({"importRunId": {"eq": null}}));
    assert!(!others.is_empty() && !others.contains(&"APPLY_IMPORT".to_owned()));
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn the_history_is_paged_in_both_directions(#[case] backend: Backend) {
    let world = world(backend);
    let whole: Vec<String> = ids(&world.events(&world.token, json!({})));
    let (mut seen, mut after) = (Vec::new(), Value::Null);
    loop {
        let page = world.api.data(&world.token, EVENTS, json!({"first": 2, "after": after}))["auditEvents"].clone();
        seen.extend(ids(&page["nodes"]));
        if page["pageInfo"]["hasNextPage"] == false {
            break;
        }
        after = page["pageInfo"]["endCursor"].clone();
        // Events that happen in the meantime move nothing.
        world.graph.customer(&world.provider, "Between");
    }
    assert_eq!(seen, whole);
    let oldest = world.api.data(&world.token, EVENTS, json!({"last": 2}))["auditEvents"].clone();
    assert_eq!(ids(&oldest["nodes"]), whole[whole.len() - 2..]);
    let mismatched = world.api.response(
        &world.token,
        EVENTS,
        json!({"f": {"operationType": {"eq": "CREATE_ORDER"}}, "after": after}),
    );
    assert_eq!(mismatched["errors"][0]["extensions"]["code"], "BAD_CURSOR");
}

fn ids(nodes: &Value) -> Vec<String> {
    nodes.as_array().unwrap().iter().map(|node| node["id"].as_str().unwrap().to_owned()).collect()
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn a_removed_customer_remains_only_in_the_history_of_its_partner(#[case] backend: Backend) {
    let world = world(backend);
    world.graph.end_relationship(&world.provider, &world.contoso);
    let filter = json!({"customerId": {"eq": world.contoso.tenant_id}});
    let nodes = world.events(&world.token, filter.clone());
    let types: Vec<&str> =
        nodes.as_array().unwrap().iter().map(|node| node["operationType"].as_str().unwrap()).collect();
    assert_eq!(
        types,
        ["REMOVE_PARTNER_CUSTOMER_RELATIONSHIP", "CREATE_CUSTOMER_ASSOCIATION", "CREATE_AGREEMENT", "ADD_CUSTOMER"]
    );
    for node in nodes.as_array().unwrap() {
        assert_eq!(node["customer"], json!(null));
        assert_eq!((&node["customerId"], &node["customerName"]), (&json!(world.contoso.tenant_id), &json!("Contoso")));
    }
    assert_eq!(
        world.types(&world.token, json!({"customer": {"companyName": {"eq": "Contoso"}}})),
        Vec::<String>::new()
    );
    let removed = world.api.data(
        &world.token,
        "query ($by: CustomerLookup!) { customer(by: $by) { id } }",
        json!({"by": {"tenantId": world.contoso.tenant_id}}),
    );
    assert_eq!(removed["customer"], json!(null));

    // The customer's other provider has its own history, and learns nothing of this one.
    assert_eq!(world.types(&world.rival, filter.clone()), ["CREATE_AGREEMENT", "ADD_CUSTOMER"]);
    // The reseller has no record of its own. It reads the name that it knew when it was notified.
    let reseller = world.graph.token(&world.reseller, &[Role::AdminAgent]);
    let seen = world.events(&reseller, filter);
    assert_eq!(seen.as_array().unwrap().len(), 1);
    assert_eq!(
        (&seen[0]["customerId"], &seen[0]["customerName"]),
        (&json!(world.contoso.tenant_id), &json!("Contoso"))
    );
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn an_operator_reads_everything_and_a_customer_its_own_events(#[case] backend: Backend) {
    let world = world(backend);
    let operator = world.graph.operator_token();
    let everything = world.types(&operator, json!({}));
    assert!(everything.contains(&"CREATE_MPN_PROFILE".to_owned()));
    assert!(everything.len() > world.types(&world.token, json!({})).len());
    let customer = world.graph.customer_token(&world.contoso);
    let own = world.events(&customer, json!({}));
    assert!(own.as_array().unwrap().iter().all(|event| event["customerId"] == json!(world.contoso.tenant_id)));
    let types = world.types(&customer, json!({}));
    let added = ["CREATE_AGREEMENT", "ADD_CUSTOMER"];
    assert_eq!(types, [&["CREATE_CUSTOMER_ASSOCIATION"], &added[..], &added[..]].concat());
}
