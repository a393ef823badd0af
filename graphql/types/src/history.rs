use std::collections::{HashMap, HashSet};

use async_graphql::{Context, ID, Object, Result, SimpleObject};
use partnergraph_domain::{OperationStatus, OperationType};
use partnergraph_store::read::history::{EventOrder, EventRow};
use partnergraph_store::write::Change;

use super::change_request::change_request_of;
use super::{ChangeRequest, Customer, Node, Partner, customer_of, partner_of};
use crate::nodes::found;
use partnergraph_operation::batch::{BatchRow, CellKey};
use partnergraph_operation::connection;
use partnergraph_operation::ids::GlobalId;
use partnergraph_operation::scalars::{DateTime, Guid};

connection! { AuditRecordConnection, AuditRecordEdge, AuditRecord, EventOrder, "audit records" }

/// A field that an operation changed.
#[derive(SimpleObject, Debug, Clone)]
pub struct FieldChange {
    /// The name of the field, as in the schema.
    pub field: String,
    /// The value before the change. Null if there was none or you cannot see it.
    pub before: Option<String>,
    /// The value after the change. Null if there is none or you cannot see it.
    pub after: Option<String>,
}

/// A record of the audit history: one operation and what it changed.
#[derive(Debug, Clone)]
pub struct AuditRecord(pub BatchRow<EventRow>);

impl AuditRecord {
    fn values(&self, side: fn(Change) -> Option<String>) -> Result<Option<String>> {
        let changes = self.0.visible_changes()?;
        if changes.is_empty() {
            return Ok(None);
        }
        let values: serde_json::Map<_, _> =
            changes.into_iter().map(|change| (change.field.clone(), side(change).into())).collect();
        Ok(Some(serde_json::Value::Object(values).to_string()))
    }
}

/// The entity that an event changed. An event names every entity that it concerns; the most specific is the one that changed.
fn subject(row: &EventRow) -> Result<Option<GlobalId>> {
    let subscription = row.subscription_id.as_deref().map(Guid::stored).transpose()?;
    let customer = row.customer_tenant_id.as_deref().map(Guid::stored).transpose()?;
    // A run itself is the subject only of its own record, not of those of what it changed.
    let run = row.run_id.filter(|_| row.change_entity.is_none()).map(GlobalId::ImportRun);
    Ok(subscription
        .map(|id| GlobalId::CustomerSubscription(id.into()))
        .or_else(|| row.invitation_id.map(GlobalId::Invitation))
        .or_else(|| row.partnership_id.map(GlobalId::Partnership))
        .or_else(|| customer.map(|id| GlobalId::Customer(id.into())))
        .or(run)
        .or_else(|| row.partner_id.map(GlobalId::Partner)))
}

impl From<BatchRow<EventRow>> for AuditRecord {
    fn from(row: BatchRow<EventRow>) -> Self {
        Self(row)
    }
}

/// A record of the audit history: one operation and what it changed. Each change of an import is a record of its own, after that of the
/// import as a whole. Each row that a move of a reseller's business moved is a record; the move as a whole has none.
#[Object]
impl AuditRecord {
    /// The global id.
    pub async fn id(&self) -> ID {
        GlobalId::AuditEvent(self.0.id).into()
    }

    /// The type of operation.
    fn operation_type(&self) -> OperationType {
        self.0.operation_type
    }

    /// When the operation took place.
    fn operation_date(&self) -> DateTime {
        self.0.operation_date.into()
    }

    /// Whether the operation succeeded.
    fn operation_status(&self) -> OperationStatus {
        self.0.operation_status
    }

    /// Who performed the operation: a user principal name, or a name such as `command line` for the platform itself. A reseller
    /// reads `another organisation` for users of another reseller (B-14).
    fn user_principal_name(&self) -> &str {
        &self.0.user_principal_name
    }

    /// The customer concerned. Null if there is none, or if you can no longer see it. In that case, `customerId` and `customerName`
    /// still identify the customer.
    async fn customer(&self, ctx: &Context<'_>) -> Result<Option<Customer>> {
        customer_of(ctx, self.0.batch(), |row| row.customer_id, self.0.customer_id).await
    }

    /// The tenant id of the customer concerned, even after your relationship with the customer has ended. Null if no customer
    /// is concerned.
    fn customer_id(&self) -> Result<Option<Guid>> {
        Ok(self.0.customer_tenant_id.as_deref().map(Guid::stored).transpose()?)
    }

