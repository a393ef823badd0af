//! The payloads of the mutations for resellers and support contacts, and what other payloads read in the same way.

use std::sync::Arc;

use async_graphql::{Result, SimpleObject};
use partnergraph_store::read::customers::CustomerBy;
use partnergraph_store::read::entitlements::EntitlementRow;
use partnergraph_store::read::subscriptions::{SubscriptionBy, SubscriptionRow};
use partnergraph_store::read::{customers, entitlements, subscriptions};

use super::task::Outcome;
use partnergraph_domain::{CustomerKey, EntitlementKey, SubscriptionKey};
use partnergraph_operation::Operation;
use partnergraph_operation::batch::{Batch, BatchRow};
use partnergraph_operation::payload::{UserError, user_errors};
use partnergraph_types::{Customer, CustomerSubscription, Entitlement};

/// The entities that a write affected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Changed {
    /// The entitlement, if the write was about one.
    pub(super) entitlement_id: Option<EntitlementKey>,
    /// The subscription, if the write was about one or about one of its entitlements.
    pub(super) subscription_pk: Option<SubscriptionKey>,
    /// The customer, or the customer of the subscription.
    pub(super) customer_id: CustomerKey,
}

/// Declares the fields of a payload that return its entities as edges of their lists.
macro_rules! edges {
    ($payload:ident { $($(#[$doc:meta])* $name:ident: $of:ident => $edge:ty,)+ }) => {
        #[async_graphql::ComplexObject]
        #[allow(clippy::wrong_self_convention, reason = "`fromEdge` is an edge of `from`")]
        impl $payload {
            $(
                $(#[$doc])*
                async fn $name(&self) -> async_graphql::Result<Option<$edge>> {
                    self.$of.clone().map(<$edge>::listed).transpose()
                }
            )+
        }
    };
}
pub(crate) use edges;

/// Result of changing the reseller of a subscription, an entitlement or a customer.
#[derive(SimpleObject)]
#[allow(missing_debug_implementations)]
#[graphql(complex)]
pub struct ResellerPayload {
    /// The subscription after the change, or the subscription of the entitlement. Null if you named a customer, or if
    /// the change was rejected.
    customer_subscription: Option<CustomerSubscription>,
    /// The entitlement after the change. Null if you did not name one, or if the change was rejected.
    entitlement: Option<Entitlement>,
    /// The customer after the change. Null if the change was rejected.
    customer: Option<Customer>,
    /// Why it was rejected. Empty on success.
    user_errors: Vec<UserError>,
}

crate::payload::edges! { ResellerPayload {
    /// `customerSubscription` with its cursor in the list in which it stands, in the default order and without a filter. Null if it is null.
    customer_subscription_edge: customer_subscription => partnergraph_types::CustomerSubscriptionEdge,
    /// `customer` with its cursor in the list in which it stands, in the default order and without a filter. Null if it is null.
    customer_edge: customer => partnergraph_types::CustomerEdge,
} }

impl ResellerPayload {
    /// The payload, with its entities read again after the commit.
    pub(super) async fn of(operation: &Operation, outcome: Outcome<Changed>) -> Result<Self> {
        let changed = match outcome {
            Ok(changed) => changed,
            Err(refusals) => {
                let user_errors = user_errors(refusals);
                return Ok(Self { customer_subscription: None, entitlement: None, customer: None, user_errors });
            }
        };
        Ok(Self {
            customer_subscription: subscription(operation, changed).await?,
            entitlement: entitlement(operation, changed).await?,
            customer: customer(operation, changed).await?,
            user_errors: Vec::new(),
        })
    }
}

/// Result of changing the support contact of a subscription.
#[derive(SimpleObject)]
#[allow(missing_debug_implementations)]
#[graphql(complex)]
pub struct SupportContactPayload {
    /// The subscription after the change. Null if the change was rejected.
    customer_subscription: Option<CustomerSubscription>,
    /// Why it was rejected. Empty on success.
    user_errors: Vec<UserError>,
}

crate::payload::edges! { SupportContactPayload {
    /// `customerSubscription` with its cursor in the list in which it stands, in the default order and without a filter. Null if it is null.
    customer_subscription_edge: customer_subscription => partnergraph_types::CustomerSubscriptionEdge,
} }

impl SupportContactPayload {
    /// The payload, with its entity read again after the commit.
    pub(super) async fn of(operation: &Operation, outcome: Outcome<Changed>) -> Result<Self> {
        Ok(match outcome {
            Ok(changed) => {
                Self { customer_subscription: subscription(operation, changed).await?, user_errors: Vec::new() }
            }
            Err(refusals) => Self { customer_subscription: None, user_errors: user_errors(refusals) },
        })
    }
}

/// The subscriptions and entitlements that several writes affected, read again together after the commit.
#[derive(Debug)]
pub(super) struct ChangedRows {
    subscriptions: Arc<Batch<SubscriptionRow>>,
    entitlements: Arc<Batch<EntitlementRow>>,
}

impl ChangedRows {
    pub(super) async fn of(operation: &Operation, outcomes: &[Outcome<Option<Changed>>]) -> Result<Self> {
        let changed = || outcomes.iter().filter_map(|outcome| outcome.as_ref().ok().copied().flatten());
        let subscribed: Vec<SubscriptionKey> = changed().filter_map(|changed| changed.subscription_pk).collect();
        let entitled: Vec<EntitlementKey> = changed().filter_map(|changed| changed.entitlement_id).collect();
        operation
            .read(move |conn, scope| {
                Ok(Self {
                    subscriptions: Batch::new(subscriptions::by_ids(conn, scope, &subscribed)?),
                    entitlements: Batch::new(entitlements::by_ids(conn, scope, &entitled)?),
                })
            })
            .await
    }

    pub(super) fn subscription(&self, changed: Changed) -> Option<CustomerSubscription> {
        let at = self.subscriptions.rows().iter().position(|row| Some(row.id) == changed.subscription_pk)?;
        BatchRow::at(&self.subscriptions, at).map(CustomerSubscription)
    }

    pub(super) fn entitlement(&self, changed: Changed) -> Option<Entitlement> {
        let at = self.entitlements.rows().iter().position(|row| Some(row.id) == changed.entitlement_id)?;
        BatchRow::at(&self.entitlements, at).map(Entitlement)
    }
}

pub(super) async fn subscription(operation: &Operation, changed: Changed) -> Result<Option<CustomerSubscription>> {
    let Some(pk) = changed.subscription_pk else { return Ok(None) };
    let row = operation.read(move |conn, scope| subscriptions::find(conn, scope, SubscriptionBy::Row(pk))).await?;
    Ok(row.map(|row| CustomerSubscription(BatchRow::alone(row))))
}

/// The subscriptions, within the caller's scope, as one batch.
pub(super) async fn subscriptions(
    operation: &Operation,
    rows: Vec<SubscriptionKey>,
) -> Result<Vec<CustomerSubscription>> {
    let batch = Batch::new(operation.read(move |conn, scope| subscriptions::by_ids(conn, scope, &rows)).await?);
    Ok((0..batch.rows().len()).filter_map(|at| BatchRow::at(&batch, at)).map(CustomerSubscription).collect())
}

pub(super) async fn entitlement(operation: &Operation, changed: Changed) -> Result<Option<Entitlement>> {
    let Some(id) = changed.entitlement_id else { return Ok(None) };
    let row = operation.read(move |conn, scope| entitlements::find(conn, scope, id)).await?;
    Ok(row.map(|row| Entitlement(BatchRow::alone(row))))
}

async fn customer(operation: &Operation, changed: Changed) -> Result<Option<Customer>> {
    let id = changed.customer_id;
    let row = operation.read(move |conn, scope| customers::find(conn, scope, &CustomerBy::Row(id))).await?;
    Ok(row.map(|row| Customer(BatchRow::alone(row))))
}
