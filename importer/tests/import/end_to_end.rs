use partnergraph_domain::ImportMode;

use crate::support::*;
use rstest::rstest;

const QUANTITIES: &str = "SELECT coalesce(CAST(quantity AS TEXT), 'none') || ' ' || status || ' ' || coalesce(p.mpn_id, '-') AS line \
     FROM subscriptions s LEFT JOIN partners p ON p.id = s.reseller_id ORDER BY subscription_id";

#[rstest]
fn charges_become_a_subscription(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let mut world = World::new(kind);
    let wiped =
        Charge { kind: "addQuantity", ordered: "2024-06-20", price: "-9.41", reference: "R2", ..charge(1, 1, "10") };
    let stated = Charge { seats: "12", price: "9.41", ..wiped.clone() };
    let report = world.import(&[("june.csv", &charges(&[charge(1, 1, "10"), wiped, stated]))]);
    assert_eq!(rows(&report), [3, 1, 2, 0, 0]);
    assert_eq!(world.lines(QUANTITIES), ["12 ACTIVE 2000001"]);
    assert!(has(&report, "reseller.placeholder"));
    let placeholder = "SELECT name || ' ' || state AS line FROM partners p JOIN partnerships s ON s.reseller_id = p.id";
    assert_eq!(world.lines(placeholder), ["MPN 2000001 IMPORTED"]);
    let record = "SELECT company_name || ' ' || domain || ' ' || country AS line FROM customer_records";
    assert_eq!(world.lines(record), ["Contoso contoso.example PL"]);
    assert_eq!(world.lines("SELECT relationship_to_partner AS line FROM reseller_relationships"), ["RESELLER"]);
    assert_eq!(world.lines("SELECT CAST(level AS TEXT) AS line FROM customer_views ORDER BY viewer_id"), ["1", "3"]);
    assert_eq!(world.lines("SELECT operation_type AS line FROM audit_events"), ["APPLY_IMPORT"]);
    assert_eq!(world.lines("SELECT status AS line FROM import_runs"), ["APPLIED"]);
}

#[rstest]
fn the_same_file_again_changes_nothing(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let mut world = World::new(kind);
    let june = charges(&[charge(1, 1, "10"), charge(1, 2, "5"), charge(2, 3, "7")]);
    let list = customers(&[(1, "Contoso", "contoso.example"), (3, "Fabrikam", "fabrikam.example")]);
    let files: &[(&str, &str)] = &[("june.csv", &june), ("customers.csv", &list)];
    let first = world.import(files);
    let before = world.contents();
    let second = world.import(files);
    assert_eq!(world.contents(), before);
    assert_eq!(first.rows.applied + first.rows.merged, 5);
    assert_eq!((second.rows, second.subscriptions.unchanged), (first.rows, 3));
    assert_eq!(world.one("SELECT CAST(max(changes_total) AS TEXT) AS line FROM import_runs WHERE id = (SELECT max(id) FROM import_runs)"), "0");
}

#[rstest]
fn a_dry_run_writes_nothing_and_reports_the_same(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let mut world = World::new(kind);
    let before = world.contents();
    let june = charges(&[charge(1, 1, "10"), charge(2, 2, "5"), Charge { country: "US", ..charge(3, 3, "7") }]);
    let mut request = world.request(&[("june.csv", &june)]);
    request.mode = ImportMode::DryRun;
    let dry = world.run(&request).unwrap();
    assert_eq!(world.contents(), before);
    assert_eq!(world.one("SELECT CAST(count(*) AS TEXT) AS line FROM import_runs"), "0");
    request.mode = ImportMode::Apply;
    let real = world.run(&request).unwrap();
    assert_eq!(comparable(&dry), comparable(&real));
    assert_eq!(rows(&real), [3, 2, 0, 1, 0]);
}

