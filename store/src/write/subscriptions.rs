//! Subscriptions: creation, partner of record and support contact.

use chrono::NaiveDateTime;
use diesel::prelude::*;
use diesel::sql_types::BigInt;
use partnergraph_domain::{
    CustomerKey, EntitlementKey, OperationType, PartnerKey, SubscriptionId, SubscriptionKey, search_key, sort_key,
};

use super::partners::label;
use super::{Change, Event, Outcome, Viewer, awaiting, history, record};
use crate::columns::SubscriptionColumns;
use crate::conn::Conn;
use crate::derive;
use crate::error::StoreResult;
use crate::read::subscriptions::SubscriptionRow;
use crate::schema::{partners_of_record, subscriptions};
use crate::scope::Actor;
use crate::sql::sql;

/// A subscription to add.
#[derive(Debug, Clone)]
pub struct NewSubscription {
    /// Its id.
    pub subscription_id: SubscriptionId,
    /// The provider or direct-bill partner that sold it.
    pub seller_id: PartnerKey,
    /// The customer.
    pub customer_id: CustomerKey,
    /// The partner of record, if there is one (B-02, B-07).
    pub reseller_id: Option<PartnerKey>,
    /// The designated support contact; `None` for the seller itself (K-04).
    pub support_contact_id: Option<PartnerKey>,
    /// Its properties. It is purchased when it is added.
    pub columns: SubscriptionColumns,
}

/// Adds a subscription and returns its key.
///
/// # Errors
/// Any database error; a unique violation if the id is taken.
pub fn add(conn: &mut Conn, actor: &Actor, now: NaiveDateTime, new: &NewSubscription) -> StoreResult<SubscriptionKey> {
    let pk = insert(conn, actor, now, new)?;
    derive::refresh_customers(conn, &[new.customer_id])?;
    record_begin(conn, actor, now, (pk, new), OperationType::CreateOrder)?;
    Ok(pk)
}

/// Inserts only the row, for writes that add several; the caller updates derived data and history.
pub(super) fn insert(
    conn: &mut Conn,
    actor: &Actor,
    now: NaiveDateTime,
    new: &NewSubscription,
) -> StoreResult<SubscriptionKey> {
    let columns = SubscriptionColumns { creation_date: Some(now), ..new.columns.clone() };
    let name = columns.friendly_name.as_deref().or(columns.offer_name.as_deref());
    let pk = on!(conn, c => diesel::insert_into(subscriptions::table)
        .values((
            subscriptions::subscription_id.eq(new.subscription_id.to_string()),
            subscriptions::seller_id.eq(new.seller_id),
            subscriptions::customer_id.eq(new.customer_id),
            subscriptions::reseller_id.eq(new.reseller_id),
            subscriptions::support_contact_id.eq(new.support_contact_id.filter(|id| *id != new.seller_id)),
            subscriptions::offer_name_key.eq(columns.offer_name.as_deref().map(search_key)),
            subscriptions::name_sort.eq(sort_key(name)),
            subscriptions::version.eq(1_i64),
            subscriptions::created_at.eq(now),
            subscriptions::updated_at.eq(now),
            &columns,
        ))
        .returning(subscriptions::id)
        .get_result(c))?;
    if new.reseller_id.is_some() {
        on!(conn, c => diesel::update(partners_of_record::table.find(pk))
            .set((
                partners_of_record::partner_of_record_since.eq(now),
                partners_of_record::partner_of_record_by.eq(&actor.user_principal_name),
            ))
            .execute(c))?;
        history::edited(conn, pk, now, (new.reseller_id, &actor.user_principal_name))?;
    }
    Ok(pk)
}

/// Records the event of a new subscription, for everyone who sees it from now on.
pub(super) fn record_begin(
    conn: &mut Conn,
    actor: &Actor,
    now: NaiveDateTime,
    (pk, new): (SubscriptionKey, &NewSubscription),
    operation: OperationType,
) -> StoreResult<()> {
    let contact = new.support_contact_id.filter(|id| *id != new.seller_id && Some(*id) != new.reseller_id);
    let mut event = Event::succeeded(operation);
    event.customer_id = Some(new.customer_id);
    event.partner_id = new.reseller_id;
    event.subscription_pk = Some(pk);
    event.viewers = viewers(conn, pk)?;
    event.changes = [
        Change::of("orderId", None, new.columns.order_id.clone()),
        Change::of("subscriptionId", None, Some(new.subscription_id.to_string())),
        Change::of("parentSubscriptionId", None, new.columns.parent_subscription_id.clone()),
        Change::of("offerId", None, new.columns.offer_id.clone()),
        Change::of("quantity", None, new.columns.quantity.map(|quantity| quantity.to_string())),
        Change::of("partnerOfRecord", None, label(conn, new.reseller_id)?),
        Change::of("supportContact", None, label(conn, contact)?),
    ]
    .into_iter()
    .flatten()
    .collect();
    record(conn, actor, now, &event)?;
    Ok(())
}

/// Sets or clears the partner of record, and keeps the previous one in the history. Nothing else about the subscription changes
/// (K-03).
///
/// # Errors
/// Any database error.
pub fn set_partner_of_record(
    conn: &mut Conn,
    actor: &Actor,
    now: NaiveDateTime,
    row: &SubscriptionRow,
    reseller_id: Option<PartnerKey>,
) -> StoreResult<Outcome> {
    if row.reseller_id == reseller_id {
        return Ok(Outcome::Unchanged);
    }
    let so_far = viewers(conn, row.id)?;
    on!(conn, c => diesel::update(subscriptions::table.find(row.id))
        .set((
            subscriptions::version.eq(subscriptions::version + 1),
            subscriptions::updated_at.eq(now),
        ))
        .execute(c))?;
    history::set(conn, row.id, reseller_id, &actor.user_principal_name, now)?;
    lift(conn, row.customer_id, reseller_id)?;
    derive::refresh_customers(conn, &[row.customer_id])?;
    let mut event = Event::succeeded(association_change(row.reseller_id, reseller_id));
    event.partner_id = reseller_id.or(row.reseller_id);
    let changes = Change::of("partnerOfRecord", label(conn, row.reseller_id)?, label(conn, reseller_id)?);
    record_change(conn, actor, now, row, event, changes, so_far)
}

