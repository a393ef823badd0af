//! A fast path for queries: reads and writes the result without executing each field.
//!
//! Executing a page of fifty customers field by field costs more than reading it: every field is a future of its own,
//! and every level of the result is passed between threads. Most queries need none of that. An [`Outline`] describes
//! the selection of an object. A [`Query`], made of outlines, reads one level after another in a single job on a read
//! thread, with only the requested columns, and writes the result as JSON.
//!
//! This crate knows no types of the schema. They declare through [`Shape`], [`Direct`], [`Below`] and [`Root`] which of
//! their fields can be answered this way. Anything else, and any failure, is [`Declined`] as a whole, and async-graphql
//! executes the operation as if nothing had been tried. Errors are therefore reported in one way only, and both paths
//! return the same result byte for byte; a test with generated queries checks this.

mod connection;
mod object;
mod query;
mod selection;
mod show;

pub use connection::{Connection, Page, PagesAlone, PagesBelow, ReadConnection};
pub use object::{Answered, Below, Direct, Filled, Level, Outline, Plain, Shape, Values};
pub use query::{One, Query, Root, Roots};
pub use selection::Asked;
pub use show::Show;

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
