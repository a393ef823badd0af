//! What a record of the history is about: the entity that changed, and who gained or lost it.

use partnergraph_domain::ImportMode;
use partnergraph_importer::{Caller, FileInput, FileRequest, ImportRequest, Silent, Waiting};
use partnergraph_operation::ids::GlobalId;
use partnergraph_store::Actor;
use rstest::rstest;
use serde_json::{Value, json};

use crate::support::{Api, Backend, Customer, Graph, Partner, Postgres, Role, Sqlite, TestDatabase, Verbs, moment};

const EVENTS: &str = "query ($f: AuditEventFilter) { auditEvents(filter: $f, first: 100) { totalCount nodes { operationType subject { \
     __typename id } subscriptionId customerName customerDomain partner { mpnId } changes { field before after } } } }";

struct World {
    graph: Graph,
    api: Api,
    provider: Partner,
    before: Partner,
    after: Partner,
    contoso: Customer,
    token: String,
}

fn world(backend: Backend) -> World {
    let graph = Graph::new(TestDatabase::on(backend));
    let provider = graph.provider("Northwind").add();
    let before = graph.reseller("Fabrikam").partner_of(&provider).add();
    let after = graph.reseller("Tailspin").partner_of(&provider).add();
    let contoso = graph.customer(&provider, "Contoso");
    let token = graph.token(&provider, &[Role::GlobalAdmin]);
    let api = Api::on(&graph.database);
    World { graph, api, provider, before, after, contoso, token }
}

impl World {
    fn events(&self, token: &str, filter: Value) -> Vec<Value> {
        let events = self.api.data(token, EVENTS, json!({"f": filter}))["auditEvents"].take();
        let nodes = events["nodes"].as_array().unwrap().clone();
        assert_eq!(events["totalCount"], nodes.len(), "{filter}");
        nodes
    }

    fn types(&self, token: &str, filter: Value) -> Vec<String> {
        let nodes = self.events(token, filter);
        nodes.iter().map(|node| node["operationType"].as_str().unwrap().to_owned()).collect()
    }

    fn newest(&self) -> Value {
        self.events(&self.token, json!({})).remove(0)
    }

    fn admin(&self, partner: &Partner) -> String {
        self.graph.token(partner, &[Role::GlobalAdmin])
    }
}

