//! Moves what one reseller has with a provider to another reseller: planned, applied and reverted as a run, like an import.
//!
//! A move reads no file. Its plan is the table of its rows (`partnergraph_store::imports::moves`), each of which the rules of the single
//! change decide about. Applying asks them again: if a row, a verdict or the new reseller's standing has changed since, the plan is stale.

mod report;

use std::collections::BTreeMap;
use std::time::Instant;

use chrono::NaiveDateTime;
use partnergraph_domain::checks::{self, Successor};
use partnergraph_domain::{ImportMode, ImportPhase, ImportStatus, PartnerType, Refusal, ResellerChoice, Severity};
use partnergraph_store::imports::bulk::{Stamp, insert};
use partnergraph_store::imports::moves::{self, Judged, Move, Standing};
use partnergraph_store::imports::plans::PlanWriter;
use partnergraph_store::imports::rows::NewIssue;
use partnergraph_store::imports::{runs, tune, undo};
use partnergraph_store::read::filter::{Filter, SubscriptionTerm};
use partnergraph_store::read::partners::PartnerBy;
use partnergraph_store::write::facts;
use partnergraph_store::{Access, Actor, Conn, DatabaseUrl, Scope};

pub use report::{MoveReport, RefusedRows};

use crate::apply;
use crate::plan::PlanError;
use crate::progress::Progress;
use crate::report::Report;
use crate::request::{Caller, MAX_ISSUES};
use crate::revert::{Left, Reverted};
use crate::run::{ImportError, lock};
use crate::watch::Watch;

/// The number of rows that are judged at a time.
const CHUNK: i64 = 5_000;
/// The most rows that a revert lists as kept. All are counted.
const LISTED: i64 = 10_000;

/// A move to make. Its run and its terms are stored.
#[derive(Clone, Debug)]
pub struct MoveRequest {
    /// What is moved, from whom and to whom.
    pub moved: Move,
    /// Whether the plan is only stored, or applied at once.
    pub mode: ImportMode,
    /// The subscriptions that are moved, of those that the reseller has.
    pub filter: Filter<SubscriptionTerm>,
}

/// Plans a move, and applies it if the request says so.
///
/// # Errors
///
/// [`ImportError`]. Nothing was moved then.
pub fn run_move(
    url: &DatabaseUrl,
    request: &MoveRequest,
    caller: &Caller<'_>,
    progress: &dyn Progress,
) -> Result<Report, ImportError> {
    let started = Instant::now();
    let moved = &request.moved;
    let mut conn = Conn::open(url)?;
    tune::for_import(&mut conn)?;
    let watch = Watch::new(progress, Some((url, moved.run_id)))?;
    let _lock = lock(url, caller, &watch)?;
    let result = plan_and_apply(&mut conn, request, (caller, started), &watch);
    // While the lock is held: another run would take this one for one whose process died.
    if let Err(error) = &result {
        runs::fail(&mut conn, moved.run_id, error.code(), &error.to_string(), caller.now)?;
    }
    result
}

