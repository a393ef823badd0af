//! Directories: each is a partner's or a customer's, never both.

use chrono::NaiveDateTime;
use diesel::prelude::*;
use partnergraph_domain::{Cloud, CountryCode, TenantId};

use crate::conn::Conn;
use crate::error::StoreResult;
use crate::schema::tenants;

/// Whose directory it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TenantKind {
    /// A partner's CSP tenant.
    Partner,
    /// A customer's tenant.
    Customer,
}

impl TenantKind {
    /// The word in the table.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Partner => "PARTNER",
            Self::Customer => "CUSTOMER",
        }
    }
}

/// Whose directory this is, or `None` where it is nobody's yet.
///
/// # Errors
/// The database's.
pub fn kind(conn: &mut Conn, tenant_id: TenantId) -> StoreResult<Option<TenantKind>> {
    let kind: Option<String> = on!(conn, c => tenants::table
        .find(tenant_id.to_string())
        .select(tenants::kind)
        .first(c)
        .optional())?;
    Ok(kind.map(|kind| if kind == "PARTNER" { TenantKind::Partner } else { TenantKind::Customer }))
}

/// Enters a directory if it is not known yet. That it is not of the other kind was asked before ([`kind`]).
///
/// # Errors
/// The database's.
pub fn enter(
    conn: &mut Conn,
    now: NaiveDateTime,
    tenant_id: TenantId,
    tenant_kind: TenantKind,
    country: Option<CountryCode>,
    cloud: Cloud,
) -> StoreResult<()> {
    if kind(conn, tenant_id)?.is_some() {
        return Ok(());
    }
    on!(conn, c => diesel::insert_into(tenants::table)
        .values((
            tenants::tenant_id.eq(tenant_id.to_string()),
            tenants::kind.eq(tenant_kind.as_str()),
            tenants::country.eq(country.map(|country| country.to_string())),
            tenants::cloud.eq(cloud.as_str()),
            tenants::created_at.eq(now),
        ))
        .execute(c))?;
    Ok(())
}
