//! Three-way reconciliation: the stored value, what the source stated last, and what its file states now.

use partnergraph_importer::{OnConflict, revert};
use partnergraph_store::columns::CustomerRecordColumns;
use rstest::rstest;

use crate::support::*;

const STATUS: &str = "SELECT status AS line FROM subscriptions";
const SEATS: &str = "SELECT CAST(quantity AS TEXT) AS line FROM subscriptions";

fn month(month: &'static str, seats: &'static str) -> String {
    charges(&[Charge { month, ordered: month, ..charge(1, 1, seats) }])
}

#[rstest]
fn january_after_february_changes_nothing(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let mut world = World::new(kind);
    world.import(&[("february.csv", &month("2024-02-01", "12"))]);
    // The baseline now also has the reseller as partner of record in January; nothing else changes.
    let graph = |world: &mut World| {
        world.contents().into_iter().filter(|line| !line.starts_with("import_baselines")).collect::<Vec<_>>()
    };
    let before = graph(&mut world);
    let report = world.import(&[("january.csv", &month("2024-01-01", "10"))]);
    assert_eq!(graph(&mut world), before);
    assert_eq!(rows(&report), [1, 0, 1, 0, 0]);
    assert!(has(&report, "row.superseded"));
}

#[rstest]
fn a_newer_file_updates_what_an_import_left(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let mut world = World::new(kind);
    world.import(&[("january.csv", &month("2024-01-01", "10"))]);
    let report = world.import(&[("february.csv", &month("2024-02-01", "12"))]);
    assert_eq!(world.lines(SEATS), ["12"]);
    assert_eq!(report.subscriptions.updated, 1);
    assert_eq!(world.one("SELECT CAST(version AS TEXT) AS line FROM subscriptions"), "2");
    let change = "SELECT field || ' ' || before || ' ' || after AS line FROM import_changes WHERE action = 'UPDATE'";
    assert_eq!(world.lines(change), ["quantity 10 12"]);
    assert_eq!(world.lines("SELECT CAST(license_count AS TEXT) AS line FROM reseller_customers"), ["12"]);
}

#[rstest]
fn an_edit_that_the_file_does_not_contradict_stays(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let mut world = World::new(kind);
    world.import(&[("january.csv", &month("2024-01-01", "10"))]);
    world.exec("UPDATE subscriptions SET quantity = 11");
    let report = world.import(&[("february.csv", &month("2024-02-01", "10"))]);
    assert_eq!(rows(&report), [1, 1, 0, 0, 0]);
    assert_eq!(world.lines(SEATS), ["11"]);
}

#[rstest]
#[case(OnConflict::Hold, "11", 1)]
#[case(OnConflict::File, "12", 0)]
#[case(OnConflict::Keep, "11", 0)]
fn an_edit_that_the_file_contradicts_is_held_or_resolved(
    #[case] policy: OnConflict,
    #[case] seats: &str,
    #[case] held: u64,
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let mut world = World::new(kind);
    world.import(&[("january.csv", &month("2024-01-01", "10"))]);
    world.exec("UPDATE subscriptions SET quantity = 11");
    let february =
        charges(&[Charge { month: "2024-02-01", ordered: "2024-02-01", end: "2026-01-31", ..charge(1, 1, "12") }]);
    let mut request = world.request(&[("february.csv", &february)]);
    request.on_conflict = policy;
    for _ in 0..2 {
        // The same file is held again until the conflict is resolved; then it stays resolved.
        let report = world.run(&request).unwrap();
        assert_eq!((report.rows.conflict, has(&report, "conflict.edited")), (held, held > 0));
        assert_eq!(world.lines(SEATS), [seats]);
        // The row's other fields apply.
        assert_eq!(world.one("SELECT CAST(commitment_end_date AS TEXT) AS line FROM subscriptions"), "2026-01-31");
    }
}

#[rstest]
fn a_blank_cell_states_nothing(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let mut world = World::new(kind);
    world.import(&[("january.csv", &month("2024-01-01", "10"))]);
    let blank =
        Charge { month: "2024-02-01", ordered: "2024-02-01", name: "", domain: "", end: "", ..charge(1, 1, "10") };
    world.import(&[("february.csv", &charges(&[blank]))]);
    let line = "SELECT company_name || ' ' || domain || ' ' || CAST(commitment_end_date AS TEXT) AS line \
                FROM customer_records r JOIN subscriptions s ON s.customer_id = r.customer_id";
    assert_eq!(world.one(line), "Contoso contoso.example 2025-05-31");
}

