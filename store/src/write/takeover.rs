//! An account takes over the placeholder that imports created for its MPN ID (E-04, E-17, C-24, C-25).
//!
//! Everything that refers to the placeholder refers to the account afterwards, and the placeholder is deleted. Duplicates are
//! resolved so that nothing in force is lost: an active partnership takes precedence over any other.

use chrono::NaiveDateTime;
use diesel::QueryableByName;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Nullable, Text, Timestamp};
use partnergraph_domain::rules::takeover::{Takeover, names_match};
use partnergraph_domain::{
    CustomerKey, MpnId, OperationType, PartnerKey, PartnerType, PartnershipKey, PartnershipState,
};

use super::{Change, Event, Viewer, awaiting, record};
use crate::conn::Conn;
use crate::derive;
use crate::error::StoreResult;
use crate::schema::{mpn_profiles, partners, partnerships};
use crate::scope::Actor;
use crate::sql::sql;

/// A reseller that is known only from imports, by its MPN ID.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Placeholder {
    /// Its key.
    pub id: PartnerKey,
    /// Its name.
    pub name: String,
}

/// The placeholder with that MPN ID.
///
/// # Errors
/// Any database error.
pub fn placeholder(conn: &mut Conn, mpn_id: MpnId) -> StoreResult<Option<Placeholder>> {
    let found: Option<(PartnerKey, String)> = on!(conn, c => partners::table
        .filter(
            partners::mpn_id.eq(mpn_id.to_string())
                .and(partners::tenant_id.is_null())
                .and(partners::onboarded.eq(false))
                .and(partners::removed_at.is_null()))
        .select((partners::id, partners::name))
        .first(c)
        .optional())?;
    Ok(found.map(|(id, name)| Placeholder { id, name }))
}

/// What is known of the takeover of that placeholder by a company that claims that name (E-17).
///
/// # Errors
/// Any database error.
pub fn facts(
    conn: &mut Conn,
    mpn_id: MpnId,
    claimed: &str,
    confirmed: bool,
    reason: Option<&str>,
) -> StoreResult<Takeover> {
    let registered: Option<Option<String>> = on!(conn, c => mpn_profiles::table
        .find(mpn_id.to_string())
        .select(mpn_profiles::company)
        .first(c)
        .optional())?;
    let names_match = names_match(claimed, registered.flatten().as_deref());
    Ok(Takeover { names_match, confirmed, reason: reason.map(str::to_owned) })
}

/// Ends a placeholder. Its MPN ID is free from then on; what refers to it is moved by [`hand_over`].
pub(super) fn end(conn: &mut Conn, now: NaiveDateTime, placeholder: &Placeholder) -> StoreResult<()> {
    on!(conn, c => diesel::update(partners::table.find(placeholder.id))
        .set((
            partners::removed_at.eq(now),
            partners::version.eq(partners::version + 1),
            partners::updated_at.eq(now),
        ))
        .execute(c))?;
    Ok(())
}

/// The placeholder and the account that takes it over.
#[derive(Debug, Clone, Copy)]
struct Move {
    from: PartnerKey,
    to: PartnerKey,
    now: NaiveDateTime,
}

/// Moves everything that refers to the placeholder to the account, whatever its type.
///
/// # Errors
/// Any database error.
pub(super) fn hand_over(
    conn: &mut Conn,
    actor: &Actor,
    now: NaiveDateTime,
    (placeholder, account_id): (&Placeholder, PartnerKey),
    reason: Option<&str>,
) -> StoreResult<()> {
    let (partner_type, name): (PartnerType, String) = on!(conn, c => partners::table
        .find(account_id)
        .select((partners::partner_type, partners::name))
        .first(c))?;
    let moving = Move { from: placeholder.id, to: account_id, now };
    let touched = customers(conn, moving)?;
    let mut viewers: Vec<Viewer> = sellers(conn, moving)?.into_iter().map(Viewer::Partner).collect();
    awaiting::inherit(conn, now, placeholder.id, account_id)?;
    partnerships_of(conn, moving)?;
    associations(conn, moving)?;
    customer_facts(conn, moving)?;
    plain_references(conn, moving)?;
    history(conn, moving)?;
    derive::refresh_customers(conn, &touched)?;
    let mut event = Event::succeeded(OperationType::UpdatePartner);
    event.partner_id = Some(account_id);
    viewers.push(Viewer::Partner(account_id));
    event.viewers = viewers;
    let placeholder_type = PartnerType::IndirectReseller;
    event.changes = [
        Change::of("name", Some(placeholder.name.clone()), Some(name)),
        Change::of("type", Some(placeholder_type.to_string()), Some(partner_type.to_string())),
        Change::of("status.onboarded", Some("false".to_owned()), Some("true".to_owned())),
    ]
    .into_iter()
    .flatten()
    .collect();
    record(conn, actor, now, &event)?;
    let Some(reason) = reason else { return Ok(()) };
    // Who may read an event reads all of it. The reason is between the operators, who answer for it.
    let mut event = Event::succeeded(OperationType::UpdatePartner);
    event.partner_id = Some(account_id);
    event.changes = Change::of("takeoverReason", None, Some(reason.to_owned())).into_iter().collect();
    record(conn, actor, now, &event)?;
    Ok(())
}

/// What the placeholder could have read, the account reads: it is the same company (E-17). It finds what it lost before it enrolled, and
/// others find it by the account.
fn history(conn: &mut Conn, Move { from, to, .. }: Move) -> StoreResult<()> {
    for (table, record) in [("audit_event_viewers", "event_id"), ("import_change_viewers", "record_id")] {
        let own = |viewer: PartnerKey| {
            sql(format!("SELECT own.{record} FROM {table} own WHERE own.viewer_partner_id = ")).bind(viewer)
        };
        conn.execute(
            &sql(format!("UPDATE {table} SET viewer_partner_id = "))
                .bind(to)
                .push(" WHERE viewer_partner_id = ")
                .bind(from)
                .push(format!(" AND {record} NOT IN ("))
                .add(own(to))
                .push(")"),
        )?;
        conn.execute(&sql(format!("DELETE FROM {table} WHERE viewer_partner_id = ")).bind(from))?;
    }
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
    #[diesel(sql_type = Nullable<Text>)]
    label: Option<String>,
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

/// If a provider has live partnerships with both, the one with the higher precedence is kept, with the time of its request and
/// the provider's name for the reseller. States are unchanged: an imported partnership remains imported.
fn partnerships_of(conn: &mut Conn, Move { from, to, now }: Move) -> StoreResult<()> {
    let statement = sql(
        "SELECT ps.id, own.id AS own_id, ps.state, own.state AS own_state, ps.requested_at, own.requested_at AS own_requested_at, \
         COALESCE(own.label, ps.label) AS label \
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
            .set((
                partnerships::requested_at.eq(both.requested_at.or(both.own_requested_at)),
                partnerships::label.eq(both.label.as_deref()),
            ))
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
        ("partner_of_record_edits", "reseller_id"),
        ("reseller_statements", "reseller_id"),
        ("order_lines", "reseller_id"),
        ("order_lines", "support_contact_id"),
        ("customers", "internal_use_of"),
        ("invitations", "partner_id"),
        ("invitations", "joint_provider_id"),
        ("invitations", "invited_partner_id"),
        ("invitations", "reseller_id"),
        ("reseller_moves", "from_id"),
        ("reseller_moves", "to_id"),
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
