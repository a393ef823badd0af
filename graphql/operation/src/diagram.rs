//! The relationship graph as a diagram, as returned by the API and printed on the command line.

use std::collections::HashMap;

use partnergraph_domain::{GraphEdgeKind, GraphNodeKind};
use partnergraph_store::read::graph::{self, NodeKey};
use serde::Serialize;

use crate::ids::{DiagramNodeId, Entity, GlobalId};

/// The maximum depth, in edges.
pub const MAX_DEPTH: i32 = 6;
/// The default depth, in edges.
pub const DEFAULT_DEPTH: i32 = 2;
/// The maximum number of nodes.
pub const MAX_NODES: i32 = 500;
/// The default node limit.
pub const DEFAULT_NODES: i32 = 100;

/// A node.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DiagramNode {
    /// The global id of the node. It differs from the id of the node's entity.
    pub id: String,
    /// The global id of the entity. `None` for a node that represents omitted neighbours.
    pub entity: Option<String>,
    /// The kind of node.
    pub kind: GraphNodeKind,
    /// The name of the entity.
    pub label: String,
}

/// An edge.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DiagramEdge {
    /// The id of the node at which the edge begins.
    pub from: String,
    /// The id of the node at which the edge ends.
    pub to: String,
    /// The kind of edge.
    pub kind: GraphEdgeKind,
    /// Additional detail.
    pub label: Option<String>,
}

/// The graph as a diagram.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Diagram {
    /// The nodes, the nearest first.
    pub nodes: Vec<DiagramNode>,
    /// The edges between the nodes.
    pub edges: Vec<DiagramEdge>,
    /// Whether anything within the depth was left out.
    pub truncated: bool,
}

/// Validates how much of the graph to show. `None` if it exceeds the limits.
#[must_use]
pub fn extent(depth: Option<i32>, limit: Option<i32>) -> Option<graph::Extent> {
    let depth = depth.unwrap_or(DEFAULT_DEPTH);
    let limit = limit.unwrap_or(DEFAULT_NODES);
    if !(0..=MAX_DEPTH).contains(&depth) || !(1..=MAX_NODES).contains(&limit) {
        return None;
    }
    Some(graph::Extent { depth: usize::try_from(depth).ok()?, limit: usize::try_from(limit).ok()? })
}

/// Draws a graph. The omitted neighbours of a node become one additional node: "+37 more".
#[must_use]
pub fn diagram(graph: &graph::Graph) -> Diagram {
    let mut diagram = Diagram { truncated: graph.is_truncated, ..Diagram::default() };
    let mut left_out = Vec::new();
    for found in &graph.nodes {
        let Some(entity) = entity(found) else { continue };
        if found.left_out > 0 {
            left_out.push((id_of(entity, None), more(entity, found.left_out)));
        }
        diagram.nodes.push(shown(entity, found));
    }
    let ids: HashMap<NodeKey, String> =
        graph.nodes.iter().filter_map(|node| Some((node.key, id_of(entity(node)?, None)))).collect();
    diagram.edges = graph
        .edges
        .iter()
        .filter_map(|edge| {
            Some(DiagramEdge {
                from: ids.get(&edge.from)?.clone(),
                to: ids.get(&edge.to)?.clone(),
                kind: edge.kind,
                label: edge.label.clone(),
            })
        })
        .collect();
    for (from, node) in left_out {
        diagram.edges.push(DiagramEdge { from, to: node.id.clone(), kind: GraphEdgeKind::More, label: None });
        diagram.nodes.push(node);
    }
    diagram
}

/// Draws the single node that an id identifies. `graph` contains its entity, or the entity whose omitted neighbours it
/// represents.
#[must_use]
pub fn node(graph: &graph::Graph, node_id: DiagramNodeId) -> Option<DiagramNode> {
    let found = graph.nodes.first()?;
    Some(match node_id.more {
        Some(count) => more(node_id.entity, count),
        None => shown(node_id.entity, found),
    })
}

fn shown(entity: Entity, found: &graph::Node) -> DiagramNode {
    DiagramNode {
        id: id_of(entity, None),
        entity: Some(GlobalId::from(entity).to_string()),
        kind: found.kind,
        label: found.label.clone(),
    }
}

fn more(beside: Entity, count: i64) -> DiagramNode {
    let id = id_of(beside, Some(count));
    DiagramNode { id, entity: None, kind: GraphNodeKind::More, label: format!("+{count} more") }
}

