//! The decisions in isolation, over hand-made values.

use crate::baseline::{Baseline, SUBSCRIPTION, Value, subscription as at};
use crate::fact::{Charge, ChargeKind, QuantityStatement, ResellerStatement, SubscriptionKind};
use crate::plan::Change::{self, Created, Unchanged, Updated};
use crate::plan::subscription::{Known, Place, RowEnd, SourceRows, SubscriptionDecision, decide};
use crate::plan::subscription_rows::presumed_expired;
use crate::plan::subscription_rows::stored_values;
use crate::plan::testing::*;
use crate::plan::transfers::Transfers;
use crate::reconcile::RowFact;
use crate::request::OnConflict;
use crate::row_locations::FileLine;
use crate::seats::ChargeSet;

fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}

/// What one row of a list states about some fields on a day of June.
fn list_row(mut row: RowFact, fields: &[(usize, Value)], on: u32) -> SourceRows<'static> {
    row.as_of = day(6, on).and_utc().timestamp();
    row.fact.quantity = QuantityStatement::Silent;
    (row.fact.status, row.fact.friendly_name, row.fact.reseller) = (None, None, ResellerStatement::Silent);
    for (field, value) in fields {
        let shown = value.shown().expect("a value");
        match *field {
            at::QUANTITY => row.fact.quantity = QuantityStatement::Seats(shown.parse().expect("a number")),
            at::ORDER_ID => row.fact.order_id = Some(shown),
            at::RESELLER => row.fact.reseller = ResellerStatement::Mpn(shown.parse().expect("an MPN ID")),
            at::STATUS => row.fact.status = Some(shown.parse().expect("a status")),
            field => unreachable!("{field}"),
        }
    }
    let profile = crate::profiles::list().iter().find(|profile| profile.name == "partner-center-subscriptions");
    SourceRows { source: SOURCE, rows: vec![row], is_listed: true, profiles: vec![profile.expect("it is built in")] }
}

/// A charge in place of the list's row.
fn charge(source: &mut SourceRows<'_>, kind: ChargeKind, seats: u32, on: u32) {
    let row = &mut source.rows[0];
    row.as_of = day(6, on).and_utc().timestamp();
    row.fact.charge = Some(Box::new(Charge {
        kind,
        order_date: Some(day(6, on)),
        is_ordered: true,
        period_start: None,
        period_end: None,
        seats: Some(seats),
        sign: 1,
        reference: None,
        currency: None,
        subtotal: None,
        product_id: None,
        sku_id: None,
        other: None,
    }));
}

fn decided(rows: SourceRows<'_>, known: Known<'_>, policy: OnConflict) -> SubscriptionDecision {
    let transfers = Transfers::default();
    let place = Place { transfers: &transfers, customer: 0, subscription: uuid::Uuid::from_u128(1) };
    decide(vec![rows], known, place, 3, policy)
}

/// A row as it is read. Its content does not matter in these cases.
fn row() -> RowFact {
    let intake = intake(&[subscriptions_of(1, &[(1, 5)])]);
    let fact = intake.facts.cursor().get(intake.entries[0].fact()).unwrap();
    RowFact { row: 3, at: FileLine { file: 0, line: 4 }, as_of: fact.as_of, fact: fact.fact }
}

#[test]
fn a_subscription_is_decided_field_by_field() {
    let row = row();
    let seats = |seats| vec![(at::QUANTITY, Value::Int(seats))];
    let current = stored_subscription(1, 1, 5);
    // The stored value, and its source's value in May; its value now, and the day of June.
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
    for (name, is_stored, before, now, on, change, quantity, end, held) in cases {
        let stored = is_stored.then_some(&current);
        let before = before.map(|seats_before| baseline_of(SUBSCRIPTION.len(), &seats(seats_before), day(5, 1), 50));
        let known = Known {
            stored,
            values: stored_values(stored, |_| String::new()),
            sources: before.map(|before| (SOURCE, before)).into_iter().collect(),
        };
        let decision = decided(list_row(row.clone(), &now, on), known, OnConflict::Hold);
        assert_eq!((decision.change, decision.after[at::QUANTITY].int()), (change, quantity), "{name}");
        assert_eq!((&*decision.rows, decision.held.len()), (&[(3, end)][..], held), "{name}");
    }
}

