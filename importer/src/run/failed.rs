//! Records why a run failed, and what must be fixed.

use partnergraph_domain::ImportRunKey;
use partnergraph_store::Conn;
use partnergraph_store::imports::bulk::insert;
use partnergraph_store::imports::rows::NewIssue;
use partnergraph_store::imports::runs;

use super::{ImportError, Job, files};
use crate::apply;
use crate::issue::FileRefusal;
use crate::plan::PlanError;
use crate::report::Report;

/// Stores the report of a run that was stopped by its invalid rows (`--on-invalid abort`), with its issues.
pub(super) fn keep_report(
    conn: &mut Conn,
    job: &Job<'_>,
    run_id: ImportRunKey,
    report: &Report,
) -> Result<(), ImportError> {
    let stamp = job.writing(run_id).stamp();
    Ok(job.watch.writing(conn, |conn| apply::finish(conn, &stamp, report, 0, job.finished()))?)
}

/// Records the failure in the run. The caller gets the error itself, even if recording it fails.
pub(super) fn note(conn: &mut Conn, job: &Job<'_>, run_id: ImportRunKey, error: &ImportError) {
    let refused = match error {
        ImportError::Refused(refusal) => job.watch.writing(conn, |conn| keep_refusal(conn, job, run_id, refusal)),
        _ => Ok(()),
    };
    let failed = runs::fail(conn, run_id, error.code(), &error.to_string(), job.finished());
    let recorded = refused.and(failed.map_err(PlanError::from));
    if let Err(error) = recorded {
        tracing::error!(run_id = run_id.get(), %error, "the failure of an import could not be recorded");
    }
}

/// A refused file is an issue of the run, with line, column, value and hint.
fn keep_refusal(conn: &mut Conn, job: &Job<'_>, run_id: ImportRunKey, refusal: &FileRefusal) -> Result<(), PlanError> {
    let mut rows = runs::files(conn, run_id)?;
    if rows.is_empty() {
        rows = files::unread(conn, run_id, job.request)?;
        runs::add_files(conn, &rows)?;
    }
    let place = rows.iter().position(|row| row.name == refusal.file).unwrap_or(0);
    let issue = refusal.clone().into_issue(u16::try_from(place).unwrap_or(u16::MAX));
    let rows = std::iter::once(Ok(apply::issue_row(&issue, 0)));
    insert::<NewIssue, PlanError>(conn, &job.writing(run_id).stamp(), rows)?;
    Ok(runs::count_issues(conn, run_id, 1)?)
}
