//! Stored rows in the order of their keys, a chunk at a time.
//!
//! `CROSS JOIN` is an inner join whose tables SQLite takes in the order in which they stand: without statistics it would begin
//! with the baselines, and read all of them for every chunk. PostgreSQL orders them as it likes.

use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Nullable, Text, Timestamp};
use partnergraph_domain::{
    BillingCycle, BillingType, CustomerKey, CustomerRecordKey, EntitlementKey, GrantKey, ImportRunKey, ImportSourceKey,
    PartnerKey, RelationshipKey, SubscriptionKey, SubscriptionStatus, TenantKind, TermDuration,
};

use crate::conn::{Backend, Conn};
use crate::error::StoreResult;
use crate::schema::subscriptions;
use crate::sql::{ids, sql};

pub use super::history::{StoredPeriod, list as history};

/// A directory, and the customer it may be.
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName)]
pub struct StoredCustomer {
    /// The key of the walk.
    #[diesel(sql_type = Text)]
    pub tenant_id: String,
    /// Whose directory it is.
    #[diesel(sql_type = Text)]
    pub kind: TenantKind,
    /// The customer's key, where the directory is one.
    #[diesel(sql_type = Nullable<BigInt>)]
    pub customer_id: Option<CustomerKey>,
    /// The country that the customer or an operator set.
    #[diesel(sql_type = Nullable<Text>)]
    pub own_country: Option<String>,
    /// The key of the partner's record.
    #[diesel(sql_type = Nullable<BigInt>)]
    pub record_id: Option<CustomerRecordKey>,
    /// The record's version.
    #[diesel(sql_type = Nullable<BigInt>)]
    pub record_version: Option<i64>,
    /// As the partner knows it.
    #[diesel(sql_type = Nullable<Text>)]
    pub company_name: Option<String>,
    /// As the partner knows it.
    #[diesel(sql_type = Nullable<Text>)]
    pub domain: Option<String>,
    /// As the partner knows it.
    #[diesel(sql_type = Nullable<Text>)]
    pub country: Option<String>,
    /// JSON.
    #[diesel(sql_type = Nullable<Text>)]
    pub tags: Option<String>,
    /// Rules broken, where it came in all the same.
    #[diesel(sql_type = Nullable<Text>)]
    pub new_business_blocked: Option<String>,
    /// The key of the live relationship with the partner.
    #[diesel(sql_type = Nullable<BigInt>)]
    pub relationship_id: Option<RelationshipKey>,
    /// When a relationship with the partner was last ended.
    #[diesel(sql_type = Nullable<Timestamp>)]
    pub relationship_removed_at: Option<NaiveDateTime>,
}

/// Directories from a tenant id on, with what the partner knows of them.
///
/// # Errors
/// The database's.
pub fn customers(conn: &mut Conn, partner_id: PartnerKey, from: &str, limit: i64) -> StoreResult<Vec<StoredCustomer>> {
    conn.rows(
        &sql("SELECT t.tenant_id, t.kind, c.id AS customer_id, c.country AS own_country, r.id AS record_id, \
              r.version AS record_version, r.company_name, \
              r.domain, r.country, r.tags, r.new_business_blocked, rr.id AS relationship_id, \
              (SELECT MAX(ended.removed_at) FROM reseller_relationships ended WHERE ended.customer_id = c.id AND ended.partner_id = ")
        .bind(partner_id)
        // The directories are cut off before anything is joined to them: PostgreSQL would walk the customers from the first one on.
        .push(") AS relationship_removed_at FROM (SELECT tenant_id, kind FROM tenants WHERE tenant_id >= ")
        .bind(from)
        .push(" ORDER BY tenant_id LIMIT ")
        .bind(limit)
        .push(") t LEFT JOIN customers c ON c.tenant_id = t.tenant_id \
              LEFT JOIN customer_records r ON r.customer_id = c.id AND r.partner_id = ")
        .bind(partner_id)
        .push(" LEFT JOIN reseller_relationships rr ON rr.customer_id = c.id AND rr.removed_at IS NULL AND rr.partner_id = ")
        .bind(partner_id)
        .push(" ORDER BY t.tenant_id"),
    )
}

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

