//! What all operations of the API share: the caller and authentication, the installation's policy, global ids, lookups, pages and cursors, errors and
//! scalars.
//!
//! [`Operation`] holds what an operation knows about its caller, and reads through it. [`batch`] reads a field for all rows of a page at once, so
//! that no list is read row by row.
//!
//! Absent: the object types of the schema, rules, SQL and HTTP.

pub mod auth;
pub mod batch;
pub mod connection;
pub mod context;
pub mod diagram;
pub mod errors;
pub mod fingerprint;
pub mod ids;
pub mod lookups;
pub mod name;
pub mod nullable;
pub mod payload;
pub mod policy;
pub mod propagation;
pub mod scalars;

pub use context::Operation;
