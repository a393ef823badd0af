use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;
use partnergraph_domain::{CountryCode, PartnerKey, VettingStatus};

use crate::conn::Conn;
use crate::error::StoreResult;
use crate::schema::reseller_statements as table;

/// What a list of a provider stated about a reseller.
#[derive(Debug, Clone, PartialEq, Eq, Queryable)]
pub struct StoredResellerStatement {
    /// The reseller.
    pub reseller_id: PartnerKey,
    /// When it was so.
    pub as_of: NaiveDateTime,
    /// Its name.
    pub name: Option<String>,
    /// The country of its location.
    pub country: Option<CountryCode>,
    /// Its tenant id.
    pub tenant_id: Option<String>,
    /// Whether Microsoft authorised it.
    pub vetting_status: Option<VettingStatus>,
    /// The day on which it signed the Microsoft Partner Agreement.
    pub mpa_signed_on: Option<NaiveDate>,
}

/// What the lists of a provider stated about its resellers, in the order of their times.
///
/// # Errors
/// Any database error.
pub fn reseller_statements(conn: &mut Conn, provider_id: PartnerKey) -> StoreResult<Vec<StoredResellerStatement>> {
    Ok(on!(conn, c => table::table
        .filter(table::provider_id.eq(provider_id))
        .order((table::as_of, table::id))
        .select((
            table::reseller_id,
            table::as_of,
            table::name,
            table::country,
            table::tenant_id,
            table::vetting_status,
            table::mpa_signed_on,
        ))
        .load(c))?)
}
