//! The profile of a partner account, and what only the platform's operators maintain: the register and the companies.

use crate::refusal::refusals;
use crate::rules::text_rules::is_email;
use crate::rules::{authz, directory, webmail};
use crate::{Actor, OrganizationLinkKind, PartnerFacts, Refusal, Role, RuleId};

/// The facts that decide whether the profile of a partner account may be changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProfileFacts {
    /// The caller.
    pub actor: Actor,
    /// The account.
    pub partner: PartnerFacts,
    /// The new address of the primary contact. `None` if it stays the same.
    pub contact_email: Option<String>,
    /// Whether the entry in the directory of providers is to be changed.
    pub directory: DirectoryChange,
}

/// Whether a change concerns the directory of providers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DirectoryChange {
    /// It does not.
    None,
    /// It does.
    Wanted,
}

/// Checks whether the profile of a partner account may be changed (A-04, V-02, E-03, E-07).
#[must_use]
pub fn update_partner_profile(facts: &ProfileFacts) -> Vec<Refusal> {
    let mut verdicts = vec![authz::a_04_keeps_profile(&facts.actor, &facts.partner)];
    if facts.directory == DirectoryChange::Wanted {
        verdicts.push(directory::v_02_changed_by_operator(&facts.actor));
    }
    if let Some(email) = &facts.contact_email {
        verdicts.push(webmail::e_07_not_webmail(email));
    }
    let mut found = refusals(verdicts);
    if let Some(email) = facts.contact_email.as_deref().filter(|email| !is_email(email)) {
        let message = format!("{} is not a valid e-mail address.", email.trim());
        found.push(Refusal::of(RuleId::E_03, "EMAIL_INVALID", message).field(["primaryContact", "email"]));
    }
    found
}

/// Refuses everyone but operators, with Microsoft's code for a role that lacks the right (not a rule of the catalogue).
pub(super) fn operators_task(actor: &Actor, message: &str) -> Vec<Refusal> {
    if actor.has_any(&[Role::Operator]) {
        return Vec::new();
    }
    vec![Refusal::plain("ROLE_NOT_ALLOWED", message).microsoft(900_150)]
}

/// Checks whether the caller may maintain the register of MPN profiles. Only operators may.
#[must_use]
pub fn keep_register(actor: &Actor) -> Vec<Refusal> {
    operators_task(actor, "Only operators can change the register of MPN profiles.")
}

/// Checks whether the caller may record that two organisations are affiliated. Only operators may.
#[must_use]
pub fn record_links(actor: &Actor) -> Vec<Refusal> {
    operators_task(actor, "Only operators can record affiliated organisations.")
}

/// Checks the link itself: a company cannot be its own affiliate. `tie` is the existing link between the two.
#[must_use]
pub fn link_organizations(tie: Option<OrganizationLinkKind>, kind: OrganizationLinkKind) -> Vec<Refusal> {
    if tie != Some(OrganizationLinkKind::SameCompany) || kind != OrganizationLinkKind::Affiliate {
        return Vec::new();
    }
    let message = "These accounts belong to the same company. A company cannot be its own affiliate.";
    vec![Refusal::plain("SAME_COMPANY", message).field(["b"])]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{admin_of, ids, operator, provider, reseller};

    fn facts() -> ProfileFacts {
        ProfileFacts {
            actor: admin_of(&provider()),
            partner: provider(),
            contact_email: Some("anna@northwind.example".to_owned()),
            directory: DirectoryChange::None,
        }
    }

    #[test]
    fn a_partner_keeps_its_profile_and_an_operator_the_directorys() {
        assert_eq!(update_partner_profile(&facts()), []);
        let directory = ProfileFacts { directory: DirectoryChange::Wanted, ..facts() };
        assert_eq!(ids(&update_partner_profile(&directory)), ["V-02"]);
        assert_eq!(update_partner_profile(&ProfileFacts { actor: operator(), ..directory }), []);
        let bad =
            ProfileFacts { actor: admin_of(&reseller()), contact_email: Some("anna@gmail.com".to_owned()), ..facts() };
        assert_eq!(ids(&update_partner_profile(&bad)), ["A-04", "E-07"]);
        let typo = ProfileFacts { contact_email: Some("anna".to_owned()), ..facts() };
        assert_eq!(ids(&update_partner_profile(&typo)), ["E-03"]);
    }

    #[test]
    fn the_register_and_the_companies_are_the_operators() {
        assert_eq!(keep_register(&operator()), []);
        assert_eq!(keep_register(&admin_of(&provider()))[0].microsoft_code, Some(900_150));
        assert_eq!(record_links(&admin_of(&provider()))[0].code, "ROLE_NOT_ALLOWED");
        let (company, affiliate) = (OrganizationLinkKind::SameCompany, OrganizationLinkKind::Affiliate);
        assert_eq!(link_organizations(None, affiliate), []);
        assert_eq!(link_organizations(Some(affiliate), company), []);
        assert_eq!(link_organizations(Some(company), affiliate).len(), 1);
    }
}
