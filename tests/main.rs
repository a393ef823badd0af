//! The tests of the whole: the API, the command line, the rules and the stories, on both databases. One program, because every program
//! of its own is compiled and linked with everything; what measures or keeps the machine busy is apart (`abuse`, `concurrency`).

// A test may unwrap, and documents itself by its name.
#![allow(clippy::unwrap_used, missing_docs, unreachable_pub)]

mod api;
mod browser;
mod cli;
mod enrolment;
mod history;
mod live;
mod matrix;
mod migrations;
mod mutations;
mod orders;
mod relationships;
mod rules;
mod samples;
mod scenarios;
mod support;
mod words;
