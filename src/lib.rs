//! The service: command line, configuration, logging and HTTP around the GraphQL API.
//!
//! The schema is assembled in [`mod@graphql`] from the packages under `graphql/`.
//!
//! Absent: rules, SQL, and decisions about documents, which `partnergraph-gate` makes.

// Tests may use unwrap; non-test builds are checked without this exception.
#![cfg_attr(test, allow(clippy::unwrap_used))]

pub mod cli;
pub mod config;
pub mod graphql;
pub mod http;
pub mod telemetry;
