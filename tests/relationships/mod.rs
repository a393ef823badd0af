//! Partnerships, invitations, relationships with customers and delegated admin privileges, rule by rule, on both databases.

mod consent;
mod customer_values;
mod customers;
mod delegated_admin;
mod invitations;
mod leaving;
mod partnerships;
mod removal;
mod requests;
mod rights;
mod scenario_six;
pub(crate) mod world;
