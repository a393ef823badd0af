//! Who has a place among the open connections, and who gives one up when there is none left.

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

/// How long a connection asks for nothing before it may be closed for another: the end of an answer may still be on its way.
const IDLE: Duration = Duration::from_millis(500);
/// How often it is looked for a connection to close, while somebody waits.
const ASKED_AGAIN: Duration = Duration::from_millis(100);

/// The places, and the connections that have one and have not become WebSockets.
#[derive(Debug, Clone)]
pub(super) struct Places {
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
    /// Since when it asks for nothing; `None` while a request is answered.
    idle_since: Option<Instant>,
    requests: usize,
    give_up: CancellationToken,
}

/// An open connection. It is none any more when this is dropped.
#[derive(Debug)]
pub(super) struct Open {
    places: Places,
    id: u64,
    give_up: CancellationToken,
}

/// A request that is being answered.
#[derive(Debug)]
pub(super) struct Busy {
    places: Places,
    id: u64,
}

impl Places {
    pub(super) fn new(most: usize) -> Self {
        Self { free: Arc::new(Semaphore::new(most.min(Semaphore::MAX_PERMITS))), open: Arc::default() }
    }

    /// A place. Where none is left, whoever has asked for nothing for the longest time gives one up: a client that opens connections and
    /// says nothing keeps nobody out.
    pub(super) async fn take(&self) -> Option<OwnedSemaphorePermit> {
        if let Ok(place) = self.free.clone().try_acquire_owned() {
            return Some(place);
        }
        loop {
            if let Some(give_up) = self.longest_idle() {
                tracing::debug!("all places are taken; an idle connection is closed");
                give_up.cancel();
            }
            // It is never closed, so there always is a place at some time.
            if let Ok(place) = timeout(ASKED_AGAIN, self.free.clone().acquire_owned()).await {
                return place.ok();
            }
        }
    }

    fn longest_idle(&self) -> Option<CancellationToken> {
        let table = self.lock();
        let idle = table.connections.values().filter(|one| !one.give_up.is_cancelled());
        let idle = idle.filter_map(|one| Some((one.idle_since.filter(|since| since.elapsed() >= IDLE)?, &one.give_up)));
        idle.min_by_key(|(since, _)| *since).map(|(_, give_up)| give_up.clone())
    }

    pub(super) fn open(&self) -> Open {
        let mut table = self.lock();
        let (id, give_up) = (table.next, CancellationToken::new());
        table.next += 1;
        let connection = Connection { idle_since: Some(Instant::now()), requests: 0, give_up: give_up.clone() };
        table.connections.insert(id, connection);
        Open { places: self.clone(), id, give_up }
    }

    fn change(&self, id: u64, change: impl FnOnce(&mut Connection)) {
        if let Some(connection) = self.lock().connections.get_mut(&id) {
            change(connection);
            connection.idle_since = (connection.requests == 0).then(Instant::now);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Table> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Open {
    /// Ends when the place is wanted for somebody else.
    pub(super) fn given_up(&self) -> impl Future<Output = ()> + Send + 'static {
        self.give_up.clone().cancelled_owned()
    }

    pub(super) fn asks(&self) -> impl Fn() -> Busy + Clone + Send + 'static {
        let (places, id) = (self.places.clone(), self.id);
        move || {
            places.change(id, |connection| connection.requests += 1);
            Busy { places: places.clone(), id }
        }
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.places.lock().connections.remove(&self.id);
    }
}

impl Busy {
    /// A body during whose sending the request is still being answered.
    pub(super) fn until_sent(self, body: Body) -> Body {
        Body::new(Sent { body, _busy: self })
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        self.places.change(self.id, |connection| connection.requests -= 1);
    }
}

struct Sent {
    body: Body,
    _busy: Busy,
}

impl HttpBody for Sent {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(cx)
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
    use futures_util::FutureExt;

    use super::*;

    #[tokio::test]
    async fn whoever_has_been_idle_for_the_longest_time_gives_up_its_place() {
        let places = Places::new(2);
        let _taken = [places.take().await, places.take().await];
        let (first, second) = (places.open(), places.open());
        assert!(places.take().now_or_never().is_none());
        assert!(first.given_up().now_or_never().is_none(), "it has only just ended an answer, perhaps");
        tokio::time::sleep(IDLE).await;
        assert!(places.take().now_or_never().is_none());
        assert!(first.given_up().now_or_never().is_some() && second.given_up().now_or_never().is_none());
        let asked = second.asks()();
        assert!(places.take().now_or_never().is_none());
        assert!(second.given_up().now_or_never().is_none(), "it is being answered");
        drop(asked);
        tokio::time::sleep(IDLE).await;
        assert!(places.take().now_or_never().is_none());
        assert!(second.given_up().now_or_never().is_some());
    }
}
