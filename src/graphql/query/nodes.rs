use async_graphql::{Context, ID, Object, Result};
use partnergraph_store::read::customers::CustomerKey;
use partnergraph_store::read::partners::PartnerKey;
use partnergraph_store::read::subscriptions::SubscriptionKey;
use partnergraph_store::read::{customers, imports, partners, partnerships, subscriptions, users};

use crate::graphql::context::Operation;
use crate::graphql::errors::{code, error};
use crate::graphql::ids::GlobalId;
use crate::graphql::siblings::Member;
use crate::graphql::types::{Customer, CustomerSubscription, ImportRun, Node, Partner, Partnership, User};

/// How many ids `nodes` takes.
const MAX_NODES: usize = 100;

#[derive(Default)]
pub(super) struct NodesQuery;

#[Object]
impl NodesQuery {
    /// Whatever has this global id. Null where nothing has, or where the caller does not see it.
    async fn node(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The global id.")] id: ID,
    ) -> Result<Option<Node>> {
        found(ctx, &id).await
    }

    /// Whatever has these global ids, at most 100, in their order. Null at the place of each that nothing has, or that the
    /// caller does not see.
    async fn nodes(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The global ids.")] ids: Vec<ID>,
    ) -> Result<Vec<Option<Node>>> {
        if ids.len() > MAX_NODES {
            return Err(error(code::BAD_PAGE_SIZE, format!("at most {MAX_NODES} ids can be asked for at once")));
        }
        let mut nodes = Vec::with_capacity(ids.len());
        for id in &ids {
            nodes.push(found(ctx, id).await?);
        }
        Ok(nodes)
    }
}

async fn found(ctx: &Context<'_>, id: &ID) -> Result<Option<Node>> {
    let operation = Operation::of(ctx);
    let Ok(id) = id.parse() else { return Ok(None) };
    Ok(match id {
        GlobalId::Customer(tenant) => operation
            .read(move |conn, scope| customers::find(conn, scope, &CustomerKey::Tenant(tenant)))
            .await?
            .map(|row| Node::from(Customer(Member::alone(row)))),
        GlobalId::CustomerSubscription(id) => operation
            .read(move |conn, scope| subscriptions::find(conn, scope, SubscriptionKey::Id(id)))
            .await?
            .map(|row| Node::from(CustomerSubscription(Member::alone(row)))),
        GlobalId::Partner(row) => operation
            .read(move |conn, scope| partners::find(conn, scope, PartnerKey::Row(row)))
            .await?
            .map(|row| Node::from(Partner(Member::alone(row)))),
        GlobalId::Partnership(row) => operation
            .read(move |conn, scope| partnerships::find(conn, scope, row))
            .await?
            .map(|row| Node::from(Partnership(Member::alone(row)))),
        GlobalId::ImportRun(row) => operation
            .read(move |conn, scope| imports::find(conn, scope, row))
            .await?
            .map(|row| Node::from(ImportRun(Member::alone(row)))),
        GlobalId::User(row) => {
            // So far a user sees itself; the users of its organisation come with their list.
            let own = operation.actor()?.user_id == row;
            let read = operation.read(move |conn, scope| users::own(conn, scope, row));
            if own { read.await?.map(|row| Node::from(User::new(Member::alone(row)))) } else { None }
        }
        GlobalId::Invitation(_) | GlobalId::DelegatedAdminGrant(_) | GlobalId::AuditEvent(_) | GlobalId::Order(_) => None,
    })
}
