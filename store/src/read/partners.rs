//! Partner accounts.

use chrono::NaiveDateTime;
use diesel::QueryableByName;
use diesel::sql_types::{BigInt, Bool, Nullable, Text, Timestamp};
use partnergraph_domain::{MpnId, TenantId};

use crate::conn::Conn;
use crate::error::StoreResult;
use crate::scope::Scope;
use crate::sql::{Sql, sql};

/// A partner account as every caller who sees it at all may read it.
#[derive(Debug, Clone, QueryableByName)]
#[allow(missing_docs)]
pub struct PartnerRow {
    #[diesel(sql_type = BigInt)]
    pub id: i64,
    #[diesel(sql_type = Nullable<Text>)]
    pub tenant_id: Option<String>,
    #[diesel(sql_type = Text)]
    pub partner_type: String,
    #[diesel(sql_type = Text)]
    pub name: String,
    #[diesel(sql_type = Text)]
    pub name_sort: String,
    #[diesel(sql_type = Nullable<Text>)]
    pub country: Option<String>,
    #[diesel(sql_type = Text)]
    pub cloud: String,
    #[diesel(sql_type = Nullable<Text>)]
    pub mpn_id: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    pub global_mpn_id: Option<String>,
    #[diesel(sql_type = Text)]
    pub capabilities: String,
    #[diesel(sql_type = Bool)]
    pub onboarded: bool,
    #[diesel(sql_type = Bool)]
    pub enrolled: bool,
    #[diesel(sql_type = Bool)]
    pub mpa_signed: bool,
    #[diesel(sql_type = Text)]
    pub vetting_status: String,
    #[diesel(sql_type = Text)]
    pub vetting_sub_status: String,
    #[diesel(sql_type = Nullable<Text>)]
    pub company: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    pub address_line1: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    pub city: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    pub postal_code: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    pub contact_first_name: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    pub contact_last_name: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    pub contact_email: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    pub contact_phone: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    pub support_email: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    pub support_telephone: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    pub support_website: Option<String>,
    #[diesel(sql_type = BigInt)]
    pub version: i64,
    #[diesel(sql_type = Timestamp)]
    pub created_at: NaiveDateTime,
    #[diesel(sql_type = Timestamp)]
    pub updated_at: NaiveDateTime,
}

/// What [`PartnerRow`] is read from; `p` is the table.
pub(crate) const PARTNER_COLUMNS: &str = "p.id, p.tenant_id, p.partner_type, p.name, p.name_sort, p.country, p.cloud, p.mpn_id, p.global_mpn_id, \
     p.capabilities, p.onboarded, p.enrolled, EXISTS (SELECT 1 FROM agreements ag WHERE ag.partner_id = p.id \
     AND ag.agreement_type = 'MICROSOFT_PARTNER_AGREEMENT' AND ag.ended_at IS NULL) AS mpa_signed, p.vetting_status, \
     p.vetting_sub_status, (SELECT co.name FROM companies co WHERE co.id = p.company_id) AS company, p.address_line1, p.city, \
     p.postal_code, p.contact_first_name, p.contact_last_name, p.contact_email, p.contact_phone, p.support_email, \
     p.support_telephone, p.support_website, p.version, p.created_at, p.updated_at";

/// What a partner is looked up by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PartnerKey {
    /// Its row.
    Row(i64),
    /// Its directory; one directory may hold a direct-bill and a reseller account (T-01), the older one is found.
    Tenant(TenantId),
    /// Its MPN ID.
    Mpn(MpnId),
}

impl PartnerKey {
    /// As a condition on `partners p`.
    pub(crate) fn condition(self) -> Sql {
        match self {
            Self::Row(id) => sql("p.id = ").bind(id),
            Self::Tenant(id) => sql("p.tenant_id = ").bind(id.to_string()),
            Self::Mpn(id) => sql("p.mpn_id = ").bind(id.to_string()),
        }
    }
}

/// The partner account with that key that the caller sees.
///
/// # Errors
/// The database's.
pub fn find(conn: &mut Conn, scope: &Scope, key: PartnerKey) -> StoreResult<Option<PartnerRow>> {
    conn.row(
        &sql("SELECT ")
            .push(PARTNER_COLUMNS)
            .push(" FROM partners p WHERE ")
            .add(key.condition())
            .push(" AND (")
            .add(scope.sees_partner())
            .push(") ORDER BY p.id LIMIT 1"),
    )
}

/// Those of these partner accounts that the caller sees.
///
/// # Errors
/// The database's.
pub fn by_ids(conn: &mut Conn, scope: &Scope, ids: &[i64]) -> StoreResult<Vec<PartnerRow>> {
    let parents = crate::sql::ids(conn.backend(), ids);
    conn.rows(
        &sql("SELECT ")
            .push(PARTNER_COLUMNS)
            .push(" FROM partners p WHERE p.id IN (SELECT up.id FROM ")
            .add(parents)
            .push(") AND (")
            .add(scope.sees_partner())
            .push(")"),
    )
}
