use async_graphql::{Context, ID, Object};
use partnergraph_store::read::change_requests;

use partnergraph_operation::batch::BatchRow;
use partnergraph_operation::connection::{PageArgs, Slice};
use partnergraph_operation::context::Operation;
use partnergraph_operation::fingerprint::{Fingerprint, Listing};
use partnergraph_operation::ids::GlobalId;
use partnergraph_operation::nullable::Nullable;
use partnergraph_types::filters::{Budget, ChangeRequestFilter, ChangeRequestOrder};
use partnergraph_types::{ChangeRequest, ChangeRequestConnection};

#[derive(Default)]
pub(super) struct ChangeRequestsQuery;

#[Object]
impl ChangeRequestsQuery {
    /// A change request. Null if there is none, or if it is not yours.
    async fn change_request(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The global id of the change request.")] id: ID,
    ) -> Nullable<ChangeRequest> {
        let answer = async {
            let Ok(GlobalId::ChangeRequest(id)) = id.parse() else { return Ok(None) };
            let operation = Operation::of(ctx);
            let now = operation.now();
            let row = operation.read(move |conn, scope| change_requests::find(conn, scope, id, now)).await?;
            Ok(row.map(|row| ChangeRequest(BatchRow::alone(row))))
        };
        Nullable::maybe(answer.await)
    }

    /// The change requests that your organisation made or decides (B-16). Operators see all change requests.
    #[allow(clippy::too_many_arguments)]
    async fn change_requests(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Returns only the items that match.")] filter: Option<Box<ChangeRequestFilter>>,
        #[graphql(desc = "The sort order. Defaults to newest first.")] order_by: Option<Vec<ChangeRequestOrder>>,
        #[graphql(desc = "Returns the first _n_ items (max 100). Defaults to 20 unless `last` is set.")] first: Option<
            i32,
        >,
        #[graphql(desc = "Returns the last _n_ items (max 100).")] last: Option<i32>,
        #[graphql(desc = "Returns only the items after this cursor.")] after: Option<String>,
        #[graphql(desc = "Returns only the items before this cursor.")] before: Option<String>,
    ) -> Nullable<ChangeRequestConnection> {
        let answer = async {
            let operation = Operation::of(ctx);
            let filter = filter.unwrap_or_default().build(&mut Budget::default())?;
            let order = ChangeRequestOrder::order(&order_by.unwrap_or_default());
            let fingerprint = Fingerprint::of(Listing::ChangeRequests, &order, &filter)?;
            let list = change_requests::list(&operation.scope()?, &filter, order, operation.now());
            let args = PageArgs { first, last, after, before };
            Slice::root(operation, &args, fingerprint, list).await.map(ChangeRequestConnection)
        };
        Nullable::from(answer.await)
    }
}
