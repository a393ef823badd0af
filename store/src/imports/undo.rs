//! The queries and updates for reverting an import.
//!
//! Keys of rows to remove are collected in temporary tables, so that the rows that depend on them are looked up once, however
//! many rows a run created. Everything happens in one write transaction; [`begin`] creates these tables and [`end`] drops them.

use chrono::NaiveDateTime;
use diesel::QueryableByName;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Nullable, Text, Timestamp};
use partnergraph_domain::{CustomerKey, GrantKey, ImportRunKey, ImportSourceKey, PartnerKey};

use super::derived;
use super::rows::BaselineKey;
use super::runs::ChangeRow;
use crate::conn::{Backend, Conn};
use crate::error::StoreResult;
use crate::schema::import_changes;
use crate::sql::{Sql, ids, sql};

mod agreements;
mod created;
mod reseller_statements;
mod unnamed;

pub use agreements::withdraw_agreements;
pub use created::{Gone, Kept, delete_created, kept_of_created, mark_created};
pub use reseller_statements::withdraw_reseller_statements;
pub use unnamed::delete_unnamed;

/// A run that is being reverted.
#[derive(Debug, Clone, Copy)]
pub struct Undoing {
    /// The run.
    pub run_id: ImportRunKey,
    /// The importing partner.
    pub partner_id: PartnerKey,
}

/// Saves baselines before a run changes them.
///
/// # Errors
/// Any database error.
pub fn keep_baselines<K: BaselineKey>(
    conn: &mut Conn,
    run_id: ImportRunKey,
    source_id: ImportSourceKey,
    keys: &[K],
) -> StoreResult<()> {
    let keys = ids(conn.backend(), keys);
    conn.execute(
        &sql("INSERT INTO import_baselines_before (run_id, source_id, entity, entity_id, as_of, before_run_id, fields, absent_since_run) SELECT ")
            .add(number(run_id))
            // A cross join, so that SQLite begins with the keys.
            .push(", b.source_id, b.entity, b.entity_id, b.as_of, b.run_id, b.fields, b.absent_since_run FROM ")
            .add(keys)
            .push(" CROSS JOIN import_baselines b WHERE b.source_id = ")
            .bind(source_id)
            .push(" AND b.entity = ")
            .bind(K::ENTITY)
            .push(" AND b.entity_id = up.id ON CONFLICT DO NOTHING"),
    )?;
    Ok(())
}

/// A number as text in the statement: PostgreSQL cannot infer the type of a bare placeholder in a select list.
fn number(number: ImportRunKey) -> Sql {
    sql("CAST(").bind(number).push(" AS BIGINT)")
}

/// Determines what later runs did to the same entities.
///
/// `import_later` counts by how much they raised the versions of entities: by one for each run that changed an entity, and by one
/// for each run that was reverted from it. `import_spoken` has the entities for which a source has stated something else since.
/// `import_told` has the live subscriptions, not created by the run, for which it stated something, whether or not the source had
/// stated something before.
///
/// # Errors
/// Any database error.
pub fn begin(conn: &mut Conn, undoing: Undoing) -> StoreResult<()> {
    let Undoing { run_id, partner_id } = undoing;
    // They are read in the order of the subscription ids, which are compared as bytes.
    let id = match conn.backend() {
        Backend::Sqlite => "TEXT",
        Backend::Postgres => "TEXT COLLATE \"C\"",
    };
    conn.batch(&format!(
        "CREATE TEMPORARY TABLE import_later (entity TEXT, key TEXT, touches BIGINT, PRIMARY KEY (entity, key)); \
         CREATE TEMPORARY TABLE import_spoken (entity TEXT, entity_id BIGINT, PRIMARY KEY (entity, entity_id)); \
         CREATE TEMPORARY TABLE import_told (subscription_id {id} PRIMARY KEY); \
         CREATE TEMPORARY TABLE import_gone (entity TEXT, entity_id BIGINT, PRIMARY KEY (entity, entity_id)); \
         CREATE TEMPORARY TABLE import_gone_tenants (tenant_id TEXT PRIMARY KEY)"
    ))?;
    // "Later" means applied later: a plan may have been made, and have got its number, long before.
    conn.execute(
        &sql("INSERT INTO import_later (entity, key, touches) SELECT t.entity, t.key, COUNT(*) FROM ( \
              SELECT DISTINCT ch.run_id, ch.entity, ch.key, ch.action FROM import_changes ch JOIN import_runs r ON r.id = ch.run_id \
              WHERE ch.action IN ('UPDATE', 'REVERT') AND r.partner_id = ")
        .bind(partner_id)
        .push(
            " AND ch.run_id IN (SELECT e.run_id FROM audit_events e WHERE e.operation_type = 'APPLY_IMPORT' AND e.id > \
              (SELECT MAX(own.id) FROM audit_events own WHERE own.operation_type = 'APPLY_IMPORT' AND own.run_id = ",
        )
        .bind(run_id)
        // A move is an edit, unless it was reverted: then it has raised versions twice and changed nothing.
        .push(
            ") UNION SELECT m.run_id FROM reseller_moves m JOIN import_runs mr ON mr.id = m.run_id WHERE mr.status = 'REVERTED' \
              AND EXISTS (SELECT 1 FROM audit_events e WHERE e.run_id = m.run_id AND e.id > (SELECT MAX(own.id) FROM audit_events own \
              WHERE own.operation_type = 'APPLY_IMPORT' AND own.run_id = ",
        )
        .bind(run_id)
        .push(")))) t GROUP BY t.entity, t.key"),
    )?;
    conn.execute(
        &sql("INSERT INTO import_spoken (entity, entity_id) SELECT DISTINCT p.entity, p.entity_id FROM import_baselines_before p \
              JOIN import_baselines b ON b.source_id = p.source_id AND b.entity = p.entity AND b.entity_id = p.entity_id \
              WHERE p.before_run_id = ")
        .bind(run_id)
        .push(" AND b.run_id <> ")
        .bind(run_id),
    )?;
    conn.execute(
        &sql("INSERT INTO import_told (subscription_id) SELECT s.subscription_id FROM \
              (SELECT b.entity_id FROM import_baselines_before b WHERE b.entity = 'S' AND b.run_id = ")
        .bind(run_id)
        .push(" UNION SELECT b.entity_id FROM import_baselines b WHERE b.entity = 'S' AND b.run_id = ")
        .bind(run_id)
        .push(
            ") told JOIN subscriptions s ON s.id = told.entity_id WHERE s.removed_at IS NULL \
             AND (s.created_by_run IS NULL OR s.created_by_run <> ",
        )
        .bind(run_id)
        .push(")"),
    )?;
    // Without statistics, PostgreSQL assumes that a new table is nearly empty.
    derived::analyse(conn, &["import_later", "import_spoken", "import_told"])
}

