use async_graphql::{Context, ID, InputObject, Object};
use chrono::NaiveDateTime;
use partnergraph_domain::{DissociateFacts, checks};
use partnergraph_store::write::associations::{self, AssociationOf};
use partnergraph_store::write::{facts, subscriptions};
use partnergraph_store::{Actor, Conn};

use super::entitlement_reseller;
use super::payload::{Changed, ResellerPayload};
use super::targets::{CustomerTarget, SubscriptionTarget, named_partner};
use super::task::{self, Attempt};
use partnergraph_operation::Operation;
use partnergraph_operation::lookups::{CustomerLookup, PartnerLookup, SubscriptionLookup};
use partnergraph_operation::nullable::Nullable;

/// What to remove a reseller from: set `subscription` or `entitlement` alone, or `customer` together with `reseller`.
#[derive(InputObject, Debug, Clone)]
pub struct DissociateResellerInput {
    /// The subscription whose partner of record is removed. Null if you set another of the three.
    subscription: Option<SubscriptionLookup>,
    /// The global id of the entitlement whose partner of record is removed. Null if you set another of the three.
    entitlement: Option<ID>,
    /// The customer account that the reseller loses access to. Requires `reseller`. Null if you set another of the three.
    customer: Option<CustomerLookup>,
    /// The reseller that loses access to the customer account, which may have several. Set only with `customer`;
    /// null otherwise.
    reseller: Option<PartnerLookup>,
    /// The version you last read. Rejected if it has changed since. If null, the version is not checked.
    if_version: Option<i64>,
    /// Validate without saving. The payload is as it would be; ids of what would be created are not kept.
    #[graphql(default)]
    pub(super) validate_only: bool,
}

/// `dissociateReseller`.
#[derive(Debug, Default)]
pub struct DissociateReseller;

#[Object]
impl DissociateReseller {
    /// Removes the partner of record from a subscription or an entitlement, or ends a reseller's access to a customer
    /// account.
    ///
    /// Does not require a partnership: you can also remove a reseller whose partnership has ended. If there is nothing
    /// to remove, nothing changes.
    async fn dissociate_reseller(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Parameters for `dissociateReseller`.")] input: DissociateResellerInput,
    ) -> Nullable<ResellerPayload> {
        let answer = async {
            let operation = Operation::of(ctx);
            let mode = input.validate_only.into();
            let outcome =
                task::write(operation, mode, move |conn, actor, now| dissociate(conn, actor, now, &input)).await?;
            ResellerPayload::of(operation, outcome).await
        };
        Nullable::from(answer.await)
    }
}

pub(super) fn dissociate(
    conn: &mut Conn,
    actor: &Actor,
    now: NaiveDateTime,
    input: &DissociateResellerInput,
) -> Attempt<Changed> {
    match (&input.subscription, &input.entitlement, &input.customer, &input.reseller) {
        (Some(subscription), None, None, None) => from_subscription(conn, actor, now, input, subscription),
        (None, Some(id), None, None) => entitlement_reseller::dissociate(conn, actor, now, (id, input.if_version)),
        (None, None, Some(customer), Some(reseller)) => from_customer(conn, actor, now, input, (customer, reseller)),
        (None, None, Some(_), None) => {
            Err(task::bad_input("Set the reseller: a customer can have several.", &["reseller"]).into())
        }
        _ => {
            let message = "Set the subscription or the entitlement alone, or the customer together with the reseller.";
            Err(task::bad_input(message, &[]).into())
        }
    }
}

fn from_subscription(
    conn: &mut Conn,
    actor: &Actor,
    now: NaiveDateTime,
    input: &DissociateResellerInput,
    lookup: &SubscriptionLookup,
) -> Attempt<Changed> {
    let target = SubscriptionTarget::find(conn, actor, lookup)?;
    let facts = DissociateFacts {
        actor: facts::actor(actor)?,
        seller: target.seller,
        customer: target.customer,
        subscription: Some(target.subscription),
    };
    let mut refusals = checks::dissociate_reseller(&facts);
    refusals.extend(task::stale(input.if_version, target.row.version));
    task::refuse_if(checks::visible_to_caller(refusals, &facts.actor, &facts.seller))?;
    subscriptions::set_partner_of_record(conn, actor, now, &target.row, None)?;
    Ok(Changed { entitlement_id: None, subscription_pk: Some(target.row.id), customer_id: target.row.customer_id })
}

fn from_customer(
    conn: &mut Conn,
    actor: &Actor,
    now: NaiveDateTime,
    input: &DissociateResellerInput,
    (customer, reseller): (&CustomerLookup, &PartnerLookup),
) -> Attempt<Changed> {
    let target = CustomerTarget::find(conn, actor, customer)?;
    let named = named_partner(conn, &actor.scope, target.provider_id, reseller, "reseller")?;
    let facts = DissociateFacts {
        actor: facts::actor(actor)?,
        seller: target.provider,
        customer: target.customer,
        subscription: None,
    };
    let mut refusals = checks::dissociate_reseller(&facts);
    refusals.extend(task::stale(input.if_version, target.row.version));
    let mut refusals = checks::visible_to_caller(refusals, &facts.actor, &facts.seller);
    let Some(reseller_id) = named.id else {
        refusals.push(task::not_found("partner", "reseller"));
        return Err(refusals.into());
    };
    task::refuse_if(refusals)?;
    let key = AssociationOf { provider_id: target.provider_id, customer_id: target.row.customer_id, reseller_id };
    associations::dissociate(conn, actor, now, key)?;
    Ok(Changed { entitlement_id: None, subscription_pk: None, customer_id: target.row.customer_id })
}
