use partnergraph_domain::{Cloud, PartnerKey, PartnerType, PartnershipKey, PartnershipState};
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
    /// Its name is `MPN <id>` until it enrols.
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
