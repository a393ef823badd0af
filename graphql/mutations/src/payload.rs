//! What the mutations of resellers and support contacts answer.

use async_graphql::{Result, SimpleObject};
use partnergraph_store::read::customers::CustomerBy;
use partnergraph_store::read::subscriptions::SubscriptionBy;
use partnergraph_store::read::{customers, entitlements, subscriptions};

use super::task::Outcome;
use partnergraph_domain::{CustomerKey, EntitlementKey, SubscriptionKey};
use partnergraph_operation::Operation;
use partnergraph_operation::payload::{UserError, user_errors};
use partnergraph_operation::siblings::Member;
use partnergraph_types::{Customer, CustomerSubscription, Entitlement};

/// What a write was about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Changed {
    /// The entitlement, where it was one.
    pub(super) entitlement_id: Option<EntitlementKey>,
    /// The subscription, where it was one; the entitlement's where it was one.
    pub(super) subscription_pk: Option<SubscriptionKey>,
    /// The customer; the subscription's where it was one.
    pub(super) customer_id: CustomerKey,
}

/// What changed about a reseller of a subscription or a customer.
#[derive(SimpleObject)]
#[allow(missing_debug_implementations)]
pub struct ResellerPayload {
    /// The subscription as it is now; the entitlement's if you named one. Null where a customer was named, and where anything is
    /// refused.
    customer_subscription: Option<CustomerSubscription>,
    /// The entitlement as it is now. Null unless you named one, and if the change was refused.
    entitlement: Option<Entitlement>,
    /// The customer as it is now. Null where anything is refused.
    customer: Option<Customer>,
    /// All reasons why it was refused. Empty on success.
    user_errors: Vec<UserError>,
}

impl ResellerPayload {
    /// The answer, its entities read again after the commit.
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

/// What changed about the support contact of a subscription.
#[derive(SimpleObject)]
#[allow(missing_debug_implementations)]
pub struct SupportContactPayload {
    /// The subscription as it is now. Null where anything is refused.
    customer_subscription: Option<CustomerSubscription>,
    /// All reasons why it was refused. Empty on success.
    user_errors: Vec<UserError>,
}

impl SupportContactPayload {
    /// The answer, its entity read again after the commit.
    pub(super) async fn of(operation: &Operation, outcome: Outcome<Changed>) -> Result<Self> {
        Ok(match outcome {
            Ok(changed) => {
                Self { customer_subscription: subscription(operation, changed).await?, user_errors: Vec::new() }
            }
            Err(refusals) => Self { customer_subscription: None, user_errors: user_errors(refusals) },
        })
    }
}

pub(super) async fn subscription(operation: &Operation, changed: Changed) -> Result<Option<CustomerSubscription>> {
    let Some(pk) = changed.subscription_pk else { return Ok(None) };
    let row = operation.read(move |conn, scope| subscriptions::find(conn, scope, SubscriptionBy::Row(pk))).await?;
    Ok(row.map(|row| CustomerSubscription(Member::alone(row))))
}

pub(super) async fn entitlement(operation: &Operation, changed: Changed) -> Result<Option<Entitlement>> {
    let Some(id) = changed.entitlement_id else { return Ok(None) };
    let row = operation.read(move |conn, scope| entitlements::find(conn, scope, id)).await?;
    Ok(row.map(|row| Entitlement(Member::alone(row))))
}

async fn customer(operation: &Operation, changed: Changed) -> Result<Option<Customer>> {
    let id = changed.customer_id;
    let row = operation.read(move |conn, scope| customers::find(conn, scope, &CustomerBy::Row(id))).await?;
    Ok(row.map(|row| Customer(Member::alone(row))))
}
