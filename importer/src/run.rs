//! An import from its request to its report: the one path for the command line and the API.

mod error;
mod files;
mod kept;
mod watch;

use std::time::Instant;

use partnergraph_domain::{ImportMode, ImportStatus};
use partnergraph_store::imports::lock::ImportLock;
use partnergraph_store::imports::sources::{self, PartnerRow};
use partnergraph_store::imports::{runs, tune};
use partnergraph_store::{Access, Conn, DatabaseUrl, StoreError};

pub use error::ImportError;
pub use kept::{apply_plan, check_plan, give_plan_up};

use crate::apply::{self, Work, Writing};
use crate::intake::Intake;
use crate::plan::{self, Plan, PlanError, Policy};
use crate::progress::{Phase, Progress};
use crate::report::{self, Report};
use crate::request::{Caller, ImportRequest, OnInvalid, Waiting};
use watch::Watch;

/// So often a plan is made under a snapshot before it is made under the lock.
const TRIES: usize = 2;

/// Runs an import.
///
/// Files are read and checked, put beside what is stored, and the plan of it is applied in one transaction: killed at any
/// instant, the database is as before. A dry run does the same and gives the same report, and writes nothing. A plan that is
/// to be kept is stored with its run instead, for [`apply_plan`].
///
/// # Errors
/// [`ImportError`]; nothing was changed then.
pub fn run(
    url: &DatabaseUrl,
    request: &ImportRequest,
    caller: &Caller<'_>,
    progress: &dyn Progress,
) -> Result<Report, ImportError> {
    let begun = Instant::now();
    let mut conn = Conn::open(url)?;
    tune::for_import(&mut conn)?;
    let partners = sources::partners(&mut conn)?;
    let partner = partners.into_iter().find(|row| row.id == request.partner_id).ok_or(PlanError::NoPartner)?;
    match request.mode {
        ImportMode::DryRun => dry_run(&mut conn, url, request, caller, &partner, progress, begun),
        ImportMode::Plan | ImportMode::Apply => {
            let run_id = match caller.run_id {
                Some(id) => id,
                None => create_run(&mut conn, request, caller)?,
            };
            let result = locked_run(&mut conn, url, request, caller, &partner, run_id, progress, begun);
            if let Err(error) = &result {
                runs::fail(&mut conn, run_id, error.code(), &error.to_string(), caller.now)?;
            }
            result
        }
    }
}

/// Stores a request as a run that waits its turn, and gives its number, for [`Caller::run_id`].
///
/// # Errors
/// The database's.
pub fn create_run(conn: &mut Conn, request: &ImportRequest, caller: &Caller<'_>) -> Result<i64, ImportError> {
    let options = serde_json::to_string(request).map_err(PlanError::from)?;
    let name = &caller.actor.user_principal_name;
    Ok(runs::create(conn, request.partner_id, name, request.mode, &options, caller.now)?)
}

fn policy(request: &ImportRequest) -> Policy {
    Policy { on_conflict: request.on_conflict, on_violation: request.on_violation }
}

fn dry_run(
    conn: &mut Conn,
    url: &DatabaseUrl,
    request: &ImportRequest,
    caller: &Caller<'_>,
    partner: &PartnerRow,
    progress: &dyn Progress,
    begun: Instant,
) -> Result<Report, ImportError> {
    let watch = Watch::new(progress, None)?;
    let mut intake = files::read(url, request, caller.now, partner, &watch)?;
    watch.phase(ImportStatus::Planning, Phase::Planning);
    let plan = conn.transaction(Access::Read, |conn| plan::make(conn, &intake, request.partner_id, policy(request)))?;
    let mut report = Report::of(&intake, &plan, (None, ImportStatus::Planned, request.mode), request.max_issues)
        .map_err(PlanError::from)?;
    write_rejects(request, &mut intake, &plan, &mut report)?;
    report.took(begun.elapsed());
    refuse_invalid(request, report)
}

#[allow(clippy::too_many_arguments)]
fn locked_run(
    conn: &mut Conn,
    url: &DatabaseUrl,
    request: &ImportRequest,
    caller: &Caller<'_>,
    partner: &PartnerRow,
    run_id: i64,
    progress: &dyn Progress,
    begun: Instant,
) -> Result<Report, ImportError> {
    let watch = Watch::new(progress, Some((url, run_id)))?;
    let _lock = lock(url, caller, &watch)?;
    runs::fail_abandoned(conn, caller.now)?;
    runs::start(conn, run_id, caller.now)?;
    let mut intake = files::read(url, request, caller.now, partner, &watch)?;
    runs::add_files(conn, &files::rows(run_id, request, &intake))?;
    watch.phase(ImportStatus::Planning, Phase::Planning);
    if request.mode == ImportMode::Plan {
        return kept::plan(conn, request, caller, &mut intake, run_id, &watch, begun);
    }
    let (mut report, plan) = settle(conn, request, caller, &intake, run_id, &watch, begun)?;
    write_rejects(request, &mut intake, &plan, &mut report)?;
    let mut report = refuse_invalid(request, report)?;
    if plan.ops.count() >= apply::MANY {
        tune::after_import(conn);
    }
    watch.phase(ImportStatus::Applied, Phase::Done);
    report.took(begun.elapsed());
    Ok(report)
}

