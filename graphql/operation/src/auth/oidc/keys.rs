//! An issuer's keys. They are read when first needed, cached, and read again when they are old or a key is missing.

use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};

use jsonwebtoken::jwk::{AlgorithmParameters, EllipticCurve, Jwk, KeyAlgorithm, PublicKeyUse};
use jsonwebtoken::{Algorithm, AlgorithmFamily, DecodingKey};
use serde::Deserialize;
use tokio::sync::Mutex;
use tokio::task::JoinHandle;

use crate::auth::issued::KeySource;

/// The age at which the keys are read again, so that a key that the issuer has withdrawn is not trusted for longer.
const FRESH: Duration = Duration::from_secs(15 * 60);
/// The maximum age of the keys if the issuer does not respond.
const USABLE: Duration = Duration::from_secs(24 * 60 * 60);
/// The timeout for a request to the issuer.
const TIMEOUT: Duration = Duration::from_secs(5);
/// The maximum size of the issuer's response, in bytes.
const MAX_BYTES: usize = 1024 * 1024;
/// The minimum length of an RSA modulus, in bytes.
const MIN_RSA_BYTES: usize = 256;

/// The keys of one issuer.
#[derive(Debug, Clone)]
pub(super) struct Keys(Arc<Shared>);

struct Shared {
    source: KeySource,
    retry_after: Duration,
    known: RwLock<Known>,
    /// Held while the keys are read, so that they are read only once however many tokens are waiting for them.
    reading: Mutex<()>,
}

#[derive(Default)]
struct Known {
    keys: Vec<Key>,
    read_at: Option<Instant>,
    tried_at: Option<Instant>,
}

/// A key that signs tokens.
struct Key {
    kid: Option<String>,
    /// The algorithm that the key declares.
    algorithm: Option<KeyAlgorithm>,
    curve: Option<EllipticCurve>,
    decoding: Arc<DecodingKey>,
}

#[derive(Deserialize)]
struct KeySet {
    keys: Vec<serde_json::Value>,
}

