//! Invitations: drafted, marked as done, answered, revoked, expired.
//!
//! A token is shown once, in the link, and only its SHA-256 hash is stored. The stored message has a placeholder for the link.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::NaiveDateTime;
use diesel::prelude::*;
use partnergraph_domain::{
    Cloud, CountryCode, CustomerKey, InvitationKey, InvitationKind, InvitationState, MpnId, OperationType, PartnerKey,
    TenantId,
};
use rand::Rng as _;

use super::partners::label;
use super::{Change, Event, Outcome, Viewer, record, tokens};
use crate::conn::Conn;
use crate::error::StoreResult;
use crate::schema::invitations;
use crate::scope::Actor;
use crate::sql::sql;

mod answer;
mod presented;

pub use answer::{Answerer, accept, decline};
pub use presented::presented;

/// An invitation to draft.
#[derive(Debug, Clone)]
pub struct NewInvitation {
    /// What accepting it does.
    pub kind: InvitationKind,
    /// The partner that invites.
    pub partner_id: PartnerKey,
    /// The provider of a joint invitation.
    pub joint_provider_id: Option<PartnerKey>,
    /// The invited reseller; `None` if anyone with the token can answer.
    pub invited_partner_id: Option<PartnerKey>,
    /// The invited customer; `None` if the invitation names none that its author sees.
    pub customer_id: Option<CustomerKey>,
    /// The invited tenant, whether or not it is known; `None` if the invitation names none.
    pub invited_tenant_id: Option<TenantId>,
    /// The reseller to associate with the customer's account.
    pub reseller_id: Option<PartnerKey>,
    /// The partner whose internal use the tenant serves, as its author states it.
    pub internal_use_of: Option<MpnId>,
    /// The e-mail address to send it to.
    pub recipient: String,
    /// The customer's country, if known.
    pub country: Option<CountryCode>,
    /// The cloud of the partner that invites.
    pub cloud: Cloud,
    /// Whether delegated admin privileges are requested (C-08).
    pub delegated_admin: bool,
    /// Whether they are also requested for the provider of a joint invitation (C-21).
    pub provider_delegated_admin: bool,
    /// The message, with the placeholder for the link.
    pub message: String,
    /// When it expires.
    pub expires_at: NaiveDateTime,
}

/// An invitation with the fields that writes need.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = invitations)]
#[allow(missing_docs)]
pub struct InvitationRow {
    pub id: InvitationKey,
    pub kind: InvitationKind,
    pub partner_id: PartnerKey,
    pub joint_provider_id: Option<PartnerKey>,
    pub invited_partner_id: Option<PartnerKey>,
    pub customer_id: Option<CustomerKey>,
    /// The tenant that the partner that invites named; `None` if it named none.
    pub invited_tenant_id: Option<String>,
    /// The reseller to associate with the customer's account.
    pub reseller_id: Option<PartnerKey>,
    /// The MPN ID of the partner whose internal use the tenant serves, as stated.
    pub internal_use_of_mpn_id: Option<String>,
    /// The customer's country as stated by the partner that invites.
    pub country: Option<CountryCode>,
    pub cloud: Cloud,
    pub delegated_admin: bool,
    pub provider_delegated_admin: bool,
    state: InvitationState,
    pub created_at: NaiveDateTime,
    pub expires_at: NaiveDateTime,
    pub version: i64,
    /// The tenant that answered; `None` if it is unanswered.
    pub answered_by_tenant: Option<String>,
}

impl InvitationRow {
    /// The state at `now`: an open invitation that is past its expiry date has expired, even if that is not written yet.
    #[must_use]
    pub fn state_at(&self, now: NaiveDateTime) -> InvitationState {
        if OPEN.contains(&self.state) && self.expires_at <= now { InvitationState::Expired } else { self.state }
    }

    /// The inviting partners.
    #[must_use]
    pub fn inviters(&self) -> Vec<PartnerKey> {
        [Some(self.partner_id), self.joint_provider_id].into_iter().flatten().collect()
    }

    fn event(&self, operation: OperationType, after: InvitationState) -> Event {
        let mut event = Event::succeeded(operation);
        event.partner_id = self.invited_partner_id.or(self.joint_provider_id);
        event.customer_id = self.customer_id;
        event.invitation_id = Some(self.id);
        event.viewers = self.inviters().into_iter().map(Viewer::Partner).collect();
        event.changes =
            Change::of("state", Some(self.state.to_string()), Some(after.to_string())).into_iter().collect();
        event
    }
}

