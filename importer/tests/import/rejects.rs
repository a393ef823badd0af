//! What was not applied comes back as a file, which can be mended and imported again.

use partnergraph_importer::{FileInput, FileRequest, ImportError, ImportRequest, OnInvalid};
use rstest::rstest;

use crate::support::*;

#[rstest]
fn rejects_are_mended_and_imported_again(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
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
    // All faults of a row are listed, not the first only.
    assert!(text.contains("subscription.quantity.invalid") && text.contains("customer.country.invalid"));
    assert!(text.contains("\"Phone, with; quotes\""));
    // Imported as they are, they are rejected again for the same reasons.
    let mut again = ImportRequest { files: vec![FileRequest::new(FileInput::Path(path.clone()))], ..request.clone() };
    again.rejects = None;
    assert_eq!(rows(&world.run(&again).unwrap()), [2, 0, 0, 2, 0]);
    std::fs::write(&path, text.replace(",ten,", ",5,").replace(",US,", ",DE,").replace(",P1,", ",PL,")).unwrap();
    assert_eq!(rows(&world.run(&again).unwrap()), [2, 2, 0, 0, 0]);
    assert_eq!(world.one("SELECT CAST(count(*) AS TEXT) AS line FROM subscriptions"), "3");
}

#[rstest]
fn one_invalid_row_aborts_where_that_is_asked_for(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
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
    // What has to be mended is written all the same, and the report says how to go on.
    assert!(std::fs::read_to_string(&path).unwrap().contains("subscription.quantity.invalid"));
    assert_eq!(report.rejects.len(), 1);
    assert_eq!(world.contents(), before);
    assert_eq!(world.lines("SELECT status AS line FROM import_runs"), ["FAILED"]);
}