fn expect(done: Value) -> Value {
    assert_eq!(done["userErrors"], json!([]), "{done}");
    done
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn each_record_names_what_changed(#[case] backend: Backend) {
    let world = world(backend);
    let subscription = world.graph.subscription(&world.provider, &world.contoso).add();
    let provider = world.api.as_user(&world.token);
    let mut kinds = Vec::new();
    let mut changed = |done: Value| {
        expect(done);
        let record = world.newest();
        let (id, kind) = (&record["subject"]["id"], record["subject"]["__typename"].as_str().unwrap());
        kinds.push(format!("{} {kind}", record["operationType"].as_str().unwrap()));
        // The id finds this record, and nothing that is about something else.
        let found = world.events(&world.token, json!({"subject": id}));
        assert_eq!(found[0], record);
        assert!(found.iter().all(|other| other["subject"]["id"] == *id), "{found:#?}");
    };
    changed(provider.associate(&subscription, &world.before));
    changed(provider.assign_support_contact(&subscription, &world.after));
    changed(provider.update_subscription(&subscription, json!({"friendlyName": "Office"})));
    changed(provider.associate(&world.contoso, &world.after));
    changed(provider.update_customer(&world.contoso, json!({"companyName": "Contoso Ltd"})));
    changed(provider.invite_customer("it@fourth.example"));
    changed(provider.update_partner_profile(json!({"capabilities": ["SUPPORT"]})));
    let agent = world.graph.token(&world.provider, &[Role::AdminAgent]);
    changed(world.api.as_user(&agent).update_user_roles("anna@northwind.example", &["HELPDESK_AGENT"]));
    changed(provider.remove_partnership(&world.after));
    assert_eq!(
        kinds,
        [
            "CREATE_MPN_ASSOCIATION CustomerSubscription",
            "UPDATE_SUPPORT_CONTACT CustomerSubscription",
            "UPDATE_SUBSCRIPTION CustomerSubscription",
            "CREATE_CUSTOMER_ASSOCIATION Customer",
            "UPDATE_CUSTOMER Customer",
            "CREATE_INVITATION Invitation",
            "UPDATE_PARTNER Partner",
            "CREATE_USER Partner",
            "REMOVE_PARTNER_RELATIONSHIP Partnership",
        ]
    );
}

/// Who loses something reads what it lost, by the name and domain that it knew.
#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn who_loses_a_subscription_a_support_contact_or_a_customer_reads_what(#[case] backend: Backend) {
    let world = world(backend);
    let subscription = world.graph.subscription(&world.provider, &world.contoso).reseller(&world.before).add();
    let (provider, loser) = (world.api.as_user(&world.token), world.admin(&world.before));
    expect(provider.assign_support_contact(&subscription, &world.before));
    expect(provider.associate(&world.contoso, &world.before));
    expect(provider.update_customer(&world.contoso, json!({"domain": "contoso.example"})));
    expect(provider.assign_support_contact(&subscription, &world.after));
    expect(provider.associate(&subscription, &world.after));
    expect(provider.dissociate_account(&world.contoso, &world.before));
    expect(provider.update_customer(&world.contoso, json!({"companyName": "Renamed", "domain": "renamed.example"})));

    let lost = world.events(&loser, json!({}));
    let (customer, moved, support) = (&lost[0], &lost[1], &lost[2]);
    for (record, operation) in [
        (customer, "REMOVE_CUSTOMER_ASSOCIATION"),
        (moved, "UPDATE_MPN_ASSOCIATION"),
        (support, "UPDATE_SUPPORT_CONTACT"),
    ] {
        assert_eq!(record["operationType"], operation);
        assert_eq!(
            (&record["customerName"], &record["customerDomain"]),
            (&json!("Contoso"), &json!("contoso.example"))
        );
        assert_eq!(record["subject"], json!(null), "it cannot be seen any more");
    }
    for record in [moved, support] {
        assert_eq!(record["subscriptionId"], json!(subscription.subscription_id));
    }
    let own = json!(world.before.mpn_id.to_string());
    assert_eq!((&moved["changes"][0]["before"], &moved["changes"][0]["after"]), (&own, &json!(null)), "B-14");
    // The record is found by the id that the loser has kept.
    let id = world.events(&world.token, json!({"operationType": {"eq": "UPDATE_MPN_ASSOCIATION"}}))[0]["subject"]["id"]
        .clone();
    assert!(world.types(&loser, json!({"subject": id})).contains(&"UPDATE_MPN_ASSOCIATION".to_owned()));
    // Its own record of the customer tells the provider the present name.
    assert_eq!(world.events(&world.token, json!({"subject": id}))[0]["customerName"], "Renamed");
}

/// The old value, the new value and the other end: an auditor asks for each of them.
#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn a_partner_finds_what_it_gained_and_lost(#[case] backend: Backend) {
    let world = world(backend);
    let subscription = world.graph.subscription(&world.provider, &world.contoso).reseller(&world.before).add();
    expect(world.api.as_user(&world.token).associate(&subscription, &world.after));
    let moved = json!({"operationType": {"eq": "UPDATE_MPN_ASSOCIATION"}});
    let of = |token: &str, partner: &Partner| {
        let filter = json!({"and": [moved, {"partner": {"mpnId": {"eq": partner.mpn_id.to_string()}}}]});
        world.types(token, filter).len()
    };
    let operator = world.graph.operator_token();
    for token in [&world.token, &operator] {
        assert_eq!((of(token, &world.before), of(token, &world.after)), (1, 1));
    }
    assert_eq!(of(&world.token, &world.provider), 0, "the caller is not what the change was about");
    // Each of the two resellers knows of itself and of the seller, and not of the other (B-14).
    for (own, other) in [(&world.before, &world.after), (&world.after, &world.before)] {
        let token = world.admin(own);
        assert_eq!((of(&token, other), of(&token, &world.provider), of(&token, own)), (0, 1, 1));
    }
    // A change of a customer's details concerns all its partners, who need not know of each other.
    let rival = world.graph.provider("Litware").add();
    world.graph.customer_also_of(&rival, &world.contoso);
    let shared = world.graph.reseller("Wingtip").partner_of(&world.provider).partner_of(&rival).add();
    world.graph.association(&world.provider, &world.contoso, &shared);
    let customer = world.graph.customer_token(&world.contoso);
    expect(world.api.as_user(&customer).update_customer(&world.contoso, json!({"companyName": "Own name"})));
    let token = world.admin(&shared);
    let filter =
        json!({"operationType": {"eq": "UPDATE_CUSTOMER"}, "partner": {"mpnId": {"eq": rival.mpn_id.to_string()}}});
    assert_eq!(world.types(&token, filter), [] as [&str; 0]);
}

