//! New customers, orders, what becomes of subscriptions, and whether a sale would be allowed, rule by rule, on both databases.

// A test may unwrap, and documents itself by its name.
#![allow(clippy::unwrap_used, missing_docs)]

#[path = "../support/mod.rs"]
mod support;

mod details;
mod eligibility;
mod new_customers;
mod orders;
mod own_use;
mod reviews;
mod secrets;
mod subscriptions;
mod upgrades;
mod world;
