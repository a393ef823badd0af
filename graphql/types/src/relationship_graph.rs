use std::collections::HashMap;

use async_graphql::{Context, ID, Object, Result, SimpleObject};
use partnergraph_domain::{GraphEdgeKind, GraphNodeKind};

use super::Node;
use crate::nodes;
use partnergraph_operation::picture::{Picture, PictureEdge, PictureNode};
use partnergraph_operation::siblings::{CellKey, Level, Member};

/// A node of the relationship graph: a view of a partner account, a customer or a subscription.
#[derive(Debug, Clone)]
pub struct RelationshipGraphNode(pub Member<PictureNode>);

/// A node of the relationship graph: a view of a partner account, a customer or a subscription.
#[Object]
impl RelationshipGraphNode {
    /// The global id of the node, which is not that of its entity.
    pub async fn id(&self) -> ID {
        self.0.id.clone().into()
    }

    /// What the node stands for. Null for a node of kind MORE, which stands for several things.
    async fn entity(&self, ctx: &Context<'_>) -> Result<Option<Node>> {
        let Some(id) = &self.0.entity else { return Ok(None) };
        let level = self.0.level();
        let entities = level
            .shared(CellKey::Name("entities"), || async {
                let ids: Vec<ID> = level.rows().iter().filter_map(|node| node.entity.clone().map(ID)).collect();
                let found = nodes::found(ctx, &ids).await?;
                Ok(ids.into_iter().map(|id| id.0).zip(found).collect::<HashMap<String, Option<Node>>>())
            })
            .await?;
        Ok(entities.get(id).cloned().flatten())
    }

    /// What it is.
    fn kind(&self) -> GraphNodeKind {
        self.0.kind
    }

    /// Its name, or its id where it has none; of a node of kind MORE how many were left out, as "+37 more".
    fn label(&self) -> &str {
        &self.0.label
    }
}

/// An edge of the relationship graph.
#[derive(SimpleObject, Debug, Clone)]
pub struct RelationshipGraphEdge {
    /// The id of the node where it begins.
    pub from: ID,
    /// The id of the node where it ends.
    pub to: ID,
    /// What it says.
    pub kind: GraphEdgeKind,
    /// What more there is to say: the state of a partnership, what a partner is to a customer, the kind of a grant. Null where
    /// the kind says it all.
    pub label: Option<String>,
}

impl From<&PictureEdge> for RelationshipGraphEdge {
    fn from(edge: &PictureEdge) -> Self {
        Self { from: edge.from.clone().into(), to: edge.to.clone().into(), kind: edge.kind, label: edge.label.clone() }
    }
}

/// The graph around something, as far as the caller sees it.
#[derive(Debug, Clone)]
pub struct RelationshipGraph(pub Picture);

/// The graph around something, as far as the caller sees it.
#[Object]
impl RelationshipGraph {
    /// The nodes: the nearest first, then partners, customers and subscriptions, each by name.
    fn nodes(&self) -> Vec<RelationshipGraphNode> {
        let level = Level::new(self.0.nodes.clone());
        (0..level.rows().len()).filter_map(|at| Member::at(&level, at)).map(RelationshipGraphNode).collect()
    }

    /// The edges between these nodes.
    fn edges(&self) -> Vec<RelationshipGraphEdge> {
        self.0.edges.iter().map(Into::into).collect()
    }

    /// Whether something within the depth was left out because there was no room for more nodes. Nodes of kind MORE say where.
    fn truncated(&self) -> bool {
        self.0.truncated
    }

    /// The picture as the source of a Mermaid flowchart.
    fn mermaid(&self) -> String {
        self.0.mermaid()
    }

    /// The picture as the source of a Graphviz digraph.
    fn dot(&self) -> String {
        self.0.dot()
    }
}
