//! The rows that an import writes. Keys are given by the plan, so that what hangs on a row is written beside it.

use partnergraph_domain::{
    Cloud, CustomerKey, CustomerRecordKey, ImportSourceKey, PartnerKey, PartnerType, PartnershipKey, PartnershipState,
    RelationshipKey, RelationshipToPartner, Severity, SubscriptionKey, TenantKind, VettingStatus, VettingSubStatus,
};
use serde::{Deserialize, Serialize};

use super::bulk::copy_into;
use super::bulk::{Cell, ChangedRow, Kind, NewRow, Stamp};
use crate::sql::StoredKey;

mod entitlement;
mod grant;
mod history;
mod subscription;

pub use entitlement::{ChangedEntitlement, Entitlement, NewEntitlement};
pub use grant::{ChangedGrant, Grant, NewGrant};
pub use history::{ForgottenHistory, NewHistory};
pub use subscription::{ChangedReseller, ChangedSubscription, NewSubscription, Subscription};

/// A directory that was not known.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewTenant {
    /// Its id.
    pub tenant_id: String,
}

impl NewRow for NewTenant {
    copy_into!(tenants(tenant_id, kind, cloud, created_at));
    fn cells<'a>(&'a self, stamp: &'a Stamp) -> Vec<Cell<'a>> {
        vec![(&self.tenant_id).into(), TenantKind::Customer.into(), Cloud::Public.into(), (&stamp.now).into()]
    }
}

/// A customer: nothing but its tenant, for what a partner knows of it stands in its record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewCustomer {
    /// Its key.
    pub id: CustomerKey,
    /// Its tenant.
    pub tenant_id: String,
}

impl NewRow for NewCustomer {
    copy_into!(customers(id, tenant_id, version, created_at, updated_at));
    fn cells<'a>(&'a self, stamp: &'a Stamp) -> Vec<Cell<'a>> {
        vec![self.id.into(), (&self.tenant_id).into(), 1.into(), (&stamp.now).into(), (&stamp.now).into()]
    }
}

/// What the importing partner knows of a customer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// The record's key.
    pub id: CustomerRecordKey,
    /// Whose it is about.
    pub customer_id: CustomerKey,
    /// As spelled.
    pub company_name: Option<String>,
    /// For searching.
    pub name_key: String,
    /// For ordering.
    pub name_sort: String,
    /// As spelled.
    pub domain: Option<String>,
    /// For searching.
    pub domain_key: Option<String>,
    /// Two letters.
    pub country: Option<String>,
    /// JSON.
    pub tags: String,
    /// The rules that this customer breaks, where it was taken in all the same.
    pub new_business_blocked: Option<String>,
}

/// A record to be inserted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewRecord(pub Record);

impl NewRow for NewRecord {
    copy_into!(customer_records(
        id,
        partner_id,
        customer_id,
        company_name,
        name_key,
        name_sort,
        domain,
        domain_key,
        country,
        tags,
        custom_domains,
        new_business_blocked,
        created_by_run,
        version,
        created_at,
        updated_at,
    ));
    fn cells<'a>(&'a self, stamp: &'a Stamp) -> Vec<Cell<'a>> {
        let row = &self.0;
        vec![
            row.id.into(),
            stamp.partner_id.into(),
            row.customer_id.into(),
            (&row.company_name).into(),
            (&row.name_key).into(),
            (&row.name_sort).into(),
            (&row.domain).into(),
            (&row.domain_key).into(),
            (&row.country).into(),
            (&row.tags).into(),
            "[]".into(),
            (&row.new_business_blocked).into(),
            stamp.run_id.into(),
            1.into(),
            (&stamp.now).into(),
            (&stamp.now).into(),
        ]
    }
}

/// A record to be changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangedRecord(pub Record);

