//! Resolves ids to nodes of the relationship graph.

use async_graphql::Result;
use partnergraph_domain::{SubscriptionId, TenantId};
use partnergraph_store::read::customers::{self, CustomerBy};
use partnergraph_store::read::graph::{self, NodeKey};
use partnergraph_store::read::partnerships;
use partnergraph_store::read::subscriptions::{self, SubscriptionBy};
use partnergraph_store::{Conn, Scope, StoreResult};

use partnergraph_operation::context::Operation;
use partnergraph_operation::diagram::{self, DiagramNode};
use partnergraph_operation::ids::{DiagramNodeId, GlobalId};

/// The nodes that an id names. Empty if it names none, or none that the caller can see.
///
/// # Errors
/// A database error.
pub fn nodes_of(conn: &mut Conn, scope: &Scope, id: GlobalId) -> StoreResult<Vec<NodeKey>> {
    Ok(match id {
        GlobalId::Partner(id) => vec![NodeKey::Partner(id)],
        GlobalId::Customer(tenant_id) => customer(conn, scope, tenant_id)?.into_iter().collect(),
        GlobalId::CustomerSubscription(id) => subscription(conn, scope, id)?.into_iter().collect(),
        GlobalId::Partnership(id) => partnerships::find(conn, scope, id)?
            .map(|row| vec![NodeKey::Partner(row.provider_id), NodeKey::Partner(row.reseller_id)])
            .unwrap_or_default(),
        GlobalId::RelationshipGraphNode(node_id) => nodes_of(conn, scope, node_id.entity.into())?,
        _ => Vec::new(),
    })
}

fn customer(conn: &mut Conn, scope: &Scope, tenant_id: TenantId) -> StoreResult<Option<NodeKey>> {
    let row = customers::find(conn, scope, &CustomerBy::Tenant(tenant_id))?;
    Ok(row.map(|row| NodeKey::Customer(row.customer_id)))
}

fn subscription(conn: &mut Conn, scope: &Scope, id: SubscriptionId) -> StoreResult<Option<NodeKey>> {
    let row = subscriptions::find(conn, scope, SubscriptionBy::Id(id))?;
    Ok(row.map(|row| NodeKey::Subscription(row.id)))
}

/// A single node of the relationship graph, if the caller can see its entity (or, for a `MORE` node, the entity whose
/// neighbours it stands for).
pub(super) async fn diagram_node(operation: &Operation, node_id: DiagramNodeId) -> Result<Option<DiagramNode>> {
    let now = operation.now();
    let alone = graph::Extent { depth: 0, limit: 1 };
    let found = operation
        .read(move |conn, scope| {
            let keys = nodes_of(conn, scope, node_id.entity.into())?;
            graph::around(conn, scope, now, &keys, alone)
        })
        .await?;
    Ok(found.and_then(|graph| diagram::node(&graph, node_id)))
}
