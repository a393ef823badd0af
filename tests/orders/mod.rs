//! New customers, orders, what becomes of subscriptions, and whether a sale would be allowed, rule by rule, on both databases.

mod details;
mod eligibility;
mod new_customers;
mod own_use;
mod reviews;
mod secrets;
mod submit_order;
mod subscriptions;
mod upgrades;
mod world;
