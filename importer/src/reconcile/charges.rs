//! From charges to a number of seats.
//!
//! A charge is no state: the lines of a subscription stand in no order of time, and one change of seats is two lines, one
//! that wipes and one that states anew. The number is that of the latest charge that states one, and then, for each
//! later change, what it states less what it wipes.

use std::collections::BTreeMap;

use chrono::{NaiveDate, NaiveDateTime};

use crate::fact::{Charge, ChargeKind};

/// A charge and the row on which it stands.
#[derive(Clone, Copy, Debug)]
pub struct ChargeLine<'a> {
    /// The row, in the order of the files.
    pub row: u32,
    /// What it says.
    pub charge: &'a Charge,
}

/// What the charges of one subscription say together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seats {
    /// So many; `None` where no line says.
    pub quantity: Option<i64>,
    /// The row whose word holds.
    pub row: u32,
    /// Rows that repeat another one.
    pub repeated: Vec<u32>,
    /// The day on which it was cancelled, where nothing was charged after.
    pub cancelled_on: Option<NaiveDate>,
    /// Whether a line shows that it is in use.
    pub in_use: bool,
    /// The newest day of a line that charges for it.
    pub charged_on: Option<NaiveDate>,
}

/// In which order lines follow one another: by their order's date, within it what wipes before what states.
fn when(line: &ChargeLine<'_>) -> (Option<NaiveDateTime>, i8, u32) {
    (line.charge.order_date, line.charge.sign, line.row)
}

/// Whether a line states seats rather than takes them back. A trial costs nothing, so that its base has no sign at all.
fn is_positive(charge: &Charge) -> bool {
    charge.sign > 0 || (charge.sign == 0 && charge.kind.is_base())
}

/// Works the seats out. `lines` are all lines of one subscription, at least one.
#[must_use]
pub fn seats(lines: &[ChargeLine<'_>]) -> Seats {
    let mut lines = lines.to_vec();
    lines.sort_by_key(when);
    let newest = lines.last().map_or(0, |line| line.row);
    let (lines, repeated) = without_repetitions(lines);
    let seated = |line: &&ChargeLine<'_>| line.charge.kind != ChargeKind::CustomerCredit && line.charge.seats.is_some();
    let counted: Vec<&ChargeLine<'_>> = lines.iter().filter(seated).collect();
    let states_anew = |line: &&&ChargeLine<'_>| is_positive(line.charge);
    let base = counted.iter().rfind(|line| line.charge.kind.is_base() && is_positive(line.charge)).copied();
    let (quantity, row) = match base {
        Some(base) => after(base, &counted),
        None => {
            let last = counted.iter().rfind(states_anew).copied();
            (last.and_then(|line| line.charge.seats).map(i64::from), last.map(|line| line.row))
        }
    };
    let in_force = |line: &&ChargeLine<'_>| is_positive(line.charge) && line.charge.kind != ChargeKind::CustomerCredit;
    let cancelled = lines.iter().rfind(|line| line.charge.kind == ChargeKind::CancelImmediate);
    let cancelled_on = cancelled
        .filter(|cancel| !lines.iter().any(|line| in_force(&line) && line.charge.order_date > cancel.charge.order_date))
        .and_then(|cancel| cancel.charge.order_date)
        .map(|at| at.date());
    Seats {
        quantity,
        row: row.unwrap_or(newest),
        repeated,
        cancelled_on,
        charged_on: lines.iter().filter(in_force).filter_map(|line| line.charge.order_date).max().map(|at| at.date()),
        in_use: lines.iter().any(|line| in_force(&line) || line.charge.kind == ChargeKind::Usage),
    }
}

/// The seats of the base and what later changes make of them, with the row that says the last word.
fn after(base: &ChargeLine<'_>, lines: &[&ChargeLine<'_>]) -> (Option<i64>, Option<u32>) {
    let mut quantity = i64::from(base.charge.seats.unwrap_or(0));
    let mut row = base.row;
    // The lines of one change share a reference; where a format has none, the date of the order.
    let mut changes: BTreeMap<(Option<&str>, Option<NaiveDateTime>), i64> = BTreeMap::new();
    let base_reference = base.charge.reference.as_deref();
    for line in lines {
        let charge = line.charge;
        let reference = charge.reference.as_deref();
        let of_base = reference.is_some() && reference == base_reference;
        let wiped = charge.kind == ChargeKind::Convert && charge.sign < 0;
        if !(charge.kind.is_change() || wiped) || of_base || charge.order_date < base.charge.order_date {
            continue;
        }
        let key = if reference.is_some() { (reference, None) } else { (None, charge.order_date) };
        *changes.entry(key).or_default() += i64::from(charge.seats.unwrap_or(0)) * i64::from(charge.sign);
        if charge.sign > 0 {
            row = line.row;
        }
    }
    quantity += changes.values().sum::<i64>();
    (Some(quantity.max(0)), Some(row))
}

