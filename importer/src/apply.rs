//! The seventh stage: writes a plan in one transaction, all of it or nothing.
//!
//! Each kind of row is written in turn, in the order of their references. This stage makes no decisions.

use std::collections::BTreeMap;

use chrono::NaiveDateTime;
use partnergraph_domain::{CustomerKey, ImportRunKey, ImportSourceKey, OperationType, PartnerKey};
use partnergraph_store::imports::bulk::{ChangedRow, NewRow, Stamp, insert, update};
use partnergraph_store::imports::change_records::{ChangeRecords, add_viewers, record_planned};
use partnergraph_store::imports::indexes::{self, SetAside};
use partnergraph_store::imports::rows::{BaselineKey, BaselineOf, ChangedBaseline, NewIssue};
use partnergraph_store::imports::runs::{self, Outcome};
use partnergraph_store::imports::{derived, history, reseller_names, sources, undo};
use partnergraph_store::write::{Event, Viewer, record};
use partnergraph_store::{Actor, Backend, Conn, StoreError};
use serde::de::DeserializeOwned;

use crate::issue::Issue;
use crate::plan::{Plan, PlanError, Rebase, Shift, Written};
use crate::report::Report;
use crate::spool::Spooled;
use crate::watch::Watch;

/// From this number of rows, it is worth building the indexes at the end.
const MANY: u64 = 20_000;
/// Number of keys per statement.
const KEYS_AT_ONCE: usize = 2_000;

/// What to write.
pub(crate) struct Work<'a> {
    pub(crate) ops: &'a Written,
    pub(crate) microsofts: &'a [ImportSourceKey],
    pub(crate) touched: &'a [CustomerKey],
    pub(crate) changes: u64,
    /// Shift from the plan's keys to keys that are free now.
    pub(crate) shift: Shift,
    pub(crate) watch: &'a Watch<'a>,
}

impl<'a> Work<'a> {
    /// A plan that was just made.
    pub(crate) fn of(plan: &'a Plan, watch: &'a Watch<'a>) -> Self {
        let Plan { ops, microsofts, touched, changes, .. } = plan;
        Self { ops, microsofts, touched, changes: *changes, shift: Shift::default(), watch }
    }
}

/// Adjusts each row before it is written to the tables.
#[derive(Clone, Copy)]
pub(crate) struct Way<'a> {
    pub(crate) shift: &'a Shift,
    pub(crate) watch: &'a Watch<'a>,
}

/// For which partner, by whom and when the plan is written.
pub(crate) struct Writing<'a> {
    pub(crate) run_id: ImportRunKey,
    pub(crate) partner_id: PartnerKey,
    pub(crate) actor: &'a Actor,
    pub(crate) now: NaiveDateTime,
}

impl Writing<'_> {
    pub(crate) fn stamp(&self) -> Stamp {
        Stamp {
            run_id: self.run_id,
            partner_id: self.partner_id,
            now: crate::reconcile::moment(self.now),
            records: None,
        }
    }
}

/// Writes the plan and its single event. The caller holds the write transaction and records the result of the run.
pub(crate) fn apply(conn: &mut Conn, work: &Work<'_>, writing: &Writing<'_>) -> Result<(), PlanError> {
    let mut stamp = writing.stamp();
    let records = ChangeRecords::reserve(conn, (0, count(work.changes)))?;
    stamp.records = Some(records);
    let (ops, shift) = (work.ops, &work.shift);
    work.watch.total(ops.count());
    let way = Way { shift, watch: work.watch };
    add(conn, &stamp, way, &ops.sources)?;
    let microsofts: Vec<ImportSourceKey> = work.microsofts.iter().map(|source| shift.source(*source)).collect();
    sources::note_microsofts(conn, &microsofts)?;
    add(conn, &stamp, way, &ops.placeholders)?;
    add(conn, &stamp, way, &ops.partnerships)?;
    add(conn, &stamp, way, &ops.reseller_statements)?;
    name_placeholders(conn, ops, shift)?;
    add(conn, &stamp, way, &ops.tenants)?;
    add(conn, &stamp, way, &ops.customers)?;
    add(conn, &stamp, way, &ops.records)?;
    change(conn, &stamp, way, &ops.changed_records)?;
    add(conn, &stamp, way, &ops.relationships)?;
    add(conn, &stamp, way, &ops.agreements)?;
    add(conn, &stamp, way, &ops.repeated_agreements)?;
    add(conn, &stamp, way, &ops.grants)?;
    change(conn, &stamp, way, &ops.changed_grants)?;
    add_in_bulk(conn, &stamp, work)?;
    change(conn, &stamp, way, &ops.changed_subscriptions)?;
    change(conn, &stamp, way, &ops.changed_resellers)?;
    forget_history(conn, ops)?;
    add(conn, &stamp, way, &ops.history)?;
    add(conn, &stamp, way, &ops.entitlements)?;
    change(conn, &stamp, way, &ops.changed_entitlements)?;
    keep_baselines(conn, &stamp, work)?;
    change(conn, &stamp, way, &ops.changed_baselines)?;
    change(conn, &stamp, way, &ops.absences)?;
    advance(conn, ops)?;
    if !work.touched.is_empty() {
        let started = std::time::Instant::now();
        let touched: Vec<CustomerKey> = work.touched.iter().map(|customer| shift.customer(*customer)).collect();
        derived::refresh(conn, &touched)?;
        tracing::debug!(customers = touched.len(), elapsed = ?started.elapsed(), "derived");
    }
    let of_run = (writing.run_id, writing.partner_id);
    if work.changes > ops.changes.count() {
        record_planned(conn, of_run, records)?;
    }
    if ops.changed_subscriptions.count() + ops.changed_entitlements.count() > 0 {
        add_viewers(conn, of_run, 0)?;
    }
    if work.changes > 0 {
        let event = Event {
            run_id: Some(writing.run_id),
            // Whoever started the import, it belongs to the importing partner's history.
            viewers: vec![Viewer::Partner(writing.partner_id)],
            ..Event::succeeded(OperationType::ApplyImport)
        };
        record(conn, writing.actor, writing.now, &event)?;
    }
    Ok(())
}

