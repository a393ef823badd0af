//! Imports that are planned and applied in one step, and dry runs, which stop before applying.

use partnergraph_domain::{ImportRunKey, ImportStatus};
use partnergraph_store::imports::sources;
use partnergraph_store::{Access, Conn};

use super::{ImportError, Job, files, make};
use crate::apply::{self, Work};
use crate::intake::Intake;
use crate::plan::{Plan, PlanError};
use crate::report::Report;
use partnergraph_domain::ImportPhase;

/// How often a plan is made under a snapshot before it is made under the write lock.
const TRIES: usize = 2;

/// Reads, plans and reports. Only the rejects are written.
pub(super) fn dry_run(conn: &mut Conn, job: &Job<'_>) -> Result<Report, ImportError> {
    let mut intake = files::read(job)?;
    job.watch.phase(ImportStatus::Planning, ImportPhase::Planning);
    let plan = conn.transaction(Access::Read, |conn| make(conn, job, &intake))?;
    let mut report = job.report(&intake, &plan)?;
    report.notes.extend(job.write_rejects(&mut intake, &plan)?);
    report.took(job.started.elapsed());
    if report.status == ImportStatus::Failed {
        return Err(ImportError::Invalid(Box::new(report)));
    }
    job.watch.phase(report.status, ImportPhase::Done);
    Ok(report)
}

/// Plans and applies; only plans if a rejected row stops the import. A plan is valid as long as nothing was written
/// after it. If something was, it is made again.
pub(super) fn settle(
    conn: &mut Conn,
    job: &Job<'_>,
    intake: &Intake,
    run_id: ImportRunKey,
) -> Result<(Report, Plan), ImportError> {
    for _ in 0..TRIES {
        let plan = conn.transaction(Access::Read, |conn| make(conn, job, intake))?;
        let report = job.report(intake, &plan)?;
        if report.status == ImportStatus::Failed {
            return Ok((report, plan));
        }
        // The phase stays the same while an outdated plan is made again, because progress must not go backwards.
        job.watch.phase(ImportStatus::Applying, ImportPhase::Applying);
        let applied = job.watch.writing(conn, |conn| {
            if sources::newest_event(conn)? != plan.event {
                return Ok::<_, PlanError>(false);
            }
            write(conn, job, run_id, &plan, &report)?;
            Ok(true)
        })?;
        if applied {
            return Ok((report, plan));
        }
    }
    // Others write constantly, so the plan is made while they wait.
    job.watch.writing(conn, |conn| {
        let plan = make(conn, job, intake)?;
        let report = job.report(intake, &plan)?;
        if report.status == ImportStatus::Applied {
            write(conn, job, run_id, &plan, &report)?;
        }
        Ok((report, plan))
    })
}

fn write(conn: &mut Conn, job: &Job<'_>, run_id: ImportRunKey, plan: &Plan, report: &Report) -> Result<(), PlanError> {
    job.watch.check()?;
    let writing = job.writing(run_id);
    apply::apply(conn, &Work::of(plan, &job.watch), &writing)?;
    apply::finish(conn, &writing.stamp(), report, plan.changes, job.finished())?;
    // The last point at which the import can be cancelled. After the commit it is too late.
    Ok(job.watch.check()?)
}
