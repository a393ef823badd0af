use std::time::{Duration, Instant};

use partnergraph_store::imports::uploads::{self, UploadRow};
use partnergraph_store::{Access, Backend, StoreError};
use rstest::rstest;
use serde_json::{Value, json};

use crate::mutations::world::{World, codes, errors, rules};
use crate::support::{Named, Partner, Postgres, Role, Sqlite, Verbs, moment};

const RUN: &str = "query($id: ID!) { importRun(id: $id) { id status mode errorCode errorMessage progress { phase rowsRead } \
     rows { read applied merged rejected conflict } customers { created updated unchanged } \
     files { name rows } changes(first: 5) { totalCount nodes { entity action } } \
     issues(first: 5) { totalCount nodes { severity line code } } } }";

const CUSTOMERS: &str = "Microsoft ID,Company name,Primary domain name,Relationship\r\n\
     5d1f6f0a-1111-4222-8333-944444444401,Adventure Works,adventure-works.example,Cloud Reseller\r\n\
     5d1f6f0a-1111-4222-8333-944444444402,Wide World,wide-world.example,Cloud Reseller\r\n\
     not-a-guid,Nobody,nobody.example,Cloud Reseller\r\n";

pub(super) fn upload(world: &World, owner: &Partner, text: &str) -> String {
    let id = world.graph.guid().to_string();
    let row = UploadRow {
        id: id.clone(),
        partner_id: Some(owner.id),
        name: "Customers.csv".to_owned(),
        bytes: 0,
        sha256: String::new(),
        uploaded_by: "agent@northwind.example".to_owned(),
        created_at: moment(),
    };
    let mut conn = world.graph.database.connect();
    conn.transaction::<_, StoreError>(Access::Write, |conn| {
        uploads::begin(conn, &row)?;
        uploads::write_piece(conn, &id, 0, text.as_bytes())?;
        uploads::finish(conn, &id, i64::try_from(text.len()).unwrap(), &"0".repeat(64))
    })
    .unwrap();
    id
}

