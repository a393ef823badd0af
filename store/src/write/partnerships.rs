//! Partnerships between a provider and a reseller.

use chrono::NaiveDateTime;
use diesel::prelude::*;
use partnergraph_domain::{
    AutoApproval, OperationType, PartnerKey, PartnershipKey, PartnershipState, RemovalChannel, UserKey,
};

use super::{Change, Event, Outcome, Viewer, invitations, record};
use crate::conn::Conn;
use crate::derive;
use crate::error::StoreResult;
use crate::schema::partnerships;
use crate::scope::Actor;
use crate::sql::sql;

/// A partnership with the fields that writes need.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = partnerships)]
pub struct PartnershipRow {
    /// Its key.
    pub id: PartnershipKey,
    /// The provider.
    pub provider_id: PartnerKey,
    /// The reseller.
    pub reseller_id: PartnerKey,
    /// Its state.
    pub state: PartnershipState,
    /// Whether the provider has administrator access to the reseller's own account.
    pub provider_admin_access: bool,
    requested_at: Option<NaiveDateTime>,
    /// Increases with every change.
    pub version: i64,
    /// The provider's own name for the reseller.
    pub label: Option<String>,
    /// Which of the reseller's change requests are approved automatically.
    pub auto_approve: AutoApproval,
    /// The name of the user who set that; `None` if it is off.
    pub auto_approve_by: Option<String>,
    /// That user; `None` if only an issuer knows the user.
    pub auto_approve_user: Option<UserKey>,
    /// The roles with which it was set, as JSON.
    pub(super) auto_approve_roles: Option<String>,
}

/// The latest partnership between the two: the live one, else the one that ended last.
///
/// # Errors
/// Any database error.
pub fn latest(
    conn: &mut Conn,
    provider_id: PartnerKey,
    reseller_id: PartnerKey,
) -> StoreResult<Option<PartnershipRow>> {
    Ok(on!(conn, c => partnerships::table
        .filter(partnerships::provider_id.eq(provider_id).and(partnerships::reseller_id.eq(reseller_id)))
        .order((partnerships::removed_at.is_null().desc(), partnerships::id.desc()))
        .select(PartnershipRow::as_select())
        .first(c)
        .optional())?)
}

/// Makes the two active partners: a requested or imported partnership becomes active, otherwise a new one is created (P-09,
/// P-11).
///
/// # Errors
/// Any database error.
pub fn activate(
    conn: &mut Conn,
    actor: &Actor,
    now: NaiveDateTime,
    provider_id: PartnerKey,
    reseller_id: PartnerKey,
) -> StoreResult<Outcome> {
    begin(conn, actor, now, (provider_id, reseller_id), None)
}

/// The same by accepting a request that was made at `requested_at`.
///
/// # Errors
/// Any database error.
pub fn accept_request(
    conn: &mut Conn,
    actor: &Actor,
    now: NaiveDateTime,
    pair: (PartnerKey, PartnerKey),
    requested_at: NaiveDateTime,
) -> StoreResult<Outcome> {
    begin(conn, actor, now, pair, Some(requested_at))
}

fn begin(
    conn: &mut Conn,
    actor: &Actor,
    now: NaiveDateTime,
    (provider_id, reseller_id): (PartnerKey, PartnerKey),
    requested_at: Option<NaiveDateTime>,
) -> StoreResult<Outcome> {
    let live = latest(conn, provider_id, reseller_id)?;
    let before = live.as_ref().map(|row| row.state);
    if before == Some(PartnershipState::Active) {
        return Ok(Outcome::Unchanged);
    }
    let standing = [PartnershipState::Requested, PartnershipState::Imported];
    let operation = match live.filter(|_| before.is_some_and(|state| standing.contains(&state))) {
        Some(row) => {
            on!(conn, c => diesel::update(partnerships::table.find(row.id))
                .set((
                    partnerships::state.eq(PartnershipState::Active),
                    partnerships::requested_at.eq(row.requested_at.or(requested_at)),
                    partnerships::accepted_at.eq(now),
                    partnerships::provider_admin_access.eq(true),
                    partnerships::version.eq(row.version + 1),
                    partnerships::updated_at.eq(now),
                ))
                .execute(c))?;
            OperationType::ExtendPartnerRelationship
        }
        None => {
            on!(conn, c => diesel::insert_into(partnerships::table)
                .values((
                    partnerships::provider_id.eq(provider_id),
                    partnerships::reseller_id.eq(reseller_id),
                    partnerships::state.eq(PartnershipState::Active),
                    partnerships::provider_admin_access.eq(true),
                    partnerships::requested_at.eq(requested_at),
                    partnerships::accepted_at.eq(now),
                    partnerships::version.eq(1_i64),
                    partnerships::created_at.eq(now),
                    partnerships::updated_at.eq(now),
                ))
                .execute(c))?;
            OperationType::CreatePartnerRelationship
        }
    };
    refresh(conn, reseller_id)?;
    let mut event = told_both(conn, operation, (provider_id, reseller_id))?;
    event.changes =
        Change::of("state", tellable(before), Some(PartnershipState::Active.to_string())).into_iter().collect();
    record(conn, actor, now, &event)?;
    Ok(Outcome::Changed)
}

