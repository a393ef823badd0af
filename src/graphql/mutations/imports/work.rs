//! An import that was started by the API and goes on by itself.

use std::thread;

use async_graphql::Result;
use chrono::Utc;
use partnergraph_domain::ImportMode;
use partnergraph_importer::{Caller, ImportError, ImportRequest, Silent, Waiting, keep_report, run};
use partnergraph_store::imports::runs;
use partnergraph_store::{Actor, Conn, DatabaseUrl};

/// A stored run, and what is to be done for it.
pub(super) struct Work {
    pub(super) run_id: i64,
    pub(super) request: ImportRequest,
    pub(super) actor: Actor,
}

/// Runs it on a thread of its own, with connections of its own: an import takes minutes and must hold up no request.
///
/// # Errors
/// The thread cannot be started.
pub(super) fn start(url: DatabaseUrl, work: Work) -> Result<()> {
    let spawned = thread::Builder::new().name(format!("import-{}", work.run_id)).spawn(move || {
        let run_id = work.run_id;
        match import(&url, &work) {
            Ok(()) => tracing::info!(run_id, "an import is done"),
            Err(error) => {
                tracing::warn!(run_id, error = %error, "an import came to nothing");
                fail(&url, run_id, &error);
            }
        }
    });
    spawned.map(drop).map_err(async_graphql::Error::new_with_source)
}

fn import(url: &DatabaseUrl, work: &Work) -> std::result::Result<(), ImportError> {
    let now = Utc::now().naive_utc();
    let caller = Caller { actor: &work.actor, now, waiting: Waiting::Wait, run_id: Some(work.run_id) };
    let report = run(url, &work.request, &caller, &Silent)?;
    if work.request.mode == ImportMode::DryRun {
        let mut conn = Conn::open(url)?;
        keep_report(&mut conn, (work.run_id, work.request.partner_id), &report, Utc::now().naive_utc())?;
    }
    Ok(())
}

/// Says in the run why it came to nothing. The importer has said so already of what failed after it began.
fn fail(url: &DatabaseUrl, run_id: i64, error: &ImportError) {
    let said = Conn::open(url)
        .and_then(|mut conn| runs::fail(&mut conn, run_id, error.code(), &error.to_string(), Utc::now().naive_utc()));
    if let Err(error) = said {
        tracing::error!(run_id, %error, "a failed import could not be marked as failed");
    }
}