/// Waits until the run has finished, and returns it. Fails the test after a minute.
pub(super) fn finished_run(world: &World, payload: &Value) -> Value {
    let id = payload["importRun"]["id"].as_str().unwrap_or_else(|| panic!("{payload:#}"));
    let deadline = Instant::now() + Duration::from_secs(60);
    loop {
        let run = world.api.data(&world.token, RUN, json!({ "id": id }))["importRun"].clone();
        let status = run["status"].as_str().unwrap();
        if !["QUEUED", "PLANNING", "APPLYING"].contains(&status) {
            return run;
        }
        assert!(Instant::now() < deadline, "{run:#}");
        std::thread::park_timeout(Duration::from_millis(20));
    }
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn an_import_runs_in_the_background_and_reports_what_it_did(#[case] backend: Backend) {
    let world = World::on(backend);
    let file = upload(&world, &world.provider, CUSTOMERS);
    let started = world.as_provider().start_import(&file, "APPLY");
    assert_eq!(errors(&started), [] as [Value; 0]);
    let run = finished_run(&world, &started);
    assert_eq!(run["status"], "APPLIED", "{run:#}");
    assert_eq!(run["rows"], json!({"read": 3, "applied": 2, "merged": 0, "rejected": 1, "conflict": 0}));
    assert_eq!(run["customers"]["created"], 2);
    let issues = run["issues"]["nodes"].as_array().unwrap();
    assert!(issues.iter().any(|issue| issue["code"] == "customer.tenant_id.invalid" && issue["line"] == 4), "{run:#}");
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn a_dry_run_stores_only_its_report(#[case] backend: Backend) {
    let world = World::on(backend);
    let as_provider = world.as_provider();
    let file = upload(&world, &world.provider, CUSTOMERS);
    let run = finished_run(&world, &as_provider.start_import(&file, "DRY_RUN"));
    assert_eq!((&run["status"], &run["mode"]), (&json!("CHECKED"), &json!("DRY_RUN")), "{run:#}");
    assert_eq!(run["customers"]["created"], 2);
    assert_eq!(run["files"], json!([{"name": "Customers.csv", "rows": 3}]));
    let issues = run["issues"]["nodes"].as_array().unwrap();
    assert!(issues.iter().any(|issue| issue["code"] == "customer.tenant_id.invalid" && issue["line"] == 4), "{run:#}");
    let planned = finished_run(&world, &as_provider.start_import(&file, "PLAN"));
    assert!(planned["changes"]["totalCount"].as_i64().unwrap() >= 2, "{planned:#}");
    assert_eq!((&run["changes"], &run["issues"]), (&planned["changes"], &planned["issues"]));
    let customers = world.api.data(&world.token, "{ customers { totalCount } }", json!({}));
    assert_eq!(customers["customers"]["totalCount"], 1);
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn a_file_that_is_not_an_export_fails_the_run_with_a_reason(#[case] backend: Backend) {
    let world = World::on(backend);
    let file = upload(&world, &world.provider, "apples,pears\r\n1,2\r\n");
    let run = finished_run(&world, &world.as_provider().start_import(&file, "APPLY"));
    assert_eq!((&run["status"], &run["errorCode"]), (&json!("FAILED"), &json!("file.header.unknown")), "{run:#}");
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn an_idempotency_key_starts_one_run_and_is_refused_for_another_request(#[case] backend: Backend) {
    let world = World::on(backend);
    let file = upload(&world, &world.provider, CUSTOMERS);
    let with_key = world.as_provider().with(json!({"idempotencyKey": "monday"}));
    let first = with_key.start_import(&file, "APPLY");
    let again = with_key.start_import(&file, "APPLY");
    assert_eq!(first["importRun"]["id"], again["importRun"]["id"]);
    assert_eq!(codes(&with_key.start_import(&file, "DRY_RUN")), ["IDEMPOTENCY_KEY_REUSED"]);
    finished_run(&world, &first);
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn only_roles_that_connect_with_customers_can_import(#[case] backend: Backend) {
    let world = World::on(backend);
    let file = upload(&world, &world.provider, CUSTOMERS);
    let sales = world.graph.token(&world.provider, &[Role::SalesAgent]);
    let refused = world.as_user(&sales).start_import(&file, "APPLY");
    assert_eq!((rules(&refused), &errors(&refused)[0]["microsoftCode"]), (vec!["A-02".to_owned()], &json!(900_150)));
    let customer = world.graph.customer_token(&world.customer);
    assert_eq!(rules(&world.as_user(&customer).start_import(&file, "APPLY")), ["A-02"]);

    // Another organisation's upload is not found; an operator must state the partner.
    let reseller = world.graph.token(&world.reseller, &[Role::AdminAgent]);
    let refused = world.as_user(&reseller).start_import(&file, "APPLY");
    assert_eq!(
        (codes(&refused), &errors(&refused)[0]["field"]),
        (vec!["NOT_FOUND".to_owned()], &json!(["files", "0", "upload"]))
    );
    let operator = world.graph.operator_token();
    assert_eq!(codes(&world.as_user(&operator).start_import(&file, "APPLY")), ["BAD_INPUT"]);
    let for_provider = world.as_user(&operator).with(json!({"as": world.provider.lookup()}));
    let validated = for_provider.validating().start_import(&file, "APPLY");
    assert_eq!((errors(&validated), &validated["importRun"]), (Vec::new(), &Value::Null));
}

/// Plans an import, and returns the global id of its run.
fn planned_run(world: &World) -> String {
    let file = upload(world, &world.provider, CUSTOMERS);
    let started = world.as_provider().start_import(&file, "PLAN");
    let run = finished_run(world, &started);
    assert_eq!((&run["status"], &run["mode"]), (&json!("PLANNED"), &json!("PLAN")), "{run:#}");
    assert_eq!(run["rows"]["applied"], 2);
    started["importRun"]["id"].as_str().unwrap().to_owned()
}

fn customer_count(world: &World) -> Value {
    world.api.data(&world.token, "{ customers { totalCount } }", json!({}))["customers"]["totalCount"].clone()
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn a_plan_can_be_reviewed_and_applied_once(#[case] backend: Backend) {
    let world = World::on(backend);
    let as_provider = world.as_provider();
    let run_id = planned_run(&world);
    assert_eq!(customer_count(&world), 1);
    let checked = as_provider.validating().apply_import(&run_id);
    assert_eq!((errors(&checked), &checked["importRun"]["status"]), (Vec::new(), &json!("QUEUED")));
    let applied = as_provider.apply_import(&run_id);
    assert_eq!((errors(&applied), &applied["importRun"]["id"]), (Vec::new(), &json!(run_id)));
    let run = finished_run(&world, &applied);
    assert_eq!((&run["status"], &run["customers"]["created"]), (&json!("APPLIED"), &json!(2)), "{run:#}");
    assert_eq!(customer_count(&world), 3);
    for validate_only in [false, true] {
        let again = as_provider.with(json!({"validateOnly": validate_only})).apply_import(&run_id);
        assert_eq!((codes(&again), &again["importRun"]), (vec!["RUN_NOT_PLANNED".to_owned()], &Value::Null));
        assert_eq!(errors(&again)[0]["field"], json!(["importRun"]));
    }
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn a_stale_plan_is_refused_and_discarded(#[case] backend: Backend) {
    let world = World::on(backend);
    let as_provider = world.as_provider();
    let run_id = planned_run(&world);
    let mut conn = world.graph.database.connect();
    conn.batch(
        "INSERT INTO tenants (tenant_id, kind, cloud, created_at) VALUES ('5d1f6f0a-1111-4222-8333-944444444402', 'CUSTOMER', \
         'PUBLIC', '2026-01-01 00:00:00')",
    )
    .unwrap();
    let status = |id: &str| world.api.data(&world.token, RUN, json!({ "id": id }))["importRun"].clone();
    for (validate_only, after) in [(true, "PLANNED"), (false, "FAILED")] {
        let refused = as_provider.with(json!({"validateOnly": validate_only})).apply_import(&run_id);
        assert_eq!((codes(&refused), &refused["importRun"]), (vec!["PLAN_STALE".to_owned()], &Value::Null));
        let message = errors(&refused)[0]["message"].as_str().unwrap().to_owned();
        assert!(message.starts_with("plan.stale: ") && message.contains("944444444402"), "{message}");
        assert_eq!(status(&run_id)["status"], after);
    }
    assert_eq!(status(&run_id)["errorCode"], "plan.stale");
    assert_eq!(customer_count(&world), 1);
    assert_eq!(codes(&as_provider.apply_import(&run_id)), ["RUN_NOT_PLANNED"]);
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn a_plan_applied_by_many_at_once_is_applied_once(#[case] backend: Backend) {
    let world = World::on(backend);
    let run_id = planned_run(&world);
    let as_provider = world.as_provider();
    let apply = || as_provider.apply_import(&run_id);
    let responses: Vec<Value> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..4).map(|_| scope.spawn(apply)).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    let accepted: Vec<&Value> = responses.iter().filter(|response| errors(response).is_empty()).collect();
    assert_eq!(accepted.len(), 1, "{responses:#?}");
    assert_eq!(finished_run(&world, accepted[0])["status"], "APPLIED");
    assert_eq!(customer_count(&world), 3);
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn a_plan_belongs_to_its_organisation_and_needs_an_import_role(#[case] backend: Backend) {
    let world = World::on(backend);
    let as_provider = world.as_provider();
    let run_id = planned_run(&world);
    let rival = world.graph.provider("Rival").add();
    let strangers = [
        world.graph.token(&rival, &[Role::GlobalAdmin]),
        world.graph.token(&world.reseller, &[Role::AdminAgent]),
        world.graph.customer_token(&world.customer),
    ];
    let unknown = as_provider.validating().apply_import("SW1wb3J0UnVuOjk5OTk");
    assert_eq!(codes(&unknown), ["NOT_FOUND"]);
    for stranger in strangers {
        assert_eq!(world.as_user(&stranger).validating().apply_import(&run_id), unknown);
    }
    let sales = world.graph.token(&world.provider, &[Role::SalesAgent]);
    let refused = world.as_user(&sales).validating().apply_import(&run_id);
    assert_eq!((rules(&refused), &errors(&refused)[0]["microsoftCode"]), (vec!["A-02".to_owned()], &json!(900_150)));
    for allowed in [world.graph.token(&world.provider, &[Role::AdminAgent]), world.graph.operator_token()] {
        assert_eq!(errors(&world.as_user(&allowed).validating().apply_import(&run_id)), [] as [Value; 0]);
    }
    // A dry run has no plan.
    let file = upload(&world, &world.provider, CUSTOMERS);
    let dry_run = as_provider.start_import(&file, "DRY_RUN");
    finished_run(&world, &dry_run);
    let refused = as_provider.apply_import(dry_run["importRun"]["id"].as_str().unwrap());
    assert_eq!(codes(&refused), ["RUN_NOT_PLANNED"]);
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn a_plan_can_be_discarded_once(#[case] backend: Backend) {
    let world = World::on(backend);
    let as_provider = world.as_provider();
    let run_id = planned_run(&world);
    let rival = world.graph.provider("Rival").add();
    let stranger = world.graph.token(&rival, &[Role::GlobalAdmin]);
    assert_eq!(codes(&world.as_user(&stranger).discard_import(&run_id)), ["NOT_FOUND"]);
    let checked = as_provider.validating().discard_import(&run_id);
    assert_eq!((errors(&checked), &checked["importRun"]["status"]), (Vec::new(), &json!("FAILED")));
    let discarded = as_provider.discard_import(&run_id);
    assert_eq!(errors(&discarded), [] as [Value; 0]);
    assert_eq!(discarded["importRun"], json!({"id": run_id, "status": "FAILED", "errorCode": "plan.discarded"}));
    for again in [as_provider.discard_import(&run_id), as_provider.apply_import(&run_id)] {
        assert_eq!((codes(&again), &again["importRun"]), (vec!["RUN_NOT_PLANNED".to_owned()], &Value::Null));
    }
    assert_eq!(customer_count(&world), 1);
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn an_import_is_reverted_except_for_what_was_changed_since(#[case] backend: Backend) {
    let world = World::on(backend);
    let as_provider = world.as_provider();
    let run_id = planned_run(&world);
    finished_run(&world, &as_provider.apply_import(&run_id));
    let imported = json!({"tenantId": "5d1f6f0a-1111-4222-8333-944444444401"});
    let edited = as_provider.update_customer(&imported, json!({"companyName": "Edited"}));
    assert_eq!(errors(&edited), [] as [Value; 0]);

    for (validate_only, count) in [(true, 3), (false, 2)] {
        let reverted = as_provider.with(json!({"validateOnly": validate_only})).revert_import(&run_id);
        assert_eq!(errors(&reverted), [] as [Value; 0]);
        assert_eq!(reverted["importRun"], json!({"id": run_id, "status": "REVERTED"}));
        // One customer is removed, the other is kept.
        assert_eq!([&reverted["restored"], &reverted["removed"], &reverted["kept"]], [&json!(0), &json!(1), &json!(1)]);
        assert_eq!(customer_count(&world), count);
    }
    let issues =
        "query($id: ID!) { importRun(id: $id) { issues { nodes { severity file line code value message } } } }";
    let issues = world.api.data(&world.token, issues, json!({ "id": run_id }))["importRun"]["issues"]["nodes"].clone();
    let kept = issues.as_array().unwrap().last().unwrap().clone();
    assert_eq!((&kept["code"], &kept["file"]), (&json!("revert.kept"), &json!("")), "{kept:#}");
    assert_eq!(kept["value"], "5d1f6f0a-1111-4222-8333-944444444401");
    let events = "{ auditEvents(first: 1) { nodes { operationType } } }";
    let events = world.api.data(&world.token, events, json!({}));
    assert_eq!(events["auditEvents"]["nodes"][0]["operationType"], "REVERT_IMPORT");

    let again = as_provider.revert_import(&run_id);
    assert_eq!((codes(&again), &again["importRun"]), (vec!["RUN_NOT_APPLIED".to_owned()], &Value::Null));
    // The same file imports the removed customer again.
    let file = upload(&world, &world.provider, CUSTOMERS);
    let run = finished_run(&world, &as_provider.start_import(&file, "APPLY"));
    assert_eq!((&run["status"], customer_count(&world)), (&json!("APPLIED"), json!(3)));
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn only_roles_that_import_can_revert_an_import(#[case] backend: Backend) {
    let world = World::on(backend);
    let as_provider = world.as_provider();
    let file = upload(&world, &world.provider, CUSTOMERS);
    let started = as_provider.start_import(&file, "APPLY");
    finished_run(&world, &started);
    let run_id = started["importRun"]["id"].as_str().unwrap();
    let rival = world.graph.provider("Rival").add();
    let unknown = as_provider.validating().revert_import("SW1wb3J0UnVuOjk5OTk");
    assert_eq!(codes(&unknown), ["NOT_FOUND"]);
    for stranger in [world.graph.token(&rival, &[Role::GlobalAdmin]), world.graph.customer_token(&world.customer)] {
        assert_eq!(world.as_user(&stranger).validating().revert_import(run_id), unknown);
    }
    let helpdesk = world.graph.token(&world.provider, &[Role::HelpdeskAgent]);
    assert_eq!(rules(&world.as_user(&helpdesk).validating().revert_import(run_id)), ["A-02"]);
    for allowed in [world.graph.token(&world.provider, &[Role::GlobalAdmin]), world.graph.operator_token()] {
        let validated = world.as_user(&allowed).validating().revert_import(run_id);
        assert_eq!((errors(&validated), &validated["removed"]), (Vec::new(), &json!(2)));
    }
    assert_eq!(customer_count(&world), 3);
}
