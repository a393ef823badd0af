//! The stages, by tables of cases: what stands, what the files say, and what the plan comes to.

mod customers;
mod decisions;
mod subscriptions;
