use async_graphql::{Context, InputObject, Object};
use chrono::NaiveDateTime;
use partnergraph_domain::{DissociateFacts, checks};
use partnergraph_store::write::{facts, subscriptions};
use partnergraph_store::{Actor, Conn};

use super::payload::{Changed, SupportContactPayload};
use super::targets::SubscriptionTarget;
use super::task::{self, Attempt};
use partnergraph_operation::Operation;
use partnergraph_operation::lookups::SubscriptionLookup;
use partnergraph_operation::nullable::Nullable;

/// The subscription whose support contact is cleared.
#[derive(InputObject, Debug, Clone)]
pub struct ClearSupportContactInput {
    /// The subscription.
    subscription: SubscriptionLookup,
    /// The version you last read. Rejected if it has changed since. If null, the version is not checked.
    if_version: Option<i64>,
    /// Validate without saving. The payload is as it would be; ids of what would be created are not kept.
    #[graphql(default)]
    validate_only: bool,
}

/// `clearSupportContact`.
#[derive(Debug, Default)]
pub struct ClearSupportContact;

#[Object]
impl ClearSupportContact {
    /// Clears the designated support contact of a subscription, so that the seller, the default contact, supports it.
    /// Does not change the partner of record (K-03).
    async fn clear_support_contact(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Parameters for `clearSupportContact`.")] input: ClearSupportContactInput,
    ) -> Nullable<SupportContactPayload> {
        let answer = async {
            let operation = Operation::of(ctx);
            let mode = input.validate_only.into();
            let outcome = task::write(operation, mode, move |conn, actor, now| clear(conn, actor, now, &input)).await?;
            SupportContactPayload::of(operation, outcome).await
        };
        Nullable::from(answer.await)
    }
}

fn clear(conn: &mut Conn, actor: &Actor, now: NaiveDateTime, input: &ClearSupportContactInput) -> Attempt<Changed> {
    let target = SubscriptionTarget::find(conn, actor, &input.subscription)?;
    let facts = DissociateFacts {
        actor: facts::actor(actor)?,
        seller: target.seller,
        customer: target.customer,
        subscription: Some(target.subscription),
    };
    let mut refusals = checks::clear_support_contact(&facts);
    refusals.extend(task::stale(input.if_version, target.row.version));
    task::refuse_if(checks::visible_to_caller(refusals, &facts.actor, &facts.seller))?;
    subscriptions::set_support_contact(conn, actor, now, &target.row, None)?;
    Ok(Changed { entitlement_id: None, subscription_pk: Some(target.row.id), customer_id: target.row.customer_id })
}