/// The provider's admin ends the relationship with the first customer.
fn end_relationship(world: &mut World, at: &str) {
    world.exec(&format!("UPDATE reseller_relationships SET removed_at = '{at}', representation = '{{}}'"));
    world.exec("DELETE FROM customer_views");
}

#[rstest]
fn a_relationship_that_was_removed_after_the_files_date_stays_removed(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let mut world = World::new(kind);
    let january = month("2024-01-01", "10");
    world.import(&[("january.csv", &january)]);
    end_relationship(&mut world, "2024-03-15 10:00:00");
    let before = world.contents();
    let other = charges(&[
        Charge { month: "2024-02-01", ordered: "2024-02-01", ..charge(1, 1, "12") },
        Charge { month: "2024-02-01", ordered: "2024-02-01", ..charge(1, 2, "5") },
    ]);
    for (name, file, count) in [("january.csv", &january, 1), ("february.csv", &other, 2)] {
        let report = world.import(&[(name, file)]);
        assert_eq!(rows(&report), [count, 0, count, 0, 0], "{name}");
        assert!(has(&report, "row.superseded"));
        assert_eq!(world.contents(), before, "{name}");
    }
}

#[rstest]
fn a_customer_list_after_the_removal_creates_a_new_relationship(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let mut world = World::new(kind);
    world.import(&[("january.csv", &month("2024-01-01", "10"))]);
    end_relationship(&mut world, "2024-03-15 10:00:00");
    // The invoice goes on about what was sold (D-06).
    let report = world.import(&[("april.csv", &month("2024-04-01", "12"))]);
    assert_eq!(rows(&report), [1, 1, 0, 0, 0]);
    assert!(!has(&report, "row.superseded") && has(&report, "customer.relationship.removed"));
    assert_eq!(world.one("SELECT CAST(quantity AS TEXT) AS line FROM subscriptions"), "12");
    let live = "SELECT CAST(count(*) AS TEXT) AS line FROM reseller_relationships WHERE removed_at IS NULL";
    assert_eq!(world.one(live), "0");
    // An older list does not restore it beside a newer invoice, and what the invoice brings is no relationship to attest in.
    let list = customers(&[(1, "Contoso", "contoso.example")]);
    let attested = format!(
        "TenantId,FirstName,LastName,Email,DateAgreed\n{},Anna,Nowak,anna@contoso.example,2024-04-01\n",
        tenant(1)
    );
    let mut request =
        world.request(&[("list.csv", &list), ("april.csv", &month("2024-04-01", "12")), ("agreements.csv", &attested)]);
    request.files[0].as_of = chrono::NaiveDate::from_ymd_opt(2024, 3, 1);
    let report = world.run(&request).unwrap();
    assert!(has(&report, "customer.relationship.removed") && has(&report, "agreement.no_relationship"));
    assert_eq!(world.one(live), "0");
    let report = world.import(&[("list.csv", &list)]);
    assert!(!has(&report, "customer.relationship.removed"));
    assert_eq!(world.one(live), "1");
    assert_eq!(world.one("SELECT CAST(count(*) AS TEXT) AS line FROM reseller_relationships"), "2");
    // The earlier removal does not block what is imported now.
    assert_eq!(rows(&world.import(&[("april.csv", &month("2024-04-01", "12"))])), [1, 1, 0, 0, 0]);
}

#[rstest]
fn a_cancelled_subscription_that_is_charged_later_is_active_again(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let mut world = World::new(kind);
    let cancel = |ordered| Charge {
        kind: "cancelImmediate",
        ordered,
        month: "2024-06-01",
        price: "-9",
        reference: "R2",
        ..charge(1, 1, "10")
    };
    let june = charges(&[Charge { ordered: "2024-06-01", ..charge(1, 1, "10") }, cancel("2024-06-09")]);
    world.import(&[("june.csv", &june)]);
    assert_eq!(world.lines(STATUS), ["DELETED"]);
    // A charge on the same day proves nothing, because the two can be in any order.
    world.import(&[("again.csv", &charges(&[Charge { ordered: "2024-06-09", ..charge(1, 1, "10") }]))]);
    assert_eq!(world.lines(STATUS), ["DELETED"]);
    let july = month("2024-07-01", "10");
    let report = world.import(&[("july.csv", &july)]);
    assert_eq!(rows(&report), [1, 1, 0, 0, 0]);
    assert_eq!(world.lines(STATUS), ["ACTIVE"]);
    let before = world.contents();
    world.import(&[("july.csv", &july)]);
    world.import(&[("june.csv", &june)]);
    assert_eq!(world.contents(), before);
}

