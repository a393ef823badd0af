//! GraphQL over server-sent events, in distinct connections mode: the results of one operation, each an event.

use std::convert::Infallible;
use std::time::Duration;

use async_graphql::Response as GraphqlResponse;
use axum::http::{HeaderName, HeaderValue, header};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::stream::{self, BoxStream, StreamExt};
use tokio_util::sync::CancellationToken;

use super::answer::Sent;

/// How often a comment is sent while there is nothing to say, so that neither side nor anything between gives the connection up.
const HEARTBEAT: Duration = Duration::from_secs(15);

/// An answer that goes on until the operation ends, the client goes away, or the server is to end. In the last case there is no
/// `complete`, so that a client knows that it has to connect again.
///
/// The operation is asked for its next result when the connection has taken the one before, and dropped with it.
pub(super) fn serve(results: BoxStream<'static, GraphqlResponse>, closing: CancellationToken) -> Response {
    let complete = stream::once(async { Event::default().event("complete").data("") });
    let events = results.map(|result| next(&result)).chain(complete).map(Ok::<_, Infallible>);
    let events = events.take_until(closing.cancelled_owned());
    let mut answer = Sse::new(events).keep_alive(KeepAlive::new().interval(HEARTBEAT)).into_response();
    answer.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    // nginx would hold events back.
    answer.headers_mut().insert(HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no"));
    answer
}

/// A request error is an event as well: a browser shows nobody the body of an answer that is no stream.
fn next(result: &GraphqlResponse) -> Event {
    let event = Event::default().event("next");
    event.json_data(Sent(result)).unwrap_or_else(|error| {
        tracing::error!(%error, "an answer could not be written as JSON");
        Event::default().event("next").data(r#"{"errors":[{"message":"the server failed"}]}"#)
    })
}
