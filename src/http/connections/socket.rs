use std::future::Future;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::{Sleep, sleep};

/// A connection with its slot among the open ones, which it keeps when it becomes a WebSocket. It is dropped if the client does
/// not read what is sent to it for too long.
///
/// A client that sends nothing is not dropped here, because it may be waiting for a response. The head and the body of a request
/// have timeouts of their own.
#[derive(Debug)]
pub(super) struct Socket<S> {
    stream: S,
    patience: Duration,
    /// Runs while the client reads nothing.
    stalled: Option<Pin<Box<Sleep>>>,
    _slot: Option<OwnedSemaphorePermit>,
}

impl<S> Socket<S> {
    pub(super) fn new(stream: S, patience: Duration, slot: Option<OwnedSemaphorePermit>) -> Self {
        Self { stream, patience, stalled: None, _slot: slot }
    }

    /// Passes on the result of an attempt to send, or an error if attempts have gone on for too long.
    fn watched<T>(&mut self, cx: &mut Context<'_>, sent: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        if sent.is_ready() {
            self.stalled = None;
            return sent;
        }
        let patience = self.patience;
        let stalled = self.stalled.get_or_insert_with(|| Box::pin(sleep(patience)));
        ready!(stalled.as_mut().poll(cx));
        Poll::Ready(Err(io::Error::new(io::ErrorKind::TimedOut, "the client does not read what is sent")))
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Socket<S> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buffer)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Socket<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let sent = Pin::new(&mut self.stream).poll_write(cx, bytes);
        self.watched(cx, sent)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let sent = Pin::new(&mut self.stream).poll_write_vectored(cx, slices);
        self.watched(cx, sent)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let sent = Pin::new(&mut self.stream).poll_flush(cx);
        self.watched(cx, sent)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let sent = Pin::new(&mut self.stream).poll_shutdown(cx);
        self.watched(cx, sent)
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;
    use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};

    use super::*;

    #[tokio::test]
    async fn a_client_that_reads_nothing_is_dropped() {
        let (server, _client) = duplex(16);
        let mut socket = Socket::new(server, Duration::from_millis(50), None);
        let given_up = socket.write_all(&[0; 64]).await.unwrap_err();
        assert_eq!(given_up.kind(), io::ErrorKind::TimedOut);
    }

    #[tokio::test]
    async fn a_client_that_reads_something_gets_the_full_time_again() {
        let (server, mut client) = duplex(16);
        let mut socket = Socket::new(server, Duration::from_secs(60), None);
        socket.write_all(&[0; 16]).await.unwrap();
        assert!(socket.stalled.is_none());
        assert!(socket.write_all(&[0; 16]).now_or_never().is_none());
        assert!(socket.stalled.is_some());
        client.read_exact(&mut [0; 16]).await.unwrap();
        socket.write_all(&[0; 16]).await.unwrap();
        assert!(socket.stalled.is_none());
    }
}
