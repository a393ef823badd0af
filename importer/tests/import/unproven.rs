//! Seats that the files do not prove are held and reported, in whatever order the files are imported.

use partnergraph_domain::{PartnerType, TenantId};
use partnergraph_importer::{FileInput, FileRequest, Report};
use rstest::rstest;

use crate::support::*;

const SEATS: &str = "SELECT coalesce(CAST(quantity AS TEXT), '-') || ' ' || status AS line FROM subscriptions \
                     ORDER BY subscription_id";

/// The provider of the files and its resellers; all files are imported in one run.
fn imported(kind: Kind, files: &[&str]) -> (World, Report) {
    let mut world = World::new(kind);
    let tenant = "11111111-2222-4333-8444-555555555555";
    world.provider = world.partner(PartnerType::IndirectProvider, "4500001", Some(tenant), "PL");
    for reseller in ["5500001", "5500002"] {
        world.partner(PartnerType::IndirectReseller, reseller, None, "PL");
    }
    let mut request = world.request(&[]);
    for file in files {
        let path = format!("{}/tests/data/unproven/{file}.csv", env!("CARGO_MANIFEST_DIR"));
        let list = file.starts_with("list");
        request.files.push(FileRequest {
            customer: list.then(|| "0f6c2a7e-0000-4000-8000-000000000001".parse::<TenantId>().unwrap()),
            as_of: list.then(|| now().date()),
            ..FileRequest::new(FileInput::Path(path.into()))
        });
    }
    let report = world.run(&request).unwrap_or_else(|error| panic!("{error}"));
    (world, report)
}

#[rstest]
#[case::renewed_with_the_changed_number("free-plan-change-on-renewal-day", &["17 ACTIVE"], &[], false)]
#[case::alike_lines_that_count_apart("alike-one", &["11 ACTIVE"], &["row.repeated"], false)]
#[case::alike_lines_with_amounts("alike-paid", &["12 ACTIVE"], &["row.repeated"], false)]
#[case::changes_without_a_day("undated", &[], &["charge.date.missing", "row.companion_rejected"], true)]
#[case::a_cancellation_without_a_day("undated-cancel", &[], &["charge.date.missing", "row.companion_rejected"], true)]
#[case::units_that_are_no_seats("units", &["- ACTIVE", "- ACTIVE", "- ACTIVE"], &["word.unknown", "conflict.seats"], true)]
fn charges_give_what_they_prove(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
    #[case] file: &str,
    #[case] seats: &[&str],
    #[case] codes: &[&str],
    #[case] is_partial: bool,
) {
    let (mut world, report) = imported(kind, &[file]);
    assert_eq!(world.lines(SEATS), seats);
    for code in codes {
        assert!(has(&report, code), "{code} is not among {:?}", report.issues);
    }
    assert_eq!(report.is_partial(), is_partial);
}

#[rstest]
#[case::in_one_list(&["list-twice"])]
#[case::in_two_lists(&["list-five", "list-seven"])]
#[case::the_other_way_round(&["list-seven", "list-five"])]
fn different_lists_of_the_same_date_are_held(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
    #[case] files: &[&str],
) {
    let (mut world, report) = imported(kind, files);
    assert_eq!(world.lines(SEATS), ["- ACTIVE"]);
    assert_eq!((report.rows.conflict, report.rows.applied), (2, 0));
    assert!(has(&report, "conflict.rows"), "{:?}", report.issues);
}

#[rstest]
fn two_resellers_of_one_entitlement_on_one_day_are_held(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let (mut world, report) = imported(kind, &["entitlement-two-resellers"]);
    let resellers = "SELECT coalesce(CAST(reseller_id AS TEXT), '-') AS line FROM entitlements";
    assert_eq!(world.lines(resellers), ["-"]);
    assert_eq!(report.rows.conflict, 2);
    assert!(has(&report, "conflict.rows"), "{:?}", report.issues);
}