/// Why the keys could not be read.
#[derive(Debug, thiserror::Error)]
enum Unreadable {
    #[error("the issuer did not respond: {0}")]
    Http(#[from] reqwest::Error),
    #[error("the file cannot be read: {0}")]
    File(#[from] std::io::Error),
    #[error("the key set is larger than {MAX_BYTES} bytes")]
    TooLarge,
    #[error("not a valid JSON Web Key Set: {0}")]
    Malformed(#[from] serde_json::Error),
    #[error("the key set contains no usable key")]
    Empty,
}

impl Keys {
    pub(super) fn new(source: KeySource, retry_after: Duration) -> Self {
        let (known, reading) = (RwLock::default(), Mutex::default());
        Self(Arc::new(Shared { source, retry_after, known, reading }))
    }

    /// The key with that id for that algorithm. Without an id, the only key for that algorithm, if there is exactly one.
    ///
    /// A known key is returned immediately; if the keys are old, they are read again in the background. For an unknown key, the
    /// keys are read again at most once per `retry_after`, so that tokens with made-up key ids cause the issuer no load.
    pub(super) async fn find(&self, kid: Option<&str>, algorithm: Algorithm) -> Option<Arc<DecodingKey>> {
        let age = self.0.age();
        if let Some(key) = self.0.look(kid, algorithm)
            && age.is_some_and(|age| age < USABLE)
        {
            if age.is_none_or(|age| age >= FRESH) && self.0.may_ask() {
                self.refresh();
            }
            return Some(key);
        }
        // If the task panics, the keys remain as they were.
        let _ = self.refresh().await;
        self.0.look(kid, algorithm).filter(|_| self.0.age().is_some_and(|age| age < USABLE))
    }

    /// Runs as a separate task, because a client that disconnects must not cancel what other requests are waiting for.
    fn refresh(&self) -> JoinHandle<()> {
        let keys = self.clone();
        tokio::spawn(async move { keys.0.refresh().await })
    }
}

impl Shared {
    fn age(&self) -> Option<Duration> {
        self.known.read().unwrap_or_else(PoisonError::into_inner).read_at.map(|at| at.elapsed())
    }

    fn look(&self, kid: Option<&str>, algorithm: Algorithm) -> Option<Arc<DecodingKey>> {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        let mut fitting = known.keys.iter().filter(|key| key.is_for(algorithm));
        let found = match kid {
            Some(_) => fitting.find(|key| key.kid.as_deref() == kid),
            None => fitting.next().filter(|_| fitting.next().is_none()),
        };
        found.map(|key| key.decoding.clone())
    }

    fn may_ask(&self) -> bool {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        known.tried_at.is_none_or(|at| at.elapsed() >= self.retry_after)
    }

    async fn refresh(&self) {
        let _reading = self.reading.lock().await;
        if !self.may_ask() {
            return;
        }
        self.known.write().unwrap_or_else(PoisonError::into_inner).tried_at = Some(Instant::now());
        match self.read().await {
            Ok(keys) => {
                let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
                known.keys = keys;
                known.read_at = Some(Instant::now());
            }
            Err(error) => tracing::warn!(%error, source = %self.source, "the keys of the token issuer cannot be read"),
        }
    }

    async fn read(&self) -> Result<Vec<Key>, Unreadable> {
        let text = match &self.source {
            KeySource::File(path) => {
                if tokio::fs::metadata(path).await?.len() > MAX_BYTES as u64 {
                    return Err(Unreadable::TooLarge);
                }
                tokio::fs::read(path).await?
            }
            KeySource::Url(url) => {
                // A redirect could lead from a trusted URL to an untrusted one.
                let never = reqwest::redirect::Policy::none();
                let client = reqwest::Client::builder().timeout(TIMEOUT).redirect(never).build()?;
                let mut answer = client.get(url.clone()).send().await?.error_for_status()?;
                let mut text = Vec::new();
                while let Some(chunk) = answer.chunk().await? {
                    if text.len() + chunk.len() > MAX_BYTES {
                        return Err(Unreadable::TooLarge);
                    }
                    text.extend_from_slice(&chunk);
                }
                text
            }
        };
        let set: KeySet = serde_json::from_slice(&text)?;
        // A set may contain keys of an unknown type or for another use.
        let keys: Vec<Key> =
            set.keys.into_iter().filter_map(|key| serde_json::from_value(key).ok()).filter_map(usable).collect();
        if keys.is_empty() { Err(Unreadable::Empty) } else { Ok(keys) }
    }
}

impl std::fmt::Debug for Shared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Keys").field("source", &self.source).finish_non_exhaustive()
    }
}

/// Accepts only public keys for signing. A shared secret is never accepted, because anyone who can read the key set could sign
/// with it.
fn usable(jwk: Jwk) -> Option<Key> {
    if jwk.common.public_key_use.as_ref().is_some_and(|purpose| *purpose != PublicKeyUse::Signature) {
        return None;
    }
    let curve = match &jwk.algorithm {
        AlgorithmParameters::RSA(_) => None,
        AlgorithmParameters::EllipticCurve(parameters) => Some(parameters.curve.clone()),
        AlgorithmParameters::OctetKeyPair(parameters) => Some(parameters.curve.clone()),
        AlgorithmParameters::OctetKey(_) => return None,
    };
    if let AlgorithmParameters::RSA(parameters) = &jwk.algorithm
        && parameters.n.len() * 3 / 4 < MIN_RSA_BYTES
    {
        return None;
    }
    let decoding = Arc::new(DecodingKey::from_jwk(&jwk).ok()?);
    Some(Key { kid: jwk.common.key_id, algorithm: jwk.common.key_algorithm, curve, decoding })
}

impl Key {
    /// Whether the key can verify that algorithm, given its type and the algorithm that it declares.
    fn is_for(&self, algorithm: Algorithm) -> bool {
        let says_so = self.algorithm.as_ref().is_none_or(|stated| stated.to_string() == format!("{algorithm:?}"));
        let fits = match algorithm {
            Algorithm::ES256 => self.curve == Some(EllipticCurve::P256),
            Algorithm::ES384 => self.curve == Some(EllipticCurve::P384),
            Algorithm::EdDSA => self.curve == Some(EllipticCurve::Ed25519),
            _ => self.decoding.family() == AlgorithmFamily::Rsa,
        };
        says_so && fits
    }
}
