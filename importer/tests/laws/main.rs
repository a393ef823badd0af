//! The laws of imports, tested over generated books on both databases.
//!
//! A book is the files of a few months with the true numbers; a law is what must be true for every book. [`runner`] determines
//! how many books each law is tested with. If a law is broken, the test prints the seed and the smallest book that breaks it.
#![allow(clippy::unwrap_used, unreachable_pub)]

mod bench;
mod book;
mod edits;
mod held;
mod order;
mod projection;
mod rejects;
mod revert;
mod round_trip;
mod runner;
mod same;
mod seats;
#[path = "../import/support.rs"]
mod support;
