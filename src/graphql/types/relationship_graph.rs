use async_graphql::{ID, Object, SimpleObject};

use crate::graphql::words::{GraphEdgeKind, GraphNodeKind};
use crate::picture::{Picture, PictureEdge, PictureNode};

/// A node of the relationship graph.
#[derive(SimpleObject, Debug, Clone)]
pub struct RelationshipGraphNode {
    /// The global id of what it stands for. A node of kind MORE stands for several things, and its id is none of theirs.
    pub id: ID,
    /// What it is.
    pub kind: GraphNodeKind,
    /// Its name, or its id where it has none; of a node of kind MORE how many were left out, as "+37 more".
    pub label: String,
}

impl From<&PictureNode> for RelationshipGraphNode {
    fn from(node: &PictureNode) -> Self {
        Self { id: node.id.clone().into(), kind: node.kind.into(), label: node.label.clone() }
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
        Self {
            from: edge.from.clone().into(),
            to: edge.to.clone().into(),
            kind: edge.kind.into(),
            label: edge.label.clone(),
        }
    }
}

/// The graph around something, as far as the caller sees it.
#[derive(Debug, Clone)]
pub struct RelationshipGraph(pub Picture);

/// The graph around something, as far as the caller sees it.
#[Object]
impl RelationshipGraph {
    /// The nodes: the nearest first, then partners, customers and subscriptions, each by name.
    async fn nodes(&self) -> Vec<RelationshipGraphNode> {
        self.0.nodes.iter().map(Into::into).collect()
    }

    /// The edges between these nodes.
    async fn edges(&self) -> Vec<RelationshipGraphEdge> {
        self.0.edges.iter().map(Into::into).collect()
    }

    /// Whether something within the depth was left out because there was no room for more nodes. Nodes of kind MORE say where.
    async fn truncated(&self) -> bool {
        self.0.truncated
    }

    /// The picture as the source of a Mermaid flowchart.
    async fn mermaid(&self) -> String {
        self.0.mermaid()
    }

    /// The picture as the source of a Graphviz digraph.
    async fn dot(&self) -> String {
        self.0.dot()
    }
}
