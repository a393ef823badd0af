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

/// What to take a reseller off: a subscription or an entitlement alone, or a customer together with the reseller.
#[derive(InputObject, Debug, Clone)]
pub struct DissociateResellerInput {
    /// The subscription that loses its partner of record. Null for a customer.
    subscription: Option<SubscriptionLookup>,
    /// The entitlement, by its global id, that loses its partner of record. Null for a subscription or a customer.
    entitlement: Option<ID>,
    /// The customer account that the reseller loses access to. Null for a subscription.
    customer: Option<CustomerLookup>,
    /// Which reseller loses access to the customer account; a customer may have several. Null for a subscription or an
    /// entitlement.
    reseller: Option<PartnerLookup>,
    /// The version you last read. Refused if it has changed. Null: not checked.
    if_version: Option<i64>,
    /// Only check whether this would be allowed; change nothing.
    #[graphql(default)]
    validate_only: bool,
}

/// `dissociateReseller`.
#[derive(Debug, Default)]
pub struct DissociateReseller;

#[Object]
impl DissociateReseller {
    /// Takes the partner of record off a subscription or an entitlement, or ends a reseller's access to a whole customer account.
    ///
    /// No partnership is asked for: a reseller whose partnership has ended can still be taken off. What is so already stays
    /// untouched.
    async fn dissociate_reseller(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which reseller, and from what.")] input: DissociateResellerInput,
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

fn dissociate(conn: &mut Conn, actor: &Actor, now: NaiveDateTime, input: &DissociateResellerInput) -> Attempt<Changed> {
    match (&input.subscription, &input.entitlement, &input.customer, &input.reseller) {
        (Some(subscription), None, None, None) => from_subscription(conn, actor, now, input, subscription),
        (None, Some(id), None, None) => entitlement_reseller::dissociate(conn, actor, now, (id, input.if_version)),
        (None, None, Some(customer), Some(reseller)) => from_customer(conn, actor, now, input, (customer, reseller)),
        (None, None, Some(_), None) => {
            Err(task::bad_input("Name the reseller: a customer may have several.", &["reseller"]).into())
        }
        _ => {
            let message = "Name the subscription or the entitlement alone, or the customer together with the reseller.";
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
    let asked = DissociateFacts {
        actor: facts::actor(actor)?,
        seller: target.seller,
        customer: target.customer,
        subscription: Some(target.subscription),
    };
    let mut refusals = checks::dissociate_reseller(&asked);
    refusals.extend(task::stale(input.if_version, target.row.version));
    task::refuse_if(task::told(refusals, &asked.actor, &asked.seller))?;
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
    let asked = DissociateFacts {
        actor: facts::actor(actor)?,
        seller: target.provider,
        customer: target.customer,
        subscription: None,
    };
    let mut refusals = checks::dissociate_reseller(&asked);
    refusals.extend(task::stale(input.if_version, target.row.version));
    let mut refusals = task::told(refusals, &asked.actor, &asked.seller);
    let Some(reseller_id) = named.id else {
        refusals.push(task::not_found("partner", "reseller"));
        return Err(refusals.into());
    };
    task::refuse_if(refusals)?;
    let key = AssociationOf { provider_id: target.provider_id, customer_id: target.row.customer_id, reseller_id };
    associations::dissociate(conn, actor, now, key)?;
    Ok(Changed { entitlement_id: None, subscription_pk: None, customer_id: target.row.customer_id })
}
