//! The refusals of a caller whose organisation could never do what it asks for, whatever the facts are.

use crate::rules::authz::not_for;
use crate::{Actor, PartnerFacts, Refusal, RuleId};

/// For whom a person acts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ActsFor {
    /// A provider or a direct-bill partner.
    Seller,
    /// An indirect reseller.
    Reseller,
    /// A customer.
    Customer,
    /// The platform.
    Platform,
    /// An organisation without an account.
    Nobody,
}

/// Orders are placed by partners.
#[must_use]
pub fn orders_for_others() -> Refusal {
    not_for(RuleId::A_01, "Only users of a partner account that sells can do this.")
}

/// A reseller that reads a customer through its own record is not the customer's provider.
#[must_use]
pub fn associates_without_provider() -> Refusal {
    not_for(RuleId::A_01, "Only a customer's provider can associate resellers with it.")
}

/// Agreements are confirmed by partners.
#[must_use]
pub fn confirms_for_others() -> Refusal {
    not_for(RuleId::A_01, "Only users of the partner that sells to the customer can confirm its agreement.")
}

/// Relationships with customers are ended by the partner that has them.
#[must_use]
pub fn ends_anothers_relationship() -> Refusal {
    not_for(RuleId::A_02, "Only users of the partner can end its relationship with a customer.")
}

/// Renegotiations are recorded by the partner that has the relationship.
#[must_use]
pub fn renegotiates_for_others() -> Refusal {
    not_for(RuleId::A_02, "Only users of the partner can record a renegotiation with its customer.")
}

/// Customers are invited by partners.
#[must_use]
pub fn invites_for_others() -> Refusal {
    not_for(RuleId::A_02, "Only users of a partner account can invite customers.")
}

/// A customer decides about its own partners.
#[must_use]
pub fn decides_for_another_customer() -> Refusal {
    not_for(RuleId::A_06, "Only a Global admin of the customer can do this.")
}

/// Changes are requested by resellers (A-01, B-16).
#[must_use]
pub fn requests_without_reseller() -> Refusal {
    not_for(RuleId::A_01, "Only users of a reseller can ask its provider for changes.")
}

/// A reseller's people change what they sold with their other account (A-01, T-01).
#[must_use]
pub fn requests_from_itself() -> Refusal {
    not_for(RuleId::A_01, "You sold this subscription yourself. Make the change with your own account.")
}

/// Whether the person belongs to the tenant of the seller. Both accounts of one tenant belong to the same people (T-01).
#[must_use]
pub fn is_sellers_own(actor: &Actor, seller: &PartnerFacts) -> bool {
    seller.tenant_id.is_some() && actor.tenant_id == seller.tenant_id
}

/// Partnerships are requested by partners.
#[must_use]
pub fn requests_partnership_for_others() -> Refusal {
    not_for(RuleId::A_01, "Only users of a provider can request partnerships.")
}

/// What a provider sets about a reseller, it sets itself.
#[must_use]
pub fn sets_for_another_provider() -> Refusal {
    not_for(RuleId::A_01, "Only users of the provider can change this.")
}

/// Admin access is taken away by the reseller that granted it.
#[must_use]
pub fn takes_anothers_access_away() -> Refusal {
    not_for(RuleId::A_07, "Only a Global admin of the reseller can remove a provider's admin access.")
}
