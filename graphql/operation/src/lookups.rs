//! Lookups: the ways in which an argument or an input can identify an object.
//!
//! A malformed key identifies nothing, just like the key of an object that the caller cannot see. In both cases `key()` returns
//! `None` or finds nothing, and a mutation returns the user error `NOT_FOUND`.

use async_graphql::{ID, OneofObject};
use partnergraph_store::read::customers::CustomerBy;
use partnergraph_store::read::partners::PartnerBy;
use partnergraph_store::read::subscriptions::SubscriptionBy;

use crate::ids::GlobalId;
use crate::scalars::Guid;

/// Identifies a partner account by exactly one of its ids.
#[derive(OneofObject, Debug, Clone)]
pub enum PartnerLookup {
    /// The global id.
    Id(ID),
    /// The id of the account's tenant. If the tenant has two accounts, the older one is used.
    TenantId(Guid),
    /// The MPN ID of the account, not the global MPN ID of its company.
    MpnId(String),
}

impl PartnerLookup {
    /// The key to look up. `None` if it cannot identify anything.
    #[must_use]
    pub fn key(&self) -> Option<PartnerBy> {
        match self {
            Self::Id(id) => match id.parse() {
                Ok(GlobalId::Partner(row)) => Some(PartnerBy::Row(row)),
                _ => None,
            },
            Self::TenantId(id) => Some(PartnerBy::Tenant((*id).into())),
            Self::MpnId(text) => text.parse().ok().map(PartnerBy::Mpn),
        }
    }
}

/// Identifies a customer by exactly one of its ids.
#[derive(OneofObject, Debug, Clone)]
pub enum CustomerLookup {
    /// The global id.
    Id(ID),
    /// The tenant id, called the Microsoft ID in Partner Center.
    TenantId(Guid),
    /// The domain. If two customers claim the same domain, the one that was recorded first is used.
    Domain(String),
}

impl CustomerLookup {
    /// The key to look up. `None` if it cannot identify anything.
    #[must_use]
    pub fn key(&self) -> Option<CustomerBy> {
        match self {
            Self::Id(id) => match id.parse() {
                Ok(GlobalId::Customer(tenant)) => Some(CustomerBy::Tenant(tenant)),
                _ => None,
            },
            Self::TenantId(id) => Some(CustomerBy::Tenant((*id).into())),
            Self::Domain(domain) => Some(CustomerBy::Domain(domain.clone())),
        }
    }
}

/// Identifies a subscription by exactly one of its ids.
#[derive(OneofObject, Debug, Clone)]
pub enum SubscriptionLookup {
    /// The global id.
    Id(ID),
    /// The subscription id shown in the portals.
    SubscriptionId(Guid),
}

impl SubscriptionLookup {
    /// The key to look up. `None` if it cannot identify anything.
    #[must_use]
    pub fn key(&self) -> Option<SubscriptionBy> {
        match self {
            Self::Id(id) => match id.parse() {
                Ok(GlobalId::CustomerSubscription(id)) => Some(SubscriptionBy::Id(id)),
                _ => None,
            },
            Self::SubscriptionId(id) => Some(SubscriptionBy::Id((*id).into())),
        }
    }
}
