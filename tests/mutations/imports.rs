use std::time::{Duration, Instant};

use partnergraph_store::imports::uploads::{self, UploadRow};
use partnergraph_store::{Access, Backend, StoreError};
use rstest::rstest;
use serde_json::{Value, json};

use crate::mutations::world::{World, codes, errors, rules};
use crate::support::{Partner, Postgres, Role, Sqlite, moment};

const START: &str = "mutation($input: StartImportInput!) { startImport(input: $input) { importRun { id status } \
     userErrors { code message field rule microsoftCode } } }";
const RUN: &str = "query($id: ID!) { importRun(id: $id) { status mode errorCode errorMessage progress { phase rowsRead } \
     rows { read applied merged rejected conflict } customers { created updated unchanged } \
     files { name rows } changes(first: 5) { totalCount nodes { entity action } } \
     issues(first: 5) { totalCount nodes { severity line code } } } }";

const CUSTOMERS: &str = "Microsoft ID,Company name,Primary domain name,Relationship\r\n\
     5d1f6f0a-1111-4222-8333-944444444401,Adventure Works,adventure-works.example,Cloud Reseller\r\n\
     5d1f6f0a-1111-4222-8333-944444444402,Wide World,wide-world.example,Cloud Reseller\r\n\
     not-a-guid,Nobody,nobody.example,Cloud Reseller\r\n";

