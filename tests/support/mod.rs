//! The basis of the tests: a separate database on either backend, and a graph built through the real write path.
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
//! The PostgreSQL server is started by `tests/run`. A test that needs it and cannot find it fails; it is never skipped.

// Every test target includes this file and uses only a part of it.
#![allow(dead_code, unused_imports, unreachable_pub, clippy::unwrap_used)]

mod api;
mod database;
mod graph;
mod subscription_builder;
mod verbs;

pub use api::Api;
pub use database::TestDatabase;
pub use graph::{Customer, Graph, Partner, Subscription, moment};
pub use partnergraph_domain::Role;
pub use partnergraph_store::Backend::{self, Postgres, Sqlite};
pub use verbs::{Entitlement, Named, User, Verbs, operation, representation};
