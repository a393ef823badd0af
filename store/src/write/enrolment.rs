//! The enrolment of a partner: the application, the primary contact's answer, the review and the agreement.

use chrono::NaiveDateTime;
use diesel::prelude::*;
use partnergraph_domain::rules::enrolment::{MpnIdUse, e_09_makes_mail};
use partnergraph_domain::{
    Cloud, CompanyKey, CountryCode, MpnId, OperationType, PartnerKey, PartnerType, TenantId, VettingStatus,
    VettingSubStatus,
};

use super::agreements;
use super::outbox::{self, Mail};
use super::profile::{self, DirectoryEntry, Profile};
use super::takeover::{self, Placeholder};
use super::tenants::{self, TenantKind};
use super::{Change, Event, Outcome, Viewer, companies, record, users};
pub use crate::columns::AccountRow;
use crate::columns::PartnerColumns;
use crate::conn::Conn;
use crate::error::StoreResult;
use crate::schema::{mpn_profiles, partners};
use crate::scope::Actor;
use crate::sql::{Sql, ids, sql};

/// The live accounts of a tenant and of its company's other tenants: the tenant's own first, then by age.
///
/// # Errors
/// Any database error.
pub fn held(conn: &mut Conn, tenant_id: TenantId) -> StoreResult<Vec<AccountRow>> {
    let tenant = sql("p.tenant_id = ").bind(tenant_id.to_string());
    let own = accounts(conn, tenant)?;
    let companies: Vec<CompanyKey> = own.iter().filter_map(|account| account.company_id).collect();
    let company = sql("p.company_id IN (SELECT up.id FROM ").add(ids(conn.backend(), &companies)).push(")");
    let others = accounts(conn, company)?;
    let known: Vec<PartnerKey> = own.iter().map(|account| account.id).collect();
    Ok(own.into_iter().chain(others.into_iter().filter(|account| !known.contains(&account.id))).collect())
}

/// The live accounts that match a condition on `partners p`, oldest first.
fn accounts(conn: &mut Conn, condition: Sql) -> StoreResult<Vec<AccountRow>> {
    conn.rows(
        &sql("SELECT ")
            .push(AccountRow::selected())
            .push(" FROM partners p WHERE p.removed_at IS NULL AND ")
            .add(condition)
            .push(" ORDER BY p.id"),
    )
}

/// A claim to an MPN ID.
#[derive(Debug, Clone, Copy)]
pub struct MpnIdClaim<'a> {
    /// The MPN ID.
    pub mpn_id: MpnId,
    /// The type of the account that will hold it.
    pub partner_type: PartnerType,
    /// The claimant's tenant, whose own accounts are covered by T-01; `None` if there is none.
    pub tenant_id: Option<TenantId>,
    /// The companies that the claimant belongs to.
    pub companies: &'a [CompanyKey],
    /// The claimant's own account, if it already exists.
    pub account: Option<PartnerKey>,
}

/// Whether an account can hold an MPN ID. A placeholder gives it up, the same company can hold it with another account type
/// (T-01), and an undecided enrolment does not hold it.
///
/// # Errors
/// Any database error.
pub fn mpn_id_use(conn: &mut Conn, claim: &MpnIdClaim<'_>) -> StoreResult<MpnIdUse> {
    let bearers = accounts(conn, sql("p.mpn_id = ").bind(claim.mpn_id.to_string()))?;
    let taken = bearers.iter().filter(|bearer| bearer.bears_mpn_id()).any(|bearer| {
        let is_placeholder = bearer.tenant_id.is_none() && !bearer.onboarded;
        let is_own_tenant = claim.tenant_id.is_some_and(|tenant_id| bearer.is_of(tenant_id));
        let is_own_company = bearer.company_id.is_some_and(|company| claim.companies.contains(&company));
        let is_own_other = is_own_company && bearer.partner_type != claim.partner_type;
        Some(bearer.id) != claim.account && !is_placeholder && !is_own_tenant && !is_own_other
    });
    Ok(if taken { MpnIdUse::Taken } else { MpnIdUse::Free })
}

