//! The first response for each idempotency key, so that a repeated request gets the same response.

use chrono::NaiveDateTime;
use diesel::prelude::*;
use sha2::{Digest, Sha256};

use crate::conn::Conn;
use crate::error::{StoreError, StoreResult};
use crate::schema::idempotency_keys;
use crate::scope::Actor;

/// The result of a lookup.
#[derive(Debug, Clone, PartialEq)]
pub enum Recall {
    /// The key was never used.
    New,
    /// The key was used for the same request; this was the response.
    Same(serde_json::Value),
    /// The key was used for another request.
    Other,
}

/// A request with an idempotency key.
#[derive(Debug, Clone)]
pub struct Request<'a> {
    /// The key that the caller chose.
    pub key: &'a str,
    /// The name of the mutation.
    pub operation: &'static str,
    /// The input without the key, in canonical form.
    pub input: &'a serde_json::Value,
}

impl Request<'_> {
    fn hash(&self) -> String {
        hex::encode(Sha256::digest(format!("{}\n{}", self.operation, self.input).as_bytes()))
    }
}

/// Keys belong to the caller's tenant, which stays the same when the tenant gets an account. The same text used by another tenant
/// is a different key.
fn organization(actor: &Actor) -> String {
    actor.tenant_id.as_ref().map_or_else(|| "platform".to_owned(), |tenant_id| format!("tenant:{tenant_id}"))
}

/// Looks up the key.
///
/// # Errors
/// Any database error.
pub fn recall(conn: &mut Conn, actor: &Actor, request: &Request<'_>) -> StoreResult<Recall> {
    let found: Option<(String, String)> = on!(conn, c => idempotency_keys::table
        .find((organization(actor), request.key))
        .select((idempotency_keys::input_hash, idempotency_keys::answer))
        .first(c)
        .optional())?;
    let Some((hash, answer)) = found else { return Ok(Recall::New) };
    if hash != request.hash() {
        return Ok(Recall::Other);
    }
    serde_json::from_str(&answer)
        .map(Recall::Same)
        .map_err(|_| StoreError::Value { value: answer, expected: "an answer as JSON" })
}

/// Stores the response, which must not contain a secret.
///
/// # Errors
/// Any database error.
pub fn remember(
    conn: &mut Conn,
    actor: &Actor,
    now: NaiveDateTime,
    request: &Request<'_>,
    answer: &serde_json::Value,
) -> StoreResult<()> {
    on!(conn, c => diesel::insert_into(idempotency_keys::table)
        .values((
            idempotency_keys::organization.eq(organization(actor)),
            idempotency_keys::key.eq(request.key),
            idempotency_keys::operation.eq(request.operation),
            idempotency_keys::input_hash.eq(request.hash()),
            idempotency_keys::answer.eq(answer.to_string()),
            idempotency_keys::created_at.eq(now),
        ))
        .execute(c))?;
    Ok(())
}

/// Deletes responses older than `before`.
///
/// # Errors
/// Any database error.
pub fn forget(conn: &mut Conn, before: NaiveDateTime) -> StoreResult<usize> {
    Ok(on!(conn, c => diesel::delete(idempotency_keys::table.filter(idempotency_keys::created_at.lt(before)))
        .execute(c))?)
}
