//! HTTP.

use axum::Router;
use partnergraph_store::Database;

/// Everything the server answers.
pub fn router(_database: Database, _config: &crate::config::Config) -> Router {
    Router::new()
}
