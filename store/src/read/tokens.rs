//! Who an access token belongs to.

use chrono::NaiveDateTime;
use diesel::QueryableByName;
use diesel::sql_types::{BigInt, Nullable, Text};
use partnergraph_domain::{PartnerType, Role, checks};

use crate::conn::Conn;
use crate::error::StoreResult;
use crate::read::{json, word};
use crate::scope::{Actor, Scope};
use crate::sql::{Sql, sql};

#[derive(QueryableByName)]
struct TokenRow {
    #[diesel(sql_type = Text)]
    roles: String,
    #[diesel(sql_type = BigInt)]
    user_id: i64,
    #[diesel(sql_type = Text)]
    user_principal_name: String,
    #[diesel(sql_type = Nullable<Text>)]
    tenant_id: Option<String>,
    #[diesel(sql_type = Nullable<BigInt>)]
    partner_id: Option<i64>,
    #[diesel(sql_type = Nullable<Text>)]
    partner_type: Option<String>,
    #[diesel(sql_type = Nullable<BigInt>)]
    customer_id: Option<i64>,
    #[diesel(sql_type = Nullable<Text>)]
    user_roles: Option<String>,
}

/// The caller whose token has this SHA-256 (in hexadecimal), or `None` where there is none: a token that never was, that
/// has expired at `now`, that was revoked, or whose user is gone.
///
/// A token may do what both it and its user may: a role taken from the user is taken from its tokens. With none left it sees
/// nothing of the partner.
///
/// # Errors
/// The database's.
pub fn actor(conn: &mut Conn, token_hash: &str, now: NaiveDateTime) -> StoreResult<Option<Actor>> {
    let found: Option<TokenRow> = conn.row(&by_hash(conn, token_hash, now))?;
    found.map(to_actor).transpose()
}

fn by_hash(conn: &Conn, token_hash: &str, now: NaiveDateTime) -> Sql {
    // The one aggregate of text that the two databases spell differently.
    let roles = match conn.backend() {
        crate::Backend::Sqlite => "json_group_array(ur.role)",
        crate::Backend::Postgres => "CAST(json_agg(ur.role) AS text)",
    };
    sql("SELECT t.roles, u.id AS user_id, u.user_principal_name, u.tenant_id, p.id AS partner_id, p.partner_type, \
         c.id AS customer_id, (SELECT ")
    .push(roles)
    .push(
        " FROM user_roles ur WHERE ur.user_id = u.id) AS user_roles FROM access_tokens t \
         JOIN users u ON u.id = t.user_id AND u.removed_at IS NULL \
         LEFT JOIN partners p ON p.id = u.partner_id AND p.removed_at IS NULL \
         LEFT JOIN customers c ON c.tenant_id = u.tenant_id AND u.partner_id IS NULL \
         WHERE t.revoked_at IS NULL AND (t.expires_at IS NULL OR t.expires_at > ",
    )
    .bind(now)
    .push(") AND t.token_hash = ")
    .bind(token_hash)
}

fn to_actor(row: TokenRow) -> StoreResult<Actor> {
    let granted: Vec<Role> = json(&row.roles, "the roles of a token")?;
    let held: Vec<Role> = row.user_roles.as_deref().map_or(Ok(Vec::new()), |text| json(text, "the roles of a user"))?;
    let roles: Vec<Role> = granted.into_iter().filter(|role| held.contains(role)).collect();
    let scope = match (row.partner_id, row.partner_type, row.customer_id) {
        // Reading is for any role of a partner, and not for somebody who lost all of them.
        (Some(_), ..) if !checks::read_customers(&roles) => Scope::Nobody,
        (Some(id), Some(partner_type), _) => {
            Scope::Partner { id, partner_type: word::<PartnerType>(&partner_type, "a partner type")? }
        }
        (_, _, Some(id)) => Scope::Customer { id },
        // An operator belongs to no tenant; a tenant's user never becomes one by a role alone.
        _ if row.tenant_id.is_none() && roles.contains(&Role::Operator) => Scope::Operator,
        _ => Scope::Nobody,
    };
    Ok(Actor {
        scope,
        tenant_id: row.tenant_id,
        user_id: row.user_id,
        user_principal_name: row.user_principal_name,
        roles,
    })
}
