use partnergraph_domain::{
    Cloud, PartnerKey, PartnerType, PartnershipKey, PartnershipState, VettingStatus, VettingSubStatus,
};
use serde::{Deserialize, Serialize};

use super::super::bulk::copy_into;
use super::super::bulk::{Cell, NewRow, Stamp};

/// A reseller that is known by its MPN ID only.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewPlaceholder {
    /// Its key.
    pub id: PartnerKey,
    /// The MPN ID.
    pub mpn_id: String,
    /// `MPN <id>`, until it enrols.
    pub name: String,
    /// The search key of the name.
    pub name_key: String,
    /// The cloud of the importing partner.
    pub cloud: Cloud,
}

impl NewRow for NewPlaceholder {
    copy_into!(partners(
        id,
        partner_type,
        name,
        name_key,
        name_sort,
        cloud,
        mpn_id,
        capabilities,
        onboarded,
        enrolled,
        vetting_status,
        vetting_sub_status,
        created_by_run,
        version,
        created_at,
        updated_at,
    ));
    fn cells<'a>(&'a self, stamp: &'a Stamp) -> Vec<Cell<'a>> {
        vec![
            self.id.into(),
            PartnerType::IndirectReseller.into(),
            (&self.name).into(),
            (&self.name_key).into(),
            (&self.name_key).into(),
            self.cloud.into(),
            (&self.mpn_id).into(),
            "[]".into(),
            false.into(),
            false.into(),
            VettingStatus::None.into(),
            VettingSubStatus::None.into(),
            stamp.run_id.into(),
            1.into(),
            (&stamp.now).into(),
            (&stamp.now).into(),
        ]
    }
}

/// A partnership that is known from an import only.
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
