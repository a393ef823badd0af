//! Change requests: made and withdrawn by a reseller, decided by its provider.

use std::collections::HashMap;

use chrono::NaiveDateTime;
use diesel::prelude::*;
use diesel::sql_types::BigInt;
use partnergraph_domain::{
    BillingCycle, BillingType, ChangeRequestKey, ChangeRequestKind, ChangeRequestState, CustomerKey, OperationType,
    OrderKey, PartnerKey, Role, SubscriptionKey, TermDuration,
};

use super::partnerships::PartnershipRow;
use super::{Change, Event, Viewer, record};
use crate::conn::Conn;
use crate::error::StoreResult;
use crate::read::change_requests::ChangeRequestRow;
use crate::read::row::enum_list;
use crate::schema::{change_request_lines, change_requests, partners, user_roles, users};
use crate::scope::{Actor, Scope};
use crate::sql::{ids, sql};

/// A change request to make.
#[derive(Debug, Clone)]
pub struct NewChangeRequest {
    /// The provider that decides.
    pub seller_id: PartnerKey,
    /// The reseller that asks.
    pub reseller_id: PartnerKey,
    /// The customer.
    pub customer_id: CustomerKey,
    /// What it asks for.
    pub wanted: Wanted,
    /// A note for the provider.
    pub note: Option<String>,
    /// When it expires.
    pub expires_at: NaiveDateTime,
}

/// What a reseller asks for.
#[derive(Debug, Clone)]
pub enum Wanted {
    /// An order with these lines.
    Order(Vec<WantedLine>),
    /// Another number of licences, or automatic renewal.
    Update {
        /// The subscription.
        subscription_pk: SubscriptionKey,
        /// The number of licences; `None` to keep it.
        quantity: Option<i64>,
        /// Whether it shall renew automatically; `None` to keep that.
        auto_renew_enabled: Option<bool>,
        /// The version that the reseller saw; `None` if any will do.
        if_version: Option<i64>,
    },
    /// An upgrade.
    Upgrade {
        /// The subscription.
        subscription_pk: SubscriptionKey,
        /// The offer to upgrade to: its id and its name.
        to_offer: (String, String),
        /// The number of licences to upgrade; `None` for all.
        quantity: Option<i64>,
        /// The version that the reseller saw; `None` if any will do.
        if_version: Option<i64>,
    },
}

/// A line of a requested order.
#[derive(Debug, Clone, Insertable)]
#[diesel(table_name = change_request_lines)]
#[allow(missing_docs)]
pub struct WantedLine {
    pub offer_id: String,
    pub offer_name: String,
    pub quantity: Option<i64>,
    pub billing_type: Option<BillingType>,
    pub billing_cycle: Option<BillingCycle>,
    pub term_duration: Option<TermDuration>,
    pub auto_renew_enabled: Option<bool>,
    pub friendly_name: Option<String>,
    pub publisher_name: Option<String>,
    /// Whether the reseller that asks becomes the partner of record.
    pub is_through_requester: bool,
    /// Whether the reseller that asks becomes the support contact.
    pub is_supported_by_requester: bool,
}

/// The number of the reseller's open requests to the provider.
///
/// # Errors
/// Any database error.
pub fn open(
    conn: &mut Conn,
    now: NaiveDateTime,
    (seller_id, reseller_id): (PartnerKey, PartnerKey),
) -> StoreResult<i64> {
    Ok(on!(conn, c => change_requests::table
        .filter(
            change_requests::seller_id.eq(seller_id)
                .and(change_requests::reseller_id.eq(reseller_id))
                .and(change_requests::state.eq(ChangeRequestState::Requested))
                .and(change_requests::expires_at.gt(now)))
        .count()
        .get_result(c))?)
}

/// The same for each of these sellers. Those without any are left out.
pub(super) fn open_by_seller(
    conn: &mut Conn,
    now: NaiveDateTime,
    reseller_id: PartnerKey,
    seller_ids: &[PartnerKey],
) -> StoreResult<HashMap<PartnerKey, i64>> {
    #[derive(QueryableByName)]
    struct Open {
        #[diesel(sql_type = BigInt)]
        seller_id: PartnerKey,
        #[diesel(sql_type = BigInt)]
        requests: i64,
    }
    let statement = sql("SELECT cr.seller_id, COUNT(*) AS requests FROM ")
        .add(ids(conn.backend(), seller_ids))
        .push(" JOIN change_requests cr ON cr.seller_id = up.id AND cr.state = 'REQUESTED' AND cr.reseller_id = ")
        .bind(reseller_id)
        .push(" AND cr.expires_at > ")
        .bind(now)
        .push(" GROUP BY cr.seller_id");
    Ok(conn.rows::<Open>(&statement)?.into_iter().map(|open| (open.seller_id, open.requests)).collect())
}

