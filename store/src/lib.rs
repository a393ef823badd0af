//! The partner relationship graph in diesel tables, on SQLite and on PostgreSQL.
//!
//! The only package that knows SQL. One text of queries serves both databases: see [`sql`] and [`on!`].
//! Every read takes the caller's [`scope::Scope`] first, so that no query can forget it; every change of the graph goes
//! through [`mod@write`], which keeps versions, derived data, history and the event feed.
//!
//! Rows go by [keys](partnergraph_domain::keys) that have a type for each entity. What asks for two of them
//!
//! ```no_run
//! # use partnergraph_domain::{CustomerKey, PartnerKey, RelationshipToPartner};
//! # use partnergraph_store::{Conn, StoreResult, write::customers};
//! fn ask(conn: &mut Conn, partner: PartnerKey, customer: CustomerKey) -> StoreResult<RelationshipToPartner> {
//!     customers::relationship(conn, partner, customer)
//! }
//! ```
//!
//! does not compile with the two swapped:
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
pub mod sql;
mod statements;
mod threads;
mod turns;
pub mod url;
pub mod write;

pub use conn::{Access, Backend, Conn};
pub use database::{Database, Snapshot};
pub use error::{StoreError, StoreResult};
pub use feed::Feed;
pub use interrupt::Patience;
pub use scope::{Actor, Scope};
pub use url::DatabaseUrl;
