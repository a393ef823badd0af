//! Partners of record.

use partnergraph_domain::{PartnerType, RuleId};
use rstest::rstest;

use crate::support::*;

const OF_RECORD: &str = "SELECT coalesce(p.mpn_id, '-') AS line FROM subscriptions s LEFT JOIN partners p ON p.id = s.reseller_id ORDER BY s.subscription_id";
const HISTORY: &str = "SELECT p.mpn_id || ' ' || CAST(h.valid_to AS TEXT) AS line FROM partner_of_record_history h JOIN partners p ON p.id = h.reseller_id";

fn july(reseller: &'static str) -> String {
    charges(&[Charge {
        reseller,
        month: "2024-07-01",
        ordered: "2024-07-01",
        kind: "cycleCharge",
        ..charge(1, 1, "10")
    }])
}

#[rstest]
fn a_customer_that_moved_is_listed_with_its_seats(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let mut world = World::new(kind);
    world.import(&[("june.csv", &charges(&[charge(1, 1, "10")]))]);
    let report = world.import(&[("july.csv", &july("2000002"))]);
    let moved = report.issues.iter().find(|issue| issue.code == "reseller.moved").unwrap();
    assert!(
        moved.message.contains("2000001") && moved.message.contains("2000002") && moved.message.contains("10 seat")
    );
    assert_eq!((world.lines(OF_RECORD), report.associations.updated), (vec!["2000002".to_owned()], 1));
    assert_eq!(world.lines(HISTORY), ["2000001 2024-07-01 00:00:00"]);
    let seen = "SELECT p.mpn_id AS line FROM reseller_customers c JOIN partners p ON p.id = c.reseller_id";
    assert_eq!(world.lines(seen), ["2000002"]);
    let again = world.import(&[("july.csv", &july("2000002"))]);
    assert!(!has(&again, "reseller.moved"));
    assert_eq!(world.lines(HISTORY).len(), 1);
}

#[rstest]
fn the_later_of_two_resellers_in_one_file_is_applied(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let mut world = World::new(kind);
    let later = Charge { reseller: "2000002", ordered: "2024-06-25", kind: "cycleCharge", ..charge(1, 1, "10") };
    let report = world.import(&[("june.csv", &charges(&[later, charge(1, 1, "10")]))]);
    assert_eq!(world.lines(OF_RECORD), ["2000002"]);
    assert_eq!(world.lines(HISTORY), ["2000001 2024-06-25 00:00:00"]);
    assert!(has(&report, "reseller.moved"));
    assert_eq!(report.resellers.created, 2);
}

#[rstest]
#[case("")]
#[case("0")]
#[case("-1")]
#[case(PROVIDER_MPN)]
fn none_clears_what_an_import_set(#[case] none: &'static str, #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let mut world = World::new(kind);
    world.import(&[("june.csv", &charges(&[charge(1, 1, "10")]))]);
    let report = world.import(&[("july.csv", &july(none))]);
    assert_eq!(world.lines(OF_RECORD), ["-"]);
    assert_eq!(has(&report, "reseller.own_mpn"), none == PROVIDER_MPN);
}

#[rstest]
fn a_known_reseller_needs_no_placeholder(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let mut world = World::new(kind);
    world.partner(PartnerType::IndirectReseller, "2000001", None, "PL");
    let report = world.import(&[("june.csv", &charges(&[charge(1, 1, "10")]))]);
    assert!(!has(&report, "reseller.placeholder"));
    assert_eq!(world.lines("SELECT state AS line FROM partnerships"), ["IMPORTED"]);
    assert_eq!((report.resellers.created, report.resellers.unchanged), (0, 1));
}

#[rstest]
fn a_row_with_an_account_that_is_not_a_reseller_is_rejected(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let mut world = World::new(kind);
    world.partner(PartnerType::DirectBill, "2000001", None, "PL");
    let report = world.import(&[("june.csv", &charges(&[charge(1, 1, "10")]))]);
    assert_eq!(rows(&report), [1, 0, 0, 1, 0]);
    let issue = report.issues.iter().find(|issue| issue.code == "reseller.not_a_reseller").unwrap();
    assert_eq!(issue.rule.map(RuleId::as_str), Some("P-07"));
    // Nothing from a rejected row is stored.
    assert_eq!(world.one("SELECT CAST(count(*) AS TEXT) AS line FROM customers"), "0");
}
