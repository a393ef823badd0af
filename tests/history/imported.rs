//! What an import changed, as records of the history: each with its subject, its run, and the file and line that state it.

use partnergraph_domain::{ImportMode, ImportRunKey};
use partnergraph_importer::{Caller, FileInput, FileRequest, ImportRequest, Silent, Waiting, apply_plan, revert};
use partnergraph_operation::ids::GlobalId;
use partnergraph_store::Actor;
use rstest::rstest;
use serde_json::{Value, json};

use crate::support::{Api, Backend, Customer, Graph, Partner, Postgres, Role, Sqlite, TestDatabase, moment};

const RECORDS: &str = "query ($f: AuditEventFilter, $first: Int, $after: String, $last: Int, $before: String) { \
     auditEvents(filter: $f, first: $first, after: $after, last: $last, before: $before) { totalCount \
     pageInfo { hasNextPage hasPreviousPage startCursor endCursor } nodes { id operationType action \
     subject { __typename id } subscriptionId customerId customerName customerDomain userPrincipalName partner { mpnId } importRunId \
     file line source changes { field before after } } } }";
const SUBSCRIPTION: &str = "0c0ffee0-0000-4000-8000-000000000001";

const UNCHANGED: &str = "0c0ffee0-0000-4000-8000-000000000009";

struct World {
    graph: Graph,
    api: Api,
    provider: Partner,
    loser: Partner,
    winner: Partner,
    contoso: Customer,
    /// Of the provider's Global admin.
    token: String,
    january: ImportRunKey,
    february: ImportRunKey,
}

/// A customer with a subscription, whose reseller and seats the second of two imported lists changes.
fn world(backend: Backend) -> World {
    let graph = Graph::new(TestDatabase::on(backend));
    let provider = graph.provider("Northwind").add();
    let loser = graph.reseller("Fabrikam").partner_of(&provider).add();
    let winner = graph.reseller("Tailspin").partner_of(&provider).add();
    let contoso = graph.customer(&provider, "Contoso");
    let token = graph.token(&provider, &[Role::GlobalAdmin]);
    let api = Api::on(&graph.database);
    let lists = [("january.csv", "2026-01-31", 10, &loser), ("february.csv", "2026-02-27", 12, &winner)];
    let [january, february] =
        lists.map(|list| import(&graph, (&provider, &contoso), (&loser, list), ImportMode::Apply));
    World { graph, api, provider, loser, winner, contoso, token, january, february }
}

/// Imports a list of two subscriptions, of which the first always belongs to the first reseller.
fn import(
    graph: &Graph,
    (provider, customer): (&Partner, &Customer),
    (first, (name, as_of, seats, reseller)): (&Partner, (&str, &str, u32, &Partner)),
    mode: ImportMode,
) -> ImportRunKey {
    let text = format!(
        "Subscription ID,Subscription,Quantity,Status,Reseller\n{UNCHANGED},Calendar,1,Active,{}\n\
         {SUBSCRIPTION},Mail,{seats},Active,{}\n",
        first.mpn_id, reseller.mpn_id
    );
    let file = FileRequest {
        customer: Some(customer.tenant_id),
        as_of: Some(as_of.parse().unwrap()),
        partial: true,
        ..FileRequest::new(FileInput::Bytes(name.to_owned(), text.into_bytes()))
    };
    let request = ImportRequest::new(provider.id, mode, vec![file]);
    let actor = Actor::command_line();
    let caller = Caller { actor: &actor, now: moment(), waiting: Waiting::Refuse, run_id: None };
    partnergraph_importer::run(graph.database.url(), &request, &caller, &Silent).unwrap().run.unwrap()
}

impl World {
    fn page(&self, token: &str, variables: Value) -> Value {
        self.api.data(token, RECORDS, variables)["auditEvents"].take()
    }

    fn records(&self, token: &str, filter: Value) -> Vec<Value> {
        let page = self.page(token, json!({"f": filter, "first": 100}));
        let nodes = page["nodes"].as_array().unwrap().clone();
        assert_eq!(page["totalCount"], nodes.len(), "{filter}");
        nodes
    }

    fn admin(&self, partner: &Partner) -> String {
        self.graph.token(partner, &[Role::GlobalAdmin])
    }

    fn run(run: ImportRunKey) -> String {
        GlobalId::ImportRun(run).to_string()
    }

    fn subscription() -> String {
        GlobalId::CustomerSubscription(SUBSCRIPTION.parse().unwrap()).to_string()
    }
}

