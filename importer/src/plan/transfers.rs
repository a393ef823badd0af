//! Seats that move from one subscription of a customer to another: conversions (upgrades) and moves.
//!
//! The two sides are on different subscriptions, and may be in files of different months. If a file has such a line, or
//! names a customer with a stored one, all known lines of this kind of the customer are read, from the files and from
//! earlier imports. A stored subscription whose other side appears only now is worked out again.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use partnergraph_domain::CustomerKey;
use uuid::Uuid;

use super::PlanError;
use super::baselines::Kind;
use super::context::Context;
use super::draft::Draft;
use super::snapshot::Snapshot;
use crate::intake::{Entry, SpooledFact};
use crate::seats::{ChargeSet, Finding, Line, LineKind};

/// The charge lines of the subscriptions between which seats move, by customer of the files.
#[derive(Debug, Default)]
pub(crate) struct Transfers {
    customers: HashMap<u32, BTreeMap<Uuid, ChargeSet>>,
    /// Stored subscriptions that no file names, with the row that concerns them and the number of the customer.
    pub(crate) elsewhere: BTreeMap<Uuid, (u32, u32)>,
}

impl Transfers {
    /// Finds the transfers. There are few, and only the customers concerned are read. `customer_keys` are the keys of
    /// the customers of the files.
    pub(crate) fn find(
        context: &Context<'_>,
        customer_keys: &[Option<CustomerKey>],
        snapshot: &mut impl Snapshot,
        draft: &Draft<'_>,
    ) -> Result<Self, PlanError> {
        let intake = context.intake;
        let mut transfers = Self::default();
        let mut cursor = intake.facts.cursor();
        // By customer: the row that concerns the stored subscriptions, if one is already known.
        let mut concerned: BTreeMap<u32, Option<u32>> = BTreeMap::new();
        let mut named: BTreeSet<(u32, Uuid)> = BTreeSet::new();
        for transfer in intake.transfers.iter().filter(|transfer| draft.is_open(transfer.row)) {
            concerned.entry(transfer.customer).or_insert(Some(transfer.row));
            named.insert((transfer.customer, transfer.subscription));
        }
        let stored = snapshot.customers_with_moves()?;
        if !stored.is_empty() {
            for (customer, key) in (0..).zip(customer_keys) {
                if key.is_some_and(|key| stored.binary_search(&key).is_ok()) {
                    concerned.entry(customer).or_insert(None);
                }
            }
        }
        for (customer, row) in concerned {
            let Some(key) = customer_keys[customer as usize] else { continue };
            let mut sets = Vec::new();
            for (subscription, baselines) in snapshot.subscriptions_of(key)? {
                let Ok(subscription) = subscription.parse::<Uuid>() else { continue };
                let sources = Kind::SUBSCRIPTION.unpack(&baselines)?;
                let set = ChargeSet::of(sources.iter().flat_map(|(_, baseline)| baseline.charges.lines()).copied());
                if set.has_moves() || named.contains(&(customer, subscription)) {
                    let row = of_subscription(&intake.entries, subscription)
                        .find(|entry| draft.is_open(entry.row))
                        .map(|entry| entry.row);
                    sets.push((subscription, set, row));
                }
            }
            let Some(row) = row.or_else(|| sets.iter().find_map(|(_, _, row)| *row)) else { continue };
            for (subscription, set, in_files) in sets {
                transfers.customers.entry(customer).or_default().insert(subscription, set);
                if in_files.is_some() {
                    named.insert((customer, subscription));
                } else if of_subscription(&intake.entries, subscription).next().is_none() {
                    transfers.elsewhere.insert(subscription, (customer, row));
                }
            }
        }
        for (customer, subscription) in named {
            let mut lines = Vec::new();
            for entry in of_subscription(&intake.entries, subscription).filter(|entry| draft.is_open(entry.row)) {
                let SpooledFact { fact, .. } = cursor.get(entry.fact())?;
                lines.extend(fact.charge.as_deref().and_then(crate::fact::Charge::line));
            }
            transfers.customers.entry(customer).or_default().entry(subscription).or_default().extend(lines);
        }
        Ok(transfers)
    }

    /// Whether the seats that a line takes from a subscription are charged for on another subscription of the customer.
    pub(crate) fn has_counterpart(&self, customer: u32, subscription: Uuid, line: &Line) -> bool {
        let Some(sets) = self.customers.get(&customer) else { return false };
        let others = sets.iter().filter(|(other, _)| **other != subscription);
        others.flat_map(|(_, set)| set.lines()).any(|other| {
            other.kind == line.kind && other.sign >= 0 && (other.day == line.day || is_same_reference(other, line))
        })
    }

