use partnergraph_domain::{EntitlementKey, PartnerKey, SubscriptionKey};
use serde::{Deserialize, Serialize};

use super::super::bulk::copy_into;
use super::super::bulk::{Cell, ChangedRow, Kind, NewRow, Stamp};

/// A customer's entitlement under an Azure plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entitlement {
    /// Its key.
    pub id: EntitlementKey,
    /// The key of the subscription that it belongs to.
    pub subscription_pk: SubscriptionKey,
    /// The portal's id; a GUID in lower case.
    pub entitlement_id: String,
    /// The portal's description.
    pub description: Option<String>,
    /// Its own partner of record.
    pub reseller_id: Option<PartnerKey>,
}

/// An entitlement to insert.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewEntitlement(pub Entitlement);

impl NewRow for NewEntitlement {
    copy_into!(entitlements(
        id,
        subscription_pk,
        entitlement_id,
        description,
        reseller_id,
        created_by_run,
        version,
        created_at,
        updated_at,
    ));
    fn cells<'a>(&'a self, stamp: &'a Stamp) -> Vec<Cell<'a>> {
        let row = &self.0;
        vec![
            row.id.into(),
            row.subscription_pk.into(),
            (&row.entitlement_id).into(),
            (&row.description).into(),
            row.reseller_id.into(),
            stamp.run_id.into(),
            1.into(),
            (&stamp.now).into(),
            (&stamp.now).into(),
        ]
    }
}

/// An entitlement whose description or partner of record changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangedEntitlement(pub Entitlement);

impl ChangedRow for ChangedEntitlement {
    const TABLE: &'static str = "entitlements";
    const KEYS: &'static [(&'static str, Kind)] = &[("id", Kind::Int)];
    const COLUMNS: &'static [(&'static str, Kind)] =
        &[("description", Kind::Text), ("reseller_id", Kind::Int), ("updated_at", Kind::Time)];
    const BESIDES: &'static str = "version = {t}version + 1";
    fn cells<'a>(&'a self, stamp: &'a Stamp) -> Vec<Cell<'a>> {
        vec![self.0.id.into(), (&self.0.description).into(), self.0.reseller_id.into(), (&stamp.now).into()]
    }
}
