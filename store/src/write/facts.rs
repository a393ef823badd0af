//! What the rules are asked about, read from the tables in the transaction that writes.

use diesel::prelude::*;
use diesel::sql_types::BigInt;
use partnergraph_domain as domain;
use partnergraph_domain::rules::scenario::TenantUse;
use partnergraph_domain::{
    CompanyKey, CountryCode, CustomerFacts, CustomerKey, MpnId, MpnKind, MpnProfileFacts, OrganizationLinkKind,
    PartnerFacts, PartnerKey, PartnerType, PartnershipState, ResellerChoice, RuleId, SubscriptionFacts, TenantId,
};

use super::agreements::{self, Party};
use super::customer_words::Words;
use super::tenants::{self, TenantKind};
use super::{customers, partnerships};
use crate::conn::Conn;
use crate::error::{StoreError, StoreResult};
use crate::read::partners::{self as read_partners, PartnerBy};
use crate::read::subscriptions::SubscriptionRow;
use crate::read::word;
use crate::schema::{company_affiliations, customer_records, customers as customer_rows, mpn_profiles, partners};
use crate::scope::{Actor, Scope};
use crate::sql::{Sql, sql};

mod relationships;

pub use relationships::{account, addressee, partner_of_customer, public_account, remaining};

/// Who asks, as the rules see it.
///
/// # Errors
/// [`StoreError::Value`] when the caller's tenant is no GUID.
pub fn actor(actor: &Actor) -> StoreResult<domain::Actor> {
    let tenant_id = actor.tenant_id.as_deref().map(tenant).transpose()?;
    Ok(domain::Actor { tenant_id, roles: actor.roles.clone() })
}

/// A live partner account.
///
/// # Errors
/// The database's; [`StoreError::Value`] where there is no such account or it holds a word of another program.
pub fn partner(conn: &mut Conn, partner_id: PartnerKey) -> StoreResult<PartnerFacts> {
    let missing =
        || StoreError::Value { value: partner_id.to_string(), expected: "the row of a partner with an MPN ID" };
    let row = read_partners::find(conn, &Scope::Operator, PartnerBy::Row(partner_id))?.ok_or_else(missing)?;
    let mpn_id: MpnId = word(row.mpn_id.as_deref().ok_or_else(missing)?, "an MPN ID")?;
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

/// The register's entry of an MPN ID; `None` where the register has none, or does not know its country.
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

/// A partner as an input names it, with all that the caller may know under that name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedPartner {
    /// Its row; `None` for an MPN ID under which the caller may know of no account.
    pub id: Option<PartnerKey>,
    /// What the rules are asked about.
    pub choice: ResellerChoice,
}

/// Whom an input names as reseller or support contact of that seller; `None` where the key names nothing that the caller sees.
///
/// An MPN ID always names something, as the portals' own field does: the account tied to it, else the account of the
/// company whose global or sibling location ID it is, else nobody. An account that the caller may not see is nobody's.
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

/// Accounts of the company whose global ID this is, or whose other location it is by the register.
fn of_company(mpn_id: MpnId) -> Sql {
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

/// The account that the caller sees; among several of one tenant or company the reseller's, and one that stands before an
/// enrolment that is not decided.
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

/// A customer, and what the partner is to it. Its country is what the partner's record says, else the customer, else the provider
/// through which the partner sees it.
///
/// # Errors
/// The database's; [`StoreError::Value`] where there is no such customer.
pub fn customer(conn: &mut Conn, partner_id: PartnerKey, customer_id: CustomerKey) -> StoreResult<CustomerFacts> {
    let row: Option<(String, Option<CountryCode>)> = on!(conn, c => customer_rows::table
        .find(customer_id)
        .select((customer_rows::tenant_id, customer_rows::country))
        .first(c)
        .optional())?;
    let (tenant_id, own_country) =
        row.ok_or_else(|| StoreError::Value { value: customer_id.to_string(), expected: "the row of a customer" })?;
    let recorded: Option<(Option<CountryCode>, Option<String>)> = on!(conn, c => customer_records::table
        .filter(customer_records::partner_id.eq(partner_id).and(customer_records::customer_id.eq(customer_id)))
        .select((customer_records::country, customer_records::new_business_blocked))
        .first(c)
        .optional())?;
    let (recorded_country, blocked) = recorded.unwrap_or_default();
    let country = match recorded_country.or(own_country) {
        Some(country) => Some(country),
        None => Words::readable_by(conn, partner_id, customer_id)?.country,
    };
    Ok(CustomerFacts {
        tenant_id: tenant(&tenant_id)?,
        country,
        relationship: customers::relationship(conn, partner_id, customer_id)?,
        mca_accepted: agreements::is_signed(conn, Party::Customer(customer_id))?,
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
        partner_of_record_fixed: row.partner_of_record_fixed,
        partner_of_record: partner_of_record.flatten().map(|id| word(&id, "an MPN ID")).transpose()?,
    })
}

/// What a tenant is used for: a partner's business, or a customer's. One that nobody knows yet, or that is still to be made,
/// is a customer's to be.
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

/// The seller's partnership with the reseller whose tenant this is; `None` where it is no reseller's, or there never was
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

/// What links two partner accounts: accounts of one company are one company's, and companies may be affiliates.
/// `None` for strangers.
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

/// The rules whose ids stand in a text, as an import leaves them with a customer that it took in against them.
pub(super) fn rules(text: Option<&str>) -> StoreResult<Vec<RuleId>> {
    text.unwrap_or_default().split_whitespace().map(|id| word(id, "the id of a rule")).collect()
}

fn tenant(text: &str) -> StoreResult<TenantId> {
    word(text, "a tenant id")
}
