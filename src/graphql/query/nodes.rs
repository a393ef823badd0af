use std::collections::HashMap;

use async_graphql::{Context, ID, Object, Result};
use partnergraph_store::read::{
    customers, directory, entitlements, grants, graph, history, imports, invitations, orders, outbox, partners,
    partnerships, subscriptions, users,
};
use partnergraph_store::write::users::Organization;

use crate::graphql::context::Operation;
use crate::graphql::errors::{code, error};
use crate::graphql::ids::{Drawn, GlobalId};
use crate::graphql::nullable::Nullable;
use crate::graphql::query::graph::nodes_of;
use crate::graphql::scalars::Guid;
use crate::graphql::siblings::{Level, Member};
use crate::graphql::types::{
    AuditRecord, Customer, CustomerSubscription, DelegatedAdminGrant, DirectoryEntry, Entitlement, ImportRun,
    Invitation, Node, Order, OutboxMail, Partner, Partnership, RelationshipGraphNode, User,
};
use crate::picture::{self, PictureNode};

/// How many ids `nodes` takes.
const MAX_NODES: usize = 100;

#[derive(Default)]
pub(super) struct NodesQuery;

#[Object]
impl NodesQuery {
    /// Whatever has this global id. Null where nothing has, or where the caller does not see it.
    async fn node(&self, ctx: &Context<'_>, #[graphql(desc = "The global id.")] id: ID) -> Nullable<Node> {
        let answer = async { Ok(found(ctx, &[id]).await?.pop().flatten()) };
        Nullable::maybe(answer.await)
    }

    /// Whatever has these global ids, at most 100, in their order. Null at the place of each that nothing has, or that the
    /// caller does not see.
    async fn nodes(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The global ids.")] ids: Vec<ID>,
    ) -> Nullable<Vec<Option<Node>>> {
        let answer = async {
            if ids.len() > MAX_NODES {
                return Err(error(code::BAD_PAGE_SIZE, format!("at most {MAX_NODES} ids can be asked for at once")));
            }
            found(ctx, &ids).await
        };
        Nullable::from(answer.await)
    }
}

/// Reads all ids of a kind in one statement; what they find are siblings.
pub(crate) async fn found(ctx: &Context<'_>, ids: &[ID]) -> Result<Vec<Option<Node>>> {
    let operation = Operation::of(ctx);
    let ids: Vec<Option<GlobalId>> = ids.iter().map(|id| id.parse().ok()).collect();
    let mut known: HashMap<GlobalId, Node> = HashMap::new();
    let tenants = of_kind(&ids, |id| if let GlobalId::Customer(tenant) = id { Some(tenant) } else { None });
    if !tenants.is_empty() {
        let rows = operation.read(move |conn, scope| customers::by_tenants(conn, scope, &tenants)).await?;
        for row in members(rows) {
            let tenant = Guid::stored(&row.tenant_id)?.into();
            known.insert(GlobalId::Customer(tenant), Customer(row).into());
        }
    }
    let subscribed = of_kind(&ids, |id| if let GlobalId::CustomerSubscription(id) = id { Some(id) } else { None });
    if !subscribed.is_empty() {
        let rows =
            operation.read(move |conn, scope| subscriptions::by_subscription_ids(conn, scope, &subscribed)).await?;
        for row in members(rows) {
            let id = Guid::stored(&row.subscription_id)?.into();
            known.insert(GlobalId::CustomerSubscription(id), CustomerSubscription(row).into());
        }
    }
    let accounts = of_kind(&ids, |id| if let GlobalId::Partner(row) = id { Some(row) } else { None });
    if !accounts.is_empty() {
        let rows = operation.read(move |conn, scope| partners::by_ids(conn, scope, &accounts)).await?;
        known.extend(members(rows).map(|row| (GlobalId::Partner(row.id), Partner(row).into())));
    }
    let entitled = of_kind(&ids, |id| if let GlobalId::Entitlement(row) = id { Some(row) } else { None });
    if !entitled.is_empty() {
        let rows = operation.read(move |conn, scope| entitlements::by_ids(conn, scope, &entitled)).await?;
        known.extend(members(rows).map(|row| (GlobalId::Entitlement(row.id), Entitlement(row).into())));
    }
    for id in ids.iter().flatten() {
        if let Some(node) = rare(operation, *id).await? {
            known.insert(*id, node);
        }
    }
    Ok(ids.iter().map(|id| id.and_then(|id| known.get(&id).cloned())).collect())
}

