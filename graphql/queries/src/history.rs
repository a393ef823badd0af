use async_graphql::{Context, Object};
use partnergraph_store::read::history::{self, EventOrder};
use partnergraph_store::read::page::{By, Order};

use partnergraph_operation::connection::{PageArgs, Slice};
use partnergraph_operation::context::Operation;
use partnergraph_operation::fingerprint::{Fingerprint, Listing};
use partnergraph_operation::nullable::Nullable;
use partnergraph_types::AuditRecordConnection;
use partnergraph_types::filters::{AuditEventFilter, Budget};

#[derive(Default)]
pub(super) struct HistoryQuery;

#[Object]
impl HistoryQuery {
    /// The audit records of your organisation and of entities that you could see at the time, newest first.
    async fn audit_events(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Returns only the items that match.")] filter: Option<AuditEventFilter>,
        #[graphql(desc = "Returns the first _n_ items (max 100). Defaults to 20 unless `last` is set.")] first: Option<
            i32,
        >,
        #[graphql(desc = "Returns the last _n_ items (max 100).")] last: Option<i32>,
        #[graphql(desc = "Returns only the items after this cursor.")] after: Option<String>,
        #[graphql(desc = "Returns only the items before this cursor.")] before: Option<String>,
    ) -> Nullable<AuditRecordConnection> {
        let answer = async {
            let operation = Operation::of(ctx);
            let filter = filter.unwrap_or_default().build(&mut Budget::default())?;
            let order = Order::new(vec![By { field: EventOrder::Row, descending: true }]);
            let fingerprint = Fingerprint::of(Listing::AuditEvents, &order, &filter)?;
            let args = PageArgs { first, last, after, before };
            let list = history::list(&operation.scope()?, &filter, order);
            Slice::root(operation, &args, fingerprint, list).await.map(AuditRecordConnection)
        };
        Nullable::from(answer.await)
    }
}
