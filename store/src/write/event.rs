use chrono::NaiveDateTime;
use diesel::prelude::*;
use partnergraph_domain::{
    AuditEventKey, ChangeRequestKey, CustomerKey, ImportRunKey, InvitationKey, OperationStatus, OperationType,
    PartnerKey, PartnerType, PartnershipKey, SubscriptionKey,
};
use serde::{Deserialize, Serialize};

use crate::conn::Conn;
use crate::error::{StoreError, StoreResult};
use crate::schema::{audit_event_viewers, audit_events, customer_records, partners, subscriptions};
use crate::scope::{Actor, Scope};

/// A changed field with its old and new value. Never a secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// The GraphQL name of the field.
    pub field: String,
    /// Null if there was no value.
    pub before: Option<String>,
    /// Null if there is no value now.
    pub after: Option<String>,
}

impl Change {
    /// A change of `field`, or `None` if the values are equal.
    pub fn of(field: &str, before: Option<String>, after: Option<String>) -> Option<Self> {
        (before != after).then(|| Self { field: field.to_owned(), before, after })
    }

    /// What a remover stated, statement by statement (X-06, D-03).
    pub(super) fn represented(representation: &serde_json::Value) -> impl Iterator<Item = Self> {
        let statements = representation.as_object().into_iter().flatten();
        statements.filter_map(|(statement, made)| {
            Self::of(&format!("representation.{statement}"), None, made.as_bool().map(|made| made.to_string()))
        })
    }

    /// The subject of an event without customer and partner: a field that identifies it and did not change.
    pub fn about(field: &str, value: &str) -> Self {
        Self { field: field.to_owned(), before: Some(value.to_owned()), after: Some(value.to_owned()) }
    }
}

/// Who can read an event, in addition to operators.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Viewer {
    /// A partner account.
    Partner(PartnerKey),
    /// The customer the event is about.
    TheCustomer,
}

/// An event.
#[derive(Debug, Clone)]
pub struct Event {
    /// The operation, as Partner Center names it.
    pub operation_type: OperationType,
    /// The status of the operation.
    pub operation_status: OperationStatus,
    /// The customer.
    pub customer_id: Option<CustomerKey>,
    /// The other partner.
    pub partner_id: Option<PartnerKey>,
    /// The subscription.
    pub subscription_pk: Option<SubscriptionKey>,
    /// The partnership.
    pub partnership_id: Option<PartnershipKey>,
    /// The invitation.
    pub invitation_id: Option<InvitationKey>,
    /// The import run that did it; its changes are stored with the run.
    pub run_id: Option<ImportRunKey>,
    /// The change request that it is about. One whose approval causes the event is taken from the actor.
    pub change_request_id: Option<ChangeRequestKey>,
    /// What changed.
    pub changes: Vec<Change>,
    /// Who sees it in addition to the actor's own organisation, which always does.
    pub viewers: Vec<Viewer>,
}

impl Event {
    /// A successful event with no other fields set.
    pub fn succeeded(operation_type: OperationType) -> Self {
        Self {
            operation_type,
            operation_status: OperationStatus::Succeeded,
            customer_id: None,
            partner_id: None,
            subscription_pk: None,
            partnership_id: None,
            invitation_id: None,
            run_id: None,
            change_request_id: None,
            changes: Vec::new(),
            viewers: Vec::new(),
        }
    }
}

/// Writes an event and returns its id in the feed. The ids are in commit order, because write transactions do not overlap (see
/// [`Conn::transaction`]).
///
/// # Errors
/// Any database error.
pub fn record(conn: &mut Conn, actor: &Actor, now: NaiveDateTime, event: &Event) -> StoreResult<AuditEventKey> {
    let changes = serde_json::to_string(&event.changes)
        .map_err(|error| StoreError::Value { value: error.to_string(), expected: "changes as JSON" })?;
    // The customer is stored as viewer 0, which is not the key of a partner.
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
            audit_events::partnership_id.eq(event.partnership_id),
            audit_events::invitation_id.eq(event.invitation_id),
            audit_events::run_id.eq(event.run_id),
            audit_events::changes.eq(&changes),
            audit_events::change_request_id.eq(event.change_request_id.or(actor.approves)),
        ))
        .returning(audit_events::id)
        .get_result(c))?;
    for viewer in viewers {
        let (name, domain) = match event.customer_id {
            Some(customer_id) if viewer != 0 => known_as(conn, event, actor_partner_id, (customer_id, viewer))?,
            _ => (None, None),
        };
        on!(conn, c => diesel::insert_into(audit_event_viewers::table)
            .values((
                audit_event_viewers::viewer_partner_id.eq(viewer),
                audit_event_viewers::event_id.eq(id),
                audit_event_viewers::customer_name.eq(name.as_deref()),
                audit_event_viewers::customer_domain.eq(domain.as_deref()),
            ))
            .execute(c))?;
    }
    Ok(id)
}

/// What the viewer calls the customer, by name and domain: its own record of it says so, and to a reseller that of the partner that sells
/// through it (B-14). It is kept with the event, because the viewer may lose the customer by it.
fn known_as(
    conn: &mut Conn,
    event: &Event,
    actor: Option<PartnerKey>,
    (customer_id, viewer): (CustomerKey, i64),
) -> StoreResult<(Option<String>, Option<String>)> {
    let record = |conn: &mut Conn, partner_id: i64| -> StoreResult<Option<(Option<String>, Option<String>)>> {
        Ok(on!(conn, c => customer_records::table
            .filter(customer_records::customer_id.eq(customer_id))
            .filter(customer_records::partner_id.eq(PartnerKey::new(partner_id)))
            .select((customer_records::company_name, customer_records::domain))
            .first(c)
            .optional())?)
    };
    if let Some(own) = record(conn, viewer)? {
        return Ok(own);
    }
    let partner_type: Option<PartnerType> = on!(conn, c => partners::table
        .find(PartnerKey::new(viewer))
        .select(partners::partner_type)
        .first(c)
        .optional())?;
    if partner_type != Some(PartnerType::IndirectReseller) {
        return Ok((None, None));
    }
    let seller: Option<PartnerKey> = match event.subscription_pk {
        Some(key) => {
            on!(conn, c => subscriptions::table.find(key).select(subscriptions::seller_id).first(c).optional())?
        }
        None => None,
    };
    let providers = event.viewers.iter().filter_map(|viewer| match viewer {
        Viewer::Partner(id) => Some(*id),
        Viewer::TheCustomer => None,
    });
    for provider in [seller, actor].into_iter().flatten().chain(providers) {
        if let Some(theirs) = record(conn, provider.get())? {
            return Ok(theirs);
        }
    }
    Ok((None, None))
}