/// An enrolment.
#[derive(Debug, Clone)]
pub struct Enrolment {
    /// Its tenant.
    pub tenant_id: TenantId,
    /// Its type.
    pub partner_type: PartnerType,
    /// Its country.
    pub country: CountryCode,
    /// The cloud of its tenant.
    pub cloud: Cloud,
    /// The MPN ID that it will hold.
    pub mpn_id: MpnId,
    /// An existing account of its company; `None` for a newcomer, which creates a new company.
    pub sibling: Option<PartnerKey>,
    /// A rejected enrolment of the same tenant and type, which this one replaces.
    pub again: Option<PartnerKey>,
    /// Its profile.
    pub profile: EnrolmentProfile,
}

/// The company profile in an enrolment. For a company with an existing account, missing values are taken from there.
#[derive(Debug, Clone, Default)]
#[allow(missing_docs, reason = "the names are those of the schema")]
pub struct EnrolmentProfile {
    pub legal_name: Option<String>,
    pub address_line1: Option<String>,
    pub city: Option<String>,
    pub postal_code: Option<String>,
    pub contact_first_name: Option<String>,
    pub contact_last_name: Option<String>,
    pub contact_email: Option<String>,
    pub contact_phone: Option<String>,
    pub support_email: Option<String>,
    pub support_telephone: Option<String>,
    pub support_website: Option<String>,
    pub capabilities: Vec<partnergraph_domain::Capability>,
}

impl EnrolmentProfile {
    fn on(&self, profile: &mut Profile) {
        fn put(place: &mut Option<String>, value: &Option<String>) {
            if value.is_some() {
                place.clone_from(value);
            }
        }
        if let Some(name) = &self.legal_name {
            profile.name.clone_from(name);
        }
        put(&mut profile.address_line1, &self.address_line1);
        put(&mut profile.city, &self.city);
        put(&mut profile.postal_code, &self.postal_code);
        put(&mut profile.contact_first_name, &self.contact_first_name);
        put(&mut profile.contact_last_name, &self.contact_last_name);
        put(&mut profile.contact_email, &self.contact_email);
        put(&mut profile.contact_phone, &self.contact_phone);
        put(&mut profile.support_email, &self.support_email);
        put(&mut profile.support_telephone, &self.support_telephone);
        put(&mut profile.support_website, &self.support_website);
        if !self.capabilities.is_empty() {
            profile.set_capabilities(&self.capabilities);
        }
    }
}