/// What was done, to what, by which line, and the changes.
fn shown(records: &[Value]) -> Vec<String> {
    let text = |value: &Value| value.as_str().unwrap_or("-").to_owned();
    let one = |record: &Value| {
        let changes = record["changes"].as_array().unwrap().iter();
        let changes: Vec<String> = changes
            .map(|change| format!("{} {} {}", text(&change["field"]), text(&change["before"]), text(&change["after"])))
            .collect();
        let line = record["line"].as_i64().map_or("-".to_owned(), |line| line.to_string());
        let kind = text(&record["subject"]["__typename"]);
        let about = format!("{} {} {kind}", text(&record["operationType"]), text(&record["action"]));
        format!("{about} {}:{line} [{}]", text(&record["file"]), changes.join(", "))
    };
    records.iter().map(one).collect()
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn each_change_of_an_import_is_a_record_with_its_subject_run_file_and_line(#[case] backend: Backend) {
    let world = world(backend);
    let run = World::run(world.february);
    let records = world.records(&world.token, json!({"run": run}));
    let moved = format!("partnerOfRecord {} {}", world.loser.mpn_id, world.winner.mpn_id);
    let expected = [
        "APPLY_IMPORT - ImportRun -:- []".to_owned(),
        format!("APPLY_IMPORT UPDATE CustomerSubscription february.csv:3 [{moved}]"),
        "APPLY_IMPORT UPDATE CustomerSubscription february.csv:3 [quantity 10 12]".to_owned(),
    ];
    let mut found = shown(&records);
    found[1..].sort();
    assert_eq!(found, expected);
    for record in &records[1..] {
        assert_eq!(record["subject"]["id"], World::subscription());
        assert_eq!((&record["importRunId"], &record["subscriptionId"]), (&json!(run), &json!(SUBSCRIPTION)));
        assert_eq!(record["source"], "partner-center-subscriptions");
        assert_eq!(record["customerId"], world.contoso.tenant_id.to_string());
        assert_eq!(
            (&record["customerName"], &record["userPrincipalName"]),
            (&json!("Contoso"), &json!("command line"))
        );
        let again = "query ($id: ID!) { node(id: $id) { ... on AuditRecord { id file line } } }";
        let again = world.api.data(&world.token, again, json!({"id": record["id"]}));
        assert_eq!(again["node"], json!({"id": record["id"], "file": "february.csv", "line": 3}));
    }
    // What was created has a record as well, and the run lists the same lines.
    let created = world.records(&world.token, json!({"run": World::run(world.january)}));
    assert!(
        shown(&created).contains(&"APPLY_IMPORT CREATE CustomerSubscription january.csv:3 []".to_owned()),
        "{created:#?}"
    );
    let of_run =
        "query ($id: ID!) { importRun(id: $id) { changes(first: 50) { totalCount nodes { file line field } } } }";
    let changes = world.api.data(&world.token, of_run, json!({"id": run}))["importRun"]["changes"].take();
    assert_eq!(changes["totalCount"], records.len() - 1);
    assert_eq!(changes["nodes"][0]["file"], "february.csv");
    assert_eq!(changes["nodes"][0]["line"], 3);
}

/// The changes of a plan are listed with the run from the start. They are records once the plan is applied.
#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn what_is_only_planned_has_no_records_before_it_is_applied(#[case] backend: Backend) {
    let world = world(backend);
    let list = (&world.loser, ("march.csv", "2026-02-28", 14, &world.winner));
    let planned = import(&world.graph, (&world.provider, &world.contoso), list, ImportMode::Plan);
    let run = World::run(planned);
    assert_eq!(world.records(&world.token, json!({"run": run})), [] as [Value; 0]);
    let caller = Caller { actor: &Actor::command_line(), now: moment(), waiting: Waiting::Refuse, run_id: None };
    apply_plan(world.graph.database.url(), planned, &caller, &Silent).unwrap();
    let records = shown(&world.records(&world.token, json!({"run": run})));
    assert_eq!(records[0], "APPLY_IMPORT - ImportRun -:- []");
    assert!(
        records.contains(&"APPLY_IMPORT UPDATE CustomerSubscription march.csv:3 [quantity 12 14]".to_owned()),
        "{records:?}"
    );
}

