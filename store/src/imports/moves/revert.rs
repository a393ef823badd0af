//! Moves back what a run moved, where it is still as the run left it.

use chrono::NaiveDateTime;
use diesel::QueryableByName;
use diesel::sql_types::{BigInt, Text};
use partnergraph_domain::{IntoEnumIterator, MovedKind};

use super::apply::{support_contacts_and_entitlements, touch_records, touched};
use super::events::{Direction, Records, newest};
use super::{Move, of};
use crate::conn::Conn;
use crate::error::StoreResult;
use crate::imports::derived;
use crate::scope::Actor;
use crate::sql::{Sql, sql};
use crate::write::partners::label;

/// A row that stays as it is, because it has changed since the run.
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName)]
pub struct Kept {
    /// What was moved.
    #[diesel(sql_type = Text)]
    pub kind: MovedKind,
    /// The subscription id, with the entitlement's if it is one, or the tenant id of an account.
    #[diesel(sql_type = Text)]
    pub key: String,
}

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

/// Moves back what is still as the run left it. `next` is the next place in the run's list of changes. Returns how much that is, how much stays, and the first of what stays.
///
/// # Errors
/// Any database error.
pub fn revert(
    conn: &mut Conn,
    actor: &Actor,
    now: NaiveDateTime,
    (moved, next, limit): (&Move, i64, i64),
) -> StoreResult<(u64, u64, Vec<Kept>)> {
    let mut restored = 0;
    for kind in MovedKind::iter() {
        restored += mark(conn, moved, kind)?;
    }
    derived::analyse(conn, &["reseller_move_items"])?;
    let labels = (label(conn, moved.to)?, label(conn, Some(moved.from))?);
    let records = Records { moved, actor, now, direction: Direction::Back, newest: newest(conn)?, labels };
    for kind in MovedKind::iter() {
        records.write(conn, kind)?;
    }
    partners_of_record(conn, moved)?;
    support_contacts_and_entitlements(conn, now, moved, (Some(moved.from), " AND i.reverted"))?;
    accounts(conn, now, moved)?;
    await_again(conn, moved)?;
    let touched = touched(conn, moved)?;
    derived::refresh(conn, &touched)?;
    for kind in MovedKind::iter() {
        records.write_gained(conn, kind)?;
    }
    Records::finish(conn)?;
    note(conn, moved, next)?;
    let (kept, first) = kept(conn, moved, limit)?;
    Ok((restored, kept, first))
}

/// `column` is still the reseller that gained, or still empty.
fn still(moved: &Move, column: &str) -> Sql {
    match moved.to {
        Some(to) => sql(format!("{column} = ")).bind(to),
        None => sql(format!("{column} IS NULL")),
    }
}