/// Stores an enrolment: onboarded, not enrolled, and waiting for its primary contact. What the register knows of its MPN ID it
/// learns only when it is authorised, because until then it only claims the MPN ID (E-17). Users of a tenant without an account become
/// users of this account. Returns its key.
///
/// # Errors
/// Any database error; a unique violation if the tenant already has such an account.
pub fn enrol(conn: &mut Conn, actor: &Actor, now: NaiveDateTime, enrolment: &Enrolment) -> StoreResult<PartnerKey> {
    let country = Some(enrolment.country);
    tenants::enter(conn, now, enrolment.tenant_id, TenantKind::Partner, country, enrolment.cloud)?;
    let id = match enrolment.again {
        Some(id) => id,
        None => insert(conn, now, enrolment)?,
    };
    let earlier = accounts(conn, sql("p.id = ").bind(id))?.pop().ok_or(diesel::result::Error::NotFound)?;
    let before = Profile::of(conn, id)?;
    let mut after = match enrolment.sibling {
        Some(sibling) => Profile::of(conn, sibling)?,
        None => before.clone(),
    };
    enrolment.profile.on(&mut after);
    after.write(conn, id)?;
    if enrolment.again.is_some() && enrolment.sibling.is_none() {
        companies::rename(conn, id, &after.name)?;
    }
    let entry_before = DirectoryEntry::of(conn, id)?;
    let entry = DirectoryEntry::default();
    entry.write(conn, id)?;
    let (status, sub_status) = (VettingStatus::Pending, VettingSubStatus::EmailOwnership);
    on!(conn, c => diesel::update(partners::table.find(id))
        .set((
            partners::country.eq(enrolment.country),
            partners::mpn_id.eq(enrolment.mpn_id.to_string()),
            partners::global_mpn_id.eq(None::<String>),
            partners::vetting_status.eq(status),
            partners::vetting_sub_status.eq(sub_status),
            partners::version.eq(partners::version + 1),
            partners::updated_at.eq(now),
        ))
        .execute(c))?;
    users::adopt(conn, now, enrolment.tenant_id, id)?;
    let mut event = Event::succeeded(match enrolment.again {
        Some(_) => OperationType::UpdatePartner,
        None => OperationType::CreatePartner,
    });
    event.partner_id = Some(id);
    event.viewers = vec![Viewer::Partner(id)];
    event.changes = after.changes_since(&before);
    event.changes.extend(entry.changes_since(&entry_before));
    let mpn_id = Some(enrolment.mpn_id.to_string());
    let stated = if enrolment.again.is_some() {
        let PartnerColumns { country, vetting_status, vetting_sub_status, .. } = &earlier.columns;
        vec![
            Change::of("vettingStatus", Some(vetting_status.to_string()), Some(status.to_string())),
            Change::of("vettingSubStatus", Some(vetting_sub_status.to_string()), Some(sub_status.to_string())),
            Change::of("country", country.map(|country| country.to_string()), Some(enrolment.country.to_string())),
            Change::of("mpnId", earlier.columns.mpn_id, mpn_id),
            Change::of("globalMpnId", earlier.columns.global_mpn_id, None),
        ]
    } else {
        vec![
            Change::of("vettingStatus", Some(VettingStatus::None.to_string()), Some(status.to_string())),
            Change::of("name", None, Some(after.name.clone())),
            Change::of("type", None, Some(enrolment.partner_type.to_string())),
            Change::of("country", None, Some(enrolment.country.to_string())),
            Change::of("mpnId", None, mpn_id),
            Change::of("tenantId", None, Some(enrolment.tenant_id.to_string())),
        ]
    };
    event.changes.extend(stated.into_iter().flatten());
    record(conn, actor, now, &event)?;
    Ok(id)
}

/// Inserts the minimal row of a new account; its version is 0 until the enrolment is written to it.
fn insert(conn: &mut Conn, now: NaiveDateTime, enrolment: &Enrolment) -> StoreResult<PartnerKey> {
    let sibling: Option<(Option<CompanyKey>, String)> = match enrolment.sibling {
        Some(id) => {
            on!(conn, c => partners::table.find(id).select((partners::company_id, partners::name)).first(c).optional())?
        }
        None => None,
    };
    let (company_id, name) = sibling.unwrap_or_default();
    let name = enrolment.profile.legal_name.clone().unwrap_or(name);
    let company_id = match company_id {
        Some(id) => id,
        None => companies::found(conn, now, &name)?,
    };
    let columns = PartnerColumns {
        country: Some(enrolment.country),
        cloud: enrolment.cloud,
        onboarded: true,
        vetting_status: VettingStatus::Pending,
        vetting_sub_status: VettingSubStatus::Entry,
        ..Default::default()
    };
    let profile = Profile { name, ..Default::default() };
    super::partners::insert(conn, now, (enrolment.tenant_id, enrolment.partner_type, company_id), &columns, &profile, 0)
}

/// The vetting status of an enrolment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Vetting {
    /// The status.
    pub status: VettingStatus,
    /// What it is waiting for, or what it failed on.
    pub sub_status: VettingSubStatus,
}

/// The vetting status of an account.
///
/// # Errors
/// Any database error; [`crate::StoreError::Value`] for an unknown enum value.
pub fn vetting(conn: &mut Conn, partner_id: PartnerKey) -> StoreResult<Vetting> {
    let (status, sub_status): (VettingStatus, VettingSubStatus) = on!(conn, c => partners::table
        .find(partner_id)
        .select((partners::vetting_status, partners::vetting_sub_status))
        .first(c))?;
    Ok(Vetting { status, sub_status })
}

