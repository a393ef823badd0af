//! Sources, the importing partner, the existing resellers, and the next keys.

use chrono::NaiveDateTime;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Nullable, Text, Timestamp};
use partnergraph_domain::{AuditEventKey, ImportSourceKey, PartnerKey, PartnershipState, PortalFamily};

pub use crate::columns::AccountRow;
use crate::conn::{Backend, Conn};
use crate::error::StoreResult;
use crate::schema::{audit_events, import_sources, markets, partnerships};
use crate::sql::sql;

/// All live partner accounts. There are thousands of them for millions of subscriptions.
///
/// # Errors
/// Any database error.
pub fn partners(conn: &mut Conn) -> StoreResult<Vec<AccountRow>> {
    conn.rows(
        &sql("SELECT ").push(AccountRow::selected()).push(" FROM partners p WHERE p.removed_at IS NULL ORDER BY p.id"),
    )
}

/// The resellers with which the partner has a live partnership, in any state.
///
/// # Errors
/// Any database error.
pub fn partnered(conn: &mut Conn, provider_id: PartnerKey) -> StoreResult<Vec<PartnerKey>> {
    Ok(on!(conn, c => partnerships::table
        .filter(partnerships::provider_id.eq(provider_id))
        .filter(partnerships::removed_at.is_null())
        .select(partnerships::reseller_id)
        .load::<PartnerKey>(c))?)
}

/// The partner's live partnerships as a provider: the reseller and the state.
///
/// # Errors
/// Any database error.
pub fn partnerships(conn: &mut Conn, provider_id: PartnerKey) -> StoreResult<Vec<(PartnerKey, PartnershipState)>> {
    Ok(on!(conn, c => partnerships::table
        .filter(partnerships::provider_id.eq(provider_id))
        .filter(partnerships::removed_at.is_null())
        .select((partnerships::reseller_id, partnerships::state))
        .load::<(PartnerKey, PartnershipState)>(c))?)
}

/// The resellers whose last partnership with the provider was removed, and when. Resellers with a live partnership are
/// omitted.
///
/// # Errors
/// Any database error.
pub fn removed_partnerships(conn: &mut Conn, provider_id: PartnerKey) -> StoreResult<Vec<(PartnerKey, NaiveDateTime)>> {
    let rows: Vec<RemovedPartnership> = conn.rows(
        &sql("SELECT ps.reseller_id, MAX(ps.removed_at) AS removed_at FROM partnerships ps WHERE ps.removed_at IS NOT NULL \
              AND ps.provider_id = ")
        .bind(provider_id)
        .push(
            " AND NOT EXISTS (SELECT 1 FROM partnerships live WHERE live.provider_id = ps.provider_id \
             AND live.reseller_id = ps.reseller_id AND live.removed_at IS NULL) \
             GROUP BY ps.reseller_id ORDER BY ps.reseller_id",
        ),
    )?;
    Ok(rows.into_iter().map(|row| (row.reseller_id, row.removed_at)).collect())
}

#[derive(QueryableByName)]
struct RemovedPartnership {
    #[diesel(sql_type = BigInt)]
    reseller_id: PartnerKey,
    #[diesel(sql_type = Timestamp)]
    removed_at: NaiveDateTime,
}

/// The MPN IDs of a partner's company, in order: its own, the global one, and those of the other accounts and locations of the
/// company.
///
/// # Errors
/// Any database error.
pub fn partner_mpn_ids(conn: &mut Conn, partner_id: PartnerKey) -> StoreResult<Vec<String>> {
    let company = "SELECT c.mpn_id, c.global_mpn_id FROM partners p JOIN partners c ON c.id = p.id OR \
                   (c.company_id = p.company_id AND c.removed_at IS NULL) WHERE p.id = ";
    let rows: Vec<Name> = conn.rows(
        &sql("SELECT c.mpn_id AS text FROM (")
            .push(company)
            .bind(partner_id)
            .push(") c WHERE c.mpn_id IS NOT NULL UNION SELECT c.global_mpn_id FROM (")
            .push(company)
            .bind(partner_id)
            .push(") c WHERE c.global_mpn_id IS NOT NULL UNION SELECT m.mpn_id FROM mpn_profiles m JOIN (")
            .push(company)
            .bind(partner_id)
            .push(") c ON m.global_mpn_id = c.global_mpn_id OR m.global_mpn_id = c.mpn_id ORDER BY 1"),
    )?;
    Ok(rows.into_iter().map(|row| row.text).collect())
}

