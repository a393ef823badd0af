//! The facts that the rules need, read in the transaction that writes.

use diesel::prelude::*;
use diesel::sql_types::BigInt;
use partnergraph_domain as domain;
use partnergraph_domain::rules::scenario::TenantUse;
use partnergraph_domain::{
    CompanyKey, CustomerFacts, CustomerKey, MpnId, MpnProfileFacts, OrganizationLinkKind, PartnerFacts, PartnerKey,
    PartnerType, PartnershipState, ResellerChoice, RuleId, SubscriptionFacts, TenantId,
};

use super::partnerships;
use super::tenants::{self, TenantKind};
use crate::conn::Conn;
use crate::error::{StoreError, StoreResult};
use crate::read::parse_stored;
use crate::read::partners::{self as read_partners, PartnerBy};
use crate::read::subscriptions::SubscriptionRow;
use crate::schema::{company_affiliations, partners};
use crate::scope::{Actor, Scope};
use crate::sql::{Sql, sql};

mod relationships;
pub(crate) mod several;

pub use relationships::{account, addressee, left_behind, partner_of_customer, public_account, remaining};

/// The caller, as the rules see it.
///
/// # Errors
/// [`StoreError::Value`] if the caller's tenant id is not a GUID.
pub fn actor(actor: &Actor) -> StoreResult<domain::Actor> {
    let tenant_id = actor.tenant_id.as_deref().map(tenant).transpose()?;
    Ok(domain::Actor { tenant_id, roles: actor.roles.clone() })
}

/// A live partner account.
///
/// # Errors
/// Any database error; [`StoreError::Value`] if there is no such account or it contains an unknown enum value.
pub fn partner(conn: &mut Conn, partner_id: PartnerKey) -> StoreResult<PartnerFacts> {
    let missing =
        || StoreError::Value { value: partner_id.to_string(), expected: "the id of a partner with an MPN ID" };
    several::partners(conn, &[partner_id])?.remove(&partner_id).ok_or_else(missing)
}

/// The MPN profile with that MPN ID; `None` if there is none, or its country is unknown.
///
/// # Errors
/// Any database error.
pub fn mpn_profile(conn: &mut Conn, mpn_id: MpnId) -> StoreResult<Option<MpnProfileFacts>> {
    Ok(several::mpn_profiles(conn, &[mpn_id])?.remove(&mpn_id))
}

/// A partner that an input names, with what the caller can know of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedPartner {
    /// Its key; `None` for an MPN ID without an account that the caller can know of.
    pub id: Option<PartnerKey>,
    /// The facts for the rules.
    pub choice: ResellerChoice,
}

/// The reseller or support contact of that seller that an input names; `None` if the key refers to nothing that the caller sees.
///
/// An MPN ID always refers to something, as in portals: the account that holds it, else the account of the company whose global
/// or other location ID it is, else nobody. An account that the caller cannot see counts as nobody.
///
/// # Errors
/// Any database error.
pub fn named_partner(
    conn: &mut Conn,
    scope: &Scope,
    seller_id: PartnerKey,
    key: PartnerBy,
) -> StoreResult<Option<NamedPartner>> {
    let id = match (visible(conn, scope, key.condition())?, key) {
        (None, PartnerBy::Mpn(mpn_id)) => visible(conn, scope, of_company(mpn_id))?,
        (found, _) => found,
    };
    let account = id.map(|id| partner(conn, id)).transpose()?;
    let Some(mpn_id) = (match key {
        PartnerBy::Mpn(mpn_id) => Some(mpn_id),
        _ => account.as_ref().map(|account| account.mpn_id),
    }) else {
        return Ok(None);
    };
    let partnership = match id {
        Some(id) => partnerships::latest(conn, seller_id, id)?.map(|row| row.state),
        None => None,
    };
    let choice = ResellerChoice { mpn_id, profile: mpn_profile(conn, mpn_id)?, account, partnership };
    Ok(Some(NamedPartner { id, choice }))
}

/// Accounts of the company whose global MPN ID this is, or whose other location it is according to the MPN profiles.
pub(crate) fn of_company(mpn_id: MpnId) -> Sql {
    let text = mpn_id.to_string();
    sql("(p.global_mpn_id = ")
        .bind(text.as_str())
        .push(" OR p.global_mpn_id IN (SELECT mp.global_mpn_id FROM mpn_profiles mp WHERE mp.mpn_id = ")
        .bind(text)
        .push("))")
}

#[derive(QueryableByName)]
struct Found {
    #[diesel(sql_type = BigInt)]
    id: PartnerKey,
}

/// The account that the caller sees. If a tenant or company has several, the reseller account is preferred, and a decided one
/// before an undecided enrolment.
fn visible(conn: &mut Conn, scope: &Scope, condition: Sql) -> StoreResult<Option<PartnerKey>> {
    let found: Option<Found> = conn.row(
        &sql("SELECT p.id FROM partners p WHERE ")
            .add(condition)
            .push(" AND (")
            .add(scope.sees_partner().of("p"))
            .push(") ORDER BY CASE WHEN p.partner_type = 'INDIRECT_RESELLER' THEN 0 ELSE 1 END, ")
            .push(read_partners::STANDING_FIRST)
            .push(" LIMIT 1"),
    )?;
    Ok(found.map(|found| found.id))
}