/// Drops the temporary tables.
///
/// # Errors
/// Any database error.
pub fn end(conn: &mut Conn) -> StoreResult<()> {
    conn.batch(
        "DROP TABLE import_later; DROP TABLE import_spoken; DROP TABLE import_told; DROP TABLE import_gone; \
         DROP TABLE import_gone_tenants",
    )
}

/// The fields that a run changed in entities that existed before, from a position on, ordered by the entities' keys.
///
/// # Errors
/// Any database error.
pub fn updates(conn: &mut Conn, run_id: ImportRunKey, after: i64, limit: i64) -> StoreResult<Vec<ChangeRow>> {
    use import_changes::dsl;
    Ok(on!(conn, c => dsl::import_changes
        .filter(dsl::run_id.eq(run_id))
        .filter(dsl::ordinal.gt(after))
        .filter(dsl::action.eq("UPDATE"))
        .order(dsl::ordinal)
        .limit(limit)
        .select((dsl::ordinal, dsl::entity, dsl::key, dsl::action, dsl::field, dsl::before, dsl::after, dsl::tenant_id))
        .load::<ChangeRow>(c))?)
}

/// Which of these entities a source has stated something else for since.
///
/// # Errors
/// Any database error.
pub fn spoken_of<K: BaselineKey>(conn: &mut Conn, keys: &[K]) -> StoreResult<Vec<K>> {
    let keys = ids(conn.backend(), keys);
    let statement = sql("SELECT up.id FROM ")
        .add(keys)
        .push(" JOIN import_spoken sp ON sp.entity_id = up.id AND sp.entity = ")
        .bind(K::ENTITY);
    conn.keys(&statement)
}

/// A granular delegated admin relationship (GDAP) with the partner.
#[derive(Debug, Clone, QueryableByName)]
#[allow(missing_docs)]
pub struct GrantRow {
    #[diesel(sql_type = BigInt)]
    pub id: GrantKey,
    #[diesel(sql_type = BigInt)]
    pub customer_id: CustomerKey,
    #[diesel(sql_type = Timestamp)]
    pub granted_at: NaiveDateTime,
    #[diesel(sql_type = Nullable<Timestamp>)]
    pub end_at: Option<NaiveDateTime>,
    #[diesel(sql_type = Nullable<Timestamp>)]
    pub revoked_at: Option<NaiveDateTime>,
}

/// The newest relationship with that id.
///
/// # Errors
/// Any database error.
pub fn grant(conn: &mut Conn, partner_id: PartnerKey, external_id: &str) -> StoreResult<Option<GrantRow>> {
    conn.row(
        &sql("SELECT id, customer_id, granted_at, end_at, revoked_at FROM delegated_admin_grants WHERE kind = 'GDAP' AND partner_id = ")
            .bind(partner_id)
            .push(" AND external_id = ")
            .bind(external_id)
            .push(" ORDER BY id DESC LIMIT 1"),
    )
}

