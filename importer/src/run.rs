//! Runs an import from its request to its report. The command line and the API share this path.

mod direct;
mod error;
mod failed;
mod files;
mod stored_plan;

use std::time::{Duration, Instant};

use chrono::NaiveDateTime;

use partnergraph_domain::{ImportMode, ImportRunKey, ImportStatus};
use partnergraph_store::imports::lock::ImportLock;
use partnergraph_store::imports::sources::{self, AccountRow};
use partnergraph_store::imports::{runs, tune};
use partnergraph_store::{Conn, DatabaseUrl, StoreError};

pub use error::{ImportError, hint_of};
pub use stored_plan::{apply_plan, check_plan, discard_plan, discard_waiting_plan, give_plan_up};

use crate::apply::Writing;
use crate::intake::Intake;
use crate::plan::{self, Plan, PlanError, Policy};
use crate::progress::Progress;
use crate::report::{Report, Targets};
use crate::request::{Caller, ImportRequest, OnInvalid, Waiting};
use crate::watch::Watch;
use partnergraph_domain::ImportPhase;

/// Runs an import.
///
/// Files are read, checked and compared with the stored state, and the plan is applied in one transaction. If the
/// process is killed at any time, the database is unchanged. A dry run does the same and returns the same report, but
/// writes nothing; if its caller has created a run for it ([`Caller::run_id`]), that run stores the report, the files
/// and the changes. With [`ImportMode::Plan`] the plan is stored with its run instead, for [`apply_plan`].
///
/// A failure after the plan was applied, such as an error when writing rejects, is not an error of the import. It is in
/// [`Report::notes`].
///
/// # Errors
///
/// [`ImportError`]. Nothing was changed then.
pub fn run(
    url: &DatabaseUrl,
    request: &ImportRequest,
    caller: &Caller<'_>,
    progress: &dyn Progress,
) -> Result<Report, ImportError> {
    let started = Instant::now();
    // A wrong path is detected before anything is read or written, including the row of the run.
    files::check(request)?;
    let targets = Targets::of(url, request)?;
    let mut conn = Conn::open(url)?;
    tune::for_import(&mut conn)?;
    let partners = sources::partners(&mut conn)?;
    let partner = partners.into_iter().find(|row| row.id == request.partner_id).ok_or(PlanError::NoPartner)?;
    let run_id = match (request.mode, caller.run_id) {
        (_, Some(run_id)) => Some(run_id),
        (ImportMode::DryRun, None) => None,
        (_, None) => Some(create_run(&mut conn, request, caller)?),
    };
    let watch = Watch::new(progress, run_id.map(|run_id| (url, run_id)))?;
    let job = Job { url, request, caller, partner: &partner, run_id, targets, watch, started };
    // Held until a failure is recorded: another import would take the run for one whose process died.
    let mut held = None;
    let result = match run_id {
        None => direct::dry_run(&mut conn, &job),
        Some(run_id) => lock(url, caller, &job.watch).and_then(|lock| {
            held = Some(lock);
            locked_run(&mut conn, &job, run_id)
        }),
    };
    let result = result.map_err(|error| if job.watch.is_cancelled() { ImportError::Cancelled } else { error });
    if let (Some(run_id), Err(error)) = (run_id, &result) {
        failed::note(&mut conn, &job, run_id, error);
    }
    drop(held);
    result
}

/// What stays the same while an import runs.
struct Job<'a> {
    url: &'a DatabaseUrl,
    request: &'a ImportRequest,
    caller: &'a Caller<'a>,
    partner: &'a AccountRow,
    /// The run's number. A dry run has one if its caller created it.
    run_id: Option<ImportRunKey>,
    /// The destination of the rejects, if requested.
    targets: Option<Targets>,
    watch: Watch<'a>,
    started: Instant,
}

