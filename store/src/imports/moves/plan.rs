//! Collects what a run is to move, and sums it up.

use chrono::NaiveDate;
use diesel::QueryableByName;
use diesel::sql_types::{BigInt, Bool, Nullable, Text};
use partnergraph_domain::{CustomerKey, ImportRunKey, MovedKind, MovedPart, PartnerKey};

use super::events::newest;
use super::{Move, of};
use crate::conn::Conn;
use crate::error::StoreResult;
use crate::imports::derived;
use crate::read::filter::{Filter, SubscriptionTerm};
use crate::read::partners::{PartnerBy, STANDING_FIRST};
use crate::scope::Scope;
use crate::sql::{Sql, sql};
use crate::write::facts::of_company;

/// How much a run is to move.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Collected {
    /// The number of rows to move.
    pub rows: u64,
    /// The newest event at that time. As long as it is the newest, nothing has changed.
    pub event: i64,
}

/// The live subscriptions of the provider on which the reseller stands as partner of record, of an entitlement too, or as support
/// contact.
fn held(of: &Move) -> Sql {
    let named = |column: &str| {
        sql("SELECT h.id FROM subscriptions h WHERE h.seller_id = ")
            .bind(of.provider_id)
            .push(format!(" AND h.status <> 'DELETED' AND h.removed_at IS NULL AND h.{column} = "))
            .bind(of.from)
    };
    named("reseller_id")
        .push(" UNION ")
        .add(named("support_contact_id"))
        .push(
            " UNION SELECT h.id FROM entitlements e JOIN subscriptions h ON h.id = e.subscription_pk \
             WHERE h.status <> 'DELETED' AND h.removed_at IS NULL AND e.reseller_id = ",
        )
        .bind(of.from)
        .push(" AND h.seller_id = ")
        .bind(of.provider_id)
}

/// Writes the rows that the filter matches, of what the provider sees in its lists. Rows of an earlier plan of the run are replaced. An account
/// is moved only if each subscription of its customer that the reseller stands on is matched; under a filter, only if there is one.
///
/// # Errors
/// Any database error.
pub fn collect(
    conn: &mut Conn,
    moved: &Move,
    scope: &Scope,
    filter: &Filter<SubscriptionTerm>,
) -> StoreResult<Collected> {
    forget_items(conn, moved.run_id)?;
    conn.batch("CREATE TEMPORARY TABLE move_matched (subscription_pk BIGINT PRIMARY KEY)")?;
    conn.execute(
        &sql("INSERT INTO move_matched (subscription_pk) SELECT s.id FROM subscriptions s WHERE s.id IN (")
            .add(held(moved))
            .push(") AND ")
            .add(scope.sees_subscription().of("s"))
            .push(" AND ")
            .add(filter.on_subscriptions(scope).of("s")),
    )?;
    derived::analyse(conn, &["move_matched"])?;
    let mut parts = Vec::new();
    let of_subscriptions = |kind: MovedKind, column: Option<&str>| {
        let part = sql(format!(
            "SELECT '{kind}' AS kind, s.id AS entity_id, s.id AS subscription_pk, s.customer_id, s.version \
             FROM move_matched x JOIN subscriptions s ON s.id = x.subscription_pk"
        ));
        match column {
            Some(column) => part.push(format!(" WHERE s.{column} = ")).bind(moved.from),
            None => part,
        }
    };
    if moved.has(MovedPart::PartnerOfRecord) {
        parts.push(of_subscriptions(MovedKind::PartnerOfRecord, Some("reseller_id")));
        parts.push(
            sql(format!(
                "SELECT '{}' AS kind, e.id AS entity_id, e.subscription_pk, s.customer_id, e.version FROM move_matched x \
                 JOIN subscriptions s ON s.id = x.subscription_pk JOIN entitlements e ON e.subscription_pk = s.id WHERE e.reseller_id = ",
                MovedKind::Entitlement
            ))
            .bind(moved.from),
        );
    }
    if moved.has(MovedPart::SupportContact) {
        parts.push(of_subscriptions(MovedKind::SupportContact, Some("support_contact_id")));
    }
    if moved.has(MovedPart::Account) {
        parts.push(of_subscriptions(MovedKind::Matched, None));
        parts.push(accounts(moved, filter.is_everything()));
    }
    let rows = conn.execute(
        &sql("INSERT INTO reseller_move_items (run_id, ordinal, kind, entity_id, subscription_pk, customer_id, version) \
              SELECT m.run_id, ROW_NUMBER() OVER (ORDER BY u.customer_id, u.subscription_pk, u.kind, u.entity_id), u.kind, u.entity_id, \
              u.subscription_pk, u.customer_id, u.version FROM reseller_moves m CROSS JOIN (")
        .add(Sql::join(parts, " UNION ALL "))
        .push(") u WHERE m.run_id = ")
        .bind(moved.run_id),
    )?;
    let matched =
        sql("SELECT COUNT(*) AS count FROM reseller_move_items i WHERE ").add(of(moved.run_id, MovedKind::Matched));
    let matched = conn.row::<Count>(&matched)?.map_or(0, |row| row.count);
    conn.batch("DROP TABLE move_matched")?;
    derived::analyse(conn, &["reseller_move_items"])?;
    let event = newest(conn)?;
    Ok(Collected { rows: (rows as u64).saturating_sub(u64::try_from(matched).unwrap_or(0)), event })
}

