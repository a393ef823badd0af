use async_graphql::{Context, Object, Result};
use partnergraph_store::read::customers;
use partnergraph_store::read::filter::{CustomerTerm, Filter};
use partnergraph_store::read::page::Order;

use partnergraph_operation::batch::BatchRow;
use partnergraph_operation::connection::{PageArgs, Slice};
use partnergraph_operation::context::Operation;
use partnergraph_operation::fingerprint::{Fingerprint, Listing};
use partnergraph_operation::lookups::CustomerLookup;
use partnergraph_operation::nullable::Nullable;
use partnergraph_types::filters::{Budget, CustomerFilter, CustomerOrder};
use partnergraph_types::{Customer, CustomerConnection, FormerCustomerConnection};

/// Parses the arguments of `customers`.
#[allow(clippy::type_complexity)]
pub(super) fn customers(
    filter: Option<Box<CustomerFilter>>,
    order_by: Option<Vec<CustomerOrder>>,
) -> Result<(Fingerprint, Order<customers::CustomerOrder>, Filter<CustomerTerm>)> {
    let filter = filter.unwrap_or_default().build(&mut Budget::default())?;
    let order = CustomerOrder::order(&order_by.unwrap_or_default());
    Ok((Fingerprint::of(Listing::Customers, &order, &filter)?, order, filter))
}

#[derive(Default)]
pub(super) struct CustomersQuery;

#[Object]
impl CustomersQuery {
    /// The customers that you can see.
    #[allow(clippy::too_many_arguments)]
    async fn customers(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Returns only the items that match.")] filter: Option<Box<CustomerFilter>>,
        #[graphql(desc = "The sort order. Defaults to `COMPANY_NAME`.")] order_by: Option<Vec<CustomerOrder>>,
        #[graphql(desc = "Returns the first _n_ items (max 100). Defaults to 20 unless `last` is set.")] first: Option<
            i32,
        >,
        #[graphql(desc = "Returns the last _n_ items (max 100).")] last: Option<i32>,
        #[graphql(desc = "Returns only the items after this cursor.")] after: Option<String>,
        #[graphql(desc = "Returns only the items before this cursor.")] before: Option<String>,
    ) -> Nullable<CustomerConnection> {
        let answer = async {
            let operation = Operation::of(ctx);
            let (fingerprint, order, filter) = self::customers(filter, order_by)?;
            let list = operation.read(move |conn, scope| customers::list(conn, scope, &filter, order)).await?;
            let args = PageArgs { first, last, after, before };
            Slice::root(operation, &args, fingerprint, list).await.map(CustomerConnection)
        };
        Nullable::from(answer.await)
    }

    /// The customers with which you ended your relationship and that are no longer in `customers` (D-01). You see their identity
    /// and what you sold to them (D-06). Operators see the customers that any partner left.
    #[allow(clippy::too_many_arguments)]
    async fn former_customers(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Returns only the items that match.")] filter: Option<Box<CustomerFilter>>,
        #[graphql(desc = "The sort order. Defaults to `COMPANY_NAME`.")] order_by: Option<Vec<CustomerOrder>>,
        #[graphql(desc = "Returns the first _n_ items (max 100). Defaults to 20 unless `last` is set.")] first: Option<
            i32,
        >,
        #[graphql(desc = "Returns the last _n_ items (max 100).")] last: Option<i32>,
        #[graphql(desc = "Returns only the items after this cursor.")] after: Option<String>,
        #[graphql(desc = "Returns only the items before this cursor.")] before: Option<String>,
    ) -> Nullable<FormerCustomerConnection> {
        let answer = async {
            let operation = Operation::of(ctx);
            let filter = filter.unwrap_or_default().build(&mut Budget::default())?;
            let order = CustomerOrder::order(&order_by.unwrap_or_default());
            let fingerprint = Fingerprint::of(Listing::FormerCustomers, &order, &filter)?;
            let list = customers::former(&operation.scope()?, &filter, order);
            let args = PageArgs { first, last, after, before };
            Slice::root(operation, &args, fingerprint, list).await.map(FormerCustomerConnection)
        };
        Nullable::from(answer.await)
    }

    /// A customer. Null if there is none or you cannot see it. After you end your relationship, use `formerCustomers` or
    /// `node`.
    async fn customer(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The customer to return.")] by: CustomerLookup,
    ) -> Nullable<Customer> {
        let answer = async {
            let Some(key) = by.key() else { return Ok(None) };
            let row = Operation::of(ctx).read(move |conn, scope| customers::find(conn, scope, &key)).await?;
            Ok(row.map(|row| Customer(BatchRow::alone(row))))
        };
        Nullable::maybe(answer.await)
    }
}