/// A customer and its relationship with the partner. The country is that of the partner's record, else of the customer, else of
/// the provider through which the partner sees it.
///
/// # Errors
/// Any database error; [`StoreError::Value`] if there is no such customer.
pub fn customer(conn: &mut Conn, partner_id: PartnerKey, customer_id: CustomerKey) -> StoreResult<CustomerFacts> {
    let missing = || StoreError::Value { value: customer_id.to_string(), expected: "the id of an existing customer" };
    let key = (partner_id, customer_id);
    several::customers(conn, &[key])?.remove(&key).ok_or_else(missing)
}

/// A subscription.
///
/// # Errors
/// Any database error.
pub fn subscription(conn: &mut Conn, row: &SubscriptionRow) -> StoreResult<SubscriptionFacts> {
    let partner_of_record: Option<Option<String>> = match row.reseller_id {
        Some(id) => on!(conn, c => partners::table.find(id).select(partners::mpn_id).first(c).optional())?,
        None => None,
    };
    let partner_of_record = partner_of_record.flatten().map(|id| parse_stored(&id, "an MPN ID")).transpose()?;
    Ok(subscription_of(row, partner_of_record))
}

/// The same with a partner of record that is already known.
pub(crate) fn subscription_of(row: &SubscriptionRow, partner_of_record: Option<MpnId>) -> SubscriptionFacts {
    SubscriptionFacts {
        status: row.status,
        billing_type: row.billing_type,
        quantity: row.quantity.and_then(|quantity| u64::try_from(quantity).ok()),
        auto_renew_enabled: row.auto_renew_enabled,
        partner_of_record_fixed: row.partner_of_record_fixed,
        partner_of_record,
    }
}

/// Whether a tenant is used for a partner's business or by a customer. An unknown or not yet created tenant counts as a
/// customer's.
///
/// # Errors
/// Any database error.
pub fn tenant_use(conn: &mut Conn, tenant_id: impl Into<Option<TenantId>>) -> StoreResult<TenantUse> {
    let Some(tenant_id) = tenant_id.into() else { return Ok(TenantUse::Customer) };
    Ok(match tenants::kind(conn, tenant_id)? {
        Some(TenantKind::Partner) => TenantUse::PartnerCsp,
        Some(TenantKind::Customer) | None => TenantUse::Customer,
    })
}

/// The seller's partnership with the reseller that has this tenant; `None` if it is not a reseller's tenant, or there never was
/// one.
///
/// # Errors
/// Any database error.
pub fn partnership_with_tenant(
    conn: &mut Conn,
    seller_id: PartnerKey,
    tenant_id: impl Into<Option<TenantId>>,
) -> StoreResult<Option<PartnershipState>> {
    let Some(tenant_id) = tenant_id.into() else { return Ok(None) };
    let reseller: Option<PartnerKey> = on!(conn, c => partners::table
        .filter(
            partners::tenant_id.eq(tenant_id.to_string())
                .and(partners::partner_type.eq(PartnerType::IndirectReseller))
                .and(partners::removed_at.is_null()))
        .select(partners::id)
        .first(c)
        .optional())?;
    match reseller {
        Some(reseller_id) => Ok(partnerships::latest(conn, seller_id, reseller_id)?.map(|row| row.state)),
        None => Ok(None),
    }
}

/// The tie between two partner accounts: the same company, or affiliated companies. `None` if they are unrelated.
///
/// # Errors
/// Any database error.
pub fn tie(conn: &mut Conn, a: PartnerKey, b: PartnerKey) -> StoreResult<Option<OrganizationLinkKind>> {
    if a == b {
        return Ok(Some(OrganizationLinkKind::SameCompany));
    }
    let companies: Vec<(PartnerKey, Option<CompanyKey>)> = on!(conn, c => partners::table
        .filter(partners::id.eq_any([a, b]))
        .select((partners::id, partners::company_id))
        .load(c))?;
    let [(_, Some(one)), (_, Some(other))] = companies[..] else { return Ok(None) };
    if one == other {
        return Ok(Some(OrganizationLinkKind::SameCompany));
    }
    let affiliated: i64 = on!(conn, c => company_affiliations::table
        .filter(
            company_affiliations::company_a.eq(one.min(other))
                .and(company_affiliations::company_b.eq(one.max(other))))
        .count()
        .get_result(c))?;
    Ok((affiliated > 0).then_some(OrganizationLinkKind::Affiliate))
}

/// Parses the rule ids in a text that an import stored with a customer that it accepted despite breaches.
pub(super) fn rules(text: Option<&str>) -> StoreResult<Vec<RuleId>> {
    text.unwrap_or_default().split_whitespace().map(|id| parse_stored(id, "the id of a rule")).collect()
}

fn tenant(text: &str) -> StoreResult<TenantId> {
    parse_stored(text, "a tenant id")
}
