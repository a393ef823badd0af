//! The way into the programme, and what belongs to an organisation: rule by rule, on both databases.

// A test may unwrap, and documents itself by its name.
#![allow(clippy::unwrap_used, missing_docs)]

#[path = "../support/mod.rs"]
mod support;

mod agreement;
mod command_line;
mod directory;
mod enroll;
mod history;
mod organizations;
mod profile;
mod register;
mod review;
mod takeover;
mod users;
mod verification;
mod world;
