//! `/graphql/ws`: graphql-transport-ws. Its operations pass the same gate as those over HTTP.

mod conversation;
mod message;

use axum::extract::{State, WebSocketUpgrade};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use self::conversation::Conversation;
use super::answer::{failure, request_id};
use super::{MAX_BODY_BYTES, Server};
use crate::auth;
use crate::graphql::errors::code;

/// The one protocol that is spoken.
const PROTOCOL: &str = "graphql-transport-ws";

/// The connections that are open, so that they can be told when the server is to end.
#[derive(Debug, Clone, Default)]
pub struct Sockets {
    closing: CancellationToken,
    open: TaskTracker,
}

impl Sockets {
    /// Tells every connection that the server is going away, and waits until all are closed.
    pub async fn close(&self) {
        self.closing.cancel();
        self.open.close();
        self.open.wait().await;
    }
}

pub(super) async fn serve(State(server): State<Server>, headers: HeaderMap, upgrade: WebSocketUpgrade) -> Response {
    let upgrade = upgrade.protocols([PROTOCOL]).max_message_size(MAX_BODY_BYTES).max_frame_size(MAX_BODY_BYTES);
    if upgrade.selected_protocol().is_none() {
        let message = "the one protocol that is spoken here is graphql-transport-ws";
        return failure(StatusCode::BAD_REQUEST, code::BAD_REQUEST, message, &request_id(&headers));
    }
    let from_header = headers
        .get(axum::http::header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(auth::bearer)
        .map(str::to_owned);
    let Server { gate, sockets, .. } = server;
    let closing = sockets.closing.clone();
    upgrade.on_upgrade(move |socket| {
        let conversation = Conversation::new(gate, from_header, closing);
        sockets.open.track_future(conversation.hold(socket))
    })
}