fn id_of(entity: Entity, more: Option<i64>) -> String {
    GlobalId::RelationshipGraphNode(DiagramNodeId { entity, more }).to_string()
}

/// The entity of a node. The tables contain only well-formed ids; if one were malformed, the node would be left out rather than
/// fail the whole diagram.
fn entity(node: &graph::Node) -> Option<Entity> {
    match node.key {
        NodeKey::Partner(id) => Some(Entity::Partner(id)),
        NodeKey::Customer(_) => node.public_id.parse().ok().map(Entity::Customer),
        NodeKey::Subscription(_) => node.public_id.parse().ok().map(Entity::CustomerSubscription),
    }
}

impl Diagram {
    /// The graph as a Mermaid flowchart.
    #[must_use]
    pub fn mermaid(&self) -> String {
        let mut text = String::from("flowchart LR\n");
        for (number, node) in self.nodes.iter().enumerate() {
            let (open, close) = match node.kind {
                GraphNodeKind::IndirectProvider | GraphNodeKind::IndirectReseller | GraphNodeKind::DirectBill => {
                    ("[", "]")
                }
                GraphNodeKind::Customer => ("(", ")"),
                GraphNodeKind::Subscription => ("([", "])"),
                GraphNodeKind::More => ("{{", "}}"),
            };
            text += &format!("  n{number}{open}\"{}\"{close}\n", mermaid_text(&node.label));
        }
        for (from, to, edge) in self.numbered() {
            text += &format!("  n{from} -->|\"{}\"| n{to}\n", mermaid_text(&caption(edge)));
        }
        text
    }

    /// The graph as a Graphviz digraph.
    #[must_use]
    pub fn dot(&self) -> String {
        let mut text = String::from("digraph partnergraph {\n  rankdir=LR;\n  node [fontname=\"sans-serif\"];\n");
        for (number, node) in self.nodes.iter().enumerate() {
            let shape = match node.kind {
                GraphNodeKind::IndirectProvider | GraphNodeKind::IndirectReseller | GraphNodeKind::DirectBill => "box",
                GraphNodeKind::Customer => "ellipse",
                GraphNodeKind::Subscription => "note",
                GraphNodeKind::More => "plaintext",
            };
            text += &format!("  n{number} [label=\"{}\", shape={shape}];\n", dot_text(&node.label));
        }
        for (from, to, edge) in self.numbered() {
            text += &format!("  n{from} -> n{to} [label=\"{}\"];\n", dot_text(&caption(edge)));
        }
        text + "}\n"
    }

    /// The graph as JSON.
    ///
    /// # Errors
    /// A serialisation error.
    pub fn json(&self) -> serde_json::Result<String> {
        serde_json::to_string_pretty(self)
    }

    /// The edges with the positions of the nodes at their ends.
    fn numbered(&self) -> impl Iterator<Item = (usize, usize, &DiagramEdge)> {
        let place = |id: &str| self.nodes.iter().position(|node| node.id == id);
        self.edges.iter().filter_map(move |edge| Some((place(&edge.from)?, place(&edge.to)?, edge)))
    }
}

/// The caption of an edge.
fn caption(edge: &DiagramEdge) -> String {
    let kind = match edge.kind {
        GraphEdgeKind::Partnership => "partnership",
        GraphEdgeKind::ResellerRelationship => "relationship",
        GraphEdgeKind::Association => "associated",
        GraphEdgeKind::Sells => "sells",
        GraphEdgeKind::SubscriptionOf => "of",
        GraphEdgeKind::PartnerOfRecord => "partner of record",
        GraphEdgeKind::SupportContact => "support contact",
        GraphEdgeKind::DelegatedAdmin => "delegated admin",
        GraphEdgeKind::TenantOwner => "tenant owner",
        GraphEdgeKind::InternalUse => "internal use",
        GraphEdgeKind::More => "and",
    };
    match &edge.label {
        Some(label) => format!("{kind} {label}"),
        None => kind.to_owned(),
    }
}

/// Escapes a text for use between quotes in Mermaid. Characters that could end the quotes or begin markup, a link or an entity
/// are written as numeric entities.
fn mermaid_text(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            letter if letter.is_alphanumeric() || matches!(letter, ' ' | '-' | '.' | ',' | '+') => safe.push(letter),
            letter if letter.is_control() || letter.is_whitespace() => safe.push(' '),
            letter => safe += &format!("#{};", u32::from(letter)),
        }
    }
    // Mermaid does not accept an empty label.
    if safe.trim().is_empty() { "-".to_owned() } else { safe }
}

