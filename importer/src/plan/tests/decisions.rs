//! The decisions by themselves, over values made by hand.

use crate::fact::SubscriptionKind;
use crate::plan::Change::{self, Created, Unchanged, Updated};
use crate::plan::subscription::{Known, RowEnd, Told, decide, presumed_expired};
use crate::plan::subscription_rows::stored_values;
use crate::plan::testing::*;
use crate::reconcile::{Group, RowFact, Standing};
use crate::request::OnConflict;
use crate::said::{Baseline, SUBSCRIPTION, Value, subscription as at};

fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}

/// What one row says of some fields on a day of June.
fn told(row: RowFact, said: &[(usize, Value)], on: u32) -> Told {
    let said = baseline_of(SUBSCRIPTION.len(), said, day(6, on), 50);
    let by = said.said.iter().map(|said| said.as_ref().map(|_| 0)).collect();
    let group = Group {
        said,
        by,
        standing: vec![Standing::Holds],
        in_use: false,
        in_force: None,
        kind: SubscriptionKind::License,
        earlier: Vec::new(),
        states: false,
    };
    Told { source: SOURCE, rows: vec![row], group }
}

/// A row as it is read; what it says is no part of these cases.
fn row() -> RowFact {
    let intake = intake(&[subscriptions_of(1, &[(1, 5)])]);
    let fact = intake.facts.cursor().get(intake.entries[0].fact()).unwrap();
    RowFact { row: 3, file: 0, as_of: fact.as_of, fact: fact.fact }
}

#[test]
fn a_subscription_is_decided_field_by_field() {
    let row = row();
    let seats = |seats| vec![(at::QUANTITY, Value::Int(seats))];
    let stands = stored_subscription(1, 1, 5);
    // What stands, what its source said in May; what it says now, and on which day of June.
    type Case<'a> = (&'a str, bool, Option<i64>, Vec<(usize, Value)>, u32, Change, Option<i64>, RowEnd, usize);
    let cases: [Case<'_>; 6] = [
        ("a new one", false, None, seats(7), 1, Created, Some(7), RowEnd::Applied, 0),
        ("as it was", true, Some(5), seats(5), 1, Unchanged, Some(5), RowEnd::Applied, 0),
        ("a change", true, Some(5), seats(7), 1, Updated, Some(7), RowEnd::Applied, 0),
        (
            "it says nothing of seats",
            true,
            Some(5),
            vec![(at::ORDER_ID, text("o"))],
            1,
            Updated,
            Some(5),
            RowEnd::Applied,
            0,
        ),
        ("a person's seats, the file's as before", true, Some(4), seats(4), 1, Unchanged, Some(5), RowEnd::Applied, 0),
        ("a person's seats, and the file's", true, Some(4), seats(7), 1, Unchanged, Some(5), RowEnd::Applied, 1),
    ];
    for (name, is_stored, said, now, on, change, quantity, end, held) in cases {
        let stored = is_stored.then_some(&stands);
        let before = said.map(|said| baseline_of(SUBSCRIPTION.len(), &seats(said), day(5, 1), 50));
        let known = Known {
            stored,
            values: stored_values(stored, |_| String::new()),
            sources: before.map(|before| (SOURCE, before)).into_iter().collect(),
        };
        let decision = decide(vec![told(row.clone(), &now, on)], known, 3, OnConflict::Hold);
        assert_eq!((decision.change, decision.after[at::QUANTITY].int()), (change, quantity), "{name}");
        assert_eq!((&*decision.rows, decision.held.len()), (&[(3, end)][..], held), "{name}");
    }
}

#[test]
fn the_partner_of_record_of_a_reservation_stays() {
    let mut stands = stored_subscription(1, 1, 5);
    (stands.reseller_id, stands.partner_of_record_fixed) = (Some(20), true);
    let said = baseline_of(SUBSCRIPTION.len(), &[(at::RESELLER, text("2000001"))], day(5, 1), 50);
    let cases = [("another one", "2000002", 1, Unchanged), ("the same", "2000001", 0, Unchanged)];
    for (name, reseller, held, change) in cases {
        let mut told = told(row(), &[(at::RESELLER, text(reseller))], 1);
        told.group.kind = SubscriptionKind::Reservation;
        let known = Known {
            stored: Some(&stands),
            values: stored_values(Some(&stands), |_| "2000001".to_owned()),
            sources: vec![(SOURCE, said.clone())],
        };
        let decision = decide(vec![told], known, 3, OnConflict::File);
        assert_eq!((decision.held.len(), decision.change), (held, change), "{name}");
        assert!(decision.held.iter().all(|held| held.is_fixed && held.row == 3), "{name}");
        assert!(decision.history.is_empty(), "{name}");
    }
}

#[test]
fn a_charge_proves_and_revives_and_a_list_proves() {
    let deleted = |rank| baseline_of(SUBSCRIPTION.len(), &[(at::STATUS, text("DELETED"))], day(5, 10), rank);
    let charged = day(6, 1).date();
    type Case<'a> = (&'a str, Option<Baseline>, &'a str, bool, bool, Option<chrono::NaiveDate>, &'a str);
    let cases: [Case<'_>; 6] = [
        ("a charge where nobody says anything", None, "NONE", true, false, None, "ACTIVE"),
        ("a list where nobody says anything", None, "NONE", false, true, None, "ACTIVE"),
        ("neither", None, "NONE", false, false, None, "-"),
        ("a charge beside what stands", None, "SUSPENDED", true, false, Some(charged), "SUSPENDED"),
        (
            "charged again after its charges cancelled it",
            Some(deleted(50)),
            "DELETED",
            true,
            false,
            Some(charged),
            "ACTIVE",
        ),
        ("charged again after a list deleted it", Some(deleted(80)), "DELETED", true, false, Some(charged), "DELETED"),
    ];
    for (name, before, status, in_use, states, on, expected) in cases {
        let mut stands = stored_subscription(1, 1, 5);
        stands.status = status.to_owned();
        let mut told = told(row(), &[], 1);
        (told.group.in_use, told.group.states, told.group.in_force) = (in_use, states, on.map(|on| (on, 50)));
        let known = Known {
            stored: Some(&stands),
            values: stored_values(Some(&stands), |_| String::new()),
            sources: before.map(|before| (SOURCE, before)).into_iter().collect(),
        };
        let decision = decide(vec![told], known, 3, OnConflict::Hold);
        assert_eq!(decision.after[at::STATUS].shown().as_deref().unwrap_or("-"), expected, "{name}");
    }
}

#[test]
fn an_active_term_that_is_over_is_told_of() {
    let cases = [
        ("over", "ACTIVE", Some("2024-05-31"), true),
        ("its last day", "ACTIVE", Some("2024-06-01"), false),
        ("no end is known", "ACTIVE", None, false),
        ("deleted", "DELETED", Some("2024-05-31"), false),
    ];
    for (name, status, end, expected) in cases {
        let mut values = vec![Value::Null; SUBSCRIPTION.len()];
        (values[at::STATUS], values[at::END]) = (text(status), Value::from(end));
        assert_eq!(presumed_expired(&values, "2024-06-01").is_some(), expected, "{name}");
    }
}
