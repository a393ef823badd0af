//! What a thing may be named by in an argument or an input.
//!
//! A key that is malformed names nothing, as does the key of something that the caller does not see: `key()` gives `None`, and
//! a mutation answers both alike with the user error `NOT_FOUND`.

use async_graphql::{ID, OneofObject};
use partnergraph_store::read::customers::CustomerBy;
use partnergraph_store::read::partners::PartnerBy;
use partnergraph_store::read::subscriptions::SubscriptionBy;

use crate::ids::GlobalId;
use crate::scalars::Guid;

/// Names a partner account by exactly one of its ids.
#[derive(OneofObject, Debug, Clone)]
pub enum PartnerLookup {
    /// Its global id.
    Id(ID),
    /// The id of its tenant. Where one tenant holds two accounts, the older one is meant.
    TenantId(Guid),
    /// Its MPN ID.
    MpnId(String),
}

impl PartnerLookup {
    /// The key to look for; `None` where it can name nothing.
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

/// Names a customer by exactly one of its ids.
#[derive(OneofObject, Debug, Clone)]
pub enum CustomerLookup {
    /// Its global id.
    Id(ID),
    /// Its tenant id, which Partner Center calls the Microsoft ID.
    TenantId(Guid),
    /// Its domain. Where two customers claim one domain, the one known longer is meant.
    Domain(String),
}

impl CustomerLookup {
    /// The key to look for; `None` where it can name nothing.
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

/// Names a subscription by exactly one of its ids.
#[derive(OneofObject, Debug, Clone)]
pub enum SubscriptionLookup {
    /// Its global id.
    Id(ID),
    /// Its id as the portals show it.
    SubscriptionId(Guid),
}

impl SubscriptionLookup {
    /// The key to look for; `None` where it can name nothing.
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
