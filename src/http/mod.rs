//! The HTTP server: the graph, the GraphiQL page, uploads, and endpoints for operating the server.

mod accept;
mod body;
mod caller;
mod connections;
mod events;
mod examples;
mod form;
mod graphiql;
mod graphql;
mod headers;
mod operations;
mod pages;
mod request_checks;
mod request_id;
mod response;
mod shares;
mod upload;
mod websocket;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::HeaderValue;
use axum::middleware::from_fn;
use axum::response::Redirect;
use axum::routing::{any, get, post};
use partnergraph_store::Database;
use tower::ServiceBuilder;

pub use connections::serve;
pub use examples::{Example, examples};
pub use response::failure;
pub use websocket::Sockets;

use self::body::Memory;
use self::shares::Shares;
use crate::config::{Config, HttpLimits, Origins, UploadSettings};
use crate::graphql::schema;
use partnergraph_domain::PartnerKey;
use partnergraph_gate::Gate;
use partnergraph_operation::auth::Authenticator;

/// The maximum size of a `POST /graphql` body, in bytes: a document and its variables, including bulk mutations with 500 items.
pub const MAX_BODY_BYTES: usize = 2 * 1024 * 1024;

/// The state that handlers share.
#[derive(Clone)]
#[allow(missing_debug_implementations)]
pub struct Server {
    gate: Gate,
    /// Limits on the size of a file and of all files of an organisation.
    upload_settings: UploadSettings,
    sockets: Sockets,
    limits: HttpLimits,
    /// The memory of the bodies that are being read.
    memory: Memory,
    /// The running uploads, by organisation.
    uploads: Shares<Option<PartnerKey>>,
    /// The long-lived connections, WebSockets and event streams, by token.
    streams: Shares<Option<String>>,
    origins: Origins,
    /// The origin of this server's own pages, as links name it.
    own_origin: Option<HeaderValue>,
    /// Whether nothing is accessible without a token.
    production: bool,
}

/// All routes of the server.
pub fn router(database: Database, config: &Config) -> Router {
    router_with(database, config, Sockets::default())
}

/// The same, with a handle on the open WebSockets: they outlive the requests that opened them, and the handle tells them when the
/// server shuts down.
pub fn router_with(database: Database, config: &Config, sockets: Sockets) -> Router {
    let operations = &config.operations;
    let gate = Gate::new(schema::schema(), database)
        .with_policy(config.policy.clone())
        .with_authenticator(Authenticator::new(config.oidc.clone()))
        .in_production(config.production)
        .with_capacity(config.pool.readers, operations.max_cost)
        .with_deadline(operations.deadline)
        .with_budget(operations.budget_per_minute)
        .trusting_only(operations.trusted.clone());
    let limits = config.limits;
    let server = Server {
        gate,
        upload_settings: config.uploads,
        sockets,
        memory: Memory::new(limits.max_body_memory),
        uploads: Shares::new(limits.max_uploads, limits.max_uploads / 2),
        streams: Shares::new(limits.max_connections / 4 * 3, limits.max_connections / 4),
        limits,
        origins: config.origins.clone(),
        own_origin: own_origin(&config.policy.public_url),
        production: config.production,
    };
    let routes = Router::new()
        .route("/graphql", any(graphql::serve))
        .route("/graphiql", get(graphiql::page))
        .route("/invitation", get(pages::invitation))
        .route("/verify", get(pages::verify))
        .route("/reviews", get(pages::reviews))
        .route("/", get(|| async { Redirect::temporary("/graphiql") }))
        .route("/import", post(upload::serve).layer(DefaultBodyLimit::disable()))
        .route("/healthz", get(operations::alive))
        .route("/readyz", get(operations::ready))
        .route("/metrics", get(operations::metrics))
        .route("/schema.graphql", get(operations::schema))
        .layer(headers::compressed())
        .layer(from_fn(headers::accept_uncoded))
        // The assets are embedded, GraphiQL's as brotli, and have their own ETags.
        .route("/graphiql/assets/{file}", get(graphiql::asset))
        .route("/pages/{file}", get(pages::asset))
        .route("/graphql/ws", get(websocket::serve))
        .fallback(operations::not_found)
        .method_not_allowed_fallback(operations::wrong_method)
        .layer(DefaultBodyLimit::max(MAX_BODY_BYTES))
        .with_state(server);
    let routes = match config.origins.as_slice() {
        [] => routes,
        _ => routes.layer(headers::cross_origin(&config.origins)),
    };
    let around = ServiceBuilder::new().layer(from_fn(request_id::assign)).layer(from_fn(headers::secure));
    routes.layer(around.layer(from_fn(request_checks::refuse)))
}

/// The origin of the URL under which users reach this server.
fn own_origin(public_url: &str) -> Option<HeaderValue> {
    let url = url::Url::parse(public_url).ok()?;
    HeaderValue::from_str(&url.origin().ascii_serialization()).ok()
}
