//! Stored plans: made and reviewed now, applied later, perhaps by another process.

use std::time::Instant;

use chrono::NaiveDateTime;
use partnergraph_domain::{ImportRunKey, ImportStatus};
use partnergraph_store::imports::moves::Move;
use partnergraph_store::imports::runs::{self, IssueRow, Outcome, RunRow};
use partnergraph_store::imports::{moves, plans, tune};
use partnergraph_store::{Access, Conn, DatabaseUrl, StoreError, StoreResult};

use super::{ImportError, Job, lock, make};
use crate::apply::{self, Way, Work, Writing};
use crate::intake::Intake;
use crate::issue::Issue;
use crate::moving;
use crate::plan::{self, Plan, PlanError, Shift, StoredPlan};
use crate::progress::{Progress, Silent};
use crate::report::Report;
use crate::request::Caller;
use crate::watch::Watch;
use partnergraph_domain::ImportPhase;

/// The error code of a plan that can no longer be applied.
const STALE: &str = "plan.stale";
/// The error code of a plan that was discarded.
const DISCARDED: &str = "plan.discarded";
/// Number of issues of a run that are read at a time.
const CHUNK: i64 = 1_000;

/// Makes a plan and stores it with its run: operations, report, issues and changes. A dry run stores no operations. No
/// other table is changed, and none at all if a rejected row stops the import.
pub(super) fn plan(
    conn: &mut Conn,
    job: &Job<'_>,
    intake: &Intake,
    run_id: ImportRunKey,
) -> Result<(Report, Plan), ImportError> {
    let (mut plan, reads) = conn.transaction(Access::Read, |conn| {
        let plan = make(conn, job, intake)?;
        Ok::<_, PlanError>((plan, plan::record(conn, intake, job.request.partner_id)?))
    })?;
    let report = job.report(intake, &plan)?;
    if report.status == ImportStatus::Failed {
        return Ok((report, plan));
    }
    let writing = job.writing(run_id);
    let changes = plan.changes;
    job.watch.writing(conn, |conn| {
        let stamp = writing.stamp();
        apply::add(conn, &stamp, Way { shift: &Shift::default(), watch: &job.watch }, &plan.ops.changes)?;
        if report.status == ImportStatus::Planned {
            plan::store(conn, (run_id, job.request.partner_id), &mut plan, reads)?;
        }
        apply::finish(conn, &stamp, &report, changes, job.finished())?;
        Ok::<_, PlanError>(job.watch.check()?)
    })?;
    Ok((report, plan))
}

/// Checks whether the stored plan of a run could be applied now.
///
/// # Errors
///
/// `plan.stale`, or a database error.
pub fn check_plan(conn: &mut Conn, run_id: ImportRunKey) -> Result<(), ImportError> {
    match moves::find(conn, run_id)? {
        Some(moved) => Ok(moving::check(conn, &moved, &Watch::new(&Silent, None)?)?),
        None => Ok(StoredPlan::check_stored(conn, run_id)?),
    }
}

/// Applies the stored plan of a run exactly, in one transaction, or nothing.
///
/// A run that its caller claimed before ([`Caller::run_id`]) must be QUEUED; any other must be PLANNED. It becomes
/// APPLYING, and APPLIED at the end. If anything that the plan was made from has changed, it becomes FAILED with
/// `plan.stale`, and the plan is deleted. After any other failure it stays PLANNED and can be applied once the cause is
/// fixed.
///
/// # Errors
///
/// [`ImportError`]. Nothing was changed then.
pub fn apply_plan(
    url: &DatabaseUrl,
    run_id: ImportRunKey,
    caller: &Caller<'_>,
    progress: &dyn Progress,
) -> Result<Report, ImportError> {
    let started = Instant::now();
    let mut conn = Conn::open(url)?;
    tune::for_import(&mut conn)?;
    let watch = Watch::new(progress, None)?;
    let _lock = lock(url, caller, &watch)?;
    runs::fail_abandoned(&mut conn, caller.now)?;
    let run = runs::find(&mut conn, run_id)?.ok_or(ImportError::NoRun(run_id))?;
    take(&mut conn, &run, caller)?;
    watch.phase(ImportStatus::Applying, ImportPhase::Applying);
    let result = apply_taken(&mut conn, &run, caller, (&watch, started));
    match result.map_err(|error| if watch.is_cancelled() { ImportError::Cancelled } else { error }) {
        Ok(report) => {
            watch.phase(ImportStatus::Applied, ImportPhase::Done);
            Ok(report)
        }
        Err(error) => {
            give_back(&mut conn, run_id, &error, caller)?;
            Err(error)
        }
    }
}

