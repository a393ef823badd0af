//! The actor of an access token, and of a user whom an OIDC issuer names.

use chrono::NaiveDateTime;
use diesel::QueryableByName;
use diesel::sql_types::{BigInt, Bool, Nullable, Text};
use partnergraph_domain::{CustomerKey, PartnerKey, PartnerType, Role, TenantId, UserKey, checks, search_key};

use crate::conn::Conn;
use crate::error::StoreResult;
use crate::read::row::EnumList;
use crate::scope::{Actor, Scope};
use crate::sql::{Sql, sql};
use crate::write::users::Organization;

#[derive(QueryableByName)]
struct TokenRow {
    #[diesel(sql_type = Text)]
    roles: EnumList<Role>,
    #[diesel(sql_type = BigInt)]
    user_id: UserKey,
    #[diesel(sql_type = Text)]
    user_principal_name: String,
    #[diesel(sql_type = Nullable<Text>)]
    tenant_id: Option<String>,
    #[diesel(sql_type = Nullable<BigInt>)]
    partner_id: Option<PartnerKey>,
    #[diesel(sql_type = Nullable<Text>)]
    partner_type: Option<PartnerType>,
    #[diesel(sql_type = Nullable<BigInt>)]
    customer_id: Option<CustomerKey>,
    #[diesel(sql_type = Nullable<Text>)]
    user_roles: Option<EnumList<Role>>,
}

/// The actor whose token has this SHA-256 hash (in hexadecimal). `None` if the token does not exist, has expired at `now` or was
/// revoked, or if its user was removed.
///
/// A token has only the roles that both the token and its user have: a role taken from the user is taken from its tokens. With no
/// role left it sees nothing of the partner.
///
/// # Errors
/// Any database error.
pub fn actor(conn: &mut Conn, token_hash: &str, now: NaiveDateTime) -> StoreResult<Option<Actor>> {
    let found: Option<TokenRow> = conn.row(&by_hash(conn, token_hash, now))?;
    Ok(found.map(to_actor))
}

fn by_hash(conn: &Conn, token_hash: &str, now: NaiveDateTime) -> Sql {
    // The two databases have different functions for aggregating text.
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

fn to_actor(row: TokenRow) -> Actor {
    let held = row.user_roles.map_or(Vec::new(), |EnumList(held)| held);
    let roles: Vec<Role> = row.roles.0.into_iter().filter(|role| held.contains(role)).collect();
    let scope = match (row.partner_id, row.partner_type, row.customer_id) {
        // Every role of a partner can read; a user without any role cannot.
        (Some(_), ..) if !checks::read_customers(&roles) => Scope::Nobody,
        (Some(id), Some(partner_type), _) => Scope::Partner { id, partner_type },
        (_, _, Some(id)) => Scope::Customer { id },
        // An operator belongs to no tenant; a tenant's user never becomes an operator by a role alone.
        _ if row.tenant_id.is_none() && roles.contains(&Role::Operator) => Scope::Operator,
        _ => Scope::Nobody,
    };
    Actor {
        scope,
        tenant_id: row.tenant_id,
        user_id: Some(row.user_id),
        user_principal_name: row.user_principal_name,
        roles,
        approves: None,
    }
}

#[derive(QueryableByName)]
struct AccountRow {
    #[diesel(sql_type = BigInt)]
    id: PartnerKey,
    #[diesel(sql_type = Text)]
    partner_type: PartnerType,
}

#[derive(QueryableByName)]
struct PersonRow {
    #[diesel(sql_type = BigInt)]
    id: UserKey,
    #[diesel(sql_type = Nullable<BigInt>)]
    partner_id: Option<PartnerKey>,
    #[diesel(sql_type = Bool)]
    is_removed: bool,
}

#[derive(QueryableByName)]
struct CustomerRow {
    #[diesel(sql_type = BigInt)]
    id: CustomerKey,
}

/// The actor for a user name in a tenant, with the roles that its issuer states; without a tenant, an operator. `None` if the
/// user was removed here.
///
/// The user need not exist here before. In a tenant with two accounts, the actor belongs to the account that has a user with that
/// name, else to the enrolled one, else to the older one. As with access tokens, a user without a role that can read sees nothing
/// of a partner.
///
/// # Errors
/// Any database error.
pub fn person(
    conn: &mut Conn,
    tenant_id: Option<TenantId>,
    user_principal_name: &str,
    roles: &[Role],
) -> StoreResult<Option<Actor>> {
    let accounts = match tenant_id {
        Some(tenant_id) => accounts(conn, tenant_id)?,
        None => Vec::new(),
    };
    let people = people(conn, tenant_id, &accounts, user_principal_name)?;
    if !people.is_empty() && people.iter().all(|person| person.is_removed) {
        return Ok(None);
    }
    let known = people.into_iter().find(|person| !person.is_removed);
    let own = known.as_ref().and_then(|person| person.partner_id);
    let account = accounts.iter().find(|account| Some(account.id) == own).or_else(|| accounts.first());
    let scope = match (account, tenant_id) {
        (Some(_), _) if !checks::read_customers(roles) => Scope::Nobody,
        (Some(account), _) => Scope::Partner { id: account.id, partner_type: account.partner_type },
        (None, Some(tenant_id)) => match customer(conn, tenant_id)? {
            Some(id) => Scope::Customer { id },
            None => Scope::Nobody,
        },
        (None, None) if roles.contains(&Role::Operator) => Scope::Operator,
        (None, None) => Scope::Nobody,
    };
    Ok(Some(Actor {
        scope,
        tenant_id: tenant_id.map(|id| id.to_string()),
        user_id: known.map(|person| person.id),
        user_principal_name: user_principal_name.to_owned(),
        roles: roles.to_vec(),
        approves: None,
    }))
}

fn accounts(conn: &mut Conn, tenant_id: TenantId) -> StoreResult<Vec<AccountRow>> {
    conn.rows(
        &sql("SELECT p.id, p.partner_type FROM partners p WHERE p.removed_at IS NULL AND p.tenant_id = ")
            .bind(tenant_id.to_string())
            .push(" ORDER BY p.enrolled DESC, p.id"),
    )
}

/// All users with that name whom one of these organisations has or had, newest first.
fn people(
    conn: &mut Conn,
    tenant_id: Option<TenantId>,
    accounts: &[AccountRow],
    name: &str,
) -> StoreResult<Vec<PersonRow>> {
    let organization = tenant_id.map_or(Organization::Platform, Organization::Tenant);
    let mut statement =
        sql("SELECT u.id, u.partner_id, u.removed_at IS NOT NULL AS is_removed FROM users u WHERE u.upn_key = ")
            .bind(search_key(name))
            .push(" AND u.organization IN (")
            .bind(organization.key());
    for account in accounts {
        statement = statement.push(", ").bind(Organization::Partner { id: account.id, tenant_id }.key());
    }
    conn.rows(&statement.push(") ORDER BY u.id DESC"))
}

fn customer(conn: &mut Conn, tenant_id: TenantId) -> StoreResult<Option<CustomerKey>> {
    let found: Option<CustomerRow> =
        conn.row(&sql("SELECT c.id FROM customers c WHERE c.tenant_id = ").bind(tenant_id.to_string()))?;
    Ok(found.map(|row| row.id))
}
