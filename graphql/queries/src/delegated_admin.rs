use async_graphql::{Context, Object};
use partnergraph_store::read::grants;

use partnergraph_operation::connection::{PageArgs, Slice};
use partnergraph_operation::context::Operation;
use partnergraph_operation::fingerprint::{Fingerprint, Listing};
use partnergraph_operation::nullable::Nullable;
use partnergraph_types::DelegatedAdminGrantConnection;
use partnergraph_types::filters::{Budget, DelegatedAdminFilter, DelegatedAdminOrder};

#[derive(Default)]
pub(super) struct DelegatedAdminQuery;

#[Object]
impl DelegatedAdminQuery {
    /// Grants of delegated admin privileges: for a partner, those it holds or held; for a customer, those it gave; for
    /// an operator, all. Includes grants that outlived the customer relationship (D-05).
    #[allow(clippy::too_many_arguments)]
    async fn delegated_admin_grants(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Returns only the items that match.")] filter: Option<Box<DelegatedAdminFilter>>,
        #[graphql(desc = "The sort order. Defaults to newest first.")] order_by: Option<Vec<DelegatedAdminOrder>>,
        #[graphql(desc = "Returns the first _n_ items (max 100). Defaults to 20 unless `last` is set.")] first: Option<
            i32,
        >,
        #[graphql(desc = "Returns the last _n_ items (max 100).")] last: Option<i32>,
        #[graphql(desc = "Returns only the items after this cursor.")] after: Option<String>,
        #[graphql(desc = "Returns only the items before this cursor.")] before: Option<String>,
    ) -> Nullable<DelegatedAdminGrantConnection> {
        let answer = async {
            let operation = Operation::of(ctx);
            let filter = filter.unwrap_or_default().build(&mut Budget::default())?;
            let order = DelegatedAdminOrder::order(&order_by.unwrap_or_default());
            let fingerprint = Fingerprint::of(Listing::DelegatedAdminGrants, &order, &filter)?;
            let list = grants::list(&operation.scope()?, &filter, order, operation.now());
            let args = PageArgs { first, last, after, before };
            Slice::root(operation, &args, fingerprint, list).await.map(DelegatedAdminGrantConnection)
        };
        Nullable::from(answer.await)
    }
}