/// Lines alike but for price and SKU count once: the first of them in the order of the files.
fn without_repetitions(lines: Vec<ChargeLine<'_>>) -> (Vec<ChargeLine<'_>>, Vec<u32>) {
    let mut kept: Vec<ChargeLine<'_>> = Vec::with_capacity(lines.len());
    let mut repeated = Vec::new();
    for line in lines {
        // Lines alike stand together once they are sorted by time and sign; a group has few lines of one time.
        let alike = |other: &&mut ChargeLine<'_>| {
            let (a, b) = (line.charge, other.charge);
            (a.kind, a.order_date, a.sign, a.seats, &a.reference, a.period_start, a.period_end)
                == (b.kind, b.order_date, b.sign, b.seats, &b.reference, b.period_start, b.period_end)
                && a.product_id == b.product_id
        };
        let same_time = kept.iter_mut().rev().take_while(|other| other.charge.order_date == line.charge.order_date);
        let meter = line.charge.kind == ChargeKind::Usage;
        match same_time.into_iter().find(|other| alike(other)) {
            Some(_) if !meter => repeated.push(line.row),
            _ => kept.push(line),
        }
    }
    (kept, repeated)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn charge(text: &str) -> Charge {
        let mut words = text.split_whitespace();
        let day: u32 = words.next().and_then(|day| day.parse().ok()).expect("a day");
        let kind = match words.next() {
            Some("new") => ChargeKind::New,
            Some("renew") => ChargeKind::Renew,
            Some("cycle") => ChargeKind::CycleCharge,
            Some("add") => ChargeKind::AddQuantity,
            Some("remove") => ChargeKind::RemoveQuantity,
            Some("prorate") => ChargeKind::Prorate,
            Some("cancel") => ChargeKind::CancelImmediate,
            Some("convert") => ChargeKind::Convert,
            Some("credit") => ChargeKind::CustomerCredit,
            Some("meter") => ChargeKind::Usage,
            other => unreachable!("{other:?}"),
        };
        let seats = words.next().and_then(|seats| seats.parse().ok());
        let sign = if words.next() == Some("-") { -1 } else { 1 };
        Charge {
            kind,
            order_date: NaiveDate::from_ymd_opt(2024, 6, day).and_then(|day| day.and_hms_opt(0, 0, 0)),
            period_start: None,
            period_end: None,
            seats,
            sign,
            reference: words.next().map(str::to_owned),
            currency: None,
            subtotal: None,
            product_id: None,
            sku_id: words.next().map(str::to_owned),
            other: None,
        }
    }

    fn worked_out(lines: &[&str]) -> Seats {
        let charges: Vec<Charge> = lines.iter().map(|line| charge(line)).collect();
        let lines: Vec<ChargeLine<'_>> =
            charges.iter().zip(0..).map(|(charge, row)| ChargeLine { row, charge }).collect();
        seats(&lines)
    }

    #[test]
    fn charges_become_seats() {
        let cases: &[(&str, &[&str], Option<i64>)] = &[
            ("the worked example", &["18 new 10 + R1", "20 add 10 - R2", "20 add 12 + R2"], Some(12)),
            ("in no order of time", &["20 add 12 + R2", "18 new 10 + R1", "20 add 10 - R2"], Some(12)),
            (
                "a later cycle charge is a new base",
                &["1 new 10 + R1", "5 add 10 - R2", "5 add 15 + R2", "30 cycle 15 + R3"],
                Some(15),
            ),
            ("seats removed", &["1 renew 10 + R1", "9 remove 10 - R2", "9 remove 4 + R2"], Some(4)),
            (
                "two changes",
                &["1 new 10 + R1", "5 add 10 - R2", "5 add 12 + R2", "9 add 12 - R3", "9 add 20 + R3"],
                Some(20),
            ),
            ("without a base", &["5 add 10 - R2", "5 add 12 + R2"], Some(12)),
            ("a credit never counts", &["1 new 10 + R1", "5 credit 10 - R9"], Some(10)),
            (
                "alike but for the SKU",
                &["1 new 10 + R1 A", "5 add 10 - R2", "5 add 12 + R2 A", "5 add 12 + R2 B"],
                Some(12),
            ),
            ("a change before the base", &["1 add 3 + R0", "5 cycle 10 + R1"], Some(10)),
            ("meters have no seats", &["1 meter x +", "2 meter x +"], None),
            ("a partial upgrade leaves seats", &["1 new 10 + R1", "7 convert 4 - R2"], Some(6)),
        ];
        for (name, lines, quantity) in cases {
            assert_eq!(worked_out(lines).quantity, *quantity, "{name}");
        }
    }

    #[test]
    fn the_row_that_states_the_seats_is_told() {
        assert_eq!(worked_out(&["18 new 10 + R1", "20 add 10 - R2", "20 add 12 + R2"]).row, 2);
        assert_eq!(worked_out(&["18 new 10 + R1", "18 new 10 + R1"]).repeated, [1]);
    }

    #[test]
    fn a_cancellation_holds_unless_something_is_charged_after() {
        let day = NaiveDate::from_ymd_opt(2024, 6, 9);
        assert_eq!(worked_out(&["1 new 10 + R1", "9 cancel 10 - R2"]).cancelled_on, day);
        assert_eq!(worked_out(&["1 new 10 + R1", "9 cancel 10 - R2", "12 new 10 + R3"]).cancelled_on, None);
    }
}
