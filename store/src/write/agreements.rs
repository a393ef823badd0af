//! The Microsoft Partner Agreement of partner accounts (M-01).

use chrono::NaiveDateTime;
use diesel::prelude::*;
use partnergraph_domain::{AgreementType, OperationType, PartnerKey};

use super::{Change, Event, Outcome, Viewer, record};
use crate::conn::Conn;
use crate::error::StoreResult;
use crate::schema::partner_agreements as table;
use crate::scope::Actor;

/// Whether the partner's agreement is in force.
///
/// # Errors
/// Any database error.
pub fn is_signed(conn: &mut Conn, partner_id: PartnerKey) -> StoreResult<bool> {
    let live = table::ended_at.is_null().and(table::partner_id.eq(partner_id));
    let count: i64 = on!(conn, c => table::table.filter(live).count().get_result(c))?;
    Ok(count > 0)
}

/// Signs the partner's agreement. An agreement in force is left unchanged.
///
/// # Errors
/// Any database error.
pub fn sign(conn: &mut Conn, actor: &Actor, now: NaiveDateTime, partner_id: PartnerKey) -> StoreResult<Outcome> {
    if is_signed(conn, partner_id)? {
        return Ok(Outcome::Unchanged);
    }
    on!(conn, c => diesel::insert_into(table::table)
        .values((
            table::partner_id.eq(partner_id),
            table::accepted_by.eq(&actor.user_principal_name),
            table::accepted_at.eq(now),
        ))
        .execute(c))?;
    let mut event = Event::succeeded(OperationType::CreateAgreement);
    event.partner_id = Some(partner_id);
    event.viewers = vec![Viewer::Partner(partner_id)];
    let kind = AgreementType::MicrosoftPartnerAgreement.to_string();
    event.changes = Change::of("agreement", None, Some(kind)).into_iter().collect();
    record(conn, actor, now, &event)?;
    Ok(Outcome::Changed)
}
