//! Imports from files to tables, on both databases.
#![allow(clippy::unwrap_used, unreachable_pub)]

mod accounting;
mod agreements;
mod bulk;
mod cases;
mod conflicts;
mod end_to_end;
mod grants;
mod killed;
mod plans;
mod rejects;
mod reseller_lists;
mod resellers;
mod revert;
mod revert_edits;
mod revert_entitlements;
mod revert_requests;
mod rules;
mod support;
mod surface;
mod three_way;
mod transaction;
mod unproven;
mod warnings;
