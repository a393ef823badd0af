//! The life cycle of a partnership: requesting, accepting, revoking admin access, removing.

use crate::refusal::refusals;
use crate::rules::partnership::Acceptance;
use crate::rules::removal::{self, Ending, Representation};
use crate::rules::scenario::{self, WantedRelationship};
use crate::rules::{authz, partnership, region};
use crate::{
    Actor, AutoApproval, InvitationState, PartnerFacts, PartnershipState, Refusal, RelationshipToPartner,
    RemovalChannel, ResellerChoice, RuleId,
};

/// The facts that decide whether a provider may request a partnership.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartnershipRequestFacts {
    /// The caller.
    pub actor: Actor,
    /// The partner that requests.
    pub requester: PartnerFacts,
    /// The e-mail address to which the request is sent.
    pub reseller_email: String,
    /// The reseller, if the input names a known one.
    pub reseller: Option<PartnerFacts>,
    /// The latest partnership between the two. `None` if there never was one.
    pub partnership: Option<PartnershipState>,
    /// The edited text. `None` for the default one.
    pub message: Option<String>,
    /// The personal link, which the text must contain.
    pub link: String,
}

/// Checks whether a partnership may be requested (A-01, P-01, P-02, P-04, P-17, and an existing partnership).
///
/// - P-15: A provider can have partnerships with many resellers. Requesting one does not check the others.
///
/// A company that is not enrolled can receive a request; it can accept after enrolling (P-07). A company whose country
/// is not known can receive one too.
#[must_use]
pub fn request_partnership(facts: &PartnershipRequestFacts) -> Vec<Refusal> {
    let mut found = may_request_partnership(&facts.actor, &facts.requester);
    found.extend(refusals([
        partnership::p_02_reseller_email_given(&facts.reseller_email),
        partnership::p_04_request_keeps_link(facts.message.as_deref(), &facts.link),
    ]));
    found.extend(open_to_partnership(&facts.requester, facts.reseller.as_ref(), facts.partnership));
    found
}

/// Checks whether the caller may request partnerships at all (A-01, P-01), before a reseller is known.
#[must_use]
pub fn may_request_partnership(actor: &Actor, requester: &PartnerFacts) -> Vec<Refusal> {
    refusals([authz::a_01_provider_task(actor, requester), partnership::p_01_requested_by_provider(requester)])
}

/// What must hold for the two, whatever the request says (P-17, and an existing partnership). An unknown country is no obstacle.
#[must_use]
pub fn open_to_partnership(
    requester: &PartnerFacts,
    reseller: Option<&PartnerFacts>,
    partnership: Option<PartnershipState>,
) -> Vec<Refusal> {
    let region = reseller.map(|reseller| region::p_17_partnership_within_region(requester.country, reseller.country));
    let decided = region.filter(|verdict| verdict.passed().is_some());
    let mut found = refusals(decided.map(|verdict| verdict.field(["reseller"])));
    found.extend(already_partners(partnership).map(|refusal| refusal.field(["reseller"])));
    found
}

/// An active partnership cannot be started again (not a rule of the catalogue).
fn already_partners(partnership: Option<PartnershipState>) -> Option<Refusal> {
    partnership::is_active(partnership)
        .then(|| Refusal::plain("ALREADY_PARTNERS", "You already have an active partnership with this reseller."))
}

/// The facts that decide whether a request for a partnership may be accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartnershipAcceptanceFacts {
    /// The person who accepts.
    pub actor: Actor,
    /// The provider that requested.
    pub provider: PartnerFacts,
    /// The account of the accepting organisation. `None` if it has none.
    pub reseller: Option<PartnerFacts>,
    /// The state of the request; [`InvitationState::Expired`] if it has expired.
    pub invitation: InvitationState,
    /// The latest partnership between the two. `None` if there never was one.
    pub partnership: Option<PartnershipState>,
    /// The provider's relationship with the same tenant as its customer.
    pub customer_relationship: RelationshipToPartner,
    /// Whether the caller explicitly confirmed.
    pub confirmed: bool,
}

