//! The program's configuration: flags, then environment variables, then `partnergraph.toml`, then built-in defaults.
//!
//! It is read once, at start. Every setting is listed in [`KEYS`], so that `partnergraph check` can show its value and where it
//! comes from.
//!
//! The layers are merged here rather than by a library: `config` does not report which flag or variable a value came from, and
//! `figment` would need as much code to keep what users see (the source of each value, one-line errors with a hint, numbers
//! written as numbers or as text), plus a second TOML parser.

mod access;
mod file;
mod gate;
mod http;

use std::collections::BTreeMap;
use std::fmt;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use partnergraph_domain::DelegatedAdminPolicy;
use partnergraph_store::DatabaseUrl;
use partnergraph_store::database::PoolSize;

pub use self::access::{TokenSettings, UploadSettings};
pub use self::gate::OperationLimits;
pub use self::http::{HttpLimits, Origins};
use partnergraph_operation::auth::OidcSettings;
use partnergraph_operation::policy::Policy;

/// The settings file that is read if none is named.
pub const DEFAULT_FILE: &str = "partnergraph.toml";

/// A setting.
#[derive(Debug, Clone, Copy)]
pub struct Key {
    /// Its name in the file. Its environment variable is `PARTNERGRAPH_` followed by the name in capitals.
    pub name: &'static str,
    /// The value if it is not set.
    pub default: &'static str,
}

const fn key(name: &'static str, default: &'static str) -> Key {
    Key { name, default }
}

/// All settings, in display order.
pub const KEYS: &[Key] = &[
    key("database_url", "sqlite:partnergraph.db"),
    key("listen", "127.0.0.1:8080"),
    key("log", "info"),
    key("log_format", "text"),
    key("readers", "8"),
    key("writers", "2"),
    key("max_upload_bytes", "4294967296"),
    key("max_unpacked_bytes", "8589934592"),
    key("max_stored_uploads", "100"),
    key("max_uploaded_bytes", "17179869184"),
    key("production", "false"),
    key("public_url", ""),
    key("delegated_admin_on_removal", "KEEP"),
    key("invitation_days", "30"),
    key("change_request_days", "30"),
    key("review_minutes", "60"),
    key("cors_origins", ""),
    key("max_connections", "800"),
    key("header_timeout_seconds", "75"),
    key("body_timeout_seconds", "30"),
    key("idle_timeout_seconds", "60"),
    key("upload_timeout_seconds", "3600"),
    key("max_uploads", "8"),
    key("max_body_memory_bytes", "67108864"),
    key("max_query_cost", "50000"),
    key("operation_seconds", "10"),
    key("query_budget_per_minute", "0"),
    key("trusted_documents", ""),
    key("token_lifetime", "90d"),
    key("token_max_lifetime", "never"),
    key("oidc_issuer", ""),
    key("oidc_audience", ""),
    key("oidc_jwks", ""),
    key("oidc_operator_role", ""),
    key("oidc_operator_tenant", ""),
];

/// The value of each setting and where it comes from.
type Values = BTreeMap<&'static str, (String, Source)>;

/// Where a value comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// A command-line flag.
    Flag,
    /// This environment variable.
    Environment(String),
    /// This file.
    File(PathBuf),
    /// The built-in default.
    BuiltIn,
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flag => f.write_str("flag"),
            Self::Environment(name) => f.write_str(name),
            Self::File(path) => write!(f, "{}", path.display()),
            Self::BuiltIn => f.write_str("built in"),
        }
    }
}

/// Why the configuration is invalid.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct ConfigError {
    /// What is wrong, in one line.
    pub message: String,
    /// What to do, in one line.
    pub hint: String,
}

impl ConfigError {
    fn new(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { message: message.into(), hint: hint.into() }
    }
}

/// The format of the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// Readable text.
    Text,
    /// One JSON object per line.
    Json,
}

/// The configuration in effect.
#[derive(Debug, Clone)]
pub struct Config {
    /// The database.
    pub database_url: DatabaseUrl,
    /// The address to listen on.
    pub listen: SocketAddr,
    /// The log filter, in `RUST_LOG` syntax.
    pub log: String,
    /// The log format.
    pub log_format: LogFormat,
    /// How many database connections the server keeps.
    pub pool: PoolSize,
    /// Limits for `POST /import`.
    pub uploads: UploadSettings,
    /// The lifetime of access tokens.
    pub tokens: TokenSettings,
    /// Whether introspection requires a token, like all other requests.
    pub production: bool,
    /// The OIDC issuer whose tokens are accepted in addition to our own, if any.
    pub oidc: Option<OidcSettings>,
    /// The installation's choices where the CSP programme allows several.
    pub policy: Policy,
    /// The origins of pages on other hosts that may send requests from a browser.
    pub origins: Origins,
    /// Limits on how much and for how long clients can keep the server busy.
    pub limits: HttpLimits,
    /// Limits on GraphQL operations.
    pub operations: OperationLimits,
    values: Values,
}

/// Settings from command-line flags.
#[derive(Debug, Clone, Default)]
pub struct Flags {
    /// `--config`.
    pub file: Option<PathBuf>,
    /// Settings by name.
    pub values: BTreeMap<&'static str, String>,
}

impl Config {
    /// Reads the configuration of this process.
    ///
    /// # Errors
    /// [`ConfigError`] if a file cannot be read, a setting does not exist, or a value is invalid.
    pub fn load(flags: &Flags) -> Result<Self, ConfigError> {
        Self::from_layers(flags, |name| std::env::var(name).ok())
    }

