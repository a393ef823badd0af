//! The root of all subscriptions. They run over the WebSocket or as server-sent events.
//!
//! A subscription is a stream. Its next item is requested only after the previous one was sent, so a slow client delays
//! only itself. A waiting subscription holds no database connection and does not poll: [`partnergraph_store::feed`]
//! wakes it. Its token is checked again before each read.

mod events;
mod progress;

use async_graphql::{Context, ID, Result, Subscription};
use futures_util::stream::BoxStream;

use partnergraph_operation::context::Operation;
use partnergraph_types::{AuditRecord, ImportRun};

/// The root of all subscriptions. You receive only what you can see.
#[derive(Debug, Default, Clone, Copy)]
pub struct SubscriptionRoot;

/// The root of all subscriptions. You receive only what you can see.
#[Subscription(name = "Subscription")]
impl SubscriptionRoot {
    /// The new audit records of your organisation and of entities that you can see, in the order in which they are
    /// written. The records are the same as in `auditEvents`. Only the remover's own organisation and operators receive
    /// the removal of a partnership or relationship.
    ///
    /// After a reconnect, pass the id of the last record that you received as `after`: none is skipped or repeated. The
    /// stream ends with `UNAUTHENTICATED` when the token becomes invalid.
    async fn relationship_events(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "The id of the last record that you received. Later records are sent first, then new ones. The id \
                    of a record that you cannot see is rejected with `BAD_CURSOR`. If null, only new records are sent."
        )]
        after: Option<ID>,
    ) -> Result<BoxStream<'static, Result<AuditRecord>>> {
        events::after(Operation::of(ctx).clone(), after).await
    }

    /// The progress of an import run. Sent immediately and after every change, until the run ends; then the stream
    /// ends. Sends null and ends if there is no such run, it is not yours, or your role cannot import.
    async fn import_progress(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The global id of the import run.")] id: ID,
    ) -> Result<BoxStream<'static, Result<Option<ImportRun>>>> {
        Ok(progress::of(Operation::of(ctx).clone(), &id))
    }
}
