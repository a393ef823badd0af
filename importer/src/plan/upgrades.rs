//! Partial upgrades: some seats of a subscription were converted to another one, and the rest stayed.
//!
//! The lines of both share the customer and the reference of the change. What was converted stands on a line that takes
//! seats back from the old subscription, and on one that charges for them on the new.

use std::collections::HashMap;

use crate::fact::{Charge, ChargeKind};
use crate::intake::{Converted, Entry};
use crate::reconcile::{Group, group};
use crate::said::{Said, Value, subscription as at};

use super::{PlanError, Planner};

/// Old subscriptions with seats left: by customer and reference.
#[derive(Debug, Default)]
pub(crate) struct Upgrades(HashMap<(u32, u64), Option<uuid::Uuid>>);

impl Planner<'_> {
    /// Finds the subscriptions of which a part was converted. There are few, and only they are looked at.
    pub(crate) fn find_upgrades(&mut self) -> Result<(), PlanError> {
        let intake = self.intake;
        let mut cursor = intake.facts.cursor();
        for Converted { customer, reference, subscription } in &intake.converted {
            let from = intake.entries.partition_point(|entry| entry.subscription() < *subscription);
            let rows: Vec<&Entry> = intake.entries[from..]
                .iter()
                .take_while(|entry| entry.subscription() == *subscription)
                .filter(|entry| self.is_open(entry.row))
                .collect();
            let mut left = 0;
            for (_, rows) in self.by_source(&rows, &mut cursor)? {
                let said = group(&rows, |file| &*intake.files[usize::from(file)].profile, None, &|_| false);
                left = left.max(said.said.said[at::QUANTITY].as_ref().and_then(|said| said.value.int()).unwrap_or(0));
            }
            if left > 0 {
                let old = self.upgrades.0.entry((*customer, *reference)).or_insert(Some(*subscription));
                // Two old subscriptions of one reference: the lines do not tell which of them it was.
                *old = old.filter(|known| known == subscription);
            }
        }
        Ok(())
    }

    /// The new subscription of a partial upgrade names the old one, where no line names another.
    pub(crate) fn name_upgraded(&self, customer: u32, key: &str, charges: &[(i64, &Charge)], said: &mut Group) {
        if self.upgrades.0.is_empty() || said.said.said[at::PARENT].is_some() {
            return;
        }
        let rank = said.said.said.iter().flatten().map(|said| said.rank).next().unwrap_or(0);
        for (as_of, charge) in charges {
            if charge.kind != ChargeKind::Convert || charge.sign <= 0 {
                continue;
            }
            let reference = charge.reference.as_deref().map(Converted::hash);
            let old = reference.and_then(|reference| self.upgrades.0.get(&(customer, reference)).copied().flatten());
            if let Some(old) = old.map(|old| old.to_string()).filter(|old| old != key) {
                said.said.said[at::PARENT] = Some(Said { value: Value::Text(old), as_of: *as_of, rank });
                return;
            }
        }
    }
}