impl ChangedRow for ChangedRecord {
    const TABLE: &'static str = "customer_records";
    const KEYS: &'static [(&'static str, Kind)] = &[("id", Kind::Int)];
    const COLUMNS: &'static [(&'static str, Kind)] = &[
        ("company_name", Kind::Text),
        ("name_key", Kind::Text),
        ("name_sort", Kind::Text),
        ("domain", Kind::Text),
        ("domain_key", Kind::Text),
        ("country", Kind::Text),
        ("tags", Kind::Text),
        ("new_business_blocked", Kind::Text),
        ("updated_at", Kind::Time),
    ];
    const BESIDES: &'static str = "version = {t}version + 1";
    fn cells<'a>(&'a self, stamp: &'a Stamp) -> Vec<Cell<'a>> {
        let row = &self.0;
        vec![
            row.id.into(),
            (&row.company_name).into(),
            (&row.name_key).into(),
            (&row.name_sort).into(),
            (&row.domain).into(),
            (&row.domain_key).into(),
            (&row.country).into(),
            (&row.tags).into(),
            (&row.new_business_blocked).into(),
            (&stamp.now).into(),
        ]
    }
}

/// A relationship with the importing partner.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewRelationship {
    /// Its key.
    pub id: RelationshipKey,
    /// The customer.
    pub customer_id: CustomerKey,
    /// What the partner is to the customer.
    pub relationship: RelationshipToPartner,
}

impl NewRow for NewRelationship {
    copy_into!(reseller_relationships(id, partner_id, customer_id, relationship_to_partner, since, created_by_run));
    fn cells<'a>(&'a self, stamp: &'a Stamp) -> Vec<Cell<'a>> {
        vec![
            self.id.into(),
            stamp.partner_id.into(),
            self.customer_id.into(),
            self.relationship.into(),
            (&stamp.now).into(),
            stamp.run_id.into(),
        ]
    }
}

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

/// A source that was not known.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewSource {
    /// Its key.
    pub id: ImportSourceKey,
    /// The portal family, or the name it was given.
    pub name: String,
}

impl NewRow for NewSource {
    copy_into!(import_sources(id, partner_id, name, created_at));
    fn cells<'a>(&'a self, stamp: &'a Stamp) -> Vec<Cell<'a>> {
        vec![self.id.into(), stamp.partner_id.into(), (&self.name).into(), (&stamp.now).into()]
    }
}

/// What a source says something of. In the tables it is a letter and a number, and in a kept plan as well.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "(char, i64)", try_from = "(char, i64)")]
pub enum BaselineOf {
    /// A customer.
    Customer(CustomerKey),
    /// A subscription.
    Subscription(SubscriptionKey),
}

impl BaselineOf {
    fn cells(self) -> [Cell<'static>; 2] {
        match self {
            Self::Customer(key) => [CustomerKey::ENTITY.into(), key.into()],
            Self::Subscription(key) => [SubscriptionKey::ENTITY.into(), key.into()],
        }
    }
}

impl From<CustomerKey> for BaselineOf {
    fn from(key: CustomerKey) -> Self {
        Self::Customer(key)
    }
}

impl From<SubscriptionKey> for BaselineOf {
    fn from(key: SubscriptionKey) -> Self {
        Self::Subscription(key)
    }
}

impl From<BaselineOf> for (char, i64) {
    fn from(of: BaselineOf) -> Self {
        match of {
            BaselineOf::Customer(key) => ('C', key.get()),
            BaselineOf::Subscription(key) => ('S', key.get()),
        }
    }
}

impl TryFrom<(char, i64)> for BaselineOf {
    type Error = String;

    fn try_from((entity, number): (char, i64)) -> Result<Self, String> {
        match entity {
            'C' => Ok(Self::Customer(CustomerKey::new(number))),
            'S' => Ok(Self::Subscription(SubscriptionKey::new(number))),
            _ => Err(format!("{entity:?} is neither C nor S")),
        }
    }
}

/// The key of what a source can say something of.
pub trait BaselineKey: StoredKey + Into<BaselineOf> {
    /// The letter that stands beside it in the tables.
    const ENTITY: &'static str;
}

impl BaselineKey for CustomerKey {
    const ENTITY: &'static str = "C";
}

impl BaselineKey for SubscriptionKey {
    const ENTITY: &'static str = "S";
}

/// What a source says of an entity.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Baseline {
    /// The source.
    pub source_id: ImportSourceKey,
    /// The customer or subscription.
    pub of: BaselineOf,
    /// Of when.
    pub as_of: String,
    /// The values, packed.
    pub fields: String,
}

/// A baseline to be inserted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewBaseline(pub Baseline);

