//! Invitations of customers: sending, accepting, marking as done and revoking.

use crate::refusal::refusals;
use crate::rules::scenario::{self, TenantUse, WantedRelationship};
use crate::rules::{authz, invitation, partnership, region};
use crate::{
    Actor, CountryCode, InvitationKind, InvitationState, MpnId, OrganizationLinkKind, PartnerFacts, PartnershipState,
    Refusal, RelationshipToPartner, ResellerChoice, TenantId, Verdict,
};

use super::order::own_use_tenant;
use super::sale::open_to_invitation;
use super::{BuyerFacts, reseller_for_account};

/// The facts that decide whether a partner may invite a customer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvitationFacts {
    /// The caller.
    pub actor: Actor,
    /// The partner that invites.
    pub inviter: PartnerFacts,
    /// The e-mail address to which the invitation is sent.
    pub customer_email: String,
    /// The customer's country. `None` if it is not known.
    pub country: Option<CountryCode>,
    /// What the partner already is to the customer.
    pub relationship: RelationshipToPartner,
    /// The input field that names the customer.
    pub named_in: &'static str,
    /// What the named tenant is used for, as far as the inviter sees. A tenant that it does not see counts as a customer's.
    pub tenant_use: TenantUse,
    /// The inviter's own partnership with the reseller whose tenant it is. `None` if there is none.
    pub partnership_with_tenant: Option<PartnershipState>,
    /// The reseller to associate with the account. `None` for none.
    pub reseller: Option<ResellerChoice>,
    /// What links the buyer that internal use is asked for with the sellers, as far as the inviter sees. It is not resolved
    /// any further before the acceptance.
    pub buyer: BuyerFacts,
    /// Whether delegated administration is requested. `None` if the input does not say.
    pub delegated_admin: Option<bool>,
    /// For a joint invitation, the provider and its latest partnership with the inviter.
    pub joint: Option<(PartnerFacts, Option<PartnershipState>)>,
    /// The edited text. `None` for the default one.
    pub message: Option<String>,
    /// The personal link, which the text must contain.
    pub link: String,
}

/// Checks whether a customer may be invited (A-02, C-05 to C-09, C-18, C-19, C-22, C-23, and the rules about the reseller to
/// associate).
///
/// are asked only about what the inviter sees, so that an invitation tells it nothing about a tenant. The
/// acceptance asks them in full.
#[must_use]
pub fn invite_customer(facts: &InvitationFacts) -> Vec<Refusal> {
    let asks = facts.delegated_admin.unwrap_or(false);
    let mut verdicts = vec![
        authz::a_02_invites_customer(&facts.actor, &facts.inviter),
        invitation::c_23_customer_email_given(&facts.customer_email),
        invitation::c_08_says_delegated_admin(facts.delegated_admin),
        region::c_07_invites_within_region(facts.inviter.country, facts.country).field(["country"]),
        invitation::c_09_invitation_keeps_link(facts.message.as_deref(), &facts.link),
    ];
    if facts.delegated_admin.is_some() {
        verdicts.push(invitation::c_05_06_cloud_allows(facts.inviter.cloud, asks));
    }
    let [customers, not_both] = open_to_invitation(facts.tenant_use, facts.partnership_with_tenant, facts.named_in);
    verdicts.push(customers);
    let tie = facts.buyer.tie_to_last_seller(facts.reseller.as_ref());
    verdicts.extend(not_its_own(tie).map(|verdict| verdict.field(["internalUseOf"])));
    verdicts.push(not_both);
    if let Some(reseller) = &facts.reseller {
        verdicts.extend(reseller_for_account(&facts.inviter, reseller));
    }
    match &facts.joint {
        Some((provider, partnership)) => verdicts.extend([
            invitation::c_19_joint_by_reseller(&facts.inviter, provider),
            invitation::c_22_joint_partnership_active(*partnership),
        ]),
        None => verdicts.push(invitation::c_18_reinstates(facts.relationship, asks).field([facts.named_in])),
    }
    refusals(verdicts)
}

/// the last seller is neither the buyer's own company nor its affiliate.
fn not_its_own(tie: Option<OrganizationLinkKind>) -> impl Iterator<Item = Verdict> {
    [scenario::q_07_not_to_itself(tie), scenario::q_08_not_to_affiliate(tie)].into_iter()
}

/// The internal use that an invitation states, and what the customer says to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct InternalUseFacts {
    /// The MPN ID of the buyer, as the invitation states it. `None` for a third-party customer.
    pub stated: Option<MpnId>,
    /// The MPN ID that the customer confirms.
    pub confirmed: Option<MpnId>,
    /// How the buyer is linked with the sellers. The default unless it is confirmed.
    pub buyer: BuyerFacts,
}