/// Marks the rows of a kind that are still as the run left them.
fn mark(conn: &mut Conn, moved: &Move, kind: MovedKind) -> StoreResult<u64> {
    let stands = match kind {
        MovedKind::Matched => return Ok(0),
        // The period that the run ended is the last one, and the run's own still goes on.
        MovedKind::PartnerOfRecord => {
            let begins = if moved.to.is_some() { " AND s.partner_of_record_since = i.moved_at" } else { "" };
            sql("EXISTS (SELECT 1 FROM subscriptions s JOIN partner_of_record_history h ON h.subscription_pk = s.id AND h.reseller_id = ")
                .bind(moved.from)
                .push(" WHERE s.id = i.entity_id AND h.valid_to = i.moved_at AND s.removed_at IS NULL AND ")
                .add(still(moved, "s.reseller_id"))
                .push(begins)
                .push(
                    " AND NOT EXISTS (SELECT 1 FROM partner_of_record_history later WHERE later.subscription_pk = s.id \
                     AND later.valid_to > i.moved_at))",
                )
        }
        MovedKind::SupportContact => {
            sql("EXISTS (SELECT 1 FROM subscriptions s WHERE s.id = i.entity_id AND s.removed_at IS NULL AND ")
                .add(still(moved, "s.support_contact_id"))
                .push(")")
        }
        MovedKind::Entitlement => sql("EXISTS (SELECT 1 FROM entitlements e WHERE e.id = i.entity_id AND ")
            .add(still(moved, "e.reseller_id"))
            .push(")"),
        MovedKind::Account => {
            let stands = sql("EXISTS (SELECT 1 FROM customer_associations a WHERE a.id = i.entity_id AND a.removed_at = i.moved_at) \
                 AND NOT EXISTS (SELECT 1 FROM customer_associations a WHERE a.customer_id = i.customer_id AND a.removed_at IS NULL \
                 AND a.provider_id = ")
            .bind(moved.provider_id)
            .push(" AND a.reseller_id = ")
            .bind(moved.from)
            .push(")");
            match moved.to {
                // Neither removed nor made a tenant owner since.
                Some(to) => stands
                    .push(" AND EXISTS (SELECT 1 FROM customer_associations a WHERE a.customer_id = i.customer_id AND a.removed_at IS NULL \
                           AND (a.since <> i.moved_at OR NOT a.tenant_owner) AND a.provider_id = ")
                    .bind(moved.provider_id)
                    .push(" AND a.reseller_id = ")
                    .bind(to)
                    .push(")"),
                None => stands,
            }
        }
    };
    // The table under its alias, because both databases know no other name for the row in the subqueries.
    let marked = conn.execute(
        &sql("UPDATE reseller_move_items SET reverted = true WHERE run_id = ")
            .bind(moved.run_id)
            .push(" AND ordinal IN (SELECT i.ordinal FROM reseller_move_items i WHERE ")
            .add(of(moved.run_id, kind))
            .push(" AND i.moved_at IS NOT NULL AND ")
            .add(stands)
            .push(")"),
    )?;
    Ok(marked as u64)
}

/// Opens the period again that the run ended.
fn partners_of_record(conn: &mut Conn, moved: &Move) -> StoreResult<()> {
    let rows = || of(moved.run_id, MovedKind::PartnerOfRecord).push(" AND i.reverted");
    let ended = |column: &str| {
        sql(format!(
            "(SELECT h.{column} FROM partner_of_record_history h JOIN reseller_move_items i ON i.entity_id = h.subscription_pk \
             AND i.moved_at = h.valid_to WHERE h.subscription_pk = subscriptions.id AND h.reseller_id = "
        ))
        .bind(moved.from)
        .push(" AND ")
        .add(rows())
        .push(" ORDER BY h.id DESC LIMIT 1)")
    };
    conn.execute(
        &sql("UPDATE subscriptions SET reseller_id = ")
            .bind(moved.from)
            .push(", partner_of_record_since = ")
            .add(ended("valid_from"))
            .push(", partner_of_record_run = ")
            .add(ended("run_id"))
            .push(", partner_of_record_by = ")
            .add(ended("set_by"))
            .push(" WHERE id IN (SELECT i.entity_id FROM reseller_move_items i WHERE ")
            .add(rows())
            .push(")"),
    )?;
    conn.execute(
        &sql("DELETE FROM partner_of_record_edits WHERE run_id = ")
            .bind(moved.run_id)
            .push(" AND subscription_pk IN (SELECT i.entity_id FROM reseller_move_items i WHERE ")
            .add(rows())
            .push(")"),
    )?;
    conn.execute(
        &sql("DELETE FROM partner_of_record_history WHERE subscription_pk IN (SELECT i.entity_id FROM reseller_move_items i WHERE ")
            .add(rows())
            .push(") AND reseller_id = ")
            .bind(moved.from)
            .push(" AND EXISTS (SELECT 1 FROM reseller_move_items i WHERE i.entity_id = partner_of_record_history.subscription_pk \
                   AND i.moved_at = partner_of_record_history.valid_to AND ")
            .add(rows())
            .push(")"),
    )?;
    Ok(())
}