/// Whatever finds the records of people finds those of imports as well.
#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn filters_find_the_records_of_imports(#[case] backend: Backend) {
    let world = world(backend);
    let february = |filter: Value| {
        let found = world.records(&world.token, json!({"and": [filter, {"run": World::run(world.february)}]}));
        found.iter().filter(|record| record["action"] == "UPDATE").count()
    };
    let of_loser = json!({"partner": {"mpnId": {"eq": world.loser.mpn_id.to_string()}}});
    let of_winner = json!({"partner": {"mpnId": {"eq": world.winner.mpn_id.to_string()}}});
    for (filter, expected) in [
        (json!({}), 2),
        (json!({"subject": World::subscription()}), 2),
        (json!({"subject": World::run(world.february)}), 0),
        (json!({"subject": GlobalId::Customer(world.contoso.tenant_id.to_string().parse().unwrap()).to_string()}), 0),
        (json!({"subscription": {"subscriptionId": {"eq": SUBSCRIPTION}}}), 2),
        (json!({"subscription": {"subscriptionId": {"eq": UNCHANGED}}}), 0),
        (json!({"customer": {"companyName": {"eq": "Contoso"}}}), 2),
        (json!({"customerId": {"eq": world.contoso.tenant_id}}), 2),
        (of_loser, 1),
        (of_winner, 1),
        (json!({"operationType": {"eq": "APPLY_IMPORT"}}), 2),
        (json!({"operationType": {"eq": "REVERT_IMPORT"}}), 0),
        (json!({"operationDate": {"gte": "2026-03-01T00:00:00Z"}}), 2),
        (json!({"operationDate": {"lt": "2026-03-01T00:00:00Z"}}), 0),
        (json!({"userPrincipalName": {"eq": "command line"}}), 2),
    ] {
        assert_eq!(february(filter.clone()), expected, "{filter}");
    }
    let history =
        "query ($id: UUID!) { customer(by: {tenantId: $id}) { history(first: 100) { totalCount nodes { id } } } }";
    let history = world.api.data(&world.token, history, json!({"id": world.contoso.tenant_id}));
    let of_customer: Vec<Value> =
        history["customer"]["history"]["nodes"].as_array().unwrap().iter().map(|node| node["id"].clone()).collect();
    assert_eq!(history["customer"]["history"]["totalCount"], of_customer.len());
    for record in world.records(&world.token, json!({"subject": World::subscription()})) {
        assert!(of_customer.contains(&record["id"]), "{record}");
    }
}

/// Pages of any size, in both directions, are parts of one list.
#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn pages_hold_events_and_changes_in_one_order(#[case] backend: Backend) {
    let world = world(backend);
    let ids = |nodes: &Value| nodes.as_array().unwrap().iter().map(|node| node["id"].clone()).collect::<Vec<_>>();
    let all: Vec<Value> = world.records(&world.token, json!({})).iter().map(|record| record["id"].clone()).collect();
    assert!(all.len() > 8, "{all:?}");
    for size in [1, 2, 3, 100] {
        let (mut forth, mut after) = (Vec::new(), Value::Null);
        loop {
            let page = world.page(&world.token, json!({"first": size, "after": after}));
            forth.extend(ids(&page["nodes"]));
            after = page["pageInfo"]["endCursor"].clone();
            if page["pageInfo"]["hasNextPage"] == false {
                break;
            }
        }
        assert_eq!(forth, all, "{size}");
        let (mut back, mut before) = (Vec::new(), Value::Null);
        loop {
            let page = world.page(&world.token, json!({"last": size, "before": before}));
            back.splice(0..0, ids(&page["nodes"]));
            before = page["pageInfo"]["startCursor"].clone();
            if page["pageInfo"]["hasPreviousPage"] == false {
                break;
            }
        }
        assert_eq!(back, all, "{size}");
    }
}

