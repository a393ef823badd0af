use std::collections::HashMap;
use std::sync::Arc;

use async_graphql::{Context, ID, Object, Result};
use partnergraph_domain::{OrderChannel, SubscriptionKey};
use partnergraph_store::read::orders::{self, OrderLineRow, OrderOrder, OrderRow};
use partnergraph_store::read::subscriptions;

use super::{Customer, CustomerSubscription, Partner, customer_of, partner_of};
use partnergraph_operation::connection;
use partnergraph_operation::context::Operation;
use partnergraph_operation::ids::GlobalId;
use partnergraph_operation::scalars::DateTime;
use partnergraph_operation::siblings::{CellKey, Level, Member};

connection! { OrderConnection, OrderEdge, Order, OrderOrder, "orders" }

/// What a seller ordered for a customer at once. Its seller, the customer and operators read it; a reseller reads the
/// subscriptions it stands on, since an order may hold other resellers' lines (B-14).
#[derive(Debug, Clone)]
pub struct Order(pub Member<OrderRow>);

impl From<Member<OrderRow>> for Order {
    fn from(row: Member<OrderRow>) -> Self {
        Self(row)
    }
}

/// What a seller ordered for a customer at once. Its seller, the customer and operators read it; a reseller reads the
/// subscriptions it stands on, since an order may hold other resellers' lines (B-14).
#[Object]
impl Order {
    /// The global id.
    pub async fn id(&self) -> ID {
        GlobalId::Order(self.0.id).into()
    }

    /// Its number, which its subscriptions bear as `orderId`.
    fn order_number(&self) -> &str {
        &self.0.order_number
    }

    /// The portal through which it came.
    fn channel(&self) -> OrderChannel {
        self.0.channel
    }

    /// Who placed it.
    fn ordered_by(&self) -> &str {
        &self.0.ordered_by
    }

    /// When it was placed.
    fn created_at(&self) -> DateTime {
        self.0.created_at.into()
    }

    /// The partner that ordered. Null where the caller does not see it.
    async fn provider(&self, ctx: &Context<'_>) -> Result<Option<Partner>> {
        partner_of(ctx, self.0.level(), |row| [Some(row.seller_id), None, None], Some(self.0.seller_id)).await
    }

    /// For whom it was ordered. Null where the caller does not see it any more.
    async fn customer(&self, ctx: &Context<'_>) -> Result<Option<Customer>> {
        customer_of(ctx, self.0.level(), |row| Some(row.customer_id), Some(self.0.customer_id)).await
    }

    /// What was ordered.
    async fn lines(&self, ctx: &Context<'_>) -> Result<Vec<OrderLine>> {
        let operation = Operation::of(ctx);
        let level = self.0.level();
        let lines = level
            .shared(CellKey::Name("lines"), || async {
                let ids = level.keys(|row| Some(row.id));
                Ok(Level::new(operation.read(move |conn, scope| orders::lines(conn, scope, &ids)).await?))
            })
            .await?;
        let all = (0..lines.rows().len()).filter_map(|at| Member::at(&lines, at));
        Ok(all.filter(|line| line.order_id == self.0.id).map(OrderLine).collect())
    }
}

/// A line of an order, as it was ordered.
#[derive(Debug, Clone)]
pub struct OrderLine(Member<OrderLineRow>);

/// A line of an order, as it was ordered.
#[Object]
impl OrderLine {
    /// Its place in the order, from 1.
    fn line_number(&self) -> i64 {
        self.0.line_number
    }

    /// The offer.
    fn offer_id(&self) -> &str {
        &self.0.offer_id
    }

    /// Its name in the price list. Null where it is not known.
    fn offer_name(&self) -> Option<&str> {
        self.0.offer_name.as_deref()
    }

    /// The licences. Null for an offer that is charged by use.
    fn quantity(&self) -> Option<i64> {
        self.0.quantity
    }

    /// The subscription that came of it, as it is now. Null where the caller does not see it.
    async fn subscription(&self, ctx: &Context<'_>) -> Result<Option<CustomerSubscription>> {
        let operation = Operation::of(ctx);
        let level = self.0.level();
        let found: Arc<(HashMap<SubscriptionKey, usize>, Arc<Level<_>>)> = level
            .shared(CellKey::Name("subscriptions"), || async {
                let rows = level.keys(|line| line.subscription_pk);
                let rows = operation.read(move |conn, scope| subscriptions::by_ids(conn, scope, &rows)).await?;
                let places = rows.iter().enumerate().map(|(at, row)| (row.id, at)).collect();
                Ok((places, Level::new(rows)))
            })
            .await?;
        let at = self.0.subscription_pk.and_then(|pk| found.0.get(&pk).copied());
        Ok(at.and_then(|at| Member::at(&found.1, at)).map(CustomerSubscription))
    }
}
