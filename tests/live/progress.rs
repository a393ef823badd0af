//! `importProgress`: the progress of an import run.

use partnergraph_domain::{ImportMode, ImportRunKey, ImportStatus, Role};
use partnergraph_store::imports::runs::{self, Outcome};
use partnergraph_store::{Access, StoreError};
use rstest::rstest;
use serde_json::{Value, json};

use crate::live::server::{Server, Socket};
use crate::support::{Backend, Partner, Postgres, Sqlite, moment};

const PROGRESS: &str = "subscription ImportProgress($id: ID!) { importProgress(id: $id) { id status progress { phase rowsRead \
     rowsTotal percent } } }";

struct World {
    server: Server,
    provider: Partner,
    run: ImportRunKey,
    id: Value,
    token: String,
}

async fn world(backend: Backend) -> World {
    let server = Server::on(backend).await;
    let provider = server.graph.provider("Northwind").add();
    let token = server.graph.token(&provider, &[Role::AdminAgent]);
    let run = server.graph.write(|conn, actor, now| {
        runs::create(conn, provider.id, &actor.user_principal_name, ImportMode::Apply, "{}", now)
    });
    let listed = server.data(&token, "{ importRuns { nodes { id } } }", json!({})).await;
    let id = listed["importRuns"]["nodes"][0]["id"].clone();
    World { server, provider, run, id, token }
}

impl World {
    /// Updates the progress of the run, as the importer's own connection does.
    fn advance(&self, status: ImportStatus, phase: &str, rows: u64) {
        let mut conn = self.server.graph.database.connect();
        conn.transaction::<_, StoreError>(Access::Write, |conn| {
            runs::progress(conn, self.run, status, phase, rows, Some(200))
        })
        .unwrap();
    }

    fn finish(&self) {
        self.server.graph.write(|conn, _, _| {
            let outcome = Outcome {
                status: ImportStatus::Applied,
                report: "{}",
                rows: 200,
                issues_total: 0,
                changes_total: 0,
                absent_customers: &[],
                absent_subscriptions: &[],
                now: moment(),
            };
            runs::finish(conn, self.run, &outcome)
        });
    }
}

async fn next_progress(socket: &mut Socket) -> (String, i64) {
    let run = socket.next("p").await["data"]["importProgress"].clone();
    (run["status"].as_str().unwrap().to_owned(), run["progress"]["rowsRead"].as_i64().unwrap())
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_change_of_a_run_is_delivered_at_once_until_its_end(#[case] backend: Backend) {
    let world = world(backend).await;
    let mut socket = world.server.connect(&world.token).await;
    socket.subscribe("p", PROGRESS, json!({"id": world.id})).await;
    assert_eq!(next_progress(&mut socket).await, ("QUEUED".to_owned(), 0));
    world.advance(ImportStatus::Planning, "reading", 50);
    assert_eq!(next_progress(&mut socket).await, ("PLANNING".to_owned(), 50));
    // The progress of another run is not delivered.
    world.server.graph.write(|conn, actor, now| {
        runs::create(conn, world.provider.id, &actor.user_principal_name, ImportMode::Apply, "{}", now)
    });
    world.advance(ImportStatus::Applying, "writing", 150);
    assert_eq!(next_progress(&mut socket).await, ("APPLYING".to_owned(), 150));
    world.finish();
    let last = socket.next("p").await["data"]["importProgress"].clone();
    assert_eq!((&last["status"], &last["progress"]["percent"]), (&json!("APPLIED"), &json!(100.0)));
    assert_eq!(last["id"], world.id);
    socket.ends("p").await;
    // For a finished run there is one result.
    socket.subscribe("p", PROGRESS, json!({"id": world.id})).await;
    assert_eq!(next_progress(&mut socket).await, ("APPLIED".to_owned(), 200));
    socket.ends("p").await;
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_real_import_is_watched_to_its_end_and_results_in_an_event(#[case] backend: Backend) {
    let world = world(backend).await;
    let token = world.server.graph.token(&world.provider, &[Role::AdminAgent]);
    let mut socket = world.server.connect(&token).await;
    socket.subscribe("e", "subscription { relationshipEvents { operationType importRunId } }", json!({})).await;
    socket.settle(&world.server, 1).await;
    let file = "Microsoft ID,Company name,Primary domain name,Relationship\r\n\
                5d1f6f0a-1111-4222-8333-944444444401,Adventure Works,adventure-works.example,Cloud Reseller\r\n";
    let answer = reqwest::Client::new()
        .post(format!("http://{}/import", world.server.address))
        .bearer_auth(&token)
        .header("content-type", "text/csv")
        .body(file)
        .send()
        .await
        .unwrap();
    let uploaded: Value = answer.json().await.unwrap();
    let upload = uploaded["upload"].as_str().unwrap_or_else(|| panic!("{uploaded}")).to_owned();
    let start = "mutation ($input: StartImportInput!) { startImport(input: $input) { importRun { id } userErrors { message } } }";
    let input = json!({"files": [{"upload": upload, "partial": true}], "mode": "APPLY"});
    let started = world.server.data(&token, start, json!({ "input": input })).await;
    let id = started["startImport"]["importRun"]["id"].clone();
    assert!(id.is_string(), "{started}");
    socket.subscribe("p", PROGRESS, json!({ "id": id })).await;
    let (mut last, mut is_over, mut event) = (Value::Null, false, Value::Null);
    while !is_over || event.is_null() {
        let message = socket.receive().await;
        match (message["id"].as_str(), message["type"].as_str()) {
            (Some("p"), Some("next")) => last = message["payload"]["data"]["importProgress"].clone(),
            (Some("p"), Some("complete")) => is_over = true,
            _ => event = message["payload"]["data"]["relationshipEvents"].clone(),
        }
    }
    assert_eq!((&last["status"], &last["progress"]["rowsRead"]), (&json!("APPLIED"), &json!(1)), "{last}");
    assert_eq!(event, json!({"operationType": "APPLY_IMPORT", "importRunId": id}));
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_of_another_partner_or_without_the_role_is_not_found(#[case] backend: Backend) {
    let world = world(backend).await;
    let stranger = world.server.graph.provider("Litware").add();
    let reseller = world.server.graph.reseller("Tailspin").partner_of(&world.provider).add();
    // a Helpdesk agent cannot import.
    let askers =
        [(&stranger, Role::GlobalAdmin), (&reseller, Role::GlobalAdmin), (&world.provider, Role::HelpdeskAgent)];
    for (partner, role) in askers {
        let mut socket = world.server.connect(&world.server.graph.token(partner, &[role])).await;
        for id in [world.id.clone(), json!("SW1wb3J0UnVuOjk5OTk"), json!("nonsense")] {
            socket.subscribe("p", PROGRESS, json!({ "id": id })).await;
            assert_eq!(socket.next("p").await, json!({"data": {"importProgress": null}}));
            socket.ends("p").await;
        }
    }
}
