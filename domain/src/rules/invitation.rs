//! Invitations of customers: what they ask for, and where and how they are accepted (C-05 to C-11, C-13, C-18 to C-25,
//! C-29).

use super::text_rules::{email_given, message_keeps_link};
use crate::{
    AcceptancePortal, Cloud, InvitationKind, InvitationState, MpnId, PartnerFacts, PartnerType, PartnershipState,
    PortalFamily, RelationshipToPartner, RuleId, TenantId, Verdict,
};

/// C-05 and C-06: in the US government and German clouds, an invitation must ask for delegated administration.
///
/// - C-05: In the US government cloud, an invitation must ask for delegated administration.
/// - C-06: In the German cloud, an invitation must ask for delegated administration.
///
/// The cloud is the inviting partner's own. The verdict names the rule of that cloud; in the public cloud, C-05 passes.
pub fn c_05_06_cloud_allows(cloud: Cloud, delegated_admin: bool) -> Verdict {
    let rule = if cloud == Cloud::Germany { RuleId::C_06 } else { RuleId::C_05 };
    let message = "In this cloud a customer can be invited only with delegated administration privileges.";
    Verdict::given(cloud == Cloud::Public || delegated_admin, rule, "DELEGATED_ADMIN_REQUIRED", message)
        .field(["delegatedAdmin"])
}

/// C-08: an invitation must state explicitly whether delegated administration is requested.
pub fn c_08_says_delegated_admin(delegated_admin: Option<bool>) -> Verdict {
    let message =
        "Specify whether delegated administration privileges are requested: pass delegatedAdmin as true or false.";
    Verdict::given(delegated_admin.is_some(), RuleId::C_08, "DELEGATED_ADMIN_UNSTATED", message)
        .field(["delegatedAdmin"])
}

/// C-09: the text of an invitation can be edited as long as it keeps the personal link.
pub fn c_09_invitation_keeps_link(message: Option<&str>, link: &str) -> Verdict {
    message_keeps_link(RuleId::C_09, message, link).field(["message"])
}

/// C-10 and C-11: whether the customer agreement is accepted with the invitation, or was accepted before.
///
/// - C-10: A customer that has not accepted the customer agreement must accept it together with the invitation.
/// - C-11: A customer that has already accepted the customer agreement is not asked again.
pub fn c_10_agreement_accepted(accepted_before: bool, accepts_now: bool) -> Verdict {
    let message = "Accept the Microsoft Customer Agreement together with the invitation: pass acceptCustomerAgreement.";
    Verdict::given(accepted_before || accepts_now, RuleId::C_10, "CUSTOMER_AGREEMENT_MISSING", message)
        .field(["acceptCustomerAgreement"])
}

/// C-13: customers in the public cloud accept an invitation in the Microsoft 365 admin center, and those in other
/// clouds in the Office admin portal.
#[must_use]
pub fn c_13_acceptance_portal(cloud: Cloud) -> AcceptancePortal {
    match cloud {
        Cloud::Public => AcceptancePortal::M365AdminCenter,
        Cloud::Germany | Cloud::UsGovernment => AcceptancePortal::OfficeAdminPortal,
    }
}

/// C-18: the kind of an invitation: for a customer that already has a relationship, only delegated administration.
///
/// Accepting it therefore never creates a second relationship.
#[must_use]
pub fn c_18_kind(relationship: RelationshipToPartner, joint: bool) -> InvitationKind {
    match relationship {
        _ if joint => InvitationKind::JointCustomer,
        RelationshipToPartner::None => InvitationKind::Customer,
        _ => InvitationKind::DelegatedAdmin,
    }
}

/// C-18: an invitation to a customer that already has a relationship can only request delegated administration again.
pub fn c_18_reinstates(relationship: RelationshipToPartner, delegated_admin: bool) -> Verdict {
    let holds = relationship == RelationshipToPartner::None || delegated_admin;
    let message =
        "This is already your customer. A new invitation can only request delegated administration privileges.";
    Verdict::given(holds, RuleId::C_18, "ALREADY_A_CUSTOMER", message).field(["customer"])
}

/// C-19: a joint invitation is sent by a reseller, for itself and one of its providers.
pub fn c_19_joint_by_reseller(inviter: &PartnerFacts, provider: &PartnerFacts) -> Verdict {
    let holds =
        inviter.partner_type == PartnerType::IndirectReseller && provider.partner_type == PartnerType::IndirectProvider;
    let message = "Only an indirect reseller can send a joint invitation, and only with an indirect provider.";
    Verdict::given(holds, RuleId::C_19, "NOT_A_JOINT_PAIR", message).field(["jointProvider"])
}

/// Who has delegated administration after a joint invitation was accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct JointGrants {
    /// Whether the reseller has it.
    pub reseller: bool,
    /// Whether the provider has it.
    pub provider: bool,
}

