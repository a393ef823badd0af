//! What the tests stand on: a database of their own on either backend, and a graph put together by the real write path.
//!
//! ```ignore
//! #[path = "../support/mod.rs"]
//! mod support;
//!
//! #[rstest]
//! #[case::sqlite(Sqlite)]
//! #[case::postgres(Postgres)]
//! fn a_reseller_is_listed_once(#[case] backend: Backend) {
//!     let graph = Graph::new(TestDatabase::on(backend));
//!     let provider = graph.provider("Northwind").add();
//!     let reseller = graph.reseller("Fabrikam").partner_of(&provider).add();
//!     …
//! }
//! ```
//!
//! PostgreSQL is the server that `tests/run` starts. A test that needs it and finds none fails; it never skips.

// Every test target includes this file and uses its own part of it.
#![allow(dead_code, unused_imports, unreachable_pub, clippy::unwrap_used)]

mod api;
mod database;
mod graph;

pub use api::Api;
pub use database::TestDatabase;
pub use graph::{Customer, Graph, Partner, Subscription, moment};
pub use partnergraph_domain::Role;
pub use partnergraph_store::Backend::{self, Postgres, Sqlite};
