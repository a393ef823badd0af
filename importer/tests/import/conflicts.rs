//! Rows that contradict each other.

use partnergraph_importer::OnConflict;
use rstest::rstest;

use crate::support::*;

#[rstest]
fn two_customers_for_one_subscription_are_a_conflict_of_all_its_lines(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let mut world = World::new(kind);
    let other = Charge { name: "Fabrikam", domain: "fabrikam.example", ..charge(2, 1, "10") };
    let file = charges(&[charge(1, 1, "10"), charge(1, 2, "3"), other]);
    let mut request = world.request(&[("june.csv", &file)]);
    request.on_conflict = OnConflict::File;
    let report = world.run(&request).unwrap();
    assert_eq!(rows(&report), [3, 1, 0, 0, 2]);
    assert_eq!(codes(&report).iter().filter(|(code, _)| *code == "conflict.rows").count(), 2);
    // The second customer occurs only in a held line, so it is not created.
    assert_eq!(world.lines("SELECT company_name AS line FROM customer_records"), ["Contoso"]);
    assert_eq!(world.lines("SELECT subscription_id AS line FROM subscriptions"), [subscription(2)]);
}

#[rstest]
fn two_resellers_on_one_date_are_a_conflict(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let mut world = World::new(kind);
    let other = Charge { reseller: "2000002", reference: "R2", kind: "addQuantity", ..charge(1, 1, "12") };
    let report = world.import(&[("june.csv", &charges(&[charge(1, 1, "10"), other]))]);
    assert_eq!(rows(&report), [2, 0, 0, 0, 2]);
    assert_eq!(world.lines("SELECT name AS line FROM partners WHERE NOT onboarded"), Vec::<String>::new());
}

#[rstest]
fn a_subscription_of_another_partner_is_not_available(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let mut world = World::new(kind);
    world.import(&[("june.csv", &charges(&[charge(1, 1, "10")]))]);
    let second = world.partner(partnergraph_domain::PartnerType::IndirectProvider, "1000002", None, "PL");
    let foreign = charges(&[charge(1, 1, "99"), charge(1, 2, "5")]).replace(PROVIDER_MPN, "1000002");
    let mut request = world.request(&[("june.csv", &foreign)]);
    request.partner_id = second;
    let report = world.run(&request).unwrap();
    assert_eq!(rows(&report), [2, 1, 0, 1, 0]);
    let issue = report.issues.iter().find(|issue| issue.code == "subscription.id.unavailable").unwrap();
    assert!(!issue.message.contains(PROVIDER_MPN) && !issue.message.contains("10 "));
    // One customer, two relationships, two records.
    assert_eq!(world.one("SELECT CAST(count(*) AS TEXT) AS line FROM customers"), "1");
    assert_eq!(world.one("SELECT CAST(count(*) AS TEXT) AS line FROM reseller_relationships"), "2");
    assert_eq!(world.one("SELECT CAST(max(quantity) AS TEXT) AS line FROM subscriptions"), "10");
}

#[rstest]
fn a_subscription_does_not_move_between_customers(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let mut world = World::new(kind);
    world.import(&[("june.csv", &charges(&[charge(1, 1, "10")]))]);
    let report = world.import(&[("july.csv", &charges(&[charge(2, 1, "10")]))]);
    assert_eq!(rows(&report), [1, 0, 0, 0, 1]);
    assert!(has(&report, "conflict.edited"));
}
