//! The stored periods of partners of record that are over, of many subscriptions at once.

use chrono::NaiveDateTime;
use diesel::QueryableByName;
use diesel::sql_types::{BigInt, Nullable, Text, Timestamp};
use partnergraph_domain::{ImportRunKey, PartnerKey, SubscriptionKey};

use crate::conn::Conn;
use crate::error::StoreResult;
use crate::sql::{ids, sql};

/// A period of a partner of record that is over.
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName)]
pub struct StoredPeriod {
    /// The subscription's key.
    #[diesel(sql_type = BigInt)]
    pub subscription_pk: SubscriptionKey,
    /// Who it was.
    #[diesel(sql_type = BigInt)]
    pub reseller_id: PartnerKey,
    /// The first moment; `None` if the period began before anything that is known.
    #[diesel(sql_type = Nullable<Timestamp>)]
    pub valid_from: Option<NaiveDateTime>,
    /// The first moment after it.
    #[diesel(sql_type = Timestamp)]
    pub valid_to: NaiveDateTime,
    /// The run that made the reseller the partner of record.
    #[diesel(sql_type = Nullable<BigInt>)]
    pub run_id: Option<ImportRunKey>,
    /// The person who made the reseller the partner of record.
    #[diesel(sql_type = Nullable<Text>)]
    pub set_by: Option<String>,
}

/// The periods that are over of these subscriptions, in the order of the subscriptions' keys and of time.
///
/// # Errors
/// The database's.
pub fn list(conn: &mut Conn, subscription_pks: &[SubscriptionKey]) -> StoreResult<Vec<StoredPeriod>> {
    let keys = ids(conn.backend(), subscription_pks);
    conn.rows(
        &sql("SELECT h.subscription_pk, h.reseller_id, h.valid_from, h.valid_to, h.run_id, h.set_by FROM ")
            .add(keys)
            // A cross join, for SQLite to begin with the keys.
            .push(
                " CROSS JOIN partner_of_record_history h WHERE h.subscription_pk = up.id \
                 ORDER BY h.subscription_pk, h.valid_to, h.id",
            ),
    )
}

/// Deletes the periods that are over of these subscriptions, so that new ones can be written.
///
/// # Errors
/// The database's.
pub fn forget(conn: &mut Conn, subscription_pks: &[SubscriptionKey]) -> StoreResult<()> {
    let keys = ids(conn.backend(), subscription_pks);
    conn.execute(
        &sql("DELETE FROM partner_of_record_history WHERE subscription_pk IN (SELECT up.id FROM ").add(keys).push(")"),
    )?;
    Ok(())
}
