//! Stored rows in the order of their keys, in chunks.
//!
//! `CROSS JOIN` is an inner join whose tables SQLite reads in the written order. Without statistics it would otherwise begin with
//! the baselines, and read all of them for every chunk. PostgreSQL chooses its own order.

use chrono::NaiveDateTime;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Nullable, Text, Timestamp};
use partnergraph_domain::{ImportRunKey, ImportSourceKey};

mod agreement;
mod customer;
mod entitlement;
mod grant;
mod reseller_statement;
mod subscription;

pub use super::history::{StoredPeriod, list as history};
pub use agreement::{StoredAttestation, attestations};
pub use customer::{
    DOMAINS_AT_ONCE, DomainClaimant, StoredCustomer, customer_baselines, customers, domain_claimants, listed_customers,
};
pub use entitlement::{StoredEntitlement, entitlements};
pub use grant::{StoredGrant, grants};
pub use reseller_statement::{StoredResellerStatement, reseller_statements};
pub use subscription::{
    StoredSubscription, count_subscriptions, customers_with_moves, foreign_subscriptions, listed_subscriptions,
    subscription_baselines, subscriptions, subscriptions_of,
};

/// The last values that a source stated for an entity.
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName)]
pub struct StoredBaseline<K> {
    /// The customer or subscription.
    #[diesel(sql_type = BigInt)]
    pub entity_id: K,
    /// The source.
    #[diesel(sql_type = BigInt)]
    pub source_id: ImportSourceKey,
    /// The date of the values.
    #[diesel(sql_type = Timestamp)]
    pub as_of: NaiveDateTime,
    /// The values, packed.
    #[diesel(sql_type = Text)]
    pub fields: String,
    /// The run since which a complete list has lacked it.
    #[diesel(sql_type = Nullable<BigInt>)]
    pub absent_since_run: Option<ImportRunKey>,
}

/// An entity of a source, for finding what a complete list lacks.
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
    /// The date of most of what the source states.
    #[diesel(sql_type = Timestamp)]
    pub as_of: NaiveDateTime,
    /// The values, packed; they show whether a complete list contained it.
    #[diesel(sql_type = Text)]
    pub fields: String,
    /// The run since which it has been listed as absent.
    #[diesel(sql_type = Nullable<BigInt>)]
    pub absent_since_run: Option<ImportRunKey>,
}
