//! The graph around a node, breadth first, restricted to what the caller sees.
//!
//! Each step reads the neighbours of the nodes found in the previous step, with one statement for each kind of node. A final
//! statement reads all edges between the nodes. A link is only followed to a node that the caller sees, so the graph reveals
//! nothing that the lists do not show.

mod families;
mod links;

use std::collections::{HashMap, HashSet};

use chrono::NaiveDateTime;
use diesel::QueryableByName;
use diesel::sql_types::{BigInt, Nullable, Text};
use partnergraph_domain::{CustomerKey, GraphEdgeKind, GraphNodeKind, Key, PartnerKey, SubscriptionKey};

use self::families::{id_column, name_column, sees, visible};
use self::links::{Link, links};
use crate::conn::Conn;
use crate::error::StoreResult;
use crate::scope::Scope;
use crate::sql::{Sql, ids, sql};

/// The table of a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Family {
    /// A partner account.
    Partner,
    /// A customer.
    Customer,
    /// A subscription.
    Subscription,
}

impl Family {
    const ALL: [Self; 3] = [Self::Partner, Self::Customer, Self::Subscription];
}

/// A node by its row key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum NodeKey {
    /// A partner account.
    Partner(PartnerKey),
    /// A customer.
    Customer(CustomerKey),
    /// A subscription.
    Subscription(SubscriptionKey),
}

impl NodeKey {
    /// The node of that family with that row number; one statement reads the links between any two families.
    const fn of(family: Family, number: i64) -> Self {
        match family {
            Family::Partner => Self::Partner(PartnerKey::new(number)),
            Family::Customer => Self::Customer(CustomerKey::new(number)),
            Family::Subscription => Self::Subscription(SubscriptionKey::new(number)),
        }
    }

    const fn family(self) -> Family {
        match self {
            Self::Partner(_) => Family::Partner,
            Self::Customer(_) => Family::Customer,
            Self::Subscription(_) => Family::Subscription,
        }
    }
}

impl Key for NodeKey {
    fn number(self) -> i64 {
        match self {
            Self::Partner(key) => key.number(),
            Self::Customer(key) => key.number(),
            Self::Subscription(key) => key.number(),
        }
    }
}

/// A node that the caller sees.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    /// Its row key.
    pub key: NodeKey,
    /// Its kind.
    pub kind: GraphNodeKind,
    /// Its public id: a tenant id or subscription id; empty for a partner account.
    pub public_id: String,
    /// Its name, or its id if it has no name.
    pub label: String,
    /// How many of its neighbours were omitted because of the limit.
    pub left_out: i64,
}

/// An edge between two nodes of the graph.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edge {
    /// The source node.
    pub from: NodeKey,
    /// The target node.
    pub to: NodeKey,
    /// Its kind.
    pub kind: GraphEdgeKind,
    /// Additional information; see [`GraphEdgeKind`].
    pub label: Option<String>,
}

/// Part of the graph.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Graph {
    /// The nodes, ordered by distance, then by kind and name.
    pub nodes: Vec<Node>,
    /// The edges between them, ordered by their ends.
    pub edges: Vec<Edge>,
    /// Whether anything within the distance was omitted because of the limit.
    pub is_truncated: bool,
}

/// The requested part of the graph.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Extent {
    /// The maximum distance in edges.
    pub depth: usize,
    /// The maximum number of nodes.
    pub limit: usize,
}