    /// The name of the customer concerned, as you see it. After the relationship has ended, the name from your own record. Null
    /// if no customer is concerned or you know no name.
    async fn customer_name(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        let customer = customer_of(ctx, self.0.batch(), |row| row.customer_id, self.0.customer_id).await?;
        let seen = customer.and_then(|customer| customer.0.company_name.clone());
        Ok(seen.or_else(|| self.0.own_customer_name.clone()))
    }

    /// The domain of the customer concerned, as `customerName`.
    async fn customer_domain(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        let customer = customer_of(ctx, self.0.batch(), |row| row.customer_id, self.0.customer_id).await?;
        let seen = customer.and_then(|customer| customer.0.domain.clone());
        Ok(seen.or_else(|| self.0.own_customer_domain.clone()))
    }

    /// The entity that changed: an import run, subscription, invitation, partnership, customer or partner. Null if there is none,
    /// or if you can no longer see it.
    async fn subject(&self, ctx: &Context<'_>) -> Result<Option<Node>> {
        let Some(id) = subject(&self.0)? else { return Ok(None) };
        let batch = self.0.batch();
        let nodes = batch
            .shared(CellKey::Name("subjects"), || async move {
                let mut ids = HashSet::new();
                for row in batch.rows() {
                    ids.extend(subject(row)?);
                }
                let ids: Vec<GlobalId> = ids.into_iter().collect();
                let nodes = found(ctx, &ids.iter().map(|id| ID::from(*id)).collect::<Vec<_>>()).await?;
                Ok(ids.into_iter().zip(nodes).collect::<HashMap<_, _>>())
            })
            .await?;
        Ok(nodes.get(&id).cloned().flatten())
    }

    /// The subscription that changed, even if you can no longer see it. Null if no subscription changed.
    fn subscription_id(&self) -> Result<Option<Guid>> {
        Ok(self.0.subscription_id.as_deref().map(Guid::stored).transpose()?)
    }

    /// The other partner involved, or you if there is no other. Null if no partner is involved, or if you cannot see it.
    async fn partner(&self, ctx: &Context<'_>) -> Result<Option<Partner>> {
        partner_of(ctx, self.0.batch(), |row| [row.partner_id, None, None], self.0.partner_id).await
    }

    /// The import run that performed the operation. Null for all other operations.
    fn import_run_id(&self) -> Option<ID> {
        self.0.run_id.map(|id| GlobalId::ImportRun(id).into())
    }

    /// What a change of an import did: CREATE for an entity, or for what a list newly states of it; UPDATE for a field; REVERT if the
    /// earlier value was restored. Null for all other records.
    fn action(&self) -> Option<&str> {
        self.0.action.as_deref()
    }

    /// The name of the file that states what an import changed, without its folder. Null unless your organisation imported it, for all
    /// other records, and if a change follows from no single line.
    fn file(&self) -> Option<&str> {
        self.0.file_name()
    }

    /// The source under which the importer keeps what that file states, as in `ImportFile.source`. Null if `file` is null.
    fn source(&self) -> Option<&str> {
        self.0.source.as_deref()
    }

    /// The line of that file on which the record begins, starting at 1.
    fn line(&self) -> Option<i64> {
        self.0.line
    }

    /// The change request that the operation is about, or whose approval caused it. Null if there is none, or if you cannot
    /// see it.
    async fn change_request(&self, ctx: &Context<'_>) -> Result<Option<ChangeRequest>> {
        let id = self.0.change_request_id;
        change_request_of(ctx, self.0.batch(), |row| row.change_request_id, id).await
    }

    /// The changed fields with their values before the operation, as a JSON object. Null if no field changed.
    fn resource_old_value(&self) -> Result<Option<String>> {
        self.values(|change| change.before)
    }

    /// The changed fields with their values after the operation, as a JSON object. Null if no field changed.
    fn resource_new_value(&self) -> Result<Option<String>> {
        self.values(|change| change.after)
    }

    /// The changes, field by field. Empty if an import created a whole entity. A reseller sees only its own name in
    /// `partnerOfRecord`, `supportContact` and `indirectResellers` (B-14).
    fn changes(&self) -> Result<Vec<FieldChange>> {
        let changes = self.0.visible_changes()?;
        let change = |Change { field, before, after }| FieldChange { field, before, after };
        Ok(changes.into_iter().map(change).collect())
    }
}