/// Records that the provider requests a partnership with the reseller, so that both have it in their lists. A partnership known
/// from an import keeps its state, and a repeated request renews the previous one.
///
/// # Errors
/// Any database error.
pub fn request(
    conn: &mut Conn,
    actor: &Actor,
    now: NaiveDateTime,
    pair: (PartnerKey, PartnerKey),
) -> StoreResult<Outcome> {
    let (provider_id, reseller_id) = pair;
    let latest = latest(conn, provider_id, reseller_id)?;
    let before = latest.as_ref().map(|row| row.state);
    let standing = [PartnershipState::Requested, PartnershipState::Imported];
    if let Some(row) = latest.filter(|_| before.is_some_and(|state| standing.contains(&state))) {
        return ask_again(conn, actor, now, &row);
    }
    let state = PartnershipState::Requested;
    on!(conn, c => diesel::insert_into(partnerships::table)
        .values((
            partnerships::provider_id.eq(provider_id),
            partnerships::reseller_id.eq(reseller_id),
            partnerships::state.eq(state),
            partnerships::provider_admin_access.eq(false),
            partnerships::requested_at.eq(now),
            partnerships::version.eq(1_i64),
            partnerships::created_at.eq(now),
            partnerships::updated_at.eq(now),
        ))
        .execute(c))?;
    let mut event = told_both(conn, OperationType::CreatePartnerRelationship, pair)?;
    event.changes = Change::of("state", tellable(before), Some(state.to_string())).into_iter().collect();
    record(conn, actor, now, &event)?;
    Ok(Outcome::Changed)
}

fn ask_again(conn: &mut Conn, actor: &Actor, now: NaiveDateTime, row: &PartnershipRow) -> StoreResult<Outcome> {
    if row.requested_at == Some(now) {
        return Ok(Outcome::Unchanged);
    }
    on!(conn, c => diesel::update(partnerships::table.find(row.id))
        .set((
            partnerships::requested_at.eq(now),
            partnerships::version.eq(row.version + 1),
            partnerships::updated_at.eq(now),
        ))
        .execute(c))?;
    let moment = |at: NaiveDateTime| at.format("%Y-%m-%dT%H:%M:%SZ").to_string();
    let mut event = told_both(conn, OperationType::UpdatePartnerRelationship, (row.provider_id, row.reseller_id))?;
    event.changes = Change::of("requestedAt", row.requested_at.map(moment), Some(moment(now))).into_iter().collect();
    record(conn, actor, now, &event)?;
    Ok(Outcome::Changed)
}

/// The previous state, as both sides can know it: only the remover can know that an earlier partnership was removed.
fn tellable(before: Option<PartnershipState>) -> Option<String> {
    before.filter(|state| *state != PartnershipState::Removed).map(|state| state.to_string())
}

/// Ends a requested partnership because the reseller declined it.
///
/// # Errors
/// Any database error.
pub fn decline_request(
    conn: &mut Conn,
    actor: &Actor,
    now: NaiveDateTime,
    pair: (PartnerKey, PartnerKey),
) -> StoreResult<Outcome> {
    end_request(conn, actor, now, pair, PartnershipState::Declined)
}

/// Ends a requested partnership because the request expired or was revoked. It is kept if another request for it is open.
///
/// # Errors
/// Any database error.
pub fn expire_request(
    conn: &mut Conn,
    actor: &Actor,
    now: NaiveDateTime,
    pair: (PartnerKey, PartnerKey),
) -> StoreResult<Outcome> {
    if !invitations::open_requests(conn, now, pair)?.is_empty() {
        return Ok(Outcome::Unchanged);
    }
    end_request(conn, actor, now, pair, PartnershipState::Expired)
}

fn end_request(
    conn: &mut Conn,
    actor: &Actor,
    now: NaiveDateTime,
    pair: (PartnerKey, PartnerKey),
    after: PartnershipState,
) -> StoreResult<Outcome> {
    let Some(row) = latest(conn, pair.0, pair.1)? else { return Ok(Outcome::Unchanged) };
    if row.state != PartnershipState::Requested {
        return Ok(Outcome::Unchanged);
    }
    on!(conn, c => diesel::update(partnerships::table.find(row.id))
        .set((
            partnerships::state.eq(after),
            partnerships::removed_at.eq(now),
            partnerships::version.eq(row.version + 1),
            partnerships::updated_at.eq(now),
        ))
        .execute(c))?;
    let mut event = told_both(conn, OperationType::UpdatePartnerRelationship, pair)?;
    event.changes = Change::of("state", Some(row.state.to_string()), Some(after.to_string())).into_iter().collect();
    record(conn, actor, now, &event)?;
    Ok(Outcome::Changed)
}

