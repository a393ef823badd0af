//! The plan while it is made: what the stages write, and the outcome of each row. It makes no decisions.

use std::io;

use partnergraph_domain::{CustomerKey, ImportSourceKey, Severity};
use partnergraph_store::imports::rows::{Baseline as BaselineRow, ChangedBaseline, NewAgreement, NewBaseline};

use super::PlanError;
use super::ops::{Keys, Ops};
use crate::intake::{Intake, Outcome};
use crate::issue::Issue;
use crate::issue_spool::IssueSpool;
use crate::row_locations::FileLine;

/// What has been written so far.
#[derive(Debug)]
pub(crate) struct Draft<'a> {
    intake: &'a Intake,
    pub(crate) ops: Ops,
    pub(crate) keys: Keys,
    pub(crate) issues: IssueSpool,
    /// By row.
    pub(crate) outcomes: Vec<Outcome>,
    /// Customers whose derived data must be recalculated.
    pub(crate) touched: Vec<CustomerKey>,
}

/// Creates an issue whose location is not set yet.
pub(crate) fn new_issue(severity: Severity, code: &'static str, message: impl Into<String>) -> Issue {
    Issue::new(severity, 0, 0, code, message)
}

/// The tenant of an entity whose key it is.
fn own_tenant<'a>(entity: &str, key: &'a str) -> Option<&'a str> {
    ["CUSTOMER", "RELATIONSHIP", "AGREEMENT"].contains(&entity).then_some(key)
}

impl<'a> Draft<'a> {
    /// An empty draft. `keys` are the highest keys of the tables.
    pub(crate) fn new(intake: &'a Intake, keys: Keys) -> io::Result<Self> {
        Ok(Self {
            intake,
            ops: Ops::new()?,
            keys,
            issues: IssueSpool::new()?,
            outcomes: intake.rows.outcome.clone(),
            touched: Vec::new(),
        })
    }

    /// Whether a row is still undecided.
    pub(crate) fn is_open(&self, row: u32) -> bool {
        self.outcome(row) == Outcome::Open
    }

    /// The outcome of a row.
    pub(crate) fn outcome(&self, row: u32) -> Outcome {
        self.outcomes[row as usize]
    }

    /// Sets the outcome of a row.
    pub(crate) fn set(&mut self, row: u32, outcome: Outcome) {
        self.outcomes[row as usize] = outcome;
    }

    /// Adds an issue about a row and fills in its location.
    pub(crate) fn report(&mut self, row: u32, mut issue: Issue) -> io::Result<()> {
        let place = self.intake.location(row)?;
        (issue.file, issue.line) = (place.file, place.line);
        self.issues.add(&issue)
    }

    /// The line of a row, for the run's history.
    pub(crate) fn line_of(&self, row: u32) -> io::Result<Option<FileLine>> {
        Ok(Some(self.intake.location(row)?.into()))
    }

    /// The row changes nothing, because its source has stated newer data.
    pub(crate) fn superseded(&mut self, row: u32) -> io::Result<()> {
        let message = "newer data is already known; the row changes nothing";
        self.report(row, new_issue(Severity::Info, "row.superseded", message))
    }

    /// The row states the same as another one.
    pub(crate) fn merged(&mut self, row: u32) -> io::Result<()> {
        self.report(row, new_issue(Severity::Info, "row.merged", "another row states the same"))
    }

    /// Adds a source that was not known.
    pub(crate) fn source(&mut self, name: &str) -> io::Result<ImportSourceKey> {
        self.ops.source(&mut self.keys, name)
    }

    /// Adds a line to the run's history: an entity was created, by that line of a file.
    pub(crate) fn created(&mut self, entity: &str, key: &str, by: Option<FileLine>) -> io::Result<()> {
        self.ops.note(&mut self.keys, (entity, key, own_tenant(entity, key)), ("CREATE", None), (None, None), by)
    }

    /// The same for what a customer has.
    pub(crate) fn created_for(
        &mut self,
        tenant_id: &str,
        (entity, key): (&str, &str),
        by: Option<FileLine>,
    ) -> io::Result<()> {
        self.ops.note(&mut self.keys, (entity, key, Some(tenant_id)), ("CREATE", None), (None, None), by)
    }

    /// Adds evidence of a customer's agreement.
    pub(crate) fn agreement(&mut self, tenant_id: &str, row: &NewAgreement, by: Option<FileLine>) -> io::Result<()> {
        self.ops.agreements.append(row)?;
        self.stated("AGREEMENT", tenant_id, "evidence", (None, Some(row.evidence.to_string())), by)
    }

    /// Adds a statement about evidence that stood before the run.
    pub(crate) fn repeated_agreement(&mut self, row: NewAgreement) -> io::Result<()> {
        self.ops.repeated_agreement(row)
    }

    /// Adds a line to the run's history: a new statement changed a value. A revert deletes the statement.
    pub(crate) fn stated(
        &mut self,
        entity: &str,
        key: &str,
        field: &str,
        change: (Option<String>, Option<String>),
        by: Option<FileLine>,
    ) -> io::Result<()> {
        self.ops.note(&mut self.keys, (entity, key, own_tenant(entity, key)), ("CREATE", Some(field)), change, by)
    }

    /// Adds a line to the run's history: a field was changed, with both values and the line of a file that states the new one.
    pub(crate) fn changed(
        &mut self,
        entity: &str,
        key: &str,
        field: &str,
        change: (Option<String>, Option<String>),
        by: Option<FileLine>,
    ) -> io::Result<()> {
        self.ops.note(&mut self.keys, (entity, key, own_tenant(entity, key)), ("UPDATE", Some(field)), change, by)
    }

    /// The same for what a customer has.
    pub(crate) fn changed_for(
        &mut self,
        tenant_id: &str,
        (entity, key): (&str, &str),
        field: &str,
        change: (Option<String>, Option<String>),
        by: Option<FileLine>,
    ) -> io::Result<()> {
        self.ops.note(&mut self.keys, (entity, key, Some(tenant_id)), ("UPDATE", Some(field)), change, by)
    }

    /// Adds what a source states about an entity: a new baseline, or a replacement of an existing one.
    pub(crate) fn baseline(&mut self, row: BaselineRow, is_known: bool) -> Result<(), PlanError> {
        if is_known {
            self.ops.changed_baselines.append(&ChangedBaseline(row))?;
        } else {
            self.ops.baselines.append(&NewBaseline(row))?;
        }
        Ok(())
    }
}