/// What the partner's sources say of the customers between two tenant ids, both included, in the order of customer and source.
///
/// # Errors
/// The database's.
pub fn customer_baselines(
    conn: &mut Conn,
    partner_id: PartnerKey,
    from: &str,
    to: &str,
) -> StoreResult<Vec<StoredBaseline<CustomerKey>>> {
    conn.rows(
        &sql("SELECT b.entity_id, b.source_id, b.as_of, b.fields, b.absent_since_run FROM customers c \
              CROSS JOIN import_baselines b CROSS JOIN import_sources s WHERE b.entity = 'C' AND b.entity_id = c.id \
              AND s.id = b.source_id AND s.partner_id = ")
        .bind(partner_id)
        .push(" AND c.tenant_id >= ")
        .bind(from)
        .push(" AND c.tenant_id <= ")
        .bind(to)
        .push(" ORDER BY b.entity_id, b.source_id"),
    )
}

/// A live subscription.
#[derive(Debug, Clone, PartialEq, Eq, Queryable)]
#[allow(missing_docs)]
pub struct StoredSubscription {
    pub id: SubscriptionKey,
    pub subscription_id: String,
    pub seller_id: PartnerKey,
    pub customer_id: CustomerKey,
    pub reseller_id: Option<PartnerKey>,
    /// Since when `reseller_id` is the partner of record.
    pub partner_of_record_since: Option<NaiveDateTime>,
    /// The run that made it that.
    pub partner_of_record_run: Option<ImportRunKey>,
    /// The person who made it that.
    pub partner_of_record_by: Option<String>,
    pub offer_id: Option<String>,
    pub offer_name: Option<String>,
    pub friendly_name: Option<String>,
    pub quantity: Option<i64>,
    pub unit_type: Option<String>,
    pub status: SubscriptionStatus,
    pub billing_type: BillingType,
    pub billing_cycle: BillingCycle,
    pub term_duration: Option<TermDuration>,
    pub auto_renew_enabled: Option<bool>,
    pub creation_date: Option<NaiveDateTime>,
    pub effective_start_date: Option<NaiveDate>,
    pub commitment_end_date: Option<NaiveDate>,
    pub order_id: Option<String>,
    pub parent_subscription_id: Option<String>,
    pub is_trial: bool,
    pub partner_of_record_fixed: bool,
    pub publisher_name: Option<String>,
    pub product_type: Option<String>,
    pub version: i64,
}

/// Live subscriptions of every seller from a subscription id on.
///
/// # Errors
/// The database's.
pub fn subscriptions(conn: &mut Conn, from: &str, limit: i64) -> StoreResult<Vec<StoredSubscription>> {
    use subscriptions::dsl;
    Ok(on!(conn, c => dsl::subscriptions
        .filter(dsl::removed_at.is_null())
        .filter(dsl::subscription_id.ge(from))
        .order(dsl::subscription_id)
        .limit(limit)
        .select((
            dsl::id, dsl::subscription_id, dsl::seller_id, dsl::customer_id, dsl::reseller_id,
            dsl::partner_of_record_since, dsl::partner_of_record_run, dsl::partner_of_record_by, dsl::offer_id,
            dsl::offer_name, dsl::friendly_name, dsl::quantity, dsl::unit_type, dsl::status, dsl::billing_type,
            dsl::billing_cycle, dsl::term_duration, dsl::auto_renew_enabled, dsl::creation_date,
            dsl::effective_start_date, dsl::commitment_end_date, dsl::order_id, dsl::parent_subscription_id,
            dsl::is_trial, dsl::partner_of_record_fixed, dsl::publisher_name, dsl::product_type, dsl::version,
        ))
        .load::<StoredSubscription>(c))?)
}

/// The ids of live subscriptions that other partners sold, from one id on.
///
/// # Errors
/// The database's.
pub fn foreign_subscriptions(
    conn: &mut Conn,
    partner_id: PartnerKey,
    from: &str,
    limit: i64,
) -> StoreResult<Vec<String>> {
    use subscriptions::dsl;
    Ok(on!(conn, c => dsl::subscriptions
        .filter(dsl::removed_at.is_null())
        .filter(dsl::seller_id.ne(partner_id))
        .filter(dsl::subscription_id.ge(from))
        .order(dsl::subscription_id)
        .limit(limit)
        .select(dsl::subscription_id)
        .load::<String>(c))?)
}

