//! Settings for a token issuer and the claims of its tokens. Available whether or not the program was built to verify such
//! tokens.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use chrono::{NaiveDateTime, TimeDelta};
use partnergraph_domain::{Role, TenantId};
use url::Url;

/// A placeholder in the issuer for the token's tenant, as in Microsoft Entra's metadata for multitenant applications.
pub const TENANT_PLACEHOLDER: &str = "{tenantid}";
/// The maximum difference between the clocks of the issuer and of this server.
pub(super) const LEEWAY: TimeDelta = TimeDelta::seconds(60);
/// Where the issuer's keys are read from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeySource {
    /// A URL, either over TLS or on this machine.
    Url(Url),
    /// A file. It is read again as often as a URL would be.
    File(PathBuf),
}

/// An OpenID Connect issuer whose tokens are accepted besides our own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OidcSettings {
    /// The `iss` claim of the tokens. [`TENANT_PLACEHOLDER`] stands for the token's tenant.
    pub issuer: String,
    /// The accepted values of the `aud` claim.
    pub audiences: Vec<String>,
    /// Where the issuer's keys are read from.
    pub keys: KeySource,
    /// The value in the `roles` claim that makes the bearer an operator. If not set, no JWT makes anyone an operator.
    pub operator_role: Option<String>,
    /// The only tenant whose users can be operators. `None` for any tenant of the issuer.
    pub operator_tenant: Option<TenantId>,
    /// How long to wait before reading the keys again because a token names an unknown key.
    pub retry_after: Duration,
}

/// What a verified token says about its bearer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claims {
    /// The bearer's organisation. `None` for an operator.
    pub tenant_id: Option<TenantId>,
    /// The bearer's user principal name.
    pub user_principal_name: String,
    /// The bearer's roles. Values of the token that are not roles here are left out.
    pub roles: Vec<Role>,
    /// When the token expires.
    pub expires_at: NaiveDateTime,
}

impl fmt::Display for KeySource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Url(url) => url.fmt(f),
            Self::File(path) => path.display().fmt(f),
        }
    }
}