/// The facts that decide whether a customer may accept an invitation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvitationAcceptanceFacts {
    /// The person who accepts.
    pub actor: Actor,
    /// The tenant of the accepting organisation.
    pub customer: TenantId,
    /// What that tenant is used for.
    pub tenant_use: TenantUse,
    /// The customer's country. `None` if it is not known.
    pub country: Option<CountryCode>,
    /// The state of the invitation; [`InvitationState::Expired`] if it has expired.
    pub invitation: InvitationState,
    /// The partners that get a relationship: one, or both of a joint invitation. Each with the state of its partnership
    /// with the reseller whose tenant accepts; `None` if it is not a reseller's tenant or there is no partnership.
    pub partners: Vec<(PartnerFacts, Option<PartnershipState>)>,
    /// The reseller to associate with the account, with its partnership with the first of them. `None` for none.
    pub reseller: Option<ResellerChoice>,
    /// The internal use that the invitation states.
    pub internal_use: InternalUseFacts,
    /// For a joint invitation, the state of the partnership between the two.
    pub joint_partnership: Option<Option<PartnershipState>>,
    /// Whether the customer accepted the customer agreement before.
    pub mca_accepted_before: bool,
    /// Whether it accepts the agreement now.
    pub mca_accepted_now: bool,
}

/// Checks whether an invitation may be accepted (A-06, C-07, C-10, C-22, N-09, Q-05 to Q-09, and a closed invitation).
///
/// Whether the chain may sell for own use is asked at each order. All partners of the invitation are checked. A single refusal prevents all relationships (C-20).
#[must_use]
pub fn accept_invitation(facts: &InvitationAcceptanceFacts) -> Vec<Refusal> {
    let mut verdicts = vec![
        authz::a_06_decides_for_customer(&facts.actor, facts.customer),
        invitation::c_10_agreement_accepted(facts.mca_accepted_before, facts.mca_accepted_now),
        scenario::q_06_not_a_partner_tenant(facts.tenant_use),
    ];
    verdicts.extend(internal_use(facts));
    for (partner, partnership) in &facts.partners {
        verdicts.push(region::c_07_invites_within_region(partner.country, facts.country));
        verdicts.push(scenario::q_09_not_both(WantedRelationship::Customer(*partnership)));
    }
    verdicts.extend(facts.joint_partnership.map(invitation::c_22_joint_partnership_lasts));
    if let (Some(reseller), Some((inviter, _))) = (&facts.reseller, facts.partners.first()) {
        let associable = refusals(reseller_for_account(inviter, reseller)).is_empty();
        verdicts.push(partnership::n_09_reseller_still_available(associable));
    }
    let mut found = refusals(verdicts);
    found.extend(invitation::open_invitation(facts.invitation));
    found
}

/// The verdicts about the internal use that the customer confirms.
fn internal_use(facts: &InvitationAcceptanceFacts) -> impl Iterator<Item = Verdict> {
    let InternalUseFacts { stated, confirmed, buyer } = &facts.internal_use;
    let about_buyer = own_use_tenant(buyer).into_iter();
    let about_buyer = about_buyer.chain(not_its_own(buyer.tie_to_last_seller(facts.reseller.as_ref())));
    let about_buyer = about_buyer.map(|verdict| verdict.field(["confirmInternalUseOf"]));
    [scenario::q_05_internal_use_confirmed(*stated, *confirmed)].into_iter().chain(about_buyer)
}

/// Checks whether an invitation may be declined (A-06, and a closed invitation).
#[must_use]
pub fn decline_invitation(actor: &Actor, customer: TenantId, state: InvitationState) -> Vec<Refusal> {
    let mut found = refusals([authz::a_06_decides_for_customer(actor, customer)]);
    found.extend(invitation::open_invitation(state));
    found
}

/// Checks whether an invitation may be marked as done (A-01 or A-02, P-05 or C-29).
#[must_use]
pub fn mark_invitation_done(
    actor: &Actor,
    author: &PartnerFacts,
    kind: InvitationKind,
    state: InvitationState,
) -> Vec<Refusal> {
    let draft = match kind {
        InvitationKind::Partnership => partnership::p_05_draft_marked_done(state),
        _ => invitation::c_29_draft_marked_done(state),
    };
    refusals([may_handle(actor, author, kind), draft])
}

/// Checks whether an invitation may be revoked (A-01 or A-02, and a closed invitation).
#[must_use]
pub fn revoke_invitation(
    actor: &Actor,
    author: &PartnerFacts,
    kind: InvitationKind,
    state: InvitationState,
) -> Vec<Refusal> {
    let mut found = refusals([may_handle(actor, author, kind)]);
    found.extend(invitation::open_invitation(state).map(|refusal| refusal.field(["invitation"])));
    found
}

