use async_graphql::{Context, ID, Object};
use partnergraph_store::read::graph;

use partnergraph_operation::context::Operation;
use partnergraph_operation::diagram::{self, MAX_DEPTH, MAX_NODES};
use partnergraph_operation::errors::{code, error};
use partnergraph_operation::ids::GlobalId;
use partnergraph_operation::nullable::Nullable;
use partnergraph_types::RelationshipGraph;
use partnergraph_types::graph_nodes::nodes_of;

#[derive(Default)]
pub(super) struct GraphQuery;

#[Object]
impl GraphQuery {
    /// The relationship graph around a partner account, a customer, a subscription or a partnership, limited to what
    /// you can see. Null if no such entity has this id or you cannot see it.
    async fn relationship_graph(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The global id of the entity at the centre.")] around: ID,
        #[graphql(desc = "The maximum distance from the centre, in edges, from 0 to 6. Defaults to 2.")] depth: Option<
            i32,
        >,
        #[graphql(
            desc = "The maximum number of nodes, from 1 to 500. Nodes of kind MORE are not counted. Defaults to 100."
        )]
        limit: Option<i32>,
    ) -> Nullable<RelationshipGraph> {
        let answer = async {
            let Some(extent) = diagram::extent(depth, limit) else {
                let message = format!("`depth` must be 0 to {MAX_DEPTH} and `limit` must be 1 to {MAX_NODES}");
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
            Ok(found.map(|graph| RelationshipGraph(diagram::diagram(&graph))))
        };
        Nullable::maybe(answer.await)
    }
}
