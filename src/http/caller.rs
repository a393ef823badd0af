//! Who asks, and from where.

use axum::http::{HeaderMap, HeaderValue, header};
use partnergraph_store::{Actor, StoreError, clock};

use super::Server;
use partnergraph_gate::Gate;
use partnergraph_operation::auth;

/// The token of a request's `Authorization`; none where there are two, of which nobody could say which one counts.
pub(super) fn token(headers: &HeaderMap) -> Option<&str> {
    let mut named = headers.get_all(header::AUTHORIZATION).iter();
    let only = named.next().filter(|_| named.next().is_none())?;
    only.to_str().ok().and_then(auth::bearer)
}

/// Whom a token stands for; `None` where it is not valid.
pub(super) async fn actor(gate: &Gate, token: &str) -> Result<Option<Actor>, StoreError> {
    gate.authenticator().authenticate(gate.database(), token, clock::now()).await
}

/// Whether a page of that origin may open a WebSocket here. Browsers ask nobody before they open one to another host, so it is
/// asked here: this server's own pages may, under the address that they were loaded from, and those that the configuration
/// names. A client that is no browser sends no `Origin`.
pub(super) fn may_connect(server: &Server, headers: &HeaderMap) -> bool {
    let Some(origin) = headers.get(header::ORIGIN) else { return true };
    server.origins.as_slice().contains(origin)
        || server.own_origin.as_ref() == Some(origin)
        || is_same_host(headers, origin)
}

fn is_same_host(headers: &HeaderMap, origin: &HeaderValue) -> bool {
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    let named = origin.to_str().ok().and_then(|origin| origin.split_once("://")).map(|(_, host)| host);
    host.zip(named).is_some_and(|(host, named)| host.eq_ignore_ascii_case(named))
}