/// The graph around the first of `around`; there are two if a partnership was requested. `None` if the caller sees none of them.
///
/// # Errors
/// Any database error.
pub fn around(
    conn: &mut Conn,
    scope: &Scope,
    now: NaiveDateTime,
    around: &[NodeKey],
    extent: Extent,
) -> StoreResult<Option<Graph>> {
    let links = links(scope, now);
    let mut walk = Walk { scope, links: &links, nodes: Vec::new(), is_truncated: false };
    for family in Family::ALL {
        let wanted = of_family(around, family);
        if !wanted.is_empty() {
            let these = sql("(SELECT up.id FROM ").add(ids(conn.backend(), &wanted)).push(")");
            walk.add(conn, family, &these, extent.limit)?;
        }
    }
    if walk.nodes.is_empty() {
        return Ok(None);
    }
    let mut stepped_from = 0;
    for _ in 0..extent.depth {
        let near: Vec<NodeKey> = walk.nodes[stepped_from..].iter().map(|node| node.key).collect();
        if near.is_empty() {
            break;
        }
        stepped_from = walk.nodes.len();
        for family in Family::ALL {
            if let Some(reached) = walk.reached(conn, &near, family) {
                walk.add(conn, family, &reached, extent.limit)?;
            }
        }
    }
    // The nodes found in the last step have neighbours too, but these were not requested.
    let expanded: Vec<NodeKey> = walk.nodes[..stepped_from].iter().map(|node| node.key).collect();
    let edges = walk.edges(conn)?;
    if walk.is_truncated {
        walk.count_left_out(conn, &expanded, &edges)?;
    }
    Ok(Some(Graph { nodes: walk.nodes, edges, is_truncated: walk.is_truncated }))
}

fn of_family(keys: &[NodeKey], family: Family) -> Vec<NodeKey> {
    keys.iter().filter(|key| key.family() == family).copied().collect()
}

#[derive(QueryableByName)]
struct NodeRow {
    #[diesel(sql_type = BigInt)]
    id: i64,
    #[diesel(sql_type = Text)]
    kind: GraphNodeKind,
    #[diesel(sql_type = Text)]
    public_id: String,
    #[diesel(sql_type = Nullable<Text>)]
    label: Option<String>,
}

#[derive(QueryableByName)]
struct EdgeRow {
    #[diesel(sql_type = BigInt)]
    link: i64,
    #[diesel(sql_type = BigInt)]
    from_id: i64,
    #[diesel(sql_type = BigInt)]
    to_id: i64,
    #[diesel(sql_type = Nullable<Text>)]
    label: Option<String>,
}

#[derive(QueryableByName)]
struct CountRow {
    #[diesel(sql_type = BigInt)]
    near_family: i64,
    #[diesel(sql_type = BigInt)]
    near_id: i64,
    #[diesel(sql_type = BigInt)]
    neighbours: i64,
}

struct Walk<'a> {
    scope: &'a Scope,
    links: &'a [Link],
    nodes: Vec<Node>,
    is_truncated: bool,
}

