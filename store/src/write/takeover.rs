//! An account takes over the placeholder that imports created for its MPN ID (E-04, C-24, C-25).
//!
//! Everything that refers to the placeholder refers to the account afterwards, and the placeholder is deleted. Duplicates are
//! resolved so that nothing in force is lost: an active partnership takes precedence over any other.

use chrono::NaiveDateTime;
use diesel::QueryableByName;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Nullable, Text, Timestamp};
use partnergraph_domain::rules::invitation::c_24_appears_on_enrolment;
use partnergraph_domain::{
    CustomerKey, OperationType, PartnerKey, PartnerType, PartnershipKey, PartnershipState, PortalFamily,
};

use super::{Change, Event, Viewer, record};
use crate::conn::Conn;
use crate::derive;
use crate::error::StoreResult;
use crate::schema::{awaiting_invitation, partners, partnerships};
use crate::scope::Actor;
use crate::sql::sql;

/// The placeholder and the account that takes it over.
#[derive(Debug, Clone, Copy)]
struct Move {
    from: PartnerKey,
    to: PartnerKey,
    now: NaiveDateTime,
}

/// Moves everything that refers to the placeholder with the account's MPN ID, if there is one, to the account.
///
/// # Errors
/// Any database error.
pub(super) fn take_over(conn: &mut Conn, actor: &Actor, now: NaiveDateTime, account_id: PartnerKey) -> StoreResult<()> {
    let (mpn_id, partner_type, name): (Option<String>, PartnerType, String) = on!(conn, c => partners::table
        .find(account_id)
        .select((partners::mpn_id, partners::partner_type, partners::name))
        .first(c))?;
    let Some(mpn_id) = mpn_id.filter(|_| partner_type == PartnerType::IndirectReseller) else {
        return Ok(());
    };
    let placeholder: Option<(PartnerKey, String)> = on!(conn, c => partners::table
        .filter(
            partners::mpn_id.eq(&mpn_id)
                .and(partners::partner_type.eq(partner_type))
                .and(partners::tenant_id.is_null())
                .and(partners::onboarded.eq(false))
                .and(partners::removed_at.is_null()))
        .select((partners::id, partners::name))
        .first(c)
        .optional())?;
    let Some((from, called)) = placeholder else { return Ok(()) };
    let moving = Move { from, to: account_id, now };
    let touched = customers(conn, moving)?;
    let mut viewers: Vec<Viewer> = sellers(conn, moving)?.into_iter().map(Viewer::Partner).collect();
    keep_waiting(conn, moving)?;
    partnerships_of(conn, moving)?;
    associations(conn, moving)?;
    customer_facts(conn, moving)?;
    plain_references(conn, moving)?;
    on!(conn, c => diesel::update(partners::table.find(from))
        .set((
            partners::removed_at.eq(now),
            partners::version.eq(partners::version + 1),
            partners::updated_at.eq(now),
        ))
        .execute(c))?;
    derive::refresh_customers(conn, &touched)?;
    let mut event = Event::succeeded(OperationType::UpdatePartner);
    event.partner_id = Some(account_id);
    viewers.push(Viewer::Partner(account_id));
    event.viewers = viewers;
    event.changes = [
        Change::of("name", Some(called), Some(name)),
        Change::of("status.onboarded", Some("false".to_owned()), Some("true".to_owned())),
    ]
    .into_iter()
    .flatten()
    .collect();
    record(conn, actor, now, &event)?;
    Ok(())
}

/// The customers of either account, whose derived data is recomputed.
fn customers(conn: &mut Conn, Move { from, to, .. }: Move) -> StoreResult<Vec<CustomerKey>> {
    let statement = sql("SELECT s.customer_id AS id FROM subscriptions s WHERE s.reseller_id = ")
        .bind(from)
        .push(" OR s.support_contact_id = ")
        .bind(from)
        .push(
            " UNION SELECT s.customer_id FROM entitlements e JOIN subscriptions s ON s.id = e.subscription_pk \
             WHERE e.reseller_id = ",
        )
        .bind(from)
        .push(" UNION SELECT a.customer_id FROM customer_associations a WHERE a.reseller_id = ")
        .bind(from)
        .push(" UNION SELECT rr.customer_id FROM reseller_relationships rr WHERE rr.partner_id IN ")
        .list([from, to]);
    conn.keys(&statement)
}

/// The providers that do business with the placeholder.
fn sellers(conn: &mut Conn, Move { from, .. }: Move) -> StoreResult<Vec<PartnerKey>> {
    let statement = sql("SELECT s.seller_id AS id FROM subscriptions s WHERE s.reseller_id = ")
        .bind(from)
        .push(" OR s.support_contact_id = ")
        .bind(from)
        .push(
            " UNION SELECT s.seller_id FROM entitlements e JOIN subscriptions s ON s.id = e.subscription_pk \
             WHERE e.reseller_id = ",
        )
        .bind(from)
        .push(" UNION SELECT a.provider_id FROM customer_associations a WHERE a.reseller_id = ")
        .bind(from)
        .push(" UNION SELECT ps.provider_id FROM partnerships ps WHERE ps.removed_at IS NULL AND ps.reseller_id = ")
        .bind(from);
    conn.keys(&statement)
}

