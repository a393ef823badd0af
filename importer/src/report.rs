//! The last stage: the full report of what an import did, or would do.
//!
//! The report depends only on the files and the database. Two runs over the same data give the same report, except for
//! the run, its status, its mode and the times.

mod rejects;
mod text;

use std::collections::BTreeMap;
use std::time::Duration;

use partnergraph_domain::{ImportMode, ImportRunKey, ImportStatus};
use serde::ser::SerializeStruct;
use serde::{Deserialize, Serialize, Serializer};

pub(crate) use rejects::Targets;

use crate::intake::{Intake, Outcome};
use crate::issue::Issue;
use crate::issue_spool::in_order;
use crate::moving::MoveReport;
use crate::plan::{Counts, Plan};

/// What an import did, or would do.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Report {
    /// The run's number. A dry run has none.
    pub run: Option<ImportRunKey>,
    /// The final status.
    pub status: ImportStatus,
    /// The mode of the import.
    pub mode: ImportMode,
    /// The files as they were read.
    pub files: Vec<FileReport>,
    /// The outcome of the rows.
    pub rows: RowCounts,
    /// The outcome for customers.
    pub customers: Counts,
    /// The outcome for subscriptions.
    pub subscriptions: Counts,
    /// The outcome for resellers. Created ones are placeholders.
    pub resellers: Counts,
    /// The outcome for partners of record.
    pub associations: Counts,
    /// The outcome for the evidence of customers' agreements (C-31, C-32).
    #[serde(default)]
    pub agreements: Counts,
    /// Totals to compare with what the portal shows.
    pub controls: Vec<Control>,
    /// What complete lists lack.
    pub absent: Absent,
    /// The most severe issues first, then by file and line. Complete up to the requested number.
    #[serde(serialize_with = "issues_by_name", skip_deserializing)]
    pub issues: Vec<Issue>,
    /// The total number of issues.
    pub issues_total: u64,
    /// The files of rows that were not applied.
    pub rejects: Vec<Rejects>,
    /// The duration.
    pub elapsed_seconds: f64,
    /// The speed.
    pub rows_per_second: u64,
    /// What a move moves. `None` for an import.
    #[serde(rename = "move", default, skip_serializing_if = "Option::is_none")]
    pub moved: Option<MoveReport>,
    /// Lines about the rejects files, to be written to standard error besides the report.
    #[serde(skip)]
    pub notes: Vec<String>,
}

/// A file as it was read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileReport {
    /// The name as given.
    pub name: String,
    /// The format.
    pub profile: String,
    /// The source under which its facts are kept.
    pub source: String,
    /// The encoding of its text.
    pub encoding: String,
    /// The delimiter of its cells.
    pub delimiter: String,
    /// The order of day and month.
    pub date_order: String,
    /// The as-of date.
    pub as_of: String,
    /// The hash of its bytes.
    pub sha256: String,
    /// The number of records.
    pub rows: u64,
}

/// The outcome of rows: `read = applied + merged + rejected + conflict`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RowCounts {
    /// All records.
    pub read: u64,
    /// Rows that are in effect.
    pub applied: u64,
    /// Rows that add nothing.
    pub merged: u64,
    /// Rows that are not imported.
    pub rejected: u64,
    /// Rows that are held, completely or in part.
    pub conflict: u64,
}

/// The totals of a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Control {
    /// The file's name.
    pub file: String,
    /// The number of distinct customers.
    pub customers: u64,
    /// The number of distinct subscriptions.
    pub subscriptions: u64,
    /// The number of seats, as worked out from its lines.
    pub seats: i64,
    /// The amounts before tax, by currency.
    pub subtotals: BTreeMap<String, String>,
}

/// What complete lists contained before and lack now.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Absent {
    /// The first customers, by tenant id.
    pub customers: Vec<String>,
    /// The first subscriptions, by subscription id.
    pub subscriptions: Vec<String>,
    /// The total number of customers.
    pub customers_total: u64,
    /// The total number of subscriptions.
    pub subscriptions_total: u64,
}

/// A file of rows that were not applied.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rejects {
    /// Its path.
    pub file: String,
    /// The command that imports it again after it is fixed.
    pub command: String,
}

