//! Import work that the API requested and that runs in the background.

use std::thread;

use async_graphql::Result;
use partnergraph_domain::{ImportRunKey, ImportStatus};
use partnergraph_importer::{
    Caller, ImportError, ImportRequest, MoveRequest, Silent, Waiting, apply_plan, run as run_import, run_move,
};
use partnergraph_store::imports::runs;
use partnergraph_store::{Actor, Conn, DatabaseUrl, clock};

/// A stored import run and the work to do for it.
pub(crate) struct Work {
    pub(crate) run_id: ImportRunKey,
    pub(crate) task: Task,
    pub(crate) actor: Actor,
}

/// The work to do for a run.
pub(crate) enum Task {
    /// Read the files, make a plan, and go as far as the request's mode says.
    Import(Box<ImportRequest>),
    /// Plan a move, and go as far as the request's mode says.
    Move(Box<MoveRequest>),
    /// Apply the run's stored plan. The run is already claimed.
    Apply,
}

/// Does the work on its own thread with its own connections, because an import takes minutes and must not hold up
/// requests.
///
/// # Errors
/// Fails if the thread cannot be started.
pub(crate) fn start(url: DatabaseUrl, work: Work) -> Result<()> {
    let spawned = thread::Builder::new().name(format!("import-{}", work.run_id)).spawn(move || {
        let run_id = work.run_id;
        match run(&url, &work) {
            Ok(()) => tracing::info!(run_id = run_id.get(), "import finished"),
            Err(error) => {
                tracing::warn!(run_id = run_id.get(), error = %error, "import failed");
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
        Task::Move(request) => {
            run_move(url, request, &caller, &Silent)?;
        }
        Task::Apply => {
            apply_plan(url, work.run_id, &caller, &Silent)?;
        }
    }
    Ok(())
}

/// Records in the run why it failed. If the importer failed after it had begun, it has recorded the failure itself. A
/// plan that was claimed but not begun is put back, so that it can be applied again.
fn note(url: &DatabaseUrl, work: &Work, error: &ImportError) {
    let (run_id, message) = (work.run_id, error.to_string());
    let recorded = Conn::open(url).and_then(|mut conn| match work.task {
        Task::Import(_) | Task::Move(_) => runs::fail(&mut conn, run_id, error.code(), &message, clock::now()),
        Task::Apply => {
            let waits = runs::find(&mut conn, run_id)?.is_some_and(|run| run.status == ImportStatus::Queued);
            if waits { runs::put_back(&mut conn, run_id, error.code(), &message) } else { Ok(()) }
        }
    });
    if let Err(error) = recorded {
        tracing::error!(run_id = run_id.get(), %error, "the failure of an import could not be recorded");
    }
}