/// Claims the run, if it has a plan that has not been applied and that no one else is about to apply.
fn take(conn: &mut Conn, run: &RunRow, caller: &Caller<'_>) -> Result<(), ImportError> {
    let claimed = caller.run_id == Some(run.id);
    let from = if claimed { ImportStatus::Queued } else { ImportStatus::Planned };
    let is_stored = plans::is_stored(conn, run.id)?;
    if is_stored && runs::turn(conn, run.id, &[from], ImportStatus::Applying, ImportPhase::Applying.as_str())? {
        return Ok(());
    }
    Err(ImportError::NotPlanned { run_id: run.id, status: run.status })
}

fn apply_taken(
    conn: &mut Conn,
    run: &RunRow,
    caller: &Caller<'_>,
    (watch, started): (&Watch<'_>, Instant),
) -> Result<Report, ImportError> {
    let text = run.report.as_deref().unwrap_or_default();
    let mut report: Report = serde_json::from_str(text).map_err(PlanError::from)?;
    report.status = ImportStatus::Applied;
    let planned = Planned::open(conn, run)?;
    watch.writing(conn, |conn| {
        watch.check()?;
        planned.apply(conn, run, caller, watch)?;
        plans::remove(conn, run.id)?;
        report.took(started.elapsed());
        let text = serde_json::to_string(&report)?;
        let count = |number: i64| u64::try_from(number).unwrap_or_default();
        let outcome = Outcome {
            status: ImportStatus::Applied,
            report: &text,
            rows: report.rows.read,
            issues_total: count(run.issues_total),
            changes_total: count(run.changes_total),
            absent_customers: &report.absent.customers,
            absent_subscriptions: &report.absent.subscriptions,
            now: caller.now,
        };
        runs::finish(conn, run.id, &outcome)?;
        // The last point at which the import can be cancelled. After the commit it is too late.
        Ok::<_, PlanError>(watch.check()?)
    })?;
    tune::after_import(conn, planned.rows(&report));
    report.issues = issues(conn, run.id)?;
    Ok(report)
}

/// What is planned: the operations of an import, or the rows of a move.
enum Planned {
    Import(Box<StoredPlan>),
    Move(Move),
}

impl Planned {
    fn open(conn: &mut Conn, run: &RunRow) -> Result<Self, PlanError> {
        Ok(match moves::find(conn, run.id)? {
            Some(moved) => Self::Move(moved),
            None => Self::Import(Box::new(StoredPlan::open(conn, run.id)?)),
        })
    }

    /// Applies it exactly, or not at all. The caller holds the write transaction open.
    fn apply(&self, conn: &mut Conn, run: &RunRow, caller: &Caller<'_>, watch: &Watch<'_>) -> Result<(), PlanError> {
        let plan = match self {
            Self::Import(plan) => plan,
            Self::Move(moved) => return moving::apply_planned(conn, moved, caller, watch),
        };
        plan.check(conn)?;
        let work = Work {
            ops: &plan.ops,
            microsofts: plan.microsofts(),
            touched: plan.touched(),
            changes: plan.changes(),
            shift: plan.shift(conn)?,
            watch,
        };
        let writing = Writing { run_id: run.id, partner_id: run.partner_id, actor: caller.actor, now: caller.now };
        apply::apply(conn, &work, &writing)
    }

    /// The number of rows that it writes.
    fn rows(&self, report: &Report) -> u64 {
        match self {
            Self::Import(plan) => plan.ops.count(),
            Self::Move(_) => report.rows.applied,
        }
    }
}

/// Records the failure of a run whose plan could not be applied.
fn give_back(
    conn: &mut Conn,
    run_id: ImportRunKey,
    error: &ImportError,
    caller: &Caller<'_>,
) -> Result<(), ImportError> {
    let message = error.to_string();
    if matches!(error, ImportError::Plan(PlanError::Stale(_))) {
        let stale = (STALE, message.as_str());
        conn.transaction::<_, StoreError>(Access::Write, |conn| give_up(conn, run_id, stale, caller.now))?;
    } else {
        runs::put_back(conn, run_id, error.code(), &message)?;
    }
    Ok(())
}

/// Deletes a plan that is stale, unless someone has claimed it in the meantime: the data that it was made from does not
/// come back. The caller holds the write transaction open.
///
/// # Errors
///
/// A database error.
pub fn give_plan_up(conn: &mut Conn, run_id: ImportRunKey, message: &str, now: NaiveDateTime) -> StoreResult<()> {
    if runs::turn(conn, run_id, &[ImportStatus::Planned], ImportStatus::Failed, "failed")? {
        give_up(conn, run_id, (STALE, message), now)?;
    }
    Ok(())
}

/// Discards the plan of a run that is PLANNED, on request. The run becomes FAILED with `plan.discarded`.
///
/// # Errors
///
/// The run does not exist, or has no plan that can be applied; or a database error.
pub fn discard_plan(conn: &mut Conn, run_id: ImportRunKey, now: NaiveDateTime) -> Result<(), ImportError> {
    conn.transaction(Access::Write, |conn| {
        let run = runs::find(conn, run_id)?.ok_or(ImportError::NoRun(run_id))?;
        if plans::is_stored(conn, run_id)? && discard_waiting_plan(conn, run_id, now)? {
            return Ok(());
        }
        Err(ImportError::NothingToDiscard { run_id, status: run.status })
    })
}

/// The same for a run that has a plan. Returns `false` if it is not PLANNED. The caller holds the write transaction
/// open.
///
/// # Errors
///
/// A database error.
pub fn discard_waiting_plan(conn: &mut Conn, run_id: ImportRunKey, now: NaiveDateTime) -> StoreResult<bool> {
    let is_waiting = runs::turn(conn, run_id, &[ImportStatus::Planned], ImportStatus::Failed, "failed")?;
    if is_waiting {
        give_up(conn, run_id, (DISCARDED, "the plan was discarded; nothing was changed"), now)?;
    }
    Ok(is_waiting)
}

fn give_up(
    conn: &mut Conn,
    run_id: ImportRunKey,
    (code, message): (&str, &str),
    now: NaiveDateTime,
) -> StoreResult<()> {
    plans::remove(conn, run_id)?;
    runs::fail(conn, run_id, code, message, now)
}

/// The issues that are stored with the run.
fn issues(conn: &mut Conn, run_id: ImportRunKey) -> Result<Vec<Issue>, ImportError> {
    let mut issues = Vec::new();
    loop {
        let from = i64::try_from(issues.len()).unwrap_or(i64::MAX);
        let rows = runs::issues(conn, run_id, from, CHUNK)?;
        if rows.is_empty() {
            return Ok(issues);
        }
        issues.extend(rows.into_iter().map(issue));
    }
}

fn issue(row: IssueRow) -> Issue {
    Issue {
        severity: row.severity,
        file: row.file.try_into().unwrap_or_default(),
        line: row.line.try_into().unwrap_or_default(),
        column: row.column_name,
        code: row.code.into(),
        rule: row.rule.and_then(|id| id.parse().ok()),
        message: row.message,
        hint: row.hint,
        value: row.value,
    }
}