/// Moves a review to its next status. `news` is e-mailed only if the status changes (E-09).
///
/// # Errors
/// Any database error.
pub fn move_on(
    conn: &mut Conn,
    actor: &Actor,
    now: NaiveDateTime,
    partner_id: PartnerKey,
    (after, note): (Vetting, Option<&str>),
    news: Option<&Mail>,
) -> StoreResult<Outcome> {
    let before = vetting(conn, partner_id)?;
    if before == after {
        return Ok(Outcome::Unchanged);
    }
    let enrolled = after.status == VettingStatus::Authorized;
    on!(conn, c => diesel::update(partners::table.find(partner_id))
        .set((
            partners::vetting_status.eq(after.status),
            partners::vetting_sub_status.eq(after.sub_status),
            partners::enrolled.eq(enrolled),
            partners::version.eq(partners::version + 1),
            partners::updated_at.eq(now),
        ))
        .execute(c))?;
    let global = if enrolled { learn_global_mpn_id(conn, partner_id)? } else { None };
    let mut event = Event::succeeded(OperationType::UpdatePartner);
    event.partner_id = Some(partner_id);
    event.viewers = vec![Viewer::Partner(partner_id)];
    event.changes = [
        Change::of("vettingStatus", Some(before.status.to_string()), Some(after.status.to_string())),
        Change::of("vettingSubStatus", Some(before.sub_status.to_string()), Some(after.sub_status.to_string())),
        Change::of("status.enrolled", Some("false".to_owned()), Some(enrolled.to_string())),
        Change::of("globalMpnId", None, global),
        Change::of("note", None, note.map(str::to_owned)),
    ]
    .into_iter()
    .flatten()
    .collect();
    record(conn, actor, now, &event)?;
    if let Some(mail) = news.filter(|_| e_09_makes_mail(before.status, after.status)) {
        outbox::put(conn, now, partner_id, mail)?;
    }
    Ok(Outcome::Changed)
}

/// Authorises an enrolment: like [`move_on`], and the account takes over the placeholder with its MPN ID, if there is one.
/// `reason` is why the takeover is right although the register does not show it (E-17).
///
/// # Errors
/// Any database error.
pub fn authorize(
    conn: &mut Conn,
    actor: &Actor,
    now: NaiveDateTime,
    partner_id: PartnerKey,
    (placeholder, reason): (Option<&Placeholder>, Option<&str>),
    (note, news): (Option<&str>, Option<&Mail>),
) -> StoreResult<()> {
    let after = Vetting { status: VettingStatus::Authorized, sub_status: VettingSubStatus::None };
    // The placeholder ends first, because two accounts of one type must never hold the same MPN ID.
    if let Some(placeholder) = placeholder {
        takeover::end(conn, now, placeholder)?;
    }
    move_on(conn, actor, now, partner_id, (after, note), news)?;
    match placeholder {
        Some(placeholder) => takeover::hand_over(conn, actor, now, (placeholder, partner_id), reason),
        None => Ok(()),
    }
}

/// Gives an account the global MPN ID that the register has for its MPN ID, and returns it.
fn learn_global_mpn_id(conn: &mut Conn, partner_id: PartnerKey) -> StoreResult<Option<String>> {
    let global: Option<Option<String>> = on!(conn, c => mpn_profiles::table
        .inner_join(partners::table.on(partners::mpn_id.eq(mpn_profiles::mpn_id.nullable())))
        .filter(partners::id.eq(partner_id))
        .select(mpn_profiles::global_mpn_id)
        .first(c)
        .optional())?;
    let global = global.flatten();
    on!(conn, c => diesel::update(partners::table.find(partner_id))
        .set(partners::global_mpn_id.eq(&global))
        .execute(c))?;
    Ok(global)
}

/// Signs the Microsoft Partner Agreement for an account.
///
/// # Errors
/// Any database error.
pub fn accept_agreement(
    conn: &mut Conn,
    actor: &Actor,
    now: NaiveDateTime,
    partner_id: PartnerKey,
) -> StoreResult<Outcome> {
    let outcome = agreements::sign(conn, actor, now, partner_id)?;
    if outcome.is_changed() {
        profile::touch(conn, now, partner_id)?;
    }
    Ok(outcome)
}
