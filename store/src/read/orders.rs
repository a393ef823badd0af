//! Orders and their lines, visible to the seller, the customer and operators. A reseller reads its subscriptions instead, because
//! an order can contain lines of other resellers (B-14).

use chrono::NaiveDateTime;
use diesel::sql_types::{BigInt, Nullable, Text, Timestamp};
use partnergraph_domain::{CustomerKey, OrderChannel, OrderKey, PartnerKey, SubscriptionKey};
use serde::Serialize;

use crate::conn::Conn;
use crate::error::StoreResult;
use crate::read::filter::{Filter, OrderTerm};
use crate::read::page::{List, Order, OrderField};
use crate::read::row::row;
use crate::scope::Scope;
use crate::sql::{Sql, Value, ids, sql};

row! {
    /// An order.
    pub struct OrderRow {
        pub id: OrderKey => BigInt,
        pub order_number: String => Text,
        pub seller_id: PartnerKey => BigInt,
        pub customer_id: CustomerKey => BigInt,
        pub channel: OrderChannel => Text,
        pub ordered_by: String => Text,
        pub created_at: NaiveDateTime => Timestamp,
    }
}

row! {
    /// A line of an order.
    pub struct OrderLineRow {
        pub order_id: OrderKey => BigInt,
        pub line_number: i64 => BigInt,
        pub subscription_pk: Option<SubscriptionKey> => Nullable<BigInt>,
        pub offer_id: String => Text,
        pub offer_name: Option<String> => Nullable<Text>,
        pub quantity: Option<i64> => Nullable<BigInt>,
    }
}

const COLUMNS: &str = "o.id, o.order_number, o.seller_id, o.customer_id, o.channel, o.ordered_by, o.created_at";

/// Whether the caller can read the order `o`. A seller goes on reading what it sold after its relationship has ended (D-06).
fn reads_order(scope: &Scope) -> Sql {
    match scope {
        Scope::Operator => sql("1 = 1"),
        Scope::Customer { id } => sql("o.customer_id = ").bind(*id),
        Scope::Partner { id, .. } => sql("o.seller_id = ").bind(*id),
        Scope::Nobody => sql("1 = 0"),
    }
}

/// Whether the order `o` is in the caller's lists, which the customers that it left are not in (D-01).
fn lists_order(scope: &Scope) -> Sql {
    match scope {
        Scope::Partner { id, .. } => reads_order(scope)
            .push(" AND EXISTS (SELECT 1 FROM customer_views v WHERE v.customer_id = o.customer_id AND v.viewer_id = ")
            .bind(*id)
            .push(")"),
        _ => reads_order(scope),
    }
}

/// The order, if the caller can read it.
///
/// # Errors
/// Any database error.
pub fn find(conn: &mut Conn, scope: &Scope, id: OrderKey) -> StoreResult<Option<OrderRow>> {
    let statement = sql("SELECT ").push(COLUMNS).push(" FROM orders o WHERE o.id = ").bind(id).push(" AND ");
    conn.row(&statement.add(reads_order(scope)))
}

/// The orders with these keys that the caller sees, ordered by key.
///
/// # Errors
/// Any database error.
pub fn by_ids(conn: &mut Conn, scope: &Scope, order_ids: &[OrderKey]) -> StoreResult<Vec<OrderRow>> {
    let wanted = ids(conn.backend(), order_ids);
    let statement =
        sql("SELECT ").push(COLUMNS).push(" FROM ").add(wanted).push(" JOIN orders o ON o.id = up.id WHERE ");
    conn.rows(&statement.add(reads_order(scope)).push(" ORDER BY o.id"))
}

/// The lines of these orders, in order. The caller must already be known to see the orders.
///
/// # Errors
/// Any database error.
pub fn lines(conn: &mut Conn, scope: &Scope, order_ids: &[OrderKey]) -> StoreResult<Vec<OrderLineRow>> {
    let wanted = ids(conn.backend(), order_ids);
    conn.rows(
        &sql("SELECT l.order_id, l.line_number, l.subscription_pk, l.offer_id, l.offer_name, l.quantity FROM ")
            .add(wanted)
            .push(" JOIN order_lines l ON l.order_id = up.id JOIN orders o ON o.id = l.order_id WHERE ")
            .add(reads_order(scope))
            .push(" ORDER BY l.order_id, l.line_number"),
    )
}

/// What orders can be ordered by: the sequence in which they were placed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[allow(missing_docs)]
pub enum OrderOrder {
    Row,
}

impl OrderField for OrderOrder {
    type Row = OrderRow;
    const UNIQUE: Self = Self::Row;

    fn column(self) -> &'static str {
        "o.id"
    }

    fn nullable(self) -> bool {
        false
    }

    fn value(self, row: &OrderRow) -> Value {
        row.id.into()
    }

    fn kind(self) -> Value {
        Value::Int(None)
    }
}

/// The orders in the caller's lists that match.
pub fn list(scope: &Scope, filter: &Filter<OrderTerm>, order: Order<OrderOrder>) -> List<OrderOrder> {
    let condition = lists_order(scope).push(" AND ").add(filter.on_orders(scope).of("o"));
    List::new(COLUMNS, (sql("orders o"), "o"), condition, order)
}

/// The orders for a customer with the key `up.id` that the caller can read.
pub fn of_customers(scope: &Scope, order: Order<OrderOrder>) -> List<OrderOrder> {
    let condition = sql("o.customer_id = up.id AND ").add(reads_order(scope));
    List::new(COLUMNS, (sql("orders o"), "o"), condition, order)
}
