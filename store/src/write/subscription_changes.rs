//! Changes of a subscription: its quantity, name, status, renewal, and upgrades (B-15).

use chrono::NaiveDateTime;
use diesel::prelude::*;
use partnergraph_domain::rules::subscription::Upgrade;
use partnergraph_domain::{OperationType, SubscriptionKey, SubscriptionStatus, sort_key};

use super::subscriptions::{self, NewSubscription};
use super::{Change, Event, Outcome, record};
use crate::conn::Conn;
use crate::derive;
use crate::error::StoreResult;
use crate::read::subscriptions::SubscriptionRow;
use crate::schema::subscriptions as table;
use crate::scope::Actor;

/// The changes to a subscription; `None` leaves a field unchanged.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SubscriptionChange {
    /// The friendly name; `Some(None)` clears it.
    pub friendly_name: Option<Option<String>>,
    /// The number of licences.
    pub quantity: Option<i64>,
    /// The status.
    pub status: Option<SubscriptionStatus>,
    /// Whether it renews automatically.
    pub auto_renew_enabled: Option<bool>,
}

/// Changes a subscription.
///
/// # Errors
/// Any database error.
pub fn update(
    conn: &mut Conn,
    actor: &Actor,
    now: NaiveDateTime,
    row: &SubscriptionRow,
    change: &SubscriptionChange,
) -> StoreResult<Outcome> {
    change_as(conn, actor, now, row, change, OperationType::UpdateSubscription)
}

/// Upgrades a subscription completely or partially, and returns the key of the new one (B-15).
///
/// A full upgrade ends the old subscription and keeps its quantity for reference. A partial upgrade subtracts the licences that
/// move. In both cases the new subscription names the old one as its parent.
///
/// # Errors
/// Any database error; a unique violation if the id of the new subscription is taken.
pub fn upgrade(
    conn: &mut Conn,
    actor: &Actor,
    now: NaiveDateTime,
    from: &SubscriptionRow,
    upgrade: Upgrade,
    to: &NewSubscription,
) -> StoreResult<SubscriptionKey> {
    let change = match upgrade {
        Upgrade::Whole => {
            SubscriptionChange { status: Some(SubscriptionStatus::Deleted), ..SubscriptionChange::default() }
        }
        Upgrade::Partial { remaining, .. } => {
            SubscriptionChange { quantity: i64::try_from(remaining).ok(), ..SubscriptionChange::default() }
        }
    };
    change_as(conn, actor, now, from, &change, OperationType::UpgradeSubscription)?;
    let pk = subscriptions::insert(conn, actor, now, to)?;
    derive::refresh_customers(conn, &[from.customer_id])?;
    subscriptions::record_begin(conn, actor, now, (pk, to), OperationType::UpgradeSubscription)?;
    Ok(pk)
}

fn change_as(
    conn: &mut Conn,
    actor: &Actor,
    now: NaiveDateTime,
    row: &SubscriptionRow,
    change: &SubscriptionChange,
    operation: OperationType,
) -> StoreResult<Outcome> {
    let friendly_name = change.friendly_name.clone().unwrap_or_else(|| row.friendly_name.clone());
    let quantity = change.quantity.or(row.quantity);
    let status = change.status.unwrap_or(row.status);
    let auto_renew = change.auto_renew_enabled.or(row.auto_renew_enabled);
    let number = |quantity: Option<i64>| quantity.map(|quantity| quantity.to_string());
    let truth = |value: Option<bool>| value.map(|value| value.to_string());
    let changes: Vec<Change> = [
        Change::of("friendlyName", row.friendly_name.clone(), friendly_name.clone()),
        Change::of("quantity", number(row.quantity), number(quantity)),
        Change::of("status", Some(row.status.to_string()), Some(status.to_string())),
        Change::of("autoRenewEnabled", truth(row.auto_renew_enabled), truth(auto_renew)),
    ]
    .into_iter()
    .flatten()
    .collect();
    if changes.is_empty() {
        return Ok(Outcome::Unchanged);
    }
    // Read now, because a deletion removes viewers.
    let viewers = subscriptions::viewers(conn, row.id)?;
    on!(conn, c => diesel::update(table::table.find(row.id))
        .set((
            table::friendly_name.eq(friendly_name.as_deref()),
            table::name_sort.eq(sort_key(friendly_name.as_deref().or(row.offer_name.as_deref()))),
            table::quantity.eq(quantity),
            table::status.eq(status),
            table::auto_renew_enabled.eq(auto_renew),
            table::version.eq(table::version + 1),
            table::updated_at.eq(now),
        ))
        .execute(c))?;
    derive::refresh_customers(conn, &[row.customer_id])?;
    let mut event = Event::succeeded(operation);
    event.customer_id = Some(row.customer_id);
    event.subscription_pk = Some(row.id);
    event.viewers = viewers;
    event.changes = changes;
    record(conn, actor, now, &event)?;
    Ok(Outcome::Changed)
}
