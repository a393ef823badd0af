//! What a thing may be named by in an argument or an input.
//!
//! A key that is malformed names nothing, as does the key of something that the caller does not see: `key()` gives `None`, and
//! a mutation answers both alike with the user error `NOT_FOUND`.

use async_graphql::{ID, OneofObject};
use partnergraph_store::read::customers::CustomerKey;
use partnergraph_store::read::partners::PartnerKey;
use partnergraph_store::read::subscriptions::SubscriptionKey;

use crate::ids::GlobalId;
use crate::scalars::Guid;

/// Names a partner account by exactly one of its ids.
#[derive(OneofObject, Debug, Clone)]
pub enum PartnerLookup {
    /// Its global id.
    Id(ID),
    /// The id of its directory. Where one directory holds two accounts, the older one is meant.
    TenantId(Guid),
    /// Its MPN ID.
    MpnId(String),
}

impl PartnerLookup {
    /// The key to look for; `None` where it can name nothing.
    #[must_use]
    pub fn key(&self) -> Option<PartnerKey> {
        match self {
            Self::Id(id) => match id.parse() {
                Ok(GlobalId::Partner(row)) => Some(PartnerKey::Row(row)),
                _ => None,
            },
            Self::TenantId(id) => Some(PartnerKey::Tenant((*id).into())),
            Self::MpnId(text) => text.parse().ok().map(PartnerKey::Mpn),
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
    pub fn key(&self) -> Option<CustomerKey> {
        match self {
            Self::Id(id) => match id.parse() {
                Ok(GlobalId::Customer(tenant)) => Some(CustomerKey::Tenant(tenant)),
                _ => None,
            },
            Self::TenantId(id) => Some(CustomerKey::Tenant((*id).into())),
            Self::Domain(domain) => Some(CustomerKey::Domain(domain.clone())),
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
    pub fn key(&self) -> Option<SubscriptionKey> {
        match self {
            Self::Id(id) => match id.parse() {
                Ok(GlobalId::CustomerSubscription(id)) => Some(SubscriptionKey::Id(id)),
                _ => None,
            },
            Self::SubscriptionId(id) => Some(SubscriptionKey::Id((*id).into())),
        }
    }
}
