use partnergraph_domain::{
    BillingCycle, BillingType, CustomerKey, ImportRunKey, PartnerKey, SubscriptionKey, SubscriptionStatus, TermDuration,
};
use serde::{Deserialize, Serialize};

use super::super::bulk::copy_into;
use super::super::bulk::{Cell, ChangedRow, Kind, NewRow, Stamp};

/// A subscription as it shall stand. Days and moments are in the tables' text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct Subscription {
    pub id: SubscriptionKey,
    pub subscription_id: String,
    pub customer_id: CustomerKey,
    pub reseller_id: Option<PartnerKey>,
    /// From when on `reseller_id` is the partner of record; of a new subscription only. [`ChangedReseller`] changes it.
    pub partner_of_record_since: Option<String>,
    pub offer_id: Option<String>,
    pub offer_name: Option<String>,
    pub friendly_name: Option<String>,
    /// The key of the offer's name. That of the friendly name, where there is one, is `name_sort`.
    pub offer_name_key: Option<String>,
    pub name_sort: String,
    pub quantity: Option<i64>,
    pub unit_type: Option<String>,
    pub status: SubscriptionStatus,
    pub billing_type: BillingType,
    pub billing_cycle: BillingCycle,
    pub term_duration: Option<TermDuration>,
    pub auto_renew_enabled: Option<bool>,
    pub creation_date: Option<String>,
    pub effective_start_date: Option<String>,
    pub commitment_end_date: Option<String>,
    pub order_id: Option<String>,
    pub parent_subscription_id: Option<String>,
    pub is_trial: bool,
    pub partner_of_record_fixed: bool,
    pub publisher_name: Option<String>,
    pub product_type: Option<String>,
}

impl Subscription {
    /// Everything that a file may state but for the partner of record, in the order of [`COLUMNS`].
    fn stated(&self) -> [Cell<'_>; 20] {
        [
            (&self.offer_id).into(),
            (&self.offer_name).into(),
            (&self.friendly_name).into(),
            (&self.offer_name_key).into(),
            (&self.name_sort).into(),
            self.quantity.into(),
            (&self.unit_type).into(),
            self.status.into(),
            self.billing_type.into(),
            self.billing_cycle.into(),
            self.term_duration.into(),
            self.auto_renew_enabled.map_or(Cell::Null, Cell::Bool),
            (&self.creation_date).into(),
            (&self.effective_start_date).into(),
            (&self.commitment_end_date).into(),
            (&self.order_id).into(),
            (&self.parent_subscription_id).into(),
            self.is_trial.into(),
            (&self.publisher_name).into(),
            (&self.product_type).into(),
        ]
    }
}

/// A subscription to be inserted, sold by the importing partner.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewSubscription(pub Subscription);

impl NewRow for NewSubscription {
    copy_into!(subscriptions(
        id,
        subscription_id,
        seller_id,
        customer_id,
        reseller_id,
        partner_of_record_since,
        partner_of_record_run,
        partner_of_record_fixed,
        created_by_run,
        version,
        created_at,
        updated_at,
        offer_id,
        offer_name,
        friendly_name,
        offer_name_key,
        name_sort,
        quantity,
        unit_type,
        status,
        billing_type,
        billing_cycle,
        term_duration,
        auto_renew_enabled,
        creation_date,
        effective_start_date,
        commitment_end_date,
        order_id,
        parent_subscription_id,
        is_trial,
        publisher_name,
        product_type,
    ));
    fn cells<'a>(&'a self, stamp: &'a Stamp) -> Vec<Cell<'a>> {
        let row = &self.0;
        let mut cells: Vec<Cell<'a>> = Vec::with_capacity(32);
        let first: [Cell<'a>; 12] = [
            row.id.into(),
            (&row.subscription_id).into(),
            stamp.partner_id.into(),
            row.customer_id.into(),
            row.reseller_id.into(),
            (&row.partner_of_record_since).into(),
            row.reseller_id.map(|_| stamp.run_id).into(),
            row.partner_of_record_fixed.into(),
            stamp.run_id.into(),
            1.into(),
            (&stamp.now).into(),
            (&stamp.now).into(),
        ];
        cells.extend(first);
        cells.extend(row.stated());
        cells
    }
}

const COLUMNS: &[(&str, Kind)] = &[
    ("offer_id", Kind::Text),
    ("offer_name", Kind::Text),
    ("friendly_name", Kind::Text),
    ("offer_name_key", Kind::Text),
    ("name_sort", Kind::Text),
    ("quantity", Kind::Int),
    ("unit_type", Kind::Text),
    ("status", Kind::Text),
    ("billing_type", Kind::Text),
    ("billing_cycle", Kind::Text),
    ("term_duration", Kind::Text),
    ("auto_renew_enabled", Kind::Bool),
    ("creation_date", Kind::Time),
    ("effective_start_date", Kind::Date),
    ("commitment_end_date", Kind::Date),
    ("order_id", Kind::Text),
    ("parent_subscription_id", Kind::Text),
    ("is_trial", Kind::Bool),
    ("publisher_name", Kind::Text),
    ("product_type", Kind::Text),
    ("partner_of_record_fixed", Kind::Bool),
    ("updated_at", Kind::Time),
];

/// A subscription to be changed, its partner of record left alone: no index of it is touched then.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangedSubscription(pub Subscription);

impl ChangedRow for ChangedSubscription {
    const TABLE: &'static str = "subscriptions";
    const KEYS: &'static [(&'static str, Kind)] = &[("id", Kind::Int)];
    const COLUMNS: &'static [(&'static str, Kind)] = COLUMNS;
    const BESIDES: &'static str = "version = {t}version + 1";
    fn cells<'a>(&'a self, stamp: &'a Stamp) -> Vec<Cell<'a>> {
        let mut cells: Vec<Cell<'a>> = Vec::with_capacity(24);
        cells.push(self.0.id.into());
        cells.extend(self.0.stated());
        cells.push(self.0.partner_of_record_fixed.into());
        cells.push((&stamp.now).into());
        cells
    }
}

/// The partner of record of a subscription to be changed, besides [`ChangedSubscription`], which counts the version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangedReseller {
    /// The subscription's key.
    pub id: SubscriptionKey,
    /// The partner of record.
    pub reseller_id: Option<PartnerKey>,
    /// From when on; `None` if from before anything that is known, or if there is none.
    pub since: Option<String>,
    /// Whether the run that writes this made it the partner of record.
    pub is_own: bool,
    /// The run that did, where it was an earlier one.
    pub run: Option<ImportRunKey>,
    /// The user principal name of the person who made it the partner of record.
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
