//! Reverts what an import did.
//!
//! A field gets its earlier value back if it still has the run's value. It stays if a person has changed it since, or
//! if a source has stated a different value since, because the run's statement is no longer the latest. What the run
//! created is deleted if nothing refers to it and no one has edited it. Baselines and absences are restored too, so
//! that the same files import everything again. What stays is listed as the run's issues.

mod history;
mod values;

use chrono::NaiveDateTime;
use partnergraph_domain::{CustomerKey, ImportRunKey, ImportStatus, MovedKind, OperationType, PartnerKey, Severity};
use partnergraph_store::imports::bulk::{Stamp, insert, update};
use partnergraph_store::imports::change_records::{ChangeRecords, add_viewers};
use partnergraph_store::imports::rows::{
    ChangedEntitlement, ChangedGrant, ChangedRecord, ChangedReseller, ChangedSubscription, NewChange, NewIssue,
};
use partnergraph_store::imports::runs;
use partnergraph_store::imports::undo::{self, Undoing};
use partnergraph_store::imports::{derived, moves, tune};
use partnergraph_store::write::{Event, Viewer, record};
use partnergraph_store::{Access, Actor, Conn, DatabaseUrl};
use serde::Serialize;

use crate::moving;
use crate::plan::PlanError;
use crate::run::ImportError;
use crate::spool::{Spool, Spooled};

/// The most items that are listed as kept. All are counted.
const LISTED: usize = 10_000;

/// The result of reverting an import.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Reverted {
    /// The run.
    pub run: ImportRunKey,
    /// Its status now.
    pub status: ImportStatus,
    /// Customers, subscriptions and grants that had fields restored to their earlier values.
    pub restored: u64,
    /// Customers, subscriptions, relationships, grants, partnerships, agreements and statements about resellers that
    /// the run had created and that are deleted.
    pub removed: u64,
    /// What stays: items that the run created, and fields that it changed.
    pub kept: u64,
    /// The first of them.
    pub left: Vec<Left>,
}

/// Something of the run that stays.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Left {
    /// `CUSTOMER`, `SUBSCRIPTION` and so on.
    pub entity: String,
    /// Its tenant id, subscription id or MPN ID.
    pub key: String,
    /// The field. `None` for the whole item.
    pub field: Option<String>,
    /// Why it stays, in a few words that are the same for everything that stays for this reason.
    pub reason: String,
    /// What stays and why, in one sentence.
    pub message: String,
}

/// The revert in progress: what is to be written after everything has been checked.
struct Undo<'a> {
    conn: &'a mut Conn,
    undoing: Undoing,
    records: Spool<ChangedRecord>,
    subscriptions: Spool<ChangedSubscription>,
    resellers: Spool<ChangedReseller>,
    grants: Spool<ChangedGrant>,
    entitlements: Spool<ChangedEntitlement>,
    changes: Spool<NewChange>,
    next_change: i64,
    touched: Vec<CustomerKey>,
    restored: u64,
    kept: u64,
    left: Vec<Left>,
}

/// Reverts a run over its own connection; see [`revert_run`].
///
/// # Errors
///
/// [`ImportError`]. Nothing was changed then.
pub fn revert(
    url: &DatabaseUrl,
    run_id: ImportRunKey,
    actor: &Actor,
    now: NaiveDateTime,
) -> Result<Reverted, ImportError> {
    let mut conn = Conn::open(url)?;
    tune::for_import(&mut conn)?;
    let run = runs::find(&mut conn, run_id)?.ok_or(ImportError::NoRun(run_id))?;
    if run.status != ImportStatus::Applied {
        return Err(ImportError::NotApplied { run_id, status: run.status });
    }
    let done = conn.transaction(Access::Write, |conn| revert_run(conn, (run_id, run.partner_id), actor, now))?;
    let reverted = done.ok_or(ImportError::NotApplied { run_id, status: ImportStatus::Reverted })?;
    tune::after_import(&mut conn, reverted.removed + reverted.restored);
    Ok(reverted)
}

