//! The facts about a sale, among them those about own use.

use chrono::NaiveDate;
use diesel::prelude::*;
use partnergraph_domain::checks::{BuyerFacts, OrderFacts, SubscriptionChangeFacts};
use partnergraph_domain::rules::scenario::OwnUseTenant;
use partnergraph_domain::{
    Actor, CustomerKey, OrderChannel, OrganizationLinkKind, PartnerKey, PartnerType, ResellerChoice, TenantId,
};

use super::facts;
use crate::conn::Conn;
use crate::error::StoreResult;
use crate::read::parse_stored;
use crate::read::partners::{self as read_partners, PartnerBy};
use crate::schema::{customers, partners};
use crate::scope::Scope;

/// The partner account with the MPN ID or tenant id that a buyer gave to a seller; `None` if there is none.
///
/// A buyer can buy for its own use from partners it has no other business with, so the seller need not be able to see the buyer's
/// account. The caller learns that there is such an account, and nothing about it. A row key is not public and is found only if
/// the caller sees the account.
///
/// # Errors
/// Any database error.
pub fn buyer(conn: &mut Conn, scope: &Scope, key: PartnerBy) -> StoreResult<Option<PartnerKey>> {
    let scope = if matches!(key, PartnerBy::Row(_)) { scope } else { &Scope::Operator };
    Ok(read_partners::find(conn, scope, key)?.map(|row| row.id))
}

/// The partner whose own use the customer's tenant serves; `None` if it serves nobody's, or is not a customer's tenant.
///
/// # Errors
/// Any database error.
pub fn internal_use_of(conn: &mut Conn, tenant_id: TenantId) -> StoreResult<Option<PartnerKey>> {
    let held: Option<Option<PartnerKey>> = on!(conn, c => customers::table
        .filter(customers::tenant_id.eq(tenant_id.to_string()))
        .select(customers::internal_use_of)
        .first(c)
        .optional())?;
    Ok(held.flatten())
}

/// A tenant for a partner's own use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OwnUse {
    /// The partner that buys.
    pub buyer_id: PartnerKey,
    /// The tenant; `None` for one that will be created.
    pub tenant_id: Option<TenantId>,
    /// Whether it is, or will be, marked as the buyer's.
    pub marked: bool,
}

/// The ties between the buyer and a seller; none without own use. Ties to resellers are looked up for each reseller ([`tie`]).
///
/// # Errors
/// Any database error.
pub fn buyer_facts(conn: &mut Conn, seller_id: PartnerKey, own_use: Option<OwnUse>) -> StoreResult<BuyerFacts> {
    let Some(OwnUse { buyer_id, tenant_id, marked }) = own_use else { return Ok(BuyerFacts::default()) };
    let used_as = facts::tenant_use(conn, tenant_id)?;
    let buyer_csp_tenant: Option<Option<String>> =
        on!(conn, c => partners::table.find(buyer_id).select(partners::tenant_id).first(c).optional())?;
    let buyer_csp_tenant = buyer_csp_tenant.flatten().map(|text| parse_stored(&text, "a tenant id")).transpose()?;
    Ok(BuyerFacts {
        own_use: Some(OwnUseTenant { tenant_id, buyer_csp_tenant, used_as, marked_internal: marked }),
        tie_to_seller: facts::tie(conn, buyer_id, seller_id)?,
        tie_to_reseller: None,
    })
}

/// The tie between the buyer and a reseller; `None` if either is missing or they are unrelated.
///
/// # Errors
/// Any database error.
pub fn tie(
    conn: &mut Conn,
    buyer_id: Option<PartnerKey>,
    reseller_id: Option<PartnerKey>,
) -> StoreResult<Option<OrganizationLinkKind>> {
    match (buyer_id, reseller_id) {
        (Some(buyer_id), Some(reseller_id)) => facts::tie(conn, buyer_id, reseller_id),
        _ => Ok(None),
    }
}

/// Who orders for whom, and where.
#[derive(Debug, Clone, Copy)]
pub struct Ordered {
    /// The seller.
    pub seller_id: PartnerKey,
    /// The customer.
    pub customer_id: CustomerKey,
    /// The portal.
    pub channel: OrderChannel,
}

/// An order by that actor, still without lines.
///
/// # Errors
/// Any database error.
pub fn order(conn: &mut Conn, actor: Actor, ordered: &Ordered, on: NaiveDate) -> StoreResult<OrderFacts> {
    let Ordered { seller_id, customer_id, channel } = *ordered;
    let customer = facts::customer(conn, seller_id, customer_id)?;
    let tenant_id = customer.tenant_id;
    let own_use =
        internal_use_of(conn, tenant_id)?.map(|buyer_id| OwnUse { buyer_id, tenant_id: Some(tenant_id), marked: true });
    Ok(OrderFacts {
        actor,
        seller: facts::partner(conn, seller_id)?,
        customer: Some(customer),
        tenant_use: facts::tenant_use(conn, tenant_id)?,
        partnership_with_tenant: facts::partnership_with_tenant(conn, seller_id, tenant_id)?,
        buyer: buyer_facts(conn, seller_id, own_use)?,
        channel,
        lines: Vec::new(),
        on,
    })
}

/// The partner whose own use that customer's tenant serves; `None` if it serves nobody's.
///
/// # Errors
/// Any database error.
pub fn buyer_of(conn: &mut Conn, customer_id: CustomerKey) -> StoreResult<Option<PartnerKey>> {
    let held: Option<Option<PartnerKey>> = on!(conn, c => customers::table
        .find(customer_id)
        .select(customers::internal_use_of)
        .first(c)
        .optional())?;
    Ok(held.flatten())
}

/// Whether an upgrade must keep the reseller: own use is sold through one.
///
/// # Errors
/// Any database error.
pub fn must_keep_reseller(conn: &mut Conn, upgrade: &SubscriptionChangeFacts) -> StoreResult<bool> {
    Ok(upgrade.seller.partner_type == PartnerType::IndirectProvider
        && internal_use_of(conn, upgrade.customer.tenant_id)?.is_some())
}

/// A partner that a subscription or a request names, as the rules see it; `None` if it names none, or the seller itself. The seller knows
/// it from there, even if their partnership has ended.
///
/// # Errors
/// Any database error.
pub fn named_on(
    conn: &mut Conn,
    seller_id: PartnerKey,
    id: Option<PartnerKey>,
) -> StoreResult<Option<(PartnerKey, ResellerChoice)>> {
    let Some(id) = id.filter(|id| *id != seller_id) else { return Ok(None) };
    let named = facts::named_partner(conn, &Scope::Operator, seller_id, PartnerBy::Row(id))?;
    Ok(named.map(|named| (id, named.choice)))
}
