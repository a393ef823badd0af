//! Enrolling a partner, its review, its agreement and its users.

use chrono::NaiveDate;

use crate::refusal::refusals;
use crate::rules::authz::{self, UserChange};
use crate::rules::enrolment::{self, EnrolmentForm};
use crate::rules::{agreement, types, webmail};
use crate::{
    Actor, Capability, CountryCode, MpnId, MpnProfileFacts, PartnerFacts, PartnerType, Refusal, Role, TenantId,
    VettingStatus, VettingSubStatus,
};

/// Everything that decides whether a partner may enrol.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EnrolmentFacts {
    /// Who asks.
    pub actor: Actor,
    /// The directory that enrols.
    pub directory: TenantId,
    /// The country of the directory, as the input or the directory states it.
    pub country: Option<CountryCode>,
    /// The type of account wanted.
    pub wanted: PartnerType,
    /// The accounts that the directory's company has in the programme already.
    pub held: Vec<PartnerType>,
    /// The accounts that the directory itself holds already.
    pub held_by_directory: Vec<PartnerType>,
    /// What the company is able to do, where it applies for direct bill.
    pub capabilities: Vec<Capability>,
    /// The MPN ID to link.
    pub mpn_id: Option<MpnId>,
    /// The register's entry of that MPN ID.
    pub mpn_profile: Option<MpnProfileFacts>,
    /// What the enrolment states.
    pub form: EnrolmentForm,
    /// The day.
    pub on: NaiveDate,
}

/// Everything against enrolling a partner (A-03, T-01, T-05, E-01 to E-07).
///
/// A company already in the programme gives its support contact and nothing else (E-02); what it gives besides is not
/// asked about. Nothing is stored of an enrolment that is refused (E-13), and who the primary contact is among the
/// company's people is not asked (E-10).
#[must_use]
pub fn enrol_partner(facts: &EnrolmentFacts) -> Vec<Refusal> {
    let mut verdicts = vec![
        authz::a_03_enrols(&facts.actor, facts.directory),
        types::t_01_account_fits_directory(&facts.held_by_directory, facts.wanted).field(["type"]),
        enrolment::e_01_newcomer_is_reseller(&facts.held, facts.wanted, facts.on),
    ];
    if facts.wanted == PartnerType::DirectBill {
        verdicts.push(types::t_05_direct_bill_requirements(&facts.held, &facts.capabilities).field(["type"]));
    }
    if facts.held.is_empty() {
        verdicts.extend(enrolment::e_03_company_given(&facts.form));
        verdicts.push(enrolment::e_04_mpn_id_given(facts.mpn_id));
        verdicts.push(webmail::e_07_not_webmail(facts.form.contact_email.as_deref().unwrap_or_default()));
    } else {
        verdicts.extend(enrolment::e_02_support_given(&facts.form));
    }
    if facts.mpn_id.is_some() {
        verdicts.push(enrolment::e_05_profile_active(facts.mpn_profile.as_ref()));
    }
    if let Some(profile) = &facts.mpn_profile {
        verdicts.push(enrolment::e_06_same_country(profile.country, facts.country));
    }
    refusals(verdicts)
}

/// Everything against the primary contact's answering now: an enrolment whose answer was given, or that is decided
/// (E-09).
#[must_use]
pub fn verify_primary_contact(status: VettingStatus) -> Vec<Refusal> {
    refusals([enrolment::e_09_review_pending(status)])
}

/// Everything against deciding a review: only an operator does (A-05 has no say here), once, and after the contact
/// answered (E-08, E-09).
#[must_use]
pub fn review_partner(actor: &Actor, status: VettingStatus, sub_status: VettingSubStatus) -> Vec<Refusal> {
    let mut found = Vec::new();
    if !actor.has_any(&[Role::Operator]) {
        found.push(Refusal::plain("ROLE_NOT_ALLOWED", "A review is decided by an operator.").microsoft(900_150));
    }
    let pending = enrolment::e_09_review_pending(status);
    // An enrolment that is decided has no contact to wait for.
    let waits = pending.passed() == Some(true);
    found.extend(refusals([pending]));
    if waits {
        found.extend(refusals([enrolment::e_08_contact_verified(sub_status)]));
    }
    found
}

/// Everything against accepting the Microsoft Partner Agreement (A-05, E-12, M-05, and no confirmation).
#[must_use]
pub fn accept_partner_agreement(actor: &Actor, partner: &PartnerFacts, confirmed: bool) -> Vec<Refusal> {
    let mut found = refusals([
        authz::a_05_accepts_partner_agreement(actor, partner),
        agreement::m_05_enrolled_before_agreement(partner),
        enrolment::e_12_moved_to_partner_center(partner.mpn_profile.as_ref()),
    ]);
    if !confirmed {
        let message = "Confirm that you accept the agreement: pass confirm as true.";
        found.push(Refusal::plain("CONFIRMATION_MISSING", message).field(["confirm"]));
    }
    found
}