/// Removes the provider's administrator access to the reseller's own account. The partnership remains active (P-12).
///
/// # Errors
/// Any database error.
pub fn remove_admin_access(
    conn: &mut Conn,
    actor: &Actor,
    now: NaiveDateTime,
    row: &PartnershipRow,
) -> StoreResult<Outcome> {
    if !row.provider_admin_access {
        return Ok(Outcome::Unchanged);
    }
    on!(conn, c => diesel::update(partnerships::table.find(row.id))
        .set((
            partnerships::provider_admin_access.eq(false),
            partnerships::version.eq(row.version + 1),
            partnerships::updated_at.eq(now),
        ))
        .execute(c))?;
    let mut event = told_both(conn, OperationType::UpdatePartnerRelationship, (row.provider_id, row.reseller_id))?;
    event.changes =
        Change::of("providerAdminAccess", Some("true".to_owned()), Some("false".to_owned())).into_iter().collect();
    record(conn, actor, now, &event)?;
    Ok(Outcome::Changed)
}

/// An event about the latest partnership of the two.
fn told_both(
    conn: &mut Conn,
    operation: OperationType,
    (provider_id, reseller_id): (PartnerKey, PartnerKey),
) -> StoreResult<Event> {
    let mut event = Event::succeeded(operation);
    event.partner_id = Some(reseller_id);
    event.partnership_id = latest(conn, provider_id, reseller_id)?.map(|row| row.id);
    event.viewers = vec![Viewer::Partner(provider_id), Viewer::Partner(reseller_id)];
    Ok(event)
}

/// How a partnership is ended.
#[derive(Debug, Clone, Copy)]
pub struct Removal<'a> {
    /// The channel.
    pub channel: RemovalChannel,
    /// The operator's ticket.
    pub ticket: Option<&'a str>,
    /// The remover's representation.
    pub representation: &'a serde_json::Value,
}

/// Ends the live partnership between the two by that channel, without a ticket.
///
/// # Errors
/// Any database error.
pub fn remove(
    conn: &mut Conn,
    actor: &Actor,
    now: NaiveDateTime,
    pair: (PartnerKey, PartnerKey),
    channel: RemovalChannel,
    representation: &serde_json::Value,
) -> StoreResult<Outcome> {
    end(conn, actor, now, pair, Removal { channel, ticket: None, representation })
}

/// Ends the live partnership between the two. Customers, partners of record and grants are unchanged, and only
/// the remover's own organisation is notified.
///
/// # Errors
/// Any database error.
pub fn end(
    conn: &mut Conn,
    actor: &Actor,
    now: NaiveDateTime,
    (provider_id, reseller_id): (PartnerKey, PartnerKey),
    removal: Removal<'_>,
) -> StoreResult<Outcome> {
    let ended = PartnershipState::Removed;
    let before = latest(conn, provider_id, reseller_id)?;
    let changed = on!(conn, c => diesel::update(partnerships::table.filter(
            partnerships::provider_id.eq(provider_id)
                .and(partnerships::reseller_id.eq(reseller_id))
                .and(partnerships::removed_at.is_null())))
        .set((
            partnerships::state.eq(ended),
            partnerships::provider_admin_access.eq(false),
            partnerships::removed_at.eq(now),
            partnerships::removal_channel.eq(removal.channel),
            partnerships::removal_ticket.eq(removal.ticket),
            partnerships::representation.eq(removal.representation.to_string()),
            partnerships::version.eq(partnerships::version + 1),
            partnerships::updated_at.eq(now),
        ))
        .execute(c))?;
    if changed == 0 {
        return Ok(Outcome::Unchanged);
    }
    refresh(conn, reseller_id)?;
    let mut event = Event::succeeded(OperationType::RemovePartnerRelationship);
    event.partner_id = Some(reseller_id);
    event.partnership_id = before.as_ref().map(|row| row.id);
    event.changes = [
        Change::of("state", before.map(|row| row.state.to_string()), Some(ended.to_string())),
        Change::of("channel", None, Some(removal.channel.to_string())),
    ]
    .into_iter()
    .flatten()
    .chain(Change::represented(removal.representation))
    .collect();
    record(conn, actor, now, &event)?;
    Ok(Outcome::Changed)
}

/// A partnership determines which of the reseller's own customers are shared with its provider (C-28).
fn refresh(conn: &mut Conn, reseller_id: PartnerKey) -> StoreResult<()> {
    derive::refresh(conn, &sql("SELECT customer_id FROM reseller_relationships WHERE partner_id = ").bind(reseller_id))
}
