//! The rows that an import writes. Keys are given by the plan, so that what hangs on a row is written beside it.

use partnergraph_domain::{ImportSourceKey, Severity};
use serde::{Deserialize, Serialize};

use super::bulk::copy_into;
use super::bulk::{Cell, NewRow, Stamp};

mod baseline;
mod customer;
mod entitlement;
mod grant;
mod history;
mod reseller;
mod subscription;

pub use baseline::{Absent, Baseline, BaselineKey, BaselineOf, ChangedBaseline, NewBaseline};
pub use customer::{ChangedRecord, NewCustomer, NewRecord, NewRelationship, NewTenant, Record};
pub use entitlement::{ChangedEntitlement, Entitlement, NewEntitlement};
pub use grant::{ChangedGrant, Grant, NewGrant};
pub use history::{ForgottenHistory, NewHistory};
pub use reseller::{NewPartnership, NewPlaceholder};
pub use subscription::{ChangedReseller, ChangedSubscription, NewSubscription, Subscription};

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
