//! What happened and how things hang together: the history, who is told of it, and the relationship graph.

// A test may unwrap, and documents itself by its name.
#![allow(clippy::unwrap_used, missing_docs)]

#[path = "../support/mod.rs"]
mod support;

mod audit_events;
mod command_line;
mod relationship_graph;
mod viewers;