/// The caller holds the lock.
fn plan_and_apply(
    conn: &mut Conn,
    request: &MoveRequest,
    (caller, started): (&Caller<'_>, Instant),
    watch: &Watch<'_>,
) -> Result<Report, ImportError> {
    let moved = &request.moved;
    runs::fail_abandoned(conn, caller.now)?;
    runs::start(conn, moved.run_id, caller.now)?;
    watch.phase(ImportStatus::Planning, ImportPhase::Planning);
    let scope = scope(moved);
    let collected = watch.writing(conn, |conn| moves::collect(conn, moved, &scope, &request.filter))?;
    watch.total(collected.rows);
    let refused = conn.transaction(Access::Read, |conn| judge(conn, moved, watch))?;
    if request.mode == ImportMode::Apply && (refused.is_empty() || !moved.is_whole()) {
        watch.phase(ImportStatus::Applying, ImportPhase::Applying);
    }
    let settled = watch.writing(conn, |conn| {
        // What is applied at once is what is there at that moment, and not what was there before.
        if request.mode == ImportMode::Apply && moves::newest_event(conn)? != collected.event {
            return Err(PlanError::Stale("something".to_owned()));
        }
        settle(conn, request, (&refused, started), caller)
    });
    let report = match settled {
        // Somebody has written since the rows were judged. Now nobody can.
        Err(PlanError::Stale(_)) if request.mode == ImportMode::Apply => watch.writing(conn, |conn| {
            moves::collect(conn, moved, &scope, &request.filter)?;
            let refused = judge(conn, moved, watch)?;
            settle(conn, request, (&refused, started), caller)
        }),
        settled => settled,
    }?;
    let is_refused = report.status == ImportStatus::Failed;
    if is_refused {
        return Err(ImportError::MoveRefused(Box::new(report)));
    }
    if report.status == ImportStatus::Applied {
        tune::after_import(conn, report.rows.applied);
    }
    watch.phase(report.status, ImportPhase::Done);
    Ok(report)
}

/// Stores the plan with its verdicts, and applies it if the request says so. The caller holds the write transaction open.
fn settle(
    conn: &mut Conn,
    request: &MoveRequest,
    (refused, started): (&[RefusedRow], Instant),
    caller: &Caller<'_>,
) -> Result<Report, PlanError> {
    let moved = &request.moved;
    note(conn, moved, refused, caller.now)?;
    let mut report = report::of(conn, moved, request.mode, caller.now)?;
    report.status = match request.mode {
        _ if moved.is_whole() && !refused.is_empty() => ImportStatus::Failed,
        ImportMode::Apply => ImportStatus::Applied,
        _ => ImportStatus::Planned,
    };
    let changes = if report.status == ImportStatus::Failed { 0 } else { changes(conn, moved)? };
    match report.status {
        // Nobody has written since the rows were judged; of the new reseller, the request was checked.
        ImportStatus::Applied => {
            check_successor(conn, moved)?;
            moves::apply(conn, caller.actor, caller.now, moved)?;
        }
        ImportStatus::Planned => PlanWriter::of_move(conn, moved.run_id)?,
        _ => {}
    }
    report.took(started.elapsed());
    apply::finish(conn, &stamp(moved, caller.now), &report, changes, caller.now)?;
    if report.status == ImportStatus::Failed {
        let error = ImportError::MoveRefused(Box::new(report.clone()));
        runs::fail(conn, moved.run_id, error.code(), &error.to_string(), caller.now)?;
    }
    Ok(report)
}

/// What the provider sees in its lists.
fn scope(moved: &Move) -> Scope {
    Scope::Partner { id: moved.provider_id, partner_type: PartnerType::IndirectProvider }
}

fn stamp(moved: &Move, now: NaiveDateTime) -> Stamp {
    Stamp { run_id: moved.run_id, partner_id: moved.provider_id, now: crate::reconcile::moment(now), records: None }
}

/// A row that rules refuse.
struct RefusedRow {
    ordinal: i64,
    key: String,
    /// The first refusal decides which rule is shown; all are in the message.
    refusals: Vec<Refusal>,
}

impl RefusedRow {
    fn message(&self) -> String {
        let messages: Vec<&str> = self.refusals.iter().map(|refusal| refusal.message.as_str()).collect();
        messages.join(" ")
    }

    fn rule(&self) -> Option<String> {
        self.refusals.iter().find_map(|refusal| refusal.rule).map(|rule| rule.to_string())
    }
}

/// Decides about each row of the plan as things are now. Returns those that are refused.
fn judge(conn: &mut Conn, moved: &Move, watch: &Watch<'_>) -> Result<Vec<RefusedRow>, PlanError> {
    let successor = if moved.to.is_some() { Successor::Reseller } else { Successor::Nobody };
    let mut refused = Vec::new();
    let mut after = 0;
    loop {
        let rows = moves::judged(conn, moved, after, CHUNK)?;
        let Some(last) = rows.last() else { return Ok(refused) };
        after = last.ordinal;
        watch.planned(rows.len() as u64)?;
        for Judged { ordinal, kind, key, standing, customer, subscription } in rows {
            if standing == Standing::Changed {
                return Err(PlanError::Stale(key));
            }
            let refusals = checks::moves_row(kind, successor, &customer, subscription.as_ref());
            if !refusals.is_empty() {
                refused.push(RefusedRow { ordinal, key, refusals });
            }
        }
    }
}

/// Stores which rows are refused, and lists the first of them as issues of the run.
fn note(conn: &mut Conn, moved: &Move, refused: &[RefusedRow], now: NaiveDateTime) -> Result<(), PlanError> {
    for row in refused {
        moves::refuse(conn, moved.run_id, row.ordinal, row.rule().as_deref(), &row.message())?;
    }
    let issues = refused.iter().take(MAX_ISSUES).zip(0..).map(|(row, ordinal)| {
        Ok(NewIssue {
            ordinal,
            severity: Severity::Error,
            file: -1,
            line: 0,
            column: None,
            code: "move.refused".to_owned(),
            rule: row.rule(),
            message: row.message(),
            hint: Some("fix the cause and plan again; the other rows can move without it".to_owned()),
            value: Some(row.key.clone()),
        })
    });
    insert::<NewIssue, PlanError>(conn, &stamp(moved, now), issues)?;
    Ok(())
}

/// The lines of the run's history.
fn changes(conn: &mut Conn, moved: &Move) -> Result<u64, PlanError> {
    let (from, to) = report::labels(conn, moved)?;
    Ok(moves::changes(conn, moved.run_id, (&from, to.as_deref()))?)
}

/// Whether the plan of a move could be applied now.
pub(crate) fn check(conn: &mut Conn, moved: &Move, watch: &Watch<'_>) -> Result<(), PlanError> {
    let refused: Vec<i64> = judge(conn, moved, watch)?.into_iter().map(|row| row.ordinal).collect();
    if refused != moves::refused(conn, moved.run_id)? {
        return Err(PlanError::Stale("what a rule is asked about".to_owned()));
    }
    if moves::matches_more(conn, moved)? {
        return Err(PlanError::Stale("what the reseller has with a customer".to_owned()));
    }
    check_successor(conn, moved)
}

/// Whether the new reseller still meets the rules.
fn check_successor(conn: &mut Conn, moved: &Move) -> Result<(), PlanError> {
    let Some(to) = moved.to else { return Ok(()) };
    let provider = facts::partner(conn, moved.provider_id)?;
    let choice = successor(conn, moved, to)?;
    if choice.is_none_or(|choice| !checks::moves_to(&provider, &moved.what, &choice).is_empty()) {
        return Err(PlanError::Stale("the standing of the new reseller".to_owned()));
    }
    Ok(())
}

/// The new reseller as the provider sees it now, if it is still the same account.
fn successor(
    conn: &mut Conn,
    moved: &Move,
    to: partnergraph_domain::PartnerKey,
) -> Result<Option<ResellerChoice>, PlanError> {
    let by = match moved.to_mpn_id.as_deref().and_then(|id| id.parse().ok()) {
        Some(mpn_id) => PartnerBy::Mpn(mpn_id),
        None => PartnerBy::Row(to),
    };
    let named = facts::named_partner(conn, &scope(moved), moved.provider_id, by)?;
    Ok(named.filter(|named| named.id == Some(to)).map(|named| named.choice))
}

/// Applies the stored plan of a move exactly. The caller holds the write transaction open.
pub(crate) fn apply_planned(
    conn: &mut Conn,
    moved: &Move,
    caller: &Caller<'_>,
    watch: &Watch<'_>,
) -> Result<(), PlanError> {
    check(conn, moved, watch)?;
    watch.check()?;
    Ok(moves::apply(conn, caller.actor, caller.now, moved)?)
}

/// Moves back what is still as the run left it. The run is already REVERTED. The caller holds the write transaction open.
pub(crate) fn revert(conn: &mut Conn, moved: &Move, actor: &Actor, now: NaiveDateTime) -> Result<Reverted, PlanError> {
    let (next_change, next_issue) = undo::next_places(conn, moved.run_id)?;
    let (restored, kept, first) = moves::revert(conn, actor, now, (moved, next_change, LISTED))?;
    let left: Vec<Left> = first.iter().map(|kept| Left::of_move(kept.kind, &kept.key)).collect();
    let issues = left.iter().zip(next_issue..).map(|(left, ordinal)| Ok(left.issue(ordinal)));
    insert::<NewIssue, PlanError>(conn, &stamp(moved, now), issues)?;
    let count = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
    undo::count(conn, moved.run_id, count(restored), count(kept))?;
    Ok(Reverted { run: moved.run_id, status: ImportStatus::Reverted, restored, removed: 0, kept, left })
}

/// The rows that rules refuse, by rule.
fn by_rule(totals: &[moves::KindTotals]) -> Vec<RefusedRows> {
    let mut rules: BTreeMap<(Option<&str>, &str), i64> = BTreeMap::new();
    for total in totals.iter().filter(|total| total.refused) {
        let message = total.message.as_deref().unwrap_or_default();
        *rules.entry((total.rule.as_deref(), message)).or_default() += total.rows;
    }
    let one = |((rule, message), rows): ((Option<&str>, &str), i64)| RefusedRows {
        rule: rule.map(str::to_owned),
        message: message.to_owned(),
        rows: u64::try_from(rows).unwrap_or(0),
    };
    rules.into_iter().map(one).collect()
}
