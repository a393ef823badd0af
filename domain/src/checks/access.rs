//! Who may read and edit, by role. Which rows a person sees at all is the store's to say.

use crate::refusal::refusals;
use crate::rules::authz;
use crate::{Actor, PartnerFacts, Refusal, Role};

/// Whether somebody with these roles reads customers, subscriptions and resellers: every role of a partner does, and
/// operators.
#[must_use]
pub fn read_customers(roles: &[Role]) -> bool {
    roles.iter().any(|role| authz::CUSTOMER_DETAILS.contains(role) || *role == Role::Operator)
}

/// Whether somebody with these roles reads import runs.
#[must_use]
pub fn read_imports(roles: &[Role]) -> bool {
    roles.iter().any(|role| authz::CUSTOMER_CONNECTION.contains(role) || *role == Role::Operator)
}

/// Everything against editing the details of a customer, which the helpdesk may do as well.
#[must_use]
pub fn edit_customer_details(actor: &Actor, partner: &PartnerFacts) -> Vec<Refusal> {
    refusals([authz::a_01_edits_customer_details(actor, partner)])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{actor, ids, operator, provider, tenant};

    #[test]
    fn the_helpdesk_reads_and_edits_but_does_not_see_imports() {
        assert!(read_customers(&[Role::HelpdeskAgent]));
        assert!(!read_customers(&[]));
        assert!(!read_imports(&[Role::HelpdeskAgent, Role::SalesAgent]));
        assert!(read_imports(&[Role::AdminAgent]));
        assert_eq!(edit_customer_details(&actor(tenant(1_000), Role::HelpdeskAgent), &provider()), []);
        assert_eq!(ids(&edit_customer_details(&operator(), &provider())), ["A-01"]);
    }
}
