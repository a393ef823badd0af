//! What a caller may do with a partnership.

use super::{Action, listed};
use crate::checks::callers::{self, ActsFor};
use crate::checks::{may_remove_partnership, remove_provider_admin_access, update_partnership};
use crate::{ActionName, Actor, PartnerFacts, PartnerType, PartnershipState, Refusal, ResellerChoice};

/// The facts that decide what a caller may do with a partnership: the latest of the two, because mutations name its ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartnershipActionFacts {
    /// The caller.
    pub actor: Actor,
    /// For whom it acts.
    pub acts_for: ActsFor,
    /// The provider.
    pub provider: PartnerFacts,
    /// The reseller.
    pub reseller: PartnerFacts,
    /// The state that is stored.
    pub state: PartnershipState,
}

/// Every action on a partnership, with what prevents it.
#[must_use]
pub fn on_partnership(facts: &PartnershipActionFacts) -> Vec<Action> {
    let PartnershipActionFacts { actor, provider, state, .. } = facts;
    listed([
        (ActionName::UpdatePartnership, facts.updates()),
        (
            ActionName::RemovePartnership,
            facts.of_reseller(facts.named_in(), || may_remove_partnership(actor, provider, *state)),
        ),
        (ActionName::RemoveProviderAdminAccess, facts.takes_access_away()),
    ])
}

impl PartnershipActionFacts {
    /// The mutations find only indirect resellers. An account of another type can have taken over a placeholder's partnership.
    fn of_reseller(&self, field: &'static str, check: impl FnOnce() -> Vec<Refusal>) -> Vec<Refusal> {
        match self.reseller.partner_type {
            PartnerType::IndirectReseller => check(),
            _ => vec![Refusal::not_found("partner", field)],
        }
    }

    /// The field in which the caller names the reseller.
    fn named_in(&self) -> &'static str {
        if self.acts_for == ActsFor::Platform { "reseller" } else { "partner" }
    }

    fn updates(&self) -> Vec<Refusal> {
        if self.acts_for != ActsFor::Seller {
            return vec![callers::sets_for_another_provider()];
        }
        let reseller = ResellerChoice {
            mpn_id: self.reseller.mpn_id,
            profile: self.reseller.mpn_profile,
            account: Some(self.reseller.clone()),
            partnership: Some(self.state),
        };
        self.of_reseller("reseller", || update_partnership(&self.actor, &self.provider, &reseller, None))
    }

    fn takes_access_away(&self) -> Vec<Refusal> {
        if self.acts_for != ActsFor::Reseller {
            return vec![callers::takes_anothers_access_away()];
        }
        remove_provider_admin_access(&self.actor, &self.reseller, self.state)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{admin_of, direct_bill, operator, provider, reseller};

    fn facts(actor: Actor, acts_for: ActsFor) -> PartnershipActionFacts {
        let state = PartnershipState::Active;
        PartnershipActionFacts { actor, acts_for, provider: provider(), reseller: reseller(), state }
    }

    fn allowed(facts: &PartnershipActionFacts) -> Vec<ActionName> {
        on_partnership(facts).into_iter().filter(Action::is_allowed).map(|action| action.name).collect()
    }

    #[test]
    fn each_side_does_its_own() {
        use ActionName::{RemovePartnership, RemoveProviderAdminAccess, UpdatePartnership};
        let of_provider = facts(admin_of(&provider()), ActsFor::Seller);
        assert_eq!(allowed(&of_provider), [UpdatePartnership, RemovePartnership]);
        let of_reseller = facts(admin_of(&reseller()), ActsFor::Reseller);
        assert_eq!(allowed(&of_reseller), [RemoveProviderAdminAccess]);
        assert_eq!(allowed(&facts(operator(), ActsFor::Platform)), [RemovePartnership]);
    }

    #[test]
    fn nothing_is_left_to_do_with_a_partnership_that_ended_or_is_not_a_resellers() {
        let of_provider = facts(admin_of(&provider()), ActsFor::Seller);
        let ended = PartnershipActionFacts { state: PartnershipState::Removed, ..of_provider.clone() };
        let odd = PartnershipActionFacts { reseller: direct_bill(), ..of_provider };
        for (facts, code) in [(ended, "PARTNERSHIP_ENDED"), (odd, "NOT_FOUND")] {
            let found = on_partnership(&facts);
            assert_eq!((found[0].refusals[0].code, found[1].refusals[0].code), (code, code));
        }
    }
}
