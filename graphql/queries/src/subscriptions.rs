use async_graphql::{Context, Object, Result};
use partnergraph_store::read::filter::{Filter, SubscriptionTerm};
use partnergraph_store::read::page::Order;
use partnergraph_store::read::subscriptions;

use partnergraph_operation::batch::BatchRow;
use partnergraph_operation::connection::{PageArgs, Slice};
use partnergraph_operation::context::Operation;
use partnergraph_operation::fingerprint::{Fingerprint, Listing};
use partnergraph_operation::lookups::SubscriptionLookup;
use partnergraph_operation::nullable::Nullable;
use partnergraph_types::filters::{Budget, SubscriptionFilter, SubscriptionOrder};
use partnergraph_types::{CustomerSubscription, CustomerSubscriptionConnection};

/// Parses the arguments of `subscriptions`.
#[allow(clippy::type_complexity)]
pub(super) fn subscriptions(
    filter: Option<Box<SubscriptionFilter>>,
    order_by: Option<Vec<SubscriptionOrder>>,
) -> Result<(Fingerprint, Order<subscriptions::SubscriptionOrder>, Filter<SubscriptionTerm>)> {
    let filter = filter.unwrap_or_default().build(&mut Budget::default())?;
    let order = SubscriptionOrder::order(&order_by.unwrap_or_default());
    Ok((Fingerprint::of(Listing::Subscriptions, &order, &filter)?, order, filter))
}

#[derive(Default)]
pub(super) struct SubscriptionsQuery;

#[Object]
impl SubscriptionsQuery {
    /// The subscriptions that you can see.
    #[allow(clippy::too_many_arguments)]
    async fn subscriptions(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Returns only the items that match.")] filter: Option<Box<SubscriptionFilter>>,
        #[graphql(desc = "The sort order. Defaults to `SUBSCRIPTION_ID`.")] order_by: Option<Vec<SubscriptionOrder>>,
        #[graphql(desc = "Returns the first _n_ items (max 100). Defaults to 20 unless `last` is set.")] first: Option<
            i32,
        >,
        #[graphql(desc = "Returns the last _n_ items (max 100).")] last: Option<i32>,
        #[graphql(desc = "Returns only the items after this cursor.")] after: Option<String>,
        #[graphql(desc = "Returns only the items before this cursor.")] before: Option<String>,
    ) -> Nullable<CustomerSubscriptionConnection> {
        let answer = async {
            let operation = Operation::of(ctx);
            let (fingerprint, order, filter) = self::subscriptions(filter, order_by)?;
            let list = subscriptions::list(&operation.scope()?, &filter, order);
            let args = PageArgs { first, last, after, before };
            Slice::root(operation, &args, fingerprint, list).await.map(CustomerSubscriptionConnection)
        };
        Nullable::from(answer.await)
    }

    /// A subscription. Null if there is none or you cannot see it.
    async fn customer_subscription(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The subscription to return.")] by: SubscriptionLookup,
    ) -> Nullable<CustomerSubscription> {
        let answer = async {
            let Some(key) = by.key() else { return Ok(None) };
            let row = Operation::of(ctx).read(move |conn, scope| subscriptions::find(conn, scope, key)).await?;
            Ok(row.map(|row| CustomerSubscription(BatchRow::alone(row))))
        };
        Nullable::maybe(answer.await)
    }
}
