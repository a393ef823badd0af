//! Enrolling a partner, its review and its agreement.

use chrono::NaiveDate;

use crate::refusal::refusals;
use crate::rules::enrolment::{self, EnrolmentForm, MpnIdUse};
use crate::rules::takeover::{self, Takeover};
use crate::rules::{agreement, authz, types, webmail};
use crate::{
    Actor, Capability, CountryCode, MpnId, MpnProfileFacts, PartnerFacts, PartnerType, Refusal, ReviewGround, RuleId,
    TenantId, Verdict, VettingStatus, VettingSubStatus,
};

/// The facts that decide whether a partner may enrol.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EnrolmentFacts {
    /// The caller.
    pub actor: Actor,
    /// The tenant that enrols.
    pub tenant_id: TenantId,
    /// Whether the tenant is known as a customer's, so that it cannot be a partner's.
    pub is_customers: TenantHolder,
    /// The country of the tenant. `None` if it is not known.
    pub tenant_country: Option<CountryCode>,
    /// The country in the input. `None` if there is none.
    pub stated_country: Option<CountryCode>,
    /// The requested type of account.
    pub wanted: PartnerType,
    /// The accounts that the tenant's company already has in the programme.
    pub held: Vec<PartnerType>,
    /// The accounts that the tenant itself already has.
    pub held_by_tenant: Vec<PartnerType>,
    /// The company's capabilities, if it applies for direct bill.
    pub capabilities: Vec<Capability>,
    /// The MPN ID to link.
    pub mpn_id: Option<MpnId>,
    /// Whether another account is linked to that MPN ID.
    pub mpn_id_use: MpnIdUse,
    /// The register's entry for that MPN ID.
    pub mpn_profile: Option<MpnProfileFacts>,
    /// The content of the enrolment.
    pub form: EnrolmentForm,
    /// The current date.
    pub on: NaiveDate,
}

/// The kind of organisation that a tenant is known to belong to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TenantHolder {
    /// A partner, or no one yet.
    PartnerOrNobody,
    /// A customer.
    Customer,
}

/// Checks whether a partner may enrol (A-03, Q-06, T-01, T-05, E-01 to E-07, and an MPN ID that another account has).
///
/// - E-10: The primary contact can be the person who enrols or anyone else in the company. This is not checked.
///
/// A company already in the programme provides only its support contact (E-02). Anything else that it provides is not
/// checked, except the address of another primary contact. A refused enrolment is not stored (E-13). The position of
/// the primary contact in the company is not checked (E-10).
#[must_use]
pub fn enrol_partner(facts: &EnrolmentFacts) -> Vec<Refusal> {
    let country = facts.tenant_country.or(facts.stated_country);
    let mut verdicts = vec![authz::a_03_enrols(&facts.actor, facts.tenant_id)];
    if facts.is_customers == TenantHolder::Customer {
        let message = "This tenant is a customer tenant. A tenant belongs to a partner or to a customer, never to both. Enrol with \
                       another tenant.";
        verdicts.push(Verdict::Refused(Refusal::of(RuleId::Q_06, "CUSTOMER_TENANT", message)));
    }
    verdicts.extend([
        types::t_01_account_fits_tenant(&facts.held_by_tenant, facts.wanted).field(["type"]),
        enrolment::e_01_newcomer_is_reseller(&facts.held, facts.wanted, facts.on),
    ]);
    if facts.wanted == PartnerType::DirectBill {
        verdicts.push(types::t_05_direct_bill_requirements(&facts.held, &facts.capabilities).field(["type"]));
    }
    if facts.held.is_empty() {
        verdicts.extend(enrolment::e_03_company_given(&facts.form));
        verdicts.push(enrolment::e_04_mpn_id_given(facts.mpn_id));
    } else {
        verdicts.extend(enrolment::e_02_support_given(&facts.form));
        verdicts.push(enrolment::e_08_contact_reachable(&facts.form));
    }
    verdicts.push(enrolment::e_03_country_given(country));
    verdicts.push(webmail::e_07_not_webmail(facts.form.contact_email.as_deref().unwrap_or_default()));
    if facts.mpn_id.is_some() {
        verdicts.push(enrolment::e_05_profile_active(facts.mpn_profile.as_ref()));
    }
    if let (Some(profile), Some(_)) = (&facts.mpn_profile, country) {
        verdicts.push(enrolment::e_06_same_country(profile.country, country));
    }
    verdicts.push(enrolment::e_06_account_of_tenant(facts.tenant_country, facts.stated_country));
    let mut found = refusals(verdicts);
    found.extend(enrolment::mpn_id_free(facts.mpn_id_use));
    found
}

/// Checks whether the primary contact may answer now: not if the answer was already given or the enrolment is decided
/// (E-09).
#[must_use]
pub fn verify_primary_contact(status: VettingStatus) -> Vec<Refusal> {
    refusals([enrolment::e_09_review_pending(status)])
}

/// A reviewer's decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReviewDecision {
    /// The partner is authorised.
    Authorize,
    /// The partner is rejected, for this reason.
    Reject(Option<ReviewGround>),
}

/// The facts that decide whether a review may be decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReviewFacts {
    /// The caller.
    pub actor: Actor,
    /// The status of the review.
    pub status: VettingStatus,
    /// What it waits for.
    pub sub_status: VettingSubStatus,
    /// Whether another account was authorised with the MPN ID in the meantime.
    pub mpn_id_use: MpnIdUse,
    /// The decision.
    pub decision: ReviewDecision,
    /// The takeover of the placeholder with its MPN ID. `None` if there is no placeholder.
    pub takeover: Option<Takeover>,
}

