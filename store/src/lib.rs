//! The partner relationship graph in diesel tables, on SQLite and PostgreSQL.
//!
//! This is the only package that knows SQL. One text of queries serves both databases: see [`sql`] and [`on!`].
//! Every read takes the caller's [`scope::Scope`] first, so that no query can forget it. Every change of the graph goes
//! through [`mod@write`] or [`imports`], which keep versions, derived data, history and the event feed.
//!
//! Absent: GraphQL, HTTP, the parsing of exports, and decisions about what is allowed, which `partnergraph-domain` makes.
//!
//! Rows are identified by [keys](partnergraph_domain::keys) with one type for each entity. A function that takes two of them
//!
//! ```no_run
//! # use partnergraph_domain::{CustomerKey, PartnerKey, RelationshipToPartner};
//! # use partnergraph_store::{Conn, StoreResult, write::customers};
//! fn ask(conn: &mut Conn, partner: PartnerKey, customer: CustomerKey) -> StoreResult<RelationshipToPartner> {
//!     customers::relationship(conn, partner, customer)
//! }
//! ```
//!
//! does not compile if they are swapped:
//!
//! ```compile_fail,E0308
//! # use partnergraph_domain::{CustomerKey, PartnerKey, RelationshipToPartner};
//! # use partnergraph_store::{Conn, StoreResult, write::customers};
//! fn ask(conn: &mut Conn, partner: PartnerKey, customer: CustomerKey) -> StoreResult<RelationshipToPartner> {
//!     customers::relationship(conn, customer, partner)
//! }
//! ```

mod cancel;
pub mod clock;
pub mod columns;
#[macro_use]
mod conn;
pub mod database;
pub mod derive;
mod error;
pub mod feed;
pub mod imports;
mod interrupt;
pub mod migrate;
pub mod on;
pub mod read;
pub mod schema;
pub mod scope;
mod snapshot;
pub mod sql;
mod statements;
mod threads;
pub mod url;
pub mod write;
mod writer;

pub use conn::{Access, Backend, Conn};
pub use database::Database;
pub use error::{StoreError, StoreResult};
pub use feed::Feed;
pub use interrupt::TimeLimit;
pub use scope::{Actor, Scope};
pub use snapshot::Snapshot;
pub use url::DatabaseUrl;
