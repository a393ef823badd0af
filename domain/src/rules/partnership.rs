//! Partnerships between providers and resellers: how they begin and what they allow (P-01 to P-17, N-09, X-09, X-11).

use super::text_rules::{email_given, message_keeps_link};
use crate::{
    Actor, InvitationState, PartnerFacts, PartnerType, PartnershipState, Refusal, ResellerChoice, Role, RuleId, Verdict,
};

/// Whether business is allowed in a partnership with that state. Only [`PartnershipState::Active`] allows it.
#[must_use]
pub fn is_active(state: Option<PartnershipState>) -> bool {
    state == Some(PartnershipState::Active)
}

/// P-01: only a provider can request a partnership.
pub fn p_01_requested_by_provider(requester: &PartnerFacts) -> Verdict {
    let message = "Only a provider can request a partnership. Ask the provider for a request, then accept it.";
    Verdict::given(requester.partner_type == PartnerType::IndirectProvider, RuleId::P_01, "PROVIDER_REQUESTS", message)
}

/// P-02: a request needs the reseller's e-mail address.
pub fn p_02_reseller_email_given(email: &str) -> Verdict {
    email_given(RuleId::P_02, email).field(["resellerEmail"])
}

/// P-04: the text of a request can be edited as long as it keeps the personal link.
pub fn p_04_request_keeps_link(message: Option<&str>, link: &str) -> Verdict {
    message_keeps_link(RuleId::P_04, message, link).field(["message"])
}

/// P-05: a request is a draft until its author marks it as done. The system does not send it.
pub fn p_05_draft_marked_done(state: InvitationState) -> Verdict {
    let holds = matches!(state, InvitationState::Draft | InvitationState::Done);
    let message = format!("Only a draft can be marked done; this invitation is {state}.");
    Verdict::given(holds, RuleId::P_05, "INVITATION_NOT_A_DRAFT", message)
}

/// P-06: without an active partnership a provider can neither interact nor transact with a reseller.
pub fn p_06_partnership_active(reseller: &ResellerChoice) -> Verdict {
    let why = match reseller.partnership {
        Some(PartnershipState::Imported) => "the partnership is known from an import only and was never accepted",
        Some(PartnershipState::Requested) => "the partnership was requested and is not yet accepted",
        Some(PartnershipState::Removed) => "the partnership was removed",
        Some(PartnershipState::Declined) => "the request was declined",
        Some(PartnershipState::Expired) => "the request has expired",
        Some(PartnershipState::Active) | None => "there is no partnership with it",
    };
    let message = format!("You cannot work with MPN ID {}: {why}. Request a partnership first.", reseller.mpn_id);
    Verdict::given(is_active(reseller.partnership), RuleId::P_06, "NO_ACTIVE_PARTNERSHIP", message)
}

/// N-09: only a reseller in an active partnership can be associated with a customer or a subscription.
pub fn n_09_associates_partners_only(reseller: &ResellerChoice) -> Verdict {
    let message = format!(
        "MPN ID {} is not one of your resellers. Only a reseller with an active partnership can be associated.",
        reseller.mpn_id
    );
    Verdict::given(is_active(reseller.partnership), RuleId::N_09, "NOT_A_PARTNER", message)
}

/// N-09 at acceptance: the reseller that the invitation names can still be associated with the account. The customer
/// learns only that it cannot, and nothing about the partners' affairs.
pub fn n_09_reseller_still_available(associable: bool) -> Verdict {
    let message =
        "The partner can no longer associate the reseller that the invitation names. Ask it for a new invitation.";
    Verdict::given(associable, RuleId::N_09, "NOT_A_PARTNER", message)
}

/// after a partnership is removed, the reseller cannot be newly associated. Existing associations stay.
pub fn x_09_not_removed(reseller: &ResellerChoice) -> Verdict {
    let message = format!(
        "The partnership with MPN ID {} was removed. Existing associations stay as they are; new ones are not possible.",
        reseller.mpn_id
    );
    Verdict::given(
        reseller.partnership != Some(PartnershipState::Removed),
        RuleId::X_09,
        "PARTNERSHIP_REMOVED",
        message,
    )
}

