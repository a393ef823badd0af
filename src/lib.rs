//! The service: the partner relationship graph as GraphQL over HTTP.

// A test may unwrap; what is shipped is checked without this.
#![cfg_attr(test, allow(clippy::unwrap_used))]

pub mod cli;
pub mod config;
pub mod graphql;
pub mod http;
pub mod telemetry;
