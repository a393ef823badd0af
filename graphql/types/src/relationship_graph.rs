use std::collections::HashMap;

use async_graphql::{Context, ID, Object, Result, SimpleObject};
use partnergraph_domain::{GraphEdgeKind, GraphNodeKind};

use super::Node;
use crate::nodes;
use partnergraph_operation::batch::{Batch, BatchRow, CellKey};
use partnergraph_operation::diagram::{Diagram, DiagramEdge, DiagramNode};

/// A node of the relationship graph. It represents a partner account, a customer or a subscription.
#[derive(Debug, Clone)]
pub struct RelationshipGraphNode(pub BatchRow<DiagramNode>);

/// A node of the relationship graph. It represents a partner account, a customer or a subscription.
#[Object]
impl RelationshipGraphNode {
    /// The global id of the node. It differs from the id of the node's entity.
    pub async fn id(&self) -> ID {
        self.0.id.clone().into()
    }

    /// The object that the node represents. Null for a node of kind MORE, which represents several objects.
    async fn entity(&self, ctx: &Context<'_>) -> Result<Option<Node>> {
        let Some(id) = &self.0.entity else { return Ok(None) };
        let batch = self.0.batch();
        let entities = batch
            .shared(CellKey::Name("entities"), || async {
                let ids: Vec<ID> = batch.rows().iter().filter_map(|node| node.entity.clone().map(ID)).collect();
                let found = nodes::found(ctx, &ids).await?;
                Ok(ids.into_iter().map(|id| id.0).zip(found).collect::<HashMap<String, Option<Node>>>())
            })
            .await?;
        Ok(entities.get(id).cloned().flatten())
    }

    /// The kind of node.
    fn kind(&self) -> GraphNodeKind {
        self.0.kind
    }

    /// The name of the entity, or its id if it has no name. For a node of kind MORE: the number of nodes left out, such as
    /// `+37 more`.
    fn label(&self) -> &str {
        &self.0.label
    }
}

/// An edge of the relationship graph.
#[derive(SimpleObject, Debug, Clone)]
pub struct RelationshipGraphEdge {
    /// The id of the node at which the edge begins.
    pub from: ID,
    /// The id of the node at which the edge ends.
    pub to: ID,
    /// The kind of edge.
    pub kind: GraphEdgeKind,
    /// Additional detail: the state of a partnership, a partner's relationship with a customer, or the kind of a grant. Null if
    /// the kind has no further detail.
    pub label: Option<String>,
}

impl From<&DiagramEdge> for RelationshipGraphEdge {
    fn from(edge: &DiagramEdge) -> Self {
        Self { from: edge.from.clone().into(), to: edge.to.clone().into(), kind: edge.kind, label: edge.label.clone() }
    }
}

/// The relationship graph around one or more entities. Contains only what you can see.
#[derive(Debug, Clone)]
pub struct RelationshipGraph(pub Diagram);

/// The relationship graph around one or more entities. Contains only what you can see.
#[Object]
impl RelationshipGraph {
    /// The nodes, nearest first. Nodes at the same distance are ordered by kind (partners, customers, subscriptions) and then by name.
    fn nodes(&self) -> Vec<RelationshipGraphNode> {
        let batch = Batch::new(self.0.nodes.clone());
        (0..batch.rows().len()).filter_map(|at| BatchRow::at(&batch, at)).map(RelationshipGraphNode).collect()
    }

    /// The edges between the nodes.
    fn edges(&self) -> Vec<RelationshipGraphEdge> {
        self.0.edges.iter().map(Into::into).collect()
    }

    /// Whether nodes within the requested depth were left out because of the node limit. Nodes of kind MORE show where.
    fn truncated(&self) -> bool {
        self.0.truncated
    }

    /// The graph as the source of a Mermaid flowchart.
    fn mermaid(&self) -> String {
        self.0.mermaid()
    }

    /// The graph as the source of a Graphviz digraph.
    fn dot(&self) -> String {
        self.0.dot()
    }
}
