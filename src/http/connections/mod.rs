//! Accepts connections: how many at once, and how long they are kept open.
//!
//! `axum::serve` supports none of this, so hyper is used directly here.

mod slots;
mod socket;

use std::convert::Infallible;
use std::future::Future;
use std::io;
use std::pin::pin;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::OwnedSemaphorePermit;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::ServiceExt;

use self::slots::Slots;
use self::socket::Socket;
use super::request_checks;
use crate::config::HttpLimits;

/// The maximum size of a request head in bytes, including the query in its URL; also how much of a body is buffered at once.
const MAX_HEAD_BYTES: usize = 64 * 1024;
/// How long to wait after the system refused a connection, as it does when no more files can be opened.
const AFTER_REFUSAL: Duration = Duration::from_millis(500);

/// Serves until `stop`, and then until running requests have been answered. WebSockets are handled by
/// [`Sockets`](super::Sockets).
pub async fn serve(listener: TcpListener, app: Router, limits: &HttpLimits, stop: impl Future<Output = ()>) {
    let slots = Slots::new(limits.max_connections);
    let mut builder = http1::Builder::new();
    builder.timer(TokioTimer::new()).header_read_timeout(limits.header_timeout);
    builder.max_header_size(MAX_HEAD_BYTES).max_buf_size(MAX_HEAD_BYTES);
    let (open, stopping) = (TaskTracker::new(), CancellationToken::new());
    tokio::pin!(stop);
    loop {
        let (stream, slot) = tokio::select! {
            () = &mut stop => break,
            taken = take(&listener, &slots) => taken,
        };
        let here = slots.open();
        let (app, exchanges) = (app.clone(), here.exchanges());
        let app = tower::service_fn(move |request: Request<Incoming>| {
            let (app, exchange) = (app.clone(), exchanges());
            async move {
                let request = request.map(|body| exchange.coming(Body::new(body)));
                Ok::<_, Infallible>(
                    app.oneshot(request_checks::inspected(request)).await?.map(|body| exchange.sent(body)),
                )
            }
        });
        let socket = TokioIo::new(Socket::new(stream, limits.idle_timeout, slot));
        let connection = builder.serve_connection(socket, TowerToHyperService::new(app)).with_upgrades();
        let stopped = stopping.clone().cancelled_owned();
        open.spawn(async move {
            let mut connection = pin!(connection);
            let ended = tokio::select! {
                ended = connection.as_mut() => ended,
                () = here.given_up() => return,
                () = stopped => {
                    connection.as_mut().graceful_shutdown();
                    connection.await
                }
            };
            if let Err(error) = ended {
                tracing::debug!(%error, "a connection was dropped");
            }
        });
    }
    drop(listener);
    stopping.cancel();
    open.close();
    open.wait().await;
}

/// The next connection, once there is a slot for it. Until then further clients wait in the system's queue.
async fn take(listener: &TcpListener, slots: &Slots) -> (TcpStream, Option<OwnedSemaphorePermit>) {
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                let slot = slots.take().await;
                // Messages are written whole; waiting for more data would only delay them.
                if let Err(error) = stream.set_nodelay(true) {
                    tracing::trace!(%error, "a connection was closed before it was served");
                }
                return (stream, slot);
            }
            Err(error) if is_the_clients(&error) => {}
            Err(error) => {
                tracing::error!(%error, "a connection could not be accepted");
                tokio::time::sleep(AFTER_REFUSAL).await;
            }
        }
    }
}

/// Whether the client left before it was accepted, which is not an error here.
fn is_the_clients(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset)
}