/// What all sources say of the live subscriptions between two ids, both included, in the order of subscription and source.
///
/// # Errors
/// The database's.
pub fn subscription_baselines(
    conn: &mut Conn,
    from: &str,
    to: &str,
) -> StoreResult<Vec<StoredBaseline<SubscriptionKey>>> {
    conn.rows(
        &sql("SELECT b.entity_id, b.source_id, b.as_of, b.fields, b.absent_since_run FROM subscriptions s \
              CROSS JOIN import_baselines b WHERE b.entity = 'S' AND b.entity_id = s.id AND s.removed_at IS NULL AND s.subscription_id >= ")
        .bind(from)
        .push(" AND s.subscription_id <= ")
        .bind(to)
        .push(" ORDER BY b.entity_id, b.source_id"),
    )
}

/// The customers to whom a partner sold subscriptions that passed seats to one another, by what any source says.
///
/// # Errors
/// The database's.
pub fn customers_with_moves(conn: &mut Conn, partner_id: PartnerKey) -> StoreResult<Vec<CustomerKey>> {
    #[derive(QueryableByName)]
    struct Customer {
        #[diesel(sql_type = BigInt)]
        customer_id: CustomerKey,
    }
    // As the index `import_baselines_moves` has it.
    let moves = match conn.backend() {
        Backend::Sqlite => "instr(b.fields, '\"m\":true') > 0",
        Backend::Postgres => "strpos(b.fields, '\"m\":true') > 0",
    };
    let statement = sql(
        "SELECT DISTINCT s.customer_id FROM import_baselines b CROSS JOIN subscriptions s WHERE b.entity = 'S' AND ",
    )
    .push(moves)
    .push(" AND s.id = b.entity_id AND s.removed_at IS NULL AND s.seller_id = ")
    .bind(partner_id)
    .push(" ORDER BY s.customer_id");
    Ok(conn.rows::<Customer>(&statement)?.into_iter().map(|row| row.customer_id).collect())
}

/// The live subscriptions that a partner sold to a customer, by their ids, and what its sources say of each.
///
/// # Errors
/// The database's.
pub fn subscriptions_of(
    conn: &mut Conn,
    partner_id: PartnerKey,
    customer_id: CustomerKey,
) -> StoreResult<Vec<(String, Vec<StoredBaseline<SubscriptionKey>>)>> {
    use subscriptions::dsl;
    let rows: Vec<(SubscriptionKey, String)> = on!(conn, c => dsl::subscriptions
        .filter(dsl::removed_at.is_null())
        .filter(dsl::seller_id.eq(partner_id))
        .filter(dsl::customer_id.eq(customer_id))
        .order(dsl::subscription_id)
        .select((dsl::id, dsl::subscription_id))
        .load::<(SubscriptionKey, String)>(c))?;
    let mut found = Vec::with_capacity(rows.len());
    for (id, subscription_id) in rows {
        let baselines = conn.rows(
            &sql("SELECT b.entity_id, b.source_id, b.as_of, b.fields, b.absent_since_run FROM import_baselines b \
                  WHERE b.entity = 'S' AND b.entity_id = ")
            .bind(id)
            .push(" ORDER BY b.source_id"),
        )?;
        found.push((subscription_id, baselines));
    }
    Ok(found)
}

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

/// The entitlements of the live subscriptions between two subscription ids, both included, in the order of subscription id and
/// entitlement id.
///
/// # Errors
/// The database's.
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

/// The customers of which a source spoke, from a tenant id on.
///
/// # Errors
/// The database's.
pub fn listed_customers(
    conn: &mut Conn,
    source_id: ImportSourceKey,
    after: &str,
    limit: i64,
) -> StoreResult<Vec<Listed<CustomerKey>>> {
    conn.rows(
        &sql(
            "SELECT c.id AS entity_id, c.tenant_id AS key, c.tenant_id, b.as_of, b.fields, b.absent_since_run FROM customers c \
              CROSS JOIN import_baselines b WHERE b.entity = 'C' AND b.entity_id = c.id AND b.source_id = ",
        )
        .bind(source_id)
        .push(" AND c.tenant_id > ")
        .bind(after)
        .push(" ORDER BY c.tenant_id LIMIT ")
        .bind(limit),
    )
}

