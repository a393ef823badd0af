//! The service: command line, configuration, logging and HTTP around the GraphQL API.
//!
//! The schema is assembled in [`mod@graphql`] from the packages under `graphql/`.
//!
//! Absent: rules, SQL, and decisions about documents, which `partnergraph-gate` makes.

// A test may unwrap; what is shipped is checked without this.
#![cfg_attr(test, allow(clippy::unwrap_used))]

pub mod cli;
pub mod config;
pub mod graphql;
pub mod http;
pub mod telemetry;