#[derive(QueryableByName)]
struct Known {
    #[diesel(sql_type = BigInt)]
    customer_id: CustomerKey,
    #[diesel(sql_type = Text)]
    portal_family: PortalFamily,
}

/// C-24 and C-25: customers that imports reported, but none from a Microsoft portal, wait for an invitation. What no import
/// reported was done by the provider itself and does not wait.
fn keep_waiting(conn: &mut Conn, Move { from, to, now }: Move) -> StoreResult<()> {
    let statement = sql("SELECT DISTINCT x.customer_id, src.portal_family FROM (\
         SELECT s.customer_id, s.seller_id, s.id AS subscription_pk FROM subscriptions s \
         WHERE s.removed_at IS NULL AND (s.reseller_id = ")
    .bind(from)
    .push(" OR s.support_contact_id = ")
    .bind(from)
    .push(
        ") UNION SELECT s.customer_id, s.seller_id, s.id FROM entitlements e JOIN subscriptions s ON s.id = e.subscription_pk \
         WHERE s.removed_at IS NULL AND e.reseller_id = ",
    )
    .bind(from)
    .push(
        " UNION SELECT a.customer_id, a.provider_id, CAST(0 AS BIGINT) FROM customer_associations a \
         WHERE a.removed_at IS NULL AND a.reseller_id = ",
    )
    .bind(from)
    .push(
        ") x JOIN import_baselines b ON (b.entity = 'C' AND b.entity_id = x.customer_id) \
         OR (b.entity = 'S' AND b.entity_id = x.subscription_pk) \
         JOIN import_sources src ON src.id = b.source_id AND src.partner_id = x.seller_id",
    );
    let known: Vec<Known> = conn.rows(&statement)?;
    let appears = |row: &&Known| c_24_appears_on_enrolment(row.portal_family);
    let shown: Vec<CustomerKey> = known.iter().filter(appears).map(|row| row.customer_id).collect();
    let mut waiting: Vec<CustomerKey> =
        known.iter().map(|row| row.customer_id).filter(|customer| !shown.contains(customer)).collect();
    waiting.sort_unstable();
    waiting.dedup();
    for customer_id in waiting {
        on!(conn, c => diesel::insert_into(awaiting_invitation::table)
            .values((
                awaiting_invitation::reseller_id.eq(to),
                awaiting_invitation::customer_id.eq(customer_id),
                awaiting_invitation::since.eq(now),
            ))
            .on_conflict_do_nothing()
            .execute(c))?;
    }
    Ok(())
}

#[derive(QueryableByName)]
struct Standing {
    #[diesel(sql_type = BigInt)]
    id: PartnershipKey,
    #[diesel(sql_type = BigInt)]
    own_id: PartnershipKey,
    #[diesel(sql_type = Text)]
    state: PartnershipState,
    #[diesel(sql_type = Text)]
    own_state: PartnershipState,
    #[diesel(sql_type = Nullable<Timestamp>)]
    requested_at: Option<NaiveDateTime>,
    #[diesel(sql_type = Nullable<Timestamp>)]
    own_requested_at: Option<NaiveDateTime>,
}

/// The precedence of a partnership in that state: how much would be lost with it.
fn weight(state: PartnershipState) -> u8 {
    match state {
        PartnershipState::Active => 3,
        PartnershipState::Imported => 2,
        PartnershipState::Requested => 1,
        PartnershipState::Declined | PartnershipState::Expired | PartnershipState::Removed => 0,
    }
}

/// If a provider has live partnerships with both, the one with the higher precedence is kept, with the time of its request.
/// States are unchanged: an imported partnership remains imported.
fn partnerships_of(conn: &mut Conn, Move { from, to, now }: Move) -> StoreResult<()> {
    let statement = sql(
        "SELECT ps.id, own.id AS own_id, ps.state, own.state AS own_state, ps.requested_at, own.requested_at AS own_requested_at \
         FROM partnerships ps JOIN partnerships own ON own.provider_id = ps.provider_id AND own.removed_at IS NULL \
         AND own.reseller_id = ",
    )
    .bind(to)
    .push(" WHERE ps.removed_at IS NULL AND ps.reseller_id = ")
    .bind(from);
    for both in conn.rows::<Standing>(&statement)? {
        let says_more = weight(both.state) > weight(both.own_state);
        let (kept, ended) = if says_more { (both.id, both.own_id) } else { (both.own_id, both.id) };
        on!(conn, c => diesel::update(partnerships::table.find(ended))
            .set((
                partnerships::state.eq(PartnershipState::Removed),
                partnerships::provider_admin_access.eq(false),
                partnerships::removed_at.eq(now),
                partnerships::version.eq(partnerships::version + 1),
                partnerships::updated_at.eq(now),
            ))
            .execute(c))?;
        on!(conn, c => diesel::update(partnerships::table.find(kept))
            .set(partnerships::requested_at.eq(both.requested_at.or(both.own_requested_at)))
            .execute(c))?;
    }
    on!(conn, c => diesel::update(partnerships::table.filter(partnerships::reseller_id.eq(from)))
        .set((
            partnerships::reseller_id.eq(to),
            partnerships::version.eq(partnerships::version + 1),
            partnerships::updated_at.eq(now),
        ))
        .execute(c))?;
    Ok(())
}