/// The subscriptions of which a source spoke, from a subscription id on.
///
/// # Errors
/// The database's.
pub fn listed_subscriptions(
    conn: &mut Conn,
    source_id: ImportSourceKey,
    after: &str,
    limit: i64,
) -> StoreResult<Vec<Listed<SubscriptionKey>>> {
    conn.rows(
        &sql("SELECT s.id AS entity_id, s.subscription_id AS key, c.tenant_id, b.as_of, b.fields, b.absent_since_run \
              FROM subscriptions s CROSS JOIN customers c CROSS JOIN import_baselines b WHERE c.id = s.customer_id \
              AND b.entity = 'S' AND b.entity_id = s.id AND b.source_id = ")
        .bind(source_id)
        .push(" AND s.removed_at IS NULL AND s.subscription_id > ")
        .bind(after)
        .push(" ORDER BY s.subscription_id LIMIT ")
        .bind(limit),
    )
}

/// A stored record with a domain that was asked for.
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName)]
pub struct DomainClaimant {
    /// The domain.
    #[diesel(sql_type = Text)]
    pub domain_key: String,
    /// Whose it is said to be.
    #[diesel(sql_type = Text)]
    pub tenant_id: String,
}

/// Domains that [`domain_claimants`] takes at most.
pub const DOMAINS_AT_ONCE: usize = 200;

/// The customers of the partner that claim these domains, of which there is at least one.
///
/// # Errors
/// The database's.
pub fn domain_claimants(
    conn: &mut Conn,
    partner_id: PartnerKey,
    domain_keys: &[&str],
) -> StoreResult<Vec<DomainClaimant>> {
    let mut statement =
        sql("SELECT r.domain_key, c.tenant_id FROM customer_records r JOIN customers c ON c.id = r.customer_id \
         WHERE r.partner_id = ")
        .bind(partner_id)
        .push(" AND r.domain_key IN (");
    // Filled up with the last one, so that the statement is the same however many there are.
    let last = domain_keys.last().into_iter().cycle();
    for (index, key) in domain_keys.iter().chain(last).take(DOMAINS_AT_ONCE).enumerate() {
        statement = statement.push(if index > 0 { ", " } else { "" }).bind(*key);
    }
    conn.rows(&statement.push(") ORDER BY r.domain_key, c.tenant_id"))
}

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

/// How many live subscriptions the partner sold to these customers.
///
/// # Errors
/// The database's.
pub fn count_subscriptions(conn: &mut Conn, partner_id: PartnerKey, customers: &[CustomerKey]) -> StoreResult<u64> {
    let keys = ids(conn.backend(), customers);
    let found: Option<Count> = conn.row(
        &sql("SELECT COUNT(*) AS count FROM ")
            .add(keys)
            .push(" JOIN subscriptions s ON s.customer_id = up.id WHERE s.removed_at IS NULL AND s.seller_id = ")
            .bind(partner_id),
    )?;
    Ok(found.and_then(|row| u64::try_from(row.count).ok()).unwrap_or(0))
}

/// A granular delegated-admin relationship, standing or ended.
#[derive(Debug, Clone, QueryableByName)]
#[allow(missing_docs)]
pub struct StoredGrant {
    #[diesel(sql_type = BigInt)]
    pub id: GrantKey,
    #[diesel(sql_type = BigInt)]
    pub customer_id: CustomerKey,
    #[diesel(sql_type = Text)]
    pub external_id: String,
    #[diesel(sql_type = Timestamp)]
    pub granted_at: NaiveDateTime,
    #[diesel(sql_type = Nullable<Timestamp>)]
    pub end_at: Option<NaiveDateTime>,
    #[diesel(sql_type = Nullable<Timestamp>)]
    pub revoked_at: Option<NaiveDateTime>,
}

/// All that customers granted a partner granularly.
///
/// # Errors
/// The database's.
pub fn grants(conn: &mut Conn, partner_id: PartnerKey) -> StoreResult<Vec<StoredGrant>> {
    conn.rows(
        &sql("SELECT id, customer_id, external_id, granted_at, end_at, revoked_at FROM delegated_admin_grants \
              WHERE kind = 'GDAP' AND partner_id = ")
        .bind(partner_id),
    )
}
