//! `/graphql/ws`: graphql-transport-ws. Its operations pass through the same gate as those over HTTP.

mod conversation;
mod message;

use axum::extract::{State, WebSocketUpgrade};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use self::conversation::Conversation;
use super::response::{failure, request_id};
use super::{Server, caller};
use partnergraph_operation::errors::code;

/// The only supported subprotocol.
const PROTOCOL: &str = "graphql-transport-ws";

/// The maximum size of a message, in bytes. It is smaller than over HTTP, because an open connection keeps the part of a message
/// that has arrived.
const MAX_MESSAGE_BYTES: usize = 256 * 1024;

/// The open connections, so that they can be told when the server shuts down.
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

    /// Is cancelled when the server shuts down.
    pub(super) fn closing(&self) -> CancellationToken {
        self.closing.clone()
    }
}

pub(super) async fn serve(State(server): State<Server>, headers: HeaderMap, upgrade: WebSocketUpgrade) -> Response {
    let upgrade = upgrade.protocols([PROTOCOL]).max_message_size(MAX_MESSAGE_BYTES).max_frame_size(MAX_MESSAGE_BYTES);
    if upgrade.selected_protocol().is_none() {
        let message = "the only supported subprotocol is graphql-transport-ws";
        return failure(StatusCode::BAD_REQUEST, code::BAD_REQUEST, message, &request_id(&headers));
    }
    let from_header = caller::token(&headers).map(str::to_owned);
    let may_connect = caller::may_connect(&server, &headers);
    let sockets = server.sockets.clone();
    upgrade.on_upgrade(move |socket| {
        let conversation = Conversation::new(server, from_header, may_connect);
        sockets.open.track_future(conversation.hold(socket))
    })
}
