//! Answers to invitations.

use chrono::NaiveDateTime;
use diesel::prelude::*;
use partnergraph_domain::{CustomerKey, InvitationState, OperationType, PartnerKey};

use super::InvitationRow;
use crate::conn::Conn;
use crate::error::StoreResult;
use crate::schema::invitations;
use crate::scope::Actor;
use crate::write::{Event, Outcome, Viewer, record};

/// Who answers an invitation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answerer {
    /// A reseller's account.
    Reseller(PartnerKey),
    /// A customer.
    Customer(CustomerKey),
    /// A tenant without an account or customer.
    Stranger,
}

impl Answerer {
    fn ids(self) -> (Option<PartnerKey>, Option<CustomerKey>) {
        match self {
            Self::Reseller(id) => (Some(id), None),
            Self::Customer(id) => (None, Some(id)),
            Self::Stranger => (None, None),
        }
    }

    fn viewer(self) -> Option<Viewer> {
        match self {
            Self::Reseller(id) => Some(Viewer::Partner(id)),
            Self::Customer(_) => Some(Viewer::TheCustomer),
            Self::Stranger => None,
        }
    }
}

/// Accepts an invitation. It then belongs to the tenant that answered.
///
/// # Errors
/// Any database error.
pub fn accept(
    conn: &mut Conn,
    actor: &Actor,
    now: NaiveDateTime,
    row: &InvitationRow,
    by: Answerer,
) -> StoreResult<Outcome> {
    let (reseller_id, customer_id) = by.ids();
    on!(conn, c => diesel::update(invitations::table.find(row.id))
        .set((
            invitations::invited_partner_id.eq(row.invited_partner_id.or(reseller_id)),
            invitations::customer_id.eq(row.customer_id.or(customer_id)),
            invitations::state.eq(InvitationState::Accepted),
            invitations::accepted_at.eq(now),
            invitations::accepted_by.eq(&actor.user_principal_name),
            invitations::answered_by_tenant.eq(&actor.tenant_id),
            invitations::version.eq(row.version + 1),
        ))
        .execute(c))?;
    record(conn, actor, now, &row.answered(OperationType::AcceptInvitation, InvitationState::Accepted, by))?;
    Ok(Outcome::Changed)
}

/// Declines an invitation.
///
/// # Errors
/// Any database error.
pub fn decline(
    conn: &mut Conn,
    actor: &Actor,
    now: NaiveDateTime,
    row: &InvitationRow,
    by: Answerer,
) -> StoreResult<Outcome> {
    on!(conn, c => diesel::update(invitations::table.find(row.id))
        .set((
            invitations::state.eq(InvitationState::Declined),
            invitations::declined_at.eq(now),
            invitations::answered_by_tenant.eq(&actor.tenant_id),
            invitations::version.eq(row.version + 1),
        ))
        .execute(c))?;
    record(conn, actor, now, &row.answered(OperationType::DeclineInvitation, InvitationState::Declined, by))?;
    Ok(Outcome::Changed)
}

impl InvitationRow {
    /// The event of an answer, which also notifies the organisation that answered.
    fn answered(&self, operation: OperationType, after: InvitationState, by: Answerer) -> Event {
        let mut event = self.event(operation, after);
        let (reseller_id, customer_id) = by.ids();
        event.partner_id = event.partner_id.or(reseller_id);
        event.customer_id = event.customer_id.or(customer_id);
        event.viewers.extend(by.viewer());
        event
    }
}