impl Job<'_> {
    /// The end time if it ends now: its start in the caller's time plus its duration in whole seconds.
    fn finished(&self) -> NaiveDateTime {
        self.caller.now + Duration::from_secs(self.started.elapsed().as_secs())
    }

    fn policy(&self) -> Policy {
        Policy { on_conflict: self.request.on_conflict, on_violation: self.request.on_violation }
    }

    fn writing(&self, run_id: ImportRunKey) -> Writing<'_> {
        let Caller { actor, now, .. } = *self.caller;
        Writing { run_id, partner_id: self.request.partner_id, actor, now }
    }

    fn report(&self, intake: &Intake, plan: &Plan) -> Result<Report, ImportError> {
        let mut report =
            Report::of(intake, plan, (self.run_id, ImportStatus::Applied, self.request.mode), self.request.max_issues)
                .map_err(PlanError::from)?;
        report.status = match self.request.mode {
            // `--on-invalid abort`: a single rejected row stops the import.
            _ if self.request.on_invalid == OnInvalid::Abort && report.rows.rejected > 0 => ImportStatus::Failed,
            ImportMode::Apply => ImportStatus::Applied,
            ImportMode::Plan => ImportStatus::Planned,
            ImportMode::DryRun => ImportStatus::Checked,
        };
        if let Some(targets) = &self.targets {
            report.rejects = targets.announce(intake, plan, self.request);
        }
        report.took(self.started.elapsed());
        Ok(report)
    }

    /// Writes the rejects after the outcome of the data is final.
    fn write_rejects(&self, intake: &mut Intake, plan: &Plan) -> Result<Vec<String>, ImportError> {
        match &self.targets {
            Some(targets) => targets.write(intake, plan, |number| files::input(self.url, &self.request.files[number])),
            None => Ok(Vec::new()),
        }
    }

    /// The same if the data is already written. A failure is noted in the report, which then does not name the files.
    fn write_rejects_after(&self, intake: &mut Intake, plan: &Plan, report: &mut Report) {
        match self.write_rejects(intake, plan) {
            Ok(notes) => report.notes.extend(notes),
            Err(error) => {
                report.rejects.clear();
                report.notes.push(format!("error: {error}"));
                report.notes.push(format!("hint: {}", error.hint()));
            }
        }
    }
}

/// Stores a request as a queued run and returns its number, for [`Caller::run_id`].
///
/// # Errors
///
/// A database error.
pub fn create_run(conn: &mut Conn, request: &ImportRequest, caller: &Caller<'_>) -> Result<ImportRunKey, ImportError> {
    let options = serde_json::to_string(request).map_err(PlanError::from)?;
    let name = &caller.actor.user_principal_name;
    Ok(runs::create(conn, request.partner_id, name, request.mode, &options, caller.now)?)
}

/// The caller holds the [`ImportLock`].
fn locked_run(conn: &mut Conn, job: &Job<'_>, run_id: ImportRunKey) -> Result<Report, ImportError> {
    runs::fail_abandoned(conn, job.caller.now)?;
    runs::start(conn, run_id, job.caller.now)?;
    let mut intake = files::read(job)?;
    runs::add_files(conn, &files::rows(run_id, job.request, &intake))?;
    job.watch.phase(ImportStatus::Planning, ImportPhase::Planning);
    let (mut report, plan) = match job.request.mode {
        ImportMode::Plan | ImportMode::DryRun => stored_plan::plan(conn, job, &intake, run_id)?,
        ImportMode::Apply => direct::settle(conn, job, &intake, run_id)?,
    };
    job.write_rejects_after(&mut intake, &plan, &mut report);
    report.took(job.started.elapsed());
    if report.status == ImportStatus::Failed {
        failed::keep_report(conn, job, run_id, &report)?;
        return Err(ImportError::Invalid(Box::new(report)));
    }
    if report.status == ImportStatus::Applied {
        tune::after_import(conn, plan.ops.count());
    }
    job.watch.phase(report.status, ImportPhase::Done);
    Ok(report)
}

/// The lock that allows only one import to run.
pub(crate) fn lock(url: &DatabaseUrl, caller: &Caller<'_>, watch: &Watch<'_>) -> Result<ImportLock, ImportError> {
    match ImportLock::try_take(url)? {
        Some(lock) => Ok(lock),
        None if caller.waiting == Waiting::Refuse => Err(ImportError::Busy),
        None => {
            watch.phase(ImportStatus::Queued, ImportPhase::Waiting);
            ImportLock::take_unless(url, || watch.is_cancelled())?.ok_or(ImportError::Cancelled)
        }
    }
}

/// Makes a plan under one snapshot of the database.
fn make(conn: &mut Conn, job: &Job<'_>, intake: &Intake) -> Result<Plan, PlanError> {
    job.watch.check()?;
    let plan = plan::make(conn, intake, job.request.partner_id, job.policy(), &job.watch)?;
    job.watch.check()?;
    Ok(plan)
}

impl From<StoreError> for ImportError {
    fn from(error: StoreError) -> Self {
        Self::Plan(error.into())
    }
}
