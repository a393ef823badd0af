use chrono::NaiveDateTime;
use diesel::prelude::*;
use partnergraph_domain::{
    AuditEventKey, CustomerKey, ImportRunKey, OperationStatus, OperationType, PartnerKey, SubscriptionKey,
};
use serde::{Deserialize, Serialize};

use crate::conn::Conn;
use crate::error::{StoreError, StoreResult};
use crate::schema::{audit_event_viewers, audit_events};
use crate::scope::{Actor, Scope};

/// One field before and after. Never a secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// The GraphQL name of the field.
    pub field: String,
    /// Null where there was nothing.
    pub before: Option<String>,
    /// Null where there is nothing now.
    pub after: Option<String>,
}

impl Change {
    /// A change of `field`, or nothing where before and after are alike.
    pub fn of(field: &str, before: Option<String>, after: Option<String>) -> Option<Self> {
        (before != after).then(|| Self { field: field.to_owned(), before, after })
    }

    /// What an event without customer and partner is about: a field that says which thing it is, and did not change.
    pub fn about(field: &str, value: &str) -> Self {
        Self { field: field.to_owned(), before: Some(value.to_owned()), after: Some(value.to_owned()) }
    }
}

/// Who may read an event, besides operators.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Viewer {
    /// A partner account.
    Partner(PartnerKey),
    /// The customer the event is about.
    TheCustomer,
}

/// Something that happened.
#[derive(Debug, Clone)]
pub struct Event {
    /// In Partner Center's words.
    pub operation_type: OperationType,
    /// Whether it was done.
    pub operation_status: OperationStatus,
    /// The customer concerned.
    pub customer_id: Option<CustomerKey>,
    /// The partner at the other end.
    pub partner_id: Option<PartnerKey>,
    /// The subscription concerned.
    pub subscription_pk: Option<SubscriptionKey>,
    /// The import that did it; its changes stand with the run.
    pub run_id: Option<ImportRunKey>,
    /// What changed.
    pub changes: Vec<Change>,
    /// Who sees it besides the actor's own organisation, which always does.
    pub viewers: Vec<Viewer>,
}

impl Event {
    /// A success without anything filled in.
    pub fn succeeded(operation_type: OperationType) -> Self {
        Self {
            operation_type,
            operation_status: OperationStatus::Succeeded,
            customer_id: None,
            partner_id: None,
            subscription_pk: None,
            run_id: None,
            changes: Vec::new(),
            viewers: Vec::new(),
        }
    }
}

/// Writes an event and gives its number in the feed. The numbers rise in the order of commits, because one write
/// transaction follows another (see [`Conn::transaction`]).
///
/// # Errors
/// Any database error.
pub fn record(conn: &mut Conn, actor: &Actor, now: NaiveDateTime, event: &Event) -> StoreResult<AuditEventKey> {
    let changes = serde_json::to_string(&event.changes)
        .map_err(|error| StoreError::Value { value: error.to_string(), expected: "changes as JSON" })?;
    // The customer concerned is written down as 0, which is no partner's key.
    let mut viewers: Vec<i64> = event
        .viewers
        .iter()
        .map(|viewer| match viewer {
            Viewer::Partner(id) => id.get(),
            Viewer::TheCustomer => 0,
        })
        .collect();
    let (actor_partner_id, actor_customer_id) = match actor.scope {
        Scope::Partner { id, .. } => {
            viewers.push(id.get());
            (Some(id), None)
        }
        Scope::Customer { id } => {
            viewers.push(0);
            (None, Some(id))
        }
        Scope::Operator | Scope::Nobody => (None, None),
    };
    viewers.sort_unstable();
    viewers.dedup();
    let id: AuditEventKey = on!(conn, c => diesel::insert_into(audit_events::table)
        .values((
            audit_events::operation_type.eq(event.operation_type),
            audit_events::operation_status.eq(event.operation_status),
            audit_events::operation_date.eq(now),
            audit_events::user_principal_name.eq(&actor.user_principal_name),
            audit_events::actor_partner_id.eq(actor_partner_id),
            audit_events::actor_customer_id.eq(actor_customer_id),
            audit_events::customer_id.eq(event.customer_id.or(actor_customer_id)),
            audit_events::partner_id.eq(event.partner_id),
            audit_events::subscription_pk.eq(event.subscription_pk),
            audit_events::run_id.eq(event.run_id),
            audit_events::changes.eq(&changes),
        ))
        .returning(audit_events::id)
        .get_result(c))?;
    for viewer in viewers {
        on!(conn, c => diesel::insert_into(audit_event_viewers::table)
            .values((audit_event_viewers::viewer_partner_id.eq(viewer), audit_event_viewers::event_id.eq(id)))
            .execute(c))?;
    }
    Ok(id)
}
