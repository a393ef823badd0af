use partnergraph_domain::AuditEventKey;
use std::collections::VecDeque;
use std::sync::Arc;

use async_graphql::{ID, Result};
use futures_util::stream::{self, BoxStream, StreamExt};
use partnergraph_store::read::history::{self, EventRow};
use tokio::sync::watch;

use partnergraph_operation::batch::{Batch, BatchRow};
use partnergraph_operation::context::Operation;
use partnergraph_operation::errors::{code, error};
use partnergraph_operation::ids::GlobalId;
use partnergraph_types::AuditRecord;

/// The number of events read at once. A receiver keeps no more than this in memory.
const BATCH: usize = 100;

/// A subscriber's position in the feed of events.
struct Receiver {
    operation: Arc<Operation>,
    /// The id of the newest event in the database.
    newest: watch::Receiver<AuditEventKey>,
    /// Every event up to here that the caller may see has been read.
    position: AuditEventKey,
    batch: VecDeque<BatchRow<EventRow>>,
    has_failed: bool,
}

/// An endless stream of the events after the given one, or of those from now on.
pub(super) async fn after(
    operation: Arc<Operation>,
    after: Option<ID>,
) -> Result<BoxStream<'static, Result<AuditRecord>>> {
    let position = match after {
        None => operation.read(|conn, _| history::newest(conn)).await?,
        Some(id) => seen(&operation, &id).await?,
    };
    operation.renew().await;
    // No event is missed between the read above and this: the receiver waits for a higher id, not for a change.
    let newest = operation.database().feed().events.listen();
    let receiver = Receiver { operation, newest, position, batch: VecDeque::new(), has_failed: false };
    Ok(stream::unfold(receiver, |mut receiver| async move { Some((receiver.next().await?, receiver)) }).boxed())
}

/// The position of an event that the caller can see.
async fn seen(operation: &Operation, id: &ID) -> Result<AuditEventKey> {
    let unknown = || error(code::BAD_CURSOR, "`after` is not the id of an event that you can see");
    let Ok(GlobalId::AuditEvent(row)) = id.parse() else { return Err(unknown()) };
    let found = operation.read(move |conn, scope| history::find(conn, scope, row)).await?;
    found.map(|event| event.id).ok_or_else(unknown)
}

impl Receiver {
    async fn next(&mut self) -> Option<Result<AuditRecord>> {
        loop {
            if self.has_failed {
                return None;
            }
            if let Some(event) = self.batch.pop_front() {
                return Some(Ok(AuditRecord(event)));
            }
            let position = self.position;
            // The sender lives in the database handle, which the operation holds.
            self.newest.wait_for(|newest| *newest > position).await.ok()?;
            if let Err(failed) = self.read().await {
                self.has_failed = true;
                return Some(Err(failed));
            }
        }
    }

    /// Reads the next events with the token's current permissions.
    async fn read(&mut self) -> Result<()> {
        self.operation.look_again().await?;
        let (position, limit) = (self.position, i64::try_from(BATCH)?);
        let (newest, events) = self
            .operation
            .read(move |conn, scope| Ok((history::newest(conn)?, history::after(conn, scope, position, limit)?)))
            .await?;
        self.operation.renew().await;
        // Both reads share one snapshot. If the batch is not full, the caller can see no further events up to `newest`.
        self.position = match events.last() {
            Some(last) if events.len() >= BATCH => last.id,
            _ => newest.max(position),
        };
        let batch = Batch::new(events);
        self.batch = (0..batch.rows().len()).filter_map(|at| BatchRow::at(&batch, at)).collect();
        Ok(())
    }
}