fn upload(world: &World, owner: &Partner, text: &str) -> String {
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

fn input(upload: &str, mode: &str) -> Value {
    json!({"files": [{"upload": upload, "profile": Value::Null, "partial": true}], "mode": mode})
}

/// The run once it has ended; a run that never ends fails the test.
fn ended(world: &World, payload: &Value) -> Value {
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
    let started = world.run(START, input(&file, "APPLY"));
    assert_eq!(errors(&started), [] as [Value; 0]);
    let run = ended(&world, &started);
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
    let file = upload(&world, &world.provider, CUSTOMERS);
    let run = ended(&world, &world.run(START, input(&file, "DRY_RUN")));
    assert_eq!((&run["status"], &run["mode"]), (&json!("CHECKED"), &json!("DRY_RUN")), "{run:#}");
    assert_eq!(run["customers"]["created"], 2);
    assert_eq!(run["files"], json!([{"name": "Customers.csv", "rows": 3}]));
    let issues = run["issues"]["nodes"].as_array().unwrap();
    assert!(issues.iter().any(|issue| issue["code"] == "customer.tenant_id.invalid" && issue["line"] == 4), "{run:#}");
    let planned = ended(&world, &world.run(START, input(&file, "PLAN")));
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
    let run = ended(&world, &world.run(START, input(&file, "APPLY")));
    assert_eq!((&run["status"], &run["errorCode"]), (&json!("FAILED"), &json!("file.header.unknown")), "{run:#}");
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn a_key_starts_one_run_and_no_other_request(#[case] backend: Backend) {
    let world = World::on(backend);
    let file = upload(&world, &world.provider, CUSTOMERS);
    let mut keyed = input(&file, "APPLY");
    keyed["idempotencyKey"] = json!("monday");
    let first = world.run(START, keyed.clone());
    let again = world.run(START, keyed.clone());
    assert_eq!(first["importRun"]["id"], again["importRun"]["id"]);
    keyed["mode"] = json!("DRY_RUN");
    assert_eq!(codes(&world.run(START, keyed)), ["IDEMPOTENCY_KEY_REUSED"]);
    ended(&world, &first);
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn imports_are_for_roles_that_connect_with_customers(#[case] backend: Backend) {
    let world = World::on(backend);
    let file = upload(&world, &world.provider, CUSTOMERS);
    let sales = world.graph.token(&world.provider, &[Role::SalesAgent]);
    let refused = world.run_as(&sales, START, input(&file, "APPLY"));
    assert_eq!((rules(&refused), &errors(&refused)[0]["microsoftCode"]), (vec!["A-02".to_owned()], &json!(900_150)));
    let customer = world.graph.customer_token(&world.customer);
    assert_eq!(rules(&world.run_as(&customer, START, input(&file, "APPLY"))), ["A-02"]);

    // Another organisation's upload is not found; an operator must state the partner.
    let reseller = world.graph.token(&world.reseller, &[Role::AdminAgent]);
    let refused = world.run_as(&reseller, START, input(&file, "APPLY"));
    assert_eq!(
        (codes(&refused), &errors(&refused)[0]["field"]),
        (vec!["NOT_FOUND".to_owned()], &json!(["files", "0", "upload"]))
    );
    let operator = world.graph.operator_token();
    assert_eq!(codes(&world.run_as(&operator, START, input(&file, "APPLY"))), ["BAD_INPUT"]);
    let mut for_provider = input(&file, "APPLY");
    for_provider["as"] = json!({"mpnId": world.provider.mpn_id});
    for_provider["validateOnly"] = json!(true);
    let fine = world.run_as(&operator, START, for_provider);
    assert_eq!((errors(&fine), &fine["importRun"]), (Vec::new(), &Value::Null));
}

const APPLY: &str = "mutation($input: ApplyImportInput!) { applyImport(input: $input) { importRun { id status } \
     userErrors { code message field rule microsoftCode } } }";

/// The global id of a run with a stored plan.
fn planned(world: &World) -> String {
    let file = upload(world, &world.provider, CUSTOMERS);
    let started = world.run(START, input(&file, "PLAN"));
    let run = ended(world, &started);
    assert_eq!((&run["status"], &run["mode"]), (&json!("PLANNED"), &json!("PLAN")), "{run:#}");
    assert_eq!(run["rows"]["applied"], 2);
    started["importRun"]["id"].as_str().unwrap().to_owned()
}

fn customers(world: &World) -> Value {
    world.api.data(&world.token, "{ customers { totalCount } }", json!({}))["customers"]["totalCount"].clone()
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn a_plan_can_be_reviewed_and_applied_once(#[case] backend: Backend) {
    let world = World::on(backend);
    let run_id = planned(&world);
    assert_eq!(customers(&world), 1);
    let checked = world.run(APPLY, json!({"importRun": run_id, "validateOnly": true}));
    assert_eq!((errors(&checked), &checked["importRun"]["status"]), (Vec::new(), &json!("PLANNED")));
    let applied = world.run(APPLY, json!({ "importRun": run_id }));
    assert_eq!((errors(&applied), &applied["importRun"]["id"]), (Vec::new(), &json!(run_id)));
    let run = ended(&world, &applied);
    assert_eq!((&run["status"], &run["customers"]["created"]), (&json!("APPLIED"), &json!(2)), "{run:#}");
    assert_eq!(customers(&world), 3);
    for validate_only in [false, true] {
        let again = world.run(APPLY, json!({"importRun": run_id, "validateOnly": validate_only}));
        assert_eq!((codes(&again), &again["importRun"]), (vec!["RUN_NOT_PLANNED".to_owned()], &Value::Null));
        assert_eq!(errors(&again)[0]["field"], json!(["importRun"]));
    }
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn a_stale_plan_is_refused_and_discarded(#[case] backend: Backend) {
    let world = World::on(backend);
    let run_id = planned(&world);
    let mut conn = world.graph.database.connect();
    conn.batch(
        "INSERT INTO tenants (tenant_id, kind, cloud, created_at) VALUES ('5d1f6f0a-1111-4222-8333-944444444402', 'CUSTOMER', \
         'PUBLIC', '2026-01-01 00:00:00')",
    )
    .unwrap();
    let status = |id: &str| world.api.data(&world.token, RUN, json!({ "id": id }))["importRun"].clone();
    for (validate_only, after) in [(true, "PLANNED"), (false, "FAILED")] {
        let refused = world.run(APPLY, json!({"importRun": run_id, "validateOnly": validate_only}));
        assert_eq!((codes(&refused), &refused["importRun"]), (vec!["PLAN_STALE".to_owned()], &Value::Null));
        let message = errors(&refused)[0]["message"].as_str().unwrap().to_owned();
        assert!(message.starts_with("plan.stale: ") && message.contains("944444444402"), "{message}");
        assert_eq!(status(&run_id)["status"], after);
    }
    assert_eq!(status(&run_id)["errorCode"], "plan.stale");
    assert_eq!(customers(&world), 1);
    assert_eq!(codes(&world.run(APPLY, json!({ "importRun": run_id }))), ["RUN_NOT_PLANNED"]);
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn a_plan_applied_by_many_at_once_is_applied_once(#[case] backend: Backend) {
    let world = World::on(backend);
    let run_id = planned(&world);
    let (api, token, input) = (&world.api, &world.token, json!({"input": {"importRun": run_id}}));
    let apply = || api.data(token, APPLY, input.clone())["applyImport"].clone();
    let answers: Vec<Value> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..4).map(|_| scope.spawn(apply)).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    let taken: Vec<&Value> = answers.iter().filter(|answer| errors(answer).is_empty()).collect();
    assert_eq!(taken.len(), 1, "{answers:#?}");
    assert_eq!(ended(&world, taken[0])["status"], "APPLIED");
    assert_eq!(customers(&world), 3);
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn a_plan_belongs_to_its_organisation_and_needs_an_import_role(#[case] backend: Backend) {
    let world = World::on(backend);
    let run_id = planned(&world);
    let apply = json!({"importRun": run_id, "validateOnly": true});
    let rival = world.graph.provider("Rival").add();
    let strangers = [
        world.graph.token(&rival, &[Role::GlobalAdmin]),
        world.graph.token(&world.reseller, &[Role::AdminAgent]),
        world.graph.customer_token(&world.customer),
    ];
    let nobodys = world.run(APPLY, json!({"importRun": "SW1wb3J0UnVuOjk5OTk", "validateOnly": true}));
    assert_eq!(codes(&nobodys), ["NOT_FOUND"]);
    for stranger in strangers {
        assert_eq!(world.run_as(&stranger, APPLY, apply.clone()), nobodys);
    }
    let sales = world.graph.token(&world.provider, &[Role::SalesAgent]);
    let refused = world.run_as(&sales, APPLY, apply.clone());
    assert_eq!((rules(&refused), &errors(&refused)[0]["microsoftCode"]), (vec!["A-02".to_owned()], &json!(900_150)));
    for allowed in [world.graph.token(&world.provider, &[Role::AdminAgent]), world.graph.operator_token()] {
        assert_eq!(errors(&world.run_as(&allowed, APPLY, apply.clone())), [] as [Value; 0]);
    }
    // A dry run has no plan.
    let file = upload(&world, &world.provider, CUSTOMERS);
    let looked = world.run(START, input(&file, "DRY_RUN"));
    ended(&world, &looked);
    let refused = world.run(APPLY, json!({ "importRun": looked["importRun"]["id"] }));
    assert_eq!(codes(&refused), ["RUN_NOT_PLANNED"]);
}

const DISCARD: &str = "mutation($input: DiscardImportInput!) { discardImport(input: $input) { importRun { id status errorCode } \
     userErrors { code message field rule microsoftCode } } }";

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn a_plan_can_be_discarded_once(#[case] backend: Backend) {
    let world = World::on(backend);
    let run_id = planned(&world);
    let rival = world.graph.provider("Rival").add();
    let stranger = world.graph.token(&rival, &[Role::GlobalAdmin]);
    assert_eq!(codes(&world.run_as(&stranger, DISCARD, json!({ "importRun": run_id }))), ["NOT_FOUND"]);
    let checked = world.run(DISCARD, json!({"importRun": run_id, "validateOnly": true}));
    assert_eq!((errors(&checked), &checked["importRun"]["status"]), (Vec::new(), &json!("PLANNED")));
    let discarded = world.run(DISCARD, json!({ "importRun": run_id }));
    assert_eq!(errors(&discarded), [] as [Value; 0]);
    assert_eq!(discarded["importRun"], json!({"id": run_id, "status": "FAILED", "errorCode": "plan.discarded"}));
    for mutation in [DISCARD, APPLY] {
        let again = world.run(mutation, json!({ "importRun": run_id }));
        assert_eq!((codes(&again), &again["importRun"]), (vec!["RUN_NOT_PLANNED".to_owned()], &Value::Null));
    }
    assert_eq!(customers(&world), 1);
}

const REVERT: &str = "mutation($input: RevertImportInput!) { revertImport(input: $input) { importRun { id status } restored removed kept \
     userErrors { code message field rule microsoftCode } } }";

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn an_import_is_reverted_except_for_what_was_changed_since(#[case] backend: Backend) {
    let world = World::on(backend);
    let run_id = planned(&world);
    ended(&world, &world.run(APPLY, json!({ "importRun": run_id })));
    let edit = "mutation($input: UpdateCustomerInput!) { updateCustomer(input: $input) { userErrors { code } } }";
    let edited = json!({"customer": {"tenantId": "5d1f6f0a-1111-4222-8333-944444444401"}, "companyName": "Edited"});
    assert_eq!(errors(&world.run(edit, edited)), [] as [Value; 0]);

    for (validate_only, status, left) in [(true, "APPLIED", 3), (false, "REVERTED", 2)] {
        let reverted = world.run(REVERT, json!({"importRun": run_id, "validateOnly": validate_only}));
        assert_eq!(errors(&reverted), [] as [Value; 0]);
        assert_eq!(reverted["importRun"], json!({"id": run_id, "status": status}));
        // One customer is removed, the other is kept.
        assert_eq!([&reverted["restored"], &reverted["removed"], &reverted["kept"]], [&json!(0), &json!(1), &json!(1)]);
        assert_eq!(customers(&world), left);
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

    let again = world.run(REVERT, json!({ "importRun": run_id }));
    assert_eq!((codes(&again), &again["importRun"]), (vec!["RUN_NOT_APPLIED".to_owned()], &Value::Null));
    // The same file imports the removed customer again.
    let file = upload(&world, &world.provider, CUSTOMERS);
    let run = ended(&world, &world.run(START, input(&file, "APPLY")));
    assert_eq!((&run["status"], customers(&world)), (&json!("APPLIED"), json!(3)));
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn an_import_is_reverted_by_roles_that_import(#[case] backend: Backend) {
    let world = World::on(backend);
    let file = upload(&world, &world.provider, CUSTOMERS);
    let started = world.run(START, input(&file, "APPLY"));
    ended(&world, &started);
    let revert = json!({"importRun": started["importRun"]["id"], "validateOnly": true});
    let rival = world.graph.provider("Rival").add();
    let nobodys = world.run(REVERT, json!({"importRun": "SW1wb3J0UnVuOjk5OTk", "validateOnly": true}));
    assert_eq!(codes(&nobodys), ["NOT_FOUND"]);
    for stranger in [world.graph.token(&rival, &[Role::GlobalAdmin]), world.graph.customer_token(&world.customer)] {
        assert_eq!(world.run_as(&stranger, REVERT, revert.clone()), nobodys);
    }
    let helpdesk = world.graph.token(&world.provider, &[Role::HelpdeskAgent]);
    assert_eq!(rules(&world.run_as(&helpdesk, REVERT, revert.clone())), ["A-02"]);
    for allowed in [world.graph.token(&world.provider, &[Role::GlobalAdmin]), world.graph.operator_token()] {
        let fine = world.run_as(&allowed, REVERT, revert.clone());
        assert_eq!((errors(&fine), &fine["removed"]), (Vec::new(), &json!(2)));
    }
    assert_eq!(customers(&world), 3);
}
