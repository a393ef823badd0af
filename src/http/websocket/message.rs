//! The messages of graphql-transport-ws.

use async_graphql::ServerError;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use partnergraph_gate::bounded_variables;

use crate::http::response::ResponseBody;

/// A message from a client.
#[derive(Debug, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum ClientMessage {
    /// The first message, with the client's token.
    ConnectionInit {
        #[serde(default)]
        payload: Option<Map<String, Value>>,
    },
    /// Asks whether the other side is alive.
    Ping {
        #[serde(default)]
        payload: Option<Map<String, Value>>,
    },
    /// The answer to a ping.
    Pong {
        #[serde(default)]
        #[allow(dead_code)]
        payload: Option<Map<String, Value>>,
    },
    /// Runs this operation.
    Subscribe { id: String, payload: Subscribe },
    /// Stops this operation.
    Complete { id: String },
}

/// An operation to run.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Subscribe {
    pub(super) query: String,
    #[serde(default)]
    pub(super) operation_name: Option<String>,
    #[serde(default, deserialize_with = "bounded_variables")]
    pub(super) variables: Option<Map<String, Value>>,
    /// No extension is supported.
    #[serde(default)]
    #[allow(dead_code)]
    extensions: Option<Map<String, Value>>,
}

/// A message from the server.
#[derive(Debug, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum ServerMessage<'a> {
    /// The connection is accepted.
    ConnectionAck,
    /// The answer to a ping.
    Pong {
        #[serde(skip_serializing_if = "Option::is_none")]
        payload: Option<Map<String, Value>>,
    },
    /// A result of an operation.
    Next { id: &'a str, payload: ResponseBody<'a> },
    /// The operation was not executed. Nothing more follows.
    Error { id: &'a str, payload: &'a [ServerError] },
    /// The operation has no more results.
    Complete { id: &'a str },
}

/// Why the server closes a connection: the protocol's code and a reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Close(pub(super) u16, pub(super) &'static str);

impl Close {
    /// The close code for a message that cannot be read (RFC 6455, section 7.4.1). A broken connection cannot receive one either.
    pub(super) fn of(error: axum::Error) -> Self {
        match error.into_inner().downcast_ref::<tungstenite::Error>() {
            Some(tungstenite::Error::Utf8(_)) => Self::NOT_TEXT,
            Some(tungstenite::Error::Capacity(_)) => Self::TOO_LARGE,
            _ => Self::MALFORMED,
        }
    }

    pub(super) const GOING_AWAY: Self = Self(1001, "The server is going away");
    pub(super) const MALFORMED: Self = Self(1002, "Not a frame of the WebSocket protocol");
    pub(super) const NOT_TEXT: Self = Self(1007, "The message is not UTF-8");
    pub(super) const TOO_LARGE: Self = Self(1009, "The message is too large");
    pub(super) const INTERNAL: Self = Self(1011, "The server failed");
    pub(super) const INVALID: Self = Self(4400, "Not a message of graphql-transport-ws");
    pub(super) const UNAUTHORIZED: Self = Self(4401, "Unauthorized");
    pub(super) const FORBIDDEN: Self = Self(4403, "Forbidden");
    pub(super) const SILENT: Self = Self(4408, "Connection initialisation timeout");
    pub(super) const ID_IN_USE: Self = Self(4409, "Subscriber already exists");
    pub(super) const TOO_MANY: Self = Self(4429, "Too many operations at once");
    pub(super) const TOO_MANY_CONNECTIONS: Self = Self(4429, "Too many connections with this token");
    pub(super) const AGAIN: Self = Self(4429, "Too many initialisation requests");
}
