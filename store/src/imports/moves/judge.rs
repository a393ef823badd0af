//! The facts by which the rules decide about each row of a move.

use diesel::QueryableByName;
use diesel::sql_types::{BigInt, Bool, Nullable, Text};
use partnergraph_domain::{CustomerFacts, CustomerKey, MovedKind, SubscriptionFacts, SubscriptionKey};

use super::Move;
use crate::conn::Conn;
use crate::error::{StoreError, StoreResult};
use crate::read::subscriptions;
use crate::scope::Scope;
use crate::sql::{Sql, sql};
use crate::write::facts::{self, several};

/// Whether a row is still as it was when it was planned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// It is.
    Unchanged,
    /// It has changed since, or the reseller no longer stands there.
    Changed,
}

/// A row of a move, with the facts about it as they are now.
#[derive(Debug, Clone)]
pub struct Judged {
    /// Its place.
    pub ordinal: i64,
    /// What is moved.
    pub kind: MovedKind,
    /// The subscription id, or the tenant id of a customer account.
    pub key: String,
    /// Whether it is as planned.
    pub standing: Standing,
    /// The customer, as the provider knows it.
    pub customer: CustomerFacts,
    /// The subscription. `None` for an account.
    pub subscription: Option<SubscriptionFacts>,
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = BigInt)]
    ordinal: i64,
    #[diesel(sql_type = Text)]
    kind: MovedKind,
    #[diesel(sql_type = Bool)]
    stands: bool,
    #[diesel(sql_type = BigInt)]
    customer_id: CustomerKey,
    #[diesel(sql_type = Nullable<BigInt>)]
    subscription_pk: Option<SubscriptionKey>,
}

/// Up to `limit` rows after that place, in order, with the facts about them, which are those that the mutations read.
///
/// # Errors
/// Any database error; [`crate::StoreError::Value`] if a stored value is malformed.
pub fn judged(conn: &mut Conn, moved: &Move, after: i64, limit: i64) -> StoreResult<Vec<Judged>> {
    let rows: Vec<Row> = conn.rows(&rows(moved, after, limit))?;
    let mut of: Vec<_> = rows.iter().map(|row| (moved.provider_id, row.customer_id)).collect();
    of.sort_unstable();
    of.dedup();
    let customers = several::customers(conn, &of)?;
    let mut keys: Vec<SubscriptionKey> = rows.iter().filter_map(|row| row.subscription_pk).collect();
    keys.sort_unstable();
    keys.dedup();
    let sold = subscriptions::by_ids(conn, &Scope::Operator, &keys)?;
    let judged = rows.into_iter().map(|row| {
        // A customer to which a move refers is never deleted.
        let customer = customers.get(&(moved.provider_id, row.customer_id)).cloned().ok_or_else(|| {
            StoreError::Value { value: row.customer_id.to_string(), expected: "the customer of a row of a move" }
        })?;
        let at = row.subscription_pk.and_then(|pk| sold.binary_search_by_key(&pk, |sold| sold.id).ok());
        let sold = at.and_then(|at| sold.get(at));
        Ok(Judged {
            ordinal: row.ordinal,
            kind: row.kind,
            key: sold.map_or_else(|| customer.tenant_id.to_string(), |sold| sold.subscription_id.clone()),
            standing: if row.stands { Standing::Unchanged } else { Standing::Changed },
            // The rules that a move asks do not depend on who is partner of record.
            subscription: sold.map(|sold| facts::subscription_of(sold, None)),
            customer,
        })
    });
    judged.collect()
}

fn rows(moved: &Move, after: i64, limit: i64) -> Sql {
    sql("SELECT i.ordinal, i.kind, i.customer_id, i.subscription_pk, COALESCE(CASE i.kind WHEN 'PARTNER_OF_RECORD' THEN s.reseller_id = ")
        .bind(moved.from)
        .push(" AND s.version = i.version WHEN 'SUPPORT_CONTACT' THEN s.support_contact_id = ")
        .bind(moved.from)
        .push(" AND s.version = i.version WHEN 'ENTITLEMENT' THEN e.reseller_id = ")
        .bind(moved.from)
        .push(
            " AND e.version = i.version WHEN 'ACCOUNT' THEN a.removed_at IS NULL AND a.id IS NOT NULL END, false) AS stands \
             FROM reseller_move_items i LEFT JOIN subscriptions s ON s.id = i.subscription_pk \
             LEFT JOIN entitlements e ON i.kind = 'ENTITLEMENT' AND e.id = i.entity_id \
             LEFT JOIN customer_associations a ON i.kind = 'ACCOUNT' AND a.id = i.entity_id \
             WHERE i.kind <> 'MATCHED' AND i.run_id = ",
        )
        .bind(moved.run_id)
        .push(" AND i.ordinal > ")
        .bind(after)
        .push(" ORDER BY i.ordinal LIMIT ")
        .bind(limit)
}
