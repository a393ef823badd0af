//! What the server answers over HTTP: the graph, the page that explores it, uploads, and what operations ask of a server.

mod answer;
mod examples;
mod graphiql;
mod graphql;
mod links;
mod operations;
mod upload;
mod websocket;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::{HeaderName, HeaderValue, Request, header};
use axum::response::Redirect;
use axum::routing::{any, get, post};
use partnergraph_store::Database;
use tower::ServiceBuilder;
use tower_http::request_id::{MakeRequestId, PropagateRequestIdLayer, RequestId, SetRequestIdLayer};
use tower_http::set_header::SetResponseHeaderLayer;
use uuid::Uuid;

pub use answer::failure;
pub use examples::{Example, examples};
pub use websocket::Sockets;

use crate::auth::Authenticator;
use crate::config::{Config, UploadSettings};
use crate::graphql::gate::Gate;
use crate::graphql::schema;

/// The largest body of `POST /graphql`, in bytes: a document and its variables, bulk mutations with 500 items included.
pub const MAX_BODY_BYTES: usize = 2 * 1024 * 1024;

/// What every handler may need.
#[derive(Clone)]
#[allow(missing_debug_implementations)]
pub struct Server {
    gate: Gate,
    uploads: UploadSettings,
    sockets: Sockets,
}

/// Everything the server answers.
pub fn router(database: Database, config: &Config) -> Router {
    router_with(database, config, Sockets::default())
}

/// The same, with a hold on the WebSockets that are open: they outlive the requests that opened them, and are told by it when the
/// server is to end.
pub fn router_with(database: Database, config: &Config, sockets: Sockets) -> Router {
    let gate = Gate::new(schema::schema(), database)
        .with_policy(config.policy.clone())
        .with_authenticator(Authenticator::new(config.oidc.clone()))
        .in_production(config.production);
    let server = Server { gate, uploads: config.uploads, sockets };
    let id = HeaderName::from_static("x-request-id");
    Router::new()
        .route("/graphql", any(graphql::serve))
        .route("/graphql/ws", get(websocket::serve))
        .route("/graphiql", get(graphiql::page))
        .route("/graphiql/assets/{file}", get(graphiql::asset))
        .route("/invitation", get(links::invitation))
        .route("/verify", get(links::verify))
        .route("/", get(|| async { Redirect::temporary("/graphiql") }))
        .route("/import", post(upload::serve).layer(DefaultBodyLimit::disable()))
        .route("/healthz", get(operations::alive))
        .route("/readyz", get(operations::ready))
        .route("/metrics", get(operations::metrics))
        .route("/schema.graphql", get(operations::schema))
        .fallback(operations::not_found)
        .layer(DefaultBodyLimit::max(MAX_BODY_BYTES))
        .layer(
            ServiceBuilder::new()
                .layer(SetRequestIdLayer::new(id.clone(), FreshId))
                .layer(PropagateRequestIdLayer::new(id))
                .layer(SetResponseHeaderLayer::if_not_present(
                    header::X_CONTENT_TYPE_OPTIONS,
                    HeaderValue::from_static("nosniff"),
                )),
        )
        .with_state(server)
}

/// A request without an id of its own gets one; errors and log lines bear it.
#[derive(Clone, Copy)]
struct FreshId;

impl MakeRequestId for FreshId {
    fn make_request_id<B>(&mut self, _request: &Request<B>) -> Option<RequestId> {
        HeaderValue::from_str(&Uuid::now_v7().to_string()).ok().map(RequestId::new)
    }
}
