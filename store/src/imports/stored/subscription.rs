use chrono::NaiveDateTime;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Nullable, Text, Timestamp};
use partnergraph_domain::{CustomerKey, ImportRunKey, ImportSourceKey, PartnerKey, SubscriptionKey};

use super::{Listed, StoredBaseline};
use crate::columns::SubscriptionColumns;
use crate::conn::{Backend, Conn};
use crate::error::StoreResult;
use crate::read::row::row;
use crate::schema::subscriptions;
use crate::sql::{ids, sql};

row! {
    /// A live subscription.
    pub struct StoredSubscription from s {
        pub id: SubscriptionKey => BigInt,
        pub subscription_id: String => Text,
        pub seller_id: PartnerKey => BigInt,
        pub customer_id: CustomerKey => BigInt,
        pub reseller_id: Option<PartnerKey> => Nullable<BigInt>,
        /// Since when `reseller_id` is the partner of record.
        pub partner_of_record_since: Option<NaiveDateTime> => Nullable<Timestamp>,
        /// The run that set it.
        pub partner_of_record_run: Option<ImportRunKey> => Nullable<BigInt>,
        /// The user who set it.
        pub partner_of_record_by: Option<String> => Nullable<Text>,
        pub version: i64 => BigInt,
        ..pub columns: SubscriptionColumns,
    }
}

/// Live subscriptions of all sellers, from a subscription id on.
///
/// # Errors
/// Any database error.
pub fn subscriptions(conn: &mut Conn, from: &str, limit: i64) -> StoreResult<Vec<StoredSubscription>> {
    conn.rows(
        &sql("SELECT ")
            .push(StoredSubscription::selected())
            .push(" FROM subscriptions s WHERE s.removed_at IS NULL AND s.subscription_id >= ")
            .bind(from)
            .push(" ORDER BY s.subscription_id LIMIT ")
            .bind(limit),
    )
}

/// The ids of live subscriptions that other partners sold, from an id on.
///
/// # Errors
/// Any database error.
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

/// The baselines of all sources for the live subscriptions between two ids, inclusive, ordered by subscription and source.
///
/// # Errors
/// Any database error.
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

/// The customers to whom the partner sold subscriptions that moved seats to one another, according to any source.
///
/// # Errors
/// Any database error.
pub fn customers_with_moves(conn: &mut Conn, partner_id: PartnerKey) -> StoreResult<Vec<CustomerKey>> {
    #[derive(QueryableByName)]
    struct Customer {
        #[diesel(sql_type = BigInt)]
        customer_id: CustomerKey,
    }
    // Must match the index `import_baselines_moves`.
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

/// The live subscriptions that the partner sold to a customer, by id, with the baselines of its sources.
///
/// # Errors
/// Any database error.
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

/// The subscriptions that a source has listed, from a subscription id on.
///
/// # Errors
/// Any database error.
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

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

/// The number of live subscriptions that the partner sold to these customers.
///
/// # Errors
/// Any database error.
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
