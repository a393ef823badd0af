//! Import runs: what was imported, the progress and the result.

use std::collections::BTreeSet;

use chrono::NaiveDateTime;
use diesel::prelude::*;
use partnergraph_domain::{ImportMode, ImportRunKey, ImportStatus, PartnerKey, Severity};

use crate::conn::Conn;
use crate::error::StoreResult;
use crate::schema::{import_absences, import_changes, import_files, import_issues, import_plan_pieces, import_runs};

/// A run.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = import_runs)]
#[allow(missing_docs)]
pub struct RunRow {
    pub id: ImportRunKey,
    pub partner_id: PartnerKey,
    pub started_by: String,
    pub mode: ImportMode,
    pub status: ImportStatus,
    pub phase: String,
    pub rows_read: i64,
    pub rows_total: Option<i64>,
    pub options: String,
    pub report: Option<String>,
    pub issues_total: i64,
    pub changes_total: i64,
    pub error_code: Option<String>,
    pub error_message: Option<String>,
    pub created_at: NaiveDateTime,
    pub started_at: Option<NaiveDateTime>,
    pub finished_at: Option<NaiveDateTime>,
}

/// A file of a run, as it was read.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Insertable)]
#[diesel(table_name = import_files)]
#[allow(missing_docs)]
pub struct FileRow {
    pub run_id: ImportRunKey,
    pub ordinal: i64,
    pub name: String,
    pub upload_id: Option<String>,
    pub profile: Option<String>,
    pub source: Option<String>,
    pub encoding: Option<String>,
    pub delimiter: Option<String>,
    pub date_order: Option<String>,
    pub as_of: Option<NaiveDateTime>,
    pub sha256: Option<String>,
    pub row_count: Option<i64>,
    pub options: String,
}

/// Creates a queued run and returns its number.
///
/// # Errors
/// Any database error.
pub fn create(
    conn: &mut Conn,
    partner_id: PartnerKey,
    started_by: &str,
    mode: ImportMode,
    options: &str,
    now: NaiveDateTime,
) -> StoreResult<ImportRunKey> {
    Ok(on!(conn, c => diesel::insert_into(import_runs::table)
        .values((
            import_runs::partner_id.eq(partner_id),
            import_runs::started_by.eq(started_by),
            import_runs::mode.eq(mode),
            import_runs::status.eq(ImportStatus::Queued),
            import_runs::phase.eq("waiting"),
            import_runs::rows_read.eq(0_i64),
            import_runs::options.eq(options),
            import_runs::issues_total.eq(0_i64),
            import_runs::changes_total.eq(0_i64),
            import_runs::created_at.eq(now),
        ))
        .returning(import_runs::id)
        .get_result(c))?)
}

/// Updates the progress of a run.
///
/// # Errors
/// Any database error.
pub fn progress(
    conn: &mut Conn,
    run_id: ImportRunKey,
    status: ImportStatus,
    phase: &str,
    rows_read: u64,
    rows_total: Option<u64>,
) -> StoreResult<()> {
    let count = |rows: u64| i64::try_from(rows).unwrap_or(i64::MAX);
    on!(conn, c => diesel::update(import_runs::table.find(run_id))
        .set((
            import_runs::status.eq(status),
            import_runs::phase.eq(phase),
            import_runs::rows_read.eq(count(rows_read)),
            import_runs::rows_total.eq(rows_total.map(count)),
        ))
        .execute(c))?;
    Ok(())
}

/// Records that a run has its turn. A queued run that was marked as failed becomes active again.
///
/// # Errors
/// Any database error.
pub fn start(conn: &mut Conn, run_id: ImportRunKey, now: NaiveDateTime) -> StoreResult<()> {
    on!(conn, c => diesel::update(import_runs::table.find(run_id))
        .set((import_runs::status.eq(ImportStatus::Planning), import_runs::phase.eq("reading"),
              import_runs::started_at.eq(Some(now)), import_runs::finished_at.eq(None::<NaiveDateTime>),
              import_runs::error_code.eq(None::<String>), import_runs::error_message.eq(None::<String>)))
        .execute(c))?;
    Ok(())
}

/// The result of a run.
#[derive(Debug, Clone)]
pub struct Outcome<'a> {
    /// The final status.
    pub status: ImportStatus,
    /// The report's counts, as JSON.
    pub report: &'a str,
    /// The number of rows in the files.
    pub rows: u64,
    /// The number of all issues, stored or not.
    pub issues_total: u64,
    /// The number of all changes.
    pub changes_total: u64,
    /// The tenant ids of the customers that complete lists lack.
    pub absent_customers: &'a [String],
    /// The ids of the subscriptions that complete lists lack.
    pub absent_subscriptions: &'a [String],
    /// The current time.
    pub now: NaiveDateTime,
}

