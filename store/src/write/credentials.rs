//! Users' passwords, as hashes (N-07). Nothing here ever contains a password.

use chrono::NaiveDateTime;
use diesel::prelude::*;
use partnergraph_domain::{Role, UserKey};

use super::users::{self, Organization};
use crate::conn::Conn;
use crate::error::StoreResult;
use crate::schema::user_credentials;
use crate::scope::Actor;

/// Adds the first Global admin of an organisation, with the hash of the temporary password (N-06).
///
/// # Errors
/// Any database error.
pub fn add_first_admin(
    conn: &mut Conn,
    actor: &Actor,
    now: NaiveDateTime,
    organization: Organization,
    user_principal_name: &str,
    password_hash: &str,
) -> StoreResult<UserKey> {
    let (user_id, _) = users::set_roles(conn, actor, now, organization, user_principal_name, &[Role::GlobalAdmin])?;
    on!(conn, c => diesel::insert_into(user_credentials::table)
        .values((
            user_credentials::user_id.eq(user_id),
            user_credentials::password_hash.eq(password_hash),
            user_credentials::is_temporary.eq(true),
            user_credentials::created_at.eq(now),
        ))
        .execute(c))?;
    Ok(user_id)
}
