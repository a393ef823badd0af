use async_graphql::{Object, SimpleObject};
use partnergraph_domain::Severity;
use partnergraph_store::read::imports::{ChangeOrder, ChangeRow, IssueOrder, IssueRow};
use serde_json::Value;

use partnergraph_operation::connection;
use partnergraph_operation::scalars::DateTime;
use partnergraph_operation::siblings::Member;

connection! { ImportIssueConnection, ImportIssueEdge, ImportIssue, IssueOrder, "the issues of an import run" }
connection! { ImportChangeConnection, ImportChangeEdge, ImportChange, ChangeOrder, "the changes of an import run" }

/// How far an import run has got.
#[derive(SimpleObject, Debug, Clone)]
pub struct ImportProgress {
    /// The current phase: `waiting`, `opening`, `reading`, `planning`, `applying`, `done` or `failed`.
    pub phase: String,
    /// Rows read so far.
    pub rows_read: i64,
    /// Rows there are. Null while that is not known.
    pub rows_total: Option<i64>,
    /// How much of the whole run is done, from 0 to 100. It never falls, and is 100 only when the run is done. Null if it failed.
    pub percent: Option<f64>,
}

/// A file of an import run.
#[derive(SimpleObject, Debug, Clone)]
pub struct ImportFile {
    /// Its name.
    pub name: String,
    /// The format that it was read as. Null before it was read.
    pub profile: Option<String>,
    /// The portal that the data came from. Null before it was read.
    pub source: Option<String>,
    /// The encoding. Null before it was read.
    pub encoding: Option<String>,
    /// The character that separates cells. Null before it was read.
    pub delimiter: Option<String>,
    /// The order of day and month. Null before it was read, or where it has no dates.
    pub date_order: Option<String>,
    /// Of when its facts are. Null before it was read.
    pub as_of: Option<DateTime>,
    /// The SHA-256 of its bytes in hexadecimal. Null before it was read.
    pub sha256: Option<String>,
    /// How many rows it has. Null before it was read.
    pub rows: Option<i64>,
}

/// Where the rows of an import went: `read` is the sum of the others.
#[derive(SimpleObject, Debug, Clone, Copy)]
pub struct ImportRows {
    /// Rows read.
    pub read: i64,
    /// In force, changed or not.
    pub applied: i64,
    /// Rows that added nothing because another row said the same, or newer data is known.
    pub merged: i64,
    /// Nothing of them is stored.
    pub rejected: i64,
    /// Something of them is held.
    pub conflict: i64,
}

impl ImportRows {
    pub(super) fn of(report: &Value) -> Self {
        let rows = &report["rows"];
        Self {
            read: int(&rows["read"]),
            applied: int(&rows["applied"]),
            merged: int(&rows["merged"]),
            rejected: int(&rows["rejected"]),
            conflict: int(&rows["conflict"]),
        }
    }
}

/// What an import did to one kind of thing.
#[derive(SimpleObject, Debug, Clone, Copy)]
pub struct ImportCounts {
    /// New ones.
    pub created: i64,
    /// Changed ones.
    pub updated: i64,
    /// Those that the files named and left as they were.
    pub unchanged: i64,
}

impl ImportCounts {
    pub(super) fn of(counts: &Value) -> Self {
        Self {
            created: int(&counts["created"]),
            updated: int(&counts["updated"]),
            unchanged: int(&counts["unchanged"]),
        }
    }
}

/// Records that an earlier complete list from the same portal contained and this one does not. Nothing is deleted
/// because of it.
#[derive(SimpleObject, Debug, Clone, Copy)]
pub struct ImportAbsent {
    /// How many customers.
    pub customers_total: i64,
    /// How many subscriptions.
    pub subscriptions_total: i64,
}

impl ImportAbsent {
    pub(super) fn of(report: &Value) -> Self {
        let absent = &report["absent"];
        Self {
            customers_total: int(&absent["customers_total"]),
            subscriptions_total: int(&absent["subscriptions_total"]),
        }
    }
}

