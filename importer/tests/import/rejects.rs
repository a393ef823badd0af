//! Rows that were not applied are written to a file, which can be fixed and imported again.

use partnergraph_domain::ImportMode;
use partnergraph_domain::ImportPhase;
use partnergraph_importer::{
    Caller, FileInput, FileRequest, ImportError, ImportRequest, OnInvalid, Position, Progress, Report, Silent, Waiting,
};
use rstest::rstest;

use crate::support::*;

#[rstest]
fn rejects_are_fixed_and_imported_again(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let mut world = World::new(kind);
    let bad = Charge { seats: "ten", country: "P1", ..charge(1, 2, "5") };
    let abroad = Charge { country: "US", product: "\"Phone, with; quotes\"", ..charge(3, 3, "7") };
    let path = world.dir.path().join("rejects.csv");
    let mut request = world.request(&[("june.csv", &charges(&[charge(1, 1, "10"), bad, abroad]))]);
    request.rejects = Some(path.clone());
    request.named = Some(PROVIDER_MPN.to_owned());
    let report = world.run(&request).unwrap();
    assert_eq!(rows(&report), [3, 1, 0, 2, 0]);
    assert!(report.rejects[0].command.contains("--profile new-commerce-reconciliation"));
    let text = std::fs::read_to_string(&path).unwrap();
    assert_eq!(text.lines().count(), 3);
    assert!(text.lines().next().unwrap().ends_with("import_line,import_code,import_message"));
    // All errors of a row are listed, not only the first.
    assert!(text.contains("subscription.quantity.invalid") && text.contains("customer.country.invalid"));
    assert!(text.contains("\"Phone, with; quotes\""));
    // If they are imported unchanged, they are rejected again for the same reasons.
    let mut again = ImportRequest { files: vec![FileRequest::new(FileInput::Path(path.clone()))], ..request.clone() };
    again.rejects = None;
    assert_eq!(rows(&world.run(&again).unwrap()), [2, 0, 0, 2, 0]);
    std::fs::write(&path, text.replace(",ten,", ",5,").replace(",US,", ",DE,").replace(",P1,", ",PL,")).unwrap();
    assert_eq!(rows(&world.run(&again).unwrap()), [2, 2, 0, 0, 0]);
    assert_eq!(world.one("SELECT CAST(count(*) AS TEXT) AS line FROM subscriptions"), "3");
}

#[rstest]
fn one_invalid_row_aborts_if_requested(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let mut world = World::new(kind);
    let before = world.contents();
    let bad = Charge { seats: "ten", ..charge(1, 2, "5") };
    let mut request = world.request(&[("june.csv", &charges(&[charge(1, 1, "10"), bad]))]);
    request.on_invalid = OnInvalid::Abort;
    let path = world.dir.path().join("rejects.csv");
    request.rejects = Some(path.clone());
    let error = world.run(&request).unwrap_err();
    assert_eq!(error.code(), "rows.invalid");
    let ImportError::Invalid(report) = error else { panic!("{error}") };
    assert_eq!(rows(&report), [2, 1, 0, 1, 0]);
    // The rejects are written nevertheless, and the report says how to continue.
    assert!(std::fs::read_to_string(&path).unwrap().contains("subscription.quantity.invalid"));
    assert_eq!(report.rejects.len(), 1);
    assert_eq!(world.contents(), before);
    assert_eq!(world.lines("SELECT status AS line FROM import_runs"), ["FAILED"]);
}

/// A file that can be imported again, with a row that is applied and one that is not.
fn written(world: &World, name: &str, subscription: u32) -> FileRequest {
    let path = world.dir.path().join(name);
    let bad = Charge { seats: "ten", ..charge(1, subscription + 1, "5") };
    std::fs::write(&path, charges(&[charge(1, subscription, "10"), bad])).unwrap();
    FileRequest::new(FileInput::Path(path))
}

