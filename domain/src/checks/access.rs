//! Who may read and edit, by role. Which rows a person can see is decided by the store.

use crate::refusal::refusals;
use crate::rules::text_rules::is_domain;
use crate::rules::{authz, region};
use crate::{Actor, CountryCode, PartnerFacts, Refusal, Role, TenantId};

/// Whether these roles may read customers, subscriptions and resellers. Every partner role and operators may.
#[must_use]
pub fn read_customers(roles: &[Role]) -> bool {
    roles.iter().any(|role| authz::CUSTOMER_DETAILS.contains(role) || *role == Role::Operator)
}

/// Whether these roles may read import runs.
#[must_use]
pub fn read_imports(roles: &[Role]) -> bool {
    roles.iter().any(|role| authz::CUSTOMER_CONNECTION.contains(role) || *role == Role::Operator)
}

/// Checks the caller's role for a task of a provider or another seller, and nothing else.
#[must_use]
pub fn provider_task(actor: &Actor, partner: &PartnerFacts) -> Vec<Refusal> {
    refusals([authz::a_01_provider_task(actor, partner)])
}

/// Checks the caller's role for inviting a customer, and nothing else.
#[must_use]
pub fn invites_customer(actor: &Actor, partner: &PartnerFacts) -> Vec<Refusal> {
    refusals([authz::a_02_invites_customer(actor, partner)])
}

/// Checks the caller's role for enrolling that tenant, and nothing else.
#[must_use]
pub fn enrols(actor: &Actor, tenant_id: TenantId) -> Vec<Refusal> {
    refusals([authz::a_03_enrols(actor, tenant_id)])
}

/// Checks whether the caller may edit the details of a customer, which helpdesk agents may do too.
#[must_use]
pub fn edit_customer_details(actor: &Actor, partner: &PartnerFacts) -> Vec<Refusal> {
    refusals([authz::a_01_edits_customer_details(actor, partner)])
}

/// The customer details to set. `None` for those that stay unchanged or are cleared.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CustomerDetails {
    /// The name.
    pub company_name: Option<String>,
    /// The default domain.
    pub domain: Option<String>,
    /// The country.
    pub country: Option<CountryCode>,
}

/// Checks whether a partner may change its record of a customer: the role, and the region of the country.
#[must_use]
pub fn update_customer_record(actor: &Actor, partner: &PartnerFacts, details: &CustomerDetails) -> Vec<Refusal> {
    let mut found = edit_customer_details(actor, partner);
    if let Some(country) = details.country {
        found.extend(refusals([region::q_14_sells_within_region(partner.country, Some(country)).field(["country"])]));
    }
    found.extend(malformed(details));
    found
}

/// Checks whether the caller may change a customer's own details. Its Global admins and operators may.
#[must_use]
pub fn update_own_details(actor: &Actor, customer: TenantId, details: &CustomerDetails) -> Vec<Refusal> {
    let mut found = edit_own_details(actor, customer);
    found.extend(malformed(details));
    found
}

/// Checks whether the caller may edit a customer's own details at all.
#[must_use]
pub fn edit_own_details(actor: &Actor, customer: TenantId) -> Vec<Refusal> {
    if actor.has_any(&[Role::Operator]) {
        return Vec::new();
    }
    refusals([authz::a_06_decides_for_customer(actor, customer)])
}

/// The refusals that the caller is allowed to see. A caller from another organisation learns only that access is
/// refused, and nothing else about what that organisation owns.
#[must_use]
pub fn visible_to_caller(refusals: Vec<Refusal>, actor: &Actor, owner: &PartnerFacts) -> Vec<Refusal> {
    if owner.tenant_id.is_some() && actor.tenant_id == owner.tenant_id {
        return refusals;
    }
    refusals.into_iter().filter(Refusal::is_about_access).collect()
}

fn malformed(details: &CustomerDetails) -> Vec<Refusal> {
    let blank = details.company_name.as_deref().is_some_and(|name| name.trim().is_empty());
    let name = blank.then(|| {
        Refusal::plain("COMPANY_NAME_MISSING", "The name cannot be blank; pass null to clear it.")
            .field(["companyName"])
    });
    let odd = details.domain.as_deref().is_some_and(|domain| !is_domain(domain.trim()));
    let domain = odd.then(|| {
        Refusal::plain("DOMAIN_INVALID", "Not a valid domain name. Use a name such as contoso.example.")
            .field(["domain"])
    });
    [name, domain].into_iter().flatten().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{actor, country, ids, operator, provider, tenant};

    #[test]
    fn the_helpdesk_reads_and_edits_but_does_not_see_imports() {
        assert!(read_customers(&[Role::HelpdeskAgent]));
        assert!(!read_customers(&[]));
        assert!(!read_imports(&[Role::HelpdeskAgent, Role::SalesAgent]));
        assert!(read_imports(&[Role::AdminAgent]));
        assert_eq!(edit_customer_details(&actor(tenant(1_000), Role::HelpdeskAgent), &provider()), []);
        assert_eq!(ids(&edit_customer_details(&operator(), &provider())), ["A-01"]);
    }

    #[test]
    fn a_partner_and_the_customer_each_keep_their_own_values() {
        let helpdesk = actor(tenant(1_000), Role::HelpdeskAgent);
        let details = CustomerDetails { country: Some(country("DE")), ..CustomerDetails::default() };
        assert_eq!(update_customer_record(&helpdesk, &provider(), &details), []);
        let odd = CustomerDetails {
            company_name: Some(" ".to_owned()),
            domain: Some("contoso".to_owned()),
            country: Some(country("US")),
        };
        assert_eq!(ids(&update_customer_record(&operator(), &provider(), &odd)), ["A-01", "Q-14", "-", "-"]);
        let admin = actor(tenant(9_000), Role::GlobalAdmin);
        assert_eq!(update_own_details(&admin, tenant(9_000), &details), []);
        assert_eq!(update_own_details(&operator(), tenant(9_000), &details), []);
        assert_eq!(ids(&update_own_details(&helpdesk, tenant(9_000), &odd)), ["A-06", "-", "-"]);
    }
}