#[test]
fn the_partner_of_record_of_a_reservation_stays() {
    let mut current = stored_subscription(1, 1, 5);
    (current.reseller_id, current.columns.partner_of_record_fixed) = (Some(RESELLER), true);
    let baseline = baseline_of(SUBSCRIPTION.len(), &[(at::RESELLER, text("2000001"))], day(5, 1), 50);
    let cases = [("another one", "2000002", 1, Unchanged), ("the same", "2000001", 0, Unchanged)];
    for (name, reseller, held, change) in cases {
        let mut rows = list_row(row(), &[(at::RESELLER, text(reseller))], 1);
        rows.rows[0].fact.kind = SubscriptionKind::Reservation;
        let known = Known {
            stored: Some(&current),
            values: stored_values(Some(&current), |_| "2000001".to_owned()),
            sources: vec![(SOURCE, baseline.clone())],
        };
        let decision = decided(rows, known, OnConflict::File);
        assert_eq!((decision.held.len(), decision.change), (held, change), "{name}");
        assert!(decision.held.iter().all(|held| held.is_fixed && held.row == 3), "{name}");
    }
}

#[test]
fn a_charge_proves_and_revives_and_a_list_proves() {
    // The stored status, whether the source's charges of 10 May cancelled the subscription, whether a list stated it, and
    // whether the row is a charge.
    type Case<'a> = (&'a str, &'a str, bool, bool, bool, &'a str);
    let cases: [Case<'_>; 5] = [
        ("a charge, and no status is stated", "NONE", false, false, true, "ACTIVE"),
        ("a list, and no status is stated", "NONE", false, false, false, "ACTIVE"),
        ("a charge, and a status is stored", "SUSPENDED", false, false, true, "SUSPENDED"),
        ("charged again after its charges cancelled it", "DELETED", true, false, true, "ACTIVE"),
        ("charged again after a list deleted it", "DELETED", false, true, true, "DELETED"),
    ];
    for (name, status, is_cancelled, is_listed, is_charge, expected) in cases {
        let mut current = stored_subscription(1, 1, 5);
        current.columns.status = status.parse().unwrap();
        let mut rows = list_row(row(), &[], 1);
        if is_charge {
            charge(&mut rows, ChargeKind::New, 5, 1);
        }
        let deleted = baseline_of(SUBSCRIPTION.len(), &[(at::STATUS, text("DELETED"))], day(5, 10), 50);
        let mut sources = Vec::new();
        if is_cancelled {
            let mut before = baseline_of_cancellation();
            before.fields.clone_from(&deleted.fields);
            sources.push((SOURCE, before));
        }
        if is_listed {
            sources.push((OTHER_SOURCE, deleted));
        }
        let known = Known { stored: Some(&current), values: stored_values(Some(&current), |_| String::new()), sources };
        let decision = decided(rows, known, OnConflict::Hold);
        assert_eq!(decision.after[at::STATUS].shown().as_deref().unwrap_or("-"), expected, "{name}");
    }
}

/// What a source stated whose charges ended with a cancellation on 10 May.
fn baseline_of_cancellation() -> Baseline {
    let mut rows = list_row(row(), &[], 1);
    charge(&mut rows, ChargeKind::Cancel, 5, 1);
    let charge = rows.rows[0].fact.charge.as_deref_mut().expect("a charge");
    charge.order_date = Some(day(5, 10));
    Baseline { charges: ChargeSet::of(charge.line()), charged: day(5, 10).and_utc().timestamp(), ..Baseline::default() }
}

#[test]
fn an_active_term_that_is_over_is_reported() {
    let cases = [
        ("over", "ACTIVE", Some("2024-05-31"), true),
        ("its last day", "ACTIVE", Some("2024-06-01"), false),
        ("no end is known", "ACTIVE", None, false),
        ("deleted", "DELETED", Some("2024-05-31"), false),
    ];
    for (name, status, end, expected) in cases {
        let known = Known { stored: None, values: vec![Value::Null; SUBSCRIPTION.len()], sources: Vec::new() };
        let mut decision = decided(list_row(row(), &[], 1), known, OnConflict::Hold);
        (decision.after[at::STATUS], decision.after[at::END]) = (text(status), Value::from(end));
        assert_eq!(presumed_expired(&decision, "2024-06-01").is_some(), expected, "{name}");
        // A charge for the time after the end proves that the subscription goes on.
        decision.goes_on = true;
        assert_eq!(presumed_expired(&decision, "2024-06-01"), None, "{name}");
    }
}
