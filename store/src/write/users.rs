//! The people of an organisation and their roles.

use chrono::NaiveDateTime;
use diesel::prelude::*;
use partnergraph_domain::{OperationType, Role, TenantId, search_key};

use super::{Change, Event, Outcome, Viewer, record};
use crate::conn::Conn;
use crate::error::StoreResult;
use crate::schema::{user_roles, users};
use crate::scope::Actor;

/// To what a person belongs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Organization {
    /// The installation's own people.
    Platform,
    /// A partner account, with its directory.
    Partner {
        /// Its row.
        id: i64,
        /// Its directory; a placeholder has none, and no people.
        tenant_id: Option<TenantId>,
    },
    /// A directory that is a customer's, or nobody's yet.
    Tenant(TenantId),
}

impl Organization {
    /// The key under which a person's name is unique, and under which idempotency keys are kept.
    #[must_use]
    pub fn key(&self) -> String {
        match self {
            Self::Platform => "platform".to_owned(),
            Self::Partner { id, .. } => format!("partner:{id}"),
            Self::Tenant(tenant_id) => format!("tenant:{tenant_id}"),
        }
    }

    fn partner_id(&self) -> Option<i64> {
        match self {
            Self::Partner { id, .. } => Some(*id),
            _ => None,
        }
    }

    fn tenant_id(&self) -> Option<TenantId> {
        match self {
            Self::Platform => None,
            Self::Partner { tenant_id, .. } => *tenant_id,
            Self::Tenant(tenant_id) => Some(*tenant_id),
        }
    }
}

/// The person with that name, added where there is none, with these roles and no others. Gives the row, and whether
/// anything changed.
///
/// # Errors
/// The database's.
pub fn set_roles(
    conn: &mut Conn,
    actor: &Actor,
    now: NaiveDateTime,
    organization: Organization,
    user_principal_name: &str,
    roles: &[Role],
) -> StoreResult<(i64, Outcome)> {
    let known = find(conn, organization, user_principal_name)?;
    let mut wanted: Vec<&str> = roles.iter().map(|role| role.as_str()).collect();
    wanted.sort_unstable();
    wanted.dedup();
    let (id, before) = match known {
        Some(id) => (id, roles_of(conn, id)?),
        None => (insert(conn, now, organization, user_principal_name)?, Vec::new()),
    };
    if known.is_some() && before == wanted {
        return Ok((id, Outcome::Unchanged));
    }
    on!(conn, c => {
        diesel::delete(user_roles::table.filter(user_roles::user_id.eq(id))).execute(c)?;
        for role in &wanted {
            diesel::insert_into(user_roles::table)
                .values((user_roles::user_id.eq(id), user_roles::role.eq(role)))
                .execute(c)?;
        }
        if known.is_some() {
            diesel::update(users::table.find(id))
                .set((users::version.eq(users::version + 1), users::updated_at.eq(now)))
                .execute(c)?;
        }
    });
    let operation = if known.is_some() { OperationType::UpdateUser } else { OperationType::CreateUser };
    let mut event = Event::succeeded(operation);
    event.partner_id = organization.partner_id();
    event.viewers = organization.partner_id().map(Viewer::Partner).into_iter().collect();
    let before = known.is_some().then(|| before.join(" "));
    event.changes = [
        match known {
            Some(_) => Some(Change::about("userPrincipalName", user_principal_name)),
            None => Change::of("userPrincipalName", None, Some(user_principal_name.to_owned())),
        },
        Change::of("roles", before, Some(wanted.join(" "))),
    ]
    .into_iter()
    .flatten()
    .collect();
    record(conn, actor, now, &event)?;
    Ok((id, Outcome::Changed))
}

/// The row of the live person with that name.
///
/// # Errors
/// The database's.
pub fn find(conn: &mut Conn, organization: Organization, user_principal_name: &str) -> StoreResult<Option<i64>> {
    Ok(on!(conn, c => users::table
        .filter(
            users::organization.eq(organization.key())
                .and(users::upn_key.eq(search_key(user_principal_name)))
                .and(users::removed_at.is_null()))
        .select(users::id)
        .first(c)
        .optional())?)
}

fn roles_of(conn: &mut Conn, user_id: i64) -> StoreResult<Vec<String>> {
    Ok(on!(conn, c => user_roles::table
        .filter(user_roles::user_id.eq(user_id))
        .order(user_roles::role)
        .select(user_roles::role)
        .load(c))?)
}

fn insert(
    conn: &mut Conn,
    now: NaiveDateTime,
    organization: Organization,
    user_principal_name: &str,
) -> StoreResult<i64> {
    Ok(on!(conn, c => diesel::insert_into(users::table)
        .values((
            users::tenant_id.eq(organization.tenant_id().map(|id| id.to_string())),
            users::partner_id.eq(organization.partner_id()),
            users::organization.eq(organization.key()),
            users::user_principal_name.eq(user_principal_name),
            users::upn_key.eq(search_key(user_principal_name)),
            users::version.eq(1_i64),
            users::created_at.eq(now),
            users::updated_at.eq(now),
        ))
        .returning(users::id)
        .get_result(c))?)
}
