//! The fifth stage: what several rows say together. Pure functions over the rows of one customer or one subscription.
//!
//! Lists state what is; reconciliation lines are charges, from which a state is worked out (`charges`). What the rows of
//! one source say together is a [`Baseline`]: field by field the newest word. It is then put beside what stands in the
//! database and what was said before ([`decide()`]).

mod charges;
mod decide;
mod rows;

pub use charges::{ChargeLine, Seats, seats};
pub use decide::{FieldDecision, decide};
pub(crate) use rows::{Earlier, Group, RowFact, Standing, group, moment};

#[cfg(doc)]
use crate::said::Baseline;
