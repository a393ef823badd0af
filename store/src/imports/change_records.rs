//! The audit records of an import's changes. They are not stored: a record is a row of `import_changes`, read as an event
//! ([`crate::read::history`]). Stored are its id and, because that is decided when it happens, which resellers can read it.

use diesel::QueryableByName;
use diesel::sql_types::BigInt;
use partnergraph_domain::{ImportRunKey, PartnerKey};

use crate::conn::{Backend, Conn};
use crate::error::{StoreError, StoreResult};
use crate::sql::{Sql, sql};

/// The ids of the audit records of a run's changes: they come right before the run's event, so that the history, newest first, lists the
/// changes in their order below the event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ChangeRecords {
    /// The id that the change with ordinal 0 has or would have.
    of_first: i64,
}

impl ChangeRecords {
    /// Reserves the ids of this number of changes, the first of which has this ordinal. The run's event must be the next one.
    ///
    /// # Errors
    /// Any database error.
    pub fn reserve(conn: &mut Conn, (first_ordinal, count): (i64, i64)) -> StoreResult<Self> {
        Ok(Self { of_first: reserve_event_ids(conn, count)? + first_ordinal })
    }

    /// The id of the record of the change with that ordinal.
    #[must_use]
    pub fn of(self, ordinal: i64) -> i64 {
        self.of_first - ordinal
    }
}

/// Gives the changes of a run that were stored with its plan their records.
///
/// # Errors
/// Any database error.
pub fn record_planned(
    conn: &mut Conn,
    (run_id, partner_id): (ImportRunKey, PartnerKey),
    records: ChangeRecords,
) -> StoreResult<()> {
    conn.execute(
        &sql("UPDATE import_changes SET partner_id = ")
            .bind(partner_id)
            .push(", record_id = ")
            .bind(records.of_first)
            .push(" - ordinal WHERE run_id = ")
            .bind(run_id),
    )?;
    Ok(())
}

/// Reserves ids of events, and returns the last one.
fn reserve_event_ids(conn: &mut Conn, count: i64) -> StoreResult<i64> {
    #[derive(QueryableByName)]
    struct Last {
        #[diesel(sql_type = BigInt)]
        id: i64,
    }
    let last: Option<Last> = match conn.backend() {
        Backend::Sqlite => {
            conn.batch(
                "INSERT INTO sqlite_sequence (name, seq) SELECT 'audit_events', 0 \
                 WHERE NOT EXISTS (SELECT 1 FROM sqlite_sequence WHERE name = 'audit_events')",
            )?;
            conn.execute(&sql("UPDATE sqlite_sequence SET seq = seq + ").bind(count).push(" WHERE name = 'audit_events'"))?;
            conn.row(&sql("SELECT seq AS id FROM sqlite_sequence WHERE name = 'audit_events'"))?
        }
        Backend::Postgres => conn.row(
            &sql("SELECT setval(pg_get_serial_sequence('audit_events', 'id'), nextval(pg_get_serial_sequence('audit_events', 'id')) + ")
                .bind(count)
                .push(") AS id"),
        )?,
    };
    last.map(|last| last.id).ok_or(StoreError::Value { value: String::new(), expected: "ids of events" })
}

/// Stores which resellers can read the records of a run's changes from this ordinal on, with the name and domain by which they know the
/// customer: the resellers that see the subscription, as for any other change of it, and those that it was taken from. Created
/// subscriptions have no such records.
///
/// # Errors
/// Any database error.
pub fn add_viewers(
    conn: &mut Conn,
    (run_id, partner_id): (ImportRunKey, PartnerKey),
    from_ordinal: i64,
) -> StoreResult<()> {
    let changes = |viewer: &'static str, join: &'static str, key: &'static str| -> Sql {
        sql("SELECT ch.record_id, s.customer_id, ")
            .push(viewer)
            .push(" AS viewer_id FROM import_changes ch JOIN subscriptions s ON s.subscription_id = ")
            .push(key)
            .push(" AND s.removed_at IS NULL AND s.seller_id = ")
            .bind(partner_id)
            .push(join)
            .push(" WHERE ch.action <> 'CREATE' AND ch.run_id = ")
            .bind(run_id)
            .push(" AND ch.ordinal >= ")
            .bind(from_ordinal)
    };
    // Of a change of the partner of record, only the partners that it names can read anything (B-14).
    let others = " AND ch.entity = 'SUBSCRIPTION' AND ch.field <> 'partnerOfRecord'";
    let viewers = Sql::join(
        [
            changes("s.reseller_id", "", "ch.key").push(others),
            changes("s.support_contact_id", "", "ch.key").push(others),
            changes(
                "rc.reseller_id",
                " JOIN reseller_customers rc ON rc.by_account AND rc.provider_id = s.seller_id AND rc.customer_id = s.customer_id",
                "ch.key",
            )
            .push(others),
            changes("p.id", " JOIN partners p ON p.mpn_id IN (ch.before, ch.after) AND p.removed_at IS NULL", "substr(ch.key, 1, 36)")
                .push(" AND ch.entity IN ('SUBSCRIPTION', 'ENTITLEMENT') AND ch.field = 'partnerOfRecord'"),
        ],
        " UNION ",
    );
    conn.execute(
        &sql("INSERT INTO import_change_viewers (viewer_partner_id, record_id, customer_name, customer_domain) \
              SELECT x.viewer_id, x.record_id, r.company_name, r.domain FROM (")
        .add(viewers)
        .push(") x LEFT JOIN customer_records r ON r.customer_id = x.customer_id AND r.partner_id = ")
        .bind(partner_id)
        .push(" WHERE x.viewer_id IS NOT NULL AND x.viewer_id <> ")
        .bind(partner_id),
    )?;
    Ok(())
}
