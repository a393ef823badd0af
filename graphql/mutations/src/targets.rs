//! The entities that an input names, found within the caller's scope, with the facts that the rules need.

use partnergraph_domain::checks::callers;
use partnergraph_domain::rules::managing::Management;
use partnergraph_domain::{CustomerFacts, PartnerFacts, PartnerKey, PartnerType, SubscriptionFacts};
use partnergraph_store::read::customers::CustomerRow;
use partnergraph_store::read::subscriptions::SubscriptionRow;
use partnergraph_store::read::{customers, subscriptions};
use partnergraph_store::write::facts::{self, NamedPartner};
use partnergraph_store::write::request_facts;
use partnergraph_store::{Actor, Conn, Scope, StoreResult};

use super::task::{Attempt, not_found};
use partnergraph_operation::lookups::{CustomerLookup, PartnerLookup, SubscriptionLookup};

/// A subscription with its seller and its customer.
pub(super) struct SubscriptionTarget {
    pub(super) row: SubscriptionRow,
    pub(super) seller: PartnerFacts,
    pub(super) customer: CustomerFacts,
    pub(super) subscription: SubscriptionFacts,
}

impl SubscriptionTarget {
    pub(super) fn find(conn: &mut Conn, actor: &Actor, lookup: &SubscriptionLookup) -> Attempt<Self> {
        let row = subscription(conn, actor, lookup)?;
        Ok(Self {
            seller: facts::partner(conn, row.seller_id)?,
            customer: facts::customer(conn, row.seller_id, row.customer_id)?,
            subscription: facts::subscription(conn, &row)?,
            row,
        })
    }
}

/// The subscription that the input names.
pub(super) fn subscription(conn: &mut Conn, actor: &Actor, lookup: &SubscriptionLookup) -> Attempt<SubscriptionRow> {
    let row = match lookup.key() {
        Some(key) => subscriptions::find(conn, &actor.scope, key)?,
        None => None,
    };
    Ok(row.ok_or_else(|| not_found("subscription", "subscription"))?)
}

/// How a reseller stands to a subscription that another organisation sold (B-16). `None` for all other callers.
pub(super) fn manager(
    conn: &mut Conn,
    actor: &Actor,
    row: &SubscriptionRow,
    seller: &PartnerFacts,
) -> StoreResult<Option<Management>> {
    let sells_itself = callers::is_sellers_own(&facts::actor(actor)?, seller);
    match request_facts::reseller_of(&actor.scope).filter(|_| !sells_itself) {
        Some(reseller_id) => request_facts::of_subscription(conn, reseller_id, row).map(Some),
        None => Ok(None),
    }
}

/// A customer, as known to the partner that the caller acts for or through which the caller sees the customer.
pub(super) struct CustomerTarget {
    pub(super) row: CustomerRow,
    pub(super) provider_id: PartnerKey,
    pub(super) provider: PartnerFacts,
    pub(super) customer: CustomerFacts,
}

impl CustomerTarget {
    pub(super) fn find(conn: &mut Conn, actor: &Actor, lookup: &CustomerLookup) -> Attempt<Self> {
        let row = match lookup.key() {
            Some(key) => customers::find(conn, &actor.scope, &key)?,
            None => None,
        };
        let found = row.and_then(|row| Some((row.partner_id?, row)));
        let Some((provider_id, row)) = found else { return Err(not_found("customer", "customer").into()) };
        let is_resellers_own = matches!(
            actor.scope,
            Scope::Partner { id, partner_type: PartnerType::IndirectReseller } if id == provider_id
        );
        if is_resellers_own {
            return Err(callers::associates_without_provider().into());
        }
        Ok(Self {
            provider: facts::partner(conn, provider_id)?,
            customer: facts::customer(conn, provider_id, row.customer_id)?,
            provider_id,
            row,
        })
    }
}

/// Finds the partner that the input names in `field`.
pub(super) fn named_partner(
    conn: &mut Conn,
    scope: &Scope,
    seller_id: PartnerKey,
    lookup: &PartnerLookup,
    field: &str,
) -> Attempt<NamedPartner> {
    let found = match lookup.key() {
        Some(key) => facts::named_partner(conn, scope, seller_id, key)?,
        None => None,
    };
    Ok(found.ok_or_else(|| not_found("partner", field))?)
}
