//! Ending partnerships: what changes, what does not, and who is notified.

use partnergraph_store::Backend;
use rstest::rstest;
use serde_json::{Value, json};

use crate::relationships::world::{World, expect_success, rules, with};
use crate::support::{Named, Postgres, Role, Sqlite, Verbs, representation};

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn a_removal_changes_the_lists_and_nothing_else(#[case] backend: Backend) {
    let world = World::partnered(backend);
    let graph = &world.graph;
    let customer = graph.customer(&world.provider, "Contoso");
    graph.association(&world.provider, &customer, &world.reseller);
    graph.subscription(&world.provider, &customer).reseller(&world.reseller).support_contact(&world.reseller).add();
    graph.customer_also_of(&world.reseller, &customer);
    graph.write(|conn, actor, now| {
        let key =
            partnergraph_store::write::grants::GrantOf { partner_id: world.reseller.id, customer_id: customer.id };
        partnergraph_store::write::grants::grant(conn, actor, now, key)
    });
    let before = world.partners_of(&customer);
    let customers = world.customers(&world.fabrikam);

    let removed = expect_success(world.as_provider().remove_partnership(&world.reseller));
    assert_eq!(removed["partnership"]["state"], "REMOVED");
    assert_eq!(removed["partnership"]["channel"], "SELF_SERVICE", "X-08");
    assert!(removed["partnership"]["removedAt"].is_string());
    let remaining = json!({"customers": 1, "partnersOfRecord": 1, "supportContacts": 1, "delegatedAdmin": 1});
    assert_eq!(removed["remaining"], remaining, "X-10");
    let warnings: Vec<&str> =
        removed["warnings"].as_array().unwrap().iter().map(|text| text.as_str().unwrap()).collect();
    assert!(warnings[0].contains("legal notice of the termination"), "X-07: {warnings:?}");
    assert!(warnings[1].contains("Inform the reseller"), "X-10: {warnings:?}");
    assert_eq!(world.partnership_states(), (vec![], vec![]), "X-04");
    assert_eq!(world.customers(&world.northwind).len(), 1, "X-02");
    assert_eq!(world.customers(&world.fabrikam), customers, "X-02");
    assert_eq!(world.partners_of(&customer), before, "X-03");
    let subscriptions = world.api.data(
        &world.northwind,
        "{ subscriptions { nodes { partnerOfRecord { name } supportContact { name } } } }",
        json!({}),
    );
    let named = json!([{"partnerOfRecord": {"name": "Fabrikam"}, "supportContact": {"name": "Fabrikam"}}]);
    assert_eq!(subscriptions["subscriptions"]["nodes"], named, "X-09");
    assert_eq!(
        world.number("SELECT COUNT(*) AS number FROM partnerships WHERE representation LIKE '%goodFaith%'"),
        1,
        "X-06"
    );
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn only_the_remover_and_operators_are_notified_of_a_removal(#[case] backend: Backend) {
    let world = World::partnered(backend);
    let edges = "{ indirectProviders { edges { partnership { id } } } }";
    let id =
        world.api.data(&world.fabrikam, edges, json!({}))["indirectProviders"]["edges"][0]["partnership"]["id"].clone();
    expect_success(world.as_provider().remove_partnership(&world.reseller));
    let node = |token: &str| {
        let query = "query($id: ID!) { node(id: $id) { ... on Partnership { state } } }";
        world.api.data(token, query, json!({"id": id}))["node"].clone()
    };
    assert_eq!(node(&world.northwind), json!({"state": "REMOVED"}), "history stays readable (X-04)");
    assert_eq!(node(&world.graph.operator_token()), json!({"state": "REMOVED"}));
    assert_eq!(node(&world.fabrikam), Value::Null);
    assert_eq!(world.number("SELECT COUNT(*) AS number FROM outbox"), 0);
    let viewers = "SELECT COUNT(*) AS number FROM audit_event_viewers w JOIN audit_events e ON e.id = w.event_id \
                WHERE e.operation_type = 'REMOVE_PARTNER_RELATIONSHIP'";
    assert_eq!(world.number(viewers), 1);
    let remover = "SELECT MAX(w.viewer_partner_id) AS number FROM audit_event_viewers w JOIN audit_events e \
                   ON e.id = w.event_id WHERE e.operation_type = 'REMOVE_PARTNER_RELATIONSHIP'";
    assert_eq!(world.number(remover), world.provider.id.get());
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn a_removal_needs_a_confirmation_and_a_representation(#[case] backend: Backend) {
    let world = World::partnered(backend);
    let as_provider = world.as_provider();
    let incomplete = json!({"partner": world.reseller.lookup()});
    let refused = as_provider.perform("RemovePartnership", incomplete);
    assert_eq!(rules(&refused), ["X-01", "X-06", "X-06", "X-06", "X-06"]);
    assert_eq!(refused["remaining"], Value::Null);
    let doubtful = json!({"representation": with(representation(), json!({"goodFaith": false}))});
    let refused = as_provider.with(doubtful).remove_partnership(&world.reseller);
    assert_eq!(rules(&refused), ["X-06"]);
    assert_eq!(refused["userErrors"][0]["field"], json!(["representation", "goodFaith"]));
    let helpdesk = world.graph.token(&world.provider, &[Role::HelpdeskAgent]);
    assert_eq!(rules(&world.as_user(&helpdesk).remove_partnership(&world.reseller)), ["A-01"]);
    let stale = as_provider.with(json!({"ifVersion": 9})).remove_partnership(&world.reseller);
    assert_eq!(rules(&stale), ["STALE_VERSION"]);
    let validated = expect_success(as_provider.validating().remove_partnership(&world.reseller));
    assert_eq!(validated["partnership"]["state"], "REMOVED");
    assert_eq!(world.partnership_states().0, ["ACTIVE"]);
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn a_partnership_is_ended_by_its_provider_or_by_an_operator(#[case] backend: Backend) {
    let world = World::partnered(backend);
    assert_eq!(rules(&world.as_reseller().remove_partnership(&world.provider)), ["X-08"]);
    let other = world.graph.token(&world.graph.provider("Tailspin").add(), &[Role::GlobalAdmin]);
    assert_eq!(rules(&world.as_user(&other).remove_partnership(&world.reseller)), ["NOT_FOUND"]);
    let wrong = world.as_provider().with(json!({"channel": "MICROSOFT_SUPPORT"})).remove_partnership(&world.reseller);
    assert_eq!(rules(&wrong), ["X-08"]);

    let operator = world.graph.operator_token();
    let by_operator = json!({"provider": world.provider.lookup(), "reseller": world.reseller.lookup(),
        "channel": "MICROSOFT_SUPPORT", "ticket": "T-1", "confirm": true, "representation": representation()});
    assert_eq!(rules(&world.as_user(&operator).remove_partnership(&world.reseller)), ["BAD_INPUT", "BAD_INPUT"]);
    let removed = expect_success(world.as_user(&operator).perform("RemovePartnership", by_operator.clone()));
    assert_eq!(removed["partnership"]["channel"], "MICROSOFT_SUPPORT");
    assert_eq!(world.number("SELECT COUNT(*) AS number FROM partnerships WHERE removal_ticket = 'T-1'"), 1);
    assert_eq!(world.partnership_states(), (vec![], vec![]));
    let viewers = "SELECT COUNT(*) AS number FROM audit_event_viewers w JOIN audit_events e ON e.id = w.event_id \
                WHERE e.operation_type = 'REMOVE_PARTNER_RELATIONSHIP'";
    assert_eq!(world.number(viewers), 0, "only operators are notified");
    assert_eq!(rules(&world.as_user(&operator).perform("RemovePartnership", by_operator)), ["PARTNERSHIP_ENDED"]);
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn after_a_removal_new_assignments_of_the_reseller_are_refused_until_they_are_partners_again(#[case] backend: Backend) {
    let world = World::partnered(backend);
    let as_provider = world.as_provider();
    let customer = world.graph.customer(&world.provider, "Contoso");
    let subscription = world.graph.subscription(&world.provider, &customer).add();
    let associate = || as_provider.associate(&subscription, &world.reseller);
    expect_success(as_provider.remove_partnership(&world.reseller));
    let refused = rules(&associate());
    assert!(refused.contains(&"P-06".to_owned()) && refused.contains(&"X-09".to_owned()), "{refused:?}");
    let (_, token) = world.request();
    expect_success(world.as_reseller().accept_partnership(&token));
    assert_eq!(world.partnership_states().1, ["ACTIVE"]);
    expect_success(associate());
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn a_removed_request_cannot_be_accepted(#[case] backend: Backend) {
    let world = World::on(backend);
    let (_, token) = world.request();
    expect_success(world.as_provider().remove_partnership(&world.reseller));
    assert_eq!(world.partnership_states(), (vec![], vec![]));
    let refused = world.as_reseller().accept_partnership(&token);
    assert_eq!(rules(&refused), ["INVITATION_CLOSED"]);
    // It does not block the next request either.
    world.request();
    assert_eq!(world.partnership_states().1, ["REQUESTED"]);
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn what_remains_is_what_the_two_shared(#[case] backend: Backend) {
    let world = World::partnered(backend);
    let graph = &world.graph;
    let customer = |name: &str| graph.customer(&world.provider, name);
    let [associated, recorded, entitled, own, supported] =
        ["Associated", "Recorded", "Entitled", "Own", "Supported"].map(customer);
    let sell = |customer| graph.subscription(&world.provider, customer);
    graph.association(&world.provider, &associated, &world.reseller);
    sell(&recorded).reseller(&world.reseller).add();
    sell(&recorded).reseller(&world.reseller).add();
    sell(&recorded).reseller(&world.reseller).status(partnergraph_domain::SubscriptionStatus::Deleted).add();
    let plan = sell(&entitled).usage().add();
    graph.entitlement(&plan, "e-1", Some(&world.reseller));
    graph.write(|conn, _, _| partnergraph_store::derive::rebuild(conn));
    graph.customer_also_of(&world.reseller, &own);
    sell(&supported).support_contact(&world.reseller).add();
    // Neither a customer that the provider left, nor one that it does not share with the reseller, is anybody's here.
    let gone = customer("Gone");
    sell(&gone).reseller(&world.reseller).support_contact(&world.reseller).add();
    graph.end_relationship(&world.provider, &gone);
    let unshared = customer("Unshared");
    for customer in [&own, &unshared] {
        let key =
            partnergraph_store::write::grants::GrantOf { partner_id: world.reseller.id, customer_id: customer.id };
        graph.write(|conn, actor, now| partnergraph_store::write::grants::grant(conn, actor, now, key));
    }
    let shared = "{ indirectResellers { edges { partnership { customerCount customers { totalCount } } } } }";
    let before = world.api.data(&world.northwind, shared, json!({}))["indirectResellers"]["edges"][0].clone();
    assert_eq!(before["partnership"], json!({"customerCount": 4, "customers": {"totalCount": 4}}));

    let remaining = json!({"customers": 4, "partnersOfRecord": 3, "supportContacts": 1, "delegatedAdmin": 1});
    let validated = expect_success(world.as_provider().validating().remove_partnership(&world.reseller));
    assert_eq!(validated["remaining"], remaining);
    assert_eq!(expect_success(world.as_provider().remove_partnership(&world.reseller))["remaining"], remaining);
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn former_partnerships_are_listed_for_their_remover(#[case] backend: Backend) {
    let world = World::partnered(backend);
    let operator = world.graph.operator_token();
    let other = world.graph.reseller("Tailspin").partner_of(&world.provider).add();
    let query = crate::support::operation("FormerPartnerships");
    let listed = |token: &str, filter: Value| {
        let former = world.api.data(token, &query, json!({ "filter": filter }))["formerPartnerships"].clone();
        assert_eq!(former["totalCount"], former["nodes"].as_array().unwrap().len());
        former["nodes"].as_array().unwrap().clone()
    };
    assert_eq!(listed(&world.northwind, json!({})), [] as [Value; 0]);
    expect_success(world.as_provider().remove_partnership(&world.reseller));
    let by_support = json!({"provider": world.provider.lookup(), "reseller": other.lookup(),
        "confirm": true, "representation": representation()});
    expect_success(world.as_user(&operator).perform("RemovePartnership", by_support));

    // What support removed at either side's request is for operators to read.
    let own = listed(&world.northwind, json!({}));
    assert_eq!(own.len(), 1);
    let expected = json!({"id": own[0]["id"], "state": "REMOVED", "removedAt": own[0]["removedAt"], "channel": "SELF_SERVICE",
        "reseller": {"mpnId": world.reseller.mpn_id.to_string(), "name": "Fabrikam"}, "representation": representation()});
    assert_eq!(own[0], expected, "X-06");
    assert!(own[0]["removedAt"].is_string());
    let names = |filter: Value| -> Vec<String> {
        let nodes = listed(&operator, filter);
        nodes.iter().map(|node| node["reseller"]["name"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(names(json!({})), ["Fabrikam", "Tailspin"]);
    assert_eq!(names(json!({"channel": {"eq": "MICROSOFT_SUPPORT"}})), ["Tailspin"]);
    assert_eq!(names(json!({"reseller": {"name": {"startsWith": "fab"}}})), ["Fabrikam"]);
    assert_eq!(names(json!({"provider": {"name": {"startsWith": "fab"}}})), [] as [&str; 0]);
    assert_eq!(names(json!({"removedAt": {"gt": "2100-01-01T00:00:00Z"}})), [] as [&str; 0]);
    let rival = world.graph.token(&world.graph.provider("Rival").add(), &[Role::GlobalAdmin]);
    for token in [&world.fabrikam, &rival, &world.graph.token(&other, &[Role::GlobalAdmin])] {
        assert_eq!(listed(token, json!({})), [] as [Value; 0], "X-05");
    }
    // Partners again: the new partnership has nothing of the old one, which stays in the history.
    let (_, token) = world.request();
    expect_success(world.as_reseller().accept_partnership(&token));
    assert_eq!(listed(&world.northwind, json!({})).len(), 1);
    let live = "{ indirectResellers { edges { partnership { state representation { goodFaith } } } } }";
    let live = world.api.data(&world.northwind, live, json!({}))["indirectResellers"]["edges"].clone();
    assert_eq!(live, json!([{"partnership": {"state": "ACTIVE", "representation": null}}]));
}
