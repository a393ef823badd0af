//! The effects and refusals of mutations, rule by rule, on both databases.

mod contract;
mod entitlements;
mod history;
mod imports;
mod partners_of_record;
mod resellers;
mod support_contacts;
mod world;