/// C-21: accepting a joint invitation grants delegated administration to the reseller, and to the provider only if it
/// was explicitly requested.
#[must_use]
pub fn c_21_joint_grants(provider_asked_for: bool) -> JointGrants {
    JointGrants { reseller: true, provider: provider_asked_for }
}

/// C-22: a joint invitation requires an active partnership between the reseller and the provider.
pub fn c_22_joint_partnership_active(partnership: Option<PartnershipState>) -> Verdict {
    let message = "You can send a joint invitation only with a provider that you have an active partnership with.";
    Verdict::given(super::partnership::is_active(partnership), RuleId::C_22, "NO_ACTIVE_PARTNERSHIP", message)
        .field(["jointProvider"])
}

/// C-22 at acceptance: if the two inviting partners no longer have a partnership, the customer cannot accept either of
/// them (C-20).
pub fn c_22_joint_partnership_lasts(partnership: Option<PartnershipState>) -> Verdict {
    let message = "The two partners that invited you no longer have a partnership. Ask the one that you want for its own invitation.";
    Verdict::given(super::partnership::is_active(partnership), RuleId::C_22, "NO_ACTIVE_PARTNERSHIP", message)
}

/// C-23: an invitation needs the customer's e-mail address.
pub fn c_23_customer_email_given(email: &str) -> Verdict {
    email_given(RuleId::C_23, email).field(["customerEmail"])
}

/// C-29: an invitation is a draft until its author marks it as done. The system does not send it.
pub fn c_29_draft_marked_done(state: InvitationState) -> Verdict {
    let holds = matches!(state, InvitationState::Draft | InvitationState::Done);
    let message = format!("Only a draft can be marked done; this invitation is {state}.");
    Verdict::given(holds, RuleId::C_29, "INVITATION_NOT_A_DRAFT", message)
}

/// C-24 and C-25: whether a customer imported under an MPN ID appears automatically once an enrolment with that MPN ID
/// is authorised.
///
/// - C-24: Customers imported from Microsoft's portals under an MPN ID appear in the reseller's list once an enrolment
///   with that MPN ID is authorised.
/// - C-25: Customers known only from other vendors' portals do not appear automatically. They must accept an
///   invitation.
#[must_use]
pub fn c_24_appears_on_enrolment(family: PortalFamily) -> bool {
    family == PortalFamily::Microsoft
}

/// An invitation can be accepted, declined or revoked only while it is open and has not expired (not a rule of the
/// catalogue).
#[must_use]
pub fn open_invitation(state: InvitationState) -> Option<crate::Refusal> {
    let open = matches!(state, InvitationState::Draft | InvitationState::Done);
    (!open).then(|| crate::Refusal::plain("INVITATION_CLOSED", format!("The invitation is {state}.")).field(["token"]))
}

/// Who an invitation is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Addressee {
    /// The tenant that answered. `None` if no one has.
    pub answered_by: Option<TenantId>,
    /// Whom its author named.
    pub named: Named,
}

/// Whom the author of an invitation named.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Named {
    /// No one: it is for anyone who has its token.
    Nobody,
    /// A tenant.
    Tenant(TenantId),
    /// A reseller without a tenant, known by its MPN ID from an import: for the account that takes it over, or for
    /// someone who has yet to enrol.
    Placeholder(MpnId),
}

/// The person who presents a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bearer {
    /// The person's tenant. `None` for an operator.
    pub tenant_id: Option<TenantId>,
    /// The MPN ID of the person's partner account. `None` if the person does not act for one.
    pub mpn_id: Option<MpnId>,
}