/// Who loses a subscription by an import reads so by the name that it knew, who gains it reads the rest as well, and nobody else anything.
#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn resellers_read_what_an_import_took_from_them_or_gave_them(#[case] backend: Backend) {
    let world = world(backend);
    let changes = |token: &str| -> Vec<Value> {
        world.records(token, json!({})).into_iter().filter(|record| record["action"] == "UPDATE").collect()
    };
    let lost = changes(&world.admin(&world.loser));
    let own = json!({"field": "partnerOfRecord", "before": world.loser.mpn_id.to_string(), "after": null});
    assert_eq!(lost.len(), 1, "{lost:#?}");
    assert_eq!(lost[0]["changes"], json!([own]));
    assert_eq!(
        (&lost[0]["customerName"], &lost[0]["customerId"]),
        (&json!("Contoso"), &json!(world.contoso.tenant_id))
    );
    assert_eq!(lost[0]["partner"]["mpnId"], world.provider.mpn_id.to_string());
    // The name of the provider's file could tell of others.
    assert_eq!([&lost[0]["file"], &lost[0]["line"], &lost[0]["source"]], [&Value::Null; 3]);
    let gained = changes(&world.admin(&world.winner));
    let fields: Vec<&Value> = gained.iter().map(|record| &record["changes"][0]["field"]).collect();
    assert_eq!(gained.len(), 2, "{fields:?}");
    assert!(!gained.iter().any(|record| record.to_string().contains(&world.loser.mpn_id.to_string())), "{gained:#?}");
    assert_eq!(changes(&world.graph.customer_token(&world.contoso)).len(), 2);
    assert_eq!(changes(&world.graph.operator_token()).len(), 2);
    let stranger = world.graph.reseller("Wingtip").partner_of(&world.provider).add();
    let rival = world.graph.provider("Litware").add();
    world.graph.customer_also_of(&rival, &world.contoso);
    for other in [stranger, rival] {
        let token = world.admin(&other);
        assert_eq!(changes(&token), [] as [Value; 0]);
        let node = "query ($id: ID!) { node(id: $id) { id } }";
        assert_eq!(world.api.data(&token, node, json!({"id": gained[0]["id"]}))["node"], Value::Null);
        let run = json!({"run": World::run(world.february)});
        assert_eq!(world.records(&token, run), [] as [Value; 0]);
    }
}

/// A record stays with the customer that it was about, whoever has the subscription id later.
#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn a_record_stays_with_its_customer(#[case] backend: Backend) {
    let world = world(backend);
    let contoso = world.graph.customer_token(&world.contoso);
    let ids = |token: &str| -> Vec<Value> {
        let of_imports = world.records(token, json!({})).into_iter().filter(|record| record["action"].is_string());
        of_imports.map(|record| record["id"].clone()).collect()
    };
    let before = ids(&contoso);
    assert!(before.len() >= 4, "{before:?}");
    for run in [world.february, world.january] {
        revert(world.graph.database.url(), run, &Actor::command_line(), moment()).unwrap();
    }
    let other = world.graph.customer(&world.provider, "Fourth Coffee");
    let list = (&world.loser, ("april.csv", "2026-02-28", 5, &world.winner));
    import(&world.graph, (&world.provider, &other), list, ImportMode::Apply);
    let reads = world.graph.customer_token(&other);
    let own = world.records(&reads, json!({}));
    assert!(own.iter().all(|record| record["customerId"] == json!(other.tenant_id)), "{own:#?}");
    assert!(ids(&reads).iter().all(|id| !before.contains(id)));
    let after = ids(&contoso);
    assert!(before.iter().all(|id| after.contains(id)), "{after:?}");
    let of_provider = world.records(&world.token, json!({"run": World::run(world.february)}));
    let changed = of_provider.iter().filter(|record| record["action"].is_string());
    assert!(
        changed.clone().count() > 2 && changed.clone().all(|record| record["customerName"] == "Contoso"),
        "{of_provider:#?}"
    );
}

/// A revert has its own records; the live feed has one event for each.
#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn a_revert_is_recorded_change_by_change(#[case] backend: Backend) {
    let world = world(backend);
    revert(world.graph.database.url(), world.february, &Actor::command_line(), moment()).unwrap();
    let records = world.records(&world.token, json!({"operationType": {"eq": "REVERT_IMPORT"}}));
    let mut found = shown(&records);
    found[1..].sort();
    let moved = format!("partnerOfRecord {} {}", world.winner.mpn_id, world.loser.mpn_id);
    assert_eq!(
        found,
        [
            "REVERT_IMPORT - ImportRun -:- []".to_owned(),
            format!("REVERT_IMPORT REVERT CustomerSubscription -:- [{moved}]"),
            "REVERT_IMPORT REVERT CustomerSubscription -:- [quantity 12 10]".to_owned(),
        ]
    );
    let lost = world.records(&world.admin(&world.winner), json!({"operationType": {"eq": "REVERT_IMPORT"}}));
    assert_eq!(shown(&lost), [format!("REVERT_IMPORT REVERT - -:- [partnerOfRecord {} -]", world.winner.mpn_id)]);
    // The next import goes on after the records of the revert.
    let ids: Vec<i64> = world.records(&world.token, json!({})).iter().map(number).collect();
    assert!(ids.windows(2).all(|pair| pair[0] > pair[1]), "{ids:?}");
}

fn number(record: &Value) -> i64 {
    match record["id"].as_str().unwrap().parse().unwrap() {
        GlobalId::AuditEvent(key) => key.get(),
        other => panic!("{other:?}"),
    }
}
