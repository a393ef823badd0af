//! Subscriptions, and the resellers that they need.

use partnergraph_domain::{PartnerType, SubscriptionKey};
use partnergraph_store::imports::stored::StoredSubscription;

use crate::baseline::{SUBSCRIPTION, Value, subscription as at};
use crate::plan::Counts;
use crate::plan::Policy;
use crate::plan::baselines::Kind;
use crate::plan::testing::*;
use crate::request::OnConflict;

/// A subscription of customer 1 with this number of seats from an import in May.
fn known(row: StoredSubscription, stated: i64) -> MemorySnapshot {
    let mut source = baseline_of(SUBSCRIPTION.len(), &[(at::QUANTITY, Value::Int(stated))], day(5, 1), 50);
    source.listed = true;
    let mut customer = stored_customer(1, "Firm 1");
    customer.record.as_mut().unwrap().columns.domain = Some("firm1.example".to_owned());
    let baseline = stored_baseline(Kind::SUBSCRIPTION, SOURCE, row.id, &source);
    world().with_customer(customer, vec![]).with_subscription(row, vec![baseline])
}

#[test]
fn subscriptions_are_created_changed_and_held() {
    let current = |seats, stated| known(stored_subscription(1, 1, seats), stated);
    let mut ended = stored_subscription(1, 1, 5);
    ended.columns.commitment_end_date = day(5, 31).date().into();
    let file = |seats| vec![charges(&[(1, 1, seats, "", 1)])];
    let mut cases = vec![
        ("new", current(5, 5), vec![charges(&[(1, 2, 9, "", 1)])], "a", vec!["SUBSCRIPTION 2"], vec![]),
        ("as it was", current(5, 5), file(5), "a", vec![], vec![]),
        ("more seats", current(5, 5), file(7), "a", vec!["SUBSCRIPTION 1 quantity 5 > 7"], vec![]),
        ("a person changed them", current(6, 5), file(5), "a", vec![], vec![]),
        ("both changed them", current(6, 5), file(7), "c", vec![], vec!["conflict.edited"]),
        (
            "the later of two orders",
            current(5, 5),
            vec![charges(&[(1, 1, 6, "", 1), (1, 1, 8, "", 2)])],
            "ma",
            vec!["SUBSCRIPTION 1 quantity 5 > 8"],
            vec![],
        ),
        (
            "known as another customer's",
            known(stored_subscription(1, 9, 5), 5),
            file(5),
            "c",
            vec![],
            vec!["conflict.edited"],
        ),
        ("the term is over", known(ended, 5), file(5), "a", vec![], vec!["subscription.presumed_expired"]),
    ];
    let list = subscriptions_of(1, &[(1, 5), (2, 3)]);
    cases.push((
        "a list of one customer",
        current(5, 5),
        vec![list],
        "aa",
        vec!["SUBSCRIPTION 1 friendlyName - > Basic", "SUBSCRIPTION 2"],
        vec![],
    ));
    for (name, snapshot, files, rows, changes, codes) in cases {
        let seen = seen(snapshot, &files, HOLD);
        assert_eq!(seen.rows, rows, "{name}: {seen:?}");
        // The other data of the invoice does not matter in these cases.
        let is_relevant = |change: &&String| {
            !["offerId", "unitType", "orderId", "productType", "billing", "term"]
                .iter()
                .any(|field| change.contains(field))
        };
        assert_eq!(seen.changes.iter().filter(is_relevant).collect::<Vec<_>>(), changes, "{name}");
        assert_eq!(seen.codes, codes, "{name}");
    }
    let file_wins = seen(current(6, 5), &file(7), Policy { on_conflict: OnConflict::File, ..HOLD });
    assert_eq!(file_wins.rows, "a");
    assert!(file_wins.changes.contains(&"SUBSCRIPTION 1 quantity 6 > 7".to_owned()), "{file_wins:?}");
}

#[test]
fn resellers_are_made_where_they_are_needed_and_counted_once() {
    let enrolled = |partnered: bool| {
        let mut snapshot = known(stored_subscription(1, 1, 5), 5);
        snapshot.accounts.push(account(RESELLER, PartnerType::IndirectReseller, "2000001"));
        snapshot.partnered.extend(partnered.then_some(RESELLER));
        snapshot
    };
    let created = Counts { created: 1, ..Counts::default() };
    let unchanged = Counts { unchanged: 1, ..Counts::default() };
    let one = || vec![charges(&[(1, 2, 5, "2000001", 1), (1, 3, 5, "2000001", 1)])];
    let none = || vec![charges(&[(1, 2, 5, "", 1)])];
    let cases = [
        ("nobody has the id", known(stored_subscription(1, 1, 5), 5), one(), (1, 1), created),
        ("an account without a partnership", enrolled(false), one(), (0, 1), unchanged),
        ("a partner", enrolled(true), one(), (0, 0), unchanged),
        ("no reseller at all", enrolled(false), none(), (0, 0), Counts::default()),
    ];
    for (name, snapshot, files, made, counts) in cases {
        let plan = planned(snapshot, &files, HOLD);
        assert_eq!((plan.ops.placeholders.count(), plan.ops.partnerships.count()), made, "{name}");
        assert_eq!(plan.resellers, counts, "{name}");
    }
}

#[test]
fn who_moves_between_resellers_is_listed_and_goes_to_history() {
    let mut row = stored_subscription(1, 1, 5);
    row.reseller_id = Some(RESELLER);
    let mut snapshot = known(row, 5);
    snapshot.accounts.push(account(RESELLER, PartnerType::IndirectReseller, "2000001"));
    let baseline = baseline_of(SUBSCRIPTION.len(), &[(at::RESELLER, Value::Text("2000001".to_owned()))], day(5, 1), 50);
    let stored = stored_baseline(Kind::SUBSCRIPTION, SOURCE, SubscriptionKey::new(1), &baseline);
    for found in snapshot.subscriptions.values_mut() {
        found.baselines = vec![stored.clone()];
    }
    let plan = planned(snapshot, &[charges(&[(1, 1, 5, "2000002", 1)])], HOLD);
    assert_eq!((plan.ops.history.count(), plan.ops.changed_resellers.count()), (1, 1));
    assert_eq!(plan.associations, Counts { updated: 1, ..Counts::default() });
    assert_eq!((plan.resellers.created, plan.resellers.unchanged), (1, 0));
    assert_eq!((plan.controls[0].subscriptions, plan.controls[0].seats), (1, 5));
}
