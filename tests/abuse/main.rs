//! What a hostile client can send, against the built server under a memory limit: every attack is answered at once, nothing grows, and nobody else waits.

// A test may unwrap, and documents itself by its name.
#![allow(clippy::unwrap_used, missing_docs)]

#[path = "../support/mod.rs"]
mod support;

mod documents;
mod fairness;
mod growth;
mod server;
