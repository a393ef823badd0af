//! The partners of record that a subscription has had, including the current one.

use chrono::NaiveDateTime;
use diesel::sql_types::{BigInt, Nullable, Text, Timestamp};
use partnergraph_domain::{ImportRunKey, PartnerType, SubscriptionKey};

use crate::conn::Conn;
use crate::error::StoreResult;
use crate::read::row::row;
use crate::scope::Scope;
use crate::sql::{ids, sql};

row! {
    /// A period with a partner of record.
    pub struct PeriodRow {
        pub subscription_pk: SubscriptionKey => BigInt,
        pub mpn_id: Option<String> => Nullable<Text>,
        pub name: String => Text,
        /// The start; `None` if the period began before anything that is known.
        pub valid_from: Option<NaiveDateTime> => Nullable<Timestamp>,
        /// The end, exclusive; `None` if it continues.
        pub valid_to: Option<NaiveDateTime> => Nullable<Timestamp>,
        /// The run that made the reseller the partner of record.
        pub run_id: Option<ImportRunKey> => Nullable<BigInt>,
        /// The user who made the reseller the partner of record.
        pub set_by: Option<String> => Nullable<Text>,
    }
}

/// The periods of these subscriptions, ordered by subscription and time. The caller must already be known to see the
/// subscriptions. A reseller reads only its own periods (B-14).
///
/// # Errors
/// Any database error.
pub fn periods(conn: &mut Conn, scope: &Scope, subscription_pks: &[SubscriptionKey]) -> StoreResult<Vec<PeriodRow>> {
    let keys = || ids(conn.backend(), subscription_pks);
    let known = match scope {
        Scope::Operator | Scope::Customer { .. } => sql("1 = 1"),
        Scope::Partner { id, partner_type: PartnerType::IndirectReseller } => sql("x.reseller_id = ").bind(*id),
        Scope::Partner { .. } => sql("1 = 1"),
        Scope::Nobody => sql("1 = 0"),
    };
    let statement = sql(
        "SELECT x.subscription_pk, p.mpn_id, p.name, x.valid_from, x.valid_to, x.run_id, x.set_by FROM (\
         SELECT h.subscription_pk, h.reseller_id, h.valid_from, h.valid_to, h.run_id, h.set_by FROM ",
    )
    .add(keys())
    .push(
        " JOIN partner_of_record_history h ON h.subscription_pk = up.id UNION ALL \
         SELECT s.id, s.reseller_id, s.partner_of_record_since, NULL, s.partner_of_record_run, s.partner_of_record_by FROM ",
    )
    .add(keys())
    .push(" JOIN subscriptions s ON s.id = up.id) x JOIN partners p ON p.id = x.reseller_id WHERE ")
    .add(known)
    // The current one comes last; SQLite sorts null first and PostgreSQL last.
    .push(" ORDER BY x.subscription_pk, x.valid_to IS NULL, x.valid_to");
    conn.rows(&statement)
}
