//! Who sends a request, and from where.

use axum::http::{HeaderMap, HeaderValue, header};
use partnergraph_store::{Actor, StoreError, clock};

use super::Server;
use partnergraph_gate::Gate;
use partnergraph_operation::auth;

/// The token in a request's `Authorization` header; none if there are two headers, because it is unclear which one counts.
pub(super) fn token(headers: &HeaderMap) -> Option<&str> {
    let mut named = headers.get_all(header::AUTHORIZATION).iter();
    let only = named.next().filter(|_| named.next().is_none())?;
    only.to_str().ok().and_then(auth::bearer)
}

/// The actor of a token; `None` if the token is not valid.
pub(super) async fn actor(gate: &Gate, token: &str) -> Result<Option<Actor>, StoreError> {
    gate.authenticator().authenticate(gate.database(), token, clock::now()).await
}

/// Whether a page of that origin may open a WebSocket here. Browsers do not ask before they open one to another host, so the
/// check is here: pages of this server may, under the address they were loaded from, and pages of the configured origins. A
/// client that is not a browser sends no `Origin`.
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