/// What names the reseller of a removed partnership again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Renaming {
    /// A provider's list of its resellers of that day (its beginning, in seconds since 1970).
    ResellerList(i64),
    /// A subscription of which it newly is the partner of record, at that time (in seconds since 1970).
    NewlyNamed(i64),
    /// A subscription of which it was the partner of record already.
    Standing,
}

const SECONDS_OF_DAY: i64 = 24 * 60 * 60;

/// a removed partnership becomes `IMPORTED` again only if a later list of resellers states it or a subscription newly names
/// the reseller after the removal. `removed` is in seconds since 1970.
#[must_use]
pub fn x_11_revives(removed: i64, renaming: Renaming) -> bool {
    match renaming {
        // Lists are dated by the day, and the list of the day of the removal can be the one that followed it.
        Renaming::ResellerList(day) => day + SECONDS_OF_DAY > removed,
        Renaming::NewlyNamed(at) => at > removed,
        Renaming::Standing => false,
    }
}

/// P-07: a partnership can start only if the reseller has an account and is enrolled as an indirect reseller. The
/// refusal explains how to enrol.
pub fn p_07_enrolled_as_reseller(account: Option<&PartnerFacts>) -> Verdict {
    let how = "The reseller must enrol in the programme as an indirect reseller (enrollPartner) and sign in with that account; \
               the request waits until then.";
    let why = match account {
        None => "There is no partner account.",
        Some(account) if account.partner_type != PartnerType::IndirectReseller => {
            "The account is not an indirect reseller's."
        }
        Some(account) if !account.onboarded => "The company has no account in Partner Center.",
        Some(account) if !account.enrolled => "The company is not yet enrolled as an indirect reseller.",
        Some(_) => return Verdict::Passed(RuleId::P_07),
    };
    Verdict::Refused(Refusal::of(RuleId::P_07, "NOT_AN_INDIRECT_RESELLER", format!("{why} {how}")))
}

/// Who accepts a partnership, and how.
#[derive(Debug, Clone, Copy)]
pub struct Acceptance<'a> {
    /// The person who accepts.
    pub actor: &'a Actor,
    /// The reseller of the partnership.
    pub reseller: &'a PartnerFacts,
    /// Whether the person explicitly confirmed.
    pub confirmed: bool,
}

/// P-08: only a Global admin or Admin agent of the reseller can accept a partnership, and must confirm it explicitly.
pub fn p_08_accepted_with_confirmation(acceptance: Acceptance<'_>) -> Verdict {
    let Acceptance { actor, reseller, confirmed } = acceptance;
    let at_home = reseller.tenant_id.is_some() && actor.tenant_id == reseller.tenant_id;
    if !at_home || !actor.has_any(&[Role::GlobalAdmin, Role::AdminAgent]) {
        let message = "Only a Global admin or an Admin agent of the reseller can accept a partnership.";
        return Verdict::Refused(Refusal::of(RuleId::P_08, "ROLE_NOT_ALLOWED", message).microsoft(900_150));
    }
    let message = "Confirm that you authorise the provider: pass confirm as true.";
    Verdict::given(confirmed, RuleId::P_08, "CONFIRMATION_MISSING", message).field(["confirm"])
}

/// The terms of a partnership.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PartnershipTerms {
    /// Its state.
    pub state: PartnershipState,
    /// Whether the provider has administrator access to the reseller's own work account.
    pub provider_admin_access: bool,
}

/// P-11: when a partnership is accepted, the provider gets administrator access to the reseller's own work account.
#[must_use]
pub fn p_11_terms_on_acceptance() -> PartnershipTerms {
    PartnershipTerms { state: PartnershipState::Active, provider_admin_access: true }
}

