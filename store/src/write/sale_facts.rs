//! The facts about own use for a sale.

use diesel::prelude::*;
use partnergraph_domain::checks::BuyerFacts;
use partnergraph_domain::rules::scenario::OwnUseTenant;
use partnergraph_domain::{OrganizationLinkKind, PartnerKey, TenantId};

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
