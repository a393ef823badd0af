use async_graphql::{Context, InputObject, Object};
use chrono::NaiveDateTime;
use partnergraph_domain::{SupportContactChoice, SupportContactFacts, checks};
use partnergraph_store::write::{facts, subscriptions};
use partnergraph_store::{Actor, Conn};

use super::payload::{Changed, SupportContactPayload};
use super::targets::{SubscriptionTarget, named_partner};
use super::task::{self, Attempt};
use partnergraph_operation::Operation;
use partnergraph_operation::lookups::{PartnerLookup, SubscriptionLookup};
use partnergraph_operation::nullable::Nullable;

/// The subscription and its new support contact.
#[derive(InputObject, Debug, Clone)]
pub struct AssignSupportContactInput {
    /// The subscription.
    subscription: SubscriptionLookup,
    /// A reseller with an active partnership, or the seller itself. The seller is the default contact.
    contact: PartnerLookup,
    /// The version you last read. Rejected if it has changed since. If null, the version is not checked.
    if_version: Option<i64>,
    /// Validate without saving. The payload is as it would be; ids of what would be created are not kept.
    #[graphql(default)]
    pub(super) validate_only: bool,
}

/// `assignSupportContact`.
#[derive(Debug, Default)]
pub struct AssignSupportContact;

#[Object]
impl AssignSupportContact {
    /// Sets the designated support contact of one subscription (K-01).
    ///
    /// Does not change the partner of record (K-03). Naming the seller clears the designation.
    async fn assign_support_contact(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Parameters for `assignSupportContact`.")] input: AssignSupportContactInput,
    ) -> Nullable<SupportContactPayload> {
        let answer = async {
            let operation = Operation::of(ctx);
            let mode = input.validate_only.into();
            let outcome =
                task::write(operation, mode, move |conn, actor, now| assign(conn, actor, now, &input)).await?;
            SupportContactPayload::of(operation, outcome).await
        };
        Nullable::from(answer.await)
    }
}

pub(super) fn assign(
    conn: &mut Conn,
    actor: &Actor,
    now: NaiveDateTime,
    input: &AssignSupportContactInput,
) -> Attempt<Changed> {
    let target = SubscriptionTarget::find(conn, actor, &input.subscription)?;
    let named = named_partner(conn, &actor.scope, target.row.seller_id, &input.contact, "contact")?;
    let contact = if named.id == Some(target.row.seller_id) {
        SupportContactChoice::Seller
    } else {
        SupportContactChoice::Reseller(named.choice)
    };
    let facts = SupportContactFacts {
        actor: facts::actor(actor)?,
        seller: target.seller,
        customer: target.customer,
        subscription: target.subscription,
        contact,
    };
    let mut refusals = checks::assign_support_contact(&facts);
    refusals.extend(task::stale(input.if_version, target.row.version));
    task::refuse_if(checks::visible_to_caller(refusals, &facts.actor, &facts.seller))?;
    subscriptions::set_support_contact(conn, actor, now, &target.row, named.id)?;
    Ok(Changed { entitlement_id: None, subscription_pk: Some(target.row.id), customer_id: target.row.customer_id })
}
