//! Adding, changing and removing the users of an organisation.

use crate::refusal::refusals;
use crate::rules::authz::{self, UserChange};
use crate::{Actor, Refusal, Role};

/// The organisation of the users.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PeopleOf {
    /// A partner account.
    Partner,
    /// A customer.
    Customer,
    /// A tenant that has no account yet.
    Nobody,
    /// A tenant that partners call a customer's, without its own word. It can become a customer's or a partner's.
    Undecided,
    /// The platform itself.
    Platform,
}

/// The facts that decide whether a user's roles may be changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserFacts {
    /// The caller.
    pub actor: Actor,
    /// The organisation of the caller and the user.
    pub people_of: PeopleOf,
    /// Whether the caller is the user concerned.
    pub target: TargetUser,
    /// The current roles. Empty for a user who is to be added.
    pub before: Vec<Role>,
    /// The requested roles. If empty, the user is removed.
    pub wanted: Vec<Role>,
    /// The number of other Global admins in the organisation.
    pub other_global_admins: usize,
}

/// The user whose roles are changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TargetUser {
    /// The caller.
    Caller,
    /// Another user.
    Other,
}

/// Checks whether the users of an organisation may be changed.
///
/// A partner's users are changed by its Admin agents, and a Global admin may become one. A customer's users are
/// changed by its Global admins. Those of a tenant that only partners call a customer's are changed by either, so
/// that no partner's word takes a right from them. Only roles of the organisation's kind can be assigned, and no one becomes an
/// operator in this way. You cannot change your own roles, except to join Admin agents. The last Global admin keeps the
/// role.
#[must_use]
pub fn change_users(facts: &UserFacts) -> Vec<Refusal> {
    let mut found = allowed(facts);
    found.extend(kept_within_the_organisation(facts));
    found.extend(own_roles_not_raised(facts));
    found.extend(last_global_admin_stays(facts));
    found
}

fn allowed(facts: &UserFacts) -> Vec<Refusal> {
    match (facts.people_of, facts.actor.tenant_id) {
        (PeopleOf::Partner | PeopleOf::Nobody, Some(tenant_id)) => {
            refusals([authz::a_04_changes_users(&facts.actor, tenant_id, change(facts))])
        }
        (PeopleOf::Customer, Some(tenant_id)) => refusals([authz::a_06_decides_for_customer(&facts.actor, tenant_id)]),
        (PeopleOf::Undecided, Some(tenant_id)) => {
            let as_customer = authz::a_06_decides_for_customer(&facts.actor, tenant_id);
            let as_newcomer = authz::a_04_changes_users(&facts.actor, tenant_id, change(facts));
            if as_newcomer.passed() == Some(true) { Vec::new() } else { refusals([as_customer]) }
        }
        (PeopleOf::Platform, _) | (_, None) => {
            let message = "Operators are managed on the platform's command line.";
            vec![Refusal::plain("ROLE_NOT_ALLOWED", message).microsoft(900_150)]
        }
    }
}

/// Adding only the Admin agent role to one's own roles counts as joining Admin agents.
fn change(facts: &UserFacts) -> UserChange {
    let joined = facts.wanted.iter().all(|role| *role == Role::AdminAgent || facts.before.contains(role));
    let kept = facts.before.iter().all(|role| facts.wanted.contains(role));
    if facts.target == TargetUser::Caller && joined && kept { UserChange::JoinAdminAgents } else { UserChange::Others }
}

fn kept_within_the_organisation(facts: &UserFacts) -> Option<Refusal> {
    let allowed: &[Role] = match facts.people_of {
        PeopleOf::Customer => &[Role::GlobalAdmin],
        PeopleOf::Partner | PeopleOf::Nobody | PeopleOf::Undecided | PeopleOf::Platform => authz::CUSTOMER_DETAILS,
    };
    let strange = facts.wanted.iter().find(|role| !allowed.contains(role))?;
    let names: Vec<_> = allowed.iter().map(|role| role.as_str()).collect();
    let message = format!("{strange} cannot be assigned here. The available roles are: {}.", names.join(", "));
    Some(Refusal::plain("ROLE_NOT_GRANTABLE", message).field(["roles"]))
}