/// The operation type for a change of the partner of record.
pub(super) fn association_change(before: Option<PartnerKey>, after: Option<PartnerKey>) -> OperationType {
    match (before, after) {
        (None, _) => OperationType::CreateMpnAssociation,
        (Some(_), Some(_)) => OperationType::UpdateMpnAssociation,
        (Some(_), None) => OperationType::RemoveMpnAssociation,
    }
}

/// Designates the support contact, or returns support to the seller. Nothing else about the subscription changes (K-03).
///
/// # Errors
/// Any database error.
pub fn set_support_contact(
    conn: &mut Conn,
    actor: &Actor,
    now: NaiveDateTime,
    row: &SubscriptionRow,
    contact_id: Option<PartnerKey>,
) -> StoreResult<Outcome> {
    // The seller is the default contact; naming it means that none is designated.
    let contact_id = contact_id.filter(|id| *id != row.seller_id);
    if row.support_contact_id == contact_id {
        return Ok(Outcome::Unchanged);
    }
    let so_far = viewers(conn, row.id)?;
    on!(conn, c => diesel::update(subscriptions::table.find(row.id))
        .set((
            subscriptions::support_contact_id.eq(contact_id),
            subscriptions::version.eq(subscriptions::version + 1),
            subscriptions::updated_at.eq(now),
        ))
        .execute(c))?;
    lift(conn, row.customer_id, contact_id)?;
    derive::refresh_customers(conn, &[row.customer_id])?;
    let mut event = Event::succeeded(OperationType::UpdateSupportContact);
    event.partner_id = contact_id.or(row.support_contact_id);
    let changes = Change::of("supportContact", label(conn, row.support_contact_id)?, label(conn, contact_id)?);
    record_change(conn, actor, now, row, event, changes, so_far)
}

/// A reseller that the seller itself assigns to a subscription sees the customer, whoever reported the customer first (C-25).
fn lift(conn: &mut Conn, customer_id: CustomerKey, reseller_id: Option<PartnerKey>) -> StoreResult<()> {
    reseller_id.map_or(Ok(()), |reseller_id| awaiting::lift(conn, reseller_id, customer_id))
}

fn record_change(
    conn: &mut Conn,
    actor: &Actor,
    now: NaiveDateTime,
    row: &SubscriptionRow,
    mut event: Event,
    change: Option<Change>,
    so_far: Vec<Viewer>,
) -> StoreResult<Outcome> {
    event.customer_id = Some(row.customer_id);
    event.subscription_pk = Some(row.id);
    // The previous contact is notified as well as the new one.
    event.viewers = so_far;
    event.viewers.extend(viewers(conn, row.id)?);
    event.changes = change.into_iter().collect();
    record(conn, actor, now, &event)?;
    Ok(Outcome::Changed)
}

#[derive(QueryableByName)]
struct Found {
    #[diesel(sql_type = BigInt)]
    id: PartnerKey,
}

/// Who is notified about a subscription: its seller, its customer, and the resellers that currently see it, by an account
/// association or as its partner of record, its support contact or the partner of record of an entitlement. They cannot read what
/// an event says about another of them (B-14); see [`EventRow::visible_changes`](crate::read::history::EventRow::visible_changes).
pub(super) fn viewers(conn: &mut Conn, pk: SubscriptionKey) -> StoreResult<Vec<Viewer>> {
    viewers_by(conn, pk, "")
}

/// Who is notified about an entitlement: the same, but of the entitlements' partners of record only its own.
pub(super) fn viewers_of_entitlement(
    conn: &mut Conn,
    pk: SubscriptionKey,
    entitlement_id: EntitlementKey,
) -> StoreResult<Vec<Viewer>> {
    viewers_by(conn, pk, &format!(" AND e.id = {entitlement_id}"))
}

fn viewers_by(conn: &mut Conn, pk: SubscriptionKey, entitlements: &str) -> StoreResult<Vec<Viewer>> {
    let of = |column: &'static str, from: &str| {
        sql("SELECT s.customer_id, ")
            .push(column)
            .push(" AS id FROM subscriptions s")
            .push(from.to_owned())
            .push(" WHERE s.id = ")
            .bind(pk)
    };
    let resellers = of("s.reseller_id", "")
        .push(" UNION ")
        .add(of("s.support_contact_id", ""))
        .push(" UNION ")
        .add(of("e.reseller_id", &format!(" JOIN entitlements e ON e.subscription_pk = s.id{entitlements}")))
        .push(" UNION ")
        .add(of(
            "rc.reseller_id",
            " JOIN reseller_customers rc ON rc.by_account AND rc.provider_id = s.seller_id AND rc.customer_id = s.customer_id",
        ));
    let statement = sql("SELECT x.id FROM (")
        .add(resellers)
        .push(") x JOIN customer_views v ON v.viewer_id = x.id AND v.customer_id = x.customer_id UNION ")
        .push("SELECT s.seller_id FROM subscriptions s WHERE s.id = ")
        .bind(pk);
    let partners: Vec<Found> = conn.rows(&statement)?;
    Ok(partners.into_iter().map(|found| Viewer::Partner(found.id)).chain([Viewer::TheCustomer]).collect())
}
