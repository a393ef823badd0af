//! How connections are taken, how many at once, and for how long they are kept.
//!
//! `axum::serve` has a place for none of that, so hyper is driven here.

mod places;
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

use self::places::Places;
use self::socket::Socket;
use super::fit;
use crate::config::HttpLimits;

/// The longest head of a request, in bytes, a query in its URL included; also what is held of a body at once.
const MAX_HEAD_BYTES: usize = 64 * 1024;
/// For how long nothing is taken after the system has refused a connection, as it does when it has no more files to open.
const AFTER_REFUSAL: Duration = Duration::from_millis(500);

/// Serves until `stop`, and then until the requests that run have been answered. WebSockets are the business of
/// [`Sockets`](super::Sockets).
pub async fn serve(listener: TcpListener, app: Router, limits: &HttpLimits, stop: impl Future<Output = ()>) {
    let places = Places::new(limits.max_connections);
    let mut builder = http1::Builder::new();
    builder.timer(TokioTimer::new()).header_read_timeout(limits.header_timeout);
    builder.max_header_size(MAX_HEAD_BYTES).max_buf_size(MAX_HEAD_BYTES);
    let (open, stopping) = (TaskTracker::new(), CancellationToken::new());
    tokio::pin!(stop);
    loop {
        let (stream, place) = tokio::select! {
            () = &mut stop => break,
            taken = take(&listener, &places) => taken,
        };
        let here = places.open();
        let (app, exchanges) = (app.clone(), here.exchanges());
        let app = tower::service_fn(move |request: Request<Incoming>| {
            let (app, exchange) = (app.clone(), exchanges());
            async move {
                let request = request.map(|body| exchange.coming(Body::new(body)));
                Ok::<_, Infallible>(app.oneshot(fit::looked_at(request)).await?.map(|body| exchange.sent(body)))
            }
        });
        let socket = TokioIo::new(Socket::new(stream, limits.idle_timeout, place));
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
                tracing::debug!(%error, "a connection was given up");
            }
        });
    }
    drop(listener);
    stopping.cancel();
    open.close();
    open.wait().await;
}

/// The next connection, once there is a place for it. Until then the clients after it wait in the system's queue.
async fn take(listener: &TcpListener, places: &Places) -> (TcpStream, Option<OwnedSemaphorePermit>) {
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                let place = places.take().await;
                // Messages are written whole; waiting for more would only delay them.
                if let Err(error) = stream.set_nodelay(true) {
                    tracing::trace!(%error, "a connection went before it was served");
                }
                return (stream, place);
            }
            Err(error) if is_the_clients(&error) => {}
            Err(error) => {
                tracing::error!(%error, "a connection could not be taken");
                tokio::time::sleep(AFTER_REFUSAL).await;
            }
        }
    }
}

/// Whether the client went before it was taken, which is nobody's fault here.
fn is_the_clients(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset)
}