#[rstest]
fn rejects_may_take_the_place_of_an_input(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let world = World::new(kind);
    let files = vec![written(&world, "june.csv", 1), written(&world, "july.csv", 3), written(&world, "august.csv", 5)];
    let path = |name: &str| world.dir.path().join(name);
    let read = |name: &str| std::fs::read_to_string(world.dir.path().join(name)).unwrap();
    // FILE is the second input, FILE-2 the third by a symbolic link, FILE-3 the first by a hard link.
    std::os::unix::fs::symlink("august.csv", path("july-2.csv")).unwrap();
    std::fs::hard_link(path("june.csv"), path("july-3.csv")).unwrap();
    let (june, place) = (read("june.csv"), path("july.csv"));
    let mut request = ImportRequest { files, rejects: Some(place), ..world.request(&[]) };
    request.named = Some(PROVIDER_MPN.to_owned());
    for (mode, on_invalid) in [
        (ImportMode::DryRun, OnInvalid::Skip),
        (ImportMode::Plan, OnInvalid::Skip),
        (ImportMode::Apply, OnInvalid::Abort),
    ] {
        let error = run_alone(&world, &ImportRequest { mode, on_invalid, ..request.clone() }).unwrap_err();
        assert_eq!(error.code(), "rejects.unwritable", "{error}");
    }
    let report = run_alone(&world, &request).unwrap();
    assert_eq!((rows(&report), report.notes.len()), ([6, 3, 0, 3, 0], 0), "{:?}", report.notes);
    for (name, row) in [("july.csv", 2), ("august.csv", 4), ("july-3.csv", 6)] {
        let text = read(name);
        assert_eq!(text.lines().count(), 2, "{name}: {text}");
        assert!(text.contains(&subscription(row)), "{name}: {text}");
    }
    assert!(path("july-2.csv").is_symlink());
    assert_eq!(read("june.csv"), june);
    let names: Vec<String> = std::fs::read_dir(world.dir.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.contains("rejects"))
        .collect();
    assert!(names.is_empty(), "{names:?}");
}

fn run_alone(world: &World, request: &ImportRequest) -> Result<Report, ImportError> {
    let actor = actor(request.partner_id);
    let caller = Caller { actor: &actor, now: now(), waiting: Waiting::Refuse, run_id: None };
    partnergraph_importer::run(&world.url, request, &caller, &Silent)
}

#[rstest]
fn two_inputs_never_have_their_rejects_in_one_file(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let mut world = World::new(kind);
    let files = vec![written(&world, "june.csv", 1), written(&world, "july.csv", 3)];
    std::os::unix::fs::symlink("rejects.csv", world.dir.path().join("rejects-2.csv")).unwrap();
    let rejects = Some(world.dir.path().join("rejects.csv"));
    let request = ImportRequest { files, rejects, ..world.request(&[]) };
    assert_eq!(world.run(&request).unwrap_err().code(), "rejects.unwritable");
    assert_eq!(world.lines("SELECT status AS line FROM import_runs"), [""; 0]);
}

/// Deletes the folder before the rejects are written.
struct Folder(std::path::PathBuf);

impl Progress for Folder {
    fn at(&self, position: Position) {
        if position.phase == ImportPhase::Planning {
            let _ = std::fs::remove_dir_all(&self.0);
        }
    }
}

#[rstest]
fn what_is_applied_stays_applied_when_the_rejects_cannot_be_written(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
    #[values(ImportMode::Apply, ImportMode::Plan, ImportMode::DryRun)] mode: ImportMode,
) {
    let mut world = World::new(kind);
    let folder = world.dir.path().join("folder");
    std::fs::create_dir(&folder).unwrap();
    let (files, rejects) = (vec![written(&world, "june.csv", 1)], Some(folder.join("rejects.csv")));
    let request = ImportRequest { files, rejects, mode, ..world.request(&[]) };
    let actor = actor(request.partner_id);
    let caller = Caller { actor: &actor, now: now(), waiting: Waiting::Refuse, run_id: None };
    let result = partnergraph_importer::run(&world.url, &request, &caller, &Folder(folder));
    let runs = world.lines("SELECT status || ' ' || coalesce(error_code, '-') AS line FROM import_runs");
    if mode == ImportMode::DryRun {
        assert_eq!((result.unwrap_err().code(), runs.len()), ("rejects.unwritable", 0));
        return;
    }
    let report = result.unwrap();
    assert!(report.notes[0].starts_with("error: the rejects file "), "{:?}", report.notes);
    assert!(report.rejects.is_empty());
    assert_eq!(runs, [if mode == ImportMode::Apply { "APPLIED -" } else { "PLANNED -" }]);
}

#[rstest]
fn a_file_that_was_there_before_keeps_its_permissions(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    use std::os::unix::fs::PermissionsExt;
    let mut world = World::new(kind);
    let place = world.dir.path().join("rejects.csv");
    std::fs::write(&place, "old").unwrap();
    std::fs::set_permissions(&place, std::fs::Permissions::from_mode(0o640)).unwrap();
    let files = vec![written(&world, "june.csv", 1)];
    let request = ImportRequest { files, rejects: Some(place.clone()), ..world.request(&[]) };
    world.run(&request).unwrap();
    assert_eq!(std::fs::metadata(&place).unwrap().permissions().mode() & 0o777, 0o640);
    let good = world.request(&[("good.csv", &charges(&[charge(1, 1, "10")]))]);
    let report = world.run(&ImportRequest { rejects: Some(place), ..good }).unwrap();
    assert!(report.notes.len() == 1 && report.notes[0].contains("is from an earlier run"), "{:?}", report.notes);
}
