//! Answers common queries in one job, without executing them field by field.
//!
//! Executing a page of fifty customers field by field costs more than reading it: each field is a future of its own, and each level of
//! the response is handed from thread to thread. Most queries do not need that. An [`Outline`] describes what is selected of an object. A
//! [`Query`] made of outlines reads batch after batch in one job of a reading thread, with the selected columns only, and writes
//! the response as JSON.
//!
//! The types of the schema describe through [`Shape`], [`Direct`], [`NestedField`] and [`Root`] what can be answered this way. Any other query, and any query that
//! fails, is [`Declined`] as a whole, and the library executes it as if nothing had been tried. So errors are reported in one way only. A test
//! compares the responses of both ways byte for byte, on generated queries.
//!
//! Absent: knowledge of any type of the schema, error reporting, SQL and HTTP.

mod connection;
mod json;
mod object;
mod query;
mod repeated;
mod selection;

pub use connection::{Connection, NestedPages, Page, PagesAlone, ReadConnection};
pub use json::WriteJson;
pub use object::{BatchContext, Direct, NestedField, Outline, Plain, ReadField, ReadObjects, Shape, Values};
pub use query::{One, Query, Root, Roots};
pub use repeated::Repeated;
pub use selection::RequestedField;

use std::fmt;

use chrono::NaiveDateTime;
use partnergraph_store::{Conn, Scope, StoreError};

/// What a read needs.
#[allow(missing_debug_implementations)]
pub struct Reader<'a> {
    /// The connection, in the operation's snapshot.
    pub conn: &'a mut Conn,
    /// The scope of the caller.
    pub scope: &'a Scope,
    /// The operation's current time.
    pub now: NaiveDateTime,
}

/// The query was not answered directly. async-graphql executes it and reports any failure to the caller; the reason
/// here is only logged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Declined(String);

impl Declined {
    /// Declines for the given reason.
    pub fn because(reason: impl Into<String>) -> Self {
        Self(reason.into())
    }
}

impl fmt::Display for Declined {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<StoreError> for Declined {
    fn from(error: StoreError) -> Self {
        Self(error.to_string())
    }
}

impl From<async_graphql::Error> for Declined {
    fn from(error: async_graphql::Error) -> Self {
        Self(error.message)
    }
}

impl From<serde_json::Error> for Declined {
    fn from(error: serde_json::Error) -> Self {
        Self(error.to_string())
    }
}
