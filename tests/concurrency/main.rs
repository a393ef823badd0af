//! Many clients at once, and the same operations one after the other, against a model of the graph that fits in memory; and what
//! idempotency keys promise.
//!
//! `act.rs` says what people do, `model.rs` what must come of it, `tables.rs` what must stand in the database then. Something new to do
//! is one variant of `Op`, with its document, its place in the model, and who does it how often.

// A test may unwrap, and documents itself by its name.
#![allow(clippy::unwrap_used, missing_docs)]

#[path = "../support/mod.rs"]
mod support;

mod act;
mod answers;
mod clients;
mod held;
mod idempotency;
mod model;
mod readers;
mod replay;
mod sequences;
mod tables;
mod together;
mod turns;
mod world;
