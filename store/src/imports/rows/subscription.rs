use partnergraph_domain::{CustomerKey, ImportRunKey, PartnerKey, SubscriptionKey};
use serde::{Deserialize, Serialize};

use super::super::bulk::copy_into;
use super::super::bulk::{Cell, ChangedRow, Kind, NewRow, Stamp};
use crate::columns::{SubscriptionColumns, chained};

/// A subscription as it is to be stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct Subscription {
    pub id: SubscriptionKey,
    pub subscription_id: String,
    pub customer_id: CustomerKey,
    pub reseller_id: Option<PartnerKey>,
    /// Since when `reseller_id` is the partner of record; only for a new subscription. [`ChangedReseller`] changes it.
    pub partner_of_record_since: Option<String>,
    /// The sort key of the offer name. The key of the friendly name, if there is one, is `name_sort`.
    pub offer_name_key: Option<String>,
    pub name_sort: String,
    /// Its properties.
    pub columns: SubscriptionColumns,
}

/// A subscription to insert, sold by the importing partner.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewSubscription(pub Subscription);

impl NewRow for NewSubscription {
    copy_into!(subscriptions(
        partners_of_record(partner_of_record_since, partner_of_record_run, created_by_run),
        id,
        subscription_id,
        seller_id,
        customer_id,
        reseller_id,
        offer_name_key,
        name_sort,
        version,
        created_at,
        updated_at,
        ..SubscriptionColumns
    ));
    fn cells<'a>(&'a self, stamp: &'a Stamp) -> Vec<Cell<'a>> {
        let row = &self.0;
        let mut cells: Vec<Cell<'a>> = Vec::with_capacity(Self::COLUMNS.len());
        let own: [Cell<'a>; 13] = [
            (&row.partner_of_record_since).into(),
            row.reseller_id.map(|_| stamp.run_id).into(),
            stamp.run_id.into(),
            row.id.into(),
            (&row.subscription_id).into(),
            stamp.partner_id.into(),
            row.customer_id.into(),
            row.reseller_id.into(),
            (&row.offer_name_key).into(),
            (&row.name_sort).into(),
            1.into(),
            (&stamp.now).into(),
            (&stamp.now).into(),
        ];
        cells.extend(own);
        cells.extend(row.columns.cells());
        cells
    }
}

/// The columns of a subscription that an import changes in addition to [`SubscriptionColumns`].
const BESIDE: &[(&str, Kind)] =
    &[("offer_name_key", Kind::Text), ("name_sort", Kind::Text), ("updated_at", Kind::Time)];
const CHANGED: [(&str, Kind); BESIDE.len() + SubscriptionColumns::KINDS.len()] =
    chained(BESIDE, SubscriptionColumns::KINDS);

/// A subscription to update without its partner of record, so that no index on it is touched.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangedSubscription(pub Subscription);

impl ChangedRow for ChangedSubscription {
    const TABLE: &'static str = "subscriptions";
    const KEYS: &'static [(&'static str, Kind)] = &[("id", Kind::Int)];
    const COLUMNS: &'static [(&'static str, Kind)] = &CHANGED;
    const BESIDES: &'static str = "version = {t}version + 1";
    fn cells<'a>(&'a self, stamp: &'a Stamp) -> Vec<Cell<'a>> {
        let row = &self.0;
        let mut cells: Vec<Cell<'a>> = Vec::with_capacity(1 + CHANGED.len());
        let own: [Cell<'a>; 4] =
            [row.id.into(), (&row.offer_name_key).into(), (&row.name_sort).into(), (&stamp.now).into()];
        cells.extend(own);
        cells.extend(row.columns.cells());
        cells
    }
}

/// A change of the partner of record of a subscription, in addition to [`ChangedSubscription`], which increments the version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangedReseller {
    /// The subscription's key.
    pub id: SubscriptionKey,
    /// The partner of record.
    pub reseller_id: Option<PartnerKey>,
    /// Since when; `None` if there is none, or since before anything that is known.
    pub since: Option<String>,
    /// Whether the run that writes this made it the partner of record.
    pub is_own: bool,
    /// The earlier run that did, if any.
    pub run: Option<ImportRunKey>,
    /// The user principal name of the user who made it the partner of record.
    pub by: Option<String>,
}

impl ChangedRow for ChangedReseller {
    const TABLE: &'static str = "subscriptions";
    const KEYS: &'static [(&'static str, Kind)] = &[("id", Kind::Int)];
    const COLUMNS: &'static [(&'static str, Kind)] = &[
        ("reseller_id", Kind::Int),
        ("partner_of_record_since", Kind::Time),
        ("partner_of_record_run", Kind::Int),
        ("partner_of_record_by", Kind::Text),
    ];
    const BESIDES: &'static str = "status = {t}status";
    fn cells<'a>(&'a self, stamp: &'a Stamp) -> Vec<Cell<'a>> {
        let run = if self.is_own { Some(stamp.run_id) } else { self.run };
        vec![self.id.into(), self.reseller_id.into(), (&self.since).into(), run.into(), (&self.by).into()]
    }
}