impl NewRow for NewBaseline {
    copy_into!(import_baselines(source_id, entity, entity_id, as_of, run_id, fields));
    fn cells<'a>(&'a self, stamp: &'a Stamp) -> Vec<Cell<'a>> {
        let row = &self.0;
        let [entity, entity_id] = row.of.cells();
        vec![row.source_id.into(), entity, entity_id, (&row.as_of).into(), stamp.run_id.into(), (&row.fields).into()]
    }
}

/// A baseline to be changed; what it is about is not absent any more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangedBaseline(pub Baseline);

const BASELINE_KEY: &[(&str, Kind)] = &[("source_id", Kind::Int), ("entity", Kind::Text), ("entity_id", Kind::Int)];

impl ChangedRow for ChangedBaseline {
    const TABLE: &'static str = "import_baselines";
    const KEYS: &'static [(&'static str, Kind)] = BASELINE_KEY;
    const COLUMNS: &'static [(&'static str, Kind)] =
        &[("as_of", Kind::Time), ("run_id", Kind::Int), ("fields", Kind::Text)];
    const BESIDES: &'static str = "absent_since_run = NULL";
    fn cells<'a>(&'a self, stamp: &'a Stamp) -> Vec<Cell<'a>> {
        let row = &self.0;
        let [entity, entity_id] = row.of.cells();
        vec![row.source_id.into(), entity, entity_id, (&row.as_of).into(), stamp.run_id.into(), (&row.fields).into()]
    }
}

/// Something that a complete list lacks from now on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Absent {
    /// The source.
    pub source_id: ImportSourceKey,
    /// The customer or subscription.
    pub of: BaselineOf,
}

impl ChangedRow for Absent {
    const TABLE: &'static str = "import_baselines";
    const KEYS: &'static [(&'static str, Kind)] = BASELINE_KEY;
    const COLUMNS: &'static [(&'static str, Kind)] = &[("absent_since_run", Kind::Int)];
    const BESIDES: &'static str = "fields = {t}fields";
    fn cells<'a>(&'a self, stamp: &'a Stamp) -> Vec<Cell<'a>> {
        let [entity, entity_id] = self.of.cells();
        vec![self.source_id.into(), entity, entity_id, stamp.run_id.into()]
    }
}

/// A line of the run's history: an entity created, or one of its fields changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewChange {
    /// Its place.
    pub ordinal: i64,
    /// `CUSTOMER`, `SUBSCRIPTION`, `RESELLER`.
    pub entity: String,
    /// Tenant id, subscription id or MPN ID.
    pub key: String,
    /// `CREATE` or `UPDATE`.
    pub action: String,
    /// The GraphQL name of the field; nothing for an entity created.
    pub field: Option<String>,
    /// What stood there.
    pub before: Option<String>,
    /// What stands there now.
    pub after: Option<String>,
}

impl NewRow for NewChange {
    copy_into!(import_changes(run_id, ordinal, entity, key, action, field, before, after));
    fn cells<'a>(&'a self, stamp: &'a Stamp) -> Vec<Cell<'a>> {
        vec![
            stamp.run_id.into(),
            self.ordinal.into(),
            (&self.entity).into(),
            (&self.key).into(),
            (&self.action).into(),
            (&self.field).into(),
            (&self.before).into(),
            (&self.after).into(),
        ]
    }
}

/// A line of the report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewIssue {
    /// Its place.
    pub ordinal: i64,
    /// How bad it is.
    pub severity: Severity,
    /// The input's place, from 0.
    pub file: i64,
    /// From 1; 0 where it is about the file.
    pub line: i64,
    /// As the header spells it.
    pub column: Option<String>,
    /// `conflict.edited`.
    pub code: String,
    /// A rule of the catalogue.
    pub rule: Option<String>,
    /// A sentence.
    pub message: String,
    /// What to do.
    pub hint: Option<String>,
    /// The cell.
    pub value: Option<String>,
}

impl NewRow for NewIssue {
    copy_into!(import_issues(run_id, ordinal, severity, file, line, column_name, code, rule, message, hint, value));
    fn cells<'a>(&'a self, stamp: &'a Stamp) -> Vec<Cell<'a>> {
        vec![
            stamp.run_id.into(),
            self.ordinal.into(),
            self.severity.into(),
            self.file.into(),
            self.line.into(),
            (&self.column).into(),
            (&self.code).into(),
            (&self.rule).into(),
            (&self.message).into(),
            (&self.hint).into(),
            (&self.value).into(),
        ]
    }
}