    /// The subscription that was partly upgraded to this one and has seats left, and the day of this one's line that
    /// shows it.
    pub(crate) fn upgraded_from(&self, customer: u32, subscription: Uuid) -> Option<(Uuid, i32)> {
        let sets = self.customers.get(&customer)?;
        let gained: Vec<&Line> = sets
            .get(&subscription)?
            .lines()
            .iter()
            .filter(|line| line.kind == LineKind::Convert && line.sign > 0)
            .collect();
        let mut old: Option<(Uuid, i32)> = None;
        for (other, set) in sets.iter().filter(|(other, _)| **other != subscription) {
            let lost = |line: &&Line| line.kind == LineKind::Convert && line.sign < 0;
            let pair =
                |line: &Line| gained.iter().find(|gain| is_same_reference(gain, line)).map(|gain| (*line, gain.day));
            let Some((line, day)) = set.lines().iter().filter(lost).find_map(pair) else { continue };
            // What happened to the old subscription afterwards does not matter. If it was renewed since, it had seats
            // left.
            let left = set.base_day().is_some_and(|day| day > line.day) || {
                let until = ChargeSet::of(set.lines().iter().filter(|one| one.day <= line.day).copied());
                let worked_out = until.work_out(&|line| self.has_counterpart(customer, *other, line));
                matches!(worked_out.finding, Finding::Proven(seats) | Finding::Unproven(seats) if seats > 0)
            };
            if left && old.replace((*other, day)).is_some() {
                // If two old subscriptions share one reference, the lines do not show which one it was.
                return None;
            }
        }
        old
    }

    /// Whether any transfers of a customer are known.
    pub(crate) fn concern(&self, customer: u32) -> bool {
        self.customers.contains_key(&customer)
    }
}

fn is_same_reference(a: &Line, b: &Line) -> bool {
    a.reference != 0 && a.reference == b.reference
}

/// The charge lines of a subscription in the files.
fn of_subscription(entries: &[Entry], subscription: Uuid) -> impl Iterator<Item = &Entry> {
    let from = entries.partition_point(|entry| entry.subscription() < subscription);
    entries[from..].iter().take_while(move |entry| entry.subscription() == subscription)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(kind: LineKind, day: i32, sign: i8, seats: u32, reference: u32) -> Line {
        Line {
            day,
            kind,
            sign,
            seats: Some(seats),
            start: None,
            end: None,
            is_ordered: true,
            likeness: reference,
            price: 0,
            reference,
            is_double: false,
        }
    }

    fn transfers(sets: &[(u128, &[Line])]) -> Transfers {
        let sets = sets.iter().map(|(id, lines)| (Uuid::from_u128(*id), ChargeSet::of(lines.iter().copied())));
        Transfers { customers: HashMap::from([(1, sets.collect())]), ..Transfers::default() }
    }

    #[test]
    fn the_new_subscription_of_a_partial_upgrade_names_the_old() {
        let bought = line(LineKind::New, 1, 1, 10, 0);
        let gone = |seats| line(LineKind::Convert, 5, -1, seats, 77);
        let come = line(LineKind::Convert, 5, 1, 4, 77);
        let cases: [(&str, Transfers, Option<u128>); 4] = [
            ("some seats stay", transfers(&[(1, &[bought, gone(4)]), (2, &[come])]), Some(1)),
            ("none stay", transfers(&[(1, &[bought, gone(10)]), (2, &[come])]), None),
            (
                "two of one reference",
                transfers(&[(1, &[bought, gone(4)]), (3, &[bought, gone(4)]), (2, &[come])]),
                None,
            ),
            (
                "another reference",
                transfers(&[(1, &[bought, line(LineKind::Convert, 5, -1, 4, 78)]), (2, &[come])]),
                None,
            ),
        ];
        for (name, transfers, expected) in cases {
            assert_eq!(
                transfers.upgraded_from(1, Uuid::from_u128(2)),
                expected.map(|id| (Uuid::from_u128(id), 5)),
                "{name}"
            );
            assert_eq!(transfers.upgraded_from(9, Uuid::from_u128(2)), None, "{name}");
        }
    }

    #[test]
    fn a_counterpart_is_on_another_subscription_of_the_customer() {
        let all = transfers(&[
            (1, &[line(LineKind::Convert, 5, -1, 10, 0), line(LineKind::Convert, 5, 1, 10, 0)]),
            (2, &[line(LineKind::Move, 6, 1, 10, 0)]),
        ]);
        let [first, second] = [1, 2].map(Uuid::from_u128);
        assert!(!all.has_counterpart(1, first, &line(LineKind::Convert, 5, -1, 10, 0)));
        assert!(all.has_counterpart(1, second, &line(LineKind::Convert, 5, -1, 10, 0)));
        assert!(all.has_counterpart(1, first, &line(LineKind::Move, 6, -1, 10, 0)));
        assert!(!all.has_counterpart(1, first, &line(LineKind::Move, 7, -1, 10, 0)));
        assert!(!all.has_counterpart(2, first, &line(LineKind::Move, 6, -1, 10, 0)));
    }
}
