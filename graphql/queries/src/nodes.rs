use async_graphql::{Context, ID, Object};

use partnergraph_operation::errors::{code, error};
use partnergraph_operation::nullable::Nullable;
use partnergraph_types::Node;
use partnergraph_types::nodes::found;

/// The maximum number of ids that `nodes` takes.
const MAX_NODES: usize = 100;

#[derive(Default)]
pub(super) struct NodesQuery;

#[Object]
impl NodesQuery {
    /// The entity with this global id. Null if there is none or you cannot see it.
    async fn node(&self, ctx: &Context<'_>, #[graphql(desc = "The global id.")] id: ID) -> Nullable<Node> {
        let answer = async { Ok(found(ctx, &[id]).await?.pop().flatten()) };
        Nullable::maybe(answer.await)
    }

    /// The entities with these global ids (max 100), in the same order. An item is null if there is no such entity or
    /// you cannot see it.
    async fn nodes(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The global ids.")] ids: Vec<ID>,
    ) -> Nullable<Vec<Option<Node>>> {
        let answer = async {
            if ids.len() > MAX_NODES {
                return Err(error(code::BAD_PAGE_SIZE, format!("`nodes` takes at most {MAX_NODES} ids")));
            }
            found(ctx, &ids).await
        };
        Nullable::from(answer.await)
    }
}
