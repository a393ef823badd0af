//! The status of a run: failed, stopped or discarded, and its progress.

use std::cell::{Cell, RefCell};

use partnergraph_domain::{ImportMode, ImportPhase, ImportRunKey, ImportStatus};
use partnergraph_importer::{
    Caller, FileInput, FileRequest, ImportError, ImportRequest, OnInvalid, Position, Progress, Report, Waiting,
    apply_plan, discard_plan, run,
};
use partnergraph_store::imports::lock::ImportLock;
use rstest::rstest;

use crate::support::*;

const RUNS: &str = "SELECT status || ' ' || coalesce(error_code, '-') AS line FROM import_runs ORDER BY id";

/// Stops the import when it reaches that phase.
struct Stopped(ImportPhase, Cell<bool>);

impl Stopped {
    fn at(phase: ImportPhase) -> Self {
        Self(phase, Cell::new(false))
    }
}

impl Progress for Stopped {
    fn at(&self, position: Position) {
        if position.phase == self.0 {
            self.1.set(true);
        }
    }

    fn is_cancelled(&self) -> bool {
        self.1.get()
    }
}

/// Stops the import when a part of that phase is done, and counts the progress reports that follow.
struct StoppedWithin(ImportPhase, Cell<Option<u32>>);

impl Progress for StoppedWithin {
    fn at(&self, position: Position) {
        match self.1.get() {
            Some(reports) => self.1.set(Some(reports + 1)),
            None if position.phase == self.0 && position.done > 0 => self.1.set(Some(0)),
            None => {}
        }
    }

    fn is_cancelled(&self) -> bool {
        self.1.get().is_some()
    }
}

/// Records the progress of the import.
#[derive(Default)]
struct Seen(RefCell<Vec<Position>>);

impl Progress for Seen {
    fn at(&self, position: Position) {
        self.0.borrow_mut().push(position);
    }
}

fn watched(world: &World, request: &ImportRequest, progress: &dyn Progress) -> Result<Report, ImportError> {
    let actor = actor(request.partner_id);
    let caller = Caller { actor: &actor, now: now(), waiting: Waiting::Wait, run_id: None };
    run(&world.url, request, &caller, progress)
}

fn june() -> String {
    charges(&[charge(1, 1, "10"), charge(1, 2, "5"), charge(2, 3, "7")])
}

#[rstest]
fn a_stopped_import_leaves_the_database_as_it_was(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
    #[values(ImportMode::Apply, ImportMode::Plan, ImportMode::DryRun)] mode: ImportMode,
) {
    let mut world = World::new(kind);
    let before = world.contents();
    let request = ImportRequest { mode, ..world.request(&[("june.csv", &june())]) };
    let mut phases = vec![ImportPhase::Opening, ImportPhase::Reading, ImportPhase::Planning];
    phases.extend((mode == ImportMode::Apply).then_some(ImportPhase::Applying));
    for phase in &phases {
        let error = watched(&world, &request, &Stopped::at(*phase)).unwrap_err();
        assert_eq!(error.code(), "run.cancelled", "{phase:?}: {error}");
        assert!(world.contents() == before, "{phase:?}");
    }
    let runs = if mode == ImportMode::DryRun { 0 } else { phases.len() };
    assert_eq!(world.lines(RUNS), vec!["FAILED run.cancelled"; runs]);
    assert_eq!(world.one("SELECT CAST(count(*) AS TEXT) AS line FROM import_plan_pieces"), "0");
    // Nothing is left that prevents the next import.
    assert_eq!(watched(&world, &request, &Seen::default()).unwrap().rows.applied, 3);
}

#[rstest]
fn an_import_stops_in_the_midst_of_a_phase(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
    #[values(ImportPhase::Planning, ImportPhase::Applying)] phase: ImportPhase,
) {
    let mut world = World::new(kind);
    let before = world.contents();
    let request = world.request(&[("june.csv", &june())]);
    let stopped = StoppedWithin(phase, Cell::new(None));
    assert_eq!(watched(&world, &request, &stopped).unwrap_err().code(), "run.cancelled");
    assert_eq!(stopped.1.get(), Some(0), "it went on");
    assert!(world.contents() == before);
}

#[rstest]
fn a_waiting_import_can_be_stopped(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let mut world = World::new(kind);
    let request = world.request(&[("june.csv", &june())]);
    let lock = ImportLock::try_take(&world.url).unwrap().expect("nobody has it");
    let error = watched(&world, &request, &Stopped::at(ImportPhase::Waiting)).unwrap_err();
    assert_eq!(error.code(), "run.cancelled");
    assert_eq!(world.lines(RUNS), ["FAILED run.cancelled"]);
    drop(lock);
    assert!(ImportLock::try_take(&world.url).unwrap().is_some());
}

