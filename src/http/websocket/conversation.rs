use std::collections::HashMap;
use std::time::Duration;

use axum::extract::ws::{CloseFrame, Message, WebSocket};
use futures_util::future::AbortHandle;
use futures_util::sink::SinkExt;
use futures_util::stream::{self, BoxStream, SelectAll, SplitSink, StreamExt};
use serde_json::{Map, Value};
use tokio::time::{Instant, MissedTickBehavior, interval, sleep_until, timeout};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::message::{ClientMessage, Close, ServerMessage, Subscribe};
use crate::http::response::{ResponseBody, is_request_error};
use crate::http::shares::Share;
use crate::http::{Server, caller};
use partnergraph_gate::{GateRequest, GateResponse};
use partnergraph_operation::auth;

/// How long a client may take to send `connection_init`.
const INIT_TIMEOUT: Duration = Duration::from_secs(10);
/// How often the server pings a client. A client that sends nothing between two pings is considered gone.
const HEARTBEAT: Duration = Duration::from_secs(30);
/// How long a client has to receive the last message and to answer it.
const FAREWELL: Duration = Duration::from_secs(2);
/// The maximum number of simultaneous operations on one connection.
const MAX_OPERATIONS: usize = 100;

/// A result of an operation, or `None` if it has no more.
type Answers = SelectAll<BoxStream<'static, (String, Option<Box<GateResponse>>)>>;

/// The state of a connection.
pub(super) struct Conversation {
    server: Server,
    from_header: Option<String>,
    /// Whether the origin of the page that opened the connection is allowed.
    may_connect: bool,
    /// Set once the first message has arrived: the token that it named, else the token of the request that opened the connection.
    initialised: Option<Option<String>>,
    running: HashMap<String, AbortHandle>,
    answers: Answers,
    /// Its share of the connections allowed for its token.
    share: Option<Share<Option<String>>>,
}

/// What to do after a message.
enum Next {
    Nothing,
    Say(String),
    Close(Close),
}

impl Conversation {
    pub(super) fn new(server: Server, from_header: Option<String>, may_connect: bool) -> Self {
        let (running, answers) = (HashMap::new(), SelectAll::new());
        Self { server, from_header, may_connect, initialised: None, running, answers, share: None }
    }

    /// Runs the conversation until one side ends it.
    ///
    /// While a message waits to be sent, nothing else is read and no operation continues, so a slow client costs the server no
    /// more than what it has asked for.
    pub(super) async fn hold(mut self, socket: WebSocket) {
        let (mut sink, mut incoming) = socket.split();
        let closing = self.server.sockets.closing();
        let too_late = Instant::now() + INIT_TIMEOUT;
        let mut heartbeat = interval(HEARTBEAT);
        heartbeat.set_missed_tick_behavior(MissedTickBehavior::Delay);
        heartbeat.reset();
        let mut was_heard = true;
        let farewell = loop {
            let next = tokio::select! {
                () = closing.cancelled() => Next::Close(Close::GOING_AWAY),
                message = incoming.next() => {
                    was_heard = true;
                    match message {
                        Some(Ok(Message::Text(text))) => self.receive(text.as_bytes()).await,
                        Some(Ok(Message::Binary(bytes))) => self.receive(&bytes).await,
                        Some(Ok(Message::Ping(_) | Message::Pong(_))) => Next::Nothing,
                        Some(Err(error)) => Next::Close(Close::of(error)),
                        Some(Ok(Message::Close(_))) => {
                            // The library has queued the client's close code as a reply; it is sent here.
                            let _ = timeout(FAREWELL, sink.flush()).await;
                            break None;
                        }
                        None => break None,
                    }
                }
                Some((id, response)) = self.answers.next() => self.answered(&id, response),
                () = sleep_until(too_late), if self.initialised.is_none() => Next::Close(Close::SILENT),
                _ = heartbeat.tick() => {
                    if !std::mem::replace(&mut was_heard, false) {
                        break None;
                    }
                    if deliver(&mut sink, Message::Ping(Vec::new().into()), &closing).await.is_none() {
                        break None;
                    }
                    Next::Nothing
                }
            };
            match next {
                Next::Nothing => {}
                Next::Close(close) => break Some(close),
                Next::Say(text) => match deliver(&mut sink, Message::text(text), &closing).await {
                    Some(Delivered::Taken) => {}
                    Some(Delivered::GoingAway) => break Some(Close::GOING_AWAY),
                    None => break None,
                },
            }
        };
        if let Some(Close(code, reason)) = farewell {
            let frame = CloseFrame { code, reason: reason.into() };
            // A client that does not receive it in time is cut off. Incoming data is still read, because a connection that is
            // closed with unread data is reset and the client might never see the reason.
            let farewell = async {
                if sink.send(Message::Close(Some(frame))).await.is_ok() {
                    while let Some(Ok(_)) = incoming.next().await {}
                }
            };
            let _ = timeout(FAREWELL, farewell).await;
        }
    }