#[rstest]
fn a_charge_does_not_restore_what_a_user_deleted(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let mut world = World::new(kind);
    world.import(&[("june.csv", &month("2024-06-01", "10"))]);
    world.exec("UPDATE subscriptions SET status = 'DELETED'");
    assert_eq!(world.import(&[("july.csv", &month("2024-07-01", "10"))]).rows.conflict, 0);
    assert_eq!(world.lines(STATUS), ["DELETED"]);
}

#[rstest]
fn a_name_is_never_held(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let mut world = World::new(kind);
    world.import(&[("january.csv", &month("2024-01-01", "10"))]);
    world.exec("UPDATE customer_records SET company_name = 'Edited'");
    let renamed = Charge { name: "Contoso GmbH", month: "2024-02-01", ordered: "2024-02-01", ..charge(1, 1, "10") };
    let report = world.import(&[("february.csv", &charges(&[renamed]))]);
    assert_eq!(report.rows.conflict, 0);
    assert_eq!(
        world.one("SELECT company_name || ' ' || name_key AS line FROM customer_records"),
        "Contoso GmbH contoso gmbh"
    );
    // customer_views are ordered by it.
    assert_eq!(world.lines("SELECT DISTINCT name_sort AS line FROM customer_views"), ["contoso gmbh"]);
}

/// A law of merging, for every column of a record: a value that no file states is kept, and is restored together with the rest.
#[rstest]
fn a_value_that_no_file_states_is_kept(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let mut world = World::new(kind);
    world.import(&[("a.csv", &customers(&[(1, "Contoso", "contoso.example")]))]);
    world.exec(
        "UPDATE customer_records SET country = 'PL', tags = '[\"gold\"]', custom_domains = '[\"mail.contoso.example\"]', \
         associated_partner_id = '4000001', acquisition = 'OTHER'",
    );
    let columns = |world: &mut World, but: &str| -> Vec<String> {
        let names = CustomerRecordColumns::NAMES.iter().filter(|name| **name != but);
        names
            .map(|name| {
                world.one(&format!(
                    "SELECT '{name} ' || COALESCE(CAST({name} AS TEXT), '?') AS line FROM customer_records"
                ))
            })
            .collect()
    };
    let before = columns(&mut world, "");
    assert!(before.iter().all(|column| !column.ends_with('?')), "every column has something to lose: {before:?}");
    let kept = columns(&mut world, "company_name");
    let report = world.import(&[("a.csv", &customers(&[(1, "Contoso Polska", "contoso.example")]))]);
    assert_eq!(report.customers.updated, 1);
    assert_eq!(columns(&mut world, "company_name"), kept);
    assert_ne!(columns(&mut world, ""), before);
    revert(&world.url, report.run.unwrap(), &actor(world.provider), now()).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(columns(&mut world, ""), before);
}

/// The value for "none" is a value like any other: it is applied, replaced by another, and applied again.
#[rstest]
#[case::of_cycles("billing_cycle", ["Monthly,License", "None,License", "Annual,License"], ["MONTHLY", "NONE", "ANNUAL"])]
#[case::of_types("billing_type", ["Monthly,License", "Monthly,None", "Monthly,Usage"], ["LICENSE", "NONE", "USAGE"])]
#[case::from_none("billing_cycle", ["None,License", "Monthly,License", "None,License"], ["NONE", "MONTHLY", "NONE"])]
fn a_value_for_none_is_not_an_edit(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
    #[case] column: &str,
    #[case] cells: [&str; 3],
    #[case] current: [&str; 3],
) {
    let mut world = World::new(kind);
    world.import(&[("a.csv", &customers(&[(1, "Contoso", "contoso.example")]))]);
    let stored = format!("SELECT {column} AS line FROM subscriptions");
    let header = "SubscriptionId,FriendlyName,OfferId,OfferName,Quantity,Status,PartnerId,BillingCycle,BillingType";
    let mut run = None;
    for (day, (cell, current)) in (1..).zip(cells.into_iter().zip(current)) {
        let text = format!("{header}\n{},Seats,offer,Offer,5,Active,,{cell}\n", subscription(1));
        let mut request = world.request(&[("s.csv", &text)]);
        request.files[0].profile = Some("powershell-subscriptions".to_owned());
        request.files[0].customer = Some(tenant(1).parse().unwrap());
        request.files[0].as_of = chrono::NaiveDate::from_ymd_opt(2024, 3, day);
        let report = world.run(&request).unwrap_or_else(|error| panic!("{error}"));
        assert!(!has(&report, "conflict.edited"), "{:?}", codes(&report));
        assert_eq!(world.one(&stored), current);
        run = report.run;
    }
    revert(&world.url, run.unwrap(), &actor(world.provider), now()).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(world.one(&stored), current[1]);
}
