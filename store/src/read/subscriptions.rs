//! Subscriptions.

use std::collections::HashSet;

use chrono::NaiveDateTime;
use diesel::sql_types::{BigInt, Nullable, Text, Timestamp};
use partnergraph_domain::{CustomerKey, PartnerKey, SubscriptionId, SubscriptionKey};

use crate::columns::SubscriptionColumns;
pub use crate::columns::subscription::SubscriptionOrder;
use crate::conn::Conn;
use crate::error::StoreResult;
use crate::read::filter::{Filter, SubscriptionTerm};
use crate::read::page::{List, Order};
use crate::read::row::row;
use crate::scope::Scope;
use crate::sql::{Sql, ids, sql};

row! {
    /// A subscription.
    pub struct SubscriptionRow from s {
        pub id: SubscriptionKey => BigInt,
        pub subscription_id: String => Text,
        pub seller_id: PartnerKey => BigInt,
        pub customer_id: CustomerKey => BigInt,
        pub reseller_id: Option<PartnerKey> => Nullable<BigInt>,
        pub support_contact_id: Option<PartnerKey> => Nullable<BigInt>,
        pub version: i64 => BigInt,
        pub created_at: NaiveDateTime => Timestamp,
        pub updated_at: NaiveDateTime => Timestamp,
        ..pub columns: SubscriptionColumns,
    }
}

/// A key to look up a subscription by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SubscriptionBy {
    /// Its row key.
    Row(SubscriptionKey),
    /// Its id as portals show it.
    Id(SubscriptionId),
}

impl SubscriptionBy {
    fn condition(self) -> Sql {
        match self {
            Self::Row(id) => sql("s.id = ").bind(id),
            Self::Id(id) => sql("s.subscription_id = ").bind(id.to_string()),
        }
    }
}

/// The subscription with that key, if the caller can read it.
///
/// # Errors
/// Any database error.
pub fn find(conn: &mut Conn, scope: &Scope, key: SubscriptionBy) -> StoreResult<Option<SubscriptionRow>> {
    conn.row(
        &sql("SELECT ")
            .push(SubscriptionRow::selected())
            .push(" FROM subscriptions s WHERE ")
            .add(key.condition())
            .push(" AND ")
            .add(scope.reads_subscription().of("s")),
    )
}

/// The subscriptions with these ids that the caller can read.
///
/// # Errors
/// Any database error.
pub fn by_subscription_ids(
    conn: &mut Conn,
    scope: &Scope,
    wanted: &[SubscriptionId],
) -> StoreResult<Vec<SubscriptionRow>> {
    let statement =
        sql("SELECT ").push(SubscriptionRow::selected()).push(" FROM subscriptions s WHERE s.subscription_id IN ");
    conn.rows(
        &statement.list(wanted.iter().map(ToString::to_string)).push(" AND ").add(scope.reads_subscription().of("s")),
    )
}

/// The subscriptions among these whose parent the caller can know of.
///
/// # Errors
/// Any database error.
pub fn with_known_parent(
    conn: &mut Conn,
    scope: &Scope,
    pks: &[SubscriptionKey],
) -> StoreResult<HashSet<SubscriptionKey>> {
    let statement = sql("SELECT s.id FROM ")
        .add(ids(conn.backend(), pks))
        .push(" JOIN subscriptions s ON s.id = up.id WHERE ")
        .add(scope.sees_parent_subscription().of("s"));
    Ok(conn.keys(&statement)?.into_iter().collect())
}

/// The subscriptions with these keys that the caller can read, ordered by key.
///
/// # Errors
/// Any database error.
pub fn by_ids(conn: &mut Conn, scope: &Scope, rows: &[SubscriptionKey]) -> StoreResult<Vec<SubscriptionRow>> {
    let wanted = ids(conn.backend(), rows);
    conn.rows(
        &sql("SELECT ")
            .push(SubscriptionRow::selected())
            .push(" FROM ")
            .add(wanted)
            .push(" JOIN subscriptions s ON s.id = up.id WHERE ")
            .add(scope.reads_subscription().of("s"))
            .push(" ORDER BY s.id"),
    )
}

/// The keys of the live subscriptions that name the account as partner of record or support contact, or for an entitlement: at
/// most `limit` of those that the caller sees.
///
/// # Errors
/// Any database error.
pub fn naming(conn: &mut Conn, scope: &Scope, partner_id: PartnerKey, limit: u32) -> StoreResult<Vec<SubscriptionKey>> {
    let named = |column: &str| format!("SELECT s.id FROM subscriptions s WHERE s.{column} = ");
    let statement = sql("SELECT s.id FROM subscriptions s WHERE s.status <> 'DELETED' AND s.id IN (")
        .push(named("reseller_id"))
        .bind(partner_id)
        .push(" UNION ")
        .push(named("support_contact_id"))
        .bind(partner_id)
        .push(" UNION SELECT e.subscription_pk FROM entitlements e WHERE e.reseller_id = ")
        .bind(partner_id)
        .push(") AND ")
        .add(scope.sees_subscription().of("s"))
        .push(format!(" ORDER BY s.id LIMIT {limit}"));
    conn.keys(&statement)
}

/// The subscriptions that the caller sees and that match.
pub fn list(
    scope: &Scope,
    filter: &Filter<SubscriptionTerm>,
    order: Order<SubscriptionOrder>,
) -> List<SubscriptionOrder> {
    let condition = scope.sees_subscription().of("s").push(" AND ").add(filter.on_subscriptions(scope).of("s"));
    List::new(SubscriptionRow::selected(), (sql("subscriptions s"), "s"), condition, order)
}

/// The subscriptions that the caller can read and that match, below a customer with the key `up.id`.
pub fn of_customers(
    scope: &Scope,
    filter: &Filter<SubscriptionTerm>,
    order: Order<SubscriptionOrder>,
) -> List<SubscriptionOrder> {
    let condition = sql("s.customer_id = up.id AND ")
        .add(scope.reads_subscription_below_customer().of("s"))
        .push(" AND ")
        .add(filter.on_subscriptions(scope).of("s"));
    List::new(SubscriptionRow::selected(), (sql("subscriptions s"), "s"), condition, order)
}

/// The subscriptions that the complete lists of a run with the key `up.id` lack, as far as the caller can read them. The caller must
/// already be known to see the run.
pub fn absent_from_runs(scope: &Scope, order: Order<SubscriptionOrder>) -> List<SubscriptionOrder> {
    // CROSS JOIN only affects SQLite's join order: start from what is absent.
    let from = "import_absences ia CROSS JOIN subscriptions s";
    let condition = sql("ia.run_id = up.id AND ia.entity = 'SUBSCRIPTION' AND s.subscription_id = ia.key AND ")
        .add(scope.reads_subscription().of("s"));
    List::new(SubscriptionRow::selected(), (sql(from), "s"), condition, order)
}