    async fn receive(&mut self, bytes: &[u8]) -> Next {
        match serde_json::from_slice(bytes) {
            Ok(ClientMessage::ConnectionInit { payload }) => self.begin(payload.unwrap_or_default()).await,
            Ok(ClientMessage::Ping { payload }) => say(&ServerMessage::Pong { payload }),
            Ok(ClientMessage::Pong { .. }) => Next::Nothing,
            Ok(ClientMessage::Subscribe { id, payload }) => self.run(id, payload),
            Ok(ClientMessage::Complete { id }) => {
                if let Some(running) = self.running.remove(&id) {
                    running.abort();
                }
                Next::Nothing
            }
            Err(_) => Next::Close(Close::INVALID),
        }
    }

    /// Accepts a client. An invalid token ends the connection at once, because every operation would be refused. Without a token
    /// only the schema can be read, and in production not even that.
    async fn begin(&mut self, payload: Map<String, Value>) -> Next {
        if self.initialised.is_some() {
            return Next::Close(Close::AGAIN);
        }
        if !self.may_connect {
            return Next::Close(Close::FORBIDDEN);
        }
        let named = ["Authorization", "authorization"].iter().find_map(|name| payload.get(*name));
        let token = match named.filter(|named| !named.is_null()) {
            // Credentials that are not a bearer token count as a wrong token.
            Some(named) => match named.as_str().and_then(auth::bearer) {
                Some(token) => Some(token.to_owned()),
                None => return Next::Close(Close::UNAUTHORIZED),
            },
            None => self.from_header.take(),
        };
        match &token {
            Some(token) => match caller::actor(&self.server.gate, token).await {
                Ok(Some(_)) => {}
                Ok(None) => return Next::Close(Close::UNAUTHORIZED),
                Err(error) => {
                    tracing::error!(%error, "a token could not be looked up");
                    return Next::Close(Close::INTERNAL);
                }
            },
            None if self.server.production => return Next::Close(Close::UNAUTHORIZED),
            None => {}
        }
        let Some(share) = self.server.streams.take(token.as_deref().map(auth::token_hash)) else {
            return Next::Close(Close::TOO_MANY_CONNECTIONS);
        };
        self.share = Some(share);
        self.initialised = Some(token);
        say(&ServerMessage::ConnectionAck)
    }

    fn run(&mut self, id: String, operation: Subscribe) -> Next {
        let Some(token) = &self.initialised else { return Next::Close(Close::UNAUTHORIZED) };
        if id.is_empty() {
            return Next::Close(Close::INVALID);
        }
        if self.running.contains_key(&id) {
            return Next::Close(Close::ID_IN_USE);
        }
        if self.running.len() >= MAX_OPERATIONS {
            return Next::Close(Close::TOO_MANY);
        }
        let answers = self.server.gate.execute_stream(GateRequest {
            query: operation.query,
            operation_name: operation.operation_name,
            variables: operation.variables.unwrap_or_default(),
            token: token.clone(),
            request_id: Uuid::now_v7().to_string(),
            ..GateRequest::default()
        });
        let answers = answers.map(|response| Some(Box::new(response))).chain(stream::iter([None]));
        // A client that stops an operation receives nothing more for it, not even `complete`.
        let (answers, running) = stream::abortable(answers);
        self.running.insert(id.clone(), running);
        self.answers.push(answers.map(move |response| (id.clone(), response)).boxed());
        Next::Nothing
    }

    fn answered(&mut self, id: &str, response: Option<Box<GateResponse>>) -> Next {
        match response {
            Some(response) if is_request_error(&response) => {
                // After it is aborted it sends nothing more, not even `complete`, because the error has already ended it.
                if let Some(running) = self.running.remove(id) {
                    running.abort();
                }
                say(&ServerMessage::Error { id, payload: &response.errors })
            }
            Some(response) => say(&ServerMessage::Next { id, payload: ResponseBody(&response) }),
            None => {
                self.running.remove(id);
                say(&ServerMessage::Complete { id })
            }
        }
    }
}

fn say(message: &ServerMessage<'_>) -> Next {
    match serde_json::to_string(message) {
        Ok(text) => Next::Say(text),
        Err(error) => {
            tracing::error!(%error, "a response could not be serialised as JSON");
            Next::Close(Close::INTERNAL)
        }
    }
}

/// The outcome of sending a message.
enum Delivered {
    Taken,
    /// The server shuts down and no longer waits for this client.
    GoingAway,
}

/// Sends a message; `None` if the client is gone.
async fn deliver(
    sink: &mut SplitSink<WebSocket, Message>,
    message: Message,
    closing: &CancellationToken,
) -> Option<Delivered> {
    tokio::select! {
        sent = sink.send(message) => sent.ok().map(|()| Delivered::Taken),
        () = closing.cancelled() => Some(Delivered::GoingAway),
    }
}
