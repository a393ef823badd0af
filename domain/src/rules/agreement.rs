//! The Microsoft Partner Agreement and the rules that depend on it (M-01 to M-07).

use chrono::NaiveDate;

use crate::{PartnerFacts, Refusal, RuleId, Verdict};

/// The code of every refusal for a missing agreement.
pub const AGREEMENT_MISSING: &str = "PARTNER_AGREEMENT_MISSING";

/// The day from which every transacting partner needs the agreement (M-01).
pub fn agreement_needed_from() -> NaiveDate {
    NaiveDate::from_ymd_opt(2020, 2, 1).expect("a day of the calendar")
}

/// M-01: from 2020-02-01 on, a partner can transact only after it has signed the agreement.
pub fn m_01_own_agreement_signed(partner: &PartnerFacts, on: NaiveDate) -> Verdict {
    let holds = partner.mpa_signed || on < agreement_needed_from();
    let message = "Your company has not signed the Microsoft Partner Agreement. A Global admin can accept it in the partner profile.";
    Verdict::given(holds, RuleId::M_01, AGREEMENT_MISSING, message)
}

fn unsigned(reseller: &PartnerFacts, consequence: &str) -> String {
    format!(
        "The reseller with MPN ID {} has not signed the Microsoft Partner Agreement; {consequence}. A Global admin of the \
         reseller can accept it in the partner profile.",
        reseller.mpn_id
    )
}

/// M-02: a reseller that has not signed the agreement cannot be newly associated with a subscription (see M-07).
pub fn m_02_reseller_signed_for_association(reseller: &PartnerFacts) -> Verdict {
    let message = unsigned(reseller, "its MPN ID cannot be associated with a subscription");
    Verdict::given(reseller.mpa_signed, RuleId::M_02, AGREEMENT_MISSING, message)
}

/// M-03: no new business is possible with a reseller that has not signed the agreement.
pub fn m_03_reseller_signed_for_business(reseller: &PartnerFacts) -> Verdict {
    let message = unsigned(reseller, "no new business can be done with it");
    Verdict::given(reseller.mpa_signed, RuleId::M_03, AGREEMENT_MISSING, message)
}

/// B-06: a reseller on a transaction must have signed the agreement.
pub fn b_06_reseller_signed_for_transaction(reseller: &PartnerFacts) -> Verdict {
    let message = unsigned(reseller, "it cannot be on the transaction");
    Verdict::given(reseller.mpa_signed, RuleId::B_06, AGREEMENT_MISSING, message)
}

/// M-04: a reseller can transact if it is onboarded, is enrolled and has signed the agreement. The refusal names what
/// is missing.
pub fn m_04_reseller_transactable(reseller: &PartnerFacts) -> Verdict {
    let steps = [
        (reseller.onboarded, "it is not onboarded in Partner Center"),
        (reseller.enrolled, "it is not enrolled as an indirect reseller"),
        (reseller.mpa_signed, "it has not signed the Microsoft Partner Agreement"),
    ];
    let missing: Vec<_> = steps.iter().filter(|(done, _)| !done).map(|(_, what)| *what).collect();
    if missing.is_empty() {
        return Verdict::Passed(RuleId::M_04);
    }
    let message = format!("The reseller with MPN ID {} cannot transact: {}.", reseller.mpn_id, missing.join("; "));
    Verdict::Refused(Refusal::of(RuleId::M_04, "RESELLER_NOT_TRANSACTABLE", message).options(missing))
}

/// How far an account is on the way to doing business.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// Its type.
    pub partner_type: crate::PartnerType,
    /// Whether it has an account in Partner Center.
    pub onboarded: bool,
    /// Whether its enrolment was authorised.
    pub enrolled: bool,
    /// Whether it has signed the agreement.
    pub mpa_signed: bool,
    /// The status of its review.
    pub vetting: crate::VettingStatus,
    /// What its review waits for, or what it failed on.
    pub waits_for: crate::VettingSubStatus,
}

