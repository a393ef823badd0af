//! What the lists of a provider state about its resellers.

use chrono::{NaiveDate, NaiveDateTime};
use diesel::QueryableByName;
use diesel::sql_types::{BigInt, Date, Nullable, Text, Timestamp};
use partnergraph_domain::{CountryCode, PartnershipKey, VettingStatus};

use crate::conn::Conn;
use crate::error::StoreResult;
use crate::scope::Scope;
use crate::sql::{ids, sql};

/// What lists state about the reseller of a partnership.
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName)]
#[allow(missing_docs)]
pub struct ListingRow {
    #[diesel(sql_type = BigInt)]
    pub partnership_id: PartnershipKey,
    #[diesel(sql_type = Timestamp)]
    pub as_of: NaiveDateTime,
    #[diesel(sql_type = Nullable<Text>)]
    pub name: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    pub country: Option<CountryCode>,
    #[diesel(sql_type = Nullable<Text>)]
    pub tenant_id: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    pub vetting_status: Option<VettingStatus>,
    #[diesel(sql_type = Nullable<Date>)]
    pub mpa_signed_on: Option<NaiveDate>,
}

impl ListingRow {
    /// Adds a newer statement: what it states replaces what was stated before.
    fn update(&mut self, newer: Self) {
        self.as_of = newer.as_of;
        self.name = newer.name.or(self.name.take());
        self.country = newer.country.or(self.country);
        self.tenant_id = newer.tenant_id.or(self.tenant_id.take());
        self.vetting_status = newer.vetting_status.or(self.vetting_status);
        self.mpa_signed_on = newer.mpa_signed_on.or(self.mpa_signed_on);
    }
}

/// What the lists of the provider state about the resellers of these partnerships: of each field, the newest value. Only the
/// provider and operators read it.
///
/// # Errors
/// Any database error.
pub fn of_partnerships(
    conn: &mut Conn,
    scope: &Scope,
    partnership_ids: &[PartnershipKey],
) -> StoreResult<Vec<ListingRow>> {
    let readable = match scope {
        Scope::Operator => sql("1 = 1"),
        Scope::Partner { id, .. } => sql("ps.provider_id = ").bind(*id),
        Scope::Customer { .. } | Scope::Nobody => sql("1 = 0"),
    };
    let statement =
        sql("SELECT ps.id AS partnership_id, st.as_of, st.name, st.country, st.tenant_id, st.vetting_status, \
         st.mpa_signed_on FROM ")
        .add(ids(conn.backend(), partnership_ids))
        .push(
            " JOIN partnerships ps ON ps.id = up.id JOIN reseller_statements st ON st.reseller_id = ps.reseller_id \
         AND st.provider_id = ps.provider_id WHERE ",
        )
        .add(readable)
        .push(" ORDER BY ps.id, st.as_of, st.id");
    let mut listings: Vec<ListingRow> = Vec::new();
    for row in conn.rows::<ListingRow>(&statement)? {
        match listings.last_mut() {
            Some(listing) if listing.partnership_id == row.partnership_id => listing.update(row),
            _ => listings.push(row),
        }
    }
    Ok(listings)
}
