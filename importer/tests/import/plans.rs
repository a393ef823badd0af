//! Plans that are stored and applied later.

use partnergraph_domain::{ImportMode, ImportPhase, ImportRunKey, ImportStatus, PartnerKey, PartnerType};
use partnergraph_importer::{
    Caller, ImportError, ImportRequest, Position, Progress, Report, Silent, Waiting, apply_plan, check_plan,
};
use partnergraph_store::DatabaseUrl;
use partnergraph_store::imports::runs;
use rstest::rstest;

use crate::support::*;

const RUNS: &str =
    "SELECT status || ' ' || mode || ' ' || coalesce(error_code, '-') AS line FROM import_runs ORDER BY id";
const PIECES: &str = "SELECT CAST(count(*) AS TEXT) AS line FROM import_plan_pieces";

fn planned(request: ImportRequest) -> ImportRequest {
    ImportRequest { mode: ImportMode::Plan, ..request }
}

/// Plans an import and returns its report; it must succeed.
fn plan(world: &mut World, files: &[(&str, &str)]) -> Report {
    let request = planned(world.request(files));
    let report = world.run(&request).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!((report.status, report.mode), (ImportStatus::Planned, ImportMode::Plan));
    report
}

fn apply(world: &World, run_id: ImportRunKey) -> Result<Report, ImportError> {
    apply_on(&world.url, world.provider, run_id, &Silent)
}

fn apply_on(
    url: &DatabaseUrl,
    provider: PartnerKey,
    run_id: ImportRunKey,
    progress: &dyn Progress,
) -> Result<Report, ImportError> {
    let actor = actor(provider);
    let caller = Caller { actor: &actor, now: now(), waiting: Waiting::Wait, run_id: None };
    apply_plan(url, run_id, &caller, progress)
}

/// Expects that the plan is refused as stale, nothing is written, and the plan is discarded.
#[track_caller]
fn stale(world: &mut World, run_id: ImportRunKey, about: &str) {
    let before = world.contents();
    let error = apply(world, run_id).expect_err("the plan is stale");
    assert_eq!(error.code(), "plan.stale", "{error}");
    assert!(error.to_string().contains(about), "{error}");
    assert!(world.contents() == before);
    assert_eq!(world.lines(RUNS).last().map(String::as_str), Some("FAILED PLAN plan.stale"));
    assert_eq!(world.one(PIECES), "0");
    let again = apply(world, run_id).expect_err("it is given up");
    assert_eq!(again.code(), "run.not_planned", "{again}");
}

/// A file that changes a little of everything that June left.
fn june() -> String {
    charges(&[
        charge(1, 1, "10"),
        charge(1, 2, "5"),
        Charge { name: "Fabrikam", domain: "fabrikam.example", ..charge(2, 3, "7") },
    ])
}

fn july() -> String {
    let july = |one: Charge| Charge { month: "2024-07-01", ordered: "2024-07-02", reference: "R9", ..one };
    charges(&[
        july(charge(1, 1, "12")),
        july(Charge { reseller: "2000002", ..charge(1, 2, "5") }),
        july(Charge { name: "Tailspin", domain: "tailspin.example", reseller: "2000003", ..charge(4, 5, "3") }),
    ])
}

fn list(n: u32) -> String {
    let rows: Vec<(u32, &str, &str)> =
        [(1, "Contoso", "contoso.example"), (2, "Fabrikam", "fabrikam.example"), (3, "Tailspin", "tailspin.example")]
            .into_iter()
            .filter(|(number, ..)| *number <= n)
            .collect();
    customers(&rows)
}

