//! Partnerships of a provider and a reseller.

use chrono::NaiveDateTime;
use diesel::prelude::*;
use partnergraph_domain::{OperationType, PartnershipState, RemovalChannel};

use super::{Change, Event, Outcome, Viewer, record};
use crate::conn::Conn;
use crate::derive;
use crate::error::StoreResult;
use crate::read::word;
use crate::schema::partnerships;
use crate::scope::Actor;
use crate::sql::sql;

/// A partnership as the writes need it.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = partnerships)]
pub struct PartnershipRow {
    /// Its row.
    pub id: i64,
    /// Who sells through it.
    pub provider_id: i64,
    /// Who resells.
    pub reseller_id: i64,
    state: String,
    /// Rises with every change.
    pub version: i64,
}

impl PartnershipRow {
    /// Where it stands.
    ///
    /// # Errors
    /// [`crate::StoreError::Value`] when the table holds another word.
    pub fn state(&self) -> StoreResult<PartnershipState> {
        word(&self.state, "the state of a partnership")
    }
}

/// The latest partnership of the two: the live one, else the one that ended last.
///
/// # Errors
/// The database's.
pub fn latest(conn: &mut Conn, provider_id: i64, reseller_id: i64) -> StoreResult<Option<PartnershipRow>> {
    Ok(on!(conn, c => partnerships::table
        .filter(partnerships::provider_id.eq(provider_id).and(partnerships::reseller_id.eq(reseller_id)))
        .order((partnerships::removed_at.is_null().desc(), partnerships::id.desc()))
        .select(PartnershipRow::as_select())
        .first(c)
        .optional())?)
}

/// Makes the two active partners: a requested or imported partnership becomes active, else a new one begins (P-09, P-11).
///
/// # Errors
/// The database's.
pub fn activate(
    conn: &mut Conn,
    actor: &Actor,
    now: NaiveDateTime,
    provider_id: i64,
    reseller_id: i64,
) -> StoreResult<Outcome> {
    let live = latest(conn, provider_id, reseller_id)?;
    let before = live.as_ref().map(PartnershipRow::state).transpose()?;
    if before == Some(PartnershipState::Active) {
        return Ok(Outcome::Unchanged);
    }
    let standing = [PartnershipState::Requested, PartnershipState::Imported];
    let operation = match live.filter(|_| before.is_some_and(|state| standing.contains(&state))) {
        Some(row) => {
            on!(conn, c => diesel::update(partnerships::table.find(row.id))
                .set((
                    partnerships::state.eq(PartnershipState::Active.as_str()),
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
                    partnerships::state.eq(PartnershipState::Active.as_str()),
                    partnerships::provider_admin_access.eq(true),
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
    let mut event = Event::succeeded(operation);
    event.partner_id = Some(reseller_id);
    event.viewers = vec![Viewer::Partner(provider_id), Viewer::Partner(reseller_id)];
    event.changes = Change::of("state", before.map(|s| s.to_string()), Some(PartnershipState::Active.to_string()))
        .into_iter()
        .collect();
    record(conn, actor, now, &event)?;
    Ok(Outcome::Changed)
}

/// Ends the live partnership of the two. Customers, partners of record and grants stay as they are, and
/// only the remover's own organisation is told.
///
/// # Errors
/// The database's.
pub fn remove(
    conn: &mut Conn,
    actor: &Actor,
    now: NaiveDateTime,
    (provider_id, reseller_id): (i64, i64),
    channel: RemovalChannel,
    representation: &serde_json::Value,
) -> StoreResult<Outcome> {
    let ended = PartnershipState::Removed;
    let changed = on!(conn, c => diesel::update(partnerships::table.filter(
            partnerships::provider_id.eq(provider_id)
                .and(partnerships::reseller_id.eq(reseller_id))
                .and(partnerships::removed_at.is_null())))
        .set((
            partnerships::state.eq(ended.as_str()),
            partnerships::provider_admin_access.eq(false),
            partnerships::removed_at.eq(now),
            partnerships::removal_channel.eq(channel.as_str()),
            partnerships::representation.eq(representation.to_string()),
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
    event.changes = Change::of("state", None, Some(ended.to_string())).into_iter().collect();
    record(conn, actor, now, &event)?;
    Ok(Outcome::Changed)
}

/// A partnership decides which customers of the reseller's own its provider shares (C-28).
fn refresh(conn: &mut Conn, reseller_id: i64) -> StoreResult<()> {
    derive::refresh(conn, &sql("SELECT customer_id FROM reseller_relationships WHERE partner_id = ").bind(reseller_id))
}
