use async_graphql::{Context, ID, Object};
use partnergraph_store::read::graph;

use partnergraph_operation::context::Operation;
use partnergraph_operation::errors::{code, error};
use partnergraph_operation::ids::GlobalId;
use partnergraph_operation::nullable::Nullable;
use partnergraph_operation::picture::{self, MAX_DEPTH, MAX_NODES};
use partnergraph_types::RelationshipGraph;
use partnergraph_types::graph_nodes::nodes_of;

#[derive(Default)]
pub(super) struct GraphQuery;

#[Object]
impl GraphQuery {
    /// The relationship graph around a partner account, a customer, a subscription or the two ends of a partnership, as far as the
    /// caller sees it: to look at, or to draw. Null where nothing that can be drawn has the id, or where the caller does not see
    /// it.
    async fn relationship_graph(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The global id of what is in the middle.")] around: ID,
        #[graphql(desc = "How many edges away from there, from 0 to 6. Null: 2.")] depth: Option<i32>,
        #[graphql(
            desc = "How many nodes at most, from 1 to 500, those of kind MORE beside them not counted. Null: 100."
        )]
        limit: Option<i32>,
    ) -> Nullable<RelationshipGraph> {
        let answer = async {
            let Some(extent) = picture::extent(depth, limit) else {
                let message =
                    format!("a graph reaches from 0 to {MAX_DEPTH} edges and has from 1 to {MAX_NODES} nodes");
                return Err(error(code::BAD_PAGE_SIZE, message));
            };
            let Ok(id) = around.parse::<GlobalId>() else { return Ok(None) };
            let operation = Operation::of(ctx);
            let now = operation.now();
            let found = operation
                .read(move |conn, scope| {
                    let keys = nodes_of(conn, scope, id)?;
                    graph::around(conn, scope, now, &keys, extent)
                })
                .await?;
            Ok(found.map(|graph| RelationshipGraph(picture::picture(&graph))))
        };
        Nullable::maybe(answer.await)
    }
}
