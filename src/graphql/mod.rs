//! The schema, assembled from the packages below `graphql/`, and the catalogue of its errors.

pub mod error_catalogue;
pub mod schema;

pub use schema::{schema, sdl};
