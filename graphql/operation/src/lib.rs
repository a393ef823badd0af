//! What every operation of the API stands on: who calls and what an installation decides, how rows are read for all siblings at once, and how
//! ids, pages, errors and values are written.
//!
//! [`Operation`] is what an operation knows of its caller and reads through; [`siblings`] is why a list never reads row by row.

pub mod auth;
pub mod connection;
pub mod context;
pub mod errors;
pub mod fingerprint;
pub mod ids;
pub mod lookups;
pub mod name;
pub mod nullable;
pub mod payload;
pub mod picture;
pub mod policy;
pub mod propagation;
pub mod scalars;
pub mod siblings;

pub use context::Operation;