/// Escapes a text for use between quotes in DOT, which interprets backslashes and, in labels, HTML entities.
fn dot_text(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '"' => safe += "\\\"",
            '\\' => safe += "\\\\",
            '&' => safe += "&amp;",
            letter if letter.is_control() || matches!(letter, '\u{2028}' | '\u{2029}') => safe.push(' '),
            letter => safe.push(letter),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Names with a special meaning in one of the languages.
    const NASTY: [&str; 9] = [
        "\"]; end",
        "a\nb\r\nc\u{2028}d",
        "<b onclick=x>&quot;&lt;/b>",
        "back\\slash\\",
        "`code` **bold**",
        "#quot; #35;",
        "subgraph --> end}} %% {",
        "Zażółć gęślą 日本",
        "",
    ];

    fn nasty() -> Diagram {
        let nodes = NASTY.iter().enumerate().map(|(number, name)| DiagramNode {
            id: number.to_string(),
            entity: None,
            kind: GraphNodeKind::Customer,
            label: (*name).to_owned(),
        });
        let edges = (1..NASTY.len()).map(|number| DiagramEdge {
            from: "0".to_owned(),
            to: number.to_string(),
            kind: GraphEdgeKind::ResellerRelationship,
            label: Some(NASTY[number].to_owned()),
        });
        Diagram { nodes: nodes.collect(), edges: edges.collect(), truncated: false }
    }

    /// What a quoted Mermaid text displays: its entities decoded.
    fn shown(text: &str) -> String {
        let mut rest = text;
        let mut read = String::new();
        while let Some(at) = rest.find('#') {
            let (before, after) = rest.split_at(at);
            let (number, behind) = after[1..].split_once(';').unwrap();
            read += before;
            read.push(char::from_u32(number.parse().unwrap()).unwrap());
            rest = behind;
        }
        read + rest
    }

    #[test]
    fn a_name_is_a_name_in_mermaid() {
        let text = nasty().mermaid();
        let mut lines = text.lines();
        assert_eq!(lines.next(), Some("flowchart LR"));
        for (number, name) in NASTY.iter().enumerate() {
            let line = lines.next().unwrap();
            let label = line
                .strip_prefix(&format!("  n{number}(\""))
                .and_then(|rest| rest.strip_suffix("\")"))
                .unwrap_or_else(|| panic!("{line}"));
            assert!(!label.contains(['"', '<', '>', '&', '`', '[', ']', '{', '}', '\\', '|', '%']), "{line}");
            let expected: String =
                name.chars().map(|c| if c.is_control() || c == '\u{2028}' { ' ' } else { c }).collect();
            assert_eq!(shown(label), if expected.is_empty() { "-".to_owned() } else { expected });
        }
        for line in lines {
            assert!(line.starts_with("  n0 -->|\"relationship ") && line.matches('"').count() == 2, "{line}");
        }
    }

    #[test]
    fn a_name_is_a_name_in_dot() {
        let text = nasty().dot();
        for (number, name) in NASTY.iter().enumerate() {
            let start = format!("  n{number} [label=\"");
            let line = text.lines().find(|line| line.starts_with(&start)).unwrap_or_else(|| panic!("{text}"));
            let label = line.strip_prefix(&start).unwrap().strip_suffix("\", shape=ellipse];").unwrap();
            let mut letters = label.chars();
            let mut read = String::new();
            while let Some(letter) = letters.next() {
                assert_ne!(letter, '"', "{line}");
                read.push(if letter == '\\' { letters.next().unwrap() } else { letter });
            }
            let expected: String =
                name.chars().map(|c| if c.is_control() || c == '\u{2028}' { ' ' } else { c }).collect();
            assert_eq!(read.replace("&amp;", "&"), expected);
        }
        assert!(text.starts_with("digraph partnergraph {\n") && text.ends_with("}\n"));
    }

    #[test]
    fn a_diagram_has_its_bounds() {
        assert_eq!(extent(None, None), Some(graph::Extent { depth: 2, limit: 100 }));
        assert_eq!(extent(Some(6), Some(500)), Some(graph::Extent { depth: 6, limit: 500 }));
        for (depth, limit) in [(7, 100), (-1, 100), (2, 501), (2, 0)] {
            assert_eq!(extent(Some(depth), Some(limit)), None);
        }
    }
}
