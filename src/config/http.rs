//! Limits on HTTP clients.

use std::sync::Arc;
use std::time::Duration;

use axum::http::HeaderValue;

use super::{ConfigError, Values, at_least_one, parsed};

/// Limits on how much and for how long clients can keep the server busy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HttpLimits {
    /// The maximum number of open connections, including WebSockets. Further clients wait until one is closed. The default leaves
    /// room below the 1,024 files that most systems let a process open.
    pub max_connections: usize,
    /// How long a connection may wait for a complete request head, after it was opened and after each response. The default is
    /// longer than the minute for which load balancers keep connections, so that none is closed while they send a request.
    pub header_timeout: Duration,
    /// How long the body of a GraphQL request may take, and how long an upload may pause.
    pub body_timeout: Duration,
    /// How long a client may leave a response unread.
    pub idle_timeout: Duration,
    /// How long an upload may take in total.
    pub upload_timeout: Duration,
    /// The maximum number of simultaneous uploads.
    pub max_uploads: usize,
    /// The maximum memory for the bodies of all GraphQL requests together, in bytes. Bodies of up to 64 KiB are always read.
    pub max_body_memory: usize,
}

impl HttpLimits {
    pub(super) fn from_values(values: &Values) -> Result<Self, ConfigError> {
        let number = |name, expected| Ok::<_, ConfigError>(at_least_one(values, name, expected)? as usize);
        let seconds = |name| Ok::<_, ConfigError>(Duration::from_secs(at_least_one(values, name, SECONDS)?.into()));
        Ok(Self {
            max_connections: number("max_connections", "a number of connections")?,
            header_timeout: seconds("header_timeout_seconds")?,
            body_timeout: seconds("body_timeout_seconds")?,
            idle_timeout: seconds("idle_timeout_seconds")?,
            upload_timeout: seconds("upload_timeout_seconds")?,
            max_uploads: number("max_uploads", "a number of uploads")?,
            max_body_memory: parsed(values, "max_body_memory_bytes", "a number of bytes")?,
        })
    }
}

const SECONDS: &str = "a number of seconds";

/// The origins of pages on other hosts that may send requests from a browser. Empty for none.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Origins(Arc<[HeaderValue]>);

impl Origins {
    /// Parses a comma-separated list, such as `https://portal.example.com,http://localhost:5173`.
    ///
    /// # Errors
    /// [`ConfigError`] if an entry is not an origin: a scheme, a host and a port, with nothing after them.
    pub fn parse(text: &str) -> Result<Self, ConfigError> {
        text.split(',')
            .map(str::trim)
            .filter(|origin| !origin.is_empty())
            .map(origin)
            .collect::<Result<_, _>>()
            .map(Self)
    }

    /// The origins as browsers write them.
    #[must_use]
    pub fn as_slice(&self) -> &[HeaderValue] {
        &self.0
    }
}

/// Normalises an origin as browsers do: lower case, without the default port of its scheme.
fn origin(text: &str) -> Result<HeaderValue, ConfigError> {
    let refused = || {
        ConfigError::new(
            format!("cors_origins contains `{text}`, which is not an origin"),
            "an origin is a scheme, a host and, if it is not the default, a port, such as https://portal.example.com",
        )
    };
    let url = url::Url::parse(text).map_err(|_| refused())?;
    let is_bare = url.path() == "/" && !text.ends_with('/') && url.query().is_none() && url.fragment().is_none();
    let is_anonymous = url.username().is_empty() && url.password().is_none();
    if !(matches!(url.scheme(), "http" | "https") && url.has_host() && is_bare && is_anonymous) {
        return Err(refused());
    }
    HeaderValue::from_str(&url.origin().ascii_serialization()).map_err(|_| refused())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_written_as_a_browser_writes_it() {
        let origins = Origins::parse("HTTPS://Portal.Example.com:443, http://localhost:5173,").unwrap();
        assert_eq!(origins.as_slice(), ["https://portal.example.com", "http://localhost:5173"]);
        assert_eq!(Origins::parse("").unwrap(), Origins::default());
        for wrong in ["*", "null", "portal.example.com", "https://a.example/", "https://a.example/x", "ftp://a.example"]
        {
            assert!(Origins::parse(wrong).is_err(), "{wrong}");
        }
    }
}
