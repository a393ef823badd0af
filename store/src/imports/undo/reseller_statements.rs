//! What a run's lists stated about resellers.

use partnergraph_domain::PartnerKey;

use super::Undoing;
use crate::conn::Conn;
use crate::error::StoreResult;
use crate::imports::reseller_names;
use crate::sql::sql;

/// Deletes what the run stated about resellers, and gives placeholders the names that remain. Returns the number of statements.
///
/// # Errors
/// Any database error.
pub fn withdraw_reseller_statements(conn: &mut Conn, Undoing { run_id, .. }: Undoing) -> StoreResult<usize> {
    let of_run = || sql(" FROM reseller_statements WHERE run_id = ").bind(run_id);
    let named: Vec<PartnerKey> = conn.keys(&sql("SELECT DISTINCT reseller_id AS id").add(of_run()))?;
    if named.is_empty() {
        return Ok(0);
    }
    let deleted = conn.execute(&sql("DELETE").add(of_run()))?;
    reseller_names::refresh(conn, &named)?;
    Ok(deleted)
}