/// The reseller's associations with accounts, as far as they are moved.
fn accounts(moved: &Move, of_all: bool) -> Sql {
    let unmatched = sql("NOT EXISTS (SELECT 1 FROM subscriptions o WHERE o.customer_id = a.customer_id AND o.id IN (")
        .add(held(moved))
        .push(") AND o.id NOT IN (SELECT x.subscription_pk FROM move_matched x))");
    let matched = "EXISTS (SELECT 1 FROM move_matched x JOIN subscriptions o ON o.id = x.subscription_pk WHERE o.customer_id = a.customer_id)";
    let part = sql(format!(
        "SELECT '{}' AS kind, a.id AS entity_id, CAST(NULL AS BIGINT) AS subscription_pk, a.customer_id, CAST(0 AS BIGINT) AS version \
         FROM customer_associations a JOIN reseller_relationships own ON own.partner_id = a.provider_id \
         AND own.customer_id = a.customer_id AND own.removed_at IS NULL WHERE a.removed_at IS NULL AND a.provider_id = ",
        MovedKind::Account
    ))
    .bind(moved.provider_id)
    .push(" AND a.reseller_id = ")
    .bind(moved.from)
    .push(" AND ")
    .add(unmatched);
    if of_all { part } else { part.push(" AND ").push(matched) }
}

/// The reseller that the provider names as the one that loses, by an account that it sees, or with which it has or had a partnership. An
/// MPN ID also names the company that has it as global or other location ID, as in [`crate::write::facts::named_partner`].
///
/// # Errors
/// Any database error.
pub fn loser(
    conn: &mut Conn,
    scope: &Scope,
    provider_id: PartnerKey,
    key: PartnerBy,
) -> StoreResult<Option<PartnerKey>> {
    let mut conditions = vec![key.condition()];
    if let PartnerBy::Mpn(mpn_id) = key {
        conditions.push(of_company(mpn_id));
    }
    for condition in conditions {
        let statement = sql("SELECT p.id FROM partners p WHERE p.removed_at IS NULL AND ")
            .add(condition)
            .push(" AND (EXISTS (SELECT 1 FROM partnerships ps WHERE ps.reseller_id = p.id AND ps.provider_id = ")
            .bind(provider_id)
            .push(") OR (")
            .add(scope.sees_partner().of("p"))
            .push(")) ORDER BY CASE WHEN p.partner_type = 'INDIRECT_RESELLER' THEN 0 ELSE 1 END, ")
            .push(STANDING_FIRST)
            .push(" LIMIT 1");
        if let Some(found) = conn.keys(&statement)?.pop() {
            return Ok(Some(found));
        }
    }
    Ok(None)
}

/// Whether the reseller now stands on another subscription of a customer whose account is moved, which the filter did not match.
///
/// # Errors
/// Any database error.
pub fn matches_more(conn: &mut Conn, moved: &Move) -> StoreResult<bool> {
    let statement = sql("SELECT COUNT(*) AS count FROM subscriptions o WHERE o.id IN (")
        .add(held(moved))
        .push(") AND o.customer_id IN (SELECT i.customer_id FROM reseller_move_items i WHERE ")
        .add(of(moved.run_id, MovedKind::Account))
        .push(") AND o.id NOT IN (SELECT i.entity_id FROM reseller_move_items i WHERE ")
        .add(of(moved.run_id, MovedKind::Matched))
        .push(")");
    Ok(conn.row::<Count>(&statement)?.is_some_and(|row| row.count > 0))
}

/// Deletes the rows of a run's plan.
///
/// # Errors
/// Any database error.
pub fn forget_items(conn: &mut Conn, run_id: ImportRunKey) -> StoreResult<()> {
    conn.execute(&sql("DELETE FROM reseller_move_items WHERE run_id = ").bind(run_id))?;
    Ok(())
}

/// Records that a rule refuses a row.
///
/// # Errors
/// Any database error.
pub fn refuse(
    conn: &mut Conn,
    run_id: ImportRunKey,
    ordinal: i64,
    rule: Option<&str>,
    message: &str,
) -> StoreResult<()> {
    conn.execute(
        &sql("UPDATE reseller_move_items SET rule = ")
            .bind(rule.map(str::to_owned))
            .push(", refusal = ")
            .bind(message.to_owned())
            .push(" WHERE run_id = ")
            .bind(run_id)
            .push(" AND ordinal = ")
            .bind(ordinal),
    )?;
    Ok(())
}

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

