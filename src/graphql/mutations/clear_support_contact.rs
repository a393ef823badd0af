use async_graphql::{Context, InputObject, Object};
use chrono::NaiveDateTime;
use partnergraph_domain::{DissociateFacts, checks};
use partnergraph_store::write::{facts, subscriptions};
use partnergraph_store::{Actor, Conn, StoreResult};

use super::payload::{Changed, SupportContactPayload};
use super::targets::SubscriptionTarget;
use super::task::{self, Outcome};
use crate::graphql::Operation;
use crate::graphql::lookups::SubscriptionLookup;
use crate::graphql::nullable::Nullable;

/// Which subscription goes back to its default support contact.
#[derive(InputObject, Debug, Clone)]
pub struct ClearSupportContactInput {
    /// The subscription.
    subscription: SubscriptionLookup,
    /// Refuse if the subscription has another version by now. Null for no such check.
    if_version: Option<i64>,
    /// Ask the rules and write nothing.
    #[graphql(default)]
    validate_only: bool,
}

/// `clearSupportContact`.
#[derive(Debug, Default)]
pub struct ClearSupportContact;

#[Object]
impl ClearSupportContact {
    /// Gives the support of a subscription back to its seller, the default contact. The partner of record stays (K-03).
    async fn clear_support_contact(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which subscription.")] input: ClearSupportContactInput,
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

fn clear(
    conn: &mut Conn,
    actor: &Actor,
    now: NaiveDateTime,
    input: &ClearSupportContactInput,
) -> StoreResult<Outcome<Changed>> {
    let target = match SubscriptionTarget::find(conn, actor, &input.subscription)? {
        Ok(target) => target,
        Err(refusals) => return Ok(Err(refusals)),
    };
    let asked = DissociateFacts {
        actor: facts::actor(actor)?,
        seller: target.seller,
        customer: target.customer,
        subscription: Some(target.subscription),
    };
    let mut refusals = checks::clear_support_contact(&asked);
    refusals.extend(task::stale(input.if_version, target.row.version));
    let refusals = task::told(refusals, &asked.actor, &asked.seller);
    if !refusals.is_empty() {
        return Ok(Err(refusals));
    }
    subscriptions::set_support_contact(conn, actor, now, &target.row, None)?;
    Ok(Ok(Changed { entitlement_id: None, subscription_pk: Some(target.row.id), customer_id: target.row.customer_id }))
}
