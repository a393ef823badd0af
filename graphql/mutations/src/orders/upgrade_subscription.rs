use async_graphql::{Context, InputObject, Object, SimpleObject};
use chrono::NaiveDateTime;
use partnergraph_domain::checks::{self, Carried};
use partnergraph_domain::rules::life_cycle;
use partnergraph_domain::rules::managing::WantedChange;
use partnergraph_domain::rules::subscription::Upgrade;
use partnergraph_domain::{
    CustomerKey, OrderChannel, PartnerFacts, PartnerKey, Refusal, ResellerChoice, SubscriptionId, SubscriptionKey,
    SubscriptionStatus,
};
use partnergraph_store::columns::SubscriptionColumns;
use partnergraph_store::read::subscriptions::SubscriptionRow;
use partnergraph_store::write::subscriptions::NewSubscription;
use partnergraph_store::write::{facts, request_facts, sale_facts, subscription_changes};
use partnergraph_store::{Actor, Conn, StoreResult};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::payload::{Changed, subscription};
use crate::targets;
use crate::task::{self, Attempt, Creation};
use partnergraph_operation::Operation;
use partnergraph_operation::lookups::SubscriptionLookup;
use partnergraph_operation::name::Name;
use partnergraph_operation::nullable::Nullable;
use partnergraph_operation::payload::{UserError, user_errors};
use partnergraph_types::CustomerSubscription;

/// The subscription to upgrade, and the offer to upgrade it to.
#[derive(InputObject, Debug, Clone)]
pub struct UpgradeSubscriptionInput {
    /// The subscription. It must be active.
    pub(crate) subscription: SubscriptionLookup,
    /// The id of the offer to upgrade to.
    #[graphql(validator(custom = "Name"))]
    pub(crate) to_offer_id: String,
    /// The name of the offer in the price list.
    #[graphql(validator(custom = "Name"))]
    pub(crate) to_offer_name: String,
    /// The number of licences to upgrade. Defaults to all.
    pub(crate) quantity: Option<i64>,
    /// The portal that the upgrade comes from. Upgrades from the Azure portal are rejected (B-01).
    pub(crate) channel: OrderChannel,
    /// The version you last read. Rejected if it has changed since. If null, the version is not checked.
    pub(crate) if_version: Option<i64>,
    /// Makes it safe to retry: repeating a request with the same key and input returns the first result, without secrets, and
    /// creates nothing. From 1 to 200 characters. If null, every request is new.
    pub(crate) idempotency_key: Option<String>,
    /// Validate without saving. The payload is as it would be; ids of what would be created are not kept.
    #[graphql(default)]
    pub(crate) validate_only: bool,
}

/// Result of upgrading a subscription.
#[derive(SimpleObject, Default)]
#[allow(missing_debug_implementations)]
#[graphql(complex)]
pub struct UpgradeSubscriptionPayload {
    /// The old subscription: ended by a full upgrade, or with fewer licences after a partial one. Null if the upgrade
    /// was rejected.
    from: Option<CustomerSubscription>,
    /// The new subscription. Null if the upgrade was rejected.
    to: Option<CustomerSubscription>,
    /// What was not carried over to the new subscription, and why. Usually empty.
    warnings: Vec<String>,
    /// Why it was rejected. Empty on success.
    user_errors: Vec<UserError>,
}

crate::payload::edges! { UpgradeSubscriptionPayload {
    /// `from` with its cursor in the list in which it stands, in the default order and without a filter. Null if it is null.
    from_edge: from => partnergraph_types::CustomerSubscriptionEdge,
    /// `to` with its cursor in the list in which it stands, in the default order and without a filter. Null if it is null.
    to_edge: to => partnergraph_types::CustomerSubscriptionEdge,
} }

/// `upgradeSubscription`.
#[derive(Debug, Default)]
pub struct UpgradeSubscription;

#[Object]
impl UpgradeSubscription {
    /// Upgrades all or some licences of a subscription to another offer (B-15).
    ///
    /// Creates a new subscription with the old one as its parent. A full upgrade ends the old subscription; a partial
    /// upgrade leaves it the remaining licences. The new subscription keeps the term, billing and renewal of the old
    /// one. The partner of record and the support contact are carried over if the seller could still assign them.
    /// Otherwise they are dropped, and `warnings` says why (X-09, M-07).
    async fn upgrade_subscription(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Parameters for `upgradeSubscription`.")] input: UpgradeSubscriptionInput,
    ) -> Nullable<UpgradeSubscriptionPayload> {
        let answer = async {
            let operation = Operation::of(ctx);
            let mode = input.validate_only.into();
            let outcome = task::write(operation, mode, move |conn, actor, now| once(conn, actor, now, &input)).await?;
            let done = match outcome {
                Ok(done) => done,
                Err(refusals) => {
                    let user_errors = user_errors(refusals);
                    return Ok(UpgradeSubscriptionPayload { user_errors, ..UpgradeSubscriptionPayload::default() });
                }
            };
            let read = |pk| Changed { entitlement_id: None, subscription_pk: Some(pk), customer_id: done.customer_id };
            Ok(UpgradeSubscriptionPayload {
                from: subscription(operation, read(done.from)).await?,
                to: subscription(operation, read(done.to)).await?,
                warnings: done.warnings,
                user_errors: Vec::new(),
            })
        };
        Nullable::from(answer.await)
    }
}

