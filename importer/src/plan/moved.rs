//! Customers that moved from one reseller to another, with the seats that moved with them.

use std::collections::BTreeMap;

use partnergraph_domain::{Severity, counted};

use super::PlanError;
use super::context::Context;
use super::draft::{Draft, new_issue};

/// From and to; the first row that shows it, the subscriptions and the seats.
#[derive(Debug, Default)]
pub(crate) struct Moved(BTreeMap<(u32, String, String), (u32, u64, i64)>);

impl Moved {
    /// Adds a subscription that moved, with its seats.
    pub(crate) fn add(&mut self, customer: u32, from: &str, to: &str, row: u32, seats: i64) {
        let entry = self.0.entry((customer, from.to_owned(), to.to_owned())).or_insert((row, 0, 0));
        entry.0 = entry.0.min(row);
        entry.1 += 1;
        entry.2 += seats;
    }

    /// One issue for each move.
    pub(crate) fn list(&self, context: &Context<'_>, draft: &mut Draft<'_>) -> Result<(), PlanError> {
        for ((customer, from, to), (row, subscriptions, seats)) in &self.0 {
            let tenant = uuid::Uuid::from_u128(context.intake.tenants[*customer as usize]).to_string();
            let subscriptions = counted(*subscriptions, "subscription");
            let seats = counted(seats.unsigned_abs(), "seat");
            let message =
                format!("the customer moved from reseller {from} to reseller {to} with {subscriptions} and {seats}");
            draft.report(*row, new_issue(Severity::Info, "reseller.moved", message).value(&tenant))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn subscriptions_that_moved_the_same_way_are_reported_once_at_their_first_row() {
        let mut moved = Moved::default();
        moved.add(1, "2000001", "2000002", 7, 10);
        moved.add(1, "2000001", "2000002", 5, 3);
        moved.add(1, "2000002", "2000001", 9, 1);
        moved.add(2, "2000001", "2000002", 4, 0);
        let found: Vec<_> = moved.0.into_iter().map(|((customer, from, _), how)| (customer, from, how)).collect();
        let expected = [(1, "2000001", (5, 2, 13)), (1, "2000002", (9, 1, 1)), (2, "2000001", (4, 1, 0))];
        assert_eq!(found, expected.map(|(customer, from, how)| (customer, from.to_owned(), how)));
    }
}
