use async_graphql::{Context, ID, Object};

use partnergraph_operation::errors::{code, error};
use partnergraph_operation::nullable::Nullable;
use partnergraph_types::Node;
use partnergraph_types::nodes::found;

/// How many ids `nodes` takes.
const MAX_NODES: usize = 100;

#[derive(Default)]
pub(super) struct NodesQuery;

#[Object]
impl NodesQuery {
    /// Whatever has this global id. Null where nothing has, or where the caller does not see it.
    async fn node(&self, ctx: &Context<'_>, #[graphql(desc = "The global id.")] id: ID) -> Nullable<Node> {
        let answer = async { Ok(found(ctx, &[id]).await?.pop().flatten()) };
        Nullable::maybe(answer.await)
    }

    /// Whatever has these global ids, at most 100, in their order. Null at the place of each that nothing has, or that the
    /// caller does not see.
    async fn nodes(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The global ids.")] ids: Vec<ID>,
    ) -> Nullable<Vec<Option<Node>>> {
        let answer = async {
            if ids.len() > MAX_NODES {
                return Err(error(code::BAD_PAGE_SIZE, format!("at most {MAX_NODES} ids can be asked for at once")));
            }
            found(ctx, &ids).await
        };
        Nullable::from(answer.await)
    }
}
