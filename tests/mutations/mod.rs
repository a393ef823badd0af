//! The effects and refusals of mutations, rule by rule, on both databases.

mod contract;
mod edges;
mod entitlements;
mod history;
mod imports;
mod moved;
mod moves;
mod partners_of_record;
mod resellers;
mod run_lists;
mod several;
mod support_contacts;
mod world;
