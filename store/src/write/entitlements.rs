//! The partner of record of an entitlement.

use chrono::NaiveDateTime;
use diesel::prelude::*;
use partnergraph_domain::PartnerKey;

use super::partners::label;
use super::subscriptions::{association_change, viewers_of_entitlement};
use super::{Change, Event, Outcome, awaiting, record};
use crate::conn::Conn;
use crate::derive;
use crate::error::StoreResult;
use crate::read::entitlements::EntitlementRow;
use crate::read::subscriptions::SubscriptionRow;
use crate::schema::entitlements;
use crate::scope::Actor;

/// Sets or clears the partner of record of an entitlement under that subscription. The subscription's own partner of record and
/// version are unchanged (K-03).
///
/// # Errors
/// Any database error.
pub fn set_partner_of_record(
    conn: &mut Conn,
    actor: &Actor,
    now: NaiveDateTime,
    (subscription, row): (&SubscriptionRow, &EntitlementRow),
    reseller_id: Option<PartnerKey>,
) -> StoreResult<Outcome> {
    if row.reseller_id == reseller_id {
        return Ok(Outcome::Unchanged);
    }
    let so_far = viewers_of_entitlement(conn, subscription.id, row.id)?;
    on!(conn, c => diesel::update(entitlements::table.find(row.id))
        .set((
            entitlements::reseller_id.eq(reseller_id),
            entitlements::version.eq(entitlements::version + 1),
            entitlements::updated_at.eq(now),
        ))
        .execute(c))?;
    if let Some(reseller_id) = reseller_id {
        awaiting::lift(conn, reseller_id, subscription.customer_id)?;
    }
    derive::refresh_customers(conn, &[subscription.customer_id])?;
    let mut event = Event::succeeded(association_change(row.reseller_id, reseller_id));
    event.customer_id = Some(subscription.customer_id);
    event.partner_id = reseller_id.or(row.reseller_id);
    event.subscription_pk = Some(subscription.id);
    // The previous partner of record is notified as well as the new one.
    event.viewers = so_far;
    event.viewers.extend(viewers_of_entitlement(conn, subscription.id, row.id)?);
    event.changes = vec![Change::about("entitlementId", &row.entitlement_id)];
    event.changes.extend(Change::of("partnerOfRecord", label(conn, row.reseller_id)?, label(conn, reseller_id)?));
    record(conn, actor, now, &event)?;
    Ok(Outcome::Changed)
}
