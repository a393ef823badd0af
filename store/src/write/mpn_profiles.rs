//! The register of MPN profiles (E-05, B-05).

use chrono::NaiveDateTime;
use diesel::prelude::*;
use partnergraph_domain::{CountryCode, MpnId, MpnKind, OperationType};

use super::{Change, Event, record};
use crate::conn::Conn;
use crate::error::StoreResult;
use crate::schema::mpn_profiles;
use crate::scope::Actor;

/// Enters an active profile in the register if the register does not have it; one that is there stays as it is.
///
/// # Errors
/// The database's.
pub fn enter(
    conn: &mut Conn,
    actor: &Actor,
    now: NaiveDateTime,
    mpn_id: MpnId,
    kind: MpnKind,
    global_mpn_id: Option<MpnId>,
    country: Option<CountryCode>,
) -> StoreResult<()> {
    let known: i64 = on!(conn, c => mpn_profiles::table.find(mpn_id.to_string()).count().get_result(c))?;
    if known > 0 {
        return Ok(());
    }
    on!(conn, c => diesel::insert_into(mpn_profiles::table)
        .values((
            mpn_profiles::mpn_id.eq(mpn_id.to_string()),
            mpn_profiles::kind.eq(kind.as_str()),
            mpn_profiles::global_mpn_id.eq(global_mpn_id.map(|id| id.to_string())),
            mpn_profiles::country.eq(country.map(|country| country.to_string())),
            mpn_profiles::active.eq(true),
            mpn_profiles::in_partner_membership_center.eq(false),
            mpn_profiles::version.eq(1_i64),
            mpn_profiles::created_at.eq(now),
            mpn_profiles::updated_at.eq(now),
        ))
        .execute(c))?;
    let mut event = Event::succeeded(OperationType::CreateMpnProfile);
    event.changes = [
        Change::of("mpnId", None, Some(mpn_id.to_string())),
        Change::of("kind", None, Some(kind.to_string())),
        Change::of("country", None, country.map(|country| country.to_string())),
    ]
    .into_iter()
    .flatten()
    .collect();
    record(conn, actor, now, &event)?;
    Ok(())
}

/// Ends or revives a profile, as the register does on the partner's word; the resellers of an ended one get on no
/// transaction any more (B-05).
///
/// # Errors
/// The database's.
pub fn set_activity(
    conn: &mut Conn,
    actor: &Actor,
    now: NaiveDateTime,
    mpn_id: MpnId,
    activity: Activity,
) -> StoreResult<super::Outcome> {
    let active = activity == Activity::Active;
    let changed = on!(conn, c => diesel::update(
            mpn_profiles::table.filter(mpn_profiles::mpn_id.eq(mpn_id.to_string()).and(mpn_profiles::active.ne(active))))
        .set((
            mpn_profiles::active.eq(active),
            mpn_profiles::version.eq(mpn_profiles::version + 1),
            mpn_profiles::updated_at.eq(now),
        ))
        .execute(c))?;
    if changed == 0 {
        return Ok(super::Outcome::Unchanged);
    }
    let mut event = Event::succeeded(OperationType::UpdateMpnProfile);
    event.changes = vec![
        Change::about("mpnId", &mpn_id.to_string()),
        Change { field: "active".to_owned(), before: Some((!active).to_string()), after: Some(active.to_string()) },
    ];
    record(conn, actor, now, &event)?;
    Ok(super::Outcome::Changed)
}

/// Whether an MPN profile is in force.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Activity {
    /// In force.
    Active,
    /// Ended.
    Inactive,
}