/// A new token: 256 bits of the operating system's randomness, safe for URLs.
#[must_use]
pub fn fresh_token() -> String {
    let mut bytes = [0_u8; 32];
    rand::rng().fill_bytes(&mut bytes);
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Drafts an invitation and returns its key.
///
/// # Errors
/// Any database error.
pub fn draft(
    conn: &mut Conn,
    actor: &Actor,
    now: NaiveDateTime,
    invitation: &NewInvitation,
    token: &str,
) -> StoreResult<InvitationKey> {
    let id: InvitationKey = on!(conn, c => diesel::insert_into(invitations::table)
        .values((
            invitations::kind.eq(invitation.kind),
            invitations::partner_id.eq(invitation.partner_id),
            invitations::joint_provider_id.eq(invitation.joint_provider_id),
            invitations::invited_partner_id.eq(invitation.invited_partner_id),
            invitations::customer_id.eq(invitation.customer_id),
            invitations::invited_tenant_id.eq(invitation.invited_tenant_id.map(|id| id.to_string())),
            invitations::reseller_id.eq(invitation.reseller_id),
            invitations::internal_use_of_mpn_id.eq(invitation.internal_use_of.map(|id| id.to_string())),
            invitations::recipient.eq(&invitation.recipient),
            invitations::country.eq(invitation.country),
            invitations::cloud.eq(invitation.cloud),
            invitations::delegated_admin.eq(invitation.delegated_admin),
            invitations::provider_delegated_admin.eq(invitation.provider_delegated_admin),
            invitations::message.eq(&invitation.message),
            invitations::token_hash.eq(tokens::hash(token)),
            invitations::state.eq(InvitationState::Draft),
            invitations::created_by.eq(&actor.user_principal_name),
            invitations::created_at.eq(now),
            invitations::expires_at.eq(invitation.expires_at),
            invitations::version.eq(1_i64),
        ))
        .returning(invitations::id)
        .get_result(c))?;
    let reseller = label(conn, invitation.reseller_id)?;
    let mut event = Event::succeeded(OperationType::CreateInvitation);
    event.partner_id = invitation.invited_partner_id.or(invitation.joint_provider_id);
    event.customer_id = invitation.customer_id;
    event.invitation_id = Some(id);
    let inviters = [Some(invitation.partner_id), invitation.joint_provider_id];
    event.viewers = inviters.into_iter().flatten().map(Viewer::Partner).collect();
    event.changes = [
        Change::of("kind", None, Some(invitation.kind.to_string())),
        Change::of("state", None, Some(InvitationState::Draft.to_string())),
        Change::of("recipient", None, Some(invitation.recipient.clone())),
        Change::of("country", None, invitation.country.map(|country| country.to_string())),
        Change::of("delegatedAdmin", None, Some(invitation.delegated_admin.to_string())),
        Change::of("tenantId", None, invitation.invited_tenant_id.map(|id| id.to_string())),
        Change::of("indirectResellers", None, reseller),
        Change::of("internalUseOf", None, invitation.internal_use_of.map(|id| id.to_string())),
    ]
    .into_iter()
    .flatten()
    .collect();
    record(conn, actor, now, &event)?;
    Ok(id)
}

/// The invitation with that token; `None` if there is none.
///
/// # Errors
/// Any database error.
pub fn by_token(conn: &mut Conn, token: &str) -> StoreResult<Option<InvitationRow>> {
    Ok(on!(conn, c => invitations::table
        .filter(invitations::token_hash.eq(tokens::hash(token.trim())))
        .select(InvitationRow::as_select())
        .first(c)
        .optional())?)
}

/// The invitation with that key.
///
/// # Errors
/// Any database error.
pub fn by_row(conn: &mut Conn, id: InvitationKey) -> StoreResult<Option<InvitationRow>> {
    Ok(on!(conn, c => invitations::table
        .find(id)
        .select(InvitationRow::as_select())
        .first(c)
        .optional())?)
}

/// The open partnership requests from that provider to that reseller.
///
/// # Errors
/// Any database error.
pub fn open_requests(
    conn: &mut Conn,
    now: NaiveDateTime,
    (provider_id, reseller_id): (PartnerKey, PartnerKey),
) -> StoreResult<Vec<InvitationRow>> {
    Ok(on!(conn, c => invitations::table
        .filter(
            invitations::partner_id.eq(provider_id)
                .and(invitations::invited_partner_id.eq(reseller_id))
                .and(invitations::kind.eq(InvitationKind::Partnership))
                .and(invitations::state.eq_any(OPEN))
                .and(invitations::expires_at.gt(now)))
        .order(invitations::id)
        .select(InvitationRow::as_select())
        .load(c))?)
}

/// The partner's open invitations to that customer that would only restore delegated admin privileges.
///
/// # Errors
/// Any database error.
pub fn open_reinstatements(
    conn: &mut Conn,
    now: NaiveDateTime,
    (partner_id, customer_id): (PartnerKey, CustomerKey),
) -> StoreResult<Vec<InvitationRow>> {
    Ok(on!(conn, c => invitations::table
        .filter(
            invitations::partner_id.eq(partner_id)
                .and(invitations::customer_id.eq(customer_id))
                .and(invitations::kind.eq(InvitationKind::DelegatedAdmin))
                .and(invitations::state.eq_any(OPEN))
                .and(invitations::expires_at.gt(now)))
        .order(invitations::id)
        .select(InvitationRow::as_select())
        .load(c))?)
}

const OPEN: [InvitationState; 2] = [InvitationState::Draft, InvitationState::Done];

/// Marks a draft as done: its author says that it was sent (P-05, C-29).
///
/// # Errors
/// Any database error.
pub fn mark_done(conn: &mut Conn, actor: &Actor, now: NaiveDateTime, row: &InvitationRow) -> StoreResult<Outcome> {
    if row.state == InvitationState::Done {
        return Ok(Outcome::Unchanged);
    }
    on!(conn, c => diesel::update(invitations::table.find(row.id))
        .set((
            invitations::state.eq(InvitationState::Done),
            invitations::done_at.eq(now),
            invitations::version.eq(row.version + 1),
        ))
        .execute(c))?;
    record(conn, actor, now, &row.event(OperationType::UpdateInvitation, InvitationState::Done))?;
    Ok(Outcome::Changed)
}

/// Revokes an invitation. Only its author and operators are notified.
///
/// # Errors
/// Any database error.
pub fn revoke(conn: &mut Conn, actor: &Actor, now: NaiveDateTime, row: &InvitationRow) -> StoreResult<Outcome> {
    on!(conn, c => diesel::update(invitations::table.find(row.id))
        .set((
            invitations::state.eq(InvitationState::Revoked),
            invitations::revoked_at.eq(now),
            invitations::version.eq(row.version + 1),
        ))
        .execute(c))?;
    record(conn, actor, now, &row.event(OperationType::RevokeInvitation, InvitationState::Revoked))?;
    Ok(Outcome::Changed)
}

#[derive(QueryableByName)]
struct Due {
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    id: InvitationKey,
}

/// Marks up to `most` overdue invitations as expired, the longest overdue first, and returns them as they were.
///
/// # Errors
/// Any database error.
pub fn expire(conn: &mut Conn, actor: &Actor, now: NaiveDateTime, most: i64) -> StoreResult<Vec<InvitationRow>> {
    // The enum values are part of the text, as in the index: bound values are of no use to either query planner.
    let ids: Vec<Due> = conn.rows(
        &sql("SELECT id FROM invitations WHERE state IN ('DRAFT', 'DONE') AND expires_at <= ")
            .bind(now)
            .push(" ORDER BY expires_at, id LIMIT ")
            .bind(most),
    )?;
    let mut due = Vec::with_capacity(ids.len());
    for Due { id } in ids {
        due.extend(by_row(conn, id)?);
    }
    for row in &due {
        on!(conn, c => diesel::update(invitations::table.find(row.id))
            .set((
                invitations::state.eq(InvitationState::Expired),
                invitations::version.eq(row.version + 1),
            ))
            .execute(c))?;
        record(conn, actor, now, &row.event(OperationType::UpdateInvitation, InvitationState::Expired))?;
    }
    Ok(due)
}