/// Checks whether a partnership may be accepted (P-07, P-08, P-17, Q-09, Q-15, and a closed request).
///
/// - P-14: A reseller can have partnerships with several providers. Accepting one does not check the others.
#[must_use]
pub fn accept_partnership(facts: &PartnershipAcceptanceFacts) -> Vec<Refusal> {
    let mut verdicts = vec![partnership::p_07_enrolled_as_reseller(facts.reseller.as_ref())];
    if let Some(reseller) = &facts.reseller {
        let acceptance = Acceptance { actor: &facts.actor, reseller, confirmed: facts.confirmed };
        verdicts.extend([
            partnership::p_08_accepted_with_confirmation(acceptance),
            region::p_17_partnership_within_region(facts.provider.country, reseller.country),
            region::q_15_partners_within_region(facts.provider.country, reseller.country),
        ]);
    }
    verdicts.push(scenario::q_09_not_both(WantedRelationship::Partnership(facts.customer_relationship)));
    let mut found = refusals(verdicts);
    found.extend(crate::rules::invitation::open_invitation(facts.invitation));
    found.extend(already_partners(facts.partnership));
    found
}

/// Checks whether a request for a partnership may be declined (P-07, P-08, and a closed request). Those who could
/// accept it may decline it, without a confirmation.
#[must_use]
pub fn decline_partnership(actor: &Actor, reseller: Option<&PartnerFacts>, request: InvitationState) -> Vec<Refusal> {
    let mut verdicts = vec![partnership::p_07_enrolled_as_reseller(reseller)];
    if let Some(reseller) = reseller {
        let answer = Acceptance { actor, reseller, confirmed: true };
        verdicts.push(partnership::p_08_accepted_with_confirmation(answer));
    }
    let mut found = refusals(verdicts);
    found.extend(crate::rules::invitation::open_invitation(request));
    found
}

/// The facts that decide whether a partnership may be removed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartnershipRemovalFacts {
    /// The caller.
    pub actor: Actor,
    /// The provider.
    pub provider: PartnerFacts,
    /// The state of the partnership.
    pub state: PartnershipState,
    /// The channel in the input.
    pub channel: Option<RemovalChannel>,
    /// Whether the caller explicitly confirmed.
    pub confirmed: bool,
    /// What the caller states about the decision.
    pub representation: Representation,
}

/// The channel by which the partnership is removed, or why it cannot be removed (A-01, X-01, X-06, X-08, and a
/// partnership that has ended).
///
/// # Errors
///
/// All refusals at once.
pub fn remove_partnership(facts: &PartnershipRemovalFacts) -> Result<RemovalChannel, Vec<Refusal>> {
    let channel = removal_channel(&facts.actor, &facts.provider, facts.channel);
    let mut found = role_of_remover(&facts.actor, &facts.provider);
    found.extend(refusals([removal::x_01_removal_confirmed(facts.confirmed)]));
    found.extend(refusals(removal::x_06_represented(&facts.representation)));
    found.extend(nothing_to_remove(facts.state));
    match channel {
        Ok(channel) if found.is_empty() => Ok(channel),
        Ok(_) => Err(found),
        Err(refusal) => Err([refusal].into_iter().chain(found).collect()),
    }
}

/// What must hold whatever the remover states (A-01, X-08, and a partnership that has not ended).
#[must_use]
pub fn may_remove_partnership(actor: &Actor, provider: &PartnerFacts, state: PartnershipState) -> Vec<Refusal> {
    let mut found: Vec<Refusal> = removal_channel(actor, provider, None).err().into_iter().collect();
    found.extend(role_of_remover(actor, provider));
    found.extend(nothing_to_remove(state));
    found
}

/// A provider without a tenant has no people, so only an operator can find its partnership.
fn removal_channel(
    actor: &Actor,
    provider: &PartnerFacts,
    channel: Option<RemovalChannel>,
) -> Result<RemovalChannel, Refusal> {
    match provider.tenant_id {
        Some(provider) => removal::x_08_channel(Ending { actor, provider, channel }),
        None => Ok(RemovalChannel::MicrosoftSupport),
    }
}

