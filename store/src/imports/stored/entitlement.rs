use diesel::prelude::*;
use diesel::sql_types::{BigInt, Nullable, Text};
use partnergraph_domain::{EntitlementKey, PartnerKey, SubscriptionKey};

use crate::conn::Conn;
use crate::error::StoreResult;
use crate::sql::sql;

/// An entitlement of a live subscription.
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName)]
#[allow(missing_docs)]
pub struct StoredEntitlement {
    #[diesel(sql_type = BigInt)]
    pub id: EntitlementKey,
    #[diesel(sql_type = BigInt)]
    pub subscription_pk: SubscriptionKey,
    #[diesel(sql_type = Text)]
    pub entitlement_id: String,
    #[diesel(sql_type = Nullable<Text>)]
    pub description: Option<String>,
    #[diesel(sql_type = Nullable<BigInt>)]
    pub reseller_id: Option<PartnerKey>,
    #[diesel(sql_type = BigInt)]
    pub version: i64,
}

/// The entitlements of the live subscriptions between two subscription ids, inclusive, ordered by subscription id and entitlement
/// id.
///
/// # Errors
/// Any database error.
pub fn entitlements(conn: &mut Conn, from: &str, to: &str) -> StoreResult<Vec<StoredEntitlement>> {
    conn.rows(
        &sql("SELECT e.id, e.subscription_pk, e.entitlement_id, e.description, e.reseller_id, e.version FROM subscriptions s \
              CROSS JOIN entitlements e WHERE e.subscription_pk = s.id AND s.removed_at IS NULL AND s.subscription_id >= ")
        .bind(from)
        .push(" AND s.subscription_id <= ")
        .bind(to)
        .push(" ORDER BY s.subscription_id, e.entitlement_id"),
    )
}
