//! The evidence of customers' agreements that a run added.

use super::Undoing;
use crate::conn::Conn;
use crate::error::StoreResult;
use crate::sql::sql;

/// Withdraws what the run attested and proved, and returns the number of withdrawn rows. What another applied run of the partner states
/// as well stays, as that run's evidence (C-31, C-32). Orders that were placed on it stand.
///
/// # Errors
/// Any database error.
pub fn withdraw_agreements(conn: &mut Conn, undoing: Undoing) -> StoreResult<usize> {
    let Undoing { run_id, partner_id } = undoing;
    conn.execute(&sql(format!("DELETE FROM import_agreements WHERE run_id = {run_id}")))?;
    let same = ["accepted_at", "first_name", "last_name", "email", "phone_number"]
        .map(|column| format!("i.{column} IS NOT DISTINCT FROM customer_agreements.{column}"))
        .join(" AND ");
    let other = format!(
        "FROM import_agreements i JOIN import_runs r ON r.id = i.run_id AND r.partner_id = {partner_id} WHERE \
         i.customer_id = customer_agreements.customer_id AND i.evidence = customer_agreements.evidence AND {same}"
    );
    let of_run = format!("run_id = {run_id} AND partner_id = {partner_id}");
    let withdrawn = conn
        .execute(&sql(format!("DELETE FROM customer_agreements WHERE {of_run} AND NOT EXISTS (SELECT 1 {other})")))?;
    conn.execute(&sql(format!(
        "UPDATE customer_agreements SET run_id = (SELECT MIN(i.run_id) {other}) WHERE {of_run}"
    )))?;
    Ok(withdrawn)
}