/// M-04: what an account lacks before it can do business, and what to do next, one sentence for each step in the order
/// of M-05. Empty if nothing is missing.
#[must_use]
pub fn m_04_missing(standing: &Standing) -> Vec<String> {
    use crate::{VettingStatus, VettingSubStatus as Sub};
    let mut missing = Vec::new();
    if !standing.onboarded {
        missing.push(
            "It is not onboarded in Partner Center: a Global admin of its tenant must enrol it (enrollPartner)."
                .to_owned(),
        );
    }
    if !standing.enrolled {
        let next = match (standing.vetting, standing.waits_for) {
            (VettingStatus::Pending, Sub::Entry | Sub::EmailOwnership | Sub::EmailDomain) => {
                "the primary contact must answer the verification e-mail (verifyPrimaryContact)"
            }
            (VettingStatus::Pending, _) => "an operator must decide the review",
            (VettingStatus::Rejected, _) => "its enrolment was rejected; a Global admin can enrol again",
            (VettingStatus::None | VettingStatus::Authorized, _) => "a Global admin of its tenant must enrol it",
        };
        missing.push(format!("It is not enrolled as {}: {next}.", standing.partner_type));
    }
    if !standing.mpa_signed {
        missing.push(
            "It has not signed the Microsoft Partner Agreement: a Global admin must accept it once the enrolment is authorised \
             (acceptPartnerAgreement)."
                .to_owned(),
        );
    }
    missing
}

/// M-05: an account must be enrolled before it can accept the agreement.
pub fn m_05_enrolled_before_agreement(partner: &PartnerFacts) -> Verdict {
    let message = "The agreement follows the enrolment: enrol first, then accept it once the enrolment is authorised.";
    Verdict::given(partner.onboarded && partner.enrolled, RuleId::M_05, "NOT_ENROLLED", message)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{passes, provider, refuses, reseller};

    fn unsigned_reseller() -> PartnerFacts {
        PartnerFacts { mpa_signed: false, ..reseller() }
    }

    #[test]
    fn a_partner_transacts_with_the_agreement_or_before_it_was_needed() {
        let unsigned = PartnerFacts { mpa_signed: false, ..provider() };
        let first = agreement_needed_from();
        passes("M-01", m_01_own_agreement_signed(&provider(), first));
        passes("M-01", m_01_own_agreement_signed(&unsigned, first.pred_opt().unwrap()));
        assert_eq!(refuses("M-01", m_01_own_agreement_signed(&unsigned, first)).microsoft_code, Some(900_124));
    }

    #[test]
    fn a_reseller_without_the_agreement_is_refused_by_every_rule_that_asks_for_it() {
        passes("M-02", m_02_reseller_signed_for_association(&reseller()));
        passes("M-03", m_03_reseller_signed_for_business(&reseller()));
        passes("B-06", b_06_reseller_signed_for_transaction(&reseller()));
        let unsigned = unsigned_reseller();
        assert_eq!(refuses("M-02", m_02_reseller_signed_for_association(&unsigned)).microsoft_code, Some(2203));
        assert_eq!(refuses("M-03", m_03_reseller_signed_for_business(&unsigned)).microsoft_code, Some(900_123));
        assert_eq!(refuses("B-06", b_06_reseller_signed_for_transaction(&unsigned)).microsoft_code, Some(2203));
    }

    #[test]
    fn a_transactable_reseller_lacks_none_of_three_steps() {
        passes("M-04", m_04_reseller_transactable(&reseller()));
        let refusal = refuses("M-04", m_04_reseller_transactable(&unsigned_reseller()));
        assert_eq!(refusal.options, ["it has not signed the Microsoft Partner Agreement"]);
        let nothing = PartnerFacts { onboarded: false, enrolled: false, mpa_signed: false, ..reseller() };
        assert_eq!(refuses("M-04", m_04_reseller_transactable(&nothing)).options.len(), 3);
    }

    #[test]
    fn the_message_says_what_an_account_lacks_and_what_to_do() {
        use crate::{PartnerType, VettingStatus, VettingSubStatus};
        let order = Standing {
            partner_type: PartnerType::IndirectReseller,
            onboarded: true,
            enrolled: true,
            mpa_signed: true,
            vetting: VettingStatus::Authorized,
            waits_for: VettingSubStatus::None,
        };
        assert_eq!(m_04_missing(&order), [] as [String; 0]);
        let waiting = Standing {
            enrolled: false,
            mpa_signed: false,
            vetting: VettingStatus::Pending,
            waits_for: VettingSubStatus::EmailOwnership,
            ..order
        };
        let missing = m_04_missing(&waiting);
        assert!(missing.len() == 2 && missing[0].contains("verifyPrimaryContact"), "{missing:?}");
        let placeholder = Standing { onboarded: false, vetting: VettingStatus::None, ..waiting };
        assert_eq!(m_04_missing(&placeholder).len(), 3);
    }

    #[test]
    fn the_agreement_comes_after_the_enrolment() {
        passes("M-05", m_05_enrolled_before_agreement(&reseller()));
        refuses("M-05", m_05_enrolled_before_agreement(&PartnerFacts { enrolled: false, ..reseller() }));
    }
}
