//! A cache of validated documents, keyed by the hash of their text, so that the usual request is neither parsed nor
//! validated again.
//!
//! The same hash serves clients that send only the hash (automatic persisted queries), and installations that run only
//! known documents (trusted documents).

use std::collections::{HashMap, HashSet};
use std::path::Path;
use std::sync::Arc;

use async_graphql::ServerError;
use moka::sync::Cache;
use sha2::{Digest, Sha256};

use super::document::Document;
use super::schema::ApiSchema;
use super::type_system::TypeSystem;
use partnergraph_operation::errors::{code, server_error};

/// The total text size of the cached documents, in bytes. A cached document takes about thirty times the memory of its
/// text.
const CACHE_BYTES: u64 = 1024 * 1024;
/// The largest text that is cached, in bytes.
const MAX_CACHED_DOCUMENT: usize = 16 * 1024;

/// The SHA-256 hash of a document's text.
type Hash = [u8; 32];

/// The documents that an installation trusts, by the hash of their text. A document that differs only in layout is also
/// trusted, because clients often print what they have parsed.
#[derive(Debug, Clone)]
pub struct Trusted {
    by_text: HashMap<Hash, Arc<str>>,
    /// The hashes of the documents in normalised form.
    normalised: HashSet<Hash>,
}

impl Trusted {
    /// Reads the `*.graphql` files in a folder. Each file is one document.
    ///
    /// # Errors
    /// A sentence that describes the problem with the folder or file.
    pub fn read(folder: &Path, schema: &ApiSchema) -> Result<Self, String> {
        let unreadable = |error: std::io::Error| format!("cannot read {}: {error}", folder.display());
        let (mut by_text, mut normalised) = (HashMap::new(), HashSet::new());
        for entry in std::fs::read_dir(folder).map_err(unreadable)? {
            let path = entry.map_err(unreadable)?.path();
            if path.extension().is_some_and(|extension| extension == "graphql") {
                let text = std::fs::read_to_string(&path)
                    .map_err(|error| format!("cannot read {}: {error}", path.display()))?;
                let document = Document::read(&schema.types, &text).map_err(|errors| {
                    let first = errors.first().map(|error| error.message.clone()).unwrap_or_default();
                    format!("{} is not a valid document for this schema: {first}", path.display())
                })?;
                normalised.insert(hash(&document.normalised()));
                by_text.insert(hash(&text), text.into());
            }
        }
        if by_text.is_empty() {
            return Err(format!("no file *.graphql in {}, so no operation could run", folder.display()));
        }
        Ok(Self { by_text, normalised })
    }
}

impl Trusted {
    /// Parses a document that differs from a trusted one only in layout. `None` for any other text.
    fn read_other(&self, types: &TypeSystem, text: &str) -> Option<Document> {
        let document = Document::read(types, text).ok()?;
        self.normalised.contains(&self::hash(&document.normalised())).then_some(document)
    }
}

fn not_trusted() -> Vec<ServerError> {
    let message = "this server runs only trusted documents; send the text of a trusted document or its SHA-256 hash";
    refused(code::DOCUMENT_NOT_TRUSTED, message)
}

/// The known documents.
#[derive(Clone)]
pub(super) struct Documents {
    types: Arc<TypeSystem>,
    cache: Cache<Hash, (Document, u32)>,
    trusted: Option<Arc<Trusted>>,
}

impl Documents {
    /// An empty cache. With trusted documents, only those can run.
    pub(super) fn new(types: Arc<TypeSystem>, trusted: Option<Arc<Trusted>>) -> Self {
        let cache =
            Cache::builder().weigher(|_, (_, bytes): &(Document, u32)| *bytes).max_capacity(CACHE_BYTES).build();
        Self { types, cache, trusted }
    }

    /// The document of a request that sends its text, its hash, or both.
    ///
    /// # Errors
    /// `PERSISTED_QUERY_NOT_FOUND`, `DOCUMENT_NOT_TRUSTED`, `BAD_REQUEST`, or the errors in the text.
    pub(super) fn find(&self, text: &str, persisted: Option<&str>) -> Result<Document, Vec<ServerError>> {
        let sent = persisted.map(parse_hash).transpose()?;
        let hash = match (text.is_empty(), sent) {
            (true, Some(sent)) => sent,
            (true, None) => return Err(refused(code::BAD_REQUEST, "the request has no document: `query` is missing")),
            (false, sent) => {
                let hash = hash(text);
                if sent.is_some_and(|sent| sent != hash) {
                    return Err(refused(code::BAD_REQUEST, "the hash is not the SHA-256 hash of the document"));
                }
                hash
            }
        };
        if let Some((document, _)) = self.cache.get(&hash) {
            return Ok(document);
        }
        let (text, document) = match &self.trusted {
            Some(trusted) => match trusted.by_text.get(&hash) {
                Some(text) => (text.as_ref(), Document::read(&self.types, text)?),
                None => (text, trusted.read_other(&self.types, text).ok_or_else(not_trusted)?),
            },
            None if text.is_empty() => return Err(refused(code::PERSISTED_QUERY_NOT_FOUND, "PersistedQueryNotFound")),
            None => (text, Document::read(&self.types, text)?),
        };
        if text.len() <= MAX_CACHED_DOCUMENT {
            self.cache.insert(hash, (document.clone(), u32::try_from(text.len()).unwrap_or(u32::MAX)));
        }
        Ok(document)
    }
}

fn hash(text: &str) -> Hash {
    Sha256::digest(text).into()
}

fn parse_hash(text: &str) -> Result<Hash, Vec<ServerError>> {
    let mut hash = Hash::default();
    hex::decode_to_slice(text, &mut hash)
        .map_err(|_| refused(code::BAD_REQUEST, "`sha256Hash` must be 64 hexadecimal digits"))?;
    Ok(hash)
}

fn refused(code: &str, message: &str) -> Vec<ServerError> {
    vec![server_error(code, message)]
}
