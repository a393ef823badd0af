//! What whoever runs the server asks of it.

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use partnergraph_store::sql::sql;
use partnergraph_store::{Backend, StoreError};

use super::Server;
use super::answer::{failure, request_id};
use super::caller;
use crate::graphql::schema::sdl;
use partnergraph_operation::errors::{NEEDS_TOKEN, code};

/// The process answers.
pub(super) async fn alive() -> &'static str {
    "ok\n"
}

/// The process can do its work: the database answers.
pub(super) async fn ready(State(server): State<Server>) -> Response {
    let answered =
        server.gate.database().read::<_, StoreError>(|conn| conn.execute(&sql("SELECT 1 WHERE 1 = 0"))).await;
    match answered {
        Ok(_) => "ready\n".into_response(),
        Err(error) => {
            tracing::warn!(%error, "not ready");
            (StatusCode::SERVICE_UNAVAILABLE, "the database does not answer\n").into_response()
        }
    }
}

/// Prometheus' text form.
pub(super) async fn metrics(State(server): State<Server>) -> Response {
    let database = server.gate.database();
    let backend = match database.backend() {
        Backend::Sqlite => "sqlite",
        Backend::Postgres => "postgres",
    };
    let text = format!(
        "# HELP partnergraph_build_info The version that runs and the database it runs on.\n\
         # TYPE partnergraph_build_info gauge\n\
         partnergraph_build_info{{version=\"{}\",database=\"{backend}\"}} 1\n\
         # HELP partnergraph_database_statements_total Statements sent to the database.\n\
         # TYPE partnergraph_database_statements_total counter\n\
         partnergraph_database_statements_total {}\n",
        env!("CARGO_PKG_VERSION"),
        database.statements(),
    );
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], text).into_response()
}

/// The schema definition, as `partnergraph schema` prints it; in production for those with a token only, like every other question about it.
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
    let message = "this address does not take this method; `Allow` says which it takes";
    failure(StatusCode::METHOD_NOT_ALLOWED, code::METHOD_NOT_ALLOWED, message, &request_id(&headers))
}

pub(super) async fn not_found(headers: HeaderMap) -> Response {
    let message = "nothing is here; the graph is at /graphql, the page that explores it at /graphiql";
    failure(StatusCode::NOT_FOUND, "NO_SUCH_ADDRESS", message, &request_id(&headers))
}
