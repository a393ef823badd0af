//! Orders: their lines and the resulting subscriptions.

use chrono::NaiveDateTime;
use diesel::prelude::*;
use partnergraph_domain::{CustomerKey, OperationType, OrderChannel, OrderKey, PartnerKey, SubscriptionKey};

use super::subscriptions::{self, NewSubscription};
use crate::conn::Conn;
use crate::derive;
use crate::error::StoreResult;
use crate::schema::{order_lines, orders};
use crate::scope::Actor;

/// An order to place.
#[derive(Debug, Clone)]
pub struct NewOrder {
    /// Its number, which its subscriptions carry too.
    pub order_number: String,
    /// The seller, which orders from Microsoft.
    pub seller_id: PartnerKey,
    /// The customer.
    pub customer_id: CustomerKey,
    /// The portal through which it was placed.
    pub channel: OrderChannel,
}

/// A placed order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Placed {
    /// The key of the order.
    pub order_id: OrderKey,
    /// The keys of its subscriptions, in line order.
    pub subscriptions: Vec<SubscriptionKey>,
}

/// Whether an order with that number exists.
///
/// # Errors
/// Any database error.
pub fn is_taken(conn: &mut Conn, order_number: &str) -> StoreResult<bool> {
    let known: i64 = on!(conn, c => orders::table.filter(orders::order_number.eq(order_number)).count().get_result(c))?;
    Ok(known > 0)
}

/// Places an order with a subscription for each line. Each line is a separate event, because the reseller of one line must not
/// learn of another's (B-12, B-14).
///
/// # Errors
/// Any database error; a unique violation if the order number or a subscription id is taken.
pub fn place(
    conn: &mut Conn,
    actor: &Actor,
    now: NaiveDateTime,
    order: &NewOrder,
    lines: &[NewSubscription],
) -> StoreResult<Placed> {
    let order_id: OrderKey = on!(conn, c => diesel::insert_into(orders::table)
        .values((
            orders::order_number.eq(&order.order_number),
            orders::seller_id.eq(order.seller_id),
            orders::customer_id.eq(order.customer_id),
            orders::channel.eq(order.channel),
            orders::ordered_by.eq(&actor.user_principal_name),
            orders::created_at.eq(now),
        ))
        .returning(orders::id)
        .get_result(c))?;
    let mut placed = Placed { order_id, subscriptions: Vec::with_capacity(lines.len()) };
    for (number, line) in (1_i64..).zip(lines) {
        let pk = subscriptions::insert(conn, actor, now, line)?;
        on!(conn, c => diesel::insert_into(order_lines::table)
            .values((
                order_lines::order_id.eq(order_id),
                order_lines::line_number.eq(number),
                order_lines::subscription_pk.eq(pk),
                order_lines::offer_id.eq(line.columns.offer_id.as_deref().unwrap_or_default()),
                order_lines::offer_name.eq(line.columns.offer_name.as_deref()),
                order_lines::quantity.eq(line.columns.quantity),
                order_lines::reseller_id.eq(line.reseller_id),
                order_lines::support_contact_id.eq(line.support_contact_id),
            ))
            .execute(c))?;
        placed.subscriptions.push(pk);
    }
    derive::refresh_customers(conn, &[order.customer_id])?;
    for (pk, line) in placed.subscriptions.iter().zip(lines) {
        subscriptions::record_begin(conn, actor, now, (*pk, line), OperationType::CreateOrder)?;
    }
    Ok(placed)
}
