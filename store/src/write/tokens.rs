//! Access tokens. A secret is shown once, and only its SHA-256 hash is stored.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::NaiveDateTime;
use diesel::prelude::*;
use partnergraph_domain::{AccessTokenKey, Role, UserKey};
use rand::Rng as _;
use sha2::{Digest, Sha256};

use super::{Outcome, json_list};
use crate::conn::Conn;
use crate::error::StoreResult;
use crate::read::json;
use crate::schema::{access_tokens, users};

/// The prefix of every token, so that a leaked one can be recognised.
pub const PREFIX: &str = "pgr_";

/// A new secret: 256 bits of the operating system's randomness.
#[must_use]
pub fn fresh_secret() -> String {
    let mut bytes = [0_u8; 32];
    rand::rng().fill_bytes(&mut bytes);
    format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(bytes))
}

/// The stored hash of a secret: the SHA-256 of its text, in hexadecimal.
#[must_use]
pub fn hash(secret: &str) -> String {
    hex::encode(Sha256::digest(secret.as_bytes()))
}

/// Stores a token of a user with its roles, and returns its number.
///
/// # Errors
/// Any database error.
pub fn create(
    conn: &mut Conn,
    now: NaiveDateTime,
    user_id: UserKey,
    roles: &[Role],
    secret: &str,
    expires_at: Option<NaiveDateTime>,
) -> StoreResult<AccessTokenKey> {
    Ok(on!(conn, c => diesel::insert_into(access_tokens::table)
        .values((
            access_tokens::token_hash.eq(hash(secret)),
            access_tokens::user_id.eq(user_id),
            access_tokens::roles.eq(json_list(roles)),
            access_tokens::created_at.eq(now),
            access_tokens::expires_at.eq(expires_at),
        ))
        .returning(access_tokens::id)
        .get_result(c))?)
}

/// Revokes a token; an already revoked one is left unchanged. `None` if there is no such token.
///
/// # Errors
/// Any database error.
pub fn revoke(conn: &mut Conn, now: NaiveDateTime, id: AccessTokenKey) -> StoreResult<Option<Outcome>> {
    let known: i64 = on!(conn, c => access_tokens::table.find(id).count().get_result(c))?;
    if known == 0 {
        return Ok(None);
    }
    let changed = on!(conn, c => diesel::update(
            access_tokens::table.filter(access_tokens::id.eq(id).and(access_tokens::revoked_at.is_null())))
        .set(access_tokens::revoked_at.eq(now))
        .execute(c))?;
    Ok(Some(if changed > 0 { Outcome::Changed } else { Outcome::Unchanged }))
}

/// Adds a role to those tokens of a user that have the role Global admin: one that a Global admin can take at any time, such as
/// Admin agent. Withholding it from a token that can take it would only require a detour.
///
/// # Errors
/// Any database error; [`crate::StoreError::Value`] if the stored value is not a list.
pub fn carry(conn: &mut Conn, user_id: UserKey, role: Role) -> StoreResult<()> {
    let tokens: Vec<(AccessTokenKey, String)> = on!(conn, c => access_tokens::table
        .filter(access_tokens::user_id.eq(user_id).and(access_tokens::revoked_at.is_null()))
        .select((access_tokens::id, access_tokens::roles))
        .load(c))?;
    for (id, text) in tokens {
        let mut roles: Vec<Role> = json(&text, "the roles of a token")?;
        if !roles.contains(&Role::GlobalAdmin) || roles.contains(&role) {
            continue;
        }
        roles.push(role);
        on!(conn, c => diesel::update(access_tokens::table.find(id))
            .set(access_tokens::roles.eq(json_list(&roles)))
            .execute(c))?;
    }
    Ok(())
}

/// A token as operators see it.
#[derive(Debug, Clone, Queryable)]
pub struct TokenRow {
    /// Its number, for revoking it.
    pub id: AccessTokenKey,
    /// The organisation of its user.
    pub organization: String,
    /// The user.
    pub user_principal_name: String,
    roles: String,
    /// When it was created.
    pub created_at: NaiveDateTime,
    /// When it expires; `None` for never.
    pub expires_at: Option<NaiveDateTime>,
    /// When it was revoked.
    pub revoked_at: Option<NaiveDateTime>,
}

impl TokenRow {
    /// The roles of the token.
    ///
    /// # Errors
    /// [`crate::StoreError::Value`] if the stored value is not a list.
    pub fn roles(&self) -> StoreResult<Vec<String>> {
        json(&self.roles, "the roles of a token")
    }
}

/// All tokens, oldest first.
///
/// # Errors
/// Any database error.
pub fn list(conn: &mut Conn) -> StoreResult<Vec<TokenRow>> {
    Ok(on!(conn, c => access_tokens::table
        .inner_join(users::table)
        .order(access_tokens::id)
        .select((
            access_tokens::id,
            users::organization,
            users::user_principal_name,
            access_tokens::roles,
            access_tokens::created_at,
            access_tokens::expires_at,
            access_tokens::revoked_at,
        ))
        .load(c))?)
}