fn of_kind<K>(ids: &[Option<GlobalId>], kind: impl Fn(GlobalId) -> Option<K>) -> Vec<K> {
    ids.iter().filter_map(|id| id.and_then(&kind)).collect()
}

fn members<R: Send + Sync + 'static>(rows: Vec<R>) -> impl Iterator<Item = Member<R>> {
    let level = Level::new(rows);
    (0..level.rows().len()).filter_map(move |at| Member::at(&level, at))
}

/// What is asked for one at a time.
async fn rare(operation: &Operation, id: GlobalId) -> Result<Option<Node>> {
    Ok(match id {
        GlobalId::Partnership(row) => operation
            .read(move |conn, scope| partnerships::find(conn, scope, row))
            .await?
            .map(|row| Partnership(Member::alone(row)).into()),
        GlobalId::Invitation(row) => {
            let now = operation.now();
            let found = operation.read(move |conn, scope| invitations::find(conn, scope, row, now)).await?;
            found.map(|row| Invitation::from(Member::alone(row)).into())
        }
        GlobalId::DelegatedAdminGrant(row) => {
            let now = operation.now();
            let found = operation.read(move |conn, scope| grants::find(conn, scope, row, now)).await?;
            found.map(|row| DelegatedAdminGrant::from(Member::alone(row)).into())
        }
        GlobalId::AuditEvent(row) => operation
            .read(move |conn, scope| history::find(conn, scope, row))
            .await?
            .map(|row| AuditRecord(Member::alone(row)).into()),
        GlobalId::ImportRun(row) => {
            let scope = operation.import_scope()?;
            operation
                .read(move |conn, _| imports::find(conn, &scope, row))
                .await?
                .map(|row| ImportRun(Member::alone(row)).into())
        }
        GlobalId::User(row) => {
            let organization = Organization::of(operation.actor()?)?;
            // Whoever lost all roles acts for no organisation any more, and goes on being told who it is.
            let is_own = operation.actor()?.user_id == row;
            operation
                .read(move |conn, scope| match is_own {
                    true => users::own(conn, scope, row),
                    false => users::find(conn, organization, row),
                })
                .await?
                .map(|row| User::new(Member::alone(row)).into())
        }
        GlobalId::Order(row) => operation
            .read(move |conn, scope| orders::find(conn, scope, row))
            .await?
            .map(|row| Order(Member::alone(row)).into()),
        GlobalId::OutboxMail(row) => operation
            .read(move |conn, scope| outbox::find(conn, scope, row))
            .await?
            .map(|row| OutboxMail(Member::alone(row)).into()),
        GlobalId::DirectoryEntry(row) => operation
            .read(move |conn, scope| directory::find(conn, scope, row))
            .await?
            .map(|row| DirectoryEntry(Member::alone(row)).into()),
        GlobalId::RelationshipGraphNode(drawn) => {
            drawn_node(operation, drawn).await?.map(|node| RelationshipGraphNode(Member::alone(node)).into())
        }
        GlobalId::Customer(_) | GlobalId::CustomerSubscription(_) | GlobalId::Entitlement(_) | GlobalId::Partner(_) => {
            None
        }
    })
}

/// A node of the relationship graph by itself, while the caller sees what it stands for or beside what it stands.
async fn drawn_node(operation: &Operation, drawn: Drawn) -> Result<Option<PictureNode>> {
    let now = operation.now();
    let alone = graph::Extent { depth: 0, limit: 1 };
    let found = operation
        .read(move |conn, scope| {
            let keys = nodes_of(conn, scope, drawn.entity.into())?;
            graph::around(conn, scope, now, &keys, alone)
        })
        .await?;
    Ok(found.and_then(|graph| picture::node(&graph, drawn)))
}