/// The region of each country, by code, in the newest loaded edition.
///
/// # Errors
/// Any database error.
pub fn regions(conn: &mut Conn) -> StoreResult<Vec<(String, String)>> {
    Ok(on!(conn, c => markets::table
        .order(markets::country)
        .select((markets::country, markets::region_code))
        .load::<(String, String)>(c))?)
}

/// The partner's sources: key and name.
///
/// # Errors
/// Any database error.
pub fn list(conn: &mut Conn, partner_id: PartnerKey) -> StoreResult<Vec<(ImportSourceKey, String)>> {
    Ok(on!(conn, c => import_sources::table
        .filter(import_sources::partner_id.eq(partner_id))
        .select((import_sources::id, import_sources::name))
        .load::<(ImportSourceKey, String)>(c))?)
}

/// Marks these sources as Microsoft portals (C-24). Sources already marked are left unchanged.
///
/// # Errors
/// Any database error.
pub fn note_microsofts(conn: &mut Conn, source_ids: &[ImportSourceKey]) -> StoreResult<()> {
    on!(conn, c => diesel::update(import_sources::table
            .filter(import_sources::id.eq_any(source_ids))
            .filter(import_sources::portal_family.ne(PortalFamily::Microsoft)))
        .set(import_sources::portal_family.eq(PortalFamily::Microsoft))
        .execute(c))?;
    Ok(())
}

/// The id of the newest event. A plan made at this point is valid as long as the id does not change.
///
/// # Errors
/// Any database error.
pub fn newest_event(conn: &mut Conn) -> StoreResult<AuditEventKey> {
    Ok(on!(conn, c => audit_events::table
        .select(diesel::dsl::max(audit_events::id))
        .first::<Option<AuditEventKey>>(c))?
    .unwrap_or(AuditEventKey::new(0)))
}

#[derive(QueryableByName)]
struct Highest {
    #[diesel(sql_type = Nullable<BigInt>)]
    highest: Option<i64>,
}

/// The highest key of a table with a numeric `id`; 0 if it is empty. The name must be one of the program's own; it determines the
/// type of the key.
///
/// # Errors
/// Any database error.
pub fn highest_id(conn: &mut Conn, table: &'static str) -> StoreResult<i64> {
    let row: Option<Highest> = conn.row(&sql("SELECT MAX(id) AS highest FROM ").push(table))?;
    Ok(row.and_then(|row| row.highest).unwrap_or(0))
}

/// Advances PostgreSQL's sequence of a table past the keys that an import assigned. SQLite continues from the highest key by
/// itself.
///
/// # Errors
/// Any database error.
pub fn advance_sequence(conn: &mut Conn, table: &'static str) -> StoreResult<()> {
    if conn.backend() == Backend::Postgres {
        conn.batch(&format!(
            "SELECT setval(pg_get_serial_sequence('{table}', 'id'), GREATEST((SELECT MAX(id) FROM {table}), 1))"
        ))?;
    }
    Ok(())
}

#[derive(QueryableByName)]
struct Name {
    #[diesel(sql_type = Text)]
    text: String,
}

/// Whether a table has a row that meets the condition. Both must be the program's own text.
///
/// # Errors
/// Any database error.
pub fn any(conn: &mut Conn, table: &'static str, condition: crate::sql::Sql) -> StoreResult<bool> {
    let found: Option<Name> =
        conn.row(&sql("SELECT 'x' AS text FROM ").push(table).push(" WHERE ").add(condition).push(" LIMIT 1"))?;
    Ok(found.is_some_and(|row| !row.text.is_empty()))
}
