use partnergraph_domain::{ImportRunKey, PartnerKey, PeriodKey, SubscriptionKey};
use serde::{Deserialize, Serialize};

use super::super::bulk::copy_into;
use super::super::bulk::{Cell, NewRow, Stamp};

/// A period of a former partner of record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewHistory {
    /// Its key.
    pub id: PeriodKey,
    /// The subscription's key.
    pub subscription_pk: SubscriptionKey,
    /// The partner of record.
    pub reseller_id: PartnerKey,
    /// The start of the period; `None` if it began before anything that is known.
    pub valid_from: Option<String>,
    /// The end of the period, exclusive.
    pub valid_to: String,
    /// Whether the run that writes this made the reseller the partner of record.
    pub is_own: bool,
    /// The earlier run that did, if any.
    pub run_id: Option<ImportRunKey>,
    /// The user principal name of the user who made the reseller the partner of record.
    pub set_by: Option<String>,
}

impl NewRow for NewHistory {
    copy_into!(partner_of_record_history(id, subscription_pk, reseller_id, valid_from, valid_to, run_id, set_by));
    fn cells<'a>(&'a self, stamp: &'a Stamp) -> Vec<Cell<'a>> {
        vec![
            self.id.into(),
            self.subscription_pk.into(),
            self.reseller_id.into(),
            (&self.valid_from).into(),
            (&self.valid_to).into(),
            if self.is_own { stamp.run_id.into() } else { self.run_id.into() },
            (&self.set_by).into(),
        ]
    }
}

/// A subscription whose ended periods are deleted before [`NewHistory`] writes them again: see
/// [`forget`](crate::imports::history::forget).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ForgottenHistory {
    /// The subscription's key.
    pub subscription_pk: SubscriptionKey,
}
