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
use crate::http::answer::{Sent, is_request_error};
use crate::http::shares::Share;
use crate::http::{Server, caller};
use partnergraph_gate::{Answer, GateRequest};
use partnergraph_operation::auth;

/// For how long a client may be there without saying who it is.
const INIT_TIMEOUT: Duration = Duration::from_secs(10);
/// How often a client is asked whether it is still there. One that says nothing between two questions is not.
const HEARTBEAT: Duration = Duration::from_secs(30);
/// How long a client has to take the last message, and to answer it.
const FAREWELL: Duration = Duration::from_secs(2);
/// How many operations may run at once on one connection.
const MAX_OPERATIONS: usize = 100;

/// An answer of an operation, or that it has no more.
type Answers = SelectAll<BoxStream<'static, (String, Option<Box<Answer>>)>>;

/// What is known of one connection.
pub(super) struct Conversation {
    server: Server,
    from_header: Option<String>,
    /// Whether the page that opened the connection may.
    may_connect: bool,
    /// Whether the first message has come, and the token it named; else that of the request that opened the connection.
    begun: Option<Option<String>>,
    running: HashMap<String, AbortHandle>,
    answers: Answers,
    /// Its place among the connections of its token.
    share: Option<Share<Option<String>>>,
}

/// What is to be done after a message.
enum Next {
    Nothing,
    Say(String),
    Close(Close),
}

impl Conversation {
    pub(super) fn new(server: Server, from_header: Option<String>, may_connect: bool) -> Self {
        let (running, answers) = (HashMap::new(), SelectAll::new());
        Self { server, from_header, may_connect, begun: None, running, answers, share: None }
    }

    /// Holds the conversation until one side ends it.
    ///
    /// While a message waits to be taken, nothing else is read and no operation goes on: a slow client costs the server what it
    /// has asked for and not more.
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
                        Some(Ok(Message::Text(text))) => self.hear(text.as_bytes()).await,
                        Some(Ok(Message::Binary(bytes))) => self.hear(&bytes).await,
                        Some(Ok(Message::Ping(_) | Message::Pong(_))) => Next::Nothing,
                        Some(Err(error)) => Next::Close(Close::of(error)),
                        Some(Ok(Message::Close(_))) => {
                            // The library has written the client's code back; it goes out here.
                            let _ = timeout(FAREWELL, sink.flush()).await;
                            break None;
                        }
                        None => break None,
                    }
                }
                Some((id, answer)) = self.answers.next() => self.answered(&id, answer),
                () = sleep_until(too_late), if self.begun.is_none() => Next::Close(Close::SILENT),
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
            // Whoever does not take it is cut off. What still comes is read, for a connection that is closed over it is reset, and
            // the client may never see why.
            let farewell = async {
                if sink.send(Message::Close(Some(frame))).await.is_ok() {
                    while let Some(Ok(_)) = incoming.next().await {}
                }
            };
            let _ = timeout(FAREWELL, farewell).await;
        }
    }

    async fn hear(&mut self, bytes: &[u8]) -> Next {
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

    /// Lets a client in. A token that is not valid ends the connection at once: the client would only ask for what it is refused.
    /// Without a token there is nothing but the schema, and in production not even that.
    async fn begin(&mut self, payload: Map<String, Value>) -> Next {
        if self.begun.is_some() {
            return Next::Close(Close::AGAIN);
        }
        if !self.may_connect {
            return Next::Close(Close::FORBIDDEN);
        }
        let named = ["Authorization", "authorization"].iter().find_map(|name| payload.get(*name));
        let token = match named.filter(|named| !named.is_null()) {
            // What is named and is no bearer token is a wrong one.
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
        self.begun = Some(token);
        say(&ServerMessage::ConnectionAck)
    }

    fn run(&mut self, id: String, operation: Subscribe) -> Next {
        let Some(token) = &self.begun else { return Next::Close(Close::UNAUTHORIZED) };
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
        let answers = answers.map(|answer| Some(Box::new(answer))).chain(stream::iter([None]));
        // A client that stops an operation is told nothing more of it, not even that it has ended.
        let (answers, running) = stream::abortable(answers);
        self.running.insert(id.clone(), running);
        self.answers.push(answers.map(move |answer| (id.clone(), answer)).boxed());
        Next::Nothing
    }

    fn answered(&mut self, id: &str, answer: Option<Box<Answer>>) -> Next {
        match answer {
            Some(answer) if is_request_error(&answer) => {
                // Aborted, it says no more, not even that it has ended: the error has said so.
                if let Some(running) = self.running.remove(id) {
                    running.abort();
                }
                say(&ServerMessage::Error { id, payload: &answer.errors })
            }
            Some(answer) => say(&ServerMessage::Next { id, payload: Sent(&answer) }),
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
            tracing::error!(%error, "an answer could not be written as JSON");
            Next::Close(Close::INTERNAL)
        }
    }
}

/// What became of a message.
enum Delivered {
    Taken,
    /// The server is to end, and does not wait for this client any longer.
    GoingAway,
}

/// Sends a message; `None` where the client is gone.
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
