//! Settings for authentication and for uploads.

use std::path::PathBuf;
use std::time::Duration;

use url::Url;

use super::{ConfigError, Values, parsed};
use partnergraph_operation::auth::{KeySource, Lifetime, OidcSettings, TENANT_PLACEHOLDER};

/// How long to wait before asking an issuer again for keys that were not found.
const JWKS_RETRY: Duration = Duration::from_secs(10);

/// The lifetime of access tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TokenSettings {
    /// The lifetime of a token if none is requested.
    pub lifetime: Lifetime,
    /// The longest lifetime that a token can have.
    pub max_lifetime: Lifetime,
}

impl TokenSettings {
    pub(super) fn of(values: &Values) -> Result<Self, ConfigError> {
        let expected = "a lifetime such as 90d or 12h, or `never`";
        let (lifetime, max_lifetime): (Lifetime, Lifetime) =
            (parsed(values, "token_lifetime", expected)?, parsed(values, "token_max_lifetime", expected)?);
        if lifetime > max_lifetime {
            return Err(ConfigError::new(
                format!("token_lifetime is {lifetime}, longer than token_max_lifetime, which is {max_lifetime}"),
                "shorten token_lifetime, or raise token_max_lifetime",
            ));
        }
        Ok(Self { lifetime, max_lifetime })
    }
}

/// Limits for `POST /import`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UploadSettings {
    /// The maximum size of a file, in bytes.
    pub max_bytes: u64,
    /// The maximum number of files that an organisation can keep on the server at once.
    pub max_uploads: u32,
    /// Their maximum total size, in bytes.
    pub max_total_bytes: u64,
}

impl UploadSettings {
    pub(super) fn of(values: &Values) -> Result<Self, ConfigError> {
        Ok(Self {
            max_bytes: parsed(values, "max_upload_bytes", "a number of bytes")?,
            max_uploads: parsed(values, "max_stored_uploads", "a number of files")?,
            max_total_bytes: parsed(values, "max_uploaded_bytes", "a number of bytes")?,
        })
    }
}

/// The trusted issuer; `None` if none is configured.
pub(super) fn oidc(values: &Values) -> Result<Option<OidcSettings>, ConfigError> {
    let text = |name: &str| values.get(name).map(|(value, _)| value.trim().to_owned()).filter(|text| !text.is_empty());
    let Some(issuer) = text("oidc_issuer") else {
        let others = ["oidc_audience", "oidc_jwks", "oidc_operator_role", "oidc_operator_tenant"];
        return match others.iter().find(|name| text(name).is_some()) {
            Some(name) => Err(ConfigError::new(
                format!("{name} is set and oidc_issuer is not"),
                "set oidc_issuer to the `iss` claim of the tokens to accept",
            )),
            None => Ok(None),
        };
    };
    if !cfg!(feature = "oidc") {
        return Err(ConfigError::new(
            "oidc_issuer is set, but this program was built without OpenID Connect".to_owned(),
            "build it with the feature `oidc`, which is on by default",
        ));
    }
    let needed = |name: &str, what: &str| {
        text(name).ok_or_else(|| ConfigError::new(format!("oidc_issuer is set and {name} is not"), what.to_owned()))
    };
    let audience =
        needed("oidc_audience", "set it to the `aud` claim of tokens for this server; separate several with commas")?;
    let audiences = audience.split(',').map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned).collect();
    let jwks = needed("oidc_jwks", "set it to the location of the issuer's keys: its `jwks_uri`, or a file")?;
    let operator_role = text("oidc_operator_role");
    let operator_tenant = match text("oidc_operator_tenant") {
        Some(id) => Some(id.parse().map_err(|_| {
            ConfigError::new(
                format!("oidc_operator_tenant is `{id}`"),
                "set it to the tenant id of the platform's operators",
            )
        })?),
        None => None,
    };
    // The administrators of a tenant control the roles in its tokens.
    if issuer.contains(TENANT_PLACEHOLDER) && operator_role.is_some() && operator_tenant.is_none() {
        return Err(ConfigError::new(
            "oidc_operator_role is set for an issuer of several tenants",
            "set oidc_operator_tenant as well, so that no other tenant can make its users operators",
        ));
    }
    Ok(Some(OidcSettings {
        issuer,
        audiences,
        keys: key_source(&jwks)?,
        operator_role,
        operator_tenant,
        retry_after: JWKS_RETRY,
    }))
}

/// Parses an HTTPS URL, an HTTP URL of this machine, or a file path.
fn key_source(text: &str) -> Result<KeySource, ConfigError> {
    let refused = |hint: &str| ConfigError::new(format!("oidc_jwks is `{text}`"), hint.to_owned());
    if !text.contains("://") {
        return Ok(KeySource::File(PathBuf::from(text)));
    }
    let url: Url =
        text.parse().map_err(|_| refused("set it to a URL such as https://login.example.com/keys, or to a file"))?;
    let is_local = match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost",
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    };
    match url.scheme() {
        "https" => Ok(KeySource::Url(url)),
        "http" if is_local => Ok(KeySource::Url(url)),
        _ => Err(refused(
            "use https, so that nobody can replace the keys on their way; http is accepted only for this machine",
        )),
    }
}
