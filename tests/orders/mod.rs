//! New customers, orders, changes of subscriptions, and sales eligibility, rule by rule, on both databases.

mod agreements;
mod details;
mod eligibility;
mod new_customers;
mod own_use;
mod reviews;
mod secrets;
mod submit_order;
mod subscriptions;
mod upgrades;
mod validated;
mod world;
