//! Temporary passwords: generated at random, shown once, stored as a hash.

use std::fmt;

use argon2::password_hash::{PasswordHasher, SaltString};
use argon2::{Argon2, password_hash};
use rand::Rng as _;
use secrecy::{ExposeSecret as _, SecretString};
use tokio::sync::Semaphore;

/// 64 characters, so that six random bits choose one without bias. Characters that look alike in print are left out.
const ALPHABET: &[u8; 64] = b"ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789!#%+-=?";
/// 20 characters of six bits each: 120 bits of randomness.
const LENGTH: usize = 20;

/// Hashing takes 19 MB and tens of milliseconds of CPU time, so at most two hashes run at once.
static HASHING: Semaphore = Semaphore::const_new(2);

/// A new password and its hash.
pub(crate) struct TemporaryPassword {
    /// The password itself, returned to the caller once.
    pub(crate) secret: SecretString,
    /// The stored form: an Argon2id hash with its salt and parameters.
    pub(crate) hash: String,
}

impl fmt::Debug for TemporaryPassword {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TemporaryPassword")
    }
}

/// Why no password could be created.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PasswordError {
    /// The hash failed.
    #[error("a password could not be hashed: {0}")]
    Hash(password_hash::Error),
    /// The service is shutting down.
    #[error("the service is shutting down")]
    Stopped,
}

impl TemporaryPassword {
    /// Generates a password and hashes it on a blocking thread, away from request handling. Call this before the
    /// transaction begins: hashing inside it would make all other writers wait.
    ///
    /// # Errors
    /// [`PasswordError`].
    pub(crate) async fn fresh() -> Result<Self, PasswordError> {
        let _permit = HASHING.acquire().await.map_err(|_| PasswordError::Stopped)?;
        tokio::task::spawn_blocking(Self::now).await.map_err(|_| PasswordError::Stopped)?
    }

    fn now() -> Result<Self, PasswordError> {
        let secret = SecretString::from(random());
        let mut salt = [0_u8; 16];
        rand::rng().fill_bytes(&mut salt);
        let salt = SaltString::encode_b64(&salt).map_err(PasswordError::Hash)?;
        let hash = Argon2::default()
            .hash_password(secret.expose_secret().as_bytes(), &salt)
            .map_err(PasswordError::Hash)?
            .to_string();
        Ok(Self { secret, hash })
    }
}

/// A random text with lower-case and upper-case letters and digits, as Microsoft Entra requires.
fn random() -> String {
    loop {
        let mut bytes = [0_u8; LENGTH];
        rand::rng().fill_bytes(&mut bytes);
        let text: String = bytes.iter().map(|byte| char::from(ALPHABET[usize::from(byte & 63)])).collect();
        let has = |kind: fn(&char) -> bool| text.chars().any(|c| kind(&c));
        if has(char::is_ascii_lowercase) && has(char::is_ascii_uppercase) && has(char::is_ascii_digit) {
            return text;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use argon2::password_hash::{PasswordHash, PasswordVerifier as _};

    #[test]
    fn the_hash_is_of_the_password_and_does_not_show_it() {
        let password = TemporaryPassword::now().unwrap();
        let secret = password.secret.expose_secret();
        assert_eq!(secret.len(), LENGTH);
        assert!(password.hash.starts_with("$argon2id$") && !password.hash.contains(secret));
        assert!(!format!("{password:?}").contains(secret));
        let kept = PasswordHash::new(&password.hash).unwrap();
        assert!(Argon2::default().verify_password(secret.as_bytes(), &kept).is_ok());
        assert_ne!(TemporaryPassword::now().unwrap().secret.expose_secret(), secret);
    }
}
