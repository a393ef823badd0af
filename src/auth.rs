//! From a bearer token to the caller it stands for.

mod lifetime;

use chrono::NaiveDateTime;
use partnergraph_store::read::tokens;
use partnergraph_store::{Actor, Conn, StoreResult};
use sha2::{Digest, Sha256};

pub use self::lifetime::{InvalidLifetime, Lifetime};

/// The token in an `Authorization` header or in the `connection_init` of a WebSocket; `None` where it is no bearer token.
#[must_use]
pub fn bearer(header: &str) -> Option<&str> {
    let (scheme, token) = header.trim().split_once(' ')?;
    let token = token.trim();
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty()).then_some(token)
}

/// How a token is stored: the SHA-256 of it in hexadecimal. A token is random enough that no salt is needed, and the hash
/// can be looked up by an index.
#[must_use]
pub fn token_hash(token: &str) -> String {
    hex::encode(Sha256::digest(token.as_bytes()))
}

/// The caller that a token stands for at `now`; `None` for a wrong, expired or revoked one, all alike.
///
/// # Errors
/// The database's.
pub fn authenticate(conn: &mut Conn, token: &str, now: NaiveDateTime) -> StoreResult<Option<Actor>> {
    tokens::actor(conn, &token_hash(token), now)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bearer_token_is_read_in_any_spelling_of_the_scheme() {
        assert_eq!(bearer("Bearer abc"), Some("abc"));
        assert_eq!(bearer("bearer  abc "), Some("abc"));
        assert_eq!(bearer("Basic abc"), None);
        assert_eq!(bearer("Bearer "), None);
        assert_eq!(bearer("Bearer"), None);
    }
}
