//! The service: the partner relationship graph as GraphQL over HTTP.

// Tests may use unwrap; non-test builds are checked without this exception.
#![cfg_attr(test, allow(clippy::unwrap_used))]

pub mod cli;
pub mod config;
pub mod graphql;
pub mod http;
pub mod telemetry;
