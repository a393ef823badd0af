use async_graphql::{Context, ID, Object, Result, SimpleObject};
use partnergraph_domain::{OperationStatus, OperationType};
use partnergraph_store::read::history::{EventOrder, EventRow};
use partnergraph_store::write::Change;

use super::{Customer, Partner, customer_of, partner_of};
use partnergraph_operation::connection;
use partnergraph_operation::ids::GlobalId;
use partnergraph_operation::scalars::{DateTime, Guid};
use partnergraph_operation::siblings::Member;

connection! { AuditRecordConnection, AuditRecordEdge, AuditRecord, EventOrder, "the history" }

/// One field that an operation changed.
#[derive(SimpleObject, Debug, Clone)]
pub struct FieldChange {
    /// The name of the field, as the schema has it.
    pub field: String,
    /// Its value before. Null where there was none, or where the caller may not know.
    pub before: Option<String>,
    /// Its value after. Null where there is none any more, or where the caller may not know.
    pub after: Option<String>,
}

/// Something that happened.
#[derive(Debug, Clone)]
pub struct AuditRecord(pub Member<EventRow>);

impl AuditRecord {
    fn values(&self, side: fn(Change) -> Option<String>) -> Result<Option<String>> {
        let changes = self.0.changes_told()?;
        if changes.is_empty() {
            return Ok(None);
        }
        let values: serde_json::Map<_, _> =
            changes.into_iter().map(|change| (change.field.clone(), side(change).into())).collect();
        Ok(Some(serde_json::Value::Object(values).to_string()))
    }
}

impl From<Member<EventRow>> for AuditRecord {
    fn from(row: Member<EventRow>) -> Self {
        Self(row)
    }
}

/// Something that happened.
#[Object]
impl AuditRecord {
    /// The global id.
    pub async fn id(&self) -> ID {
        GlobalId::AuditEvent(self.0.id).into()
    }

    /// What was done.
    fn operation_type(&self) -> OperationType {
        self.0.operation_type
    }

    /// When.
    fn operation_date(&self) -> DateTime {
        self.0.operation_date.into()
    }

    /// Whether it was done.
    fn operation_status(&self) -> OperationStatus {
        self.0.operation_status
    }

    /// Who did it.
    fn user_principal_name(&self) -> &str {
        &self.0.user_principal_name
    }

    /// The customer concerned. Null where none is, or where the caller does not see it any more: `customerId` and `customerName`
    /// say then whom it was about.
    async fn customer(&self, ctx: &Context<'_>) -> Result<Option<Customer>> {
        customer_of(ctx, self.0.level(), |row| row.customer_id, self.0.customer_id).await
    }

    /// The tenant id of the customer concerned, also after the caller's relationship with it has ended. Null where none is
    /// concerned.
    fn customer_id(&self) -> Result<Option<Guid>> {
        Ok(self.0.customer_tenant_id.as_deref().map(Guid::stored).transpose()?)
    }

    /// The name of the customer concerned as the caller reads it; after the relationship has ended, as the caller's own record
    /// keeps it. Null where none is concerned, or where the caller knows no name.
    async fn customer_name(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        let customer = customer_of(ctx, self.0.level(), |row| row.customer_id, self.0.customer_id).await?;
        let seen = customer.and_then(|customer| customer.0.company_name.clone());
        Ok(seen.or_else(|| self.0.own_customer_name.clone()))
    }

    /// The other partner involved, or the caller if no other is. Null if no partner is involved, or one that the caller
    /// cannot see.
    async fn partner(&self, ctx: &Context<'_>) -> Result<Option<Partner>> {
        partner_of(ctx, self.0.level(), |row| [row.partner_id, None, None], self.0.partner_id).await
    }

    /// The import run that did it. Null for everything else.
    fn import_run_id(&self) -> Option<ID> {
        self.0.run_id.map(|id| GlobalId::ImportRun(id).into())
    }

    /// The fields that it changed as they were before, as a JSON object. Null where it changed none.
    fn resource_old_value(&self) -> Result<Option<String>> {
        self.values(|change| change.before)
    }

    /// The fields that it changed as they are since, as a JSON object. Null where it changed none.
    fn resource_new_value(&self) -> Result<Option<String>> {
        self.values(|change| change.after)
    }

    /// What it changed, field by field. Those of an import stand with its run. A reseller sees only its own name in
    /// `partnerOfRecord`, `supportContact` and `indirectResellers` (B-14).
    fn changes(&self) -> Result<Vec<FieldChange>> {
        let changes = self.0.changes_told()?;
        let change = |Change { field, before, after }| FieldChange { field, before, after };
        Ok(changes.into_iter().map(change).collect())
    }
}
