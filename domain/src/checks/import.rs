//! Who may start an import, and whether a row's customer and reseller may be imported.

use crate::refusal::refusals;
use crate::rules::scenario::TenantUse;
use crate::rules::{authz, region, scenario, subscription, types};
use crate::{Actor, CountryCode, ImportStatus, PartnerFacts, PartnerType, Refusal, ResellerChoice, Role, Verdict};

/// Checks whether the caller may import for that partner. Its Global admins and Admin agents and operators may,
/// once the account is enrolled: an account under review has no customers to import (not a rule of the catalogue).
#[must_use]
pub fn start_import(actor: &Actor, importer: &PartnerFacts) -> Vec<Refusal> {
    let mut found = refusals([authz::a_02_imports(actor, importer)]);
    if found.is_empty() && !importer.enrolled {
        let message = "The enrolment of this account is not authorised yet. It can import once it is authorised.";
        found.push(Refusal::plain("NOT_ENROLLED", message));
    }
    found
}

/// Whether the caller may upload files for imports: those who may import for the partner that they act for, and
/// operators for any partner. The checks of the import itself are made when it is started.
#[must_use]
pub fn may_upload(actor: &Actor, own: Option<&PartnerFacts>) -> bool {
    actor.has_any(&[Role::Operator])
        || own.is_some_and(|partner| matches!(authz::a_02_imports(actor, partner), Verdict::Passed(_)))
}

/// Checks whether the plan of a run may be applied. It requires the right to import and a plan that waits to be
/// applied.
#[must_use]
pub fn apply_import(actor: &Actor, importer: &PartnerFacts, status: ImportStatus, plan: StoredPlan) -> Vec<Refusal> {
    let mut found = start_import(actor, importer);
    if status != ImportStatus::Planned || plan == StoredPlan::No {
        let message = match (status, plan) {
            (ImportStatus::Checked, _) => "This run was a dry run; it has no plan to apply.".to_owned(),
            (ImportStatus::Reverted, _) => {
                "This run was reverted. To make its changes again, plan them again.".to_owned()
            }
            _ => format!("This run is {status}; only a plan that has not been applied yet can be applied."),
        };
        found.push(Refusal::plain("RUN_NOT_PLANNED", message).field(["importRun"]));
    }
    found
}

/// Checks whether the plan of a run may be discarded. It requires the right to import and a plan that waits to
/// be applied.
#[must_use]
pub fn discard_import(actor: &Actor, importer: &PartnerFacts, status: ImportStatus, plan: StoredPlan) -> Vec<Refusal> {
    let mut found = start_import(actor, importer);
    if status != ImportStatus::Planned || plan == StoredPlan::No {
        let message = format!("This run is {status} and has no plan to discard.");
        found.push(Refusal::plain("RUN_NOT_PLANNED", message).field(["importRun"]));
    }
    found
}

/// Checks whether an import may be reverted. It requires the right to import and a run that is in effect.
#[must_use]
pub fn revert_import(actor: &Actor, importer: &PartnerFacts, status: ImportStatus) -> Vec<Refusal> {
    let mut found = start_import(actor, importer);
    if status != ImportStatus::Applied {
        let message = format!("This run is {status}; only a run that is {} can be reverted.", ImportStatus::Applied);
        found.push(Refusal::plain("RUN_NOT_APPLIED", message).field(["importRun"]));
    }
    found
}

/// Whether a run has a stored plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StoredPlan {
    /// It can be applied.
    Yes,
    /// There is none, or no longer one.
    No,
}

/// Checks a customer of a file: not in another region than the importing partner's (Q-14, 2030), and not a partner's
/// tenant.
///
/// A customer whose country is not known is imported, and new business with it is refused until its country is known.
#[must_use]
pub fn imported_customer(
    importer: Option<CountryCode>,
    country: Option<CountryCode>,
    tenant_use: TenantUse,
) -> Vec<Refusal> {
    refused([region::q_14_sells_within_region(importer, country), scenario::q_06_not_a_partner_tenant(tenant_use)])
}

