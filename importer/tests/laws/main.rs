//! The laws of an import, over generated books on both databases.
//!
//! A book is the files of a few months with the numbers that are true of them; a law is what must hold of any book. How many
//! books each law is held against: [`runner`]. A law that is broken prints the seed and the smallest book that breaks it.
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