/// Makes a change request and returns its key.
///
/// # Errors
/// Any database error.
pub fn make(
    conn: &mut Conn,
    actor: &Actor,
    now: NaiveDateTime,
    new: &NewChangeRequest,
) -> StoreResult<ChangeRequestKey> {
    let columns = Columns::of(&new.wanted);
    let Columns { kind, subscription_pk, quantity, auto_renew_enabled, to_offer, if_version } = columns;
    let (to_offer_id, to_offer_name) = to_offer.unzip();
    let id: ChangeRequestKey = on!(conn, c => diesel::insert_into(change_requests::table)
        .values((
            change_requests::kind.eq(kind),
            change_requests::state.eq(ChangeRequestState::Requested),
            change_requests::seller_id.eq(new.seller_id),
            change_requests::reseller_id.eq(new.reseller_id),
            change_requests::customer_id.eq(new.customer_id),
            change_requests::subscription_pk.eq(subscription_pk),
            change_requests::quantity.eq(quantity),
            change_requests::auto_renew_enabled.eq(auto_renew_enabled),
            change_requests::to_offer_id.eq(to_offer_id),
            change_requests::to_offer_name.eq(to_offer_name),
            change_requests::if_version.eq(if_version),
            change_requests::note.eq(new.note.as_deref()),
            change_requests::requested_by.eq(&actor.user_principal_name),
            change_requests::requested_at.eq(now),
            change_requests::expires_at.eq(new.expires_at),
            change_requests::is_automatic.eq(false),
            change_requests::version.eq(1_i64),
        ))
        .returning(change_requests::id)
        .get_result(c))?;
    if let Wanted::Order(lines) = &new.wanted {
        for (number, line) in (1_i64..).zip(lines) {
            on!(conn, c => diesel::insert_into(change_request_lines::table)
                .values((
                    change_request_lines::request_id.eq(id),
                    change_request_lines::line_number.eq(number),
                    line,
                ))
                .execute(c))?;
        }
    }
    let mut event = about(OperationType::CreateChangeRequest, id, new.customer_id, subscription_pk);
    event.partner_id = Some(new.reseller_id);
    event.viewers = vec![Viewer::Partner(new.seller_id), Viewer::Partner(new.reseller_id)];
    event.changes = [
        Change::of("kind", None, Some(kind.to_string())),
        Change::of("state", None, Some(ChangeRequestState::Requested.to_string())),
        Change::of("quantity", None, quantity.map(|quantity| quantity.to_string())),
        Change::of("autoRenewEnabled", None, auto_renew_enabled.map(|renews| renews.to_string())),
        Change::of("toOfferId", None, to_offer_id.map(str::to_owned)),
        Change::of("note", None, new.note.clone()),
    ]
    .into_iter()
    .flatten()
    .collect();
    record(conn, actor, now, &event)?;
    Ok(id)
}

/// What the table has of each kind of request.
struct Columns<'a> {
    kind: ChangeRequestKind,
    subscription_pk: Option<SubscriptionKey>,
    quantity: Option<i64>,
    auto_renew_enabled: Option<bool>,
    to_offer: Option<(&'a str, &'a str)>,
    if_version: Option<i64>,
}

impl<'a> Columns<'a> {
    fn of(wanted: &'a Wanted) -> Self {
        let none = Columns {
            kind: ChangeRequestKind::Order,
            subscription_pk: None,
            quantity: None,
            auto_renew_enabled: None,
            to_offer: None,
            if_version: None,
        };
        match wanted {
            Wanted::Order(_) => none,
            Wanted::Update { subscription_pk, quantity, auto_renew_enabled, if_version } => Columns {
                kind: ChangeRequestKind::Update,
                subscription_pk: Some(*subscription_pk),
                quantity: *quantity,
                auto_renew_enabled: *auto_renew_enabled,
                if_version: *if_version,
                ..none
            },
            Wanted::Upgrade { subscription_pk, to_offer: (id, name), quantity, if_version } => Columns {
                kind: ChangeRequestKind::Upgrade,
                subscription_pk: Some(*subscription_pk),
                quantity: *quantity,
                to_offer: Some((id, name)),
                if_version: *if_version,
                ..none
            },
        }
    }
}

