//! What the rules are asked about: plain values that the store fills in and that the API and the importer share.
//!
//! A fact that nobody knows is `None`, never a guess: a rule answers "unknown" to it. A check that needs more than
//! these has a struct of its own beside it in [`crate::checks`].

use crate::{
    BillingType, Capability, Cloud, CountryCode, MpnId, MpnKind, PartnerType, PartnershipState, RelationshipToPartner,
    Role, RuleId, SubscriptionStatus, TenantId,
};

/// The person who wants something done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    /// The organisation the person acts for; `None` for an operator, who belongs to none.
    pub tenant_id: Option<TenantId>,
    /// The person's roles there.
    pub roles: Vec<Role>,
}

impl Actor {
    /// Whether the person has one of these roles.
    #[must_use]
    pub fn has_any(&self, roles: &[Role]) -> bool {
        self.roles.iter().any(|role| roles.contains(role))
    }
}

/// A partner account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartnerFacts {
    /// Its tenant; `None` for a reseller that is known by its MPN ID from an import only.
    pub tenant_id: Option<TenantId>,
    /// The MPN ID to which the account is tied.
    pub mpn_id: MpnId,
    /// Its one type (T-01).
    pub partner_type: PartnerType,
    /// Its country, which decides market and region; `None` where it is not known.
    pub country: Option<CountryCode>,
    /// The cloud its tenant lives in.
    pub cloud: Cloud,
    /// Whether it has an account in Partner Center.
    pub onboarded: bool,
    /// Whether its enrolment was authorised.
    pub enrolled: bool,
    /// Whether it signed the Microsoft Partner Agreement.
    pub mpa_signed: bool,
    /// The register's entry of [`PartnerFacts::mpn_id`]; `None` where the register has none.
    pub mpn_profile: Option<MpnProfileFacts>,
    /// What it offers or is able to do.
    pub capabilities: Vec<Capability>,
}

impl PartnerFacts {
    /// Whether this is the same account as `other`: the same type in the same tenant, or the same MPN ID.
    ///
    /// The tenant alone does not tell, since one may hold a direct-bill and a reseller account (T-01).
    #[must_use]
    pub fn is_same_account(&self, other: &Self) -> bool {
        let same_tenant = self.tenant_id.is_some() && self.tenant_id == other.tenant_id;
        self.partner_type == other.partner_type && (same_tenant || self.mpn_id == other.mpn_id)
    }
}

/// An entry of the register of MPN profiles.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MpnProfileFacts {
    /// The MPN ID.
    pub mpn_id: MpnId,
    /// Whether it stands for a whole company or for one location.
    pub kind: MpnKind,
    /// The country of the profile.
    pub country: CountryCode,
    /// Whether the profile is active.
    pub active: bool,
    /// Whether it is still managed in Partner Membership Center (E-12).
    pub in_partner_membership_center: bool,
}

/// A reseller as an input names it, with all that is known under that name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResellerChoice {
    /// The MPN ID named. Where the input named the account in another way, the account's own.
    pub mpn_id: MpnId,
    /// The register's entry of the MPN ID named; `None` where the register has none.
    pub profile: Option<MpnProfileFacts>,
    /// The account it leads to: the one tied to that MPN ID, else the reseller account of the company whose global or
    /// sibling location ID it is. `None` where there is no account, so that the MPN ID is mere membership (E-11).
    pub account: Option<PartnerFacts>,
    /// The state of the latest partnership between the acting provider and that account; `None` where there never was
    /// one.
    pub partnership: Option<PartnershipState>,
}

/// A customer, and what the acting partner is to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CustomerFacts {
    /// Its tenant.
    pub tenant_id: TenantId,
    /// Its country as the acting partner knows it; `None` where no one stated it.
    pub country: Option<CountryCode>,
    /// What the acting partner is to it now; [`RelationshipToPartner::None`] where there is no live relationship.
    pub relationship: RelationshipToPartner,
    /// Whether the customer accepted the Microsoft Customer Agreement.
    pub mca_accepted: bool,
    /// The rules that an import let the customer break; while it breaks any, there is no new business with it.
    pub new_business_blocked: Vec<RuleId>,
}

/// A subscription.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SubscriptionFacts {
    /// Its state.
    pub status: SubscriptionStatus,
    /// Whether it is charged per licence or by usage.
    pub billing_type: BillingType,
    /// Its licences; `None` for one charged by use.
    pub quantity: Option<u64>,
    /// Whether it is a reservation or a savings plan, whose partner of record cannot be changed (B-03).
    pub partner_of_record_fixed: bool,
    /// Its partner of record; `None` where it has none.
    pub partner_of_record: Option<MpnId>,
}

/// Everything that decides whether a reseller may be put on a subscription as its partner of record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AssociateFacts {
    /// Who asks.
    pub actor: Actor,
    /// The partner that sold the subscription.
    pub seller: PartnerFacts,
    /// The subscription's customer, as the seller knows it.
    pub customer: CustomerFacts,
    /// The subscription.
    pub subscription: SubscriptionFacts,
    /// The reseller to be put on it; its partnership is the one with the seller.
    pub reseller: ResellerChoice,
}

/// Everything that decides whether a reseller may be associated with a customer account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AssociateCustomerFacts {
    /// Who asks.
    pub actor: Actor,
    /// The provider whose customer it is.
    pub provider: PartnerFacts,
    /// The customer, as the provider knows it.
    pub customer: CustomerFacts,
    /// The reseller; its partnership is the one with the provider.
    pub reseller: ResellerChoice,
}

/// Everything that decides whether the support contact of a subscription may be set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SupportContactFacts {
    /// Who asks.
    pub actor: Actor,
    /// The partner that sold the subscription.
    pub seller: PartnerFacts,
    /// The subscription's customer, as the seller knows it.
    pub customer: CustomerFacts,
    /// The subscription.
    pub subscription: SubscriptionFacts,
    /// Whom to designate.
    pub contact: SupportContactChoice,
}

/// Whom a subscription shall have as its designated support contact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SupportContactChoice {
    /// The seller itself, which is the default.
    Seller,
    /// A reseller; its partnership is the one with the seller.
    Reseller(ResellerChoice),
}

/// Everything that decides whether a reseller, or a support contact, may be taken off something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DissociateFacts {
    /// Who asks.
    pub actor: Actor,
    /// The provider whose customer it is, or the partner that sold the subscription.
    pub seller: PartnerFacts,
    /// The customer, as that partner knows it.
    pub customer: CustomerFacts,
    /// The subscription; `None` where an association with the whole account is ended.
    pub subscription: Option<SubscriptionFacts>,
}