#[rstest]
fn a_stored_plan_whose_applying_is_stopped_is_kept(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let mut world = World::new(kind);
    let request = ImportRequest { mode: ImportMode::Plan, ..world.request(&[("june.csv", &june())]) };
    let run_id = world.run(&request).unwrap().run.unwrap();
    let before = world.contents();
    let actor = actor(world.provider);
    let caller = Caller { actor: &actor, now: now(), waiting: Waiting::Wait, run_id: None };
    let error = apply_plan(&world.url, run_id, &caller, &Stopped::at(ImportPhase::Applying)).unwrap_err();
    assert_eq!(error.code(), "run.cancelled");
    assert!(world.contents() == before);
    assert_eq!(world.lines(RUNS), ["PLANNED run.cancelled"]);
    apply_plan(&world.url, run_id, &caller, &Seen::default()).unwrap();
    assert_eq!(world.lines(RUNS), ["APPLIED -"]);
}

#[rstest]
fn a_plan_is_discarded_while_it_waits(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let mut world = World::new(kind);
    let request = ImportRequest { mode: ImportMode::Plan, ..world.request(&[("june.csv", &june())]) };
    let run_id = world.run(&request).unwrap().run.unwrap();
    let before = world.contents();
    discard_plan(&mut world.conn, run_id, now()).unwrap();
    assert!(world.contents() == before);
    assert_eq!(world.lines(RUNS), ["FAILED plan.discarded"]);
    assert_eq!(world.one("SELECT CAST(count(*) AS TEXT) AS line FROM import_plan_pieces"), "0");
    assert_eq!(discard_plan(&mut world.conn, run_id, now()).unwrap_err().code(), "run.not_planned");
    assert_eq!(discard_plan(&mut world.conn, ImportRunKey::new(77), now()).unwrap_err().code(), "run.unknown");
    let applied = world.import(&[("june.csv", &june())]).run.unwrap();
    assert_eq!(discard_plan(&mut world.conn, applied, now()).unwrap_err().code(), "run.not_planned");
}

#[rstest]
fn an_aborted_run_keeps_its_report_and_its_issues(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let mut world = World::new(kind);
    let bad = Charge { seats: "ten", ..charge(1, 2, "5") };
    let request = world.request(&[("june.csv", &charges(&[charge(1, 1, "10"), bad]))]);
    for mode in [ImportMode::Apply, ImportMode::Plan] {
        let request = ImportRequest { mode, on_invalid: OnInvalid::Abort, ..request.clone() };
        let Err(ImportError::Invalid(report)) = world.run(&request) else { panic!("it is refused") };
        assert_eq!(report.status, ImportStatus::Failed);
        assert!(report.text().contains("FAILED, nothing was imported"), "{}", report.text());
        let kept = "SELECT status || ' ' || phase || ' ' || issues_total || ' ' || changes_total AS line FROM import_runs \
                    ORDER BY id DESC LIMIT 1";
        assert_eq!(world.one(kept), format!("FAILED failed {} 0", report.issues_total));
        let stored = world.one("SELECT report AS line FROM import_runs ORDER BY id DESC LIMIT 1");
        assert!(stored.contains("\"status\":\"FAILED\"") && stored.contains("\"rejected\":1"), "{stored}");
    }
    let issues =
        "SELECT DISTINCT run_id || ' ' || line || ' ' || code AS line FROM import_issues WHERE line = 3 ORDER BY 1";
    assert_eq!(world.lines(issues), ["1 3 subscription.quantity.invalid", "2 3 subscription.quantity.invalid"]);
}

#[rstest]
fn a_wrong_path_creates_no_run(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let mut world = World::new(kind);
    let mut request = world.request(&[("june.csv", &june())]);
    for wrong in [world.dir.path().join("typo.csv"), world.dir.path().to_owned()] {
        request.files.truncate(1);
        request.files.push(FileRequest::new(FileInput::Path(wrong.clone())));
        let error = world.run(&request).unwrap_err();
        assert_eq!(error.code(), "file.unreadable");
        assert!(error.to_string().contains(wrong.to_str().unwrap()), "{error}");
    }
    assert_eq!(world.lines(RUNS), [""; 0]);
}

#[rstest]
fn each_phase_has_its_own_measure(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let world = World::new(kind);
    let seen = Seen::default();
    watched(&world, &world.request(&[("june.csv", &june()), ("again.csv", &june())]), &seen).unwrap();
    let seen = seen.0.into_inner();
    let last = |phase| *seen.iter().rfind(|position| position.phase == phase).unwrap();
    assert_eq!((last(ImportPhase::Opening).done, last(ImportPhase::Opening).total), (2, Some(2)));
    assert_eq!((last(ImportPhase::Reading).done, last(ImportPhase::Reading).total), (6, Some(6)));
    let first = seen.iter().find(|position| position.phase == ImportPhase::Planning).unwrap();
    assert_eq!((first.done, first.rows_read), (0, 6));
    assert!(seen.iter().map(Position::percent).collect::<Vec<_>>().is_sorted());
    assert!(seen.iter().all(|position| position.percent() < 100.0 || position.phase == ImportPhase::Done));
    assert_eq!(seen.last().unwrap().status, ImportStatus::Applied);
}
