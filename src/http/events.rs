//! GraphQL over server-sent events, in distinct connections mode: each result of one operation is an event.

use std::convert::Infallible;
use std::time::Duration;

use axum::body::Body;
use axum::http::{HeaderName, HeaderValue, header};
use axum::response::Response;
use futures_util::stream::{self, BoxStream, StreamExt};
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

use super::accept::Media;
use super::response::ResponseBody;
use partnergraph_gate::GateResponse;

/// How often a comment is sent while there is no event, so that neither side nor a proxy closes the connection.
const HEARTBEAT: Duration = Duration::from_secs(15);

/// Browsers ignore an event without a data line.
const COMPLETE: &str = "event: complete\ndata:\n\n";
const COMMENT: &str = ":\n\n";

/// A response that continues until the operation ends, the client leaves, or the server shuts down. In the last case there is no
/// `complete` event, so that the client knows that it has to reconnect.
///
/// The operation is asked for its next result once the connection has taken the previous one, and is dropped with the connection.
pub(super) fn serve(results: BoxStream<'static, GateResponse>, closing: CancellationToken) -> Response {
    let events = results.map(|result| next(&result)).chain(stream::once(async { COMPLETE.to_owned() }));
    let mut response = Response::new(Body::from_stream(with_heartbeat(events.boxed(), closing)));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(Media::EventStream.content_type()));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    // nginx would buffer events.
    headers.insert(HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no"));
    response
}

fn with_heartbeat(
    events: BoxStream<'static, String>,
    closing: CancellationToken,
) -> impl futures_util::Stream<Item = Result<String, Infallible>> {
    stream::unfold((events, closing, None), |(mut events, closing, heartbeat)| async move {
        let mut heartbeat = heartbeat.unwrap_or_else(|| {
            let mut heartbeat = interval(HEARTBEAT);
            heartbeat.set_missed_tick_behavior(MissedTickBehavior::Delay);
            heartbeat
        });
        heartbeat.reset();
        let event = tokio::select! {
            biased;
            () = closing.cancelled() => return None,
            event = events.next() => event?,
            _ = heartbeat.tick() => COMMENT.to_owned(),
        };
        Some((Ok(event), (events, closing, Some(heartbeat))))
    })
}

/// A request error is also sent as an event: a browser does not expose the body of a response that is not a stream.
fn next(result: &GateResponse) -> String {
    // JSON without line breaks, which would end the data.
    let data = serde_json::to_string(&ResponseBody(result)).unwrap_or_else(|error| {
        tracing::error!(%error, "a response could not be serialised as JSON");
        r#"{"errors":[{"message":"internal error","extensions":{"code":"INTERNAL_SERVER_ERROR"}}]}"#.to_owned()
    });
    format!("event: next\ndata: {data}\n\n")
}

#[cfg(test)]
mod tests {
    use async_graphql::Value;

    use super::*;

    #[tokio::test]
    async fn a_line_break_in_a_value_does_not_end_the_event() {
        let text = next(&async_graphql::Response::new(Value::from("a\r\nb\n\nc")).into());
        assert_eq!(text, "event: next\ndata: {\"data\":\"a\\r\\nb\\n\\nc\"}\n\n");
    }
}
