//! What there is to say of an issuer of tokens and of its tokens, whether or not the program was built to verify them.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use chrono::{NaiveDateTime, TimeDelta};
use partnergraph_domain::{Role, TenantId};
use url::Url;

/// What stands in an issuer for the tenant of the token, as in Microsoft Entra's metadata for applications of many tenants.
pub const TENANT_PLACEHOLDER: &str = "{tenantid}";
/// How far the clocks of the issuer and of this server may differ.
pub(super) const LEEWAY: TimeDelta = TimeDelta::seconds(60);
/// Where the issuer's keys are read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeySource {
    /// At this address, over TLS or on this machine.
    Url(Url),
    /// In this file, which is read again like an address.
    File(PathBuf),
}

/// Whose tokens are accepted besides our own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OidcSettings {
    /// The `iss` of the tokens. [`TENANT_PLACEHOLDER`] in it stands for the tenant of the token.
    pub issuer: String,
    /// The `aud` of the tokens: one of these.
    pub audiences: Vec<String>,
    /// Where the issuer's keys are.
    pub keys: KeySource,
    /// Which word in `roles` makes an operator; nobody is one by a JWT where it is not set.
    pub operator_role: Option<String>,
    /// The tenant whose people alone can be operators; `None` for any that the issuer has.
    pub operator_tenant: Option<TenantId>,
    /// How long to wait before the keys are asked for again, where a token names one that is not known.
    pub retry_after: Duration,
}

/// What a token says of its bearer, once it is verified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claims {
    /// The bearer's organisation; `None` for an operator.
    pub tenant_id: Option<TenantId>,
    /// The bearer's name.
    pub user_principal_name: String,
    /// What the bearer may do. Words of the token that are no roles here are left out.
    pub roles: Vec<Role>,
    /// When the token ends.
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
