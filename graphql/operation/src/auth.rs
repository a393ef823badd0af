//! Authentication: from a bearer token to the caller. A token is either one of our own access tokens or a JWT from a trusted
//! issuer.

mod issued;
mod lifetime;
#[cfg(feature = "oidc")]
mod oidc;

use chrono::NaiveDateTime;
use partnergraph_store::read::tokens;
#[cfg(feature = "oidc")]
use partnergraph_store::write::tokens::PREFIX;
use partnergraph_store::{Actor, Conn, Database, StoreResult};
use sha2::{Digest, Sha256};

pub use self::issued::{Claims, KeySource, OidcSettings, TENANT_PLACEHOLDER};
pub use self::lifetime::{InvalidLifetime, Lifetime};
#[cfg(feature = "oidc")]
use self::oidc::Issuer;

/// The token from an `Authorization` header or from a WebSocket's `connection_init`. `None` if it is not a bearer token.
#[must_use]
pub fn bearer(header: &str) -> Option<&str> {
    let (scheme, token) = header.trim().split_once(' ')?;
    let token = token.trim();
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty()).then_some(token)
}

/// The form in which a token is stored: its SHA-256 hash in hexadecimal. Tokens are random enough to need no salt, and without
/// a salt the hash can be looked up in an index.
#[must_use]
pub fn token_hash(token: &str) -> String {
    hex::encode(Sha256::digest(token.as_bytes()))
}

/// What can be told from a bearer token before the database is queried.
#[derive(Debug, Clone)]
pub enum Credential {
    /// The hash of what may be one of our own access tokens.
    AccessToken(String),
    /// The verified claims of a JWT.
    Issued(Claims),
}

/// Verifies tokens.
#[derive(Debug, Clone, Default)]
pub struct Authenticator {
    #[cfg(feature = "oidc")]
    issuer: Option<std::sync::Arc<Issuer>>,
}

impl Authenticator {
    /// Accepts our own access tokens and, if `oidc` is set, tokens from that issuer.
    #[must_use]
    #[cfg(feature = "oidc")]
    pub fn new(oidc: Option<OidcSettings>) -> Self {
        Self { issuer: oidc.map(|settings| std::sync::Arc::new(Issuer::new(settings))) }
    }

    /// Accepts only our own access tokens. The program was built without OpenID Connect, and the configuration rejects an
    /// issuer.
    #[cfg(not(feature = "oidc"))]
    #[must_use]
    pub fn new(_: Option<OidcSettings>) -> Self {
        Self::default()
    }

    /// Identifies a token. `None` for an invalid JWT.
    pub async fn identify(&self, token: &str) -> Option<Credential> {
        #[cfg(feature = "oidc")]
        if let Some(issuer) = &self.issuer
            && is_jwt(token)
        {
            return issuer.verify(token).await.map(Credential::Issued);
        }
        Some(Credential::AccessToken(token_hash(token)))
    }

    /// The caller that a token belongs to as of `now`. `None` if the token is wrong, expired or revoked.
    ///
    /// # Errors
    /// A database error.
    pub async fn authenticate(
        &self,
        database: &Database,
        token: &str,
        now: NaiveDateTime,
    ) -> StoreResult<Option<Actor>> {
        let Some(credential) = self.identify(token).await else { return Ok(None) };
        database.read(move |conn| actor(conn, &credential, now)).await
    }
}

#[cfg(feature = "oidc")]
fn is_jwt(token: &str) -> bool {
    !token.starts_with(PREFIX) && token.bytes().filter(|byte| *byte == b'.').count() == 2
}

/// The caller that a credential belongs to as of `now`. `None` if the credential is no longer valid.
///
/// # Errors
/// A database error.
pub fn actor(conn: &mut Conn, credential: &Credential, now: NaiveDateTime) -> StoreResult<Option<Actor>> {
    match credential {
        Credential::AccessToken(hash) => tokens::actor(conn, hash, now),
        Credential::Issued(claims) => {
            let end = claims.expires_at.checked_add_signed(issued::LEEWAY);
            if end.is_some_and(|end| end <= now) {
                return Ok(None);
            }
            tokens::person(conn, claims.tenant_id, &claims.user_principal_name, &claims.roles)
        }
    }
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