    fn from_layers(flags: &Flags, environment: impl Fn(&str) -> Option<String>) -> Result<Self, ConfigError> {
        let file = match &flags.file {
            Some(path) => Some((path.clone(), file::read(path)?)),
            None if Path::new(DEFAULT_FILE).exists() => {
                let path = PathBuf::from(DEFAULT_FILE);
                let values = file::read(&path)?;
                Some((path, values))
            }
            None => None,
        };
        let mut values = BTreeMap::new();
        for key in KEYS {
            let variable = format!("PARTNERGRAPH_{}", key.name.to_uppercase());
            let from_environment = environment(&variable).map(|value| (value, Source::Environment(variable)));
            // DATABASE_URL is the conventional name of this variable.
            let common = (key.name == "database_url")
                .then(|| environment("DATABASE_URL"))
                .flatten()
                .map(|value| (value, Source::Environment("DATABASE_URL".to_owned())));
            let from_file = file
                .as_ref()
                .and_then(|(path, values)| Some((values.get(key.name)?.clone(), Source::File(path.clone()))));
            let found = flags
                .values
                .get(key.name)
                .map(|value| (value.clone(), Source::Flag))
                .or(from_environment)
                .or(common)
                .or(from_file)
                .unwrap_or_else(|| (key.default.to_owned(), Source::BuiltIn));
            values.insert(key.name, found);
        }
        Self::from_values(values)
    }

    fn from_values(values: Values) -> Result<Self, ConfigError> {
        let text = |name: &str| values.get(name).map(|(value, _)| value.clone()).filter(|value| !value.is_empty());
        let database_url = text("database_url").unwrap_or_default();
        let database_url = database_url.parse::<DatabaseUrl>().map_err(|error| {
            ConfigError::new(
                error.to_string(),
                "set the database URL to sqlite:PATH or postgres://USER:PASSWORD@HOST/DATABASE",
            )
        })?;
        let log_format = match text("log_format").as_deref() {
            Some("text") | None => LogFormat::Text,
            Some("json") => LogFormat::Json,
            Some(other) => {
                return Err(ConfigError::new(format!("log_format is `{other}`"), "set it to `text` or `json`"));
            }
        };
        let listen: SocketAddr = parsed(&values, "listen", "an address and port, such as 127.0.0.1:8080")?;
        let policy = Policy {
            public_url: public_url(text("public_url"), listen)?,
            delegated_admin_on_removal: parsed::<DelegatedAdminPolicy>(
                &values,
                "delegated_admin_on_removal",
                "`KEEP` or `REMOVE`",
            )?,
            invitation_days: at_least_one(&values, "invitation_days", "a number of days")?,
            change_request_days: at_least_one(&values, "change_request_days", "a number of days")?,
            review_minutes: at_least_one(&values, "review_minutes", "a number of minutes")?,
            max_unpacked_bytes: Some(parsed(&values, "max_unpacked_bytes", "a number of bytes")?),
        };
        Ok(Self {
            database_url,
            listen,
            log: text("log").unwrap_or_default(),
            log_format,
            pool: PoolSize {
                readers: parsed(&values, "readers", "a whole number")?,
                writers: parsed(&values, "writers", "a whole number")?,
            },
            uploads: UploadSettings::of(&values)?,
            tokens: TokenSettings::of(&values)?,
            oidc: access::oidc(&values)?,
            production: parsed(&values, "production", "`true` or `false`")?,
            policy,
            origins: Origins::parse(&text("cors_origins").unwrap_or_default())?,
            limits: HttpLimits::from_values(&values)?,
            operations: OperationLimits::from_values(&values)?,
            values,
        })
    }

    /// Where a setting comes from; `None` if there is no such setting.
    #[must_use]
    pub fn source(&self, name: &str) -> Option<&Source> {
        self.values.get(name).map(|(_, source)| source)
    }

    /// All settings in effect with name, value and source. The database password is masked.
    #[must_use]
    pub fn shown(&self) -> Vec<(&'static str, String, String)> {
        let shown = |name: &'static str, value: &str, source: &Source| {
            let value = if name == "database_url" { self.database_url.to_string() } else { value.to_owned() };
            (name, value, source.to_string())
        };
        KEYS.iter()
            .filter_map(|key| self.values.get(key.name).map(|(value, source)| shown(key.name, value, source)))
            .collect()
    }
}

/// The base URL of links; defaults to the listening address.
fn public_url(set: Option<String>, listen: SocketAddr) -> Result<String, ConfigError> {
    let Some(text) = set else { return Ok(format!("http://{listen}")) };
    let is_web = url::Url::parse(&text).is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
    if is_web {
        return Ok(text.trim_end_matches('/').to_owned());
    }
    Err(ConfigError::new(
        format!("public_url is `{text}`"),
        "set it to the URL under which users reach this server, such as https://graph.example.com",
    ))
}

fn at_least_one(values: &Values, name: &str, expected: &str) -> Result<u32, ConfigError> {
    let number: u32 = parsed(values, name, expected)?;
    if number == 0 {
        return Err(ConfigError::new(format!("{name} is 0"), format!("set it to {expected}, at least 1")));
    }
    Ok(number)
}

fn parsed<T: FromStr>(values: &Values, name: &str, expected: &str) -> Result<T, ConfigError> {
    let (value, source) = values
        .get(name)
        .ok_or_else(|| ConfigError::new(format!("{name} is not set"), format!("set it to {expected}")))?;
    value
        .trim()
        .parse()
        .map_err(|_| ConfigError::new(format!("{name} is `{value}` ({source})"), format!("set it to {expected}")))
}

#[cfg(test)]
mod tests;
