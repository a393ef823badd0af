//! Request bodies: limits on their size, speed and number.

use std::error::Error;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, BodyDataStream, Bytes, HttpBody};
use futures_util::stream::{self, Stream, StreamExt};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, timeout, timeout_at};

/// The size that every body may have without reserving memory, in bytes. Most requests are smaller, so large ones never keep them
/// out.
const FREE: usize = 64 * 1024;
/// How many times the maximum size of a body is read of one that is too large.
const READ_AWAY: usize = 8;
/// The unit for counting memory.
const KIB: usize = 1024;

/// Why a body was not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum BodyError {
    #[error("the body is too large")]
    TooLarge,
    #[error("the body did not arrive in time")]
    TimedOut,
    #[error("other large bodies are being read; send it again later")]
    Busy,
    #[error("the body is incomplete")]
    BrokenOff,
    #[error("{0}")]
    Malformed(&'static str),
}

impl BodyError {
    /// Finds the reason in an error that other layers have wrapped.
    pub(super) fn of(error: &(dyn Error + 'static)) -> Self {
        let mut cause = Some(error);
        while let Some(error) = cause {
            if let Some(found) = error.downcast_ref::<Self>() {
                return *found;
            }
            cause = error.source();
        }
        Self::BrokenOff
    }
}

/// The memory that large bodies share.
#[derive(Debug, Clone)]
pub(super) struct Memory(Arc<Semaphore>);

impl Memory {
    pub(super) fn new(bytes: usize) -> Self {
        Self(Arc::new(Semaphore::new((bytes / KIB).min(Semaphore::MAX_PERMITS))))
    }
}

/// A complete body. Its memory is released when this is dropped.
#[derive(Debug)]
pub(super) struct Whole {
    pub(super) bytes: Vec<u8>,
    _held: Option<OwnedSemaphorePermit>,
}

/// Reads a body of at most `most` bytes within the given time.
pub(super) async fn collect(body: Body, most: usize, within: Duration, memory: &Memory) -> Result<Whole, BodyError> {
    let is_announced = body.size_hint().lower() > most as u64;
    bounded(within, async {
        let mut stream = body.into_data_stream();
        if is_announced {
            return Err(read_away(stream, most).await);
        }
        let mut whole = Whole { bytes: Vec::new(), _held: None };
        while let Some(chunk) = stream.next().await {
            let chunk = chunk.map_err(|error| BodyError::of(&error))?;
            let length = whole.bytes.len() + chunk.len();
            if length > most {
                drop(whole);
                return Err(read_away(stream, most).await);
            }
            let wanted = length.saturating_sub(FREE).div_ceil(KIB);
            let held = whole._held.as_ref().map_or(0, OwnedSemaphorePermit::num_permits);
            if wanted > held {
                let more = u32::try_from(wanted - held).map_err(|_| BodyError::TooLarge)?;
                let more = memory.0.clone().try_acquire_many_owned(more).map_err(|_| BodyError::Busy)?;
                match &mut whole._held {
                    Some(held) => held.merge(more),
                    none => *none = Some(more),
                }
            }
            whole.bytes.extend_from_slice(&chunk);
        }
        Ok(whole)
    })
    .await
}

/// Reads the rest of a body that is too large, unless it is very large. A connection that is closed with unread bytes is reset,
/// and the client might never read the reason.
async fn read_away(mut body: BodyDataStream, most: usize) -> BodyError {
    let mut left = most.saturating_mul(READ_AWAY);
    while left > 0
        && let Some(Ok(chunk)) = body.next().await
    {
        left = left.saturating_sub(chunk.len());
    }
    BodyError::TooLarge
}

async fn bounded<T>(within: Duration, read: impl Future<Output = Result<T, BodyError>>) -> Result<T, BodyError> {
    timeout(within, read).await.unwrap_or(Err(BodyError::TimedOut))
}

/// A body that ends with [`BodyError::TimedOut`] if it pauses for longer than `pause` or takes longer than `whole`.
pub(super) fn paced(body: Body, pause: Duration, whole: Duration) -> impl Stream<Item = Result<Bytes, BodyError>> {
    let last = Instant::now() + whole;
    stream::unfold(Some(body.into_data_stream()), move |stream| async move {
        let mut stream = stream?;
        // A body that is always ready would never let the timer be polled.
        if Instant::now() >= last {
            return Some((Err(BodyError::TimedOut), None));
        }
        match timeout_at(last.min(Instant::now() + pause), stream.next()).await {
            Ok(Some(Ok(chunk))) => Some((Ok(chunk), Some(stream))),
            Ok(Some(Err(error))) => Some((Err(BodyError::of(&error)), None)),
            Ok(None) => None,
            Err(_) => Some((Err(BodyError::TimedOut), None)),
        }
    })
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use super::*;

    const WITHIN: Duration = Duration::from_secs(5);

    fn of(bytes: usize) -> Body {
        let chunks =
            (0..bytes.div_ceil(1000)).map(move |at| Ok::<_, Infallible>(vec![b'x'; 1000.min(bytes - at * 1000)]));
        Body::from_stream(stream::iter(chunks))
    }

    #[tokio::test]
    async fn large_bodies_share_their_memory_and_small_ones_need_none() {
        let memory = Memory::new(100 * KIB);
        let first = collect(of(FREE + 90 * KIB), 1 << 20, WITHIN, &memory).await.unwrap();
        assert_eq!(first.bytes.len(), FREE + 90 * KIB);
        assert_eq!(collect(of(FREE + 20 * KIB), 1 << 20, WITHIN, &memory).await.unwrap_err(), BodyError::Busy);
        assert!(collect(of(FREE), 1 << 20, WITHIN, &memory).await.is_ok());
        drop(first);
        assert!(collect(of(FREE + 20 * KIB), 1 << 20, WITHIN, &memory).await.is_ok());
        assert_eq!(collect(of(2001), 2000, WITHIN, &memory).await.unwrap_err(), BodyError::TooLarge);
    }

    #[tokio::test]
    async fn a_body_that_takes_too_long_is_given_up() {
        let (short, long) = (Duration::from_millis(50), Duration::from_secs(60));
        let silent = || Body::from_stream(stream::pending::<Result<&str, Infallible>>());
        let given_up = collect(silent(), 100, short, &Memory::new(0)).await;
        assert_eq!(given_up.unwrap_err(), BodyError::TimedOut);
        let paused: Vec<_> = paced(silent(), short, long).collect().await;
        assert_eq!(paused, [Err(BodyError::TimedOut)]);
        let endless = Body::from_stream(stream::repeat_with(|| Ok::<_, Infallible>("x")));
        let cut: Vec<_> = paced(endless, long, short).collect().await;
        assert!(cut.len() > 1 && cut.last() == Some(&Err(BodyError::TimedOut)));
    }
}
