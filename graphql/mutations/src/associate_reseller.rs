use async_graphql::{Context, ID, InputObject, Object};
use chrono::NaiveDateTime;
use partnergraph_domain::checks;
use partnergraph_domain::{AssociateCustomerFacts, AssociateFacts};
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

/// The reseller, and what to associate it with: set exactly one of `subscription`, `entitlement` and `customer`.
#[derive(InputObject, Debug, Clone)]
pub struct AssociateResellerInput {
    /// The subscription whose partner of record the reseller becomes. The partner of record earns incentives.
    /// Null if you set another of the three.
    pub(super) subscription: Option<SubscriptionLookup>,
    /// The global id of the entitlement whose partner of record the reseller becomes. Null if you set another of the three.
    pub(super) entitlement: Option<ID>,
    /// The customer account that the reseller gets access to. This earns no incentive credit. Null if you set another
    /// of the three.
    pub(super) customer: Option<CustomerLookup>,
    /// The reseller. For a subscription or an entitlement, name it by the location MPN ID that its account is tied to.
    pub(super) reseller: PartnerLookup,
    /// The version you last read. Rejected if it has changed since. If null, the version is not checked.
    pub(super) if_version: Option<i64>,
    /// Validate without saving. The payload is as it would be; ids of what would be created are not kept.
    #[graphql(default)]
    pub(super) validate_only: bool,
}

/// `associateReseller`.
#[derive(Debug, Default)]
pub struct AssociateReseller;

#[Object]
impl AssociateReseller {
    /// Makes a reseller the partner of record of a subscription or an entitlement, or gives it access to a customer
    /// account.
    ///
    /// These and the support contact are independent: setting one never changes another (K-03). The provider needs an
    /// active partnership with the reseller (N-09), and the reseller must have accepted the Microsoft Partner Agreement
    /// (M-02). If the association already exists, nothing changes, including the version.
    async fn associate_reseller(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Parameters for `associateReseller`.")] input: AssociateResellerInput,
    ) -> Nullable<ResellerPayload> {
        let answer = async {
            let operation = Operation::of(ctx);
            let mode = input.validate_only.into();
            let outcome =
                task::write(operation, mode, move |conn, actor, now| associate(conn, actor, now, &input)).await?;
            ResellerPayload::of(operation, outcome).await
        };
        Nullable::from(answer.await)
    }
}

/// Checks and writes one association. A refused association writes nothing, so several can share a transaction.
pub(super) fn associate(
    conn: &mut Conn,
    actor: &Actor,
    now: NaiveDateTime,
    input: &AssociateResellerInput,
) -> Attempt<Changed> {
    match (&input.subscription, &input.entitlement, &input.customer) {
        (Some(subscription), None, None) => to_subscription(conn, actor, now, input, subscription),
        (None, Some(id), None) => {
            entitlement_reseller::associate(conn, actor, now, (id, &input.reseller, input.if_version))
        }
        (None, None, Some(customer)) => to_customer(conn, actor, now, input, customer),
        _ => Err(task::bad_input("Set exactly one of subscription, entitlement and customer.", &[]).into()),
    }
}

fn to_subscription(
    conn: &mut Conn,
    actor: &Actor,
    now: NaiveDateTime,
    input: &AssociateResellerInput,
    lookup: &SubscriptionLookup,
) -> Attempt<Changed> {
    let target = SubscriptionTarget::find(conn, actor, lookup)?;
    let named = named_partner(conn, &actor.scope, target.row.seller_id, &input.reseller, "reseller")?;
    let facts = AssociateFacts {
        actor: facts::actor(actor)?,
        seller: target.seller,
        customer: target.customer,
        subscription: target.subscription,
        reseller: named.choice,
    };
    let mut refusals = checks::associate_reseller_to_subscription(&facts);
    refusals.extend(task::stale(input.if_version, target.row.version));
    task::refuse_if(checks::visible_to_caller(refusals, &facts.actor, &facts.seller))?;
    subscriptions::set_partner_of_record(conn, actor, now, &target.row, named.id)?;
    Ok(Changed { entitlement_id: None, subscription_pk: Some(target.row.id), customer_id: target.row.customer_id })
}

fn to_customer(
    conn: &mut Conn,
    actor: &Actor,
    now: NaiveDateTime,
    input: &AssociateResellerInput,
    lookup: &CustomerLookup,
) -> Attempt<Changed> {
    let target = CustomerTarget::find(conn, actor, lookup)?;
    let named = named_partner(conn, &actor.scope, target.provider_id, &input.reseller, "reseller")?;
    let key = named.id.map(|reseller_id| AssociationOf {
        provider_id: target.provider_id,
        customer_id: target.row.customer_id,
        reseller_id,
    });
    let facts = AssociateCustomerFacts {
        actor: facts::actor(actor)?,
        provider: target.provider,
        customer: target.customer,
        reseller: named.choice,
    };
    let mut refusals = checks::associate_reseller_to_customer(&facts);
    refusals.extend(task::stale(input.if_version, target.row.version));
    let refusals = checks::visible_to_caller(refusals, &facts.actor, &facts.provider);
    let Some(key) = key.filter(|_| refusals.is_empty()) else { return Err(refusals.into()) };
    associations::associate(conn, actor, now, key)?;
    Ok(Changed { entitlement_id: None, subscription_pk: None, customer_id: target.row.customer_id })
}
