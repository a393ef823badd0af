//! Change requests when the run that created their subscription is reverted.

use partnergraph_importer::revert;
use rstest::rstest;

use crate::support::*;

#[rstest]
fn a_subscription_for_which_a_change_was_requested_is_kept(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let mut world = World::new(kind);
    let run_id = world.import(&[("june.csv", &charges(&[charge(1, 1, "10"), charge(2, 2, "5")]))]).run.unwrap();
    world.exec(&format!(
        "INSERT INTO change_requests (kind, state, seller_id, reseller_id, customer_id, subscription_pk, quantity, requested_by, \
         requested_at, expires_at, is_automatic, version) SELECT 'UPDATE', 'REQUESTED', seller_id, reseller_id, customer_id, id, \
         11, 'x', created_at, created_at, false, 1 FROM subscriptions WHERE subscription_id = '{}'",
        subscription(1)
    ));
    let reverted = revert(&world.url, run_id, &actor(world.provider), now()).unwrap_or_else(|error| panic!("{error}"));
    let kept: Vec<(&str, &str)> = reverted.left.iter().map(|left| (left.entity.as_str(), left.key.as_str())).collect();
    assert_eq!(
        kept,
        [("SUBSCRIPTION", subscription(1).as_str()), ("CUSTOMER", tenant(1).as_str()), ("PARTNERSHIP", "2000001"),]
    );
    for left in &reverted.left[..2] {
        assert!(left.message.contains("a change was requested for it"), "{left:?}");
    }
}
