use async_graphql::{Object, SimpleObject};
use partnergraph_domain::Severity;
use partnergraph_store::read::imports::{ChangeOrder, ChangeRow, IssueOrder, IssueRow};
use serde_json::Value;

use partnergraph_operation::batch::BatchRow;
use partnergraph_operation::connection;
use partnergraph_operation::scalars::DateTime;

connection! { ImportIssueConnection, ImportIssueEdge, ImportIssue, IssueOrder, "import issues" }
connection! { ImportChangeConnection, ImportChangeEdge, ImportChange, ChangeOrder, "import changes" }

/// The progress of an import run.
#[derive(SimpleObject, Debug, Clone)]
pub struct ImportProgress {
    /// The current phase: `waiting`, `opening`, `reading`, `planning`, `applying`, `done` or `failed`.
    pub phase: String,
    /// The number of rows read so far.
    pub rows_read: i64,
    /// The total number of rows. Null while unknown.
    pub rows_total: Option<i64>,
    /// The percentage of the whole run that is complete, from 0 to 100. It never decreases, and reaches 100 only when the run
    /// is done. Null if the run failed.
    pub percent: Option<f64>,
}

/// A file of an import run.
#[derive(SimpleObject, Debug, Clone)]
pub struct ImportFile {
    /// The name of the file.
    pub name: String,
    /// The import profile that was used to read the file. Null until the file has been read.
    pub profile: Option<String>,
    /// The portal that the data came from. Null until the file has been read.
    pub source: Option<String>,
    /// The character encoding. Null until the file has been read.
    pub encoding: Option<String>,
    /// The field delimiter. Null until the file has been read.
    pub delimiter: Option<String>,
    /// The order of day, month and year in dates. Null until the file has been read, or if it contains no dates.
    pub date_order: Option<String>,
    /// The date and time of the data. Null until the file has been read.
    pub as_of: Option<DateTime>,
    /// The SHA-256 hash of the file's content, in hexadecimal. Null until the file has been read.
    pub sha256: Option<String>,
    /// The number of rows. Null until the file has been read.
    pub rows: Option<i64>,
}

/// Row counts of an import by outcome. `read` is the sum of the others.
#[derive(SimpleObject, Debug, Clone, Copy)]
pub struct ImportRows {
    /// The number of rows read.
    pub read: i64,
    /// The number of rows whose data is in force, whether or not they changed anything.
    pub applied: i64,
    /// The number of rows that added nothing, because another row had the same data or newer data was already known.
    pub merged: i64,
    /// The number of rejected rows. Nothing from them is stored.
    pub rejected: i64,
    /// The number of rows with at least one value on hold.
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

/// What an import did, or would do, with one kind of record.
#[derive(SimpleObject, Debug, Clone, Copy)]
pub struct ImportCounts {
    /// The number of records created.
    pub created: i64,
    /// The number of records updated.
    pub updated: i64,
    /// The number of records that the files contained and that did not change.
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
    /// The number of absent customers.
    pub customers_total: i64,
    /// The number of absent subscriptions.
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

/// Control totals of one file, for comparison with the portal's own totals.
#[derive(SimpleObject, Debug, Clone)]
pub struct ImportControl {
    /// The name of the file.
    pub file: String,
    /// The number of customers in the file.
    pub customers: i64,
    /// The number of subscriptions in the file.
    pub subscriptions: i64,
    /// The number of seats on those subscriptions.
    pub seats: i64,
    /// The total amounts, one for each currency.
    pub subtotals: Vec<ImportSubtotal>,
}

/// A total amount in one currency.
#[derive(SimpleObject, Debug, Clone)]
pub struct ImportSubtotal {
    /// The currency.
    pub currency: String,
    /// The exact amount, as a decimal number.
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

/// Returns a string as it is and a number as it is written.
fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// An issue that was found in a row of an imported file.
#[derive(Debug, Clone)]
pub struct ImportIssue(BatchRow<IssueRow>);

impl From<BatchRow<IssueRow>> for ImportIssue {
    fn from(row: BatchRow<IssueRow>) -> Self {
        Self(row)
    }
}

/// An issue that was found in a row of an imported file.
#[Object]
impl ImportIssue {
    /// The severity of the issue.
    fn severity(&self) -> Severity {
        self.0.severity
    }

    /// The name of the file, as listed on the run. Empty for issues of a revert, which concern no file.
    fn file(&self) -> &str {
        &self.0.file
    }

    /// The line on which the record begins, starting at 1. 0 if the issue concerns the whole file.
    fn line(&self) -> i64 {
        self.0.line
    }

    /// The column. Null if the issue does not concern a single column.
    fn column(&self) -> Option<&str> {
        self.0.column_name.as_deref()
    }

    /// A stable code for use in programs.
    fn code(&self) -> &str {
        &self.0.code
    }

    /// The id of the rule that was broken. Null if no rule was broken.
    fn rule(&self) -> Option<&str> {
        self.0.rule.as_deref()
    }

    /// What was found, in one sentence.
    fn message(&self) -> &str {
        &self.0.message
    }

    /// How to fix the issue. Null if there is nothing to do.
    fn hint(&self) -> Option<&str> {
        self.0.hint.as_deref()
    }

    /// The value as it appears in the file. Null if the issue does not concern a single value.
    fn value(&self) -> Option<&str> {
        self.0.value.as_deref()
    }
}

/// A change that an import made or would make.
#[derive(Debug, Clone)]
pub struct ImportChange(BatchRow<ChangeRow>);

impl From<BatchRow<ChangeRow>> for ImportChange {
    fn from(row: BatchRow<ChangeRow>) -> Self {
        Self(row)
    }
}

/// A change that an import made or would make.
#[Object]
impl ImportChange {
    /// The type of record, such as CUSTOMER or SUBSCRIPTION.
    fn entity(&self) -> &str {
        &self.0.entity
    }

    /// The id that identifies the record in the portals, such as a tenant id, a subscription id or an MPN ID.
    fn key(&self) -> &str {
        &self.0.key
    }

    /// What was done: CREATE or UPDATE by the import, or REVERT if the earlier value was restored.
    fn action(&self) -> &str {
        &self.0.action
    }

    /// The name of the field. Null if the change concerns the whole record.
    fn field(&self) -> Option<&str> {
        self.0.field.as_deref()
    }

    /// The value before the change. Null if there was none.
    fn before(&self) -> Option<&str> {
        self.0.before.as_deref()
    }

    /// The value after the change. Null if there is none.
    fn after(&self) -> Option<&str> {
        self.0.after.as_deref()
    }

    /// The name of the file that states the new value. Null if it follows from no single line, as in a revert or a move.
    fn file(&self) -> Option<&str> {
        self.0.file.as_deref()
    }

    /// The line of that file on which the record begins, starting at 1.
    fn line(&self) -> Option<i64> {
        self.0.line
    }
}