#[rstest]
fn a_plan_that_is_applied_later_writes_what_applying_at_once_writes(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let (mut at_once, mut later) = (World::new(kind), World::new(kind));
    let (june, july, all, fewer) = (june(), july(), list(3), list(2));
    let runs: [&[(&str, &str)]; 3] = [
        &[("june.csv", &june), ("all.csv", &all)],
        &[("july.csv", &july), ("fewer.csv", &fewer)],
        &[("july.csv", &july)],
    ];
    for files in runs {
        let direct = at_once.import(files);
        let before = later.contents();
        let kept = plan(&mut later, files);
        assert!(later.contents() == before, "a plan wrote something");
        let run_id = kept.run.expect("a run");
        let applied = apply(&later, run_id).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!((applied.run, applied.status), (Some(run_id), ImportStatus::Applied));
        assert_eq!(comparable(&kept), comparable(&direct));
        assert_eq!(comparable(&applied), comparable(&direct));
        assert_eq!(later.contents(), at_once.contents());
        let changes = "SELECT run_id || ' ' || ordinal || ' ' || entity || ' ' || key || ' ' || action || coalesce(field, '') || \
                       coalesce(before, '') || coalesce(after, '') AS line FROM import_changes ORDER BY run_id, ordinal";
        assert_eq!(later.lines(changes), at_once.lines(changes));
        let absent = "SELECT entity || entity_id || absent_since_run AS line FROM import_baselines WHERE absent_since_run IS NOT NULL";
        assert_eq!(later.lines(absent), at_once.lines(absent));
    }
    assert_eq!(later.lines(RUNS), ["APPLIED PLAN -"; 3]);
    assert_eq!(later.one(PIECES), "0");
}

