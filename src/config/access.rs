//! What the installation decides about who is let in, and about uploads.

use super::{ConfigError, Values, parsed};
use crate::auth::Lifetime;

/// For how long access tokens are valid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TokenSettings {
    /// The lifetime of a token that is created without one.
    pub lifetime: Lifetime,
    /// The longest lifetime that a token can be given.
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
                "shorten the one or extend the other",
            ));
        }
        Ok(Self { lifetime, max_lifetime })
    }
}

/// How much `POST /import` takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UploadSettings {
    /// The size of the largest file.
    pub max_bytes: u64,
    /// The number of files that an organisation may keep on the server at once.
    pub max_uploads: u32,
    /// Their total size.
    pub max_total_bytes: u64,
}

impl UploadSettings {
    pub(super) fn of(values: &Values) -> Result<Self, ConfigError> {
        Ok(Self {
            max_bytes: parsed(values, "max_upload_bytes", "a number of bytes")?,
            max_uploads: parsed(values, "max_uploads", "a number of files")?,
            max_total_bytes: parsed(values, "max_uploaded_bytes", "a number of bytes")?,
        })
    }
}
