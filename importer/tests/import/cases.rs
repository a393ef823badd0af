//! Inputs rebuilt from public reports, with their results on both databases.

use partnergraph_domain::PartnerType;
use partnergraph_importer::{FileInput, FileRequest, Report};
use rstest::rstest;

use crate::support::*;

const SEATS: &str = "SELECT substr(subscription_id, 34) || ' ' || coalesce(CAST(quantity AS TEXT), '-') || ' ' || status AS line \
                     FROM subscriptions ORDER BY subscription_id";

/// The provider of the cases and its reseller; each group of files is imported in its own run.
fn imported(kind: Kind, runs: &[&[&str]]) -> (World, Vec<Report>) {
    let mut world = World::new(kind);
    let tenant = "11111111-2222-4333-8444-555555555555";
    world.provider = world.partner(PartnerType::IndirectProvider, "4500001", Some(tenant), "PL");
    world.partner(PartnerType::IndirectReseller, "5500001", None, "PL");
    let mut reports = Vec::new();
    for files in runs {
        let mut request = world.request(&[]);
        for file in *files {
            let path = format!("{}/tests/data/cases/{file}.csv", env!("CARGO_MANIFEST_DIR"));
            request.files.push(FileRequest::new(FileInput::Path(path.into())));
        }
        reports.push(world.run(&request).unwrap_or_else(|error| panic!("{error}")));
    }
    (world, reports)
}

#[rstest]
#[case::all_lines_wait_for_a_rejected_one("06a-wipe-line-bad-cell", &[], &["customer.country.invalid", "row.companion_rejected"])]
#[case::moved("21-movequantity", &["001 6 ACTIVE", "002 4 ACTIVE"], &[])]
#[case::plan_with_other_seats("21c-changebillingplan-seats", &["001 15 ACTIVE"], &[])]
#[case::free_seats("11-zero-price-change", &["001 25 ACTIVE"], &[])]
#[case::unknown_type("17-unknown-type", &["001 - ACTIVE"], &["charge.type.unknown", "conflict.seats"])]
#[case::reference_of_the_purchase("31-ref-to-original", &["001 12 ACTIVE"], &[])]
#[case::one_reference("33-constant-ref", &["001 12 ACTIVE"], &[])]
#[case::no_reference("33b-blank-ref", &["001 12 ACTIVE"], &[])]
#[case::there_and_back("08b-same-day", &["005 15 ACTIVE", "006 10 ACTIVE"], &["conflict.seats"])]
#[case::documented("08-doc-scenarios", &["001 2 ACTIVE", "002 2 ACTIVE", "003 1 ACTIVE", "004 1 ACTIVE"], &[])]
#[case::cancelled("07-cancel", &["001 0 DELETED"], &[])]
#[case::trial_cancelled("29b-saas-trial-cancel", &["002 0 DELETED"], &[])]
#[case::two_entitlements("05-azure-two-resellers", &["001 - ACTIVE"], &[])]
#[case::aggregated_usage("39-usage-aggregated", &["001 - ACTIVE"], &[])]
#[case::one_time_purchase("04-zero-guid", &[], &["row.no_subscription"])]
fn a_case_gives_the_expected_seats(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
    #[case] file: &str,
    #[case] seats: &[&str],
    #[case] codes: &[&str],
) {
    let (mut world, reports) = imported(kind, &[&[file]]);
    assert_eq!(world.lines(SEATS), seats);
    for code in codes {
        assert!(has(&reports[0], code), "{code} is not among {:?}", reports[0].issues);
    }
    assert_eq!(has(&reports[0], "conflict.seats"), codes.contains(&"conflict.seats"));
}

#[rstest]
#[case::sub_periods(&["28-jan", "28-feb"], "001 2 ACTIVE", false)]
#[case::credited_in_full(&["28-jan", "28-suspend-feb"], "001 1 ACTIVE", true)]
#[case::over_two_files(&["32-part1", "32-part2"], "001 12 ACTIVE", false)]
fn two_files_give_the_same_result_together_and_apart(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
    #[case] files: &[&str],
    #[case] seats: &str,
    #[case] held: bool,
) {
    let (first, second) = (files[0], files[1]);
    for runs in [&[&[first, second][..]][..], &[&[first], &[second]], &[&[second], &[first]]] {
        let (mut world, reports) = imported(kind, runs);
        assert_eq!(world.lines(SEATS), [seats], "{runs:?}");
        assert_eq!(has(reports.last().unwrap(), "conflict.seats"), held, "{runs:?}");
    }
}

#[rstest]
fn a_charge_after_the_end_of_the_term_proves_that_it_goes_on(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let (_, reports) = imported(kind, &[&["13-est"]]);
    assert!(!has(&reports[0], "subscription.presumed_expired"), "{:?}", reports[0].issues);
}

#[rstest]
fn each_entitlement_has_its_own_partner_of_record(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let (mut world, reports) = imported(kind, &[&["05-azure-two-resellers"], &["05-azure-two-resellers"]]);
    let entitlements = "SELECT substr(e.entitlement_id, 34) || ' ' || coalesce(e.description, '-') || ' ' || p.mpn_id || ' ' || e.version \
                        AS line FROM entitlements e JOIN partners p ON p.id = e.reseller_id ORDER BY e.entitlement_id";
    assert_eq!(world.lines(entitlements), ["001 - 5500001 1", "002 Sub B 5500002 1"]);
    assert_eq!(world.lines("SELECT CAST(COUNT(*) AS TEXT) AS line FROM reseller_customers"), ["2"]);
    assert_eq!((reports[0].rows.conflict, reports[1].subscriptions.unchanged), (0, 1));
}