fn count(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// Gives placeholders the names that the new statements about resellers lead to.
fn name_placeholders(conn: &mut Conn, ops: &Written, shift: &Shift) -> Result<(), PlanError> {
    let stated = moved(&ops.reseller_statements, shift).map(|row| row.map(|row| row.reseller_id));
    let mut named: Vec<PartnerKey> = stated.collect::<Result<_, _>>()?;
    named.sort_unstable();
    named.dedup();
    Ok(reseller_names::refresh(conn, &named)?)
}

/// Deletes the periods of partners of record that are written again.
fn forget_history(conn: &mut Conn, ops: &Written) -> Result<(), PlanError> {
    let mut keys = Vec::new();
    for row in ops.forgotten_history.iter() {
        keys.push(row?.subscription_pk);
        if keys.len() == KEYS_AT_ONCE {
            history::forget(conn, &keys)?;
            keys.clear();
        }
    }
    if keys.is_empty() { Ok(()) } else { Ok(history::forget(conn, &keys)?) }
}

/// The current baselines, kept so that the run can be reverted. Only those that change; a first load has none.
fn keep_baselines(conn: &mut Conn, stamp: &Stamp, work: &Work<'_>) -> Result<(), PlanError> {
    let changed = moved(&work.ops.changed_baselines, &work.shift);
    let changed = changed.map(|row| row.map(|ChangedBaseline(row)| (row.source_id, row.of)));
    let absent = moved(&work.ops.absences, &work.shift);
    let absent = absent.map(|row| row.map(|row| (row.source_id, row.of)));
    let (mut of_customers, mut of_subscriptions) = (Waiting::new(), Waiting::new());
    for row in changed.chain(absent) {
        match row? {
            (source_id, BaselineOf::Customer(key)) => keep_later(conn, stamp, &mut of_customers, source_id, key)?,
            (source_id, BaselineOf::Subscription(key)) => {
                keep_later(conn, stamp, &mut of_subscriptions, source_id, key)?;
            }
        }
    }
    keep_waiting(conn, stamp, &of_customers)?;
    keep_waiting(conn, stamp, &of_subscriptions)
}

/// For each source, the kinds of baselines that are to be kept next.
type Waiting<K> = BTreeMap<ImportSourceKey, Vec<K>>;

fn keep_later<K: BaselineKey>(
    conn: &mut Conn,
    stamp: &Stamp,
    waiting: &mut Waiting<K>,
    source_id: ImportSourceKey,
    key: K,
) -> Result<(), PlanError> {
    let keys = waiting.entry(source_id).or_default();
    keys.push(key);
    if keys.len() == KEYS_AT_ONCE {
        undo::keep_baselines(conn, stamp.run_id, source_id, keys)?;
        keys.clear();
    }
    Ok(())
}

fn keep_waiting<K: BaselineKey>(conn: &mut Conn, stamp: &Stamp, waiting: &Waiting<K>) -> Result<(), PlanError> {
    for (source_id, keys) in waiting.iter().filter(|(_, keys)| !keys.is_empty()) {
        undo::keep_baselines(conn, stamp.run_id, *source_id, keys)?;
    }
    Ok(())
}

/// On a first load, builds the indexes and checks the foreign keys once, at the end.
fn add_in_bulk(conn: &mut Conn, stamp: &Stamp, work: &Work<'_>) -> Result<(), PlanError> {
    let (ops, way) = (work.ops, Way { shift: &work.shift, watch: work.watch });
    let first_load = ops.subscriptions.count() >= MANY && sources::highest_id(conn, "subscriptions")? == 0;
    let mut aside = SetAside::default();
    if first_load {
        aside.add(indexes::set_aside(conn, "subscriptions")?);
        aside.add(indexes::set_aside(conn, "import_changes")?);
        if conn.backend() == Backend::Postgres {
            aside.add(indexes::set_aside(conn, "import_baselines")?);
        }
    }
    add(conn, stamp, way, &ops.subscriptions)?;
    add(conn, stamp, way, &ops.baselines)?;
    add(conn, stamp, way, &ops.changes)?;
    indexes::restore(conn, &aside)?;
    if ops.baselines.count() >= MANY {
        derived::analyse(conn, &["tenants", "customers", "subscriptions", "import_baselines"])?;
    }
    Ok(())
}

/// Inserts new rows.
pub(crate) fn add<R: NewRow + Rebase + DeserializeOwned>(
    conn: &mut Conn,
    stamp: &Stamp,
    way: Way<'_>,
    rows: &Spooled<R>,
) -> Result<(), PlanError> {
    if rows.count() > 0 {
        let started = std::time::Instant::now();
        insert::<R, PlanError>(conn, stamp, watched(rows, way))?;
        tracing::debug!(table = R::TABLE, rows = rows.count(), elapsed = ?started.elapsed(), "inserted");
    }
    Ok(())
}

fn change<R: ChangedRow + Rebase + DeserializeOwned>(
    conn: &mut Conn,
    stamp: &Stamp,
    way: Way<'_>,
    rows: &Spooled<R>,
) -> Result<(), PlanError> {
    if rows.count() > 0 {
        update::<R, PlanError>(conn, stamp, watched(rows, way))?;
    }
    Ok(())
}

/// The rows, each of which is reported to the progress watcher.
fn watched<'a, R: Rebase + DeserializeOwned>(
    rows: &'a Spooled<R>,
    way: Way<'a>,
) -> impl Iterator<Item = Result<R, PlanError>> + 'a {
    moved(rows, way.shift).map(move |row| {
        way.watch.advance(1)?;
        row
    })
}