/// Deletes the associations that the run began, and lets those go on that it ended.
fn accounts(conn: &mut Conn, now: NaiveDateTime, moved: &Move) -> StoreResult<()> {
    let rows = || of(moved.run_id, MovedKind::Account).push(" AND i.reverted");
    if let Some(to) = moved.to {
        conn.execute(
            &sql("DELETE FROM customer_associations WHERE provider_id = ")
                .bind(moved.provider_id)
                .push(" AND reseller_id = ")
                .bind(to)
                .push(
                    " AND removed_at IS NULL AND since = (SELECT m.applied_at FROM reseller_moves m WHERE m.run_id = ",
                )
                .bind(moved.run_id)
                .push(") AND customer_id IN (SELECT i.customer_id FROM reseller_move_items i WHERE ")
                .add(rows())
                .push(")"),
        )?;
    }
    conn.execute(
        &sql("UPDATE customer_associations SET removed_at = NULL WHERE id IN (SELECT i.entity_id FROM reseller_move_items i WHERE ")
            .add(rows())
            .push(")"),
    )?;
    touch_records(conn, now, moved.provider_id, &rows())
}

/// The reseller waits again for an invitation to the customers that the run showed to it, unless it keeps something of them.
fn await_again(conn: &mut Conn, moved: &Move) -> StoreResult<()> {
    let Some(to) = moved.to else { return Ok(()) };
    conn.execute(
        &sql("INSERT INTO awaiting_invitation (reseller_id, customer_id, since) SELECT ")
            .add(super::key(Some(to)))
            .push(
                ", i.customer_id, MAX(i.awaited_since) FROM reseller_move_items i WHERE i.awaited_since IS NOT NULL AND i.run_id = ",
            )
            .bind(moved.run_id)
            .push(" GROUP BY i.customer_id HAVING COUNT(CASE WHEN i.reverted THEN NULL ELSE 1 END) = 0 ON CONFLICT DO NOTHING"),
    )?;
    Ok(())
}

/// A line of the run's history for each row that is moved back, from that place on.
fn note(conn: &mut Conn, moved: &Move, next: i64) -> StoreResult<()> {
    conn.execute(
        &sql("INSERT INTO import_changes (run_id, ordinal, entity, key, action, field, before, after) \
              SELECT ch.run_id, ch.ordinal + ")
        .add(sql("CAST(").bind(next).push(" AS BIGINT)"))
        .push(", ch.entity, ch.key, 'REVERT', \
              ch.field, ch.after, ch.before FROM (SELECT x.run_id, ROW_NUMBER() OVER (ORDER BY x.ordinal) - 1 AS place, x.reverted \
              FROM reseller_move_items x WHERE x.kind <> 'MATCHED' AND x.refusal IS NULL AND x.run_id = ")
        .bind(moved.run_id)
        .push(") i JOIN import_changes ch ON ch.run_id = i.run_id AND ch.ordinal = i.place WHERE i.reverted"),
    )?;
    Ok(())
}

fn kept(conn: &mut Conn, moved: &Move, limit: i64) -> StoreResult<(u64, Vec<Kept>)> {
    let rows = sql(" FROM reseller_move_items i WHERE i.moved_at IS NOT NULL AND NOT i.reverted AND i.run_id = ")
        .bind(moved.run_id);
    let count: Option<Count> = conn.row(&sql("SELECT COUNT(*) AS count").add(rows.clone()))?;
    let first = sql("SELECT k.kind, CASE k.kind WHEN 'ENTITLEMENT' THEN s.subscription_id || '/' || e.entitlement_id \
         WHEN 'ACCOUNT' THEN c.tenant_id ELSE COALESCE(s.subscription_id, c.tenant_id) END AS key FROM (SELECT i.*")
    .add(rows)
    .push(" ORDER BY i.ordinal LIMIT ")
    .bind(limit)
    .push(
        ") k JOIN customers c ON c.id = k.customer_id LEFT JOIN subscriptions s ON s.id = k.subscription_pk \
         LEFT JOIN entitlements e ON k.kind = 'ENTITLEMENT' AND e.id = k.entity_id ORDER BY k.ordinal",
    );
    Ok((count.map_or(0, |row| u64::try_from(row.count).unwrap_or(0)), conn.rows(&first)?))
}
