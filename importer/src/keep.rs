//! A dry run asked for by the API has somebody who comes back for its report.

use chrono::NaiveDateTime;
use partnergraph_store::imports::bulk::Stamp;
use partnergraph_store::{Access, Conn};

use crate::apply::finish;
use crate::report::Report;
use crate::run::ImportError;

/// Stores the report and the issues of a dry run under the run that was created for it. Nothing of what it would have done is
/// kept: such a run cannot be applied.
///
/// # Errors
/// The database's.
pub fn keep_report(
    conn: &mut Conn,
    (run_id, partner_id): (i64, i64),
    report: &Report,
    now: NaiveDateTime,
) -> Result<(), ImportError> {
    let stamp = Stamp { run_id, partner_id, now: crate::reconcile::moment(now) };
    conn.transaction(Access::Write, |conn| finish(conn, &stamp, report, 0, now))?;
    Ok(())
}