/// Those who may create an invitation of that kind may also mark it as done and revoke it.
fn may_handle(actor: &Actor, author: &PartnerFacts, kind: InvitationKind) -> Verdict {
    match kind {
        InvitationKind::Partnership => authz::a_01_provider_task(actor, author),
        _ => authz::a_02_invites_customer(actor, author),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::scenario::OwnUseTenant;
    use crate::testing::{actor, admin_of, choice, country, ids, provider, reseller, tenant};
    use crate::{Cloud, Role};

    fn facts() -> InvitationFacts {
        let inviter = reseller();
        InvitationFacts {
            actor: admin_of(&inviter),
            inviter,
            customer_email: "it@contoso.example".to_owned(),
            country: Some(country("DE")),
            relationship: RelationshipToPartner::None,
            named_in: "customer",
            tenant_use: TenantUse::Customer,
            partnership_with_tenant: None,
            reseller: None,
            buyer: BuyerFacts::default(),
            delegated_admin: Some(false),
            joint: None,
            message: None,
            link: "https://graph.example/i/1".to_owned(),
        }
    }

    fn acceptance() -> InvitationAcceptanceFacts {
        InvitationAcceptanceFacts {
            actor: actor(tenant(9_000), Role::GlobalAdmin),
            customer: tenant(9_000),
            tenant_use: TenantUse::Customer,
            country: Some(country("PL")),
            invitation: InvitationState::Done,
            partners: vec![(reseller(), None), (provider(), None)],
            reseller: None,
            internal_use: InternalUseFacts::default(),
            joint_partnership: Some(Some(PartnershipState::Active)),
            mca_accepted_before: false,
            mca_accepted_now: true,
        }
    }

    #[test]
    fn a_customer_of_the_region_is_invited_alone_or_jointly() {
        assert_eq!(invite_customer(&facts()), []);
        let joint = Some((provider(), Some(PartnershipState::Active)));
        assert_eq!(invite_customer(&InvitationFacts { joint, ..facts() }), []);
        let again =
            InvitationFacts { relationship: RelationshipToPartner::Reseller, delegated_admin: Some(true), ..facts() };
        assert_eq!(invite_customer(&again), []);
    }

    #[test]
    fn all_refusals_of_an_invitation_are_returned() {
        let bad = InvitationFacts {
            actor: actor(tenant(2_000), Role::SalesAgent),
            inviter: PartnerFacts { cloud: Cloud::UsGovernment, ..reseller() },
            customer_email: String::new(),
            country: None,
            relationship: RelationshipToPartner::Reseller,
            message: Some("Hello".to_owned()),
            ..facts()
        };
        let found = invite_customer(&bad);
        assert_eq!(ids(&found), ["A-02", "C-23", "C-07", "C-09", "C-05", "C-18"]);
        assert_eq!(found[2].code, Verdict::UNDECIDED);
        let joint = Some((provider(), Some(PartnershipState::Imported)));
        let unsaid = InvitationFacts { delegated_admin: None, joint, ..facts() };
        assert_eq!(ids(&invite_customer(&unsaid)), ["C-08", "C-22"]);
    }

    #[test]
    fn what_the_inviter_sees_of_a_tenant_is_checked_at_once() {
        let by_provider = || InvitationFacts {
            inviter: provider(),
            actor: admin_of(&provider()),
            named_in: "tenantId",
            reseller: Some(choice(reseller())),
            ..facts()
        };
        assert_eq!(invite_customer(&by_provider()), []);
        let of_its_reseller = InvitationFacts {
            tenant_use: TenantUse::PartnerCsp,
            partnership_with_tenant: Some(PartnershipState::Active),
            ..by_provider()
        };
        let found = invite_customer(&of_its_reseller);
        assert_eq!(ids(&found), ["Q-06", "Q-09"]);
        assert!(found.iter().all(|refusal| refusal.field == ["tenantId"]));
        let tied = |tie_to_seller, tie_to_reseller| InvitationFacts {
            buyer: BuyerFacts { tie_to_seller, tie_to_reseller, ..BuyerFacts::default() },
            ..by_provider()
        };
        let (same, affiliate) = (Some(OrganizationLinkKind::SameCompany), Some(OrganizationLinkKind::Affiliate));
        // Through a reseller, the provider's own company is a matter of each order.
        assert_eq!(invite_customer(&tied(same, None)), []);
        assert_eq!(ids(&invite_customer(&tied(None, same))), ["Q-07"]);
        assert_eq!(invite_customer(&tied(None, affiliate))[0].field, ["internalUseOf"]);
        let alone = InvitationFacts { reseller: None, ..tied(affiliate, None) };
        assert_eq!(ids(&invite_customer(&alone)), ["Q-08"]);
        let stranger = ResellerChoice { partnership: None, ..choice(reseller()) };
        let found = invite_customer(&InvitationFacts { reseller: Some(stranger), ..by_provider() });
        assert_eq!(ids(&found), ["P-06", "N-09"]);
    }

    #[test]
    fn the_customer_confirms_whose_internal_use_its_tenant_serves() {
        let buyer = Some(MpnId(7));
        let own_use = OwnUseTenant {
            tenant_id: Some(tenant(9_000)),
            buyer_csp_tenant: Some(tenant(4)),
            used_as: TenantUse::Customer,
            marked_internal: true,
        };
        let confirmed = |own_use, tie_to_reseller| InvitationAcceptanceFacts {
            partners: vec![(provider(), None)],
            joint_partnership: None,
            reseller: Some(choice(reseller())),
            internal_use: InternalUseFacts {
                stated: buyer,
                confirmed: buyer,
                buyer: BuyerFacts { own_use: Some(own_use), tie_to_reseller, tie_to_seller: None },
            },
            ..acceptance()
        };
        assert_eq!(accept_invitation(&confirmed(own_use, None)), []);
        let csp_tenant = OwnUseTenant { buyer_csp_tenant: Some(tenant(9_000)), ..own_use };
        let found = accept_invitation(&confirmed(csp_tenant, Some(OrganizationLinkKind::SameCompany)));
        assert_eq!(ids(&found), ["Q-05", "Q-07"]);
        assert!(found.iter().all(|refusal| refusal.field == ["confirmInternalUseOf"]));
        let affiliate = accept_invitation(&confirmed(own_use, Some(OrganizationLinkKind::Affiliate)));
        assert_eq!(ids(&affiliate), ["Q-08"]);
        let mut unconfirmed = confirmed(own_use, None);
        unconfirmed.internal_use = InternalUseFacts { stated: buyer, ..InternalUseFacts::default() };
        assert_eq!(ids(&accept_invitation(&unconfirmed)), ["Q-05"]);
    }

    #[test]
    fn a_reseller_that_is_no_partner_any_more_is_not_associated() {
        let former = ResellerChoice { partnership: Some(PartnershipState::Removed), ..choice(reseller()) };
        let facts = InvitationAcceptanceFacts {
            partners: vec![(provider(), None)],
            joint_partnership: None,
            reseller: Some(former),
            ..acceptance()
        };
        assert_eq!(ids(&accept_invitation(&facts)), ["N-09"]);
    }

    #[test]
    fn a_customer_accepts_for_every_partner_or_for_none() {
        assert_eq!(accept_invitation(&acceptance()), []);
        let mut bad = InvitationAcceptanceFacts {
            actor: actor(tenant(9_000), Role::UserAdmin),
            invitation: InvitationState::Expired,
            tenant_use: TenantUse::PartnerCsp,
            joint_partnership: Some(Some(PartnershipState::Removed)),
            mca_accepted_now: false,
            ..acceptance()
        };
        bad.partners[1].1 = Some(PartnershipState::Active);
        assert_eq!(ids(&accept_invitation(&bad)), ["A-06", "C-10", "Q-06", "Q-09", "C-22", "-"]);
    }

    #[test]
    fn an_invitation_is_turned_down_by_the_customers_global_admin() {
        let admin = actor(tenant(9_000), Role::GlobalAdmin);
        assert_eq!(decline_invitation(&admin, tenant(9_000), InvitationState::Draft), []);
        let found = decline_invitation(&admin, tenant(9_001), InvitationState::Declined);
        assert_eq!(ids(&found), ["A-06", "-"]);
    }

    #[test]
    fn an_open_invitation_is_marked_done_or_taken_back_by_its_author() {
        let (author, admin) = (provider(), admin_of(&provider()));
        for kind in [InvitationKind::Partnership, InvitationKind::Customer] {
            assert_eq!(mark_invitation_done(&admin, &author, kind, InvitationState::Draft), []);
            assert_eq!(revoke_invitation(&admin, &author, kind, InvitationState::Done), []);
        }
        let stranger = admin_of(&reseller());
        let found = mark_invitation_done(&stranger, &author, InvitationKind::Customer, InvitationState::Accepted);
        assert_eq!(ids(&found), ["A-02", "C-29"]);
        let found = revoke_invitation(&stranger, &author, InvitationKind::Partnership, InvitationState::Accepted);
        assert_eq!(ids(&found), ["A-01", "-"]);
    }
}
