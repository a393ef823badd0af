//! Who sees a request, in every way of asking for it.

use partnergraph_store::Backend;
use rstest::rstest;
use serde_json::{Value, json};

use crate::managing::world::{World, line, made};
use crate::support::{Named, Postgres, Role, Sqlite, Verbs};

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn a_request_is_seen_by_its_two_ends_and_operators(#[case] backend: Backend) {
    let world = World::on(backend);
    let graph = &world.graph;
    let request = made(world.as_fabrikam().request_change(world.update(json!({"quantity": 11}))));
    let rival = graph.provider("Rival").add();
    graph.customer_also_of(&rival, &world.customer);
    let tokens = [
        (graph.token(&world.provider, &[Role::HelpdeskAgent]), true),
        (graph.token(&world.fabrikam, &[Role::HelpdeskAgent]), true),
        (graph.operator_token(), true),
        (graph.token(&world.tailspin, &[Role::GlobalAdmin]), false),
        (graph.token(&rival, &[Role::GlobalAdmin]), false),
        (graph.customer_token(&world.customer), false),
    ];
    let id = &request["id"];
    let query = format!(
        "{{ changeRequest(id: {id}) {{ id }} node(id: {id}) {{ ... on ChangeRequest {{ id }} }} nodes(ids: [{id}]) {{ id }}
           changeRequests {{ totalCount nodes {{ id }} edges {{ node {{ id }} }} }}
           auditEvents(filter: {{operationType: {{eq: CREATE_CHANGE_REQUEST}}}}) {{ totalCount nodes {{ changeRequest {{ id }} }} }}
           customers {{ nodes {{ history {{ nodes {{ operationType }} }} }} }} }}"
    );
    for (token, sees) in tokens {
        let data = world.api.data(&token, &query, json!({}));
        let seen = if sees { id.clone() } else { Value::Null };
        assert_eq!(data["changeRequest"]["id"], seen);
        assert_eq!((&data["node"]["id"], &data["nodes"][0]["id"]), (&seen, &seen));
        assert_eq!(data["changeRequests"]["totalCount"], i32::from(sees));
        assert_eq!(data["auditEvents"]["totalCount"], i32::from(sees));
        assert_eq!(data["auditEvents"]["nodes"][0]["changeRequest"]["id"], seen);
        assert_eq!(data["customers"].to_string().contains("CHANGE_REQUEST"), sees);
    }
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn requests_are_filtered_sorted_and_paged(#[case] backend: Backend) {
    let world = World::on(backend);
    let mut mine = line();
    mine["reseller"] = world.fabrikam.lookup();
    for change in
        [world.update(json!({"quantity": 11})), world.update(json!({"quantity": 12})), world.order(json!([mine]))]
    {
        made(world.as_fabrikam().request_change(change));
    }
    let last = made(world.as_tailspin().request_change(world.update(json!({"quantity": 13}))));
    made(world.as_tailspin().withdraw_change(&last));
    let provider = world.graph.token(&world.provider, &[Role::GlobalAdmin]);
    let count = |token: &str, filter: Value| {
        let query =
            "query($filter: ChangeRequestFilter) { changeRequests(filter: $filter) { totalCount nodes { id } } }";
        world.api.data(token, query, json!({ "filter": filter }))["changeRequests"]["totalCount"].as_i64().unwrap()
    };
    for (filter, expected) in [
        (json!({}), 4),
        (json!({"kind": {"eq": "UPDATE"}}), 3),
        (json!({"state": {"eq": "WITHDRAWN"}}), 1),
        (json!({"state": {"ne": "WITHDRAWN"}, "quantity": {"gte": 12}}), 1),
        (json!({"quantity": {"eq": null}}), 1),
        (json!({"decidedAt": {"eq": null}}), 4),
        (json!({"customer": {"companyName": {"eq": "contoso"}}}), 4),
        (json!({"customer": {"companyName": {"eq": "other"}}}), 0),
        (json!({"subscription": {"subscriptionId": {"eq": world.subscription.subscription_id}}}), 3),
        (json!({"not": {"subscription": {}}}), 1),
        (json!({"requestedBy": {"mpnId": {"eq": world.tailspin.mpn_id.to_string()}}}), 1),
        (json!({"provider": {"mpnId": {"eq": world.provider.mpn_id.to_string()}}}), 4),
        (json!({"or": [{"kind": {"eq": "ORDER"}}, {"state": {"eq": "WITHDRAWN"}}]}), 2),
        (json!({"or": []}), 0),
        (json!({"requestedAt": {"lt": "2020-01-01T00:00:00Z"}}), 0),
        (json!({"version": {"eq": 2}}), 1),
    ] {
        assert_eq!(count(&provider, filter.clone()), expected, "{filter}");
    }
    // A filter finds only what its reader sees.
    let fabrikam = world.graph.token(&world.fabrikam, &[Role::GlobalAdmin]);
    assert_eq!(count(&fabrikam, json!({"requestedBy": {"mpnId": {"eq": world.tailspin.mpn_id.to_string()}}})), 0);
    let page = |arguments: &str| {
        let query = format!(
            "{{ changeRequests({arguments}) {{ nodes {{ quantity }} pageInfo {{ hasNextPage hasPreviousPage endCursor startCursor }} }} }}"
        );
        world.api.data(&provider, &query, json!({}))["changeRequests"].clone()
    };
    let order = "orderBy: [{field: STATE, direction: DESC}, {field: REQUESTED_AT}]";
    let first = page(&format!("first: 2, {order}"));
    assert_eq!(first["nodes"], json!([{"quantity": 13}, {"quantity": 11}]));
    let second = page(&format!("first: 2, {order}, after: {}", first["pageInfo"]["endCursor"]));
    assert_eq!(
        (&second["nodes"], &second["pageInfo"]["hasNextPage"]),
        (&json!([{"quantity": 12}, {"quantity": null}]), &json!(false))
    );
    let back = page(&format!("last: 2, {order}, before: {}", second["pageInfo"]["startCursor"]));
    assert_eq!(back["nodes"], first["nodes"]);
}

/// The number of statements does not depend on the number of requests, except for the verdicts: the facts of each request differ.
#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn a_page_of_requests_takes_as_many_statements_as_one(#[case] backend: Backend) {
    let world = World::on(backend);
    let token = world.graph.token(&world.provider, &[Role::GlobalAdmin]);
    let query =
        "{ changeRequests { totalCount nodes { state requestedBy { name } provider { name } customer { companyName }
        subscription { offerName } lines { offerId } order { orderNumber } } } }";
    let mut taken = Vec::new();
    for _ in 0..3 {
        let request = made(world.as_fabrikam().request_change(world.order(json!([line(), line()]))));
        made(world.as_provider().approve_change(&request));
        made(world.as_tailspin().request_change(world.update(json!({"quantity": 20}))));
        let before = world.api.statements();
        let data = world.api.data(&token, query, json!({}));
        taken.push(world.api.statements() - before);
        assert_eq!(data["changeRequests"]["nodes"].as_array().unwrap().len(), 2 * taken.len());
    }
    assert!(taken.iter().all(|taken| *taken == 7), "{taken:?}");
}
