use partnergraph_domain::{CustomerKey, GrantKey, GrantKind};
use serde::{Deserialize, Serialize};

use super::super::bulk::copy_into;
use super::super::bulk::{Cell, ChangedRow, Kind, NewRow, Stamp};

/// A granular delegated admin relationship (GDAP) with the importing partner.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grant {
    /// Its key.
    pub id: GrantKey,
    /// The customer that granted it.
    pub customer_id: CustomerKey,
    /// The portal's id of the relationship.
    pub external_id: String,
    /// When the customer approved it.
    pub granted_at: String,
    /// When it expires.
    pub end_at: Option<String>,
    /// When it was terminated.
    pub revoked_at: Option<String>,
}

/// A new relationship.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewGrant(pub Grant);

impl NewRow for NewGrant {
    copy_into!(delegated_admin_grants(
        id,
        partner_id,
        customer_id,
        kind,
        external_id,
        granted_at,
        end_at,
        revoked_at,
        created_by_run,
        version,
        created_at,
        updated_at
    ));
    fn cells<'a>(&'a self, stamp: &'a Stamp) -> Vec<Cell<'a>> {
        let grant = &self.0;
        vec![
            grant.id.into(),
            stamp.partner_id.into(),
            grant.customer_id.into(),
            GrantKind::Gdap.into(),
            (&grant.external_id).into(),
            (&grant.granted_at).into(),
            (&grant.end_at).into(),
            (&grant.revoked_at).into(),
            stamp.run_id.into(),
            1.into(),
            (&stamp.now).into(),
            (&stamp.now).into(),
        ]
    }
}

/// A relationship whose end date has changed, or that has been terminated.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangedGrant(pub Grant);

impl ChangedRow for ChangedGrant {
    const TABLE: &'static str = "delegated_admin_grants";
    const KEYS: &'static [(&'static str, Kind)] = &[("id", Kind::Int)];
    const COLUMNS: &'static [(&'static str, Kind)] =
        &[("end_at", Kind::Time), ("revoked_at", Kind::Time), ("updated_at", Kind::Time)];
    const BESIDES: &'static str = "version = {t}version + 1";
    fn cells<'a>(&'a self, stamp: &'a Stamp) -> Vec<Cell<'a>> {
        vec![self.0.id.into(), (&self.0.end_at).into(), (&self.0.revoked_at).into(), (&stamp.now).into()]
    }
}