/// Sums of one file, to be held against the portal's own.
#[derive(SimpleObject, Debug, Clone)]
pub struct ImportControl {
    /// The file.
    pub file: String,
    /// How many customers it names.
    pub customers: i64,
    /// How many subscriptions it names.
    pub subscriptions: i64,
    /// How many seats they have.
    pub seats: i64,
    /// The amounts, each currency for itself.
    pub subtotals: Vec<ImportSubtotal>,
}

/// An amount in one currency.
#[derive(SimpleObject, Debug, Clone)]
pub struct ImportSubtotal {
    /// The currency.
    pub currency: String,
    /// The amount, exact, as a decimal.
    pub amount: String,
}

impl ImportControl {
    pub(super) fn of(control: &Value) -> Self {
        let subtotals = control["subtotals"].as_object().into_iter().flatten();
        Self {
            file: text(&control["file"]),
            customers: int(&control["customers"]),
            subscriptions: int(&control["subscriptions"]),
            seats: int(&control["seats"]),
            subtotals: subtotals
                .map(|(currency, amount)| ImportSubtotal { currency: currency.clone(), amount: text(amount) })
                .collect(),
        }
    }
}

fn int(value: &Value) -> i64 {
    value.as_i64().unwrap_or(0)
}

/// A text, or a number as it is written.
fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// Something that was found about a row of a file.
#[derive(Debug, Clone)]
pub struct ImportIssue(Member<IssueRow>);

impl From<Member<IssueRow>> for ImportIssue {
    fn from(row: Member<IssueRow>) -> Self {
        Self(row)
    }
}

/// Something that was found about a row of a file.
#[Object]
impl ImportIssue {
    /// How bad it is.
    fn severity(&self) -> Severity {
        self.0.severity
    }

    /// The name of the file, as among the run's files. Empty for what a revert left, which is about none of them.
    fn file(&self) -> &str {
        &self.0.file
    }

    /// The line on which the record begins, from 1; 0 where it is about the whole file.
    fn line(&self) -> i64 {
        self.0.line
    }

    /// The column. Null where it is about no single one.
    fn column(&self) -> Option<&str> {
        self.0.column_name.as_deref()
    }

    /// A stable word for programs.
    fn code(&self) -> &str {
        &self.0.code
    }

    /// The id of the rule that is broken. Null where none is.
    fn rule(&self) -> Option<&str> {
        self.0.rule.as_deref()
    }

    /// What was found, in one sentence.
    fn message(&self) -> &str {
        &self.0.message
    }

    /// What to do about it. Null where there is nothing to do.
    fn hint(&self) -> Option<&str> {
        self.0.hint.as_deref()
    }

    /// The value as it stands in the file. Null where it is about no single one.
    fn value(&self) -> Option<&str> {
        self.0.value.as_deref()
    }
}

/// Something that an import changed, or would change.
#[derive(Debug, Clone)]
pub struct ImportChange(Member<ChangeRow>);

impl From<Member<ChangeRow>> for ImportChange {
    fn from(row: Member<ChangeRow>) -> Self {
        Self(row)
    }
}

/// Something that an import changed, or would change.
#[Object]
impl ImportChange {
    /// What kind of thing.
    fn entity(&self) -> &str {
        &self.0.entity
    }

    /// Which one, by its own id.
    fn key(&self) -> &str {
        &self.0.key
    }

    /// What was done to it: CREATE or UPDATE by the import, REVERT where the earlier value is back.
    fn action(&self) -> &str {
        &self.0.action
    }

    /// Which field. Null where it is about the whole.
    fn field(&self) -> Option<&str> {
        self.0.field.as_deref()
    }

    /// The value before. Null where there was none.
    fn before(&self) -> Option<&str> {
        self.0.before.as_deref()
    }

    /// The value after. Null where there is none any more.
    fn after(&self) -> Option<&str> {
        self.0.after.as_deref()
    }
}