/// Reverts a run. `None` if it is not APPLIED any more. The caller holds a write transaction open.
///
/// It does not wait for other imports. A running import plans again when it detects that something was written, and a
/// stored plan becomes stale.
///
/// # Errors
///
/// A database error.
pub fn revert_run(
    conn: &mut Conn,
    (run_id, partner_id): (ImportRunKey, PartnerKey),
    actor: &Actor,
    now: NaiveDateTime,
) -> Result<Option<Reverted>, PlanError> {
    if !runs::turn(conn, run_id, &[ImportStatus::Applied], ImportStatus::Reverted, "done")? {
        return Ok(None);
    }
    if let Some(moved) = moves::find(conn, run_id)? {
        return Ok(Some(moving::revert(conn, &moved, actor, now)?));
    }
    let undoing = Undoing { run_id, partner_id };
    undo::begin(conn, undoing)?;
    let concerned = history::Concerned::find(conn, undoing)?;
    let (next_change, next_issue) = undo::next_places(conn, run_id)?;
    let mut work = Undo {
        conn: &mut *conn,
        undoing,
        records: Spool::new()?,
        subscriptions: Spool::new()?,
        resellers: Spool::new()?,
        grants: Spool::new()?,
        entitlements: Spool::new()?,
        changes: Spool::new()?,
        next_change,
        touched: Vec::new(),
        restored: 0,
        kept: 0,
        left: Vec::new(),
    };
    work.restore_values()?;
    let Undo {
        records, subscriptions, resellers, grants, entitlements, changes, touched, restored, kept, left, ..
    } = work;
    let changes = changes.finish()?;
    let own_records = ChangeRecords::reserve(conn, (next_change, count(changes.count())))?;
    let stamp = Stamp { run_id, partner_id, now: crate::reconcile::moment(now), records: Some(own_records) };
    update::<ChangedRecord, PlanError>(conn, &stamp, rows(&records.finish()?))?;
    update::<ChangedSubscription, PlanError>(conn, &stamp, rows(&subscriptions.finish()?))?;
    let resellers = resellers.finish()?;
    update::<ChangedReseller, PlanError>(conn, &stamp, rows(&resellers))?;
    update::<ChangedGrant, PlanError>(conn, &stamp, rows(&grants.finish()?))?;
    update::<ChangedEntitlement, PlanError>(conn, &stamp, rows(&entitlements.finish()?))?;

    // First, because a customer whose agreement is still confirmed is kept.
    let agreements = undo::withdraw_agreements(conn, undoing)?;
    undo::mark_created(conn, undoing)?;
    let room = LISTED.saturating_sub(left.len());
    let (stays, staying) = undo::kept_of_created(conn, undoing, i64::try_from(room).unwrap_or(0))?;
    let mut left = left;
    left.extend(stays.into_iter().map(|stays| {
        let reason = stays.reason.unwrap_or_else(|| "changed since the import".to_owned());
        let message = kept_because(&stays.entity, &stays.key, None, &reason);
        Left { entity: stays.entity, key: stays.key, field: None, reason, message }
    }));
    let kept = kept + u64::try_from(staying).unwrap_or(0);
    let gone = undo::delete_created(conn, undoing)?;
    let baselines = undo::restore_baselines(conn, undoing)?;
    let statements = undo::withdraw_reseller_statements(conn, undoing)?;
    concerned.restore(conn, undoing, &stamp)?;
    undo::delete_unnamed(conn, undoing)?;
    undo::end(conn)?;

    let mut touched = [touched, gone.touched].concat();
    touched.sort_unstable();
    touched.dedup();
    if !touched.is_empty() {
        derived::refresh(conn, &touched)?;
    }
    insert::<NewChange, PlanError>(conn, &stamp, rows(&changes))?;
    add_viewers(conn, (run_id, partner_id), next_change)?;
    let issues = left.iter().zip(next_issue..).map(|(left, ordinal)| Ok(left.issue(ordinal)));
    insert::<NewIssue, PlanError>(conn, &stamp, issues)?;
    undo::count(conn, run_id, count(changes.count()), count(kept))?;
    let removed = (gone.customers + gone.subscriptions + gone.others + agreements + statements) as u64;
    if removed + restored > 0 || baselines > 0 {
        let event = Event {
            run_id: Some(run_id),
            viewers: vec![Viewer::Partner(partner_id)],
            ..Event::succeeded(OperationType::RevertImport)
        };
        record(conn, actor, now, &event)?;
    }
    Ok(Some(Reverted { run: run_id, status: ImportStatus::Reverted, restored, removed, kept, left }))
}

fn count(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

fn rows<R: serde::de::DeserializeOwned>(rows: &Spooled<R>) -> impl Iterator<Item = Result<R, PlanError>> + '_ {
    rows.iter().map(|row| row.map_err(PlanError::from))
}

impl Left {
    /// A row of a move that has changed since.
    pub(crate) fn of_move(kind: MovedKind, key: &str) -> Self {
        let (entity, field) = match kind {
            MovedKind::Account => ("CUSTOMER", "indirectResellers"),
            MovedKind::SupportContact => ("SUBSCRIPTION", "supportContact"),
            MovedKind::Entitlement => ("ENTITLEMENT", "partnerOfRecord"),
            MovedKind::PartnerOfRecord | MovedKind::Matched => ("SUBSCRIPTION", "partnerOfRecord"),
        };
        let reason = "changed since the move";
        Self {
            entity: entity.to_owned(),
            key: key.to_owned(),
            field: Some(field.to_owned()),
            reason: reason.to_owned(),
            message: kept_because(entity, key, Some(field), reason),
        }
    }

    /// What stays, as an issue of the run. It refers to none of its files.
    pub(crate) fn issue(&self, ordinal: i64) -> NewIssue {
        NewIssue {
            ordinal,
            severity: Severity::Warning,
            file: -1,
            line: 0,
            column: self.field.clone(),
            code: "revert.kept".to_owned(),
            rule: None,
            message: self.message.clone(),
            hint: Some("it was changed or is in use since the import; change it by hand if needed".to_owned()),
            value: Some(self.key.clone()),
        }
    }
}

fn kept_because(entity: &str, key: &str, field: Option<&str>, reason: &str) -> String {
    let of = field.map_or(String::new(), |field| format!("{field} of "));
    format!("{of}{} {key} was kept: {reason}", shown(entity))
}

/// An entity's name in the list of changes, as used in a sentence.
fn shown(entity: &str) -> String {
    entity.to_lowercase().replace('_', " ")
}

impl Undo<'_> {
    fn keep(&mut self, entity: &str, key: &str, field: Option<&str>, why: &str) {
        self.kept += 1;
        if self.left.len() < LISTED {
            self.left.push(Left {
                entity: entity.to_owned(),
                key: key.to_owned(),
                field: field.map(str::to_owned),
                reason: why.to_owned(),
                message: kept_because(entity, key, field, why),
            });
        }
    }

    /// A line of the run's history: a field was restored to its earlier value.
    fn note(&mut self, line: &runs::ChangeRow) -> Result<(), PlanError> {
        self.changes.append(&NewChange {
            ordinal: self.next_change,
            entity: line.entity.clone(),
            key: line.key.clone(),
            action: "REVERT".to_owned(),
            field: line.field.clone(),
            before: line.after.clone(),
            after: line.before.clone(),
            file: None,
            line: None,
            tenant_id: line.tenant_id.clone(),
        })?;
        self.next_change += 1;
        Ok(())
    }
}
