//! What goes on while one watches: subscriptions over a real connection.

mod event_stream;
mod events;
mod limits;
mod progress;
mod protocol;
mod server;