/// The one import that may run.
fn lock(url: &DatabaseUrl, caller: &Caller<'_>, watch: &Watch<'_>) -> Result<ImportLock, ImportError> {
    match ImportLock::try_take(url)? {
        Some(lock) => Ok(lock),
        None if caller.waiting == Waiting::Refuse => Err(ImportError::Busy),
        None => {
            watch.phase(ImportStatus::Queued, Phase::Waiting);
            Ok(ImportLock::take(url)?)
        }
    }
}

/// Plans and applies; only plans where a rejected row refuses the whole. A plan holds as long as nothing was written after it; if something was, it is made again.
fn settle(
    conn: &mut Conn,
    request: &ImportRequest,
    caller: &Caller<'_>,
    intake: &Intake,
    run_id: i64,
    watch: &Watch<'_>,
    begun: Instant,
) -> Result<(Report, Plan), ImportError> {
    for _ in 0..TRIES {
        let plan =
            conn.transaction(Access::Read, |conn| plan::make(conn, intake, request.partner_id, policy(request)))?;
        let report = report_of(request, intake, &plan, run_id, begun)?;
        if is_refused(request, &report) {
            return Ok((report, plan));
        }
        watch.phase(ImportStatus::Applying, Phase::Applying);
        let applied = conn.transaction(Access::Write, |conn| {
            if sources::newest_event(conn)? != plan.event {
                return Ok::<_, PlanError>(false);
            }
            write(conn, request, caller, run_id, &plan, &report)?;
            Ok(true)
        })?;
        if applied {
            return Ok((report, plan));
        }
        watch.phase(ImportStatus::Planning, Phase::Planning);
    }
    // Others write all the time: the plan is made while they wait.
    conn.transaction(Access::Write, |conn| {
        let plan = plan::make(conn, intake, request.partner_id, policy(request))?;
        let report = report_of(request, intake, &plan, run_id, begun)?;
        if is_refused(request, &report) {
            return Ok((report, plan));
        }
        write(conn, request, caller, run_id, &plan, &report)?;
        Ok((report, plan))
    })
}

fn report_of(
    request: &ImportRequest,
    intake: &Intake,
    plan: &Plan,
    run_id: i64,
    begun: Instant,
) -> Result<Report, ImportError> {
    let status = if request.mode == ImportMode::Plan { ImportStatus::Planned } else { ImportStatus::Applied };
    let about = (Some(run_id), status, request.mode);
    let mut report = Report::of(intake, plan, about, request.max_issues).map_err(PlanError::from)?;
    report.took(begun.elapsed());
    Ok(report)
}

fn write(
    conn: &mut Conn,
    request: &ImportRequest,
    caller: &Caller<'_>,
    run_id: i64,
    plan: &Plan,
    report: &Report,
) -> Result<(), PlanError> {
    let writing = Writing { run_id, partner_id: request.partner_id, actor: caller.actor, now: caller.now };
    apply::apply(conn, &Work::of(plan), &writing)?;
    apply::finish(conn, &writing.stamp(), report, plan.changes, caller.now)
}

/// `--on-invalid abort`: one rejected row, and nothing is imported.
fn is_refused(request: &ImportRequest, report: &Report) -> bool {
    request.on_invalid == OnInvalid::Abort && report.rows.rejected > 0
}

/// Says so, once the rejects are written: they are what has to be mended.
fn refuse_invalid(request: &ImportRequest, report: Report) -> Result<Report, ImportError> {
    if is_refused(request, &report) {
        return Err(ImportError::Invalid(Box::new(report)));
    }
    Ok(report)
}

fn write_rejects(
    request: &ImportRequest,
    intake: &mut Intake,
    plan: &Plan,
    report: &mut Report,
) -> Result<(), ImportError> {
    if let Some(path) = &request.rejects {
        report.rejects = report::write_rejects(intake, plan, path, request)
            .map_err(|source| ImportError::Rejects { path: path.clone(), source })?;
    }
    Ok(())
}

impl From<StoreError> for ImportError {
    fn from(error: StoreError) -> Self {
        Self::Plan(error.into())
    }
}
