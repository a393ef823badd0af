//! What clients may ask of the server, and for how long.

use std::sync::Arc;
use std::time::Duration;

use axum::http::HeaderValue;

use super::{ConfigError, Values, at_least_one, parsed};

/// How much, and for how long, clients may keep the server busy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HttpLimits {
    /// How many connections are open at once, WebSockets included. Further clients wait until one is closed. The default
    /// leaves room below the 1,024 files that most systems let a process open.
    pub max_connections: usize,
    /// For how long a connection may wait for a whole request head: after it was opened, and after each response. The default is
    /// longer than the minute for which load balancers keep connections, so that none is closed while they send a request.
    pub header_timeout: Duration,
    /// For how long the body of a GraphQL request may take, and for how long an upload may pause.
    pub body_timeout: Duration,
    /// For how long a client may leave a response untaken.
    pub idle_timeout: Duration,
    /// For how long an upload may take in all.
    pub upload_timeout: Duration,
    /// How many uploads are under way at once.
    pub max_uploads: usize,
    /// How much memory the bodies of all GraphQL requests may take together, in bytes. Bodies of up to 64 KiB are always read.
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

/// The web pages of other hosts that may ask from a browser, by their origin; none where the list is empty.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Origins(Arc<[HeaderValue]>);

impl Origins {
    /// Reads a list with commas, such as `https://portal.example.com,http://localhost:5173`.
    ///
    /// # Errors
    /// [`ConfigError`] for what is not an origin: scheme, host and port, and nothing after them.
    pub fn parse(text: &str) -> Result<Self, ConfigError> {
        text.split(',')
            .map(str::trim)
            .filter(|origin| !origin.is_empty())
            .map(origin)
            .collect::<Result<_, _>>()
            .map(Self)
    }

    /// As a browser names them.
    #[must_use]
    pub fn as_slice(&self) -> &[HeaderValue] {
        &self.0
    }
}

/// An origin as a browser writes it: in lower case, without the port that its scheme has anyway.
fn origin(text: &str) -> Result<HeaderValue, ConfigError> {
    let refused = || {
        ConfigError::new(
            format!("cors_origins has `{text}`"),
            "an origin is a scheme, a host and a port if it is not the usual one, such as https://portal.example.com",
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
