//! What goes on while one watches: subscriptions over a real connection.

// A test may unwrap, and documents itself by its name.
#![allow(clippy::unwrap_used, missing_docs)]

#[path = "../support/mod.rs"]
mod support;

mod event_stream;
mod events;
mod limits;
mod progress;
mod protocol;
mod server;
