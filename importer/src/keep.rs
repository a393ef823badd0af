//! A dry run asked for by the API has somebody who comes back for its report.

use chrono::NaiveDateTime;
use partnergraph_domain::ImportStatus;
use partnergraph_store::imports::bulk::{Stamp, insert};
use partnergraph_store::imports::rows::NewIssue;
use partnergraph_store::imports::runs::{self, Outcome};
use partnergraph_store::{Access, Conn};

use crate::apply::issue_row;
use crate::plan::PlanError;
use crate::report::Report;
use crate::run::ImportError;

/// Stores the report and the issues of a dry run under the run that was created for it. Nothing of what it would have done is
/// kept: such a run cannot be applied.
///
/// # Errors
/// The database's.
pub fn keep_report(
    conn: &mut Conn,
    (run_id, partner_id): (i64, i64),
    report: &Report,
    now: NaiveDateTime,
) -> Result<(), ImportError> {
    let stamp = Stamp { run_id, partner_id, now: crate::reconcile::moment(now) };
    let text = serde_json::to_string(&report.without_issues()).map_err(PlanError::from)?;
    let outcome = Outcome {
        status: ImportStatus::Planned,
        report: &text,
        rows: report.rows.read,
        issues_total: report.issues_total,
        changes_total: 0,
        now,
    };
    conn.transaction(Access::Write, |conn| {
        let issues = report.issues.iter().zip(0..).map(|(issue, ordinal)| Ok(issue_row(issue, ordinal)));
        insert::<NewIssue, PlanError>(conn, &stamp, issues)?;
        Ok::<_, PlanError>(runs::finish(conn, run_id, &outcome)?)
    })?;
    Ok(())
}
