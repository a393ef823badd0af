//! Partnerships, invitations, relationships with customers and delegated administration, rule by rule, on both databases.

// A test may unwrap, and documents itself by its name.
#![allow(clippy::unwrap_used, missing_docs, unreachable_pub)]

#[path = "../support/mod.rs"]
mod support;

mod customers;
mod delegated_admin;
mod invitations;
mod partnerships;
mod removal;
mod requests;
mod scenario_six;
mod words;
mod world;
