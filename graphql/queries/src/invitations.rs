use async_graphql::{Context, Object};
use partnergraph_store::read::invitations;

use partnergraph_operation::connection::{PageArgs, Slice};
use partnergraph_operation::context::Operation;
use partnergraph_operation::fingerprint::{Fingerprint, Listing};
use partnergraph_operation::nullable::Nullable;
use partnergraph_types::InvitationConnection;
use partnergraph_types::filters::{Budget, InvitationFilter, InvitationOrder};

#[derive(Default)]
pub(super) struct InvitationsQuery;

#[Object]
impl InvitationsQuery {
    /// Invitations that your organisation drafted, and joint invitations that name you as the provider. Operators see
    /// all invitations.
    #[allow(clippy::too_many_arguments)]
    async fn invitations(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Returns only the items that match.")] filter: Option<Box<InvitationFilter>>,
        #[graphql(desc = "The sort order. Defaults to newest first.")] order_by: Option<Vec<InvitationOrder>>,
        #[graphql(desc = "Returns the first _n_ items (max 100). Defaults to 20 unless `last` is set.")] first: Option<
            i32,
        >,
        #[graphql(desc = "Returns the last _n_ items (max 100).")] last: Option<i32>,
        #[graphql(desc = "Returns only the items after this cursor.")] after: Option<String>,
        #[graphql(desc = "Returns only the items before this cursor.")] before: Option<String>,
    ) -> Nullable<InvitationConnection> {
        let answer = async {
            let operation = Operation::of(ctx);
            let filter = filter.unwrap_or_default().build(&mut Budget::default())?;
            let order = InvitationOrder::order(&order_by.unwrap_or_default());
            let fingerprint = Fingerprint::of(Listing::Invitations, &order, &filter)?;
            let list = invitations::list(&operation.scope()?, &filter, order, operation.now());
            let args = PageArgs { first, last, after, before };
            Slice::root(operation, &args, fingerprint, list).await.map(InvitationConnection)
        };
        Nullable::from(answer.await)
    }
}
