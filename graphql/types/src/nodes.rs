//! Resolves global ids to objects.

use std::collections::HashMap;

use async_graphql::{Context, ID, Result};
use partnergraph_store::read::{
    change_requests, customers, directory, entitlements, grants, history, imports, invitations, orders, outbox,
    partners, partnerships, subscriptions, users,
};
use partnergraph_store::write::users::Organization;

use crate::graph_nodes::diagram_node;
use crate::{
    AuditRecord, ChangeRequest, Customer, CustomerSubscription, DelegatedAdminGrant, DirectoryEntry, Entitlement,
    ImportRun, Invitation, Node, Order, OutboxMail, Partner, Partnership, RelationshipGraphNode, User,
};
use partnergraph_operation::batch::{Batch, BatchRow};
use partnergraph_operation::context::Operation;
use partnergraph_operation::ids::GlobalId;
use partnergraph_operation::scalars::Guid;

/// Reads all ids of the same type in one statement. The objects found form a batch.
pub async fn found(ctx: &Context<'_>, ids: &[ID]) -> Result<Vec<Option<Node>>> {
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
    let pairs = of_kind(&ids, |id| if let GlobalId::Partnership(row) = id { Some(row) } else { None });
    if !pairs.is_empty() {
        let rows = operation.read(move |conn, scope| partnerships::by_ids(conn, scope, &pairs)).await?;
        known.extend(members(rows).map(|row| (GlobalId::Partnership(row.id), Partnership(row).into())));
    }
    let invited = of_kind(&ids, |id| if let GlobalId::Invitation(row) = id { Some(row) } else { None });
    if !invited.is_empty() {
        let now = operation.now();
        let rows = operation.read(move |conn, scope| invitations::by_ids(conn, scope, &invited, now)).await?;
        known.extend(members(rows).map(|row| (GlobalId::Invitation(row.id), Invitation::from(row).into())));
    }
    let runs = of_kind(&ids, |id| if let GlobalId::ImportRun(row) = id { Some(row) } else { None });
    if !runs.is_empty() {
        let scope = operation.import_scope()?;
        let rows = operation.read(move |conn, _| imports::by_ids(conn, &scope, &runs)).await?;
        known.extend(members(rows).map(|row| (GlobalId::ImportRun(row.id), ImportRun(row).into())));
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

fn members<R: Send + Sync + 'static>(rows: Vec<R>) -> impl Iterator<Item = BatchRow<R>> {
    let batch = Batch::new(rows);
    (0..batch.rows().len()).filter_map(move |at| BatchRow::at(&batch, at))
}

/// Reads an object whose type is usually requested one at a time.
async fn rare(operation: &Operation, id: GlobalId) -> Result<Option<Node>> {
    Ok(match id {
        GlobalId::DelegatedAdminGrant(row) => {
            let now = operation.now();
            let found = operation.read(move |conn, scope| grants::find(conn, scope, row, now)).await?;
            found.map(|row| DelegatedAdminGrant::from(BatchRow::alone(row)).into())
        }
        GlobalId::AuditEvent(row) => operation
            .read(move |conn, scope| history::find(conn, scope, row))
            .await?
            .map(|row| AuditRecord(BatchRow::alone(row)).into()),
        GlobalId::User(row) => {
            let organization = Organization::of(operation.actor()?)?;
            // A user who has lost all roles acts for no organisation, but can still read its own user object.
            let is_own = operation.actor()?.user_id == Some(row);
            operation
                .read(move |conn, scope| match is_own {
                    true => users::own(conn, scope, row),
                    false => users::find(conn, organization, row),
                })
                .await?
                .map(|row| User::new(BatchRow::alone(row)).into())
        }
        GlobalId::Order(row) => operation
            .read(move |conn, scope| orders::find(conn, scope, row))
            .await?
            .map(|row| Order(BatchRow::alone(row)).into()),
        GlobalId::ChangeRequest(row) => {
            let now = operation.now();
            let found = operation.read(move |conn, scope| change_requests::find(conn, scope, row, now)).await?;
            found.map(|row| ChangeRequest(BatchRow::alone(row)).into())
        }
        GlobalId::OutboxMail(row) => operation
            .read(move |conn, scope| outbox::find(conn, scope, row))
            .await?
            .map(|row| OutboxMail(BatchRow::alone(row)).into()),
        GlobalId::DirectoryEntry(row) => operation
            .read(move |conn, scope| directory::find(conn, scope, row))
            .await?
            .map(|row| DirectoryEntry(BatchRow::alone(row)).into()),
        GlobalId::RelationshipGraphNode(node_id) => {
            diagram_node(operation, node_id).await?.map(|node| RelationshipGraphNode(BatchRow::alone(node)).into())
        }
        GlobalId::Customer(_)
        | GlobalId::CustomerSubscription(_)
        | GlobalId::Entitlement(_)
        | GlobalId::Partner(_)
        | GlobalId::Partnership(_)
        | GlobalId::Invitation(_)
        | GlobalId::ImportRun(_) => None,
    })
}
