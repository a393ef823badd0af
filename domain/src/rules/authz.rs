//! Who may do what: the roles of partners' and customers' users.
//!
//! A role that lacks the right is always refused with Microsoft's code 900150, even if the catalogue has no code.

use crate::{Actor, PartnerFacts, PartnerType, Refusal, Role, RuleId, TenantId, Verdict};

/// The roles for a provider's tasks.
pub const PROVIDER_TASKS: &[Role] = &[Role::GlobalAdmin, Role::UserAdmin, Role::AdminAgent, Role::SalesAgent];
/// The roles that can connect a partner with customers, and import.
pub const CUSTOMER_CONNECTION: &[Role] = &[Role::GlobalAdmin, Role::AdminAgent];
/// The roles that can edit the details of customers.
pub const CUSTOMER_DETAILS: &[Role] =
    &[Role::GlobalAdmin, Role::UserAdmin, Role::AdminAgent, Role::SalesAgent, Role::HelpdeskAgent];

const GLOBAL_ADMIN: &[Role] = &[Role::GlobalAdmin];

/// The verdict of a rule that allows only `roles` of the organisation `owner`.
///
/// A person of another organisation has no role in this one, whatever roles the person has at home.
fn only(rule: RuleId, actor: &Actor, owner: Option<TenantId>, roles: &[Role]) -> Verdict {
    let at_home = owner.is_some() && actor.tenant_id == owner;
    if at_home && actor.has_any(roles) {
        return Verdict::Passed(rule);
    }
    let names: Vec<_> = roles.iter().map(|role| role.as_str()).collect();
    let whom = if at_home {
        "This requires one of these roles"
    } else {
        "Only another organisation can do this, with one of these roles"
    };
    let message = format!("{whom}: {}.", names.join(", "));
    Verdict::Refused(not_for(rule, message))
}

/// The refusal of a caller by an access rule.
///
/// A caller that could never be allowed is refused before any facts are read, so not every such refusal comes from a
/// verdict.
#[must_use]
pub fn not_for(rule: RuleId, message: impl Into<String>) -> Refusal {
    Refusal::of(rule, "ROLE_NOT_ALLOWED", message).microsoft(900_150)
}

/// a provider's tasks (partnerships, customers, subscriptions, support contacts) require the role Global admin,
/// User admin, Admin agent or Sales agent.
pub fn a_01_provider_task(actor: &Actor, owner: &PartnerFacts) -> Verdict {
    only(RuleId::A_01, actor, owner.tenant_id, PROVIDER_TASKS)
}

/// A-01 for a task that only some of the four roles can do.
pub(super) fn a_01_roles(actor: &Actor, owner: &PartnerFacts, roles: &[Role]) -> Verdict {
    only(RuleId::A_01, actor, owner.tenant_id, roles)
}

/// A-01, including helpdesk agents, who may edit the details of customers and nothing else.
pub fn a_01_edits_customer_details(actor: &Actor, owner: &PartnerFacts) -> Verdict {
    only(RuleId::A_01, actor, owner.tenant_id, CUSTOMER_DETAILS)
}

/// Global admins and Admin agents can invite customers; in a provider, User admins and Sales agents can too.
pub fn a_02_invites_customer(actor: &Actor, owner: &PartnerFacts) -> Verdict {
    let roles = match owner.partner_type {
        PartnerType::IndirectProvider => PROVIDER_TASKS,
        PartnerType::IndirectReseller | PartnerType::DirectBill => CUSTOMER_CONNECTION,
    };
    only(RuleId::A_02, actor, owner.tenant_id, roles)
}

/// only Global admins and Admin agents can remove a relationship with a customer, whatever the partner's type.
pub fn a_02_removes_relationship(actor: &Actor, owner: &PartnerFacts) -> Verdict {
    only(RuleId::A_02, actor, owner.tenant_id, CUSTOMER_CONNECTION)
}

/// A-02, for imports: they create relationships with customers, so they require the roles that can connect with
/// customers.
///
/// An operator can import for any partner.
pub fn a_02_imports(actor: &Actor, owner: &PartnerFacts) -> Verdict {
    if actor.has_any(&[Role::Operator]) {
        return Verdict::Passed(RuleId::A_02);
    }
    only(RuleId::A_02, actor, owner.tenant_id, CUSTOMER_CONNECTION)
}

/// only a Global admin of the tenant can enrol it.
pub fn a_03_enrols(actor: &Actor, tenant_id: TenantId) -> Verdict {
    only(RuleId::A_03, actor, Some(tenant_id), GLOBAL_ADMIN)
}

/// A change to the users of a partner.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UserChange {
    /// Adding a user or changing another user's roles.
    Others,
    /// Making oneself an Admin agent, as the Global admin who enrolled may.
    JoinAdminAgents,
}

/// only Admin agents can add users and change their roles. A Global admin may first join the Admin agents.
pub fn a_04_changes_users(actor: &Actor, tenant_id: TenantId, change: UserChange) -> Verdict {
    let roles: &[Role] = match change {
        UserChange::Others => &[Role::AdminAgent],
        UserChange::JoinAdminAgents => &[Role::AdminAgent, Role::GlobalAdmin],
    };
    only(RuleId::A_04, actor, Some(tenant_id), roles)
}

/// A-04, for the account itself: Global admins, Admin agents and operators complete its set-up and maintain its
/// profile.
pub fn a_04_keeps_profile(actor: &Actor, partner: &PartnerFacts) -> Verdict {
    if actor.has_any(&[Role::Operator]) {
        return Verdict::Passed(RuleId::A_04);
    }
    only(RuleId::A_04, actor, partner.tenant_id, CUSTOMER_CONNECTION)
}