/// Whether a token is valid for the person who presents it (not a rule of the catalogue).
///
/// The state of an invitation is visible to the organisation that answered it, to the one that it names, and, if it
/// names no one and no one answered, to anyone with the token. For everyone else the invitation does not exist.
#[must_use]
pub fn is_addressed_to(addressee: Addressee, bearer: Bearer) -> bool {
    match (addressee.answered_by, addressee.named) {
        (Some(tenant_id), _) | (None, Named::Tenant(tenant_id)) => bearer.tenant_id == Some(tenant_id),
        (None, Named::Nobody) => true,
        (None, Named::Placeholder(mpn_id)) => bearer.mpn_id.is_none_or(|own| own == mpn_id),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{direct_bill, passes, provider, refuses, reseller, shows, tenant};
    use RelationshipToPartner::{None as Nothing, Reseller};

    #[test]
    fn a_token_is_valid_only_for_its_addressee() {
        let of =
            |number: u128, mpn_id: Option<u64>| Bearer { tenant_id: Some(tenant(number)), mpn_id: mpn_id.map(MpnId) };
        let open = |named| Addressee { answered_by: None, named };
        assert!(is_addressed_to(open(Named::Nobody), of(1, None)));
        assert!(is_addressed_to(open(Named::Tenant(tenant(1))), of(1, None)));
        assert!(!is_addressed_to(open(Named::Tenant(tenant(1))), of(2, None)));
        let answered = Addressee { answered_by: Some(tenant(1)), named: Named::Nobody };
        assert!(is_addressed_to(answered, of(1, None)) && !is_addressed_to(answered, of(2, None)));
        let placeholder = open(Named::Placeholder(MpnId(7)));
        assert!(is_addressed_to(placeholder, of(1, Some(7))) && is_addressed_to(placeholder, of(1, None)));
        assert!(!is_addressed_to(placeholder, of(1, Some(8))));
    }

    #[test]
    fn national_clouds_ask_for_delegated_administration() {
        passes("C-05", c_05_06_cloud_allows(Cloud::Public, false));
        passes("C-05", c_05_06_cloud_allows(Cloud::UsGovernment, true));
        refuses("C-05", c_05_06_cloud_allows(Cloud::UsGovernment, false));
        passes("C-06", c_05_06_cloud_allows(Cloud::Germany, true));
        refuses("C-06", c_05_06_cloud_allows(Cloud::Germany, false));
        shows("C-13", c_13_acceptance_portal(Cloud::Public) == AcceptancePortal::M365AdminCenter);
        shows("C-13", c_13_acceptance_portal(Cloud::Germany) == AcceptancePortal::OfficeAdminPortal);
        shows("C-13", c_13_acceptance_portal(Cloud::UsGovernment) == AcceptancePortal::OfficeAdminPortal);
    }

    #[test]
    fn an_invitation_states_what_it_asks_and_whom() {
        passes("C-08", c_08_says_delegated_admin(Some(false)));
        refuses("C-08", c_08_says_delegated_admin(None));
        passes("C-09", c_09_invitation_keeps_link(Some("https://a.example/i/1"), "https://a.example/i/1"));
        refuses("C-09", c_09_invitation_keeps_link(Some("Hello"), "https://a.example/i/1"));
        passes("C-23", c_23_customer_email_given("it@contoso.example"));
        refuses("C-23", c_23_customer_email_given("contoso"));
        passes("C-29", c_29_draft_marked_done(InvitationState::Draft));
        refuses("C-29", c_29_draft_marked_done(InvitationState::Expired));
    }

    #[test]
    fn the_agreement_is_accepted_once() {
        passes("C-10", c_10_agreement_accepted(false, true));
        shows("C-11", c_10_agreement_accepted(true, false).passed() == Some(true));
        assert_eq!(refuses("C-10", c_10_agreement_accepted(false, false)).microsoft_code, Some(13605));
    }

    #[test]
    fn a_related_customer_is_invited_for_delegated_administration_only() {
        assert_eq!(c_18_kind(Nothing, false), InvitationKind::Customer);
        assert_eq!(c_18_kind(Reseller, false), InvitationKind::DelegatedAdmin);
        assert_eq!(c_18_kind(Nothing, true), InvitationKind::JointCustomer);
        passes("C-18", c_18_reinstates(Reseller, true));
        refuses("C-18", c_18_reinstates(Reseller, false));
    }

    #[test]
    fn a_joint_invitation_is_a_resellers_with_its_provider() {
        passes("C-19", c_19_joint_by_reseller(&reseller(), &provider()));
        refuses("C-19", c_19_joint_by_reseller(&direct_bill(), &provider()));
        refuses("C-19", c_19_joint_by_reseller(&reseller(), &direct_bill()));
        passes("C-22", c_22_joint_partnership_active(Some(PartnershipState::Active)));
        refuses("C-22", c_22_joint_partnership_active(Some(PartnershipState::Imported)));
        passes("C-22", c_22_joint_partnership_lasts(Some(PartnershipState::Active)));
        assert_eq!(
            refuses("C-22", c_22_joint_partnership_lasts(Some(PartnershipState::Removed))).field,
            [] as [&str; 0]
        );
        shows("C-21", c_21_joint_grants(false) == JointGrants { reseller: true, provider: false });
        shows("C-21", c_21_joint_grants(true).provider);
    }

    #[test]
    fn customers_of_microsofts_portals_appear_by_themselves() {
        shows("C-24", c_24_appears_on_enrolment(PortalFamily::Microsoft));
        shows("C-25", !c_24_appears_on_enrolment(PortalFamily::Other));
    }

    #[test]
    fn a_closed_invitation_is_not_accepted() {
        assert_eq!(open_invitation(InvitationState::Draft), None);
        assert_eq!(open_invitation(InvitationState::Revoked).unwrap().code, "INVITATION_CLOSED");
    }
}