/// P-12: the reseller can revoke the provider's admin access. The partnership stays active.
#[must_use]
pub fn p_12_terms_without_admin_access(terms: PartnershipTerms) -> PartnershipTerms {
    PartnershipTerms { provider_admin_access: false, ..terms }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{actor, admin_of, choice, passes, provider, refuses, reseller, shows};

    fn with(partnership: Option<PartnershipState>) -> ResellerChoice {
        ResellerChoice { partnership, ..choice(reseller()) }
    }

    #[test]
    fn the_provider_requests() {
        passes("P-01", p_01_requested_by_provider(&provider()));
        refuses("P-01", p_01_requested_by_provider(&reseller()));
        passes("P-02", p_02_reseller_email_given("anna@fabrikam.example"));
        refuses("P-02", p_02_reseller_email_given(" "));
        let link = "https://graph.example/accept/abc";
        passes("P-04", p_04_request_keeps_link(None, link));
        passes("P-04", p_04_request_keeps_link(Some("Hello, https://graph.example/accept/abc !"), link));
        refuses("P-04", p_04_request_keeps_link(Some("Hello"), link));
    }

    #[test]
    fn only_a_draft_is_marked_done() {
        passes("P-05", p_05_draft_marked_done(InvitationState::Draft));
        refuses("P-05", p_05_draft_marked_done(InvitationState::Revoked));
    }

    #[test]
    fn only_an_active_partnership_allows_business() {
        passes("P-06", p_06_partnership_active(&with(Some(PartnershipState::Active))));
        passes("N-09", n_09_associates_partners_only(&with(Some(PartnershipState::Active))));
        for state in [None, Some(PartnershipState::Imported), Some(PartnershipState::Requested)] {
            refuses("P-06", p_06_partnership_active(&with(state)));
            let refusal = refuses("N-09", n_09_associates_partners_only(&with(state)));
            assert_eq!(refusal.microsoft_code, Some(800_016));
            passes("X-09", x_09_not_removed(&with(state)));
        }
        refuses("X-09", x_09_not_removed(&with(Some(PartnershipState::Removed))));
    }

    #[test]
    fn a_removed_partnership_is_revived_by_what_is_newer() {
        shows("X-11", x_11_revives(5, Renaming::ResellerList(0)) && x_11_revives(5, Renaming::NewlyNamed(6)));
        shows("X-11", !x_11_revives(SECONDS_OF_DAY, Renaming::ResellerList(0)));
        shows("X-11", !x_11_revives(5, Renaming::NewlyNamed(5)) && !x_11_revives(5, Renaming::Standing));
    }

    #[test]
    fn an_invitation_names_a_reseller_that_can_be_associated() {
        passes("N-09", n_09_reseller_still_available(true));
        refuses("N-09", n_09_reseller_still_available(false));
    }

    #[test]
    fn a_company_that_is_not_enrolled_learns_how_to_enrol() {
        passes("P-07", p_07_enrolled_as_reseller(Some(&reseller())));
        let refusal = refuses("P-07", p_07_enrolled_as_reseller(None));
        assert!(refusal.message.contains("enrol"));
        assert_eq!(refusal.microsoft_code, Some(2204));
        refuses("P-07", p_07_enrolled_as_reseller(Some(&provider())));
        refuses("P-07", p_07_enrolled_as_reseller(Some(&PartnerFacts { enrolled: false, ..reseller() })));
    }

    #[test]
    fn acceptance_needs_the_right_person_and_a_confirmation() {
        let reseller = reseller();
        let (admin, seller) = (admin_of(&reseller), actor(reseller.tenant_id.unwrap(), Role::SalesAgent));
        let with = |actor, confirmed| Acceptance { actor, reseller: &reseller, confirmed };
        passes("P-08", p_08_accepted_with_confirmation(with(&admin, true)));
        assert_eq!(refuses("P-08", p_08_accepted_with_confirmation(with(&admin, false))).field, ["confirm"]);
        refuses("P-08", p_08_accepted_with_confirmation(with(&seller, true)));
        refuses("P-08", p_08_accepted_with_confirmation(with(&admin_of(&provider()), true)));
    }

    #[test]
    fn admin_access_comes_with_the_partnership_and_goes_without_it() {
        let terms = p_11_terms_on_acceptance();
        shows("P-11", terms.provider_admin_access);
        let without = p_12_terms_without_admin_access(terms);
        shows("P-12", without.state == PartnershipState::Active && !without.provider_admin_access);
    }
}
