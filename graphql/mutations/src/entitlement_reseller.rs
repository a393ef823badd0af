//! The partner of record of an entitlement. Resellers can also be associated with subscriptions and customers; see
//! `associate_reseller.rs`.

use async_graphql::ID;
use chrono::NaiveDateTime;
use partnergraph_domain::{AssociateFacts, DissociateFacts, PartnerKey, Refusal, SubscriptionFacts, checks};
use partnergraph_store::read::entitlements::{self as read, EntitlementRow};
use partnergraph_store::read::subscriptions::{self, SubscriptionBy, SubscriptionRow};
use partnergraph_store::write::{entitlements, facts};
use partnergraph_store::{Actor, Conn, StoreResult};

use super::payload::Changed;
use super::targets::named_partner;
use super::task::{self, Attempt};
use partnergraph_operation::ids::GlobalId;
use partnergraph_operation::lookups::PartnerLookup;

/// An entitlement with its subscription.
struct Target {
    row: EntitlementRow,
    subscription: SubscriptionRow,
    /// The subscription as the rules see it, with the entitlement's partner of record instead of its own.
    held: SubscriptionFacts,
}

impl Target {
    fn find(conn: &mut Conn, actor: &Actor, id: &ID) -> Attempt<Self> {
        let row = match id.parse() {
            Ok(GlobalId::Entitlement(row)) => read::find(conn, &actor.scope, row)?,
            _ => None,
        };
        let subscription = match &row {
            Some(row) => subscriptions::find(conn, &actor.scope, SubscriptionBy::Row(row.subscription_pk))?,
            None => None,
        };
        let (Some(row), Some(subscription)) = (row, subscription) else {
            return Err(task::not_found("entitlement", FIELD).into());
        };
        let held = SubscriptionRow { reseller_id: row.reseller_id, ..subscription.clone() };
        Ok(Self { held: facts::subscription(conn, &held)?, row, subscription })
    }

    fn set(
        &self,
        conn: &mut Conn,
        actor: &Actor,
        now: NaiveDateTime,
        reseller_id: Option<PartnerKey>,
    ) -> StoreResult<Changed> {
        let pair = (&self.subscription, &self.row);
        entitlements::set_partner_of_record(conn, actor, now, pair, reseller_id)?;
        Ok(Changed {
            entitlement_id: Some(self.row.id),
            subscription_pk: Some(self.subscription.id),
            customer_id: self.subscription.customer_id,
        })
    }
}

/// The input field that names the entitlement.
const FIELD: &str = "entitlement";

/// Makes a reseller the partner of record of an entitlement. The rules are those of a subscription.
pub(super) fn associate(
    conn: &mut Conn,
    actor: &Actor,
    now: NaiveDateTime,
    (id, reseller, if_version): (&ID, &PartnerLookup, Option<i64>),
) -> Attempt<Changed> {
    let target = Target::find(conn, actor, id)?;
    let sold = &target.subscription;
    let named = named_partner(conn, &actor.scope, sold.seller_id, reseller, "reseller")?;
    let facts = AssociateFacts {
        actor: facts::actor(actor)?,
        seller: facts::partner(conn, sold.seller_id)?,
        customer: facts::customer(conn, sold.seller_id, sold.customer_id)?,
        subscription: target.held.clone(),
        reseller: named.choice,
    };
    let mut refusals = of_entitlement(checks::associate_reseller_to_subscription(&facts));
    refusals.extend(task::stale(if_version, target.row.version));
    task::refuse_if(checks::visible_to_caller(refusals, &facts.actor, &facts.seller))?;
    Ok(target.set(conn, actor, now, named.id)?)
}

/// Removes the partner of record from an entitlement.
pub(super) fn dissociate(
    conn: &mut Conn,
    actor: &Actor,
    now: NaiveDateTime,
    (id, if_version): (&ID, Option<i64>),
) -> Attempt<Changed> {
    let target = Target::find(conn, actor, id)?;
    let sold = &target.subscription;
    let facts = DissociateFacts {
        actor: facts::actor(actor)?,
        seller: facts::partner(conn, sold.seller_id)?,
        customer: facts::customer(conn, sold.seller_id, sold.customer_id)?,
        subscription: Some(target.held.clone()),
    };
    let mut refusals = of_entitlement(checks::dissociate_reseller(&facts));
    refusals.extend(task::stale(if_version, target.row.version));
    task::refuse_if(checks::visible_to_caller(refusals, &facts.actor, &facts.seller))?;
    Ok(target.set(conn, actor, now, None)?)
}

/// The checks report the `subscription` field; the caller set `entitlement`, so the refusals point to that field
/// instead.
fn of_entitlement(mut refusals: Vec<Refusal>) -> Vec<Refusal> {
    for refusal in &mut refusals {
        for name in refusal.field.iter_mut().filter(|name| name.as_str() == "subscription") {
            FIELD.clone_into(name);
        }
    }
    refusals
}
