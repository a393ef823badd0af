//! The integration tests: the API, the command line, the rules and the stories, on both databases. They are one test binary,
//! because every separate one is compiled and linked with everything. Tests that measure or keep the machine busy are separate
//! (`abuse`, `concurrency`).

// Tests may use unwrap, and their names are their documentation.
#![allow(clippy::unwrap_used, missing_docs, unreachable_pub)]

mod api;
mod architecture;
mod browser;
mod cli;
mod enrolment;
mod enum_values;
mod history;
mod live;
mod managing;
mod matrix;
mod migrations;
mod mutations;
mod orders;
mod relationships;
mod rules;
mod samples;
mod scenarios;
mod support;
