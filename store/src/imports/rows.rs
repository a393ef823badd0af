//! The rows that an import writes. The plan assigns the keys, so that dependent rows are written together with the rows they
//! depend on.

use partnergraph_domain::{ImportSourceKey, Severity};
use serde::{Deserialize, Serialize};

use super::bulk::copy_into;
use super::bulk::{Cell, NewRow, Stamp};

mod agreement;
mod baseline;
mod customer;
mod entitlement;
mod grant;
mod history;
mod reseller;
mod subscription;

pub use agreement::{NewAgreement, RepeatedAgreement};
pub use baseline::{Absent, Baseline, BaselineKey, BaselineOf, ChangedBaseline, NewBaseline};
pub use customer::{ChangedRecord, NewCustomer, NewRecord, NewRelationship, NewTenant, Record};
pub use entitlement::{ChangedEntitlement, Entitlement, NewEntitlement};
pub use grant::{ChangedGrant, Grant, NewGrant};
pub use history::{ForgottenHistory, NewHistory};
pub use reseller::{NewPartnership, NewPlaceholder, NewResellerStatement};
pub use subscription::{ChangedReseller, ChangedSubscription, NewSubscription, Subscription};

/// A new source.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewSource {
    /// Its key.
    pub id: ImportSourceKey,
    /// The portal family, or the name given with `--source`.
    pub name: String,
}

impl NewRow for NewSource {
    copy_into!(import_sources(id, partner_id, name, created_at));
    fn cells<'a>(&'a self, stamp: &'a Stamp) -> Vec<Cell<'a>> {
        vec![self.id.into(), stamp.partner_id.into(), (&self.name).into(), (&stamp.now).into()]
    }
}

/// A line of the run's history: a created entity, or a changed field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewChange {
    /// Its position.
    pub ordinal: i64,
    /// `CUSTOMER`, `SUBSCRIPTION`, `RESELLER`.
    pub entity: String,
    /// Tenant id, subscription id or MPN ID.
    pub key: String,
    /// `CREATE` or `UPDATE`.
    pub action: String,
    /// The GraphQL name of the field; `None` for a created entity.
    pub field: Option<String>,
    /// The previous value.
    pub before: Option<String>,
    /// The new value.
    pub after: Option<String>,
    /// The file that states the new value, by its position in the run.
    pub file: Option<i64>,
    /// The line in that file.
    pub line: Option<i64>,
    /// The tenant id of the customer concerned.
    pub tenant_id: Option<String>,
}

impl NewRow for NewChange {
    copy_into!(import_changes(
        run_id, ordinal, entity, key, action, field, before, after, file, line, tenant_id, partner_id, record_id
    ));
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
            self.file.into(),
            self.line.into(),
            (&self.tenant_id).into(),
            stamp.records.map(|_| stamp.partner_id.get()).into(),
            stamp.records.map(|records| records.of(self.ordinal)).into(),
        ]
    }
}

/// An issue in the report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewIssue {
    /// Its position.
    pub ordinal: i64,
    /// Its severity.
    pub severity: Severity,
    /// The index of the input, from 0.
    pub file: i64,
    /// Line number from 1; 0 if it is about the file.
    pub line: i64,
    /// The column as the header spells it.
    pub column: Option<String>,
    /// The code, such as `conflict.edited`.
    pub code: String,
    /// The id of a rule in the catalogue.
    pub rule: Option<String>,
    /// The message, one sentence.
    pub message: String,
    /// What to do.
    pub hint: Option<String>,
    /// The value of the cell.
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
