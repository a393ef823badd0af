//! What was asked of an import by the API and goes on by itself.

use std::thread;

use async_graphql::Result;
use partnergraph_domain::{ImportRunKey, ImportStatus};
use partnergraph_importer::{Caller, ImportError, ImportRequest, Silent, Waiting, apply_plan, run as run_import};
use partnergraph_store::imports::runs;
use partnergraph_store::{Actor, Conn, DatabaseUrl, clock};

/// A stored run, and what is to be done for it.
pub(crate) struct Work {
    pub(crate) run_id: ImportRunKey,
    pub(crate) task: Task,
    pub(crate) actor: Actor,
}

/// What is to be done for a run.
pub(crate) enum Task {
    /// Read the files, plan, and go as far as the request says.
    Import(Box<ImportRequest>),
    /// Apply the plan that it keeps; the run is claimed for that.
    Apply,
}

/// Works it off on a thread of its own, with connections of its own: an import takes minutes and must hold up no request.
///
/// # Errors
/// The thread cannot be started.
pub(crate) fn start(url: DatabaseUrl, work: Work) -> Result<()> {
    let spawned = thread::Builder::new().name(format!("import-{}", work.run_id)).spawn(move || {
        let run_id = work.run_id;
        match run(&url, &work) {
            Ok(()) => tracing::info!(run_id = run_id.get(), "an import is done"),
            Err(error) => {
                tracing::warn!(run_id = run_id.get(), error = %error, "an import came to nothing");
                note(&url, &work, &error);
            }
        }
    });
    spawned.map(drop).map_err(async_graphql::Error::new_with_source)
}

fn run(url: &DatabaseUrl, work: &Work) -> std::result::Result<(), ImportError> {
    let now = clock::now();
    let caller = Caller { actor: &work.actor, now, waiting: Waiting::Wait, run_id: Some(work.run_id) };
    match &work.task {
        Task::Import(request) => {
            run_import(url, request, &caller, &Silent)?;
        }
        Task::Apply => {
            apply_plan(url, work.run_id, &caller, &Silent)?;
        }
    }
    Ok(())
}

/// Says in the run why it came to nothing. The importer has said so already of what failed after it began; a plan that was
/// claimed and not begun waits again.
fn note(url: &DatabaseUrl, work: &Work, error: &ImportError) {
    let (run_id, message) = (work.run_id, error.to_string());
    let said = Conn::open(url).and_then(|mut conn| match work.task {
        Task::Import(_) => runs::fail(&mut conn, run_id, error.code(), &message, clock::now()),
        Task::Apply => {
            let waits = runs::find(&mut conn, run_id)?.is_some_and(|run| run.status == ImportStatus::Queued);
            if waits { runs::put_back(&mut conn, run_id, error.code(), &message) } else { Ok(()) }
        }
    });
    if let Err(error) = said {
        tracing::error!(run_id = run_id.get(), %error, "what became of an import could not be noted");
    }
}
