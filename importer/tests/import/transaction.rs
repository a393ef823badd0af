//! Imports are all or nothing, and one runs at a time.

use partnergraph_domain::ImportPhase;
use partnergraph_importer::{Caller, ImportError, Position, Progress, Waiting, run};
use partnergraph_store::imports::lock::ImportLock;
use rstest::rstest;

use crate::support::*;

/// Writes when the import is about to write.
struct Meddler<'a>(std::cell::RefCell<&'a mut World>, std::cell::Cell<u32>);

impl Progress for Meddler<'_> {
    fn at(&self, position: Position) {
        // Not while rows are written, because that transaction would wait for this one.
        if position.phase == ImportPhase::Applying && position.total.is_none() {
            self.1.set(self.1.get() + 1);
            let mut world = self.0.borrow_mut();
            world.exec("UPDATE subscriptions SET quantity = 11");
            world.exec(
                "INSERT INTO audit_events (operation_type, operation_status, operation_date, user_principal_name, changes) \
                 VALUES ('UPDATE_SUBSCRIPTION', 'SUCCEEDED', '2024-07-01 00:00:00', 'x', '[]')",
            );
        }
    }
}

/// An error occurs when everything except the end is written.
#[rstest]
fn an_import_that_fails_leaves_the_database_as_it_was(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let mut world = World::new(kind);
    world.import(&[("june.csv", &charges(&[charge(1, 1, "10")]))]);
    world.exec("ALTER TABLE audit_event_viewers RENAME TO hidden");
    let july = Charge { ordered: "2024-07-01", ..charge(1, 1, "12") };
    let request = world.request(&[("july.csv", &charges(&[july, charge(2, 2, "5")]))]);
    let before = world.contents();
    assert!(matches!(world.run(&request), Err(ImportError::Plan(_))));
    assert_eq!(world.contents(), before);
    assert_eq!(world.lines("SELECT status AS line FROM import_runs ORDER BY id"), ["APPLIED", "FAILED"]);
    world.exec("ALTER TABLE hidden RENAME TO audit_event_viewers");
    assert_eq!(world.run(&request).unwrap().rows.applied, 2);
}

#[rstest]
fn a_plan_is_made_again_after_a_write_by_someone_else(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let mut world = World::new(kind);
    world.import(&[("june.csv", &charges(&[charge(1, 1, "10")]))]);
    let july = charges(&[Charge { month: "2024-07-01", ordered: "2024-07-01", ..charge(1, 1, "12") }]);
    let request = world.request(&[("july.csv", &july)]);
    let url = world.url.clone();
    let actor = actor(world.provider);
    let caller = Caller { actor: &actor, now: now(), waiting: Waiting::Wait, run_id: None };
    let meddler = Meddler(std::cell::RefCell::new(&mut world), std::cell::Cell::new(0));
    let report = run(&url, &request, &caller, &meddler).unwrap();
    assert_eq!(meddler.1.get(), 2);
    // The edit was noticed: the field that both changed is held.
    assert_eq!(report.rows.conflict, 1);
    assert_eq!(world.one("SELECT CAST(quantity AS TEXT) AS line FROM subscriptions"), "11");
}

#[rstest]
fn a_second_import_is_refused_or_waits(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let mut world = World::new(kind);
    let request = world.request(&[("june.csv", &charges(&[charge(1, 1, "10")]))]);
    let lock = ImportLock::try_take(&world.url).unwrap().expect("nobody has it");
    assert!(matches!(world.run(&request), Err(ImportError::Busy)));
    let url = world.url.clone();
    let waiting = std::thread::spawn(move || {
        let actor = actor(request.partner_id);
        let caller = Caller { actor: &actor, now: now(), waiting: Waiting::Wait, run_id: None };
        run(&url, &request, &caller, &partnergraph_importer::Silent).map(|report| report.rows.applied)
    });
    drop(lock);
    assert_eq!(waiting.join().unwrap().unwrap(), 1);
}

#[rstest]
fn a_run_whose_process_died_is_marked_as_failed_by_the_next(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let mut world = World::new(kind);
    world.import(&[("june.csv", &charges(&[charge(1, 1, "10")]))]);
    world.exec("UPDATE import_runs SET status = 'APPLYING'");
    world.import(&[("june.csv", &charges(&[charge(1, 1, "10")]))]);
    let runs = "SELECT status || ' ' || coalesce(error_code, '-') AS line FROM import_runs ORDER BY id";
    assert_eq!(world.lines(runs), ["FAILED run.abandoned", "APPLIED -"]);
}