impl Report {
    /// The report of a run. `rejects` are the files that were written for it.
    pub(crate) fn of(
        intake: &Intake,
        plan: &Plan,
        (run, status, mode): (Option<ImportRunKey>, ImportStatus, ImportMode),
        max_issues: usize,
    ) -> std::io::Result<Self> {
        let (issues_total, issues) = in_order(&[&intake.issues, &plan.issues]);
        let issues = issues.take(max_issues).collect::<std::io::Result<Vec<_>>>()?;
        let mut rows = RowCounts { read: plan.outcomes.len() as u64, ..RowCounts::default() };
        for outcome in &plan.outcomes {
            match outcome {
                Outcome::Applied => rows.applied += 1,
                Outcome::Merged | Outcome::Open => rows.merged += 1,
                Outcome::Rejected => rows.rejected += 1,
                Outcome::Conflict => rows.conflict += 1,
            }
        }
        Ok(Self {
            run,
            status,
            mode,
            files: intake.files.iter().map(|file| FileReport::of(&file.description)).collect(),
            rows,
            customers: plan.customers,
            subscriptions: plan.subscriptions,
            resellers: plan.resellers,
            associations: plan.associations,
            agreements: plan.agreements,
            controls: controls(intake, plan),
            absent: Absent {
                customers: plan.absences.customers.clone(),
                subscriptions: plan.absences.subscriptions.clone(),
                customers_total: plan.absences.customers_total,
                subscriptions_total: plan.absences.subscriptions_total,
            },
            issues,
            issues_total,
            rejects: Vec::new(),
            elapsed_seconds: 0.0,
            rows_per_second: 0,
            moved: None,
            notes: Vec::new(),
        })
    }

    pub(crate) fn took(&mut self, time: Duration) {
        self.elapsed_seconds = (time.as_secs_f64() * 1000.0).round() / 1000.0;
        let rate = self.rows.read as f64 / time.as_secs_f64().max(0.001);
        self.rows_per_second = rate as u64;
    }

    /// The counts alone: a run's issues are stored in a separate table.
    #[must_use]
    pub fn without_issues(&self) -> Self {
        Self { issues: Vec::new(), ..self.clone() }
    }

    /// Whether some rows were rejected or held, which means exit code 3.
    #[must_use]
    pub fn is_partial(&self) -> bool {
        self.rows.rejected + self.rows.conflict > 0
    }

    /// The report in JSON. Each issue names its file.
    ///
    /// # Errors
    ///
    /// None that a report of this program can cause.
    pub fn json(&self) -> serde_json::Result<serde_json::Value> {
        let mut json = serde_json::to_value(self)?;
        for issue in json["issues"].as_array_mut().into_iter().flatten() {
            let place = issue["file"].as_u64().and_then(|place| usize::try_from(place).ok());
            if let Some(file) = place.and_then(|place| self.files.get(place)) {
                issue["file"] = file.name.clone().into();
            }
        }
        Ok(json)
    }

    /// The report as text.
    #[must_use]
    pub fn text(&self) -> String {
        text::report(self)
    }
}

impl FileReport {
    fn of(file: &crate::FileDescription) -> Self {
        Self {
            name: file.name.clone(),
            profile: file.profile.clone(),
            source: file.source.clone(),
            encoding: file.encoding.clone(),
            delimiter: file.delimiter.to_string(),
            date_order: file.date_order.as_str().to_owned(),
            as_of: file.as_of.to_string(),
            sha256: file.sha256.clone(),
            rows: file.rows,
        }
    }
}

fn controls(intake: &Intake, plan: &Plan) -> Vec<Control> {
    intake
        .files
        .iter()
        .zip(&plan.controls)
        .map(|(file, totals)| Control {
            file: file.description.name.clone(),
            customers: file.customers,
            subscriptions: totals.subscriptions,
            seats: totals.seats,
            subtotals: file.subtotals.iter().map(|(currency, sum)| (currency.clone(), sum.to_string())).collect(),
        })
        .collect()
}

/// In the report, severities are in lower case and fields have the order of the contract.
fn issues_by_name<S: Serializer>(issues: &[Issue], out: S) -> Result<S::Ok, S::Error> {
    struct Shown<'a>(&'a Issue);
    impl Serialize for Shown<'_> {
        fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
            let issue = self.0;
            let mut fields = out.serialize_struct("Issue", 9)?;
            fields.serialize_field("severity", &issue.severity.as_str().to_ascii_lowercase())?;
            fields.serialize_field("file", &issue.file)?;
            fields.serialize_field("line", &issue.line)?;
            fields.serialize_field("column", &issue.column)?;
            fields.serialize_field("code", &issue.code)?;
            fields.serialize_field("rule", &issue.rule)?;
            fields.serialize_field("message", &issue.message)?;
            fields.serialize_field("hint", &issue.hint)?;
            fields.serialize_field("value", &issue.value)?;
            fields.end()
        }
    }
    out.collect_seq(issues.iter().map(Shown))
}
