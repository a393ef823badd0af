//! Tokens from an OpenID Connect issuer: signed JWTs, verified with the issuer's published keys.

mod keys;

use chrono::DateTime;
use jsonwebtoken::errors::Error as JwtError;
use jsonwebtoken::{Algorithm, Header, Validation, decode, decode_header};
use partnergraph_domain::{Role, TenantId, check_name};
use serde::Deserialize;

use self::keys::Keys;
use super::issued::{Claims, LEEWAY, OidcSettings, TENANT_PLACEHOLDER};

/// The maximum length of a token, in bytes. A header field rarely holds more than half of that.
const MAX_TOKEN_BYTES: usize = 16 * 1024;
/// The accepted algorithms: those that sign with a private key, which only the issuer has.
const ALGORITHMS: &[Algorithm] = &[
    Algorithm::RS256,
    Algorithm::RS384,
    Algorithm::RS512,
    Algorithm::PS256,
    Algorithm::PS384,
    Algorithm::PS512,
    Algorithm::ES256,
    Algorithm::ES384,
    Algorithm::EdDSA,
];

/// A trusted issuer.
#[derive(Debug)]
pub(super) struct Issuer {
    settings: OidcSettings,
    keys: Keys,
}

/// Why a token is rejected. For the log only: the sender learns only that the token is not valid.
#[derive(Debug, thiserror::Error)]
enum Refused {
    #[error("the token is longer than {MAX_TOKEN_BYTES} bytes")]
    TooLong,
    #[error(transparent)]
    Invalid(#[from] JwtError),
    #[error("the algorithm {0:?} is not accepted")]
    Algorithm(Algorithm),
    #[error("the header is not that of an access or id token")]
    Header,
    #[error("the key does not belong to the issuer")]
    Key,
    #[error("the token is from another issuer")]
    Issuer,
    #[error("the claim `{0}` is missing or malformed")]
    Claim(&'static str),
}

/// The claims as the issuer writes them.
#[derive(Deserialize)]
struct Payload {
    iss: String,
    exp: f64,
    tid: Option<String>,
    upn: Option<String>,
    roles: Option<OneOrMany>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum OneOrMany {
    One(String),
    Many(Vec<String>),
}

impl OneOrMany {
    fn iter(&self) -> impl Iterator<Item = &str> {
        match self {
            Self::One(role) => std::slice::from_ref(role),
            Self::Many(roles) => roles.as_slice(),
        }
        .iter()
        .map(String::as_str)
    }
}

impl Issuer {
    pub(super) fn new(settings: OidcSettings) -> Self {
        let keys = Keys::new(settings.keys.clone(), settings.retry_after);
        Self { settings, keys }
    }

    /// The claims of a token. `None` if the token is not from this issuer, not for this server, or not currently valid.
    pub(super) async fn verify(&self, token: &str) -> Option<Claims> {
        match self.read(token).await {
            Ok(claims) => Some(claims),
            Err(reason) => {
                tracing::debug!(%reason, "a JWT was rejected");
                None
            }
        }
    }

    async fn read(&self, token: &str) -> Result<Claims, Refused> {
        if token.len() > MAX_TOKEN_BYTES {
            return Err(Refused::TooLong);
        }
        let header = decode_header(token)?;
        check_header(&header)?;
        let key = self.keys.find(header.kid.as_deref(), header.alg).await.ok_or(Refused::Key)?;
        let mut validation = Validation::new(header.alg);
        validation.leeway = LEEWAY.num_seconds().unsigned_abs();
        validation.validate_nbf = true;
        validation.set_audience(&self.settings.audiences);
        validation.set_required_spec_claims(&["exp", "iss", "aud"]);
        let payload = decode::<Payload>(token, &key, &validation)?.claims;
        self.claims(payload)
    }

    fn claims(&self, payload: Payload) -> Result<Claims, Refused> {
        let tenant_id: TenantId = payload.tid.and_then(|text| text.parse().ok()).ok_or(Refused::Claim("tid"))?;
        if payload.iss != self.settings.issuer.replace(TENANT_PLACEHOLDER, &tenant_id.to_string()) {
            return Err(Refused::Issuer);
        }
        let user_principal_name = payload
            .upn
            .filter(|name| !name.is_empty() && !name.contains(char::is_whitespace) && check_name(name).is_ok())
            .ok_or(Refused::Claim("upn"))?;
        // The cast saturates for a time that is out of range, and the conversion then rejects it.
        let expires_at = DateTime::from_timestamp(payload.exp as i64, 0).ok_or(Refused::Claim("exp"))?.naive_utc();
        let roles: Vec<&str> = payload.roles.iter().flat_map(OneOrMany::iter).collect();
        if self.is_operator(tenant_id, &roles) {
            return Ok(Claims { tenant_id: None, user_principal_name, roles: vec![Role::Operator], expires_at });
        }
        let mut roles: Vec<Role> =
            roles.iter().filter_map(|role| role.parse().ok()).filter(|role| *role != Role::Operator).collect();
        roles.sort_unstable_by_key(|role| role.as_str());
        roles.dedup();
        Ok(Claims { tenant_id: Some(tenant_id), user_principal_name, roles, expires_at })
    }

    fn is_operator(&self, tenant_id: TenantId, roles: &[&str]) -> bool {
        let settings = &self.settings;
        settings.operator_role.as_deref().is_some_and(|role| roles.contains(&role))
            && settings.operator_tenant.is_none_or(|tenant| tenant == tenant_id)
    }
}

/// Rejects tokens that require an extension, are of another kind (such as a logout token) or are encrypted.
fn check_header(header: &Header) -> Result<(), Refused> {
    if !ALGORITHMS.contains(&header.alg) {
        return Err(Refused::Algorithm(header.alg));
    }
    let is_usual = header
        .typ
        .as_deref()
        .is_none_or(|typ| ["jwt", "at+jwt", "application/at+jwt"].contains(&typ.to_ascii_lowercase().as_str()));
    if is_usual && header.crit.is_none() && header.enc.is_none() && header.zip.is_none() {
        return Ok(());
    }
    Err(Refused::Header)
}
