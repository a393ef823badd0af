use partnergraph_domain::{
    Cloud, CountryCode, PartnerKey, PartnerType, PartnershipKey, PartnershipState, VettingStatus,
};
use serde::{Deserialize, Serialize};

use super::super::bulk::copy_into;
use super::super::bulk::{Cell, NewRow, Stamp};
use crate::columns::{PartnerColumns, PartnerKeys, Profile};

/// A reseller that is known only by its MPN ID.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewPlaceholder {
    /// Its key.
    pub id: PartnerKey,
    /// Its search and sort keys.
    pub keys: PartnerKeys,
    /// Its MPN ID, and the cloud of the importing partner.
    pub columns: PartnerColumns,
    /// Its name is `MPN <id>` until a provider's list names it or it enrols.
    pub profile: Profile,
}

impl NewPlaceholder {
    /// The placeholder for this MPN ID.
    #[must_use]
    pub fn new(id: PartnerKey, mpn_id: &str, cloud: Cloud) -> Self {
        let profile = Profile { name: format!("MPN {mpn_id}"), ..Default::default() };
        let columns = PartnerColumns { mpn_id: Some(mpn_id.to_owned()), cloud, ..Default::default() };
        Self { id, keys: profile.keys(), columns, profile }
    }
}

impl NewRow for NewPlaceholder {
    copy_into!(partners(
        id,
        partner_type,
        name_key,
        name_sort,
        created_by_run,
        version,
        created_at,
        updated_at,
        ..PartnerColumns,
        ..Profile
    ));
    fn cells<'a>(&'a self, stamp: &'a Stamp) -> Vec<Cell<'a>> {
        let mut cells: Vec<Cell<'a>> = vec![
            self.id.into(),
            PartnerType::IndirectReseller.into(),
            (&self.keys.name_key).into(),
            (&self.keys.name_sort).into(),
            stamp.run_id.into(),
            1.into(),
            (&stamp.now).into(),
            (&stamp.now).into(),
        ];
        cells.extend(self.columns.cells());
        cells.extend(self.profile.cells());
        cells
    }
}

/// A partnership that is known only from an import.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewPartnership {
    /// Its key.
    pub id: PartnershipKey,
    /// The reseller.
    pub reseller_id: PartnerKey,
}

impl NewRow for NewPartnership {
    copy_into!(partnerships(
        id,
        provider_id,
        reseller_id,
        state,
        provider_admin_access,
        created_by_run,
        version,
        created_at,
        updated_at,
    ));
    fn cells<'a>(&'a self, stamp: &'a Stamp) -> Vec<Cell<'a>> {
        vec![
            self.id.into(),
            stamp.partner_id.into(),
            self.reseller_id.into(),
            PartnershipState::Imported.into(),
            false.into(),
            stamp.run_id.into(),
            1.into(),
            (&stamp.now).into(),
            (&stamp.now).into(),
        ]
    }
}

/// What a list of the importing provider states about a reseller.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewResellerStatement {
    /// The reseller.
    pub reseller_id: PartnerKey,
    /// When it was so.
    pub as_of: String,
    /// Its name, with its search and sort keys.
    pub name: Option<(String, PartnerKeys)>,
    /// The country of its location.
    pub country: Option<CountryCode>,
    /// Its tenant id.
    pub tenant_id: Option<String>,
    /// Whether Microsoft authorised it.
    pub vetting_status: Option<VettingStatus>,
    /// The day on which it signed the Microsoft Partner Agreement.
    pub mpa_signed_on: Option<String>,
}

impl NewRow for NewResellerStatement {
    copy_into!(reseller_statements(
        provider_id,
        reseller_id,
        as_of,
        name,
        name_key,
        name_sort,
        country,
        tenant_id,
        vetting_status,
        mpa_signed_on,
        run_id
    ));
    fn cells<'a>(&'a self, stamp: &'a Stamp) -> Vec<Cell<'a>> {
        let text = |value: Option<&'a str>| value.map_or(Cell::Null, Cell::Text);
        let name = self.name.as_ref();
        vec![
            stamp.partner_id.into(),
            self.reseller_id.into(),
            (&self.as_of).into(),
            text(name.map(|(name, _)| name.as_str())),
            text(name.map(|(_, keys)| keys.name_key.as_str())),
            text(name.map(|(_, keys)| keys.name_sort.as_str())),
            text(self.country.as_ref().map(CountryCode::as_str)),
            (&self.tenant_id).into(),
            self.vetting_status.into(),
            (&self.mpa_signed_on).into(),
            stamp.run_id.into(),
        ]
    }
}
