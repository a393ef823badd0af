use partnergraph_domain::AuditEventKey;
use std::collections::VecDeque;
use std::sync::Arc;

use async_graphql::{ID, Result};
use futures_util::stream::{self, BoxStream, StreamExt};
use partnergraph_store::read::history::{self, EventRow};
use tokio::sync::watch;

use partnergraph_operation::context::Operation;
use partnergraph_operation::errors::{code, error};
use partnergraph_operation::ids::GlobalId;
use partnergraph_operation::siblings::{Level, Member};
use partnergraph_types::AuditRecord;

/// How many events are read at once. They are all that a receiver has in memory.
const BATCH: usize = 100;

/// Where a receiver stands in the feed.
struct Receiver {
    operation: Arc<Operation>,
    /// The id of the newest event of all.
    newest: watch::Receiver<AuditEventKey>,
    /// Up to here everything was read that the caller may see.
    position: AuditEventKey,
    batch: VecDeque<Member<EventRow>>,
    has_failed: bool,
}

/// The events after that one, or from now on, and no end.
pub(super) async fn after(
    operation: Arc<Operation>,
    after: Option<ID>,
) -> Result<BoxStream<'static, Result<AuditRecord>>> {
    let position = match after {
        None => operation.read(|conn, _| history::newest(conn)).await?,
        Some(id) => seen(&operation, &id).await?,
    };
    operation.renew().await;
    // What happened since is seen all the same: it is the number that is waited for, and not the moment of its change.
    let newest = operation.database().feed().events.listen();
    let receiver = Receiver { operation, newest, position, batch: VecDeque::new(), has_failed: false };
    Ok(stream::unfold(receiver, |mut receiver| async move { Some((receiver.next().await?, receiver)) }).boxed())
}

/// The place of an event that the caller saw.
async fn seen(operation: &Operation, id: &ID) -> Result<AuditEventKey> {
    let unknown = || error(code::BAD_CURSOR, "`after` is the id of no event that you can see");
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
            // The sender belongs to the database, which the operation holds.
            self.newest.wait_for(|newest| *newest > position).await.ok()?;
            if let Err(failed) = self.read().await {
                self.has_failed = true;
                return Some(Err(failed));
            }
        }
    }

    /// Reads the next events, as whoever the token stands for now.
    async fn read(&mut self) -> Result<()> {
        self.operation.look_again().await?;
        let (position, limit) = (self.position, i64::try_from(BATCH)?);
        let (newest, events) = self
            .operation
            .read(move |conn, scope| Ok((history::newest(conn)?, history::after(conn, scope, position, limit)?)))
            .await?;
        self.operation.renew().await;
        // Both are of one snapshot: what is not among a batch that is not full is not there for the caller.
        self.position = match events.last() {
            Some(last) if events.len() >= BATCH => last.id,
            _ => newest.max(position),
        };
        let level = Level::new(events);
        self.batch = (0..level.rows().len()).filter_map(|at| Member::at(&level, at)).collect();
        Ok(())
    }
}
