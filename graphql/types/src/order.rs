use std::collections::HashMap;
use std::sync::Arc;

use async_graphql::{Context, ID, Object, Result};
use partnergraph_domain::{OrderChannel, SubscriptionKey};
use partnergraph_store::read::orders::{self, OrderLineRow, OrderOrder, OrderRow};
use partnergraph_store::read::subscriptions;

use super::{Customer, CustomerSubscription, Partner, buyer_of, partner_of};
use partnergraph_operation::batch::{Batch, BatchRow, CellKey};
use partnergraph_operation::connection;
use partnergraph_operation::context::Operation;
use partnergraph_operation::ids::GlobalId;
use partnergraph_operation::scalars::DateTime;

connection! { OrderConnection, OrderEdge, Order, OrderOrder, "orders" }

/// An order that a seller placed for a customer. Visible to the seller, the customer and operators. Because an order can
/// contain other resellers' lines, a reseller does not see the order, only the subscriptions on which it is named (B-14).
#[derive(Debug, Clone)]
pub struct Order(pub BatchRow<OrderRow>);

impl From<BatchRow<OrderRow>> for Order {
    fn from(row: BatchRow<OrderRow>) -> Self {
        Self(row)
    }
}

/// An order that a seller placed for a customer. Visible to the seller, the customer and operators. Because an order can
/// contain other resellers' lines, a reseller does not see the order, only the subscriptions on which it is named (B-14).
#[Object]
impl Order {
    /// The global id.
    pub async fn id(&self) -> ID {
        GlobalId::Order(self.0.id).into()
    }

    /// The order number. Its subscriptions have it as their `orderId`.
    fn order_number(&self) -> &str {
        &self.0.order_number
    }

    /// The portal through which the order was placed.
    fn channel(&self) -> OrderChannel {
        self.0.channel
    }

    /// The user principal name of the user who placed the order.
    fn ordered_by(&self) -> &str {
        &self.0.ordered_by
    }

    /// When the order was placed.
    fn created_at(&self) -> DateTime {
        self.0.created_at.into()
    }

    /// The partner that placed the order. Null if you cannot see it.
    async fn provider(&self, ctx: &Context<'_>) -> Result<Option<Partner>> {
        partner_of(ctx, self.0.batch(), |row| [Some(row.seller_id), None, None], Some(self.0.seller_id)).await
    }

    /// The customer that the order is for. After its relationship with the customer has ended, the seller sees only the
    /// customer's identity (D-06). Null if you cannot see it.
    async fn customer(&self, ctx: &Context<'_>) -> Result<Option<Customer>> {
        buyer_of(ctx, self.0.batch(), |row| Some(row.customer_id), self.0.customer_id).await
    }

    /// The order lines.
    async fn lines(&self, ctx: &Context<'_>) -> Result<Vec<OrderLine>> {
        let operation = Operation::of(ctx);
        let batch = self.0.batch();
        let lines = batch
            .shared(CellKey::Name("lines"), || async {
                let ids = batch.keys(|row| Some(row.id));
                Ok(Batch::new(operation.read(move |conn, scope| orders::lines(conn, scope, &ids)).await?))
            })
            .await?;
        let all = (0..lines.rows().len()).filter_map(|at| BatchRow::at(&lines, at));
        Ok(all.filter(|line| line.order_id == self.0.id).map(OrderLine).collect())
    }
}

/// A line of an order, as it was ordered.
#[derive(Debug, Clone)]
pub struct OrderLine(BatchRow<OrderLineRow>);

/// A line of an order, as it was ordered.
#[Object]
impl OrderLine {
    /// The line number, starting at 1.
    fn line_number(&self) -> i64 {
        self.0.line_number
    }

    /// The id of the offer.
    fn offer_id(&self) -> &str {
        &self.0.offer_id
    }

    /// The name of the offer in the price list. Null if unknown.
    fn offer_name(&self) -> Option<&str> {
        self.0.offer_name.as_deref()
    }

    /// The number of licences. Null for a usage-based offer.
    fn quantity(&self) -> Option<i64> {
        self.0.quantity
    }

    /// The subscription that the line created, in its current state. Null if you cannot see it.
    async fn subscription(&self, ctx: &Context<'_>) -> Result<Option<CustomerSubscription>> {
        let operation = Operation::of(ctx);
        let batch = self.0.batch();
        let found: Arc<(HashMap<SubscriptionKey, usize>, Arc<Batch<_>>)> = batch
            .shared(CellKey::Name("subscriptions"), || async {
                let rows = batch.keys(|line| line.subscription_pk);
                let rows = operation.read(move |conn, scope| subscriptions::by_ids(conn, scope, &rows)).await?;
                let places = rows.iter().enumerate().map(|(at, row)| (row.id, at)).collect();
                Ok((places, Batch::new(rows)))
            })
            .await?;
        let at = self.0.subscription_pk.and_then(|pk| found.0.get(&pk).copied());
        Ok(at.and_then(|at| BatchRow::at(&found.1, at)).map(CustomerSubscription))
    }
}
