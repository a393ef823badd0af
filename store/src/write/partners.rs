//! Partner accounts.

use chrono::NaiveDateTime;
use diesel::prelude::*;
use partnergraph_domain::{
    Capability, Cloud, CompanyKey, CountryCode, MpnId, MpnKind, OperationType, PartnerKey, PartnerType, TenantId,
    VettingStatus, VettingSubStatus,
};

use super::profile::DirectoryEntry;
use super::takeover::{self, Placeholder};
use super::tenants::{self, TenantKind};
use super::{Change, Event, Viewer, mpn_profiles, record};
use crate::columns::{PartnerColumns, Profile};
use crate::conn::Conn;
use crate::error::StoreResult;
use crate::read::partners::{self as read_partners, PartnerBy, PartnerRow};
use crate::schema::{companies, partners};
use crate::scope::{Actor, Scope};

/// A partner account to add.
#[derive(Debug, Clone)]
pub struct NewPartner {
    /// Its type (T-01).
    pub partner_type: PartnerType,
    /// Display name.
    pub name: String,
    /// Decides its market and region.
    pub country: CountryCode,
    /// The cloud of its tenant.
    pub cloud: Cloud,
    /// The MPN ID of the location account, which counts on transactions.
    pub mpn_id: MpnId,
    /// The MPN ID of the company's global account, which does not count on transactions.
    pub global_mpn_id: Option<MpnId>,
    /// Its tenant id.
    pub tenant_id: TenantId,
    /// The legal company; accounts with the same company name belong together. Defaults to the account's name.
    pub company: Option<String>,
    /// Its capabilities.
    pub capabilities: Vec<Capability>,
}

/// A placeholder that a new account takes over, and why that is right although the register does not show it (E-17).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TakenOver {
    /// The placeholder of the account's MPN ID.
    pub placeholder: Placeholder,
    /// The reason, if one was given.
    pub reason: Option<String>,
}

/// Adds an onboarded and enrolled account and returns its key. Missing MPN profiles are added.
///
/// # Errors
/// Any database error; a unique violation if the MPN ID, or the account type in that tenant, is taken.
pub fn add(conn: &mut Conn, actor: &Actor, now: NaiveDateTime, partner: &NewPartner) -> StoreResult<PartnerKey> {
    add_over(conn, actor, now, partner, None)
}

/// Like [`add`], and the account takes over a placeholder.
///
/// # Errors
/// Those of [`add`].
pub fn add_over(
    conn: &mut Conn,
    actor: &Actor,
    now: NaiveDateTime,
    partner: &NewPartner,
    over: Option<&TakenOver>,
) -> StoreResult<PartnerKey> {
    if let Some(over) = over {
        takeover::end(conn, now, &over.placeholder)?;
    }
    tenants::enter(conn, now, partner.tenant_id, TenantKind::Partner, Some(partner.country), partner.cloud)?;
    if let Some(global) = partner.global_mpn_id {
        mpn_profiles::enter(conn, actor, now, global, MpnKind::Global, None, Some(partner.country))?;
    }
    let country = Some(partner.country);
    mpn_profiles::enter(conn, actor, now, partner.mpn_id, MpnKind::Location, partner.global_mpn_id, country)?;
    let company_id = company(conn, now, partner.company.as_deref().unwrap_or(&partner.name))?;
    let columns = PartnerColumns {
        country,
        cloud: partner.cloud,
        mpn_id: Some(partner.mpn_id.to_string()),
        global_mpn_id: partner.global_mpn_id.map(|id| id.to_string()),
        onboarded: true,
        enrolled: true,
        vetting_status: VettingStatus::Authorized,
        vetting_sub_status: VettingSubStatus::None,
    };
    let mut profile = Profile { name: partner.name.clone(), ..Default::default() };
    profile.set_capabilities(&partner.capabilities);
    let id = insert(conn, now, (partner.tenant_id, partner.partner_type, company_id), &columns, &profile, 1)?;
    if partner.partner_type == PartnerType::IndirectProvider {
        // The operator who adds a provider also sets its directory services from its capabilities (V-03), because the provider
        // itself has not done so.
        let mut entry = DirectoryEntry::default();
        entry.set_services(&partner.capabilities);
        entry.write(conn, id)?;
    }
    let mut event = Event::succeeded(OperationType::CreatePartner);
    event.partner_id = Some(id);
    event.viewers = vec![Viewer::Partner(id)];
    event.changes = [
        Change::of("type", None, Some(partner.partner_type.to_string())),
        Change::of("name", None, Some(partner.name.clone())),
        Change::of("country", None, Some(partner.country.to_string())),
        Change::of("mpnId", None, Some(partner.mpn_id.to_string())),
        Change::of("tenantId", None, Some(partner.tenant_id.to_string())),
    ]
    .into_iter()
    .flatten()
    .collect();
    record(conn, actor, now, &event)?;
    if let Some(over) = over {
        takeover::hand_over(conn, actor, now, (&over.placeholder, id), over.reason.as_deref())?;
    }
    Ok(id)
}

/// Inserts an account with that tenant, type and company.
pub(super) fn insert(
    conn: &mut Conn,
    now: NaiveDateTime,
    (tenant_id, partner_type, company_id): (TenantId, PartnerType, CompanyKey),
    columns: &PartnerColumns,
    profile: &Profile,
    version: i64,
) -> StoreResult<PartnerKey> {
    Ok(on!(conn, c => diesel::insert_into(partners::table)
        .values((
            partners::tenant_id.eq(tenant_id.to_string()),
            partners::company_id.eq(company_id),
            partners::partner_type.eq(partner_type),
            columns,
            profile,
            profile.keys(),
            partners::version.eq(version),
            partners::created_at.eq(now),
            partners::updated_at.eq(now),
        ))
        .returning(partners::id)
        .get_result(c))?)
}

/// The company with that name, added if there is none.
fn company(conn: &mut Conn, now: NaiveDateTime, name: &str) -> StoreResult<CompanyKey> {
    let known: Option<CompanyKey> = on!(conn, c => companies::table
        .filter(companies::name.eq(name))
        .order(companies::id)
        .select(companies::id)
        .first(c)
        .optional())?;
    if let Some(id) = known {
        return Ok(id);
    }
    Ok(on!(conn, c => diesel::insert_into(companies::table)
        .values((companies::name.eq(name), companies::created_at.eq(now)))
        .returning(companies::id)
        .get_result(c))?)
}

/// All live accounts by name, for operators.
///
/// # Errors
/// Any database error.
pub fn list(conn: &mut Conn) -> StoreResult<Vec<PartnerRow>> {
    let ids: Vec<PartnerKey> = on!(conn, c => partners::table
        .filter(partners::removed_at.is_null())
        .select(partners::id)
        .load(c))?;
    let mut rows = read_partners::by_ids(conn, &Scope::Operator, &ids)?;
    rows.sort_by(|a, b| (&a.name_sort, a.id).cmp(&(&b.name_sort, b.id)));
    Ok(rows)
}

/// How messages and the history name a partner: by its MPN ID, else by its name. `None` if there is no partner.
pub(crate) fn label(conn: &mut Conn, id: Option<PartnerKey>) -> StoreResult<Option<String>> {
    let Some(id) = id else { return Ok(None) };
    let row = read_partners::find(conn, &Scope::Operator, PartnerBy::Row(id))?;
    Ok(row.map(|row| row.columns.mpn_id.unwrap_or(row.profile.name)))
}