/// A-01 for the provider's people, whatever channel is named.
fn role_of_remover(actor: &Actor, provider: &PartnerFacts) -> Vec<Refusal> {
    let is_providers = provider.tenant_id.is_some() && actor.tenant_id == provider.tenant_id;
    refusals(is_providers.then(|| authz::a_01_provider_task(actor, provider)))
}

fn nothing_to_remove(state: PartnershipState) -> Option<Refusal> {
    (!removal::x_04_listed(state)).then(|| {
        let message = format!("There is no partnership to remove: its state is {state}.");
        Refusal::plain("PARTNERSHIP_ENDED", message)
    })
}

/// Checks whether the provider's admin access may be revoked (A-07, P-12).
#[must_use]
pub fn remove_provider_admin_access(actor: &Actor, reseller: &PartnerFacts, state: PartnershipState) -> Vec<Refusal> {
    let mut found = refusals([authz::a_07_takes_admin_access_away(actor, reseller)]);
    if !partnership::is_active(Some(state)) {
        let message = "There is no active partnership with this provider.";
        found.push(Refusal::of(RuleId::P_12, "NO_ACTIVE_PARTNERSHIP", message).field(["provider"]));
    }
    found
}

/// Checks whether a provider may change what it sets about a reseller (A-01, and a partnership that has not ended). Requests are
/// approved automatically only in an active partnership (P-06).
#[must_use]
pub fn update_partnership(
    actor: &Actor,
    provider: &PartnerFacts,
    reseller: &ResellerChoice,
    auto_approve: Option<AutoApproval>,
) -> Vec<Refusal> {
    let mut verdicts = vec![authz::a_01_provider_task(actor, provider)];
    if auto_approve.is_some_and(|setting| setting != AutoApproval::None) {
        verdicts.push(partnership::p_06_partnership_active(reseller).field(["reseller"]));
    }
    let mut found = refusals(verdicts);
    if let Some(state) = reseller.partnership.filter(|state| !removal::x_04_listed(*state)) {
        let message = format!("There is no partnership with this reseller: its state is {state}.");
        found.push(Refusal::plain("PARTNERSHIP_ENDED", message).field(["reseller"]));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Role;
    use crate::testing::{actor, admin_of, country, ids, operator, provider, reseller, shows, tenant};

    fn request() -> PartnershipRequestFacts {
        let requester = provider();
        PartnershipRequestFacts {
            actor: admin_of(&requester),
            requester,
            reseller_email: "anna@fabrikam.example".to_owned(),
            reseller: None,
            partnership: None,
            message: None,
            link: "https://graph.example/i/1".to_owned(),
        }
    }

    fn acceptance() -> PartnershipAcceptanceFacts {
        PartnershipAcceptanceFacts {
            actor: admin_of(&reseller()),
            provider: provider(),
            reseller: Some(reseller()),
            invitation: InvitationState::Draft,
            partnership: None,
            customer_relationship: RelationshipToPartner::None,
            confirmed: true,
        }
    }

    #[test]
    fn a_request_is_turned_down_by_whoever_could_accept_it() {
        let admin = admin_of(&reseller());
        assert_eq!(decline_partnership(&admin, Some(&reseller()), InvitationState::Done), []);
        let sales = actor(tenant(2_000), Role::SalesAgent);
        let found = decline_partnership(&sales, Some(&reseller()), InvitationState::Revoked);
        assert_eq!(ids(&found), ["P-08", "-"]);
        assert_eq!(ids(&decline_partnership(&admin, None, InvitationState::Draft)), ["P-07"]);
    }

    #[test]
    fn a_provider_requests_from_anybody_in_its_region() {
        assert_eq!(request_partnership(&request()), []);
        let newcomer = PartnerFacts { enrolled: false, country: None, ..reseller() };
        assert_eq!(request_partnership(&PartnershipRequestFacts { reseller: Some(newcomer), ..request() }), []);
        let far = PartnerFacts { country: Some(country("JP")), ..reseller() };
        let bad = PartnershipRequestFacts {
            reseller: Some(far),
            reseller_email: String::new(),
            message: Some("Hello".to_owned()),
            partnership: Some(PartnershipState::Active),
            requester: reseller(),
            ..request()
        };
        assert_eq!(ids(&request_partnership(&bad)), ["A-01", "P-01", "P-02", "P-04", "P-17", "-"]);
        assert_eq!(may_request_partnership(&request().actor, &request().requester), []);
        assert_ne!(may_request_partnership(&bad.actor, &bad.requester), []);
    }

    #[test]
    fn the_reseller_accepts_once_it_is_enrolled() {
        assert_eq!(accept_partnership(&acceptance()), []);
        let waiting = PartnerFacts { enrolled: false, ..reseller() };
        let waiting = PartnershipAcceptanceFacts { reseller: Some(waiting), ..acceptance() };
        assert_eq!(ids(&accept_partnership(&waiting)), ["P-07"]);
        let bad = PartnershipAcceptanceFacts {
            confirmed: false,
            invitation: InvitationState::Revoked,
            customer_relationship: RelationshipToPartner::Reseller,
            provider: PartnerFacts { country: Some(country("JP")), ..provider() },
            ..acceptance()
        };
        assert_eq!(ids(&accept_partnership(&bad)), ["P-08", "P-17", "Q-15", "Q-09", "-"]);
    }

    #[test]
    fn a_reseller_has_several_providers_and_a_provider_several_resellers() {
        // No fact counts the existing partnerships of either side.
        shows("P-14", accept_partnership(&acceptance()).is_empty());
        shows("P-15", request_partnership(&request()).is_empty());
        let imported = PartnershipAcceptanceFacts { partnership: Some(PartnershipState::Imported), ..acceptance() };
        assert_eq!(accept_partnership(&imported), []);
    }

    #[test]
    fn a_removal_says_everything_that_is_missing() {
        let representation = Representation {
            good_faith: true,
            legitimate_business_purpose: true,
            in_accordance_with_agreement: true,
            indemnify: true,
        };
        let facts = PartnershipRemovalFacts {
            actor: admin_of(&provider()),
            provider: provider(),
            state: PartnershipState::Active,
            channel: None,
            confirmed: true,
            representation,
        };
        assert_eq!(remove_partnership(&facts), Ok(RemovalChannel::SelfService));
        let by_support = PartnershipRemovalFacts { actor: operator(), ..facts.clone() };
        assert_eq!(remove_partnership(&by_support), Ok(RemovalChannel::MicrosoftSupport));
        let helpdesk = PartnershipRemovalFacts {
            actor: actor(facts.provider.tenant_id.unwrap(), Role::HelpdeskAgent),
            channel: Some(RemovalChannel::MicrosoftSupport),
            ..facts.clone()
        };
        assert_eq!(ids(&remove_partnership(&helpdesk).unwrap_err()), ["X-08", "A-01"]);
        let bad = PartnershipRemovalFacts {
            actor: admin_of(&reseller()),
            confirmed: false,
            representation: Representation { indemnify: false, ..representation },
            state: PartnershipState::Removed,
            ..facts
        };
        assert_eq!(ids(&remove_partnership(&bad).unwrap_err()), ["X-08", "X-01", "X-06", "-"]);
    }

    #[test]
    fn admin_access_is_taken_away_by_a_global_admin() {
        let admin = admin_of(&reseller());
        assert_eq!(remove_provider_admin_access(&admin, &reseller(), PartnershipState::Active), []);
        let agent = actor(tenant(2_000), Role::AdminAgent);
        let found = remove_provider_admin_access(&agent, &reseller(), PartnershipState::Removed);
        assert_eq!(ids(&found), ["A-07", "P-12"]);
    }
}