/// only a Global admin of the partner can accept the Microsoft Partner Agreement.
pub fn a_05_accepts_partner_agreement(actor: &Actor, partner: &PartnerFacts) -> Verdict {
    only(RuleId::A_05, actor, partner.tenant_id, GLOBAL_ADMIN)
}

/// only a Global admin of the customer can accept invitations and make the customer's decisions.
pub fn a_06_decides_for_customer(actor: &Actor, customer: TenantId) -> Verdict {
    only(RuleId::A_06, actor, Some(customer), GLOBAL_ADMIN)
}

/// only a Global admin of the reseller can revoke the provider's admin access.
pub fn a_07_takes_admin_access_away(actor: &Actor, reseller: &PartnerFacts) -> Verdict {
    only(RuleId::A_07, actor, reseller.tenant_id, GLOBAL_ADMIN)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::IntoEnumIterator;
    use crate::testing::{admin_of, direct_bill, operator, passes, provider, refuses, reseller, tenant};

    fn at(partner: &PartnerFacts, role: Role) -> Actor {
        crate::testing::actor(partner.tenant_id.unwrap(), role)
    }

    fn allowed(decide: impl Fn(Role) -> Verdict) -> Vec<Role> {
        Role::iter().filter(|role| decide(*role).passed() == Some(true)).collect()
    }

    #[test]
    fn a_provider_task_is_for_four_roles_of_that_provider() {
        let provider = provider();
        passes("A-01", a_01_provider_task(&admin_of(&provider), &provider));
        assert_eq!(allowed(|role| a_01_provider_task(&at(&provider, role), &provider)), PROVIDER_TASKS);
        let refusal = refuses("A-01", a_01_provider_task(&at(&provider, Role::HelpdeskAgent), &provider));
        assert_eq!(refusal.microsoft_code, Some(900_150));
        refuses("A-01", a_01_provider_task(&admin_of(&reseller()), &provider));
        refuses("A-01", a_01_provider_task(&operator(), &provider));
    }

    #[test]
    fn the_helpdesk_edits_customer_details() {
        let provider = provider();
        passes("A-01", a_01_edits_customer_details(&at(&provider, Role::HelpdeskAgent), &provider));
    }

    #[test]
    fn a_provider_invites_with_more_roles_than_others() {
        let (provider, reseller, direct) = (provider(), reseller(), direct_bill());
        passes("A-02", a_02_invites_customer(&at(&provider, Role::SalesAgent), &provider));
        refuses("A-02", a_02_invites_customer(&at(&reseller, Role::SalesAgent), &reseller));
        assert_eq!(allowed(|role| a_02_invites_customer(&at(&direct, role), &direct)), CUSTOMER_CONNECTION);
        assert_eq!(allowed(|role| a_02_removes_relationship(&at(&provider, role), &provider)), CUSTOMER_CONNECTION);
    }

    #[test]
    fn an_import_is_for_those_who_connect_with_customers_and_operators() {
        let provider = provider();
        passes("A-02", a_02_imports(&operator(), &provider));
        passes("A-02", a_02_imports(&at(&provider, Role::AdminAgent), &provider));
        refuses("A-02", a_02_imports(&at(&provider, Role::SalesAgent), &provider));
    }

    #[test]
    fn enrolment_agreement_and_admin_access_are_for_global_admins() {
        let reseller = reseller();
        let tenant_id = reseller.tenant_id.unwrap();
        let agent = at(&reseller, Role::AdminAgent);
        passes("A-03", a_03_enrols(&admin_of(&reseller), tenant_id));
        refuses("A-03", a_03_enrols(&agent, tenant_id));
        passes("A-05", a_05_accepts_partner_agreement(&admin_of(&reseller), &reseller));
        refuses("A-05", a_05_accepts_partner_agreement(&agent, &reseller));
        passes("A-07", a_07_takes_admin_access_away(&admin_of(&reseller), &reseller));
        let refusal = refuses("A-07", a_07_takes_admin_access_away(&agent, &reseller));
        assert_eq!(refusal.microsoft_code, Some(900_150));
    }

    #[test]
    fn users_are_added_by_admin_agents_and_a_global_admin_may_become_one() {
        let reseller = reseller();
        let tenant_id = reseller.tenant_id.unwrap();
        passes("A-04", a_04_changes_users(&at(&reseller, Role::AdminAgent), tenant_id, UserChange::Others));
        refuses("A-04", a_04_changes_users(&admin_of(&reseller), tenant_id, UserChange::Others));
        passes("A-04", a_04_changes_users(&admin_of(&reseller), tenant_id, UserChange::JoinAdminAgents));
    }

    #[test]
    fn the_profile_is_kept_by_global_admins_and_admin_agents_and_operators() {
        let reseller = reseller();
        passes("A-04", a_04_keeps_profile(&operator(), &reseller));
        assert_eq!(
            allowed(|role| a_04_keeps_profile(&at(&reseller, role), &reseller)),
            [Role::GlobalAdmin, Role::AdminAgent, Role::Operator]
        );
        refuses("A-04", a_04_keeps_profile(&admin_of(&provider()), &reseller));
    }

    #[test]
    fn only_the_customers_global_admin_decides_for_it() {
        let customer = crate::testing::actor(tenant(9), Role::GlobalAdmin);
        passes("A-06", a_06_decides_for_customer(&customer, tenant(9)));
        refuses("A-06", a_06_decides_for_customer(&customer, tenant(8)));
        refuses("A-06", a_06_decides_for_customer(&crate::testing::actor(tenant(9), Role::UserAdmin), tenant(9)));
    }
}