#[rstest]
fn a_customer_list_and_charges_are_one_customer(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let mut world = World::new(kind);
    let june = charges(&[Charge { domain: "", ..charge(1, 1, "10") }]);
    let list =
        customers(&[(1, "Contoso Ltd", "contoso.example"), (1, "Contoso Ltd", "contoso.example"), (2, "Fabrikam", "")]);
    let report = world.import(&[("june.csv", &june), ("customers.csv", &list)]);
    assert_eq!(rows(&report), [4, 3, 1, 0, 0]);
    assert!(has(&report, "row.merged") && has(&report, "customer.country.unknown"));
    let records = "SELECT company_name || ' ' || coalesce(domain, '-') || ' ' || coalesce(country, '-') AS line FROM customer_records ORDER BY id";
    assert_eq!(world.lines(records), ["Contoso Ltd contoso.example PL", "Fabrikam - -"]);
    assert_eq!((report.customers.created, report.subscriptions.created), (2, 1));
}

#[rstest]
fn what_a_complete_list_lacks_is_listed_and_not_deleted(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let mut world = World::new(kind);
    world.import(&[("june.csv", &charges(&[charge(9, 9, "1")]))]);
    world.import(&[("customers.csv", &customers(&[(1, "Contoso", "a.example"), (2, "Fabrikam", "b.example")]))]);
    let second = world.import(&[("customers.csv", &customers(&[(2, "Fabrikam", "b.example")]))]);
    // The ninth customer was never on a list, so its absence from this list means nothing.
    assert_eq!(second.absent.customers, [tenant(1)]);
    assert_eq!(world.one("SELECT CAST(count(*) AS TEXT) AS line FROM customers"), "3");
    let again = world.import(&[("customers.csv", &customers(&[(2, "Fabrikam", "b.example")]))]);
    assert_eq!(again.absent.customers_total, 1);
    // Two portals that lack the same customer lack one customer.
    let other = |rows: &[(u32, &str, &str)]| {
        let list = customers(rows);
        let mut request = world.request(&[("customers.csv", &*list), ("other.csv", &*list)]);
        request.files[1].source = Some("another-portal".to_owned());
        request
    };
    let (both, one) =
        (other(&[(1, "Contoso", "a.example"), (2, "Fabrikam", "b.example")]), other(&[(2, "Fabrikam", "b.example")]));
    world.run(&both).unwrap();
    assert_eq!(world.run(&one).unwrap().absent.customers_total, 1);
    assert_eq!(world.lines("SELECT DISTINCT key AS line FROM import_absences"), [tenant(1)]);
    let back =
        world.import(&[("customers.csv", &customers(&[(1, "Contoso", "a.example"), (2, "Fabrikam", "b.example")]))]);
    assert_eq!(back.absent.customers_total, 0);
    // The other portal lacks the customer until its own list has it.
    let absent = "SELECT CAST(count(absent_since_run) AS TEXT) AS line FROM import_baselines";
    assert_eq!(world.one(absent), "1");
    world.run(&both).unwrap();
    assert_eq!(world.one(absent), "0");
}

const PARENTS: &str = "SELECT subscription_id || ' ' || CAST(quantity AS TEXT) || ' ' || coalesce(parent_subscription_id, '-') AS line \
     FROM subscriptions ORDER BY subscription_id";

#[rstest]
#[case::some_stay("4", true)]
#[case::none_stay("10", false)]
fn the_new_subscription_of_a_partial_upgrade_names_the_old(
    #[case] converted: &'static str,
    #[case] is_named: bool,
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
    #[values(2, 9)] new: u32,
) {
    let mut world = World::new(kind);
    // The order of the ids differs from the order of the lines.
    let old = if new == 9 { 1 } else { 5 };
    let first = Charge { ordered: "2024-06-01", ..charge(1, old, "10") };
    let convert = |subscription, price| Charge {
        kind: "convert",
        ordered: "2024-06-07",
        reference: "R2",
        price,
        ..charge(1, subscription, converted)
    };
    let elsewhere = Charge { customer: 2, reference: "R2", ..charge(2, 7, "3") };
    let june = charges(&[convert(new, "9"), first, convert(old, "-9"), elsewhere]);
    world.import(&[("june.csv", &june)]);
    let left = 10 - converted.parse::<u32>().unwrap();
    let named = if is_named { subscription(old) } else { "-".to_owned() };
    let mut expected = vec![
        format!("{} {left} -", subscription(old)),
        format!("{} {converted} {named}", subscription(new)),
        format!("{} 3 -", subscription(7)),
    ];
    expected.sort();
    assert_eq!(world.lines(PARENTS), expected);
    let before = world.contents();
    world.import(&[("june.csv", &june)]);
    assert_eq!(world.contents(), before);
}
