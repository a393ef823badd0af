//! The facts that rules are applied to: plain values that the store reads and that the API and the importer share.
//!
//! An unknown fact is `None`, never a guess, and a rule answers "unknown" to it. A check that needs more facts has its
//! own struct in [`crate::checks`].

use crate::{
    BillingType, Capability, Cloud, CountryCode, MpnId, MpnKind, PartnerType, PartnershipState, RelationshipToPartner,
    Role, RuleId, SubscriptionStatus, TenantId,
};

/// The person who requests an operation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    /// The organisation that the person acts for. `None` for an operator, who belongs to none.
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
    /// Its tenant. `None` for a reseller that is only known by its MPN ID from an import.
    pub tenant_id: Option<TenantId>,
    /// The MPN ID that the account is linked to.
    pub mpn_id: MpnId,
    /// Its type. An account has exactly one (T-01).
    pub partner_type: PartnerType,
    /// Its country, which determines market and region. `None` if it is not known.
    pub country: Option<CountryCode>,
    /// The cloud of its tenant.
    pub cloud: Cloud,
    /// Whether it has an account in Partner Center.
    pub onboarded: bool,
    /// Whether its enrolment was authorised.
    pub enrolled: bool,
    /// Whether it signed the Microsoft Partner Agreement.
    pub mpa_signed: bool,
    /// The register's entry for [`PartnerFacts::mpn_id`]. `None` if there is none.
    pub mpn_profile: Option<MpnProfileFacts>,
    /// Its capabilities.
    pub capabilities: Vec<Capability>,
}

impl PartnerFacts {
    /// Whether this is the same account as `other`: the same type in the same tenant, or the same MPN ID.
    ///
    /// The tenant alone is not enough, because one tenant may have a direct-bill and a reseller account (T-01).
    #[must_use]
    pub fn is_same_account(&self, other: &Self) -> bool {
        let same_tenant = self.tenant_id.is_some() && self.tenant_id == other.tenant_id;
        self.partner_type == other.partner_type && (same_tenant || self.mpn_id == other.mpn_id)
    }
}

/// An entry in the register of MPN profiles.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MpnProfileFacts {
    /// The MPN ID.
    pub mpn_id: MpnId,
    /// Whether it is a whole company's ID or one location's.
    pub kind: MpnKind,
    /// The country of the profile.
    pub country: CountryCode,
    /// Whether the profile is active.
    pub active: bool,
    /// Whether it is still managed in Partner Membership Center (E-12).
    pub in_partner_membership_center: bool,
}

/// A reseller as an input names it, with everything that is known about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResellerChoice {
    /// The MPN ID in the input. If the input names the account in another way, the account's own.
    pub mpn_id: MpnId,
    /// The register's entry for the named MPN ID. `None` if there is none.
    pub profile: Option<MpnProfileFacts>,
    /// The account: the one linked to that MPN ID, else the reseller account of the company whose global or other
    /// location ID it is. `None` if there is no account, so that the MPN ID is only a membership (E-11).
    pub account: Option<PartnerFacts>,
    /// The state of the latest partnership between the acting provider and that account. `None` if there never was one.
    pub partnership: Option<PartnershipState>,
}

/// A customer, and what the acting partner is to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CustomerFacts {
    /// Its tenant.
    pub tenant_id: TenantId,
    /// Its country as the acting partner knows it. `None` if no one has stated it.
    pub country: Option<CountryCode>,
    /// What the acting partner is to it now; [`RelationshipToPartner::None`] if there is no live relationship.
    pub relationship: RelationshipToPartner,
    /// Whether the customer accepted the Microsoft Customer Agreement.
    pub mca_accepted: bool,
    /// The rules that the customer breaks, although an import accepted it. While there are any, new business with it is
    /// blocked.
    pub new_business_blocked: Vec<RuleId>,
}

/// A subscription.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SubscriptionFacts {
    /// Its status.
    pub status: SubscriptionStatus,
    /// Licence-based or usage-based billing.
    pub billing_type: BillingType,
    /// Its number of licences. `None` if it is usage-based.
    pub quantity: Option<u64>,
    /// Whether it renews automatically. `None` if that is not known.
    pub auto_renew_enabled: Option<bool>,
    /// Whether it is a reservation or a savings plan, whose partner of record cannot be changed (B-03).
    pub partner_of_record_fixed: bool,
    /// Its partner of record. `None` if it has none.
    pub partner_of_record: Option<MpnId>,
}

/// The facts that decide whether a reseller may become the partner of record of a subscription.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AssociateFacts {
    /// The caller.
    pub actor: Actor,
    /// The partner that sold the subscription.
    pub seller: PartnerFacts,
    /// The subscription's customer, as the seller knows it.
    pub customer: CustomerFacts,
    /// The subscription.
    pub subscription: SubscriptionFacts,
    /// The reseller to associate, with its partnership with the seller.
    pub reseller: ResellerChoice,
}

/// The facts that decide whether a reseller may be associated with a customer account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AssociateCustomerFacts {
    /// The caller.
    pub actor: Actor,
    /// The provider whose customer it is.
    pub provider: PartnerFacts,
    /// The customer, as the provider knows it.
    pub customer: CustomerFacts,
    /// The reseller, with its partnership with the provider.
    pub reseller: ResellerChoice,
}

/// The facts that decide whether the support contact of a subscription may be set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SupportContactFacts {
    /// The caller.
    pub actor: Actor,
    /// The partner that sold the subscription.
    pub seller: PartnerFacts,
    /// The subscription's customer, as the seller knows it.
    pub customer: CustomerFacts,
    /// The subscription.
    pub subscription: SubscriptionFacts,
    /// The support contact to designate.
    pub contact: SupportContactChoice,
}

/// The designated support contact of a subscription.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SupportContactChoice {
    /// The seller itself, which is the default.
    Seller,
    /// A reseller, with its partnership with the seller.
    Reseller(ResellerChoice),
}

/// The facts that decide whether a reseller, or a support contact, may be removed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DissociateFacts {
    /// The caller.
    pub actor: Actor,
    /// The provider whose customer it is, or the partner that sold the subscription.
    pub seller: PartnerFacts,
    /// The customer, as that partner knows it.
    pub customer: CustomerFacts,
    /// The subscription. `None` if an association with the whole account is removed.
    pub subscription: Option<SubscriptionFacts>,
}
