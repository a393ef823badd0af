use async_graphql::{Context, Object};
use partnergraph_store::read::orders::{self, OrderOrder};
use partnergraph_store::read::page::{By, Order};

use partnergraph_operation::connection::{PageArgs, Slice};
use partnergraph_operation::context::Operation;
use partnergraph_operation::fingerprint::{Fingerprint, Listing};
use partnergraph_operation::nullable::Nullable;
use partnergraph_types::OrderConnection;
use partnergraph_types::filters::{Budget, OrderFilter};

#[derive(Default)]
pub(super) struct OrdersQuery;

#[Object]
impl OrdersQuery {
    /// The orders that you can see, newest first: those that you placed for your customers, or that were placed for you. Orders for
    /// customers that you left are not listed (D-01); read them through `formerCustomers`.
    async fn orders(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Returns only the items that match.")] filter: Option<Box<OrderFilter>>,
        #[graphql(desc = "Returns the first _n_ items (max 100). Defaults to 20 unless `last` is set.")] first: Option<
            i32,
        >,
        #[graphql(desc = "Returns the last _n_ items (max 100).")] last: Option<i32>,
        #[graphql(desc = "Returns only the items after this cursor.")] after: Option<String>,
        #[graphql(desc = "Returns only the items before this cursor.")] before: Option<String>,
    ) -> Nullable<OrderConnection> {
        let answer = async {
            let operation = Operation::of(ctx);
            let filter = filter.unwrap_or_default().build(&mut Budget::default())?;
            let order = Order::new(vec![By { field: OrderOrder::Row, descending: true }]);
            let fingerprint = Fingerprint::of(Listing::Orders, &order, &filter)?;
            let list = orders::list(&operation.scope()?, &filter, order);
            let args = PageArgs { first, last, after, before };
            Slice::root(operation, &args, fingerprint, list).await.map(OrderConnection)
        };
        Nullable::from(answer.await)
    }
}
