//! Everything that is read, each function with the caller's scope first.
//!
//! [`page`] turns any of the lists here into Relay pages, for one parent or for a whole page of parents in one statement;
//! [`filter`] is what a list can be narrowed by.

pub mod billing;
pub mod customers;
pub mod directory;
pub mod entitlements;
pub mod exports;
pub mod filter;
pub mod grants;
pub mod graph;
pub mod history;
pub mod imports;
pub mod invitations;
pub mod mpn_profiles;
pub mod orders;
pub mod outbox;
pub mod page;
pub mod partner_of_record;
pub mod partners;
pub mod partnerships;
pub mod relationships;
pub mod row;
pub mod subscriptions;
pub mod tokens;
pub mod users;

use std::str::FromStr;

use crate::error::{StoreError, StoreResult};

/// Reads an id of the domain as a table holds it.
///
/// # Errors
/// [`StoreError::Value`] when the table holds something else than this program writes.
pub fn word<T: FromStr>(text: &str, expected: &'static str) -> StoreResult<T> {
    text.parse().map_err(|_| StoreError::Value { value: text.to_owned(), expected })
}

/// Reads a list that a table holds as JSON.
///
/// # Errors
/// [`StoreError::Value`].
pub fn json<T: serde::de::DeserializeOwned>(text: &str, expected: &'static str) -> StoreResult<T> {
    serde_json::from_str(text).map_err(|_| StoreError::Value { value: text.to_owned(), expected })
}
