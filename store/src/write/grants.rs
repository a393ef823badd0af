//! Delegated admin grants. They are independent of relationships: only the customer, or a policy at the end of a relationship,
//! ends one (C-14, C-15, D-02, X-03).

use chrono::NaiveDateTime;
use diesel::prelude::*;
use partnergraph_domain::{CustomerKey, GrantKey, GrantKind, OperationType, PartnerKey};

use super::partners::label;
use super::{Change, Event, Outcome, Viewer, record};
use crate::conn::Conn;
use crate::error::StoreResult;
use crate::schema::delegated_admin_grants as grants;
use crate::scope::Actor;

/// The scope of a grant that is not granular.
pub const DAP_SCOPE: &str = "Azure Active Directory and Office 365";

/// The key of a grant: partner and customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GrantOf {
    /// The partner.
    pub partner_id: PartnerKey,
    /// The customer.
    pub customer_id: CustomerKey,
}

/// Who is notified that a grant ended, in addition to the actor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Notified {
    /// The partner and the customer.
    BothSides,
    /// Nobody: the partner gave it up together with the relationship (D-03).
    Nobody,
}

/// The kind of the partner's active grant: neither revoked nor ended. `None` if there is none.
///
/// # Errors
/// Any database error.
pub fn held(conn: &mut Conn, now: NaiveDateTime, key: GrantOf) -> StoreResult<Option<GrantKind>> {
    Ok(on!(conn, c => grants::table
        .filter(
            grants::partner_id.eq(key.partner_id)
                .and(grants::customer_id.eq(key.customer_id))
                .and(grants::revoked_at.is_null())
                .and(grants::end_at.is_null().or(grants::end_at.gt(now))))
        // DAP has no end date and takes precedence.
        .order(grants::kind)
        .select(grants::kind)
        .first(c)
        .optional())?)
}

/// Grants delegated admin privileges to the partner. An active grant of that kind is left unchanged.
///
/// # Errors
/// Any database error.
pub fn grant(conn: &mut Conn, actor: &Actor, now: NaiveDateTime, key: GrantOf) -> StoreResult<Outcome> {
    if !enter(conn, now, key)? {
        return Ok(Outcome::Unchanged);
    }
    let mut event = event(OperationType::DapAdminRelationshipApproved, key);
    event.viewers = vec![Viewer::Partner(key.partner_id), Viewer::TheCustomer];
    event.changes = Change::of("delegatedAdmin", None, Some(DAP_SCOPE.to_owned())).into_iter().collect();
    record(conn, actor, now, &event)?;
    Ok(Outcome::Changed)
}

/// Ends every active grant of the partner, including granular ones. The relationship is unchanged (C-15), and the grants remain
/// readable as history.
///
/// # Errors
/// Any database error.
pub fn revoke(
    conn: &mut Conn,
    actor: &Actor,
    now: NaiveDateTime,
    key: GrantOf,
    notified: Notified,
) -> StoreResult<Outcome> {
    let Some(ended) = end(conn, now, key)? else { return Ok(Outcome::Unchanged) };
    let mut event = event(OperationType::DapAdminRelationshipTerminated, key);
    event.viewers = match notified {
        Notified::BothSides => vec![Viewer::Partner(key.partner_id), Viewer::TheCustomer],
        Notified::Nobody => vec![Viewer::Partner(key.partner_id)],
    };
    event.changes = Change::of("delegatedAdmin", Some(ended), None).into_iter().collect();
    record(conn, actor, now, &event)?;
    Ok(Outcome::Changed)
}

