//! All reads. Each function takes the caller's scope.
//!
//! [`page`] turns the lists here into Relay pages, for one parent or for a whole page of parents in one statement; [`filter`] has
//! the filters of the lists.

pub mod billing;
pub mod change_requests;
pub mod cursor;
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
pub mod locations;
pub mod mpn_profiles;
pub mod orders;
pub mod outbox;
pub mod page;
pub mod partner_of_record;
pub mod partner_reviews;
pub mod partners;
pub mod partnerships;
pub mod relationships;
pub mod reseller_listings;
pub mod row;
pub mod subscriptions;
pub mod tokens;
pub mod users;

use std::str::FromStr;

use crate::error::{StoreError, StoreResult};

/// Parses a domain value stored in a table.
///
/// # Errors
/// [`StoreError::Value`] if the table holds a value that this program does not write.
pub fn parse_stored<T: FromStr>(text: &str, expected: &'static str) -> StoreResult<T> {
    text.parse().map_err(|_| StoreError::Value { value: text.to_owned(), expected })
}

/// Parses a list stored in a table as JSON.
///
/// # Errors
/// [`StoreError::Value`].
pub fn json<T: serde::de::DeserializeOwned>(text: &str, expected: &'static str) -> StoreResult<T> {
    serde_json::from_str(text).map_err(|_| StoreError::Value { value: text.to_owned(), expected })
}
