//! The graph as GraphQL.
//!
//! [`gate`] is the one way in: HTTP and WebSocket hand every operation to it. [`context::Operation`] is what an operation
//! knows of its caller and reads through; [`siblings`] is why a list never reads row by row. Types stand one to a file in
//! [`types`], the root fields in [`query`], [`mutations`] and [`subscriptions`].

pub mod connection;
pub mod context;
pub mod error_catalogue;
pub mod errors;
pub mod filters;
pub mod fingerprint;
pub mod gate;
pub mod ids;
pub mod lookups;
pub mod mutations;
mod name;
pub mod nullable;
pub mod payload;
pub mod propagation;
pub mod query;
pub mod scalars;
pub mod schema;
pub mod siblings;
pub mod subscriptions;
pub mod types;

pub use context::Operation;
pub use gate::{Gate, GateRequest};
pub use schema::{ApiSchema, schema, sdl};
