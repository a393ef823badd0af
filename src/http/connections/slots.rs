//! The slots for open connections, and which connection is closed when there is none left.

use std::collections::HashMap;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use axum::body::{Body, Bytes, HttpBody};
use hyper::body::{Frame, SizeHint};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

/// How long a client must be silent before its connection can be closed for another. The end of a response may still be on its
/// way.
const SILENT: Duration = Duration::from_millis(500);
/// How often to look for a connection to close while a client waits.
const RETRY_INTERVAL: Duration = Duration::from_millis(100);

/// The slots, and the connections that hold one and have not become WebSockets.
#[derive(Debug, Clone)]
pub(super) struct Slots {
    free: Arc<Semaphore>,
    open: Arc<Mutex<Table>>,
}

#[derive(Debug, Default)]
struct Table {
    next: u64,
    connections: HashMap<u64, Connection>,
}

#[derive(Debug)]
struct Connection {
    /// Since when the client has sent nothing although a request, or the rest of one, is expected; `None` while a request is
    /// being answered.
    silent_since: Option<Instant>,
    close: CancellationToken,
}

/// An open connection. It is removed from the table when this is dropped.
#[derive(Debug)]
pub(super) struct Open {
    slots: Slots,
    id: u64,
    close: CancellationToken,
}

/// A request: first its body arrives, then it is answered. When this is dropped, the next request is expected.
#[derive(Debug, Clone)]
pub(super) struct Exchange(Arc<Held>);

#[derive(Debug)]
struct Held {
    slots: Slots,
    id: u64,
}

impl Slots {
    pub(super) fn new(most: usize) -> Self {
        Self { free: Arc::new(Semaphore::new(most.min(Semaphore::MAX_PERMITS))), open: Arc::default() }
    }

    /// Takes a slot. If none is left, the connection that has been silent the longest is closed, so a client that opens
    /// connections and sends nothing, or half a request, cannot keep others out.
    pub(super) async fn take(&self) -> Option<OwnedSemaphorePermit> {
        if let Ok(slot) = self.free.clone().try_acquire_owned() {
            return Some(slot);
        }
        loop {
            if let Some(close) = self.longest_silent() {
                tracing::debug!("no connection slot is free; closing a silent connection");
                close.cancel();
            }
            // The semaphore is never closed, so a slot becomes free eventually.
            if let Ok(slot) = timeout(RETRY_INTERVAL, self.free.clone().acquire_owned()).await {
                return slot.ok();
            }
        }
    }

    fn longest_silent(&self) -> Option<CancellationToken> {
        let table = self.lock();
        let open = table.connections.values().filter(|one| !one.close.is_cancelled());
        let silent =
            open.filter_map(|one| Some((one.silent_since.filter(|since| since.elapsed() >= SILENT)?, &one.close)));
        silent.min_by_key(|(since, _)| *since).map(|(_, close)| close.clone())
    }

    pub(super) fn open(&self) -> Open {
        let mut table = self.lock();
        let (id, close) = (table.next, CancellationToken::new());
        table.next += 1;
        let connection = Connection { silent_since: Some(Instant::now()), close: close.clone() };
        table.connections.insert(id, connection);
        Open { slots: self.clone(), id, close }
    }

    fn note(&self, id: u64, silent_since: Option<Instant>) {
        if let Some(connection) = self.lock().connections.get_mut(&id) {
            connection.silent_since = silent_since;
        }
    }

    fn lock(&self) -> MutexGuard<'_, Table> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Open {
    /// Completes when the slot is needed for another client.
    pub(super) fn given_up(&self) -> impl Future<Output = ()> + Send + 'static {
        self.close.clone().cancelled_owned()
    }

    /// A function to call for each request whose head has arrived.
    pub(super) fn exchanges(&self) -> impl Fn() -> Exchange + Clone + Send + 'static {
        let (slots, id) = (self.slots.clone(), self.id);
        move || Exchange(Arc::new(Held { slots: slots.clone(), id }))
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.slots.lock().connections.remove(&self.id);
    }
}

impl Exchange {
    /// Wraps the body of the request; its data counts as activity of the client.
    pub(super) fn coming(&self, body: Body) -> Body {
        self.0.note((!body.is_end_stream()).then(Instant::now));
        Body::new(Watched { body, exchange: self.clone(), is_coming: true })
    }

    /// Wraps the body of the response. Until it is sent, the client is not expected to send anything.
    pub(super) fn sent(self, body: Body) -> Body {
        self.0.note(None);
        Body::new(Watched { body, exchange: self, is_coming: false })
    }
}

impl Held {
    fn note(&self, silent_since: Option<Instant>) {
        self.slots.note(self.id, silent_since);
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.note(Some(Instant::now()));
    }
}

struct Watched {
    body: Body,
    exchange: Exchange,
    is_coming: bool,
}

impl HttpBody for Watched {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let frame = Pin::new(&mut self.body).poll_frame(cx);
        if self.is_coming
            && let Poll::Ready(frame) = &frame
        {
            let more_comes = matches!(frame, Some(Ok(_))) && !self.body.is_end_stream();
            self.exchange.0.note(more_comes.then(Instant::now));
        }
        frame
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use futures_util::{FutureExt, StreamExt, stream};

    use super::*;

    async fn wanted(slots: &Slots) {
        tokio::time::sleep(SILENT).await;
        assert!(slots.take().now_or_never().is_none());
    }

    #[tokio::test]
    async fn the_connection_that_was_silent_the_longest_gives_up_its_slot() {
        let slots = Slots::new(2);
        let _taken = [slots.take().await, slots.take().await];
        let (first, second) = (slots.open(), slots.open());
        assert!(slots.take().now_or_never().is_none());
        assert!(first.given_up().now_or_never().is_none(), "it has only just ended an answer, perhaps");
        wanted(&slots).await;
        assert!(first.given_up().now_or_never().is_some() && second.given_up().now_or_never().is_none());
        let exchange = second.exchanges()();
        drop(exchange.coming(Body::empty()));
        wanted(&slots).await;
        assert!(second.given_up().now_or_never().is_none(), "it is being answered");
        drop(exchange.sent(Body::empty()));
        wanted(&slots).await;
        assert!(second.given_up().now_or_never().is_some());
    }

    #[tokio::test]
    async fn half_a_body_keeps_no_slot() {
        let slots = Slots::new(1);
        let _taken = slots.take().await;
        let open = slots.open();
        let exchange = open.exchanges()();
        let (whole, half) = (stream::iter([Ok::<_, Infallible>("{")]), stream::pending());
        let mut body = exchange.coming(Body::from_stream(whole.chain(half))).into_data_stream();
        assert!(body.next().await.is_some());
        wanted(&slots).await;
        assert!(open.given_up().now_or_never().is_some());
        // Incoming data counts as activity.
        let open = slots.open();
        let exchange = open.exchanges()();
        let body = exchange.coming(Body::from_stream(stream::iter([Ok::<_, Infallible>("{}")])));
        let whole = axum::body::to_bytes(body, 10).await.unwrap();
        assert_eq!(whole, "{}");
        wanted(&slots).await;
        assert!(open.given_up().now_or_never().is_none(), "its answer is awaited");
    }
}
