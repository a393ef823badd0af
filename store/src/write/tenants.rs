//! Tenants. Each belongs to a partner or a customer, never both.

use chrono::NaiveDateTime;
use diesel::prelude::*;
pub use partnergraph_domain::TenantKind;
use partnergraph_domain::{Cloud, CountryCode, TenantId};

use crate::conn::Conn;
use crate::error::StoreResult;
use crate::schema::tenants;

/// Whether this is a partner's or a customer's tenant; `None` if it is unknown.
///
/// # Errors
/// Any database error.
pub fn kind(conn: &mut Conn, tenant_id: TenantId) -> StoreResult<Option<TenantKind>> {
    Ok(on!(conn, c => tenants::table
        .find(tenant_id.to_string())
        .select(tenants::kind)
        .first(c)
        .optional())?)
}

/// Adds a tenant if it is unknown. The caller must have checked that it is not of the other kind ([`kind`]).
///
/// # Errors
/// Any database error.
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
            tenants::kind.eq(tenant_kind),
            tenants::country.eq(country),
            tenants::cloud.eq(cloud),
            tenants::created_at.eq(now),
        ))
        .execute(c))?;
    Ok(())
}
