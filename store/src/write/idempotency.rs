//! The first answer to an idempotency key, so that the same request again gives it again.

use chrono::NaiveDateTime;
use diesel::prelude::*;
use sha2::{Digest, Sha256};

use crate::conn::Conn;
use crate::error::{StoreError, StoreResult};
use crate::schema::idempotency_keys;
use crate::scope::Actor;

/// What is known of a key.
#[derive(Debug, Clone, PartialEq)]
pub enum Recall {
    /// It was never used.
    New,
    /// It was used for the same request; this was answered.
    Same(serde_json::Value),
    /// It was used for another request.
    Other,
}

/// A request that bears a key.
#[derive(Debug, Clone)]
pub struct Request<'a> {
    /// As the caller chose it.
    pub key: &'a str,
    /// The mutation's name.
    pub operation: &'static str,
    /// The input without the key, in one spelling.
    pub input: &'a serde_json::Value,
}

impl Request<'_> {
    fn hash(&self) -> String {
        hex::encode(Sha256::digest(format!("{}\n{}", self.operation, self.input).as_bytes()))
    }
}

/// A caller's keys are its tenant's, which stays the same when it gets an account: another one's with the same text are others.
fn organization(actor: &Actor) -> String {
    actor.tenant_id.as_ref().map_or_else(|| "platform".to_owned(), |tenant_id| format!("tenant:{tenant_id}"))
}

/// Looks the key up.
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

/// Keeps the answer, which must hold no secret.
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

/// Forgets the answers that were given before `before`.
///
/// # Errors
/// Any database error.
pub fn forget(conn: &mut Conn, before: NaiveDateTime) -> StoreResult<usize> {
    Ok(on!(conn, c => diesel::delete(idempotency_keys::table.filter(idempotency_keys::created_at.lt(before)))
        .execute(c))?)
}
