//! Detects a file of charges that names hardly any of its customers' known subscriptions. Its subscription ids may
//! differ from the portal's.

use partnergraph_domain::{CustomerKey, Severity};

use super::PlanError;
use super::context::Context;
use super::draft::Draft;
use super::snapshot::Snapshot;
use crate::intake::Entry;
use crate::issue::Issue;
use crate::profiles::States;

/// With fewer subscriptions than this, in the file or stored, a small overlap means nothing.
const ENOUGH: u64 = 20;
/// An overlap of less than one in this many is low.
const HARDLY: u64 = 10;
/// Number of customers whose subscriptions are counted at a time.
const CHUNK: usize = 1_000;

/// A file's subscriptions, by whether they were known.
#[derive(Clone, Copy, Debug, Default)]
struct Overlap {
    known: u64,
    new: u64,
}

impl Overlap {
    /// Whether the file names hardly any of this number of subscriptions.
    fn is_low_beside(self, stored: u64) -> bool {
        stored >= ENOUGH && self.known * HARDLY < stored
    }

    /// Whether it names enough subscriptions and hardly any of them are known.
    fn is_low(self) -> bool {
        self.is_low_beside(self.known + self.new)
    }
}

/// By file.
#[derive(Debug)]
pub(crate) struct Overlaps(Vec<Overlap>);

impl Overlaps {
    /// Empty counts for this number of files.
    pub(crate) fn new(files: usize) -> Self {
        Self(vec![Overlap::default(); files])
    }

    /// Counts one subscription in each file of its rows, which come in the order of the files.
    pub(crate) fn count(&mut self, rows: &[&Entry], known: bool) {
        let mut last = None;
        for entry in rows {
            if last != Some(entry.file()) {
                let overlap = &mut self.0[usize::from(entry.file())];
                *(if known { &mut overlap.known } else { &mut overlap.new }) += 1;
            }
            last = Some(entry.file());
        }
    }

    /// Called when all subscriptions are planned: warns once for each file of charges. `customer_keys` are those of the
    /// files' customers.
    pub(crate) fn warn(
        &self,
        context: &Context<'_>,
        customer_keys: &[Option<CustomerKey>],
        snapshot: &mut impl Snapshot,
        draft: &mut Draft<'_>,
    ) -> Result<(), PlanError> {
        for (number, (file, overlap)) in (0..).zip(context.intake.files.iter().zip(&self.0)) {
            if file.profile.states != States::Charges || !overlap.is_low() {
                continue;
            }
            let mut total = 0;
            for keys in customers_of(context, number, customer_keys).chunks(CHUNK) {
                total += snapshot.count_subscriptions(keys)?;
            }
            if !overlap.is_low_beside(total) {
                continue;
            }
            let (known, named) = (overlap.known, overlap.known + overlap.new);
            let message = format!(
                "the file names {named} subscriptions, of which {known} are already known; its customers have {total}"
            );
            let issue = Issue::new(Severity::Warning, number, 0, "file.overlap.low", message).hint(
                "the ids in the file may differ from the portal's: compare one with the customer's subscriptions in the portal",
            );
            draft.issues.add(&issue)?;
        }
        Ok(())
    }
}

/// The keys of a file's customers that have subscriptions in it, without duplicates.
fn customers_of(context: &Context<'_>, file: u16, customer_keys: &[Option<CustomerKey>]) -> Vec<CustomerKey> {
    let of_file = context.intake.entries.iter().filter(|entry| entry.file() == file);
    let mut customers: Vec<CustomerKey> = of_file.filter_map(|entry| customer_keys[entry.customer as usize]).collect();
    customers.sort_unstable();
    customers.dedup();
    customers
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_overlap_is_low_where_hardly_any_of_enough_is_known() {
        let cases = [
            ("too few to tell", 0, 19, 100, false),
            ("none of them is known", 0, 20, 100, true),
            ("one in ten is known", 2, 18, 100, false),
            ("hardly any of the stored ones", 1, 19, 100, true),
            ("a large file of a small customer", 5, 95, 50, false),
            ("too few are stored to tell", 0, 20, 19, false),
        ];
        for (name, known, new, stored, expected) in cases {
            let overlap = Overlap { known, new };
            assert_eq!(overlap.is_low() && overlap.is_low_beside(stored), expected, "{name}");
        }
    }
}