/// Records the result of a run, in the transaction that applies it.
///
/// # Errors
/// Any database error.
pub fn finish(conn: &mut Conn, run_id: ImportRunKey, outcome: &Outcome<'_>) -> StoreResult<()> {
    let count = |rows: u64| i64::try_from(rows).unwrap_or(i64::MAX);
    on!(conn, c => diesel::update(import_runs::table.find(run_id))
        .set((
            import_runs::status.eq(outcome.status),
            import_runs::phase.eq("done"),
            import_runs::report.eq(Some(outcome.report)),
            import_runs::rows_read.eq(count(outcome.rows)),
            import_runs::rows_total.eq(Some(count(outcome.rows))),
            import_runs::issues_total.eq(count(outcome.issues_total)),
            import_runs::changes_total.eq(count(outcome.changes_total)),
            import_runs::finished_at.eq(Some(outcome.now)),
        ))
        .execute(c))?;
    set_absences(conn, run_id, outcome)
}

/// A plan that is made again can lack something else.
fn set_absences(conn: &mut Conn, run_id: ImportRunKey, outcome: &Outcome<'_>) -> StoreResult<()> {
    on!(conn, c => diesel::delete(import_absences::table.filter(import_absences::run_id.eq(run_id))).execute(c))?;
    for (entity, keys) in [("CUSTOMER", outcome.absent_customers), ("SUBSCRIPTION", outcome.absent_subscriptions)] {
        // Lists of two sources can lack the same.
        let keys: Vec<&String> = keys.iter().collect::<BTreeSet<_>>().into_iter().collect();
        let row = |key: &&String| {
            (
                import_absences::run_id.eq(run_id),
                import_absences::entity.eq(entity),
                import_absences::key.eq((*key).clone()),
            )
        };
        for keys in keys.chunks(500) {
            let rows: Vec<_> = keys.iter().map(row).collect();
            on!(conn, c => diesel::insert_into(import_absences::table).values(&rows).execute(c))?;
        }
    }
    Ok(())
}

/// Records that a run failed.
///
/// # Errors
/// Any database error.
pub fn fail(conn: &mut Conn, run_id: ImportRunKey, code: &str, message: &str, now: NaiveDateTime) -> StoreResult<()> {
    on!(conn, c => diesel::update(import_runs::table.find(run_id))
        .set((
            import_runs::status.eq(ImportStatus::Failed),
            import_runs::phase.eq("failed"),
            import_runs::error_code.eq(Some(code)),
            import_runs::error_message.eq(Some(message)),
            import_runs::finished_at.eq(Some(now)),
        ))
        .execute(c))?;
    Ok(())
}

/// Records the number of issues of a run that failed before its report.
///
/// # Errors
/// Any database error.
pub fn count_issues(conn: &mut Conn, run_id: ImportRunKey, issues: i64) -> StoreResult<()> {
    on!(conn, c => diesel::update(import_runs::table.find(run_id))
        .set(import_runs::issues_total.eq(issues))
        .execute(c))?;
    Ok(())
}

/// Moves a run from one of several statuses to another. Returns false if it has none of these statuses; a caller that gets true
/// owns the run.
///
/// # Errors
/// Any database error.
pub fn turn(
    conn: &mut Conn,
    run_id: ImportRunKey,
    from: &[ImportStatus],
    to: ImportStatus,
    phase: &str,
) -> StoreResult<bool> {
    let turned = on!(conn, c => diesel::update(import_runs::table.find(run_id).filter(import_runs::status.eq_any(from)))
        .set((import_runs::status.eq(to), import_runs::phase.eq(phase),
              import_runs::error_code.eq(None::<String>), import_runs::error_message.eq(None::<String>)))
        .execute(c))?;
    Ok(turned == 1)
}

/// Records that a plan could not be applied this time but can still be applied later.
///
/// # Errors
/// Any database error.
pub fn put_back(conn: &mut Conn, run_id: ImportRunKey, code: &str, message: &str) -> StoreResult<()> {
    on!(conn, c => diesel::update(import_runs::table.find(run_id))
        .set((
            import_runs::status.eq(ImportStatus::Planned),
            import_runs::phase.eq("done"),
            import_runs::error_code.eq(Some(code)),
            import_runs::error_message.eq(Some(message)),
        ))
        .execute(c))?;
    Ok(())
}

/// Marks runs whose process died as failed. Only for the holder of the [`super::lock::ImportLock`]: no other run can be active
/// then.
///
/// # Errors
/// Any database error.
pub fn fail_abandoned(conn: &mut Conn, now: NaiveDateTime) -> StoreResult<usize> {
    fail_all(conn, &[ImportStatus::Planning, ImportStatus::Applying], now)
}

/// Marks those runs and queued ones as failed. Only for the first server to start, which holds the [`super::lock::ImportLock`]
/// and exclusively the [`super::lock::ServerLock`]: any process that queued a run is gone then.
///
/// # Errors
/// Any database error.
pub fn fail_forgotten(conn: &mut Conn, now: NaiveDateTime) -> StoreResult<usize> {
    fail_all(conn, &[ImportStatus::Queued, ImportStatus::Planning, ImportStatus::Applying], now)
}

