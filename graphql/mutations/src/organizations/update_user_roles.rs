use async_graphql::{Context, InputObject, Object, SimpleObject};
use chrono::NaiveDateTime;
use partnergraph_domain::checks::{self, PeopleOf, TargetUser, UserFacts};
use partnergraph_domain::{Role, UserKey, search_key};
use partnergraph_store::read::users as read_users;
use partnergraph_store::write::users::{self, Organization, Person};
use partnergraph_store::write::{facts, tenants, tokens};
use partnergraph_store::{Actor, Conn, Scope, StoreResult};

use crate::task::{self, Attempt, bad_input, not_found};
use partnergraph_operation::Operation;
use partnergraph_operation::batch::BatchRow;
use partnergraph_operation::name::Name;
use partnergraph_operation::nullable::Nullable;
use partnergraph_operation::payload::{UserError, user_errors};
use partnergraph_types::User;

/// A user and their new roles.
#[derive(InputObject, Debug, Clone)]
pub struct UpdateUserRolesInput {
    /// The user principal name that the user signs in with. If there is no such user, one is added.
    #[graphql(validator(custom = "Name"))]
    user_principal_name: String,
    /// All roles that the user should have. An empty list removes the user and invalidates their tokens.
    roles: Vec<Role>,
    /// The display name. Null leaves it unchanged.
    #[graphql(validator(custom = "Name"))]
    display_name: Option<String>,
    /// The version you last read. Rejected if it has changed since. If null, the version is not checked.
    if_version: Option<i64>,
    /// Validate without saving. The payload is as it would be; ids of what would be created are not kept.
    #[graphql(default)]
    validate_only: bool,
}

/// Result of changing a user's roles.
#[derive(SimpleObject)]
#[allow(missing_debug_implementations)]
#[graphql(complex)]
pub struct UpdateUserRolesPayload {
    /// The user after the change. Null if the user was removed, or if the change was rejected.
    user: Option<User>,
    /// Why it was rejected. Empty on success.
    user_errors: Vec<UserError>,
}

crate::payload::edges! { UpdateUserRolesPayload {
    /// `user` with its cursor in the list in which it stands, in the default order and without a filter. Null if it is null.
    user_edge: user => partnergraph_types::UserEdge,
} }

/// `updateUserRoles`.
#[derive(Debug, Default)]
pub struct UpdateUserRoles;

#[Object]
impl UpdateUserRoles {
    /// Sets the roles of a user in your organisation. Also adds and removes users.
    ///
    /// A partner's users are managed by its Admin agents. A Global admin can join the Admin agents; the token
    /// that makes this change acts as Admin agent from then on. A customer's users are managed by its Global admins,
    /// and GLOBAL_ADMIN is the only role they can have. You cannot change your own roles, except to join Admin agents.
    /// Nobody can be made an operator, and the last Global admin cannot be removed. Operators are managed on the
    /// command line.
    async fn update_user_roles(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Parameters for `updateUserRoles`.")] input: UpdateUserRolesInput,
    ) -> Nullable<UpdateUserRolesPayload> {
        let answer = async {
            let operation = Operation::of(ctx);
            let mode = input.validate_only.into();
            let outcome =
                task::write(operation, mode, move |conn, actor, now| change(conn, actor, now, &input)).await?;
            let user_id = match outcome {
                Ok(user_id) => user_id,
                Err(refusals) => return Ok(UpdateUserRolesPayload { user: None, user_errors: user_errors(refusals) }),
            };
            let organization = Organization::of(operation.actor()?)?;
            let row = match user_id {
                Some(id) => operation.read(move |conn, _| read_users::find(conn, organization, id)).await?,
                None => None,
            };
            Ok(UpdateUserRolesPayload { user: row.map(|row| User::new(BatchRow::alone(row))), user_errors: Vec::new() })
        };
        Nullable::from(answer.await)
    }
}

/// Returns the key of the user; `None` if the user was removed.
fn change(
    conn: &mut Conn,
    actor: &Actor,
    now: NaiveDateTime,
    input: &UpdateUserRolesInput,
) -> Attempt<Option<UserKey>> {
    let name = input.user_principal_name.trim();
    if name.is_empty() || name.contains(char::is_whitespace) {
        let message = "Not a valid user principal name. Example: anna@northwind.example.";
        return Err(bad_input(message, &["userPrincipalName"]).into());
    }
    let Some(organization) = Organization::of(actor)? else {
        return Err(checks::change_users(&facts_of(actor, PeopleOf::Platform, Vec::new(), Vec::new())?).into());
    };
    let known = users::find(conn, organization, name)?;
    let before = known.map_or(Ok(Vec::new()), |id| users::roles_of(conn, id))?;
    let people_of = people_of(conn, actor)?;
    let mut facts = facts_of(actor, people_of, before, input.roles.clone())?;
    if search_key(name) == search_key(&actor.user_principal_name) {
        facts.target = TargetUser::Caller;
    }
    facts.other_global_admins = users::other_global_admins(conn, organization, known)?;
    let mut refusals = checks::change_users(&facts);
    if let Some(id) = known {
        refusals.extend(task::stale(input.if_version, users::version(conn, id)?));
    } else if facts.wanted.is_empty() || input.if_version.is_some() {
        refusals.push(not_found("user", "userPrincipalName"));
    }
    task::refuse_if(refusals)?;
    if let (Some(id), true) = (known, facts.wanted.is_empty()) {
        users::remove(conn, actor, now, organization, id)?;
        return Ok(None);
    }
    let display_name = input.display_name.as_deref().map(str::trim).filter(|text| !text.is_empty());
    let person = Person { user_principal_name: name, display_name, roles: &facts.wanted };
    let (id, _) = users::save(conn, actor, now, organization, &person)?;
    let joins = Role::AdminAgent;
    if facts.target == TargetUser::Caller && facts.wanted.contains(&joins) && !facts.before.contains(&joins) {
        tokens::carry(conn, id, joins)?;
    }
    Ok(Some(id))
}

fn people_of(conn: &mut Conn, actor: &Actor) -> StoreResult<PeopleOf> {
    Ok(match (actor.scope, facts::actor(actor)?.tenant_id) {
        (Scope::Operator, _) => PeopleOf::Platform,
        (Scope::Partner { .. }, _) => PeopleOf::Partner,
        (Scope::Customer { .. }, Some(tenant_id)) if tenants::kind(conn, tenant_id)?.is_none() => PeopleOf::Undecided,
        (Scope::Customer { .. }, _) => PeopleOf::Customer,
        (Scope::Nobody, _) => PeopleOf::Nobody,
    })
}

fn facts_of(actor: &Actor, people_of: PeopleOf, before: Vec<Role>, wanted: Vec<Role>) -> StoreResult<UserFacts> {
    let actor = facts::actor(actor)?;
    Ok(UserFacts { actor, people_of, target: TargetUser::Other, before, wanted, other_global_admins: 0 })
}
