//! Stored rows in the order of their keys, a chunk at a time.
//!
//! `CROSS JOIN` is an inner join whose tables SQLite takes in the order in which they stand: without statistics it would begin
//! with the baselines, and read all of them for every chunk. PostgreSQL orders them as it likes.

use chrono::NaiveDateTime;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Nullable, Text, Timestamp};
use partnergraph_domain::{ImportRunKey, ImportSourceKey};

mod customer;
mod entitlement;
mod grant;
mod subscription;

pub use super::history::{StoredPeriod, list as history};
pub use customer::{
    DOMAINS_AT_ONCE, DomainClaimant, StoredCustomer, customer_baselines, customers, domain_claimants, listed_customers,
};
pub use entitlement::{StoredEntitlement, entitlements};
pub use grant::{StoredGrant, grants};
pub use subscription::{
    StoredSubscription, count_subscriptions, customers_with_moves, foreign_subscriptions, listed_subscriptions,
    subscription_baselines, subscriptions, subscriptions_of,
};

/// What a source says of an entity.
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName)]
pub struct StoredBaseline<K> {
    /// The customer or subscription.
    #[diesel(sql_type = BigInt)]
    pub entity_id: K,
    /// Who says it.
    #[diesel(sql_type = BigInt)]
    pub source_id: ImportSourceKey,
    /// Of when.
    #[diesel(sql_type = Timestamp)]
    pub as_of: NaiveDateTime,
    /// The values, packed.
    #[diesel(sql_type = Text)]
    pub fields: String,
    /// Since when a complete list lacks it.
    #[diesel(sql_type = Nullable<BigInt>)]
    pub absent_since_run: Option<ImportRunKey>,
}

/// An entity of a source, for what a complete list lacks.
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName)]
pub struct Listed<K> {
    /// The customer or subscription.
    #[diesel(sql_type = BigInt)]
    pub entity_id: K,
    /// Its tenant id or subscription id.
    #[diesel(sql_type = Text)]
    pub key: String,
    /// Its customer, for a list that is complete for one customer.
    #[diesel(sql_type = Text)]
    pub tenant_id: String,
    /// Of when most of what the source says is.
    #[diesel(sql_type = Timestamp)]
    pub as_of: NaiveDateTime,
    /// The values, packed; they say whether a complete list had it.
    #[diesel(sql_type = Text)]
    pub fields: String,
    /// Since when it is known to lack.
    #[diesel(sql_type = Nullable<BigInt>)]
    pub absent_since_run: Option<ImportRunKey>,
}