/// Associations with the provider's customers; one that both accounts have is kept once.
fn associations(conn: &mut Conn, Move { from, to, now }: Move) -> StoreResult<()> {
    conn.execute(
        &sql("UPDATE customer_records SET version = version + 1, updated_at = ")
            .bind(now)
            .push(
                " WHERE EXISTS (SELECT 1 FROM customer_associations a WHERE a.removed_at IS NULL \
                 AND a.provider_id = customer_records.partner_id AND a.customer_id = customer_records.customer_id \
                 AND a.reseller_id = ",
            )
            .bind(from)
            .push(")"),
    )?;
    conn.execute(
        &sql("UPDATE customer_associations SET removed_at = ")
            .bind(now)
            .push(" WHERE removed_at IS NULL AND reseller_id = ")
            .bind(from)
            .push(
                " AND EXISTS (SELECT 1 FROM customer_associations own WHERE own.removed_at IS NULL \
                 AND own.provider_id = customer_associations.provider_id \
                 AND own.customer_id = customer_associations.customer_id AND own.reseller_id = ",
            )
            .bind(to)
            .push(")"),
    )?;
    repoint(conn, "customer_associations", "reseller_id", from, to)
}

/// The records, relationships and grants between a partner and a customer. A placeholder cannot get any, except from an older
/// program version; those of the account itself are kept.
fn customer_facts(conn: &mut Conn, Move { from, to, now }: Move) -> StoreResult<()> {
    for (table, ended, same) in [
        ("reseller_relationships", "removed_at", ""),
        ("delegated_admin_grants", "revoked_at", " AND own.kind = {t}.kind AND own.external_id = {t}.external_id"),
    ] {
        let text = format!(
            " WHERE {ended} IS NULL AND EXISTS (SELECT 1 FROM {table} own WHERE own.{ended} IS NULL \
             AND own.customer_id = {table}.customer_id{} AND own.partner_id = ",
            same.replace("{t}", table)
        );
        conn.execute(
            &sql(format!("UPDATE {table} SET {ended} = "))
                .bind(now)
                .push(text)
                .bind(to)
                .push(") AND partner_id = ")
                .bind(from),
        )?;
        repoint(conn, table, "partner_id", from, to)?;
    }
    conn.execute(
        &sql("UPDATE customer_records SET partner_id = ")
            .bind(to)
            .push(" WHERE partner_id = ")
            .bind(from)
            .push(" AND customer_id NOT IN (SELECT own.customer_id FROM customer_records own WHERE own.partner_id = ")
            .bind(to)
            .push(")"),
    )?;
    Ok(())
}

/// References to the placeholder that cannot be duplicates.
fn plain_references(conn: &mut Conn, Move { from, to, now }: Move) -> StoreResult<()> {
    let either = |column: &str| format!("{column} = CASE WHEN {column} = ");
    conn.execute(
        &sql("UPDATE subscriptions SET ")
            .push(either("reseller_id"))
            .bind(from)
            .push(" THEN ")
            .bind(to)
            .push(" ELSE reseller_id END, ")
            .push(either("support_contact_id"))
            .bind(from)
            .push(" THEN ")
            .bind(to)
            .push(" ELSE support_contact_id END, version = version + 1, updated_at = ")
            .bind(now)
            .push(" WHERE reseller_id = ")
            .bind(from)
            .push(" OR support_contact_id = ")
            .bind(from),
    )?;
    conn.execute(
        &sql("UPDATE entitlements SET reseller_id = ")
            .bind(to)
            .push(", version = version + 1, updated_at = ")
            .bind(now)
            .push(" WHERE reseller_id = ")
            .bind(from),
    )?;
    for (table, column) in [
        ("partner_of_record_history", "reseller_id"),
        ("order_lines", "reseller_id"),
        ("order_lines", "support_contact_id"),
        ("customers", "internal_use_of"),
        ("invitations", "partner_id"),
        ("invitations", "joint_provider_id"),
        ("invitations", "invited_partner_id"),
        // The history names the existing account; who can read an event was decided when it happened.
        ("audit_events", "partner_id"),
    ] {
        repoint(conn, table, column, from, to)?;
    }
    Ok(())
}

fn repoint(
    conn: &mut Conn,
    table: &'static str,
    column: &'static str,
    from: PartnerKey,
    to: PartnerKey,
) -> StoreResult<()> {
    let set = format!("UPDATE {table} SET {column} = ");
    conn.execute(&sql(set).bind(to).push(format!(" WHERE {column} = ")).bind(from))?;
    Ok(())
}