/// Moves delegated admin privileges from one partner of the customer to another (C-14). Neither partner learns of the other
/// (B-14): one is notified that its grant ended, the other that it has one, and the customer is notified of both.
///
/// # Errors
/// Any database error.
pub fn reassign(
    conn: &mut Conn,
    actor: &Actor,
    now: NaiveDateTime,
    from: GrantOf,
    to_partner_id: PartnerKey,
) -> StoreResult<Outcome> {
    let to = GrantOf { partner_id: to_partner_id, ..from };
    let ended = end(conn, now, from)?;
    let entered = enter(conn, now, to)?;
    if let Some(ended) = &ended {
        let mut event = event(OperationType::DapAdminRelationshipTerminated, from);
        event.viewers = vec![Viewer::Partner(from.partner_id)];
        event.changes = Change::of("delegatedAdmin", Some(ended.clone()), None).into_iter().collect();
        record(conn, &unnamed(actor), now, &event)?;
    }
    if entered {
        let mut event = event(OperationType::DapAdminRelationshipApproved, to);
        event.viewers = vec![Viewer::Partner(to.partner_id)];
        event.changes = Change::of("delegatedAdmin", None, Some(DAP_SCOPE.to_owned())).into_iter().collect();
        record(conn, &unnamed(actor), now, &event)?;
    }
    if ended.is_none() && !entered {
        return Ok(Outcome::Unchanged);
    }
    let mut event = event(OperationType::DapAdminRelationshipReassigned, to);
    event.viewers = vec![Viewer::TheCustomer];
    let names = (label(conn, Some(from.partner_id))?, label(conn, Some(to.partner_id))?);
    event.changes = Change::of("delegatedAdmin", names.0, names.1).into_iter().collect();
    record(conn, actor, now, &event)?;
    Ok(Outcome::Changed)
}

/// The same actor without name, for an event of which its own organisation has a more detailed one.
fn unnamed(actor: &Actor) -> Actor {
    Actor { scope: crate::Scope::Nobody, ..actor.clone() }
}

fn event(operation: OperationType, key: GrantOf) -> Event {
    let mut event = Event::succeeded(operation);
    event.customer_id = Some(key.customer_id);
    event.partner_id = Some(key.partner_id);
    event
}

/// Creates a grant; returns false if there already is an active one of that kind.
fn enter(conn: &mut Conn, now: NaiveDateTime, key: GrantOf) -> StoreResult<bool> {
    let standing: i64 = on!(conn, c => grants::table
        .filter(
            grants::partner_id.eq(key.partner_id)
                .and(grants::customer_id.eq(key.customer_id))
                .and(grants::kind.eq(GrantKind::Dap))
                .and(grants::external_id.eq(""))
                .and(grants::revoked_at.is_null()))
        .count()
        .get_result(c))?;
    if standing > 0 {
        return Ok(false);
    }
    on!(conn, c => diesel::insert_into(grants::table)
        .values((
            grants::partner_id.eq(key.partner_id),
            grants::customer_id.eq(key.customer_id),
            grants::kind.eq(GrantKind::Dap),
            grants::external_id.eq(""),
            grants::scope.eq(DAP_SCOPE),
            grants::granted_at.eq(now),
            grants::version.eq(1_i64),
            grants::created_at.eq(now),
            grants::updated_at.eq(now),
        ))
        .execute(c))?;
    Ok(true)
}

/// Ends active grants and returns their scope; `None` if there were none.
fn end(conn: &mut Conn, now: NaiveDateTime, key: GrantOf) -> StoreResult<Option<String>> {
    let standing: Vec<(GrantKey, String, Option<String>)> = on!(conn, c => grants::table
        .filter(
            grants::partner_id.eq(key.partner_id)
                .and(grants::customer_id.eq(key.customer_id))
                .and(grants::revoked_at.is_null())
                .and(grants::end_at.is_null().or(grants::end_at.gt(now))))
        .order(grants::id)
        .select((grants::id, grants::kind, grants::scope))
        .load(c))?;
    for (id, ..) in &standing {
        on!(conn, c => diesel::update(grants::table.find(*id))
            .set((
                grants::revoked_at.eq(now),
                grants::version.eq(grants::version + 1),
                grants::updated_at.eq(now),
            ))
            .execute(c))?;
    }
    let covered: Vec<String> = standing.into_iter().map(|(_, kind, scope)| scope.unwrap_or(kind)).collect();
    Ok((!covered.is_empty()).then(|| covered.join(", ")))
}
