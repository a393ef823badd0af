//! The users of an organisation and their roles.

use chrono::NaiveDateTime;
use diesel::prelude::*;
use partnergraph_domain::{OperationType, PartnerKey, Role, TenantId, UserKey, search_key};

use super::{Change, Event, Outcome, Viewer, record};
use crate::conn::Conn;
use crate::error::StoreResult;
use crate::read::parse_stored;
use crate::schema::{access_tokens, user_roles, users};
use crate::scope::{Actor, Scope};

/// The organisation that a user belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Organization {
    /// The platform itself, which operators belong to.
    Platform,
    /// A partner account, with its tenant.
    Partner {
        /// Its key.
        id: PartnerKey,
        /// Its tenant id; `None` for a placeholder, which has no users.
        tenant_id: Option<TenantId>,
    },
    /// A tenant that belongs to a customer or is not known yet.
    Tenant(TenantId),
}

impl Organization {
    /// The key within which user names are unique, and for which idempotency keys are stored.
    #[must_use]
    pub fn key(&self) -> String {
        match self {
            Self::Platform => "platform".to_owned(),
            Self::Partner { id, .. } => format!("partner:{id}"),
            Self::Tenant(tenant_id) => format!("tenant:{tenant_id}"),
        }
    }

    fn partner_id(&self) -> Option<PartnerKey> {
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

impl Organization {
    /// The caller's organisation; `None` for a caller that has no tenant and is not an operator.
    ///
    /// # Errors
    /// [`crate::StoreError::Value`] if the caller's tenant id is not a GUID.
    pub fn of(actor: &Actor) -> StoreResult<Option<Self>> {
        let tenant_id: Option<TenantId> =
            actor.tenant_id.as_deref().map(|text| parse_stored(text, "a tenant id")).transpose()?;
        Ok(match actor.scope {
            Scope::Operator => Some(Self::Platform),
            Scope::Partner { id, .. } => Some(Self::Partner { id, tenant_id }),
            Scope::Customer { .. } | Scope::Nobody => tenant_id.map(Self::Tenant),
        })
    }
}

/// The data of a user to save.
#[derive(Debug, Clone)]
pub struct Person<'a> {
    /// The user principal name, for signing in.
    pub user_principal_name: &'a str,
    /// The display name; `None` leaves it unchanged.
    pub display_name: Option<&'a str>,
    /// All roles; others are removed.
    pub roles: &'a [Role],
}

/// Sets exactly these roles of the user with that name, adding the user if necessary. Returns the key, and whether anything
/// changed.
///
/// # Errors
/// Any database error.
pub fn set_roles(
    conn: &mut Conn,
    actor: &Actor,
    now: NaiveDateTime,
    organization: Organization,
    user_principal_name: &str,
    roles: &[Role],
) -> StoreResult<(UserKey, Outcome)> {
    save(conn, actor, now, organization, &Person { user_principal_name, display_name: None, roles })
}

/// The same with a display name.
///
/// # Errors
/// Any database error.
pub fn save(
    conn: &mut Conn,
    actor: &Actor,
    now: NaiveDateTime,
    organization: Organization,
    person: &Person<'_>,
) -> StoreResult<(UserKey, Outcome)> {
    let name = person.user_principal_name;
    let known = find(conn, organization, name)?;
    let mut wanted = person.roles.to_vec();
    wanted.sort_unstable_by_key(|role| role.as_str());
    wanted.dedup();
    let (id, before, called) = match known {
        Some(id) => (id, roles_of(conn, id)?, display_name(conn, id)?),
        None => (insert(conn, now, organization, name)?, Vec::new(), None),
    };
    let calling = person.display_name.map(str::to_owned).or_else(|| called.clone());
    if known.is_some() && before == wanted && called == calling {
        return Ok((id, Outcome::Unchanged));
    }
    on!(conn, c => {
        diesel::delete(user_roles::table.filter(user_roles::user_id.eq(id))).execute(c)?;
        for role in &wanted {
            diesel::insert_into(user_roles::table)
                .values((user_roles::user_id.eq(id), user_roles::role.eq(role)))
                .execute(c)?;
        }
        let version = if known.is_some() { 1_i64 } else { 0 };
        diesel::update(users::table.find(id))
            .set((
                users::display_name.eq(&calling),
                users::version.eq(users::version + version),
                users::updated_at.eq(now),
            ))
            .execute(c)?;
    });
    let operation = if known.is_some() { OperationType::UpdateUser } else { OperationType::CreateUser };
    let mut event = about(operation, organization);
    let before = known.is_some().then(|| listed(&before));
    event.changes = [
        match known {
            Some(_) => Some(Change::about("userPrincipalName", name)),
            None => Change::of("userPrincipalName", None, Some(name.to_owned())),
        },
        Change::of("displayName", called, calling),
        Change::of("roles", before, Some(listed(&wanted))),
    ]
    .into_iter()
    .flatten()
    .collect();
    record(conn, actor, now, &event)?;
    Ok((id, Outcome::Changed))
}

/// Roles as the history shows them.
fn listed(roles: &[Role]) -> String {
    roles.iter().map(|role| role.as_str()).collect::<Vec<_>>().join(" ")
}

fn about(operation: OperationType, organization: Organization) -> Event {
    let mut event = Event::succeeded(operation);
    event.partner_id = organization.partner_id();
    event.viewers = organization.partner_id().map(Viewer::Partner).into_iter().collect();
    event
}

/// Removes a user. The user's tokens are invalid from now on.
///
/// # Errors
/// Any database error.
pub fn remove(
    conn: &mut Conn,
    actor: &Actor,
    now: NaiveDateTime,
    organization: Organization,
    user_id: UserKey,
) -> StoreResult<()> {
    let roles = roles_of(conn, user_id)?;
    let name: String = on!(conn, c => users::table.find(user_id).select(users::user_principal_name).first(c))?;
    on!(conn, c => {
        diesel::update(users::table.find(user_id))
            .set((users::removed_at.eq(now), users::version.eq(users::version + 1), users::updated_at.eq(now)))
            .execute(c)?;
        diesel::update(access_tokens::table
                .filter(access_tokens::user_id.eq(user_id).and(access_tokens::revoked_at.is_null())))
            .set(access_tokens::revoked_at.eq(now))
            .execute(c)?;
    });
    let mut event = about(OperationType::DeleteUser, organization);
    event.changes =
        [Change::of("userPrincipalName", Some(name), None), Change::of("roles", Some(listed(&roles)), None)]
            .into_iter()
            .flatten()
            .collect();
    record(conn, actor, now, &event)?;
    Ok(())
}

/// Makes the users of a tenant that had no account users of its first account.
pub(super) fn adopt(
    conn: &mut Conn,
    now: NaiveDateTime,
    tenant_id: TenantId,
    partner_id: PartnerKey,
) -> StoreResult<()> {
    let organization = Organization::Partner { id: partner_id, tenant_id: Some(tenant_id) };
    on!(conn, c => diesel::update(users::table
            .filter(users::organization.eq(Organization::Tenant(tenant_id).key()).and(users::removed_at.is_null())))
        .set((
            users::partner_id.eq(partner_id),
            users::organization.eq(organization.key()),
            users::version.eq(users::version + 1),
            users::updated_at.eq(now),
        ))
        .execute(c))?;
    Ok(())
}

/// The key of the live user with that name.
///
/// # Errors
/// Any database error.
pub fn find(conn: &mut Conn, organization: Organization, user_principal_name: &str) -> StoreResult<Option<UserKey>> {
    Ok(on!(conn, c => users::table
        .filter(
            users::organization.eq(organization.key())
                .and(users::upn_key.eq(search_key(user_principal_name)))
                .and(users::removed_at.is_null()))
        .select(users::id)
        .first(c)
        .optional())?)
}

/// The version of a user.
///
/// # Errors
/// Any database error.
pub fn version(conn: &mut Conn, user_id: UserKey) -> StoreResult<i64> {
    Ok(on!(conn, c => users::table.find(user_id).select(users::version).first(c))?)
}

/// The roles of a user, in alphabetical order.
///
/// # Errors
/// Any database error; [`crate::StoreError::Value`] for an unknown enum value.
pub fn roles_of(conn: &mut Conn, user_id: UserKey) -> StoreResult<Vec<Role>> {
    Ok(on!(conn, c => user_roles::table
        .filter(user_roles::user_id.eq(user_id))
        .order(user_roles::role)
        .select(user_roles::role)
        .load(c))?)
}

/// The number of an organisation's Global admins without that user.
///
/// # Errors
/// Any database error.
pub fn other_global_admins(
    conn: &mut Conn,
    organization: Organization,
    user_id: Option<UserKey>,
) -> StoreResult<usize> {
    let admins: Vec<UserKey> = on!(conn, c => users::table
        .inner_join(user_roles::table)
        .filter(
            users::organization.eq(organization.key())
                .and(users::removed_at.is_null())
                .and(user_roles::role.eq(Role::GlobalAdmin)))
        .select(users::id)
        .load(c))?;
    Ok(admins.into_iter().filter(|admin| Some(*admin) != user_id).count())
}

fn display_name(conn: &mut Conn, user_id: UserKey) -> StoreResult<Option<String>> {
    Ok(on!(conn, c => users::table.find(user_id).select(users::display_name).first(c))?)
}

fn insert(
    conn: &mut Conn,
    now: NaiveDateTime,
    organization: Organization,
    user_principal_name: &str,
) -> StoreResult<UserKey> {
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
