//! What a hostile client can send, tested against the built server with a memory limit: every attack is answered quickly, memory
//! does not grow, and no other client is delayed.

// Tests may use unwrap, and their names are their documentation.
#![allow(clippy::unwrap_used, missing_docs)]

#[path = "../support/mod.rs"]
mod support;

mod documents;
mod fairness;
mod growth;
mod server;
