//! What a caller may do with an entity now, and why not: the refusals that a mutation would answer with whatever else its input
//! says.
//!
//! Every refusal comes from the function that the mutation's own check calls, so the two cannot differ. The rules about what
//! the input would still have to name, such as a reseller, are left to the mutation.

mod customer;
mod partner;
mod partnership;
mod subscription;

pub use customer::{CustomerActionFacts, KnownCustomer, RecordRead, on_customer};
pub use partner::{PartnerActionFacts, on_partner};
pub use partnership::{PartnershipActionFacts, on_partnership};
pub use subscription::{ManagementFacts, SubscriptionActionFacts, on_subscription};

use crate::{ActionName, Refusal};

/// An action, with everything that prevents it now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Action {
    /// The action.
    pub name: ActionName,
    /// Why the caller may not take it. Empty if it may.
    pub refusals: Vec<Refusal>,
}

impl Action {
    /// Whether nothing prevents it.
    #[must_use]
    pub fn is_allowed(&self) -> bool {
        self.refusals.is_empty()
    }
}

/// The actions in the order given.
fn listed(actions: impl IntoIterator<Item = (ActionName, Vec<Refusal>)>) -> Vec<Action> {
    actions.into_iter().map(|(name, refusals)| Action { name, refusals }).collect()
}
