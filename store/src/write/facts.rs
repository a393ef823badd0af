//! The facts that the rules need, read in the transaction that writes.

use diesel::prelude::*;
use diesel::sql_types::BigInt;
use partnergraph_domain as domain;
use partnergraph_domain::rules::scenario::TenantUse;
use partnergraph_domain::{
    CompanyKey, CountryCode, CustomerFacts, CustomerKey, MpnId, MpnKind, MpnProfileFacts, OrganizationLinkKind,
    PartnerFacts, PartnerKey, PartnerType, PartnershipState, ResellerChoice, RuleId, SubscriptionFacts, TenantId,
};

use super::customer_agreements::{self, EvidenceOf};
use super::customer_values::CustomerValues;
use super::tenants::{self, TenantKind};
use super::{customers, partnerships};
use crate::conn::Conn;
use crate::error::{StoreError, StoreResult};
use crate::read::parse_stored;
use crate::read::partners::{self as read_partners, PartnerBy};
use crate::read::subscriptions::SubscriptionRow;
use crate::schema::{company_affiliations, customer_records, customers as customer_rows, mpn_profiles, partners};
use crate::scope::{Actor, Scope};
use crate::sql::{Sql, sql};

mod relationships;

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
    let row = read_partners::find(conn, &Scope::Operator, PartnerBy::Row(partner_id))?.ok_or_else(missing)?;
    let mpn_id: MpnId = parse_stored(row.mpn_id.as_deref().ok_or_else(missing)?, "an MPN ID")?;
    Ok(PartnerFacts {
        tenant_id: row.tenant_id.as_deref().map(tenant).transpose()?,
        mpn_id,
        partner_type: row.partner_type,
        country: row.country,
        cloud: row.cloud,
        onboarded: row.onboarded,
        enrolled: row.enrolled,
        mpa_signed: row.mpa_signed,
        mpn_profile: mpn_profile(conn, mpn_id)?,
        capabilities: row.profile.capabilities()?,
    })
}

/// The MPN profile with that MPN ID; `None` if there is none, or its country is unknown.
///
/// # Errors
/// Any database error.
pub fn mpn_profile(conn: &mut Conn, mpn_id: MpnId) -> StoreResult<Option<MpnProfileFacts>> {
    let row: Option<(MpnKind, Option<CountryCode>, bool, bool)> = on!(conn, c => mpn_profiles::table
        .find(mpn_id.to_string())
        .select((
            mpn_profiles::kind,
            mpn_profiles::country,
            mpn_profiles::active,
            mpn_profiles::in_partner_membership_center,
        ))
        .first(c)
        .optional())?;
    let Some((kind, Some(country), active, in_partner_membership_center)) = row else { return Ok(None) };
    Ok(Some(MpnProfileFacts { mpn_id, kind, country, active, in_partner_membership_center }))
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
    let row: Option<(String, Option<CountryCode>)> = on!(conn, c => customer_rows::table
        .find(customer_id)
        .select((customer_rows::tenant_id, customer_rows::country))
        .first(c)
        .optional())?;
    let (tenant_id, own_country) = row.ok_or_else(|| StoreError::Value {
        value: customer_id.to_string(),
        expected: "the id of an existing customer",
    })?;
    let recorded: Option<(Option<CountryCode>, Option<String>)> = on!(conn, c => customer_records::table
        .filter(customer_records::partner_id.eq(partner_id).and(customer_records::customer_id.eq(customer_id)))
        .select((customer_records::country, customer_records::new_business_blocked))
        .first(c)
        .optional())?;
    let (recorded_country, blocked) = recorded.unwrap_or_default();
    let country = match recorded_country.or(own_country) {
        Some(country) => Some(country),
        None => CustomerValues::readable_by(conn, partner_id, customer_id)?.country,
    };
    Ok(CustomerFacts {
        tenant_id: tenant(&tenant_id)?,
        country,
        relationship: customers::relationship(conn, partner_id, customer_id)?,
        mca_accepted: customer_agreements::is_proven(conn, EvidenceOf { partner_id, customer_id })?,
        new_business_blocked: rules(blocked.as_deref())?,
    })
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
    Ok(SubscriptionFacts {
        status: row.status,
        billing_type: row.billing_type,
        quantity: row.quantity.and_then(|quantity| u64::try_from(quantity).ok()),
        auto_renew_enabled: row.auto_renew_enabled,
        partner_of_record_fixed: row.partner_of_record_fixed,
        partner_of_record: partner_of_record.flatten().map(|id| parse_stored(&id, "an MPN ID")).transpose()?,
    })
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
pub(crate) fn rules(text: Option<&str>) -> StoreResult<Vec<RuleId>> {
    text.unwrap_or_default().split_whitespace().map(|id| parse_stored(id, "the id of a rule")).collect()
}

fn tenant(text: &str) -> StoreResult<TenantId> {
    parse_stored(text, "a tenant id")
}