fn about(
    operation: OperationType,
    id: ChangeRequestKey,
    customer_id: CustomerKey,
    subscription_pk: Option<SubscriptionKey>,
) -> Event {
    let mut event = Event::succeeded(operation);
    event.change_request_id = Some(id);
    event.customer_id = Some(customer_id);
    event.subscription_pk = subscription_pk;
    event
}

/// How a provider decides a request.
#[derive(Debug, Clone, Copy)]
pub enum Decision {
    /// It approves, and has done what was asked for.
    Approved {
        /// The order, if one was asked for.
        order_id: Option<OrderKey>,
        /// Whether it was approved without asking anybody.
        is_automatic: bool,
    },
    /// It declines.
    Declined,
}

/// Decides an open request.
///
/// # Errors
/// Any database error.
pub fn decide(
    conn: &mut Conn,
    actor: &Actor,
    now: NaiveDateTime,
    row: &ChangeRequestRow,
    decision: Decision,
    note: Option<&str>,
) -> StoreResult<()> {
    let (state, operation, order_id, is_automatic) = match decision {
        Decision::Approved { order_id, is_automatic } => {
            (ChangeRequestState::Approved, OperationType::ApproveChangeRequest, order_id, is_automatic)
        }
        Decision::Declined => (ChangeRequestState::Declined, OperationType::DeclineChangeRequest, None, false),
    };
    on!(conn, c => diesel::update(change_requests::table.find(row.id))
        .set((
            change_requests::state.eq(state),
            change_requests::decided_by.eq(&actor.user_principal_name),
            change_requests::decided_at.eq(now),
            change_requests::decision_note.eq(note),
            change_requests::is_automatic.eq(is_automatic),
            change_requests::order_id.eq(order_id),
            change_requests::version.eq(row.version + 1),
        ))
        .execute(c))?;
    close(conn, actor, now, row, (operation, state), note)
}

/// Withdraws an open request.
///
/// # Errors
/// Any database error.
pub fn withdraw(conn: &mut Conn, actor: &Actor, now: NaiveDateTime, row: &ChangeRequestRow) -> StoreResult<()> {
    let state = ChangeRequestState::Withdrawn;
    on!(conn, c => diesel::update(change_requests::table.find(row.id))
        .set((
            change_requests::state.eq(state),
            change_requests::withdrawn_at.eq(now),
            change_requests::version.eq(row.version + 1),
        ))
        .execute(c))?;
    close(conn, actor, now, row, (OperationType::WithdrawChangeRequest, state), None)
}

fn close(
    conn: &mut Conn,
    actor: &Actor,
    now: NaiveDateTime,
    row: &ChangeRequestRow,
    (operation, state): (OperationType, ChangeRequestState),
    note: Option<&str>,
) -> StoreResult<()> {
    let mut event = about(operation, row.id, row.customer_id, row.subscription_pk);
    event.partner_id = Some(row.reseller_id);
    event.viewers = vec![Viewer::Partner(row.seller_id), Viewer::Partner(row.reseller_id)];
    event.changes = [
        Change::of("state", Some(row.state.to_string()), Some(state.to_string())),
        Change::of("decisionNote", None, note.map(str::to_owned)),
    ]
    .into_iter()
    .flatten()
    .collect();
    record(conn, actor, now, &event)?;
    Ok(())
}

/// The user under whose name the provider approves requests automatically, with the roles that this user has now. A user whom
/// only an issuer knows keeps the roles that the user had when setting it. `None` if nobody has set it.
///
/// # Errors
/// Any database error.
pub fn approver(conn: &mut Conn, partnership: &PartnershipRow) -> StoreResult<Option<Actor>> {
    let Some(user_principal_name) = partnership.auto_approve_by.clone() else { return Ok(None) };
    let provider_id = partnership.provider_id;
    let (tenant_id, partner_type) = on!(conn, c => partners::table
        .find(provider_id)
        .select((partners::tenant_id, partners::partner_type))
        .first(c))?;
    let roles: Vec<Role> = match partnership.auto_approve_user {
        Some(user_id) => on!(conn, c => user_roles::table
            .inner_join(users::table)
            .filter(
                users::id.eq(user_id)
                    .and(users::partner_id.eq(provider_id))
                    .and(users::removed_at.is_null()))
            .select(user_roles::role)
            .load(c))?,
        None => enum_list(partnership.auto_approve_roles.as_deref().unwrap_or("[]"))?,
    };
    Ok(Some(Actor {
        scope: Scope::Partner { id: provider_id, partner_type },
        tenant_id,
        user_id: partnership.auto_approve_user,
        user_principal_name,
        roles,
        approves: None,
    }))
}