impl Walk<'_> {
    /// Adds the nodes of that family in `wanted` (a list or a `SELECT` in parentheses) that the caller sees and that are not
    /// included yet, by name, up to the limit.
    fn add(&mut self, conn: &mut Conn, family: Family, wanted: &Sql, limit: usize) -> StoreResult<()> {
        let room = limit.saturating_sub(self.nodes.len());
        let known = of_family(&self.nodes.iter().map(|node| node.key).collect::<Vec<_>>(), family);
        let id = id_column(family);
        let statement = visible(self.scope, family)
            .push(" AND ")
            .push(id)
            .push(" IN ")
            .add(wanted.clone())
            .push(" AND ")
            .push(id)
            .push(" NOT IN (SELECT up.id FROM ")
            .add(ids(conn.backend(), &known))
            .push(") ORDER BY ")
            .push(name_column(family))
            .push(", ")
            .push(id)
            .push(" LIMIT ")
            .bind(i64::try_from(room + 1).unwrap_or(i64::MAX));
        let mut rows: Vec<NodeRow> = conn.rows(&statement)?;
        self.is_truncated |= rows.len() > room;
        rows.truncate(room);
        for row in rows {
            let label = row.label.filter(|label| !label.trim().is_empty()).unwrap_or_else(|| row.public_id.clone());
            self.nodes.push(Node {
                key: NodeKey::of(family, row.id),
                kind: row.kind,
                public_id: row.public_id,
                label,
                left_out: 0,
            });
        }
        Ok(())
    }

    /// The nodes of that family to which a link leads from one of `near`, as a `SELECT` in parentheses; `None` if there can be
    /// none.
    fn reached(&self, conn: &Conn, near: &[NodeKey], family: Family) -> Option<Sql> {
        let arms: Vec<Sql> = self
            .links
            .iter()
            .flat_map(Link::both_ways)
            .filter(|way| way.far.0 == family)
            .filter_map(|way| {
                let from = of_family(near, way.near.0);
                (!from.is_empty()).then(|| way.arm(sql(way.far.1), &ids(conn.backend(), &from)))
            })
            .collect();
        (!arms.is_empty()).then(|| sql("(").add(Sql::join(arms, " UNION ALL ")).push(")"))
    }

    /// All links between two of the nodes.
    fn edges(&self, conn: &mut Conn) -> StoreResult<Vec<Edge>> {
        let keys: Vec<NodeKey> = self.nodes.iter().map(|node| node.key).collect();
        let arms: Vec<Sql> = (0_i64..)
            .zip(self.links)
            .filter_map(|(number, link)| {
                let (from, to) = (of_family(&keys, link.from.0), of_family(&keys, link.to.0));
                (!from.is_empty() && !to.is_empty())
                    .then(|| link.between(number, &ids(conn.backend(), &from), &ids(conn.backend(), &to)))
            })
            .collect();
        if arms.is_empty() {
            return Ok(Vec::new());
        }
        // UNION, because several facts can result in the same edge: an association through each of two providers, or several
        // grants.
        let rows: Vec<EdgeRow> = conn.rows(&Sql::join(arms, " UNION "))?;
        let place: HashMap<NodeKey, usize> = keys.iter().zip(0..).map(|(key, place)| (*key, place)).collect();
        let mut edges: Vec<Edge> = rows
            .into_iter()
            .filter_map(|row| {
                let link = self.links.get(usize::try_from(row.link).ok()?)?;
                let from = NodeKey::of(link.from.0, row.from_id);
                let to = NodeKey::of(link.to.0, row.to_id);
                Some(Edge { from, to, kind: link.kind, label: row.label })
            })
            .collect();
        edges.sort_by(|a, b| {
            let order = |edge: &Edge| (place.get(&edge.from).copied(), place.get(&edge.to).copied(), edge.kind);
            order(a).cmp(&order(b)).then_with(|| a.label.cmp(&b.label))
        });
        Ok(edges)
    }

    /// Sets on each expanded node how many of its neighbours are not among the nodes.
    fn count_left_out(&mut self, conn: &mut Conn, expanded: &[NodeKey], edges: &[Edge]) -> StoreResult<()> {
        let mut shown: HashMap<NodeKey, HashSet<NodeKey>> = HashMap::new();
        for edge in edges {
            shown.entry(edge.from).or_default().insert(edge.to);
            shown.entry(edge.to).or_default().insert(edge.from);
        }
        let mut neighbours: HashMap<NodeKey, i64> = HashMap::new();
        for family in Family::ALL {
            for count in self.count(conn, expanded, family)? {
                let near = usize::try_from(count.near_family).ok().and_then(|at| Family::ALL.get(at));
                if let Some(near) = near {
                    *neighbours.entry(NodeKey::of(*near, count.near_id)).or_default() += count.neighbours;
                }
            }
        }
        for node in &mut self.nodes {
            let all = neighbours.get(&node.key).copied().unwrap_or(0);
            let seen = shown.get(&node.key).map_or(0, HashSet::len);
            node.left_out = (all - i64::try_from(seen).unwrap_or(i64::MAX)).max(0);
        }
        Ok(())
    }

    fn count(&self, conn: &mut Conn, expanded: &[NodeKey], family: Family) -> StoreResult<Vec<CountRow>> {
        let arms: Vec<Sql> = self
            .links
            .iter()
            .flat_map(Link::both_ways)
            .filter(|way| way.far.0 == family)
            .filter_map(|way| {
                let from = of_family(expanded, way.near.0);
                let columns = sql(format!("{} AS near_family, ", way.near.0 as i64))
                    .push(way.near.1)
                    .push(" AS near_id, ")
                    .push(way.far.1)
                    .push(" AS far_id");
                (!from.is_empty()).then(|| way.arm(columns, &ids(conn.backend(), &from)))
            })
            .collect();
        if arms.is_empty() {
            return Ok(Vec::new());
        }
        conn.rows(
            &sql("SELECT CAST(l.near_family AS BIGINT) AS near_family, l.near_id, COUNT(DISTINCT l.far_id) AS neighbours FROM (")
                .add(Sql::join(arms, " UNION ALL "))
                .push(") l WHERE ")
                .add(sees(self.scope, family))
                .push(" GROUP BY l.near_family, l.near_id"),
        )
    }
}
