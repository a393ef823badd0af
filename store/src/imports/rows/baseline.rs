use partnergraph_domain::{CustomerKey, ImportSourceKey, SubscriptionKey};
use serde::{Deserialize, Serialize};

use super::super::bulk::copy_into;
use super::super::bulk::{Cell, ChangedRow, Kind, NewRow, Stamp};
use crate::sql::StoredKey;

/// The entity that a source states facts about. In the tables and in stored plans it is a letter and a number.
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

/// The key of an entity that a source can state facts about.
pub trait BaselineKey: StoredKey + Into<BaselineOf> {
    /// The letter for it in the tables.
    const ENTITY: &'static str;
}

impl BaselineKey for CustomerKey {
    const ENTITY: &'static str = "C";
}

impl BaselineKey for SubscriptionKey {
    const ENTITY: &'static str = "S";
}

/// The last values that a source stated for an entity.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Baseline {
    /// The source.
    pub source_id: ImportSourceKey,
    /// The customer or subscription.
    pub of: BaselineOf,
    /// The date of the values.
    pub as_of: String,
    /// The values, packed.
    pub fields: String,
}

/// A baseline to insert.
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

/// A baseline to update; its entity is no longer absent.
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

/// An entity that a complete list no longer contains.
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
