//! The fifth stage: what several rows say together. Pure functions over the rows of one customer or one subscription.
//!
//! Lists state what is; reconciliation lines are charges, from which a number of seats is worked out ([`crate::seats`]). What
//! the rows of one source say together is a [`Baseline`]: field by field the newest word. It is then put beside what stands in
//! the database and what was said before ([`decide()`]).

mod decide;
mod lines;
mod rows;
mod values;

pub use decide::{FieldDecision, Words, decide, newer};
pub(crate) use rows::{Group, RowFact, Standing, group, regroup};
pub(crate) use values::{moment, seconds_of};

#[cfg(doc)]
use crate::said::Baseline;