/// A stored plan is deleted when it is applied, so one that still exists was not applied and can be.
fn fail_all(conn: &mut Conn, statuses: &[ImportStatus], now: NaiveDateTime) -> StoreResult<usize> {
    let planned = import_plan_pieces::table.select(import_plan_pieces::run_id);
    let code = import_runs::error_code.eq(Some("run.abandoned"));
    on!(conn, c => diesel::update(import_runs::table
            .filter(import_runs::status.eq_any(statuses))
            .filter(import_runs::id.eq_any(planned)))
        .set((
            import_runs::status.eq(ImportStatus::Planned),
            import_runs::phase.eq("done"),
            code,
            import_runs::error_message.eq(Some("The process that applied this plan ended before it was done; nothing was changed.")),
        ))
        .execute(c))?;
    Ok(on!(conn, c => diesel::update(import_runs::table.filter(import_runs::status.eq_any(statuses)))
        .set((
            import_runs::status.eq(ImportStatus::Failed),
            import_runs::phase.eq("failed"),
            code,
            import_runs::error_message.eq(Some("The process that ran this import ended before it was done; nothing was changed.")),
            import_runs::finished_at.eq(Some(now)),
        ))
        .execute(c))?)
}

/// Writes the files of a run.
///
/// # Errors
/// Any database error.
pub fn add_files(conn: &mut Conn, files: &[FileRow]) -> StoreResult<()> {
    for file in files {
        on!(conn, c => diesel::insert_into(import_files::table).values(file).execute(c))?;
    }
    Ok(())
}

/// A run.
///
/// # Errors
/// Any database error.
pub fn find(conn: &mut Conn, run_id: ImportRunKey) -> StoreResult<Option<RunRow>> {
    Ok(on!(conn, c => import_runs::table.find(run_id).select(RunRow::as_select()).first::<RunRow>(c).optional())?)
}

/// Lists runs, newest first.
///
/// # Errors
/// Any database error.
pub fn newest(conn: &mut Conn, partner_id: Option<PartnerKey>, limit: i64) -> StoreResult<Vec<RunRow>> {
    Ok(on!(conn, c => {
        let mut query = import_runs::table.select(RunRow::as_select()).order(import_runs::id.desc()).limit(limit).into_boxed();
        if let Some(partner_id) = partner_id {
            query = query.filter(import_runs::partner_id.eq(partner_id));
        }
        query.load::<RunRow>(c)
    })?)
}

/// The files of a run.
///
/// # Errors
/// Any database error.
pub fn files(conn: &mut Conn, run_id: ImportRunKey) -> StoreResult<Vec<FileRow>> {
    Ok(on!(conn, c => import_files::table
        .filter(import_files::run_id.eq(run_id))
        .order(import_files::ordinal)
        .load::<FileRow>(c))?)
}

/// An issue of a run.
#[derive(Debug, Clone, PartialEq, Eq, Queryable)]
#[allow(missing_docs)]
pub struct IssueRow {
    pub ordinal: i64,
    pub severity: Severity,
    pub file: i64,
    pub line: i64,
    pub column_name: Option<String>,
    pub code: String,
    pub rule: Option<String>,
    pub message: String,
    pub hint: Option<String>,
    pub value: Option<String>,
}

/// The issues of a run from a position on.
///
/// # Errors
/// Any database error.
pub fn issues(conn: &mut Conn, run_id: ImportRunKey, from: i64, limit: i64) -> StoreResult<Vec<IssueRow>> {
    use import_issues::dsl;
    Ok(on!(conn, c => dsl::import_issues
        .filter(dsl::run_id.eq(run_id))
        .filter(dsl::ordinal.ge(from))
        .order(dsl::ordinal)
        .limit(limit)
        .select((dsl::ordinal, dsl::severity, dsl::file, dsl::line, dsl::column_name, dsl::code, dsl::rule, dsl::message,
                 dsl::hint, dsl::value))
        .load::<IssueRow>(c))?)
}

/// A change that a run made.
#[derive(Debug, Clone, PartialEq, Eq, Queryable)]
#[allow(missing_docs)]
pub struct ChangeRow {
    pub ordinal: i64,
    pub entity: String,
    pub key: String,
    pub action: String,
    pub field: Option<String>,
    pub before: Option<String>,
    pub after: Option<String>,
    pub tenant_id: Option<String>,
}

/// The changes of a run from a position on.
///
/// # Errors
/// Any database error.
pub fn changes(conn: &mut Conn, run_id: ImportRunKey, from: i64, limit: i64) -> StoreResult<Vec<ChangeRow>> {
    use import_changes::dsl;
    Ok(on!(conn, c => dsl::import_changes
        .filter(dsl::run_id.eq(run_id))
        .filter(dsl::ordinal.ge(from))
        .order(dsl::ordinal)
        .limit(limit)
        .select((dsl::ordinal, dsl::entity, dsl::key, dsl::action, dsl::field, dsl::before, dsl::after, dsl::tenant_id))
        .load::<ChangeRow>(c))?)
}
