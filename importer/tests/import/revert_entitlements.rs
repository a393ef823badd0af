//! Entitlements when the run that created them is reverted.

use partnergraph_importer::{Left, Reverted, revert};
use rstest::rstest;

use crate::support::*;
use partnergraph_domain::ImportRunKey;

/// A subscription from an import, with an entitlement of that version created by the same run.
fn imported(kind: Kind, version: i64) -> (World, ImportRunKey) {
    let mut world = World::new(kind);
    let run_id = world.import(&[("june.csv", &charges(&[charge(1, 1, "10")]))]).run.unwrap();
    world.exec(&format!(
        "INSERT INTO entitlements (subscription_pk, entitlement_id, reseller_id, created_by_run, version, created_at, updated_at) \
         SELECT id, 'e-1', reseller_id, {run_id}, {version}, created_at, updated_at FROM subscriptions"
    ));
    (world, run_id)
}

fn undo(world: &World, run_id: ImportRunKey) -> Reverted {
    revert(&world.url, run_id, &actor(world.provider), now()).unwrap_or_else(|error| panic!("{error}"))
}

fn count(world: &mut World, table: &str) -> String {
    world.one(&format!("SELECT CAST(COUNT(*) AS TEXT) AS line FROM {table}"))
}

#[rstest]
fn an_entitlement_is_removed_with_the_run_that_created_it(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let (mut world, run_id) = imported(kind, 1);
    let reverted = undo(&world, run_id);
    // A customer, a subscription, an entitlement, a partnership, and the evidence of the customer's agreement.
    assert_eq!((reverted.removed, reverted.kept), (5, 0));
    for table in ["entitlements", "subscriptions", "customers", "partnerships"] {
        assert_eq!(count(&mut world, table), "0", "{table}");
    }
}

#[rstest]
fn an_edited_entitlement_is_kept_with_all_that_it_refers_to(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let (mut world, run_id) = imported(kind, 2);
    let reverted = undo(&world, run_id);
    // Only what proved the customer's agreement.
    assert_eq!(reverted.removed, 1);
    let left: Vec<(&str, &str)> =
        reverted.left.iter().map(|Left { entity, key, .. }| (entity.as_str(), key.as_str())).collect();
    assert!(left.contains(&("ENTITLEMENT", &format!("{}/e-1", subscription(1)))), "{left:?}");
    for table in ["entitlements", "subscriptions", "customers", "partnerships"] {
        assert_eq!(count(&mut world, table), "1", "{table}");
    }
}

/// The run created the entitlement, but the plan existed before: the plan is kept.
#[rstest]
fn a_plan_of_an_earlier_run_is_kept_without_the_entitlement(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let (mut world, first) = imported(kind, 1);
    let second = world.import(&[("july.csv", &charges(&[charge(2, 2, "5")]))]).run.unwrap();
    world.exec(&format!("UPDATE entitlements SET created_by_run = {second} WHERE created_by_run = {first}"));
    undo(&world, second);
    assert_eq!((count(&mut world, "entitlements"), count(&mut world, "subscriptions")), ("0".into(), "1".into()));
}
