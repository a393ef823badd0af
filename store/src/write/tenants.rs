//! Tenants. Each belongs to a partner or a customer, never both, and only by its own word: a tenant that partners call
//! their customer's, in an import or otherwise, belongs to nobody until its Global admin accepts an invitation or enrols it.

use chrono::NaiveDateTime;
use diesel::prelude::*;
pub use partnergraph_domain::TenantKind;
use partnergraph_domain::{Cloud, CountryCode, TenantId};

use crate::conn::Conn;
use crate::error::StoreResult;
use crate::schema::tenants;

/// What a tenant is by its own word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Held {
    /// Whether it is a partner's or a customer's.
    pub kind: TenantKind,
    /// Its country, if known.
    pub country: Option<CountryCode>,
    /// Its cloud.
    pub cloud: Cloud,
}

/// What the tenant is; `None` if it is unknown, or only partners say so.
///
/// # Errors
/// Any database error; [`crate::StoreError::Value`] for an unknown enum value.
pub fn held(conn: &mut Conn, tenant_id: TenantId) -> StoreResult<Option<Held>> {
    type Row = (TenantKind, Option<CountryCode>, Cloud, Option<NaiveDateTime>);
    let row: Option<Row> = on!(conn, c => tenants::table
        .find(tenant_id.to_string())
        .select((tenants::kind, tenants::country, tenants::cloud, tenants::customer_since))
        .first(c)
        .optional())?;
    Ok(row.and_then(|(kind, country, cloud, customer_since)| {
        (kind == TenantKind::Partner || customer_since.is_some()).then_some(Held { kind, country, cloud })
    }))
}

/// Whether this is a partner's or a customer's tenant; `None` if it is unknown, or only partners say so.
///
/// # Errors
/// Any database error.
pub fn kind(conn: &mut Conn, tenant_id: TenantId) -> StoreResult<Option<TenantKind>> {
    Ok(held(conn, tenant_id)?.map(|held| held.kind))
}

/// Makes a tenant that belongs to nobody a partner's or a customer's. What partners said of it does not count. The caller must
/// have checked that it is not of the other kind ([`kind`]).
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
    let columns = (
        tenants::kind.eq(tenant_kind),
        tenants::country.eq(country),
        tenants::cloud.eq(cloud),
        tenants::customer_since.eq((tenant_kind == TenantKind::Customer).then_some(now)),
    );
    let key = tenant_id.to_string();
    let known = on!(conn, c => diesel::update(tenants::table.find(&key)).set(columns).execute(c))?;
    if known == 0 {
        on!(conn, c => diesel::insert_into(tenants::table)
            .values((tenants::tenant_id.eq(&key), columns, tenants::created_at.eq(now)))
            .execute(c))?;
    }
    Ok(())
}
