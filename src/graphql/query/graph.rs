use async_graphql::{Context, ID, Object};
use partnergraph_domain::{SubscriptionId, TenantId};
use partnergraph_store::read::customers::{self, CustomerKey};
use partnergraph_store::read::graph::{self, Family, NodeKey};
use partnergraph_store::read::partnerships;
use partnergraph_store::read::subscriptions::{self, SubscriptionKey};
use partnergraph_store::{Conn, Scope, StoreResult};

use crate::graphql::context::Operation;
use crate::graphql::errors::{code, error};
use crate::graphql::ids::GlobalId;
use crate::graphql::nullable::Nullable;
use crate::graphql::types::RelationshipGraph;
use crate::picture::{self, MAX_DEPTH, MAX_NODES};

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

/// The nodes that an id means; none where it means none, or none that the caller sees.
///
/// # Errors
/// The database's.
pub(crate) fn nodes_of(conn: &mut Conn, scope: &Scope, id: GlobalId) -> StoreResult<Vec<NodeKey>> {
    let partner = |id| NodeKey { family: Family::Partner, id };
    Ok(match id {
        GlobalId::Partner(id) => vec![partner(id)],
        GlobalId::Customer(tenant_id) => customer(conn, scope, tenant_id)?.into_iter().collect(),
        GlobalId::CustomerSubscription(id) => subscription(conn, scope, id)?.into_iter().collect(),
        GlobalId::Partnership(id) => partnerships::find(conn, scope, id)?
            .map(|row| vec![partner(row.provider_id), partner(row.reseller_id)])
            .unwrap_or_default(),
        GlobalId::RelationshipGraphNode(drawn) => nodes_of(conn, scope, drawn.entity.into())?,
        _ => Vec::new(),
    })
}

fn customer(conn: &mut Conn, scope: &Scope, tenant_id: TenantId) -> StoreResult<Option<NodeKey>> {
    let row = customers::find(conn, scope, &CustomerKey::Tenant(tenant_id))?;
    Ok(row.map(|row| NodeKey { family: Family::Customer, id: row.customer_id }))
}

fn subscription(conn: &mut Conn, scope: &Scope, id: SubscriptionId) -> StoreResult<Option<NodeKey>> {
    let row = subscriptions::find(conn, scope, SubscriptionKey::Id(id))?;
    Ok(row.map(|row| NodeKey { family: Family::Subscription, id: row.id }))
}
