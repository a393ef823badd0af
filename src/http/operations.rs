//! Endpoints for operating the server.

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use partnergraph_store::sql::sql;
use partnergraph_store::{Backend, StoreError};
use prometheus_client::encoding::prometheus_text;
use prometheus_client::metrics::counter::ConstCounter;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::Registry;

use super::Server;
use super::caller;
use super::response::{failure, request_id};
use crate::graphql::schema::sdl;
use partnergraph_operation::errors::{NEEDS_TOKEN, code};

/// Liveness: the process responds.
pub(super) async fn alive() -> &'static str {
    "ok\n"
}

/// Readiness: the database responds.
pub(super) async fn ready(State(server): State<Server>) -> Response {
    let answered =
        server.gate.database().read::<_, StoreError>(|conn| conn.execute(&sql("SELECT 1 WHERE 1 = 0"))).await;
    match answered {
        Ok(_) => "ready\n".into_response(),
        Err(error) => {
            tracing::warn!(%error, "not ready");
            (StatusCode::SERVICE_UNAVAILABLE, "the database is not available\n").into_response()
        }
    }
}

/// Metrics in the Prometheus text format. The kind of a metric is the suffix of its name: `_info`, `_total`.
pub(super) async fn metrics(State(server): State<Server>) -> Response {
    let database = server.gate.database();
    let backend = match database.backend() {
        Backend::Sqlite => "sqlite",
        Backend::Postgres => "postgres",
    };
    let build = [("version", env!("CARGO_PKG_VERSION")), ("database", backend)];
    let mut registry = Registry::with_prefix("partnergraph");
    registry.register("build", "The version that runs and the database it runs on", Info::new(build));
    registry.register(
        "database_statements",
        "Statements sent to the database",
        ConstCounter::new(database.statements()),
    );
    let mut text = String::new();
    prometheus_text::encode(&mut text, &registry).expect("writing to a string cannot fail");
    ([(header::CONTENT_TYPE, prometheus_text::CONTENT_TYPE)], text).into_response()
}

/// The schema definition, as `partnergraph schema` prints it. In production it requires a token, like all introspection.
pub(super) async fn schema(State(server): State<Server>, headers: HeaderMap) -> Response {
    let is_open = !server.production
        || match caller::token(&headers) {
            Some(token) => matches!(caller::actor(&server.gate, token).await, Ok(Some(_))),
            None => false,
        };
    if !is_open {
        return failure(StatusCode::UNAUTHORIZED, code::UNAUTHENTICATED, NEEDS_TOKEN, &request_id(&headers));
    }
    ([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], sdl()).into_response()
}

pub(super) async fn wrong_method(headers: HeaderMap) -> Response {
    let message = "this method is not allowed here; see the `Allow` header";
    failure(StatusCode::METHOD_NOT_ALLOWED, code::METHOD_NOT_ALLOWED, message, &request_id(&headers))
}

pub(super) async fn not_found(headers: HeaderMap) -> Response {
    let message = "not found; the API is at /graphql and GraphiQL at /graphiql";
    failure(StatusCode::NOT_FOUND, "NO_SUCH_ADDRESS", message, &request_id(&headers))
}