/// What was done, as remembered under an idempotency key.
#[derive(Serialize, Deserialize)]
pub(crate) struct Upgraded {
    customer_id: CustomerKey,
    pub(crate) from: SubscriptionKey,
    pub(crate) to: SubscriptionKey,
    pub(crate) warnings: Vec<String>,
}

fn once(conn: &mut Conn, actor: &Actor, now: NaiveDateTime, input: &UpgradeSubscriptionInput) -> Attempt<Upgraded> {
    let creation = Creation::of("upgradeSubscription", input.idempotency_key.as_deref(), input);
    let role = |conn: &mut Conn| super::allowed(conn, actor);
    let (upgraded, _) =
        task::once(conn, actor, now, &creation, role, |conn| Ok((upgrade(conn, actor, now, input)?, ())))?;
    Ok(upgraded)
}

/// Upgrades the subscription, after every check.
pub(crate) fn upgrade(
    conn: &mut Conn,
    actor: &Actor,
    now: NaiveDateTime,
    input: &UpgradeSubscriptionInput,
) -> Attempt<Upgraded> {
    let row = targets::subscription(conn, actor, &input.subscription)?;
    let wanted = WantedChange { quantity: input.quantity, ..WantedChange::default() };
    let facts = request_facts::change(conn, facts::actor(actor)?, &row, wanted, (input.channel, now.date()))?;
    let people = carried(conn, &facts.seller, &row)?;
    let checked = checks::upgrade_subscription(&facts);
    let mut refusals = checks::upgrade_offer(row.offer_id.as_deref(), &input.to_offer_id, &input.to_offer_name);
    refusals.extend(task::stale(input.if_version, row.version));
    // Own-use purchases need a reseller, so such a subscription cannot be upgraded without carrying over its partner of
    // record.
    if sale_facts::must_keep_reseller(conn, &facts)? {
        refusals.extend(super::lines::at(people.against_partner_of_record.clone(), "subscription"));
    }
    let upgrade = match checked {
        Ok(upgrade) if refusals.is_empty() => Ok(upgrade),
        Ok(_) => Err(refusals),
        Err(found) => Err(found.into_iter().chain(refusals).collect()),
    }
    .map_err(|refusals| checks::visible_to_caller(refusals, &facts.actor, &facts.seller))?;
    let new = successor(&row, input, upgrade, &people, now);
    let to = subscription_changes::upgrade(conn, actor, now, &row, upgrade, &new)?;
    Ok(Upgraded { customer_id: row.customer_id, from: row.id, to, warnings: people.warnings })
}

/// The partners that are carried over to the new subscription.
#[derive(Default)]
struct People {
    reseller_id: Option<PartnerKey>,
    contact_id: Option<PartnerKey>,
    against_partner_of_record: Vec<Refusal>,
    warnings: Vec<String>,
}

fn carried(conn: &mut Conn, seller: &PartnerFacts, row: &SubscriptionRow) -> StoreResult<People> {
    let mut people = People::default();
    if let Some((id, choice)) = sale_facts::named_on(conn, row.seller_id, row.reseller_id)? {
        match checks::carried_partner_of_record(seller, &choice) {
            Carried::Kept => people.reseller_id = Some(id),
            Carried::LeftOut(refusals) => {
                people.warnings.push(left_out("partner of record", &choice, &refusals));
                people.against_partner_of_record = refusals;
            }
        }
    }
    if let Some((id, choice)) = sale_facts::named_on(conn, row.seller_id, row.support_contact_id)? {
        match checks::carried_support_contact(seller, &choice) {
            Carried::Kept => people.contact_id = Some(id),
            Carried::LeftOut(refusals) => people.warnings.push(left_out("support contact", &choice, &refusals)),
        }
    }
    Ok(people)
}

fn left_out(what: &str, choice: &ResellerChoice, refusals: &[Refusal]) -> String {
    let why = refusals.first().map_or("", |refusal| refusal.message.as_str());
    format!("The {what} with MPN ID {} was not carried over to the new subscription: {why}", choice.mpn_id)
}

/// The new subscription that the upgrade creates.
fn successor(
    row: &SubscriptionRow,
    input: &UpgradeSubscriptionInput,
    upgrade: Upgrade,
    people: &People,
    now: NaiveDateTime,
) -> NewSubscription {
    let term = row.term_duration;
    NewSubscription {
        subscription_id: SubscriptionId(Uuid::new_v4()),
        seller_id: row.seller_id,
        customer_id: row.customer_id,
        reseller_id: people.reseller_id,
        support_contact_id: people.contact_id,
        columns: SubscriptionColumns {
            offer_id: Some(input.to_offer_id.trim().to_owned()),
            offer_name: Some(input.to_offer_name.trim().to_owned()),
            // Two subscriptions with the same name would be mistaken for each other.
            friendly_name: if upgrade == Upgrade::Whole { row.friendly_name.clone() } else { None },
            quantity: match upgrade {
                Upgrade::Whole => row.quantity,
                Upgrade::Partial { moved, .. } => i64::try_from(moved).ok(),
            },
            status: SubscriptionStatus::Active,
            billing_type: row.billing_type,
            billing_cycle: row.billing_cycle,
            term_duration: term,
            auto_renew_enabled: row.auto_renew_enabled,
            effective_start_date: Some(now.date()),
            commitment_end_date: term.and_then(|term| life_cycle::last_day_of_term(now.date(), term)),
            publisher_name: row.publisher_name.clone(),
            parent_subscription_id: Some(row.subscription_id.clone()),
            partner_of_record_fixed: row.partner_of_record_fixed,
            ..SubscriptionColumns::default()
        },
    }
}
