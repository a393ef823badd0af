//! What people set as partner of record, beside what files state.

use chrono::{NaiveDate, NaiveDateTime};
use partnergraph_domain::{ImportRunKey, PartnerKey, PartnerType};
use partnergraph_importer::{OnConflict, revert};
use partnergraph_store::read::subscriptions::{SubscriptionBy, find};
use partnergraph_store::write::partnerships::activate;
use partnergraph_store::write::subscriptions::set_partner_of_record;
use partnergraph_store::{Access, Conn, Scope, StoreError};
use rstest::rstest;

use crate::support::*;

/// The periods with who or what made them, and the version-free rest of the subscription.
fn ledger(world: &mut World) -> Vec<String> {
    let mut lines = world.lines(
        "SELECT p.mpn_id || ' ' || CAST(h.valid_from AS TEXT) || ' - ' || CAST(h.valid_to AS TEXT) || ' ' \
         || COALESCE(CAST(h.run_id AS TEXT), '-') || ' ' || COALESCE(h.set_by, '-') AS line \
         FROM partner_of_record_history h JOIN partners p ON p.id = h.reseller_id ORDER BY h.valid_to",
    );
    lines.extend(world.lines(
        "SELECT COALESCE(p.mpn_id, 'nobody') || ' ' || COALESCE(CAST(s.partner_of_record_since AS TEXT), '?') || ' ' \
         || COALESCE(CAST(s.partner_of_record_run AS TEXT), '-') || ' ' || COALESCE(s.partner_of_record_by, '-') AS line \
         FROM subscriptions s LEFT JOIN partners p ON p.id = s.reseller_id",
    ));
    lines
}

fn day(month: u32, day: u32) -> NaiveDateTime {
    NaiveDate::from_ymd_opt(2024, month, day).unwrap().and_hms_opt(9, 30, 0).unwrap()
}

/// A person sets the partner of record of the first subscription.
fn set(world: &World, reseller_id: Option<PartnerKey>, at: NaiveDateTime) {
    let mut conn = Conn::open(&world.url).unwrap();
    let key = SubscriptionBy::Id(subscription(1).parse().unwrap());
    let actor = actor(world.provider);
    conn.transaction::<_, StoreError>(Access::Write, |conn| {
        let row = find(conn, &Scope::Operator, key)?.unwrap();
        set_partner_of_record(conn, &actor, at, &row, reseller_id)
    })
    .unwrap();
}

/// A reseller that is the provider's partner.
fn partner(world: &mut World, mpn_id: &str) -> PartnerKey {
    let reseller = world.partner(PartnerType::IndirectReseller, mpn_id, None, "PL");
    let mut conn = Conn::open(&world.url).unwrap();
    let (provider, actor) = (world.provider, actor(world.provider));
    conn.transaction::<_, StoreError>(Access::Write, |conn| activate(conn, &actor, day(1, 1), provider, reseller))
        .unwrap();
    reseller
}

fn undone(world: &World, run: ImportRunKey) {
    let reverted = revert(&world.url, run, &actor(world.provider), now()).unwrap();
    assert_eq!(reverted.kept, 0, "{:?}", reverted.left);
}

fn july(reseller: &'static str) -> String {
    let line =
        Charge { reseller, month: "2024-07-01", ordered: "2024-07-01", kind: "cycleCharge", ..charge(1, 1, "10") };
    charges(&[line])
}

/// Regression test: the file made one period of its statement and of the edit, so the edit was forgotten with the file.
#[rstest]
#[case::a_reseller(Some("2000002"), "2000002")]
#[case::nobody(None, "0")]
fn a_file_that_confirms_an_edit_takes_nothing_of_it_along(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
    #[case] edited: Option<&str>,
    #[case] stated: &'static str,
) {
    let mut world = World::new(kind);
    let other = partner(&mut world, "2000002");
    world.import(&[("june.csv", &charges(&[charge(1, 1, "10")]))]);
    set(&world, edited.map(|_| other), day(8, 20));
    let before = ledger(&mut world);
    let run = world.import(&[("july.csv", &july(stated))]).run.unwrap();
    assert_ne!(ledger(&mut world), before, "the file dates it earlier");
    undone(&world, run);
    assert_eq!(ledger(&mut world), before);
    // A second time, and in a later month.
    let july = world.import(&[("july.csv", &july(stated))]).run.unwrap();
    let confirmed = ledger(&mut world);
    let august = Charge {
        reseller: stated,
        month: "2024-09-01",
        ordered: "2024-09-01",
        kind: "cycleCharge",
        ..charge(1, 1, "10")
    };
    let september = world.import(&[("september.csv", &charges(&[august]))]).run.unwrap();
    assert_eq!(ledger(&mut world), confirmed);
    undone(&world, september);
    assert_eq!(ledger(&mut world), confirmed);
    undone(&world, july);
    assert_eq!(ledger(&mut world), before);
}

/// Regression test: the period that goes on again had lost the run that began it.
#[rstest]
fn a_period_that_goes_on_again_keeps_its_source(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let mut world = World::new(kind);
    world.import(&[("june.csv", &charges(&[charge(1, 1, "10")]))]);
    let before = ledger(&mut world);
    let run = world.import(&[("july.csv", &july("2000002"))]).run.unwrap();
    undone(&world, run);
    assert_eq!(ledger(&mut world), before);
}

/// Regression test: what was held began and ended periods all the same.
#[rstest]
#[case("2000003")]
#[case("0")]
#[case("2000001")]
fn what_is_held_makes_no_period(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind, #[case] stated: &'static str) {
    let mut world = World::new(kind);
    let other = partner(&mut world, "2000002");
    world.import(&[("june.csv", &charges(&[charge(1, 1, "10")]))]);
    set(&world, Some(other), day(8, 20));
    let before = ledger(&mut world);
    let report = world.import(&[("july.csv", &july(stated))]);
    // The file's own earlier statement repeated is no conflict: it is unchanged.
    assert_eq!(has(&report, "conflict.edited"), stated != "2000001");
    assert_eq!(ledger(&mut world), before);
    let again = world.import(&[("july.csv", &july(stated))]);
    assert_eq!(has(&again, "conflict.edited"), stated != "2000001", "it is held until somebody decides");
    // Decided for the file, it counts.
    let mut request = world.request(&[("july.csv", &july(stated))]);
    request.on_conflict = OnConflict::File;
    world.run(&request).unwrap();
    assert_eq!(ledger(&mut world) != before, stated != "2000001");
}
