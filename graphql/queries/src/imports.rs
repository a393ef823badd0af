use async_graphql::{Context, ID, Object};
use partnergraph_store::read::imports::{self, RunOrder};
use partnergraph_store::read::page::{By, Order};

use partnergraph_operation::batch::BatchRow;
use partnergraph_operation::connection::{PageArgs, Slice};
use partnergraph_operation::context::Operation;
use partnergraph_operation::fingerprint::{Fingerprint, Listing};
use partnergraph_operation::ids::GlobalId;
use partnergraph_operation::nullable::Nullable;
use partnergraph_types::{ImportRun, ImportRunConnection};

#[derive(Default)]
pub(super) struct ImportsQuery;

#[Object]
impl ImportsQuery {
    /// An import run. Null if there is none, it is not yours, or your role cannot import.
    async fn import_run(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The global id of the import run.")] id: ID,
    ) -> Nullable<ImportRun> {
        let answer = async {
            let Ok(GlobalId::ImportRun(id)) = id.parse() else { return Ok(None) };
            let operation = Operation::of(ctx);
            let scope = operation.import_scope()?;
            let row = operation.read(move |conn, _| imports::find(conn, &scope, id)).await?;
            Ok(row.map(|row| ImportRun(BatchRow::alone(row))))
        };
        Nullable::maybe(answer.await)
    }

    /// Your import runs, newest first. Empty for a role that cannot import.
    async fn import_runs(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Returns the first _n_ items (max 100). Defaults to 20 unless `last` is set.")] first: Option<
            i32,
        >,
        #[graphql(desc = "Returns the last _n_ items (max 100).")] last: Option<i32>,
        #[graphql(desc = "Returns only the items after this cursor.")] after: Option<String>,
        #[graphql(desc = "Returns only the items before this cursor.")] before: Option<String>,
    ) -> Nullable<ImportRunConnection> {
        let answer = async {
            let operation = Operation::of(ctx);
            let order = Order::new(vec![By { field: RunOrder::Row, descending: true }]);
            let fingerprint = Fingerprint::of(Listing::ImportRuns, &order, &())?;
            let args = PageArgs { first, last, after, before };
            Slice::root(operation, &args, fingerprint, imports::list(&operation.import_scope()?, order))
                .await
                .map(ImportRunConnection)
        };
        Nullable::from(answer.await)
    }
}
