//! From a bearer token to the caller it stands for: an access token of ours, or a JWT of an issuer that is trusted.

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

/// What a bearer token comes to before the database is asked.
#[derive(Debug, Clone)]
pub enum Credential {
    /// The hash of what may be an access token of ours.
    AccessToken(String),
    /// What a JWT says, which its issuer signed.
    Issued(Claims),
}

/// Finds out what tokens are worth.
#[derive(Debug, Clone, Default)]
pub struct Authenticator {
    #[cfg(feature = "oidc")]
    issuer: Option<std::sync::Arc<Issuer>>,
}

impl Authenticator {
    /// One that trusts that issuer, where there is one, and access tokens of ours.
    #[must_use]
    #[cfg(feature = "oidc")]
    pub fn new(oidc: Option<OidcSettings>) -> Self {
        Self { issuer: oidc.map(|settings| std::sync::Arc::new(Issuer::new(settings))) }
    }

    /// One that trusts access tokens of ours alone: the program was built without OpenID Connect, and the configuration refuses an issuer.
    #[cfg(not(feature = "oidc"))]
    #[must_use]
    pub fn new(_: Option<OidcSettings>) -> Self {
        Self::default()
    }

    /// What the token is; `None` for a JWT that is not valid.
    pub async fn identify(&self, token: &str) -> Option<Credential> {
        #[cfg(feature = "oidc")]
        if let Some(issuer) = &self.issuer
            && is_jwt(token)
        {
            return issuer.verify(token).await.map(Credential::Issued);
        }
        Some(Credential::AccessToken(token_hash(token)))
    }

    /// The caller that a token stands for at `now`; `None` for a wrong, expired or revoked one, all alike.
    ///
    /// # Errors
    /// The database's.
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

/// The caller that a credential stands for at `now`; `None` for one that is worth nothing any more.
///
/// # Errors
/// The database's.
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