/// Checks whether the caller may decide reviews at all. Only operators may.
#[must_use]
pub fn decide_reviews(actor: &Actor) -> Vec<Refusal> {
    super::operators_task(actor, "Only an operator can decide a review.")
}

/// Checks whether a review may be decided: only by an operator (A-05 does not apply), only once, and only after the
/// contact answered (E-08, E-09). What takes over a placeholder is authorised only with the takeover confirmed (E-17).
/// A rejection requires neither that nor that the MPN ID is free.
#[must_use]
pub fn review_partner(facts: &ReviewFacts) -> Vec<Refusal> {
    let mut found = decide_reviews(&facts.actor);
    found.extend(open_review(facts.status, facts.sub_status));
    let waits = enrolment::e_09_review_pending(facts.status).passed() == Some(true);
    if waits && facts.decision == ReviewDecision::Authorize {
        found.extend(enrolment::mpn_id_free(facts.mpn_id_use).map(|refusal| refusal.field(["partner"])));
        found.extend(facts.takeover.iter().flat_map(takeover::e_17_refusals));
    }
    found
}

/// What must hold whatever is decided (E-08, E-09). A decided enrolment no longer waits for a contact.
#[must_use]
pub fn open_review(status: VettingStatus, sub_status: VettingSubStatus) -> Vec<Refusal> {
    let pending = refusals([enrolment::e_09_review_pending(status)]);
    if pending.is_empty() { refusals([enrolment::e_08_contact_verified(sub_status)]) } else { pending }
}

/// Checks whether the Microsoft Partner Agreement may be accepted (A-05, E-12, M-05, and a missing confirmation).
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::MpnKind;
    use crate::Role;
    use crate::rules::enrolment::newcomers_are_resellers_from;
    use crate::testing::{actor, admin_of, country, form, ids, operator, profile, reseller, shows, tenant};

    fn facts() -> EnrolmentFacts {
        EnrolmentFacts {
            actor: actor(tenant(7), Role::GlobalAdmin),
            tenant_id: tenant(7),
            is_customers: TenantHolder::PartnerOrNobody,
            tenant_country: None,
            stated_country: Some(country("PL")),
            wanted: PartnerType::IndirectReseller,
            held: Vec::new(),
            held_by_tenant: Vec::new(),
            capabilities: Vec::new(),
            mpn_id: Some(MpnId(7)),
            mpn_id_use: MpnIdUse::Free,
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
        // The contact's address is that of the existing account, or of the caller.
        let form = EnrolmentForm { legal_name: None, city: None, ..form() };
        let known = EnrolmentFacts {
            held: vec![PartnerType::DirectBill],
            held_by_tenant: vec![PartnerType::DirectBill],
            mpn_id: None,
            mpn_profile: None,
            form,
            ..facts()
        };
        assert_eq!(enrol_partner(&known), []);
        let silent = EnrolmentFacts { form: EnrolmentForm { contact_email: None, ..known.form.clone() }, ..known };
        assert_eq!(ids(&enrol_partner(&silent)), ["E-08"]);
    }

    #[test]
    fn all_refusals_of_an_enrolment_are_returned() {
        let bad = EnrolmentFacts {
            actor: actor(tenant(7), Role::AdminAgent),
            stated_country: Some(country("DE")),
            wanted: PartnerType::DirectBill,
            mpn_profile: Some(MpnProfileFacts { active: false, ..profile(7, MpnKind::Location) }),
            form: EnrolmentForm { legal_name: None, contact_email: Some("anna@gmail.com".to_owned()), ..form() },
            ..facts()
        };
        assert_eq!(ids(&enrol_partner(&bad)), ["A-03", "E-01", "T-05", "E-03", "E-07", "E-05", "E-06"]);
    }

    #[test]
    fn a_customers_tenant_and_another_accounts_mpn_id_are_refused() {
        let bad = EnrolmentFacts {
            is_customers: TenantHolder::Customer,
            tenant_country: Some(country("DE")),
            mpn_id_use: MpnIdUse::Taken,
            ..facts()
        };
        assert_eq!(ids(&enrol_partner(&bad)), ["Q-06", "E-06", "E-06", "-"]);
        let silent = EnrolmentFacts { stated_country: None, ..facts() };
        assert_eq!(ids(&enrol_partner(&silent)), ["E-03"]);
    }

    #[test]
    fn a_review_is_an_operators_after_the_contact_answered() {
        let (pending, decision) = (VettingStatus::Pending, VettingSubStatus::Decision);
        let review = ReviewFacts {
            actor: operator(),
            status: pending,
            sub_status: decision,
            mpn_id_use: MpnIdUse::Free,
            decision: ReviewDecision::Authorize,
            takeover: None,
        };
        assert_eq!(review_partner(&review), []);
        let takes_over = ReviewFacts { takeover: Some(Takeover::default()), ..review.clone() };
        assert_eq!(ids(&review_partner(&takes_over)), ["E-17", "E-17"]);
        let rejects = ReviewFacts { decision: ReviewDecision::Reject(None), ..takes_over };
        assert_eq!(review_partner(&rejects), []);
        let waiting = ReviewFacts { sub_status: VettingSubStatus::EmailOwnership, ..review.clone() };
        assert_eq!(ids(&review_partner(&waiting)), ["E-08"]);
        let decided = ReviewFacts { actor: admin_of(&reseller()), status: VettingStatus::Rejected, ..review.clone() };
        assert_eq!(ids(&review_partner(&decided)), ["-", "E-09"]);
        let taken = ReviewFacts { mpn_id_use: MpnIdUse::Taken, ..review };
        assert_eq!(ids(&review_partner(&taken)), ["-"]);
        assert_eq!(review_partner(&ReviewFacts { decision: ReviewDecision::Reject(None), ..taken }), []);
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
}
