//! What the mutations do and refuse, rule by rule, on both databases.

// A test may unwrap, and documents itself by its name.
#![allow(clippy::unwrap_used, missing_docs)]

#[path = "../support/mod.rs"]
mod support;

mod contract;
mod entitlements;
mod history;
mod imports;
mod partners_of_record;
mod resellers;
mod support_contacts;
mod world;
