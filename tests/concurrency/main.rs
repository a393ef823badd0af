//! Many simultaneous clients, and the same operations in sequence, compared with an in-memory model of the graph; and the
//! guarantees of idempotency keys.
//!
//! `act.rs` has the actions, `model.rs` their expected effects, and `tables.rs` the expected contents of the database. A new
//! action is a variant of `Op` with its document, its effect in the model, and who performs it how often.

// Tests may use unwrap, and their names are their documentation.
#![allow(clippy::unwrap_used, missing_docs)]

#[path = "../support/mod.rs"]
mod support;

mod act;
mod answers;
mod clients;
mod deeds;
mod held;
mod idempotency;
mod letters;
mod model;
mod moves;
mod readers;
mod replay;
mod requests;
mod rows;
mod sequences;
mod sold;
mod tables;
mod together;
mod turns;
mod world;