/// Checks a reseller of a file: none in a direct-bill partner's file (T-04), and no known MPN ID that does not belong
/// to a reseller (2204).
///
/// The importing partner's own MPN ID means "none", and the caller must remove it first. An unknown MPN ID is imported
/// as a placeholder: such a choice has an account of an indirect reseller that is not onboarded. Neither partnership
/// nor agreement is required, because a file describes what exists, and what exists stays (M-07).
#[must_use]
pub fn imported_reseller(importer: PartnerType, reseller: &ResellerChoice) -> Vec<Refusal> {
    refused([
        types::t_04_direct_chain_without_reseller(importer, Some(reseller)),
        subscription::e_11_is_indirect_reseller(reseller),
    ])
}

/// The refusals alone. A row of a file is not rejected for a rule that cannot be decided.
fn refused(verdicts: impl IntoIterator<Item = Verdict>) -> Vec<Refusal> {
    refusals(verdicts.into_iter().filter(|verdict| verdict.passed().is_some()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Role;
    use crate::testing::{actor, admin_of, choice, country, direct_bill, ids, operator, provider, reseller, tenant};

    #[test]
    fn admins_and_admin_agents_and_operators_import() {
        let importer = provider();
        for who in [admin_of(&importer), actor(tenant(1_000), Role::AdminAgent), operator()] {
            assert_eq!(start_import(&who, &importer), []);
        }
        let waiting = PartnerFacts { enrolled: false, ..provider() };
        assert_eq!(start_import(&admin_of(&importer), &waiting)[0].code, "NOT_ENROLLED");
        for who in [actor(tenant(1_000), Role::UserAdmin), actor(tenant(4), Role::GlobalAdmin)] {
            let found = start_import(&who, &importer);
            assert_eq!((ids(&found), found[0].microsoft_code), (vec!["A-02"], Some(900_150)));
        }
    }

    #[test]
    fn only_a_plan_that_waits_is_applied() {
        let importer = provider();
        let apply = |who: &Actor, status, plan| apply_import(who, &importer, status, plan);
        assert_eq!(apply(&admin_of(&importer), ImportStatus::Planned, StoredPlan::Yes), []);
        for (status, plan) in [(ImportStatus::Checked, StoredPlan::No), (ImportStatus::Applied, StoredPlan::No)] {
            assert_eq!(apply(&operator(), status, plan)[0].code, "RUN_NOT_PLANNED");
        }
        let found = apply(&actor(tenant(1_000), Role::SalesAgent), ImportStatus::Planned, StoredPlan::Yes);
        assert_eq!(ids(&found), ["A-02"]);
    }

    #[test]
    fn only_what_is_applied_is_reverted() {
        let importer = provider();
        assert_eq!(revert_import(&admin_of(&importer), &importer, ImportStatus::Applied), []);
        let found = revert_import(&operator(), &importer, ImportStatus::Reverted);
        assert_eq!((ids(&found), found[0].code), (vec!["-"], "RUN_NOT_APPLIED"));
        let found = revert_import(&actor(tenant(4), Role::GlobalAdmin), &importer, ImportStatus::Applied);
        assert_eq!(ids(&found), ["A-02"]);
    }

    #[test]
    fn a_customer_of_another_region_or_a_partners_tenant_stays_out() {
        let poland = Some(country("PL"));
        assert_eq!(imported_customer(poland, Some(country("DE")), TenantUse::Customer), []);
        assert_eq!(imported_customer(poland, None, TenantUse::Customer), []);
        let found = imported_customer(poland, Some(country("US")), TenantUse::PartnerCsp);
        assert_eq!((ids(&found), found[0].microsoft_code), (vec!["Q-14", "Q-06"], Some(2030)));
    }

    #[test]
    fn a_reseller_that_is_none_stays_out() {
        let placeholder = PartnerFacts {
            tenant_id: None,
            country: None,
            onboarded: false,
            enrolled: false,
            mpa_signed: false,
            ..reseller()
        };
        let placeholder = ResellerChoice { partnership: None, ..choice(placeholder) };
        assert_eq!(imported_reseller(PartnerType::IndirectProvider, &placeholder), []);
        assert_eq!(ids(&imported_reseller(PartnerType::DirectBill, &placeholder)), ["T-04"]);
        let found = imported_reseller(PartnerType::IndirectProvider, &choice(direct_bill()));
        assert_eq!(found[0].microsoft_code, Some(2204));
    }
}
