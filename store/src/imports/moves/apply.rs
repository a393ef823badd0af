//! Writes a move: all its rows at once.

use chrono::{NaiveDateTime, TimeDelta};
use diesel::prelude::*;
use partnergraph_domain::{CustomerKey, IntoEnumIterator, MovedKind, PartnerKey, SubscriptionKey};

use super::events::{Direction, Records, newest};
use super::{Move, key, moment, of, text};
use crate::conn::Conn;
use crate::error::StoreResult;
use crate::imports::derived;
use crate::schema::{partners_of_record, reseller_moves};
use crate::scope::Actor;
use crate::sql::{ids, sql};
use crate::write::history;
use crate::write::partners::label;

/// The shortest period of a partner of record.
const MOMENT: TimeDelta = TimeDelta::milliseconds(1);

/// Moves all rows of the run that are not refused, as of `now`, with derived data and history. The caller has checked that they are as planned,
/// and holds the write transaction open.
///
/// # Errors
/// Any database error.
pub fn apply(conn: &mut Conn, actor: &Actor, now: NaiveDateTime, moved: &Move) -> StoreResult<()> {
    on!(conn, c => diesel::update(reseller_moves::table.find(moved.run_id))
        .set((reseller_moves::applied_at.eq(now), reseller_moves::applied_by.eq(&actor.user_principal_name)))
        .execute(c))?;
    conn.execute(
        &sql("UPDATE reseller_move_items SET moved_at = ")
            .bind(now)
            .push(" WHERE refusal IS NULL AND kind <> 'MATCHED' AND run_id = ")
            .bind(moved.run_id),
    )?;
    // Otherwise PostgreSQL assumes that hardly any row is moved, and joins row by row.
    derived::analyse(conn, &["reseller_move_items"])?;
    let labels = (label(conn, moved.to)?, label(conn, Some(moved.from))?);
    let records = Records { moved, actor, now, direction: Direction::Forth, newest: newest(conn)?, labels };
    for kind in MovedKind::iter() {
        records.write(conn, kind)?;
    }
    partners_of_record(conn, actor, now, moved)?;
    support_contacts_and_entitlements(conn, now, moved, (moved.to, " AND i.moved_at IS NOT NULL"))?;
    accounts(conn, now, moved)?;
    lift(conn, moved)?;
    let touched = touched(conn, moved)?;
    derived::refresh(conn, &touched)?;
    for kind in MovedKind::iter() {
        records.write_gained(conn, kind)?;
    }
    Records::finish(conn)
}

