use async_graphql::{Context, InputObject, Object, SimpleObject};
use chrono::NaiveDateTime;
use partnergraph_domain::OrderChannel;
use partnergraph_domain::checks::{self, OrderFacts};
use partnergraph_store::read::customers;
use partnergraph_store::write::facts;
use partnergraph_store::write::sale_facts;
use partnergraph_store::{Actor, Conn};

use super::lines::{self, OrderLineInput};
use super::placed::{self, Ordered, Placed};
use super::{allowed, seller};
use crate::payload;
use crate::task::{self, Attempt, Creation};
use partnergraph_operation::Operation;
use partnergraph_operation::lookups::CustomerLookup;
use partnergraph_operation::nullable::Nullable;
use partnergraph_operation::payload::{UserError, user_errors};
use partnergraph_types::{CustomerSubscription, Order};

/// The order to place.
#[derive(InputObject, Debug, Clone)]
pub struct SubmitOrderInput {
    /// The customer. You must already have a relationship with it.
    pub(crate) customer: CustomerLookup,
    /// The order lines, from 1 to 100. Each becomes a subscription.
    pub(crate) lines: Vec<OrderLineInput>,
    /// The portal that the order comes from. Orders from the Azure portal are rejected (B-01).
    pub(crate) channel: OrderChannel,
    /// Makes it safe to retry: repeating a request with the same key and input returns the first result, without secrets, and
    /// creates nothing. From 1 to 200 characters. If null, every request is new.
    pub(crate) idempotency_key: Option<String>,
    /// Validate without saving. The payload is as it would be; ids of what would be created are not kept.
    #[graphql(default)]
    pub(crate) validate_only: bool,
}

/// Result of placing an order.
#[derive(SimpleObject)]
#[allow(missing_debug_implementations)]
#[graphql(complex)]
pub struct SubmitOrderPayload {
    /// The order. Null if it was rejected.
    order: Option<Order>,
    /// The subscriptions created by the order, in the same order as the lines. Empty if the order was rejected.
    subscriptions: Vec<CustomerSubscription>,
    /// Why it was rejected. Empty on success.
    user_errors: Vec<UserError>,
}

crate::payload::edges! { SubmitOrderPayload {
    /// `order` with its cursor in the list in which it stands, in the default order and without a filter. Null if it is null.
    order_edge: order => partnergraph_types::OrderEdge,
} }

/// `submitOrder`.
#[derive(Debug, Default)]
pub struct SubmitOrder;

#[Object]
impl SubmitOrder {
    /// Orders subscriptions for a customer. Either all lines are ordered or none.
    ///
    /// The seller needs its own relationship with the customer, even if its resellers have one (C-02, B-11). The
    /// customer must have accepted the Microsoft Customer Agreement (C-03), and both must be in the same region.
    /// Each line can have a different reseller (B-12), or none (B-07).
    async fn submit_order(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Parameters for `submitOrder`.")] input: SubmitOrderInput,
    ) -> Nullable<SubmitOrderPayload> {
        let answer = async {
            let operation = Operation::of(ctx);
            let mode = input.validate_only.into();
            let outcome = task::write(operation, mode, move |conn, actor, now| order(conn, actor, now, &input)).await?;
            let refused = |user_errors| SubmitOrderPayload { order: None, subscriptions: Vec::new(), user_errors };
            let placed = match outcome {
                Ok(placed) => placed,
                Err(refusals) => return Ok(refused(user_errors(refusals))),
            };
            Ok(SubmitOrderPayload {
                order: placed::order(operation, placed.order_id).await?,
                subscriptions: payload::subscriptions(operation, placed.subscriptions).await?,
                user_errors: Vec::new(),
            })
        };
        Nullable::from(answer.await)
    }
}

fn order(conn: &mut Conn, actor: &Actor, now: NaiveDateTime, input: &SubmitOrderInput) -> Attempt<Placed> {
    let creation = Creation::of("submitOrder", input.idempotency_key.as_deref(), input);
    let role = |conn: &mut Conn| allowed(conn, actor);
    let (placed, _) = task::once(conn, actor, now, &creation, role, |conn| Ok((submit(conn, actor, now, input)?, ())))?;
    Ok(placed)
}

/// Places the order, after every check.
pub(crate) fn submit(conn: &mut Conn, actor: &Actor, now: NaiveDateTime, input: &SubmitOrderInput) -> Attempt<Placed> {
    let (seller_id, _) = seller(conn, actor)?;
    let row = match input.customer.key() {
        Some(key) => customers::find(conn, &actor.scope, &key)?,
        None => None,
    };
    let row = row.ok_or_else(|| task::not_found("customer", "customer"))?;
    let (customer_id, channel) = (row.customer_id, input.channel);
    let named = lines::name(conn, &actor.scope, (seller_id, row.internal_use_of), &input.lines)?;
    let order = sale_facts::Ordered { seller_id, customer_id, channel };
    let facts = sale_facts::order(conn, facts::actor(actor)?, &order, now.date())?;
    task::refuse_if(checks::submit_order(&OrderFacts { lines: lines::facts(&named), ..facts }))?;
    let ordered = Ordered { seller_id, customer_id, channel, lines: &input.lines, named: &named };
    Ok(placed::place(conn, actor, now, &ordered)?)
}
