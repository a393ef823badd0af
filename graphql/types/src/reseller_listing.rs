use async_graphql::{Result, SimpleObject};
use partnergraph_domain::VettingStatus;
use partnergraph_operation::scalars::{CountryCode, Date, DateTime, Guid};
use partnergraph_store::read::reseller_listings::ListingRow;

/// What imported lists of resellers state about a reseller. Of each field, the newest value counts.
#[derive(SimpleObject, Debug, Clone)]
pub struct ResellerListing {
    /// The time of the newest statement.
    pub as_of: DateTime,
    /// The reseller's name. Null if no list states it.
    pub name: Option<String>,
    /// The country of its location. Null if no list states it.
    pub country: Option<CountryCode>,
    /// Its tenant id. Null if no list states it.
    pub tenant_id: Option<Guid>,
    /// Whether Microsoft authorised it. Null if no list states it.
    pub vetting_status: Option<VettingStatus>,
    /// The day on which it signed the Microsoft Partner Agreement. Null if no list states it.
    pub mpa_signed_on: Option<Date>,
}

impl ResellerListing {
    pub(super) fn of(row: &ListingRow) -> Result<Self> {
        Ok(Self {
            as_of: row.as_of.into(),
            name: row.name.clone(),
            country: row.country.map(CountryCode),
            tenant_id: row.tenant_id.as_deref().map(Guid::stored).transpose()?,
            vetting_status: row.vetting_status,
            mpa_signed_on: row.mpa_signed_on.map(Date),
        })
    }
}
