//! The seventh stage: a plan is written, all of it in one transaction or nothing.
//!
//! Kind by kind and in the order in which one refers to another. Nothing is decided here.

use chrono::NaiveDateTime;
use partnergraph_domain::{ImportStatus, OperationType};
use partnergraph_store::imports::bulk::{ChangedRow, NewRow, Stamp, insert, update};
use partnergraph_store::imports::indexes::{self, SetAside};
use partnergraph_store::imports::rows::NewIssue;
use partnergraph_store::imports::runs::{self, Outcome};
use partnergraph_store::imports::{derived, sources};
use partnergraph_store::write::{Event, Viewer, record};
use partnergraph_store::{Actor, Backend, Conn, StoreError};
use serde::de::DeserializeOwned;

use crate::issue::Issue;
use crate::plan::{Plan, PlanError};
use crate::report::Report;
use crate::spool::Spooled;

/// From so many rows on, building indexes at the end is worth it.
pub(crate) const MANY: u64 = 20_000;

/// What a plan is written with.
pub(crate) struct Writing<'a> {
    pub(crate) run_id: i64,
    pub(crate) partner_id: i64,
    pub(crate) actor: &'a Actor,
    pub(crate) now: NaiveDateTime,
    pub(crate) report: &'a Report,
}

/// Writes the plan, the run's report and its one event. The caller holds the write transaction open.
pub(crate) fn apply(conn: &mut Conn, plan: &Plan, writing: &Writing<'_>) -> Result<(), PlanError> {
    let stamp =
        Stamp { run_id: writing.run_id, partner_id: writing.partner_id, now: crate::reconcile::moment(writing.now) };
    let ops = &plan.ops;
    add(conn, &stamp, &ops.sources)?;
    sources::note_microsofts(conn, &plan.microsofts)?;
    add(conn, &stamp, &ops.placeholders)?;
    add(conn, &stamp, &ops.partnerships)?;
    add(conn, &stamp, &ops.tenants)?;
    add(conn, &stamp, &ops.customers)?;
    add(conn, &stamp, &ops.records)?;
    change(conn, &stamp, &ops.changed_records)?;
    add(conn, &stamp, &ops.relationships)?;
    add(conn, &stamp, &ops.grants)?;
    change(conn, &stamp, &ops.changed_grants)?;
    add_in_bulk(conn, &stamp, plan)?;
    change(conn, &stamp, &ops.changed_subscriptions)?;
    change(conn, &stamp, &ops.changed_resellers)?;
    add(conn, &stamp, &ops.history)?;
    change(conn, &stamp, &ops.changed_baselines)?;
    change(conn, &stamp, &ops.absences)?;
    advance(conn, plan)?;
    if !plan.touched.is_empty() {
        let begun = std::time::Instant::now();
        derived::refresh(conn, &plan.touched)?;
        tracing::debug!(customers = plan.touched.len(), elapsed = ?begun.elapsed(), "derived");
    }
    if plan.changes > 0 {
        let event = Event {
            run_id: Some(writing.run_id),
            // Whoever started it, it is the importing partner's history.
            viewers: vec![Viewer::Partner(writing.partner_id)],
            ..Event::succeeded(OperationType::ApplyImport)
        };
        record(conn, writing.actor, writing.now, &event)?;
    }
    finish(conn, &stamp, plan, writing)
}

/// A first load sorts indexes and checks foreign keys once, at the end.
fn add_in_bulk(conn: &mut Conn, stamp: &Stamp, plan: &Plan) -> Result<(), PlanError> {
    let ops = &plan.ops;
    let first_load = ops.subscriptions.count() >= MANY && sources::highest_id(conn, "subscriptions")? == 0;
    let mut aside = SetAside::default();
    if first_load {
        aside.add(indexes::set_aside(conn, "subscriptions")?);
        if conn.backend() == Backend::Postgres {
            aside.add(indexes::set_aside(conn, "import_baselines")?);
            aside.add(indexes::set_aside(conn, "import_changes")?);
        }
    }
    add(conn, stamp, &ops.subscriptions)?;
    add(conn, stamp, &ops.baselines)?;
    add(conn, stamp, &ops.changes)?;
    indexes::restore(conn, &aside)?;
    if ops.baselines.count() >= MANY {
        derived::analyse(conn, &["tenants", "customers", "subscriptions", "import_baselines"])?;
    }
    Ok(())
}

fn add<R: NewRow + DeserializeOwned>(conn: &mut Conn, stamp: &Stamp, rows: &Spooled<R>) -> Result<(), PlanError> {
    if rows.count() > 0 {
        let begun = std::time::Instant::now();
        insert::<R, PlanError>(conn, stamp, rows.iter().map(|row| row.map_err(PlanError::from)))?;
        tracing::debug!(table = R::TABLE, rows = rows.count(), elapsed = ?begun.elapsed(), "inserted");
    }
    Ok(())
}

fn change<R: ChangedRow + DeserializeOwned>(
    conn: &mut Conn,
    stamp: &Stamp,
    rows: &Spooled<R>,
) -> Result<(), PlanError> {
    if rows.count() > 0 {
        update::<R, PlanError>(conn, stamp, rows.iter().map(|row| row.map_err(PlanError::from)))?;
    }
    Ok(())
}

/// The plan gave keys by itself; the database's own numbering goes on after them.
fn advance(conn: &mut Conn, plan: &Plan) -> Result<(), StoreError> {
    let ops = &plan.ops;
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
    ];
    tables.iter().filter(|(_, count)| *count > 0).try_for_each(|(table, _)| sources::advance_sequence(conn, table))
}

/// The run's issues and its report.
fn finish(conn: &mut Conn, stamp: &Stamp, plan: &Plan, writing: &Writing<'_>) -> Result<(), PlanError> {
    let issues = writing.report.issues.iter().zip(0..).map(|(issue, ordinal)| Ok(issue_row(issue, ordinal)));
    insert::<NewIssue, PlanError>(conn, stamp, issues)?;
    let report = serde_json::to_string(&writing.report.without_issues())?;
    runs::finish(
        conn,
        stamp.run_id,
        &Outcome {
            status: ImportStatus::Applied,
            report: &report,
            rows: writing.report.rows.read,
            issues_total: writing.report.issues_total,
            changes_total: plan.changes,
            now: writing.now,
        },
    )?;
    Ok(())
}

pub(crate) fn issue_row(issue: &Issue, ordinal: i64) -> NewIssue {
    NewIssue {
        ordinal,
        severity: issue.severity.as_str().to_owned(),
        file: issue.file.into(),
        line: i64::try_from(issue.line).unwrap_or(i64::MAX),
        column: issue.column.clone(),
        code: issue.code.to_string(),
        rule: issue.rule.as_ref().map(ToString::to_string),
        message: issue.message.clone(),
        hint: issue.hint.clone(),
        value: issue.value.clone(),
    }
}
