//! A file of charges that hardly names what is known of its customers: its subscription ids may be another portal's.

use partnergraph_domain::Severity;
use partnergraph_store::imports::stored;

use super::{PlanError, Planner};
use crate::issue::Issue;
use crate::profiles::States;

/// With fewer subscriptions than this, in the file or stored, nothing follows from how few are in both.
const ENOUGH: u64 = 20;
/// One in so many is hardly any.
const HARDLY: u64 = 10;
/// Customers whose subscriptions are counted at once.
const CHUNK: usize = 1_000;

/// A file's subscriptions, by whether they were known.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Overlap {
    pub(crate) known: u64,
    pub(crate) new: u64,
}

impl Planner<'_> {
    /// All subscriptions are planned: warns, once for each file of charges.
    pub(crate) fn warn_overlaps(&mut self) -> Result<(), PlanError> {
        for file in 0..self.intake.files.len() {
            let Overlap { known, new } = self.overlaps[file];
            let named = known + new;
            let charges = self.intake.files[file].profile.states == States::Charges;
            if !charges || named < ENOUGH || known * HARDLY >= named {
                continue;
            }
            let stored = self.stored_subscriptions_of(file)?;
            if stored < ENOUGH || known * HARDLY >= stored {
                continue;
            }
            let message = format!(
                "the file names {named} subscriptions, of which {known} are known, while its customers have {stored}"
            );
            let number = u16::try_from(file).unwrap_or(u16::MAX);
            let issue = Issue::new(Severity::Warning, number, 0, "file.overlap.low", message).hint(
                "the ids in the file may not be the portal's: compare one with the customer's subscriptions there",
            );
            self.remarks.add(&issue)?;
        }
        Ok(())
    }

    /// How many subscriptions the partner has sold to the customers of a file.
    fn stored_subscriptions_of(&mut self, file: usize) -> Result<u64, PlanError> {
        let of_file = self.intake.entries.iter().filter(|entry| usize::from(entry.file()) == file);
        let mut customers: Vec<i64> =
            of_file.map(|entry| self.customer_keys[entry.customer as usize]).filter(|key| *key != 0).collect();
        customers.sort_unstable();
        customers.dedup();
        let mut total = 0;
        for keys in customers.chunks(CHUNK) {
            total += stored::count_subscriptions(self.conn, self.partner.id, keys)?;
        }
        Ok(total)
    }
}