/// Everything against changing a partner's users.
#[must_use]
pub fn change_users(actor: &Actor, partner: &PartnerFacts, change: UserChange) -> Vec<Refusal> {
    partner.tenant_id.map_or_else(Vec::new, |directory| refusals([authz::a_04_changes_users(actor, directory, change)]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::MpnKind;
    use crate::rules::enrolment::newcomers_are_resellers_from;
    use crate::testing::{actor, admin_of, country, form, ids, operator, profile, reseller, shows, tenant};

    fn facts() -> EnrolmentFacts {
        EnrolmentFacts {
            actor: actor(tenant(7), Role::GlobalAdmin),
            directory: tenant(7),
            country: Some(country("PL")),
            wanted: PartnerType::IndirectReseller,
            held: Vec::new(),
            held_by_directory: Vec::new(),
            capabilities: Vec::new(),
            mpn_id: Some(MpnId(7)),
            mpn_profile: Some(profile(7, MpnKind::Location)),
            form: form(),
            on: newcomers_are_resellers_from(),
        }
    }

    #[test]
    fn a_newcomer_in_good_order_enrols() {
        assert_eq!(enrol_partner(&facts()), []);
        // The primary contact of the form is not the person who enrols.
        shows("E-10", enrol_partner(&facts()).is_empty());
    }

    #[test]
    fn a_partner_of_the_programme_gives_its_support_contact_only() {
        let form = EnrolmentForm { legal_name: None, contact_email: None, ..form() };
        let known = EnrolmentFacts {
            held: vec![PartnerType::DirectBill],
            held_by_directory: vec![PartnerType::DirectBill],
            mpn_id: None,
            mpn_profile: None,
            form,
            ..facts()
        };
        assert_eq!(enrol_partner(&known), []);
    }

    #[test]
    fn everything_wrong_with_an_enrolment_is_said() {
        let bad = EnrolmentFacts {
            actor: actor(tenant(7), Role::AdminAgent),
            country: Some(country("DE")),
            wanted: PartnerType::DirectBill,
            mpn_profile: Some(MpnProfileFacts { active: false, ..profile(7, MpnKind::Location) }),
            form: EnrolmentForm { legal_name: None, contact_email: Some("anna@gmail.com".to_owned()), ..form() },
            ..facts()
        };
        assert_eq!(ids(&enrol_partner(&bad)), ["A-03", "E-01", "T-05", "E-03", "E-07", "E-05", "E-06"]);
    }

    #[test]
    fn a_review_is_an_operators_after_the_contact_answered() {
        let (pending, decision) = (VettingStatus::Pending, VettingSubStatus::Decision);
        assert_eq!(review_partner(&operator(), pending, decision), []);
        let waiting = review_partner(&operator(), pending, VettingSubStatus::EmailOwnership);
        assert_eq!(ids(&waiting), ["E-08"]);
        let found = review_partner(&admin_of(&reseller()), VettingStatus::Rejected, decision);
        assert_eq!(ids(&found), ["-", "E-09"]);
        assert_eq!(verify_primary_contact(pending), []);
        assert_eq!(ids(&verify_primary_contact(VettingStatus::Authorized)), ["E-09"]);
    }

    #[test]
    fn the_agreement_is_accepted_after_enrolment_and_move() {
        let partner = PartnerFacts { mpa_signed: false, ..reseller() };
        assert_eq!(accept_partner_agreement(&admin_of(&partner), &partner, true), []);
        let behind = MpnProfileFacts { in_partner_membership_center: true, ..profile(2_000, MpnKind::Location) };
        let partner = PartnerFacts { enrolled: false, mpn_profile: Some(behind), ..partner };
        let agent = actor(tenant(2_000), Role::AdminAgent);
        assert_eq!(ids(&accept_partner_agreement(&agent, &partner, false)), ["A-05", "M-05", "E-12", "-"]);
    }

    #[test]
    fn users_are_changed_by_admin_agents() {
        let agent = actor(tenant(2_000), Role::AdminAgent);
        assert_eq!(change_users(&agent, &reseller(), UserChange::Others), []);
        assert_eq!(ids(&change_users(&admin_of(&reseller()), &reseller(), UserChange::Others)), ["A-04"]);
    }
}