/// The rows with free keys.
fn moved<'a, R: Rebase + DeserializeOwned>(
    rows: &'a Spooled<R>,
    shift: &'a Shift,
) -> impl Iterator<Item = Result<R, PlanError>> + 'a {
    let stays = shift.is_none();
    rows.iter().map(move |row| {
        let mut row = row?;
        if !stays {
            row.rebase(shift);
        }
        Ok(row)
    })
}

/// The plan assigned keys itself, so the database's own sequences must continue after them.
fn advance(conn: &mut Conn, ops: &Written) -> Result<(), StoreError> {
    let tables = [
        ("import_sources", ops.sources.count()),
        ("partners", ops.placeholders.count()),
        ("partnerships", ops.partnerships.count()),
        ("customers", ops.customers.count()),
        ("customer_records", ops.records.count()),
        ("reseller_relationships", ops.relationships.count()),
        ("subscriptions", ops.subscriptions.count()),
        ("partner_of_record_history", ops.history.count()),
        ("delegated_admin_grants", ops.grants.count()),
        ("entitlements", ops.entitlements.count()),
    ];
    tables.iter().filter(|(_, count)| *count > 0).try_for_each(|(table, _)| sources::advance_sequence(conn, table))
}

/// Writes the run's issues, its report and its final status.
pub(crate) fn finish(
    conn: &mut Conn,
    stamp: &Stamp,
    report: &Report,
    changes: u64,
    now: NaiveDateTime,
) -> Result<(), PlanError> {
    let issues = report.issues.iter().zip(0..).map(|(issue, ordinal)| Ok(issue_row(issue, ordinal)));
    insert::<NewIssue, PlanError>(conn, stamp, issues)?;
    let text = serde_json::to_string(&report.without_issues())?;
    runs::finish(
        conn,
        stamp.run_id,
        &Outcome {
            status: report.status,
            report: &text,
            rows: report.rows.read,
            issues_total: report.issues_total,
            changes_total: changes,
            absent_customers: &report.absent.customers,
            absent_subscriptions: &report.absent.subscriptions,
            now,
        },
    )?;
    Ok(())
}

pub(crate) fn issue_row(issue: &Issue, ordinal: i64) -> NewIssue {
    NewIssue {
        ordinal,
        severity: issue.severity,
        file: issue.file.into(),
        line: i64::try_from(issue.line).unwrap_or(i64::MAX),
        column: issue.column.clone(),
        code: issue.code.to_string(),
        rule: issue.rule.map(|rule| rule.to_string()),
        message: issue.message.clone(),
        hint: issue.hint.clone(),
        value: issue.value.clone(),
    }
}