/// The global id of a run that imports the list.
fn imported(world: &World, list: &str) -> String {
    let file = FileRequest {
        partial: true,
        ..FileRequest::new(FileInput::Bytes("list.csv".to_owned(), list.as_bytes().to_vec()))
    };
    let request = ImportRequest::new(world.provider.id, ImportMode::Apply, vec![file]);
    let actor = Actor::command_line();
    let caller = Caller { actor: &actor, now: moment(), waiting: Waiting::Refuse, run_id: None };
    let report = partnergraph_importer::run(world.graph.database.url(), &request, &caller, &Silent).unwrap();
    GlobalId::ImportRun(report.run.unwrap()).to_string()
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn a_subscription_or_a_run_finds_its_records(#[case] backend: Backend) {
    let world = world(backend);
    let one = world.graph.subscription(&world.provider, &world.contoso).add();
    let two = world.graph.subscription(&world.provider, &world.contoso).add();
    let provider = world.api.as_user(&world.token);
    expect(provider.associate(&one, &world.before));
    expect(provider.associate(&two, &world.before));
    let filter = |subscription: Value| json!({"subscription": {"subscriptionId": {"eq": subscription}}});
    let of_one = world.types(&world.token, filter(json!(one.subscription_id)));
    assert_eq!(of_one, ["CREATE_MPN_ASSOCIATION", "CREATE_ORDER"]);
    let recorded = json!({"subscription": {"partnerOfRecord": {"mpnId": {"eq": world.before.mpn_id.to_string()}}}});
    assert_eq!(world.types(&world.token, recorded).len(), 4);
    let rival = world.graph.token(&world.graph.provider("Litware").add(), &[Role::GlobalAdmin]);
    assert_eq!(world.types(&rival, filter(json!(one.subscription_id))), [] as [&str; 0]);
    let list = "Microsoft ID,Company name,Primary domain name,Relationship\n";
    let list = format!("{list}{},Contoso Ltd,contoso.example,Cloud Reseller\n", world.contoso.tenant_id);
    let run = imported(&world, &list);
    for (filter, found) in [(json!({"run": run}), 2), (json!({"subject": run}), 1)] {
        assert_eq!(world.types(&world.token, filter.clone()), vec!["APPLY_IMPORT"; found]);
        assert_eq!(world.types(&rival, filter), [] as [&str; 0]);
    }
    assert_eq!(world.newest()["subject"], json!({"__typename": "ImportRun", "id": run}));
    for id in [
        "nonsense",
        world.events(&world.token, filter(json!(one.subscription_id)))[0]["subject"]["id"].as_str().unwrap(),
    ] {
        assert_eq!(world.types(&world.token, json!({"run": id})), [] as [&str; 0], "not the id of a run");
    }
    for id in ["nonsense", "VXNlcjox"] {
        assert_eq!(world.types(&world.token, json!({"subject": id})), [] as [&str; 0]);
    }
}

/// A change of which a reseller can read neither name would tell it that there is another reseller (B-14).
#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn a_change_between_others_is_left_out(#[case] backend: Backend) {
    let world = world(backend);
    let named = world.graph.subscription(&world.provider, &world.contoso).reseller(&world.after).add();
    let nobody = world.graph.subscription(&world.provider, &world.contoso).add();
    world.graph.association(&world.provider, &world.contoso, &world.before);
    for subscription in [&named, &nobody] {
        let change = json!({"friendlyName": "Office"});
        expect(world.api.as_user(&world.token).update_subscription(subscription, change));
    }
    expect(world.api.as_user(&world.token).associate(&nobody, &world.after));
    let token = world.admin(&world.before);
    let read = world.events(&token, json!({}));
    let types: Vec<_> = read.iter().map(|record| record["operationType"].as_str().unwrap()).collect();
    let seen = ["CREATE_USER", "CREATE_MPN_ASSOCIATION", "UPDATE_SUBSCRIPTION", "UPDATE_SUBSCRIPTION"];
    assert_eq!(types[..4], seen);
    for record in read {
        for change in record["changes"].as_array().unwrap() {
            let names = ["partnerOfRecord", "supportContact"].contains(&change["field"].as_str().unwrap());
            assert!(!names, "{record:#}");
        }
    }
    let own = world.events(&world.admin(&world.after), json!({"operationType": {"eq": "CREATE_MPN_ASSOCIATION"}}));
    assert_eq!(own[0]["changes"][0]["after"], json!(world.after.mpn_id.to_string()));
}
