//! The foundation of every API operation: the caller and the installation's policy, batched reads for all siblings, and the
//! format of ids, pages, errors and values.
//!
//! [`Operation`] holds the caller and does the reading. [`siblings`] explains why a list is never read row by row.

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
