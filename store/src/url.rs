//! The database URL.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use crate::error::StoreError;

/// `sqlite:PATH` or `postgres://…`. Any other scheme is refused.
#[derive(Clone, PartialEq, Eq)]
pub enum DatabaseUrl {
    /// An embedded database in this file.
    Sqlite(PathBuf),
    /// A PostgreSQL server, as a URL for libpq (TLS by `sslmode`).
    Postgres(String),
}

impl FromStr for DatabaseUrl {
    type Err = StoreError;

    fn from_str(text: &str) -> Result<Self, StoreError> {
        if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            ::url::Url::parse(text).map_err(|error| StoreError::Url(format!("{error}")))?;
            return Ok(Self::Postgres(text.to_owned()));
        }
        let Some(path) = text.strip_prefix("sqlite:") else {
            let scheme = text.split(':').next().unwrap_or_default();
            return Err(StoreError::Url(format!("unknown scheme `{scheme}`")));
        };
        let path = path.strip_prefix("//").unwrap_or(path);
        if path.is_empty() || path == ":memory:" {
            // Every connection would get its own in-memory database, and an import needs more than one connection.
            return Err(StoreError::Url("an embedded database must be a file".to_owned()));
        }
        Ok(Self::Sqlite(PathBuf::from(path)))
    }
}

impl fmt::Display for DatabaseUrl {
    /// The URL with its password masked, for logs and error messages.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(path) => write!(f, "sqlite:{}", path.display()),
            Self::Postgres(text) => match ::url::Url::parse(text) {
                Ok(mut url) => {
                    if url.password().is_some() {
                        // The password of a parsed URL can be replaced.
                        let _ = url.set_password(Some("***"));
                    }
                    let pairs: Vec<(String, String)> = url.query_pairs().into_owned().collect();
                    if pairs.iter().any(|(name, _)| name == "password") {
                        url.query_pairs_mut().clear().extend_pairs(
                            pairs.iter().map(|(name, value)| (name, if name == "password" { "***" } else { value })),
                        );
                    }
                    write!(f, "{url}")
                }
                Err(_) => f.write_str("postgres://…"),
            },
        }
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_sqlite_and_postgres_are_databases() {
        assert_eq!("sqlite:a/b.db".parse::<DatabaseUrl>().ok(), Some(DatabaseUrl::Sqlite("a/b.db".into())));
        assert_eq!("sqlite:///a/b.db".parse::<DatabaseUrl>().ok(), Some(DatabaseUrl::Sqlite("/a/b.db".into())));
        for refused in ["mysql://x", "sqlite:", "sqlite::memory:", "plain.db", ""] {
            assert!(refused.parse::<DatabaseUrl>().is_err(), "{refused}");
        }
    }

    #[test]
    fn a_password_is_never_shown() {
        for text in ["postgres://me:secret@host/db", "postgres://host/db?user=me&password=secret"] {
            let shown = text.parse::<DatabaseUrl>().map(|url| format!("{url} {url:?}")).unwrap_or_default();
            assert!(shown.contains("***") && !shown.contains("secret"), "{shown}");
        }
    }
}
