//! Customers that moved from one reseller to another, with the seats that went with them.

use std::collections::BTreeMap;

use partnergraph_domain::Severity;

use super::{PlanError, Planner};

/// From, to: the row that shows it first, subscriptions and seats.
#[derive(Debug, Default)]
pub(crate) struct Moved(BTreeMap<(u32, String, String), (u32, u64, i64)>);

impl Moved {
    pub(crate) fn add(&mut self, customer: u32, from: &str, to: &str, row: u32, seats: i64) {
        let entry = self.0.entry((customer, from.to_owned(), to.to_owned())).or_insert((row, 0, 0));
        entry.0 = entry.0.min(row);
        entry.1 += 1;
        entry.2 += seats;
    }
}

impl Planner<'_> {
    pub(crate) fn list_moved(&mut self) -> Result<(), PlanError> {
        for ((customer, from, to), (row, subscriptions, seats)) in std::mem::take(&mut self.moved).0 {
            let tenant = uuid::Uuid::from_u128(self.intake.tenants[customer as usize]).to_string();
            let message = format!(
                "the customer moved from reseller {from} to reseller {to} with {subscriptions} subscription(s) and {seats} seat(s)"
            );
            self.remark(Severity::Info, row, "reseller.moved", message, |issue| issue.value(&tenant))?;
        }
        Ok(())
    }
}
