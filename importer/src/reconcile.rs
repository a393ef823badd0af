//! The fifth stage: combines several rows, with pure functions over the rows of one customer or one subscription.
//!
//! Lists state the current state. Reconciliation lines are charges, from which the number of seats is worked out
//! ([`crate::seats`]). What the rows of one source state together is a [`Baseline`]: the newest value of each field. It
//! is then compared with the stored value and with earlier statements ([`decide()`]).

mod decide;
mod lines;
mod rows;
mod values;

pub use decide::{FieldDecision, FieldStatements, decide, newer};
pub(crate) use rows::{Group, RowFact, Standing, group, regroup};
pub(crate) use values::{moment, seconds_of};

#[cfg(doc)]
use crate::baseline::Baseline;