#[rstest]
fn a_plan_is_applied_once(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let mut world = World::new(kind);
    let run_id = plan(&mut world, &[("june.csv", &june())]).run.unwrap();
    // Two servers at the same time.
    let outcomes: Vec<Result<u64, String>> = std::thread::scope(|scope| {
        let (url, provider) = (&world.url, world.provider);
        let server = move || {
            let applied = apply_on(url, provider, run_id, &Silent);
            applied.map(|report| report.rows.applied).map_err(|error| error.code().to_owned())
        };
        let threads: Vec<_> = (0..2).map(|_| scope.spawn(server)).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    let mut sorted = outcomes.clone();
    sorted.sort();
    assert_eq!(sorted, [Ok(3), Err("run.not_planned".to_owned())]);
    assert_eq!(world.one("SELECT CAST(count(*) AS TEXT) AS line FROM audit_events"), "1");
    assert_eq!(apply(&world, ImportRunKey::new(77)).unwrap_err().code(), "run.unknown");
    // A run that was applied at once, or a dry run, has no plan.
    let direct = world.import(&[("june.csv", &june())]).run.unwrap();
    assert_eq!(apply(&world, direct).unwrap_err().code(), "run.not_planned");
}

#[rstest]
fn keys_may_have_been_taken_by_others_in_the_meantime(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let mut world = World::new(kind);
    world.partner(PartnerType::IndirectProvider, "1000009", None, "PL");
    let run_id = plan(&mut world, &[("june.csv", &june())]).run.unwrap();
    let other = world.one("SELECT CAST(id AS TEXT) AS line FROM partners WHERE mpn_id = '1000009'").parse().unwrap();
    let theirs = customers(&[(8, "Litware", "litware.example"), (9, "Proseware", "proseware.example")]);
    let request = ImportRequest { partner_id: other, ..world.request(&[("theirs.csv", &theirs)]) };
    world.run(&request).unwrap();
    world.partner(PartnerType::IndirectReseller, "2000077", None, "PL");
    apply(&world, run_id).unwrap();
    let sold = "SELECT s.subscription_id || ' ' || c.tenant_id || ' ' || p.mpn_id || ' ' || r.company_name AS line \
                FROM subscriptions s JOIN customers c ON c.id = s.customer_id JOIN partners p ON p.id = s.reseller_id \
                JOIN customer_records r ON r.customer_id = c.id AND r.partner_id = s.seller_id ORDER BY s.subscription_id";
    let expected = [(1, 1, "Contoso"), (2, 1, "Contoso"), (3, 2, "Fabrikam")]
        .map(|(n, customer, name)| format!("{} {} 2000001 {name}", subscription(n), tenant(customer)));
    assert_eq!(world.lines(sold), expected);
    let views =
        "SELECT viewer_id || '/' || customer_id AS line FROM customer_views WHERE viewer_id = 1 ORDER BY customer_id";
    assert_eq!(world.lines(views), ["1/3", "1/4"]);
    // The same file changes nothing.
    let before = world.contents();
    world.import(&[("june.csv", &june())]);
    assert!(world.contents() == before);
}

#[rstest]
fn a_users_edit_makes_a_plan_stale(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let mut world = World::new(kind);
    world.import(&[("june.csv", &june())]);
    for (edit, about) in [
        ("UPDATE subscriptions SET quantity = 11, version = version + 1 WHERE quantity = 10", subscription(1)),
        ("UPDATE subscriptions SET version = version + 1 WHERE quantity = 11", subscription(1)),
        ("UPDATE customer_records SET company_name = 'Contoso AG' WHERE company_name = 'Contoso'", tenant(1)),
        ("UPDATE reseller_relationships SET removed_at = '2024-06-30 00:00:00' WHERE customer_id = 1", tenant(1)),
    ] {
        let run_id = plan(&mut world, &[("july.csv", &july())]).run.unwrap();
        let elsewhere = "UPDATE subscriptions SET quantity = quantity + 1 WHERE quantity >= 7 AND customer_id = 2";
        world.exec(elsewhere);
        assert!(check_plan(&mut world.conn, run_id).is_ok(), "nothing that it read is another");
        world.exec(edit);
        assert_eq!(check_plan(&mut world.conn, run_id).unwrap_err().code(), "plan.stale");
        stale(&mut world, run_id, &about);
    }
}

#[rstest]
fn what_the_plan_would_create_may_be_there_by_then(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let mut world = World::new(kind);
    world.import(&[("june.csv", &june())]);
    let run_id = plan(&mut world, &[("july.csv", &july())]).run.unwrap();
    world.exec(&format!(
        "INSERT INTO tenants (tenant_id, kind, cloud, created_at) VALUES ('{}', 'CUSTOMER', 'PUBLIC', '2024-06-01 00:00:00')",
        tenant(4)
    ));
    stale(&mut world, run_id, &tenant(4));

    let run_id = plan(&mut world, &[("july.csv", &july())]).run.unwrap();
    world.partner(PartnerType::IndirectReseller, "2000003", None, "PL");
    stale(&mut world, run_id, "2000003");
}

#[rstest]
fn a_partnership_that_ended_makes_a_plan_stale(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let mut world = World::new(kind);
    world.import(&[("june.csv", &june())]);
    world.partner(PartnerType::IndirectReseller, "2000002", None, "PL");
    world.import(&[("july.csv", &july())]);
    let august = july().replace("2024-07", "2024-08");
    let run_id = plan(&mut world, &[("august.csv", &august)]).run.unwrap();
    world.exec(
        "UPDATE partnerships SET state = 'REMOVED', removed_at = '2024-07-30 00:00:00' WHERE reseller_id = \
         (SELECT id FROM partners WHERE mpn_id = '2000002')",
    );
    stale(&mut world, run_id, "2000002");
}

#[rstest]
fn another_import_makes_a_plan_stale(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let mut world = World::new(kind);
    world.import(&[("june.csv", &june())]);
    // It states the current values again with a later date: only a baseline changes, and no event is recorded.
    let run_id = plan(&mut world, &[("july.csv", &july())]).run.unwrap();
    let again = charges(&[Charge { month: "2024-06-15", ..charge(1, 1, "10") }]);
    world.import(&[("again.csv", &again)]);
    let before = world.contents();
    let error = apply(&world, run_id).unwrap_err();
    assert_eq!(error.code(), "plan.stale");
    assert!(world.contents() == before);

    // An absence.
    world.import(&[("all.csv", &list(3))]);
    let run_id = plan(&mut world, &[("all.csv", &list(3))]).run.unwrap();
    world.import(&[("fewer.csv", &list(2))]);
    stale_quietly(&world, run_id);
    let run_id = plan(&mut world, &[("fewer.csv", &list(1))]).run.unwrap();
    world.import(&[("all.csv", &list(3))]);
    stale_quietly(&world, run_id);

    // The source itself.
    let run_id = plan(&mut world, &[("new.csv", &list(1))]).run.unwrap();
    world.exec("UPDATE import_sources SET name = name || ' of old'");
    stale_quietly(&world, run_id);
}

#[track_caller]
fn stale_quietly(world: &World, run_id: ImportRunKey) {
    assert_eq!(apply(world, run_id).unwrap_err().code(), "plan.stale");
}

#[rstest]
fn another_edition_of_the_regions_makes_a_plan_stale(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let mut world = World::new(kind);
    let run_id = plan(&mut world, &[("june.csv", &june())]).run.unwrap();
    world.exec(
        "UPDATE markets SET region_code = (SELECT region_code FROM markets WHERE country = 'US') WHERE country = 'PL'",
    );
    stale(&mut world, run_id, "regions");
}

#[rstest]
fn a_plan_with_rejected_rows_is_not_stored_if_rows_must_not_be_rejected(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let mut world = World::new(kind);
    let mut request = planned(world.request(&[("june.csv", &june().replace(",PL,", ",US,"))]));
    request.on_invalid = partnergraph_importer::OnInvalid::Abort;
    assert!(matches!(world.run(&request), Err(ImportError::Invalid(_))));
    assert_eq!(world.lines(RUNS), ["FAILED PLAN rows.invalid"]);
    assert_eq!(world.one(PIECES), "0");
}

#[rstest]
fn an_applying_that_fails_leaves_the_plan_as_it_was(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let mut world = World::new(kind);
    let run_id = plan(&mut world, &[("june.csv", &june())]).run.unwrap();
    world.exec("ALTER TABLE audit_event_viewers RENAME TO hidden");
    let before = world.contents();
    assert_eq!(apply(&world, run_id).unwrap_err().code(), "run.failed");
    assert!(world.contents() == before);
    assert_eq!(world.lines(RUNS), ["PLANNED PLAN run.failed"]);
    world.exec("ALTER TABLE hidden RENAME TO audit_event_viewers");
    apply(&world, run_id).unwrap();
    assert_eq!(world.lines(RUNS), ["APPLIED PLAN -"]);
}

/// The applying process dies while the run has the status APPLYING; the plan can be applied by another process.
#[rstest]
fn a_plan_whose_applying_died_can_be_applied(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let mut world = World::new(kind);
    let run_id = plan(&mut world, &[("june.csv", &june())]).run.unwrap();
    for status in ["APPLYING", "QUEUED"] {
        world.exec(&format!("UPDATE import_runs SET status = '{status}'"));
        runs::fail_forgotten(&mut world.conn, now()).unwrap();
        assert_eq!(world.lines(RUNS), ["PLANNED PLAN run.abandoned"]);
    }
    world.exec("UPDATE import_runs SET status = 'APPLYING'");
    assert_eq!(apply(&world, run_id).unwrap().rows.applied, 3);
    assert_eq!(world.lines(RUNS), ["APPLIED PLAN -"]);
}

/// Writes between the loading of a plan and its application.
struct Meddler<'a>(std::cell::RefCell<&'a mut World>);

impl Progress for Meddler<'_> {
    fn at(&self, position: Position) {
        if position.phase == ImportPhase::Applying {
            self.0.borrow_mut().exec("UPDATE subscriptions SET quantity = 11 WHERE quantity = 10");
        }
    }
}

#[rstest]
fn what_is_written_until_the_last_moment_makes_a_plan_stale(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let mut world = World::new(kind);
    world.import(&[("june.csv", &june())]);
    let run_id = plan(&mut world, &[("july.csv", &july())]).run.unwrap();
    let (url, provider) = (world.url.clone(), world.provider);
    let meddler = Meddler(std::cell::RefCell::new(&mut world));
    assert_eq!(apply_on(&url, provider, run_id, &meddler).unwrap_err().code(), "plan.stale");
    assert_eq!(world.one("SELECT CAST(sum(quantity) AS TEXT) AS line FROM subscriptions"), "23");
}