/// The places of the rows that the plan refuses, in order.
///
/// # Errors
/// Any database error.
pub fn refused(conn: &mut Conn, run_id: ImportRunKey) -> StoreResult<Vec<i64>> {
    let statement =
        sql("SELECT i.ordinal AS count FROM reseller_move_items i WHERE i.refusal IS NOT NULL AND i.run_id = ");
    let rows: Vec<Count> = conn.rows(&statement.bind(run_id).push(" ORDER BY i.ordinal"))?;
    Ok(rows.into_iter().map(|row| row.count).collect())
}

/// Writes the run's list of changes: a line for each row that is moved. Returns their number.
///
/// # Errors
/// Any database error.
pub fn changes(conn: &mut Conn, run_id: ImportRunKey, (from, to): (&str, Option<&str>)) -> StoreResult<u64> {
    let written = conn.execute(
        &sql("INSERT INTO import_changes (run_id, ordinal, entity, key, action, field, before, after) \
              SELECT i.run_id, ROW_NUMBER() OVER (ORDER BY i.ordinal) - 1, \
              CASE i.kind WHEN 'ENTITLEMENT' THEN 'ENTITLEMENT' WHEN 'ACCOUNT' THEN 'CUSTOMER' ELSE 'SUBSCRIPTION' END, \
              CASE i.kind WHEN 'ENTITLEMENT' THEN s.subscription_id || '/' || e.entitlement_id WHEN 'ACCOUNT' THEN c.tenant_id \
              ELSE s.subscription_id END, 'UPDATE', \
              CASE i.kind WHEN 'ACCOUNT' THEN 'indirectResellers' WHEN 'SUPPORT_CONTACT' THEN 'supportContact' ELSE 'partnerOfRecord' END, ")
        .add(super::text(Some(from)))
        .push(", ")
        .add(super::text(to))
        .push(
            " FROM reseller_move_items i JOIN customers c ON c.id = i.customer_id \
             LEFT JOIN subscriptions s ON s.id = i.subscription_pk LEFT JOIN entitlements e ON i.kind = 'ENTITLEMENT' AND e.id = i.entity_id \
             WHERE i.kind <> 'MATCHED' AND i.refusal IS NULL AND i.run_id = ",
        )
        .bind(run_id),
    )?;
    Ok(written as u64)
}

/// How much of one kind a run moves or refuses.
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName)]
pub struct KindTotals {
    /// What is moved.
    #[diesel(sql_type = Text)]
    pub kind: MovedKind,
    /// Whether the rows are refused.
    #[diesel(sql_type = Bool)]
    pub refused: bool,
    /// The rule that refuses them; `None` if no rule of the catalogue does.
    #[diesel(sql_type = Nullable<Text>)]
    pub rule: Option<String>,
    /// Why they are refused, as for the first of them.
    #[diesel(sql_type = Nullable<Text>)]
    pub message: Option<String>,
    /// The number of rows.
    #[diesel(sql_type = BigInt)]
    pub rows: i64,
    /// The number of licences of their subscriptions.
    #[diesel(sql_type = BigInt)]
    pub licenses: i64,
    /// Those whose term ends by the day.
    #[diesel(sql_type = BigInt)]
    pub ending: i64,
    /// Reservations and savings plans, whose partner of record is fixed.
    #[diesel(sql_type = BigInt)]
    pub fixed: i64,
}

/// The totals by kind, and by rule for rows that are refused. `ending` counts terms that end between the two days, inclusive.
///
/// # Errors
/// Any database error.
pub fn totals(
    conn: &mut Conn,
    run_id: ImportRunKey,
    (from, until): (NaiveDate, NaiveDate),
) -> StoreResult<Vec<KindTotals>> {
    let statement = sql("SELECT i.kind, i.refusal IS NOT NULL AS refused, i.rule, MIN(i.refusal) AS message, COUNT(*) AS rows, \
         CAST(COALESCE(SUM(CASE WHEN s.billing_type = 'USAGE' OR s.is_trial THEN 0 ELSE COALESCE(s.quantity, 0) END), 0) AS BIGINT) AS licenses, \
         COUNT(CASE WHEN s.commitment_end_date >= ")
    .bind(from)
    .push(" AND s.commitment_end_date <= ")
    .bind(until)
    .push(
        " THEN 1 END) AS ending, COUNT(CASE WHEN s.partner_of_record_fixed THEN 1 END) AS fixed \
         FROM reseller_move_items i LEFT JOIN subscriptions s ON s.id = i.subscription_pk WHERE i.kind <> 'MATCHED' AND i.run_id = ",
    )
    .bind(run_id)
    .push(" GROUP BY i.kind, i.refusal IS NOT NULL, i.rule ORDER BY i.kind, 2, i.rule");
    conn.rows(&statement)
}

/// The number of distinct customers of which the run moves something.
///
/// # Errors
/// Any database error.
pub fn customers(conn: &mut Conn, run_id: ImportRunKey) -> StoreResult<Vec<CustomerKey>> {
    let statement = sql("SELECT DISTINCT i.customer_id AS id FROM reseller_move_items i \
         WHERE i.kind <> 'MATCHED' AND i.refusal IS NULL AND i.run_id = ");
    conn.keys(&statement.bind(run_id).push(" ORDER BY 1"))
}
