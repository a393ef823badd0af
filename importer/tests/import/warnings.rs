//! Rows that are applied with a warning.

use rstest::rstest;

use crate::support::*;

fn lines_of(report: &partnergraph_importer::Report, code: &str) -> Vec<u64> {
    codes(report).into_iter().filter(|(one, _)| *one == code).map(|(_, line)| line).collect()
}

/// The API rejects names that would mislead readers of a list; names from a portal are cleaned instead.
#[rstest]
fn names_are_a_single_line_and_no_longer_than_the_api_accepts(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let mut world = World::new(kind);
    let (longest, longer) = ("ó".repeat(256), "ó".repeat(257));
    let list = customers(&[
        (1, "\u{1b}[31mRed\u{7}", "a.example"),
        (2, "Gda\u{202e}\u{0144}sk \u{7}\u{7} Port", "b.example"),
        (3, "\u{1}\u{2}", "c.example"),
        (4, &longest, "d.example"),
        (5, &longer, "e.example"),
    ]);
    let report = world.import(&[("customers.csv", &list)]);
    assert_eq!(rows(&report), [5, 4, 0, 1, 0]);
    assert_eq!(lines_of(&report, "row.control_characters"), [2, 3, 4]);
    assert_eq!(lines_of(&report, "row.text_too_long"), [6]);
    let names = world.lines("SELECT coalesce(company_name, 'none') AS line FROM customer_records ORDER BY id");
    assert_eq!(names[..3], ["[31mRed", "Gda \u{0144}sk Port", "none"]);
    assert_eq!(names[3], longest);
    let again = world.import(&[("customers.csv", &list)]);
    assert_eq!((again.customers.updated, again.customers.unchanged), (0, 4));
}

const DOMAINS: &str = "SELECT domain AS line FROM customer_records ORDER BY id";

#[rstest]
fn a_domain_of_two_tenants_is_kept_on_both(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let mut world = World::new(kind);
    let list = customers(&[(1, "A", "a.example"), (2, "B", "b.example"), (3, "C", "A.example"), (4, "D", "")]);
    let report = world.import(&[("customers.csv", &list)]);
    assert_eq!(rows(&report), [4, 4, 0, 0, 0]);
    assert_eq!(lines_of(&report, "customer.domain.shared"), [2, 4]);
    assert_eq!(world.lines("SELECT lower(coalesce(domain, '-')) AS line FROM customer_records ORDER BY id").len(), 4);
    let again = world.import(&[("customers.csv", &list)]);
    assert_eq!(lines_of(&again, "customer.domain.shared"), [2, 4]);
}

#[rstest]
fn a_domain_of_a_customer_that_the_file_lacks_is_shared_as_well(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let mut world = World::new(kind);
    world.import(&[("first.csv", &customers(&[(1, "A", "a.example"), (2, "B", "b.example")]))]);
    let report = world.import(&[("second.csv", &customers(&[(3, "C", "c.example"), (4, "D", "b.example")]))]);
    assert_eq!(lines_of(&report, "customer.domain.shared"), [3]);
    assert_eq!(world.lines(DOMAINS), ["a.example", "b.example", "c.example", "b.example"]);
    // If a domain moves from one customer to another within the files, it is not shared.
    let moved = customers(&[(1, "A", "new.example"), (5, "E", "a.example")]);
    assert!(!has(&world.import(&[("third.csv", &moved)]), "customer.domain.shared"));
}

#[rstest]
fn another_spelling_of_a_name_is_shown_as_in_its_cell(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let mut world = World::new(kind);
    let list = customers(&[(1, "Contoso Ltd", "a.example"), (1, "Fabrikam GmbH", "a.example")]);
    let report = world.import(&[("customers.csv", &list)]);
    let issue = report.issues.iter().find(|issue| issue.code == "customer.name.differs").expect("it is reported");
    assert_eq!((issue.line, issue.value.as_deref()), (3, Some("Fabrikam GmbH")));
}

#[rstest]
fn an_unknown_value_is_reported_once_regardless_of_case(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let mut world = World::new(kind);
    let line = |n, kind| Charge { kind, ..charge(1, n, "1") };
    let report = world.import(&[("charges.csv", &charges(&[line(1, "zork"), line(2, "ZORK"), line(3, "Zork ")]))]);
    assert_eq!(lines_of(&report, "charge.type.unknown"), [2]);
}

fn numbered(from: u32, count: u32, month: &'static str) -> String {
    let line = |n| Charge { month, ordered: month, ..charge(1, n, "1") };
    charges(&(from..from + count).map(line).collect::<Vec<_>>())
}

#[rstest]
fn charges_that_name_hardly_any_known_subscription_are_reported_once(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let mut world = World::new(kind);
    assert!(!has(&world.import(&[("may.csv", &numbered(1, 25, "2024-05-01"))]), "file.overlap.low"));
    // A few more subscriptions are ordinary purchases.
    assert!(!has(&world.import(&[("june.csv", &numbered(20, 25, "2024-06-01"))]), "file.overlap.low"));
    let report = world.import(&[("other.csv", &numbered(100, 25, "2024-06-01"))]);
    assert_eq!(lines_of(&report, "file.overlap.low"), [0]);
    assert_eq!(rows(&report), [25, 25, 0, 0, 0]);
}

#[rstest]
fn the_shared_domains_of_the_samples_are_found(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let mut world = World::new(kind);
    let list = include_str!("../../../samples/partner-center/Customers.csv");
    let report = world.import(&[("Customers.csv", list)]);
    // As listed in `samples/README.md`.
    assert_eq!(lines_of(&report, "customer.domain.shared"), [66, 67, 68, 69]);
}
