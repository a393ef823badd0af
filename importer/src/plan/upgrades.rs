//! Partial upgrades: some seats of a subscription were converted to another one, and the rest stayed.
//!
//! The lines of both share the customer and the reference of the change. What was converted stands on a line that takes
//! seats back from the old subscription, and on one that charges for them on the new.

use std::collections::HashMap;

use super::PlanError;
use super::context::Context;
use super::draft::Draft;
use super::subscription::Told;
use super::subscriptions::told_by_source;
use crate::fact::ChargeKind;
use crate::intake::{Converted, Entry};
use crate::said::{Said, Value, subscription as at};

/// Old subscriptions with seats left: by customer and reference.
#[derive(Debug, Default)]
pub(crate) struct Upgrades(HashMap<(u32, u64), Option<uuid::Uuid>>);

impl Upgrades {
    /// Finds the subscriptions of which a part was converted. There are few, and only they are looked at.
    pub(crate) fn find(context: &Context<'_>, draft: &Draft<'_>) -> Result<Self, PlanError> {
        let intake = context.intake;
        let mut upgrades = Self::default();
        let mut cursor = intake.facts.cursor();
        for Converted { customer, reference, subscription } in &intake.converted {
            let from = intake.entries.partition_point(|entry| entry.subscription() < *subscription);
            let rows: Vec<&Entry> = intake.entries[from..]
                .iter()
                .take_while(|entry| entry.subscription() == *subscription)
                .filter(|entry| draft.is_open(entry.row))
                .collect();
            let seats = |told: &Told| told.group.said.said[at::QUANTITY].as_ref().and_then(|said| said.value.int());
            let left = told_by_source(context, &rows, &mut cursor)?.iter().filter_map(seats).max().unwrap_or(0);
            if left > 0 {
                upgrades.leave(*customer, *reference, *subscription);
            }
        }
        Ok(upgrades)
    }

    /// The subscription has seats left. Of two old subscriptions of one reference the lines do not tell which of them it was.
    fn leave(&mut self, customer: u32, reference: u64, subscription: uuid::Uuid) {
        let old = self.0.entry((customer, reference)).or_insert(Some(subscription));
        *old = old.filter(|known| *known == subscription);
    }

    /// The new subscription of a partial upgrade names the old one, where no line names another.
    pub(crate) fn name(&self, customer: u32, key: &str, told: &mut Told) {
        if self.0.is_empty() || told.group.said.said[at::PARENT].is_some() {
            return;
        }
        let rank = told.group.said.said.iter().flatten().map(|said| said.rank).next().unwrap_or(0);
        for row in &told.rows {
            let Some(charge) = row.fact.charge.as_deref() else { continue };
            if charge.kind != ChargeKind::Convert || charge.sign <= 0 {
                continue;
            }
            let reference = charge.reference.as_deref().map(Converted::hash);
            let old = reference.and_then(|reference| self.0.get(&(customer, reference)).copied().flatten());
            if let Some(old) = old.map(|old| old.to_string()).filter(|old| old != key) {
                told.group.said.said[at::PARENT] = Some(Said { value: Value::Text(old), as_of: row.as_of, rank });
                return;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_old_subscription_is_named_where_the_lines_tell_which_it_was() {
        let [a, b] = [1, 2].map(uuid::Uuid::from_u128);
        let mut upgrades = Upgrades::default();
        upgrades.leave(1, 10, a);
        upgrades.leave(1, 10, a);
        upgrades.leave(1, 20, a);
        upgrades.leave(1, 20, b);
        upgrades.leave(2, 20, b);
        let cases = [
            ("told twice", 1, 10, Some(Some(a))),
            ("two of them", 1, 20, Some(None)),
            ("another customer's", 2, 20, Some(Some(b))),
            ("none", 2, 10, None),
        ];
        for (name, customer, reference, expected) in cases {
            assert_eq!(upgrades.0.get(&(customer, reference)).copied(), expected, "{name}");
        }
    }
}
