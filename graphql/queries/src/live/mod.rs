//! The root of all subscriptions. They run over the WebSocket, or as server-sent events.
//!
//! A subscription is a stream that is asked for its next item when the one before has been sent, so that a slow client holds up
//! nothing but itself. While it waits it holds no connection of the database and asks nothing: [`partnergraph_store::feed`] wakes
//! it. Whenever something is to be read for it, its token is looked at again.

mod events;
mod progress;

use async_graphql::{Context, ID, Result, Subscription};
use futures_util::stream::BoxStream;

use partnergraph_operation::context::Operation;
use partnergraph_types::{AuditRecord, ImportRun};

/// Everything that can be watched. Each receiver is told of what it may see and of nothing else.
#[derive(Debug, Default, Clone, Copy)]
pub struct SubscriptionRoot;

/// Everything that can be watched. Each receiver is told of what it may see and of nothing else.
#[Subscription(name = "Subscription")]
impl SubscriptionRoot {
    /// What happens from now on in the caller's organisation and to what it sees, in the order in which it is written: the
    /// events of `auditEvents`. The removal of a partnership or of a relationship is told to the remover's own organisation and to
    /// operators alone.
    ///
    /// A client that connects again goes on after the last event that it saw; none is left out and none comes twice. The stream
    /// ends with `UNAUTHENTICATED` when the token is not valid any more.
    async fn relationship_events(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "The id of the last event that was seen: all after it come first, then what happens. An id of an \
                    event that the caller cannot see is refused with `BAD_CURSOR`. Null: only what happens from now on."
        )]
        after: Option<ID>,
    ) -> Result<BoxStream<'static, Result<AuditRecord>>> {
        events::after(Operation::of(ctx).clone(), after).await
    }

    /// How far an import run is: at once, and whenever that has changed, until the run has ended, as does the stream. Null, and
    /// nothing more, where there is no such run or where it is not the caller's; it is for the roles that import.
    async fn import_progress(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The global id of the run.")] id: ID,
    ) -> Result<BoxStream<'static, Result<Option<ImportRun>>>> {
        Ok(progress::of(Operation::of(ctx).clone(), &id))
    }
}
