use std::sync::Arc;

use async_graphql::{ID, Result};
use futures_util::stream::{self, BoxStream, StreamExt};
use partnergraph_domain::{ImportRunKey, ImportStatus};
use partnergraph_store::feed::RunState;
use partnergraph_store::read::imports::{self, RunRow};
use tokio::sync::watch;

use partnergraph_operation::batch::BatchRow;
use partnergraph_operation::context::Operation;
use partnergraph_operation::ids::GlobalId;
use partnergraph_types::ImportRun;

/// A subscriber that follows one run.
struct Watcher {
    operation: Arc<Operation>,
    /// All runs that have not ended.
    open: watch::Receiver<Vec<RunState>>,
    run_id: ImportRunKey,
    /// The run as last sent.
    last_sent: Option<RunRow>,
    /// The run's entry in `open` at that time.
    state: Option<RunState>,
    is_over: bool,
}

/// The states of a run, until it ends.
pub(super) fn of(operation: Arc<Operation>, id: &ID) -> BoxStream<'static, Result<Option<ImportRun>>> {
    let Ok(GlobalId::ImportRun(run_id)) = id.parse() else { return stream::iter([Ok(None)]).boxed() };
    let open = operation.database().feed().runs.listen();
    let watcher = Watcher { operation, open, run_id, last_sent: None, state: None, is_over: false };
    stream::unfold(watcher, |mut watcher| async move { Some((watcher.next().await?, watcher)) }).boxed()
}

impl Watcher {
    async fn next(&mut self) -> Option<Result<Option<ImportRun>>> {
        loop {
            if self.is_over {
                return None;
            }
            if self.last_sent.is_some() {
                // The sender lives in the database handle, which the operation holds.
                self.open.changed().await.ok()?;
                let state = self.open.borrow_and_update().iter().find(|run| run.id == self.run_id).cloned();
                if state.is_some() && state == self.state {
                    continue;
                }
                self.state = state;
            }
            match self.read().await {
                Ok(Some(row)) if self.last_sent.as_ref() == Some(&row) => {}
                Ok(Some(row)) => return Some(self.send(row)),
                Ok(None) => {
                    self.is_over = true;
                    return Some(Ok(None));
                }
                Err(failed) => {
                    self.is_over = true;
                    return Some(Err(failed));
                }
            }
        }
    }

    /// Reads the run with the token's current permissions.
    async fn read(&self) -> Result<Option<RunRow>> {
        self.operation.look_again().await?;
        let (run_id, scope) = (self.run_id, self.operation.import_scope()?);
        let row = self.operation.read(move |conn, _| imports::find(conn, &scope, run_id)).await?;
        self.operation.renew().await;
        Ok(row)
    }

    fn send(&mut self, row: RunRow) -> Result<Option<ImportRun>> {
        self.is_over = !matches!(row.status, ImportStatus::Queued | ImportStatus::Planning | ImportStatus::Applying);
        self.last_sent = Some(row.clone());
        Ok(Some(ImportRun(BatchRow::alone(row))))
    }
}
