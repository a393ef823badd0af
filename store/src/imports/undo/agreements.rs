//! The evidence of customers' agreements that a run added.

use super::Undoing;
use crate::conn::{Backend, Conn};
use crate::error::StoreResult;
use crate::sql::sql;

/// Withdraws what the run attested and proved, and returns the number of withdrawn rows. Call it when the baselines are restored:
/// what another run's statements prove as well stays, as that run's evidence (C-32). Orders that were placed on it stand.
///
/// # Errors
/// Any database error.
pub fn withdraw_agreements(conn: &mut Conn, undoing: Undoing) -> StoreResult<usize> {
    let Undoing { run_id, partner_id } = undoing;
    let attested = conn.execute(
        &sql("DELETE FROM customer_agreements WHERE evidence = 'ATTESTED' AND run_id = ")
            .bind(run_id)
            .push(" AND partner_id = ")
            .bind(partner_id),
    )?;
    // How the importer marks a baseline whose source has shown the proof.
    let proves = match conn.backend() {
        Backend::Sqlite => "instr(b.fields, '\"p\":true') > 0",
        Backend::Postgres => "strpos(b.fields, '\"p\":true') > 0",
    };
    // What a reverted run stated of subscriptions that are kept proves nothing any more.
    let other = format!(
        "FROM subscriptions s JOIN import_baselines b ON b.entity = 'S' AND b.entity_id = s.id JOIN import_runs r ON \
         r.id = b.run_id AND r.status = 'APPLIED' WHERE s.customer_id = customer_agreements.customer_id AND \
         s.seller_id = {partner_id} AND {proves}"
    );
    let of_run = format!("evidence = 'PORTAL' AND run_id = {run_id} AND partner_id = {partner_id}");
    let proved = conn
        .execute(&sql(format!("DELETE FROM customer_agreements WHERE {of_run} AND NOT EXISTS (SELECT 1 {other})")))?;
    conn.execute(&sql(format!(
        "UPDATE customer_agreements SET run_id = (SELECT MIN(b.run_id) {other}) WHERE {of_run}"
    )))?;
    Ok(attested + proved)
}