/// The ids of the live subscriptions, not created by the run, for which it stated something, after the given id.
///
/// # Errors
/// Any database error.
pub fn subscriptions_stated(conn: &mut Conn, after: &str, limit: i64) -> StoreResult<Vec<String>> {
    #[derive(QueryableByName)]
    struct Id {
        #[diesel(sql_type = Text)]
        subscription_id: String,
    }
    let rows: Vec<Id> = conn.rows(
        &sql("SELECT t.subscription_id FROM import_told t WHERE t.subscription_id > ")
            .bind(after)
            .push(" ORDER BY t.subscription_id LIMIT ")
            .bind(limit),
    )?;
    Ok(rows.into_iter().map(|row| row.subscription_id).collect())
}

/// Restores baselines and absences from before the run if they are still as it left them, and returns how many. What later runs
/// wrote is kept.
///
/// # Errors
/// Any database error.
pub fn restore_baselines(conn: &mut Conn, undoing: Undoing) -> StoreResult<usize> {
    let Undoing { run_id, partner_id } = undoing;
    let same = "p.source_id = import_baselines.source_id AND p.entity = import_baselines.entity AND \
                p.entity_id = import_baselines.entity_id";
    let absences = conn.execute(
        &sql("UPDATE import_baselines SET absent_since_run = p.absent_since_run FROM import_baselines_before p WHERE ")
            .push(same)
            .push(" AND p.run_id = ")
            .bind(run_id)
            .push(" AND import_baselines.run_id <> ")
            .bind(run_id)
            .push(" AND import_baselines.absent_since_run = ")
            .bind(run_id),
    )?;
    let changed = conn.execute(
        &sql("UPDATE import_baselines SET as_of = p.as_of, run_id = p.before_run_id, fields = p.fields, \
              absent_since_run = CASE WHEN import_baselines.absent_since_run IS NULL OR import_baselines.absent_since_run = ")
        .bind(run_id)
        .push(
            " THEN p.absent_since_run ELSE import_baselines.absent_since_run END FROM import_baselines_before p WHERE ",
        )
        .push(same)
        .push(" AND p.run_id = ")
        .bind(run_id)
        .push(" AND import_baselines.run_id = ")
        .bind(run_id),
    )?;
    // The remaining baselines of the run were first stated by it. Entities that it created, and that are kept, keep their source.
    let stated = conn.execute(
        &sql("DELETE FROM import_baselines WHERE run_id = ")
            .bind(run_id)
            .push(" AND NOT (entity = 'S' AND entity_id IN (SELECT s.id FROM subscriptions s WHERE s.created_by_run = ")
            .bind(run_id)
            .push(")) AND NOT (entity = 'C' AND entity_id IN (SELECT r.customer_id FROM customer_records r WHERE r.created_by_run = ")
            .bind(run_id)
            .push(" AND r.partner_id = ")
            .bind(partner_id)
            .push("))"),
    )?;
    conn.execute(&sql("DELETE FROM import_baselines_before WHERE run_id = ").bind(run_id).push(
        " AND NOT EXISTS (SELECT 1 FROM import_baselines b WHERE b.source_id = import_baselines_before.source_id \
                  AND b.entity = import_baselines_before.entity AND b.entity_id = import_baselines_before.entity_id \
                  AND b.run_id <> import_baselines_before.before_run_id)",
    ))?;
    Ok(absences + changed + stated)
}

#[derive(QueryableByName)]
struct Last {
    #[diesel(sql_type = BigInt)]
    changes: i64,
    #[diesel(sql_type = BigInt)]
    issues: i64,
}

/// The next positions after the last change and the last issue of a run.
///
/// # Errors
/// Any database error.
pub fn next_places(conn: &mut Conn, run_id: ImportRunKey) -> StoreResult<(i64, i64)> {
    let row: Option<Last> = conn.row(
        &sql("SELECT (SELECT COALESCE(MAX(ordinal), -1) + 1 FROM import_changes WHERE run_id = ")
            .bind(run_id)
            .push(") AS changes, (SELECT COALESCE(MAX(ordinal), -1) + 1 FROM import_issues WHERE run_id = ")
            .bind(run_id)
            .push(") AS issues"),
    )?;
    Ok(row.map_or((0, 0), |row| (row.changes, row.issues)))
}

/// Records that a run was reverted, with the number of changes and issues that the revert added.
///
/// # Errors
/// Any database error.
pub fn count(conn: &mut Conn, run_id: ImportRunKey, changes: i64, issues: i64) -> StoreResult<()> {
    use crate::schema::import_runs::dsl;
    on!(conn, c => diesel::update(dsl::import_runs.find(run_id))
        .set((dsl::changes_total.eq(dsl::changes_total + changes), dsl::issues_total.eq(dsl::issues_total + issues)))
        .execute(c))?;
    Ok(())
}
