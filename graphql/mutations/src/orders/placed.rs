//! Places an order, and reads the result again after the commit.

use async_graphql::Result;
use chrono::NaiveDateTime;
use partnergraph_domain::{CustomerKey, OrderChannel, OrderKey, PartnerKey, SubscriptionKey};
use partnergraph_store::read::customers::CustomerBy;
use partnergraph_store::read::{customers, orders as read_orders};
use partnergraph_store::write::orders::{self, NewOrder};
use partnergraph_store::{Actor, Conn, StoreResult};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::lines::{self, NamedLine, OrderLineInput, Sold};
use partnergraph_operation::Operation;
use partnergraph_operation::batch::BatchRow;
use partnergraph_types::{Customer, Order};

/// A placed order, as remembered under an idempotency key.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Placed {
    pub(crate) customer_id: CustomerKey,
    pub(crate) order_id: OrderKey,
    pub(crate) subscriptions: Vec<SubscriptionKey>,
}

/// The order to place: seller, customer, channel and lines.
pub(super) struct Ordered<'a> {
    pub(super) seller_id: PartnerKey,
    pub(super) customer_id: CustomerKey,
    pub(super) channel: OrderChannel,
    pub(super) lines: &'a [OrderLineInput],
    pub(super) named: &'a [NamedLine],
}

/// Places an order that passed every check.
pub(super) fn place(conn: &mut Conn, actor: &Actor, now: NaiveDateTime, ordered: &Ordered<'_>) -> StoreResult<Placed> {
    let order = NewOrder {
        order_number: fresh_number(conn)?,
        seller_id: ordered.seller_id,
        customer_id: ordered.customer_id,
        channel: ordered.channel,
    };
    let sold = Sold {
        seller_id: order.seller_id,
        customer_id: order.customer_id,
        order_number: &order.order_number,
        today: now.date(),
    };
    let placed = orders::place(conn, actor, now, &order, &lines::sold(&sold, ordered.lines, ordered.named))?;
    Ok(Placed { customer_id: order.customer_id, order_id: placed.order_id, subscriptions: placed.subscriptions })
}

/// A new order number: twelve hexadecimal digits, as in the portals.
fn fresh_number(conn: &mut Conn) -> StoreResult<String> {
    loop {
        let mut number = Uuid::new_v4().simple().to_string();
        number.truncate(12);
        if !orders::is_taken(conn, &number)? {
            return Ok(number);
        }
    }
}

/// The order, within the caller's scope.
pub(crate) async fn order(operation: &Operation, id: OrderKey) -> Result<Option<Order>> {
    let row = operation.read(move |conn, scope| read_orders::find(conn, scope, id)).await?;
    Ok(row.map(|row| Order(BatchRow::alone(row))))
}

/// The customer, within the caller's scope.
pub(super) async fn customer(operation: &Operation, id: CustomerKey) -> Result<Option<Customer>> {
    let row = operation.read(move |conn, scope| customers::find(conn, scope, &CustomerBy::Row(id))).await?;
    Ok(row.map(|row| Customer(BatchRow::alone(row))))
}
