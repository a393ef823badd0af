//! The schema, put together from the packages below `graphql/`, and what its errors are.

pub mod error_catalogue;
pub mod schema;

pub use schema::{schema, sdl};
