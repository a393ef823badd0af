//! The stored periods of former partners of record, for many subscriptions at once.

use chrono::NaiveDateTime;
use diesel::QueryableByName;
use diesel::sql_types::{BigInt, Nullable, Text, Timestamp};
use partnergraph_domain::{ImportRunKey, PartnerKey, SubscriptionKey};

use crate::conn::Conn;
use crate::error::StoreResult;
use crate::sql::{ids, sql};

/// A period of a former partner of record.
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName)]
pub struct StoredPeriod {
    /// The subscription's key.
    #[diesel(sql_type = BigInt)]
    pub subscription_pk: SubscriptionKey,
    /// The partner of record.
    #[diesel(sql_type = BigInt)]
    pub reseller_id: PartnerKey,
    /// The start of the period; `None` if it began before anything that is known.
    #[diesel(sql_type = Nullable<Timestamp>)]
    pub valid_from: Option<NaiveDateTime>,
    /// The end of the period, exclusive.
    #[diesel(sql_type = Timestamp)]
    pub valid_to: NaiveDateTime,
    /// The run that made the reseller the partner of record.
    #[diesel(sql_type = Nullable<BigInt>)]
    pub run_id: Option<ImportRunKey>,
    /// The user who made the reseller the partner of record.
    #[diesel(sql_type = Nullable<Text>)]
    pub set_by: Option<String>,
}

/// What a person set.
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName)]
pub struct StoredEdit {
    /// From when on.
    #[diesel(sql_type = Timestamp)]
    pub at: NaiveDateTime,
    /// The partner of record; `None` for nobody.
    #[diesel(sql_type = Nullable<BigInt>)]
    pub reseller_id: Option<PartnerKey>,
    /// The user.
    #[diesel(sql_type = Text)]
    pub set_by: String,
    /// The move that did it.
    #[diesel(sql_type = Nullable<BigInt>)]
    pub run_id: Option<ImportRunKey>,
}

/// What people set for a subscription, ordered by time.
///
/// # Errors
/// Any database error.
pub fn edits(conn: &mut Conn, subscription_pk: SubscriptionKey) -> StoreResult<Vec<StoredEdit>> {
    conn.rows(
        &sql("SELECT pe.at, pe.reseller_id, pe.set_by, pe.run_id FROM partner_of_record_edits pe WHERE pe.subscription_pk = ")
            .bind(subscription_pk)
            .push(" ORDER BY pe.at"),
    )
}

/// The ended periods of these subscriptions, ordered by subscription key and time.
///
/// # Errors
/// Any database error.
pub fn list(conn: &mut Conn, subscription_pks: &[SubscriptionKey]) -> StoreResult<Vec<StoredPeriod>> {
    let keys = ids(conn.backend(), subscription_pks);
    conn.rows(
        &sql("SELECT h.subscription_pk, h.reseller_id, h.valid_from, h.valid_to, h.run_id, h.set_by FROM ")
            .add(keys)
            // A cross join, so that SQLite begins with the keys.
            .push(
                " CROSS JOIN partner_of_record_history h WHERE h.subscription_pk = up.id \
                 ORDER BY h.subscription_pk, h.valid_to, h.id",
            ),
    )
}

/// Deletes the ended periods of these subscriptions, so that new ones can be written.
///
/// # Errors
/// Any database error.
pub fn forget(conn: &mut Conn, subscription_pks: &[SubscriptionKey]) -> StoreResult<()> {
    let keys = ids(conn.backend(), subscription_pks);
    conn.execute(
        &sql("DELETE FROM partner_of_record_history WHERE subscription_pk IN (SELECT up.id FROM ").add(keys).push(")"),
    )?;
    Ok(())
}
