//! Subscriptions over real connections.

mod event_stream;
mod events;
mod limits;
mod progress;
mod protocol;
mod server;