/// Writes the support contacts and the partners of record of entitlements, and increases the version of each subscription once, whatever
/// of it is moved, as one edit would.
pub(super) fn support_contacts_and_entitlements(
    conn: &mut Conn,
    now: NaiveDateTime,
    moved: &Move,
    (reseller, done): (Option<PartnerKey>, &'static str),
) -> StoreResult<()> {
    let rows =
        |kind| sql("(SELECT i.entity_id FROM reseller_move_items i WHERE ").add(of(moved.run_id, kind)).push(done);
    conn.execute(
        &sql("UPDATE subscriptions SET support_contact_id = ")
            .bind(reseller)
            .push(" WHERE id IN ")
            .add(rows(MovedKind::SupportContact))
            .push(")"),
    )?;
    conn.execute(
        &sql("UPDATE subscriptions SET version = version + 1, updated_at = ")
            .bind(now)
            .push(" WHERE id IN ")
            .add(rows(MovedKind::PartnerOfRecord))
            .push(" UNION SELECT i.entity_id FROM reseller_move_items i WHERE ")
            .add(of(moved.run_id, MovedKind::SupportContact))
            .push(done)
            .push(")"),
    )?;
    conn.execute(
        &sql("UPDATE entitlements SET reseller_id = ")
            .bind(reseller)
            .push(", version = version + 1, updated_at = ")
            .bind(now)
            .push(" WHERE id IN ")
            .add(rows(MovedKind::Entitlement))
            .push(")"),
    )?;
    Ok(())
}

/// The customers of which something is moved.
pub(super) fn touched(conn: &mut Conn, moved: &Move) -> StoreResult<Vec<CustomerKey>> {
    super::plan::customers(conn, moved.run_id)
}

/// Ends the period of the reseller on each subscription, and begins that of the new one. Where a statement is dated later than now, an edit is
/// later still, as in every other change (see [`history::set_after`]).
fn partners_of_record(conn: &mut Conn, actor: &Actor, now: NaiveDateTime, moved: &Move) -> StoreResult<()> {
    let rows = || of(moved.run_id, MovedKind::PartnerOfRecord).push(" AND i.moved_at IS NOT NULL");
    let later = sql("SELECT s.id FROM reseller_move_items i JOIN subscriptions s ON s.id = i.entity_id WHERE ")
        .add(rows())
        .push(" AND (s.partner_of_record_since >= ")
        .bind(now)
        .push(" OR EXISTS (SELECT 1 FROM partner_of_record_history h WHERE h.subscription_pk = s.id AND h.valid_to > ")
        .bind(now)
        .push("))");
    let later: Vec<SubscriptionKey> = conn.keys(&later)?;
    let backend = conn.backend();
    for pk in &later {
        let at = history::set_after(conn, *pk, (moved.to, &actor.user_principal_name), (now, MOMENT))?;
        if moved.to.is_some() {
            on!(conn, c => diesel::update(partners_of_record::table.find(*pk))
                .set(partners_of_record::partner_of_record_run.eq(moved.run_id))
                .execute(c))?;
        }
        conn.execute(
            &sql("UPDATE reseller_move_items SET moved_at = ")
                .bind(at)
                .push(" WHERE kind = 'PARTNER_OF_RECORD' AND run_id = ")
                .bind(moved.run_id)
                .push(" AND entity_id = ")
                .bind(*pk),
        )?;
    }
    let at_once = || {
        let rows = rows();
        if later.is_empty() {
            return rows;
        }
        rows.push(" AND i.entity_id NOT IN (SELECT up.id FROM ").add(ids(backend, &later)).push(")")
    };
    let at = moment(backend, now);
    conn.execute(
        &sql("INSERT INTO partner_of_record_history (subscription_pk, reseller_id, valid_from, valid_to, run_id, set_by) \
              SELECT s.id, s.reseller_id, s.partner_of_record_since, ")
        .add(at)
        .push(
            ", s.partner_of_record_run, s.partner_of_record_by FROM reseller_move_items i JOIN subscriptions s ON s.id = i.entity_id WHERE ",
        )
        .add(at_once()),
    )?;
    conn.execute(
        &sql("INSERT INTO partner_of_record_edits (subscription_pk, at, reseller_id, set_by, run_id) SELECT i.entity_id, i.moved_at, ")
            .add(key(moved.to))
            .push(", ")
            .add(text(Some(&actor.user_principal_name)))
            .push(", i.run_id FROM reseller_move_items i WHERE ")
            .add(rows())
            .push(
                " ON CONFLICT (subscription_pk, at) DO UPDATE SET reseller_id = excluded.reseller_id, set_by = excluded.set_by, \
                 run_id = excluded.run_id",
            ),
    )?;
    let begins = moved.to.is_some();
    conn.execute(
        &sql("UPDATE subscriptions SET reseller_id = ")
            .bind(moved.to)
            .push(", partner_of_record_since = ")
            .bind(begins.then_some(now))
            .push(", partner_of_record_run = ")
            .bind(begins.then_some(moved.run_id))
            .push(", partner_of_record_by = ")
            .bind(begins.then(|| actor.user_principal_name.clone()))
            .push(" WHERE id IN (SELECT i.entity_id FROM reseller_move_items i WHERE ")
            .add(at_once())
            .push(")"),
    )?;
    Ok(())
}

/// Ends the associations, and begins those of the new reseller, which is no tenant owner (N-10).
fn accounts(conn: &mut Conn, now: NaiveDateTime, moved: &Move) -> StoreResult<()> {
    let rows = || of(moved.run_id, MovedKind::Account).push(" AND i.moved_at IS NOT NULL");
    conn.execute(
        &sql("UPDATE customer_associations SET removed_at = ")
            .bind(now)
            .push(" WHERE id IN (SELECT i.entity_id FROM reseller_move_items i WHERE ")
            .add(rows())
            .push(")"),
    )?;
    if let Some(to) = moved.to {
        let at = moment(conn.backend(), now);
        conn.execute(
            &sql("INSERT INTO customer_associations (provider_id, customer_id, reseller_id, since, tenant_owner) SELECT ")
                .add(key(Some(moved.provider_id)))
                .push(", i.customer_id, ")
                .add(key(Some(to)))
                .push(", ")
                .add(at)
                .push(
                    ", false FROM reseller_move_items i WHERE NOT EXISTS (SELECT 1 FROM customer_associations a \
                     WHERE a.customer_id = i.customer_id AND a.removed_at IS NULL AND a.provider_id = ",
                )
                .bind(moved.provider_id)
                .push(" AND a.reseller_id = ")
                .bind(to)
                .push(") AND ")
                .add(rows()),
        )?;
    }
    touch_records(conn, now, moved.provider_id, &rows())
}

/// The account of a customer belongs to the provider's record of it, whose version a change of its resellers increases.
pub(super) fn touch_records(
    conn: &mut Conn,
    now: NaiveDateTime,
    provider_id: PartnerKey,
    rows: &crate::sql::Sql,
) -> StoreResult<()> {
    conn.execute(
        &sql("UPDATE customer_records SET version = version + 1, updated_at = ")
            .bind(now)
            .push(" WHERE partner_id = ")
            .bind(provider_id)
            .push(" AND customer_id IN (SELECT i.customer_id FROM reseller_move_items i WHERE ")
            .add(rows.clone())
            .push(")"),
    )?;
    Ok(())
}

/// The provider itself assigns the new reseller, so the customers no longer wait for an invitation (C-25).
fn lift(conn: &mut Conn, moved: &Move) -> StoreResult<()> {
    let Some(to) = moved.to else { return Ok(()) };
    conn.execute(
        &sql("UPDATE reseller_move_items SET awaited_since = (SELECT w.since FROM awaiting_invitation w WHERE w.reseller_id = ")
            .bind(to)
            .push(" AND w.customer_id = reseller_move_items.customer_id) WHERE moved_at IS NOT NULL AND run_id = ")
            .bind(moved.run_id)
            .push(" AND customer_id IN (SELECT w.customer_id FROM awaiting_invitation w WHERE w.reseller_id = ")
            .bind(to)
            .push(")"),
    )?;
    conn.execute(
        &sql("DELETE FROM awaiting_invitation WHERE reseller_id = ")
            .bind(to)
            .push(" AND customer_id IN (SELECT i.customer_id FROM reseller_move_items i WHERE i.awaited_since IS NOT NULL AND i.run_id = ")
            .bind(moved.run_id)
            .push(")"),
    )?;
    Ok(())
}
