//! What a caller may do with a partner account.

use super::{Action, listed};
use crate::checks::callers::{self, ActsFor};
use crate::checks::{
    DirectoryChange, ProfileFacts, accept_partner_agreement, decide_reviews, may_request_partnership, open_review,
    open_to_partnership, record_links, update_partner_profile, visible_to_caller,
};
use crate::{ActionName, Actor, PartnerFacts, PartnerType, PartnershipState, Refusal, VettingStatus, VettingSubStatus};

/// The facts that decide what a caller may do with a partner account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartnerActionFacts {
    /// The caller.
    pub actor: Actor,
    /// For whom it acts.
    pub acts_for: ActsFor,
    /// The caller's own account. `None` if it acts for no partner.
    pub own: Option<PartnerFacts>,
    /// Whether the account is the caller's own.
    pub is_own: bool,
    /// The account.
    pub partner: PartnerFacts,
    /// The latest partnership of the caller's account, as the provider, with this one. `None` if there never was one.
    pub partnership: Option<PartnershipState>,
    /// The status of its review.
    pub status: VettingStatus,
    /// What the review waits for.
    pub sub_status: VettingSubStatus,
}

/// Every action on a partner account, with what prevents it. The agreement is accepted only for one's own account.
#[must_use]
pub fn on_partner(facts: &PartnerActionFacts) -> Vec<Action> {
    use ActionName::{
        AcceptPartnerAgreement, LinkOrganizations, RequestPartnership, ReviewPartner, UpdatePartnerProfile,
    };
    let PartnerActionFacts { actor, partner, is_own, .. } = facts;
    let mut actions = listed([
        (RequestPartnership, facts.requests()),
        (UpdatePartnerProfile, facts.edits()),
        (ReviewPartner, facts.reviews()),
        (LinkOrganizations, record_links(actor)),
    ]);
    if *is_own {
        actions.extend(listed([(AcceptPartnerAgreement, accept_partner_agreement(actor, partner, true))]));
    }
    actions
}

impl PartnerActionFacts {
    fn requests(&self) -> Vec<Refusal> {
        let Some(own) = &self.own else { return vec![callers::requests_partnership_for_others()] };
        let found = may_request_partnership(&self.actor, own);
        if !found.is_empty() {
            // Only callers that may request a partnership learn anything about the reseller.
            return found;
        }
        if self.partner.partner_type != PartnerType::IndirectReseller {
            return vec![Refusal::not_found("reseller", "reseller")];
        }
        open_to_partnership(own, Some(&self.partner), self.partnership)
    }

    fn edits(&self) -> Vec<Refusal> {
        let found = update_partner_profile(&ProfileFacts {
            actor: self.actor.clone(),
            partner: self.partner.clone(),
            contact_email: None,
            directory: DirectoryChange::None,
        });
        if self.acts_for == ActsFor::Platform { found } else { visible_to_caller(found, &self.actor, &self.partner) }
    }

    fn reviews(&self) -> Vec<Refusal> {
        let found = decide_reviews(&self.actor);
        match found.is_empty() {
            false => found,
            // A placeholder has no enrolment.
            true if self.partner.tenant_id.is_none() => vec![Refusal::not_found("partner", "partner")],
            true => open_review(self.status, self.sub_status),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{admin_of, direct_bill, operator, provider, reseller};

    fn facts() -> PartnerActionFacts {
        PartnerActionFacts {
            actor: admin_of(&provider()),
            acts_for: ActsFor::Seller,
            own: Some(provider()),
            is_own: false,
            partner: reseller(),
            partnership: None,
            status: VettingStatus::Authorized,
            sub_status: VettingSubStatus::None,
        }
    }

    fn codes(facts: &PartnerActionFacts, name: ActionName) -> Vec<&'static str> {
        let found = on_partner(facts).into_iter().find(|action| action.name == name).unwrap();
        found.refusals.iter().map(|refusal| refusal.code).collect()
    }

    #[test]
    fn a_partnership_is_requested_with_a_reseller_that_is_no_partner_yet() {
        assert_eq!(codes(&facts(), ActionName::RequestPartnership), [] as [&str; 0]);
        let partners = PartnerActionFacts { partnership: Some(PartnershipState::Active), ..facts() };
        assert_eq!(codes(&partners, ActionName::RequestPartnership), ["ALREADY_PARTNERS"]);
        let other = PartnerActionFacts { partner: direct_bill(), ..facts() };
        assert_eq!(codes(&other, ActionName::RequestPartnership), ["NOT_FOUND"]);
        let platform = PartnerActionFacts { own: None, acts_for: ActsFor::Platform, actor: operator(), ..facts() };
        assert_eq!(codes(&platform, ActionName::RequestPartnership), ["ROLE_NOT_ALLOWED"]);
    }

    #[test]
    fn an_account_keeps_its_own_profile_and_accepts_its_own_agreement() {
        assert_eq!(codes(&facts(), ActionName::UpdatePartnerProfile), ["ROLE_NOT_ALLOWED"]);
        let own = PartnerActionFacts { partner: provider(), is_own: true, ..facts() };
        assert_eq!(codes(&own, ActionName::UpdatePartnerProfile), [] as [&str; 0]);
        assert_eq!(codes(&own, ActionName::AcceptPartnerAgreement), [] as [&str; 0]);
        assert!(on_partner(&facts()).iter().all(|action| action.name != ActionName::AcceptPartnerAgreement));
    }

    #[test]
    fn operators_review_what_waits_for_them() {
        let decided = PartnerActionFacts { own: None, acts_for: ActsFor::Platform, actor: operator(), ..facts() };
        assert_eq!(codes(&decided, ActionName::ReviewPartner).len(), 1);
        let pending = PartnerActionFacts { status: VettingStatus::Pending, ..decided.clone() };
        assert_eq!(codes(&pending, ActionName::ReviewPartner), [] as [&str; 0]);
        assert_eq!(codes(&pending, ActionName::LinkOrganizations), [] as [&str; 0]);
        let placeholder = PartnerActionFacts { partner: PartnerFacts { tenant_id: None, ..reseller() }, ..decided };
        assert_eq!(codes(&placeholder, ActionName::ReviewPartner), ["NOT_FOUND"]);
        assert_eq!(codes(&facts(), ActionName::ReviewPartner), ["ROLE_NOT_ALLOWED"]);
    }
}