fn own_roles_not_raised(facts: &UserFacts) -> Option<Refusal> {
    let raised = facts.wanted.iter().any(|role| *role != Role::AdminAgent && !facts.before.contains(role));
    (facts.target == TargetUser::Caller && raised).then(|| {
        let message = "You cannot change your own roles, except to join Admin agents. Ask another Admin agent.";
        Refusal::plain("OWN_ROLES_NOT_RAISED", message).field(["roles"])
    })
}

fn last_global_admin_stays(facts: &UserFacts) -> Option<Refusal> {
    let loses = facts.before.contains(&Role::GlobalAdmin) && !facts.wanted.contains(&Role::GlobalAdmin);
    (loses && facts.other_global_admins == 0).then(|| {
        let message = "This is the organisation's last Global admin. Make another user a Global admin first.";
        Refusal::plain("LAST_GLOBAL_ADMIN", message).field(["roles"])
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{actor, ids, operator, tenant};

    fn facts(role: Role, wanted: &[Role]) -> UserFacts {
        UserFacts {
            actor: actor(tenant(7), role),
            people_of: PeopleOf::Partner,
            target: TargetUser::Other,
            before: Vec::new(),
            wanted: wanted.to_vec(),
            other_global_admins: 1,
        }
    }

    fn codes(facts: &UserFacts) -> Vec<&'static str> {
        change_users(facts).iter().map(|refusal| refusal.code).collect()
    }

    #[test]
    fn users_are_changed_by_admin_agents() {
        assert_eq!(change_users(&facts(Role::AdminAgent, &[Role::SalesAgent])), []);
        assert_eq!(ids(&change_users(&facts(Role::GlobalAdmin, &[Role::SalesAgent]))), ["A-04"]);
        let joins = UserFacts {
            target: TargetUser::Caller,
            before: vec![Role::GlobalAdmin],
            ..facts(Role::GlobalAdmin, &[Role::GlobalAdmin, Role::AdminAgent])
        };
        assert_eq!(change_users(&joins), []);
    }

    #[test]
    fn a_customers_people_are_its_global_admins() {
        let customer = |role, wanted: &[Role]| UserFacts { people_of: PeopleOf::Customer, ..facts(role, wanted) };
        assert_eq!(change_users(&customer(Role::GlobalAdmin, &[Role::GlobalAdmin])), []);
        assert_eq!(codes(&customer(Role::GlobalAdmin, &[Role::SalesAgent])), ["ROLE_NOT_GRANTABLE"]);
        assert_eq!(ids(&change_users(&customer(Role::SalesAgent, &[Role::GlobalAdmin]))), ["A-06"]);
    }

    #[test]
    fn a_tenant_keeps_its_rights_whatever_partners_call_it() {
        let undecided = |role, wanted: &[Role]| UserFacts { people_of: PeopleOf::Undecided, ..facts(role, wanted) };
        assert_eq!(change_users(&undecided(Role::GlobalAdmin, &[Role::GlobalAdmin])), []);
        assert_eq!(change_users(&undecided(Role::GlobalAdmin, &[Role::AdminAgent])), []);
        assert_eq!(change_users(&undecided(Role::AdminAgent, &[Role::SalesAgent])), []);
        assert_eq!(ids(&change_users(&undecided(Role::SalesAgent, &[Role::GlobalAdmin]))), ["A-06"]);
    }

    #[test]
    fn nobody_becomes_more_by_their_own_hand() {
        assert_eq!(codes(&facts(Role::AdminAgent, &[Role::Operator])), ["ROLE_NOT_GRANTABLE"]);
        let own = UserFacts {
            target: TargetUser::Caller,
            before: vec![Role::AdminAgent],
            ..facts(Role::AdminAgent, &[Role::AdminAgent, Role::GlobalAdmin])
        };
        assert_eq!(codes(&own), ["OWN_ROLES_NOT_RAISED"]);
        let platform = UserFacts { actor: operator(), people_of: PeopleOf::Platform, ..facts(Role::Operator, &[]) };
        assert_eq!(codes(&platform), ["ROLE_NOT_ALLOWED"]);
    }

    #[test]
    fn the_last_global_admin_stays() {
        let last = UserFacts {
            before: vec![Role::GlobalAdmin],
            other_global_admins: 0,
            ..facts(Role::AdminAgent, &[Role::AdminAgent])
        };
        assert_eq!(codes(&last), ["LAST_GLOBAL_ADMIN"]);
        assert_eq!(change_users(&UserFacts { other_global_admins: 1, ..last }), []);
    }
}
