//! The evidence that a customer accepted the Microsoft Customer Agreement: its partner's attestation (C-31), and what an
//! import shows (C-32).

use chrono::{NaiveDate, NaiveDateTime, TimeDelta};

use super::authz;
use super::text_rules::is_email;
use crate::{Actor, PartnerFacts, PartnerType, Refusal, Role, RuleId, SubscriptionStatus, Verdict};

/// What a partner attests: who accepted the agreement for the customer, and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attestation {
    /// The person's first name.
    pub first_name: String,
    /// The person's last name.
    pub last_name: String,
    /// The person's e-mail address.
    pub email: String,
    /// The day.
    pub date_agreed: NaiveDate,
}

/// The roles that can attest.
const ATTESTING: &[Role] = &[Role::GlobalAdmin, Role::AdminAgent, Role::SalesAgent];

/// C-31 (and A-01): three roles of a provider or direct-bill partner can attest the agreement of a customer.
pub fn c_31_attests(actor: &Actor, owner: &PartnerFacts) -> Verdict {
    match c_31_not_by(owner.partner_type) {
        Some(refusal) => Verdict::Refused(refusal),
        None => authz::a_01_roles(actor, owner, ATTESTING),
    }
}

/// C-31 (and A-01): why partners of that type cannot attest at all. `None` if they can. An import asks only this, because
/// its own roles are a part of those that can.
#[must_use]
pub fn c_31_not_by(partner_type: PartnerType) -> Option<Refusal> {
    let message = "Only the provider or direct-bill partner that sells to the customer can confirm its agreement.";
    (partner_type == PartnerType::IndirectReseller).then(|| authz::not_for(RuleId::A_01, message))
}

/// C-31: an attestation names a person and an e-mail address, and a day that has begun somewhere on earth; one that the
/// partner has made before is not repeated.
///
/// `latest` is [`latest_day`]. One verdict for each part.
#[must_use]
pub fn c_31_complete(attestation: &Attestation, latest: NaiveDate, is_repeated: bool) -> Vec<Verdict> {
    let named = |name: &str, field| {
        let message = "Enter the name of the person who accepted the agreement.";
        Verdict::given(!name.trim().is_empty(), RuleId::C_31, "AGREEMENT_CONTACT_MISSING", message)
            .field(["acceptedBy", field])
    };
    let email = "Enter a valid e-mail address of the person who accepted the agreement.";
    let date = "The agreement cannot have been accepted after today.";
    let repeated = "You have already confirmed this agreement with the same details.";
    vec![
        named(&attestation.first_name, "firstName"),
        named(&attestation.last_name, "lastName"),
        Verdict::given(is_email(&attestation.email), RuleId::C_31, "AGREEMENT_CONTACT_MISSING", email)
            .field(["acceptedBy", "email"]),
        Verdict::given(attestation.date_agreed <= latest, RuleId::C_31, "DATE_IN_FUTURE", date).field(["dateAgreed"]),
        Verdict::given(!is_repeated, RuleId::C_31, "AGREEMENT_ALREADY_CONFIRMED", repeated),
    ]
}

/// The latest day that has begun anywhere on earth, at UTC+14. No agreement can have been accepted after it.
#[must_use]
pub fn latest_day(now: NaiveDateTime) -> NaiveDate {
    (now + TimeDelta::hours(14)).date()
}

/// What one row of an export shows of a subscription, as far as it bears on the agreement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ShownSubscription {
    /// Whether it is of new commerce, by its offer ([`is_new_commerce`]) or by the format of the export.
    pub is_new_commerce: bool,
    /// Whether it is a trial.
    pub is_trial: bool,
    /// Whether the row is a charge above 0 for it.
    pub is_charged: bool,
    /// Its status. `None` if the row does not state it.
    pub status: Option<SubscriptionStatus>,
    /// The day on which it was created. `None` if the row does not state it.
    pub created: Option<NaiveDate>,
}

/// The day from which a customer could buy only after accepting the agreement.
const REQUIRED_FROM: NaiveDate = NaiveDate::from_ymd_opt(2020, 2, 1).expect("a day of the calendar");

/// C-32: whether the row proves the agreement. It does for a subscription of new commerce that is not a trial, if it is
/// charged for, or if it is live and was created when the agreement was already required.
#[must_use]
pub fn c_32_proves(shown: ShownSubscription) -> bool {
    use SubscriptionStatus::{Active, Pending, Suspended};
    let is_live = matches!(shown.status, Some(Active | Suspended | Pending));
    let is_recent = is_live && shown.created.is_some_and(|created| created >= REQUIRED_FROM);
    shown.is_new_commerce && !shown.is_trial && (shown.is_charged || is_recent)
}

/// Whether an offer is one of new commerce, whose ids are those of product and SKU, joined by a colon. A legacy offer's
/// id is a GUID.
#[must_use]
pub fn is_new_commerce(offer_id: &str) -> bool {
    offer_id.contains(':')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{actor, direct_bill, passes, provider, refuses, reseller, shows};

    fn attested() -> Attestation {
        Attestation {
            first_name: "Anna".to_owned(),
            last_name: "Nowak".to_owned(),
            email: "anna@contoso.example".to_owned(),
            date_agreed: day(10),
        }
    }

    fn day(day: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 10, day).unwrap()
    }

    #[test]
    fn sellers_attest_with_three_roles() {
        for owner in [provider(), direct_bill()] {
            for role in [Role::GlobalAdmin, Role::AdminAgent, Role::SalesAgent] {
                passes("A-01", c_31_attests(&actor(owner.tenant_id.unwrap(), role), &owner));
            }
            let refusal = refuses("A-01", c_31_attests(&actor(owner.tenant_id.unwrap(), Role::UserAdmin), &owner));
            assert_eq!(refusal.microsoft_code, Some(900_150));
        }
        let reseller = reseller();
        refuses("A-01", c_31_attests(&actor(reseller.tenant_id.unwrap(), Role::GlobalAdmin), &reseller));
    }

    #[test]
    fn an_attestation_is_complete_past_and_new() {
        let refused = |attestation: &Attestation, is_repeated| {
            let verdicts = c_31_complete(attestation, day(10), is_repeated);
            let refusals = crate::refusal::refusals(verdicts);
            assert!(refusals.iter().all(|refusal| refusal.microsoft_code == Some(13605)));
            refusals.into_iter().map(|refusal| refusal.field.join(".")).collect::<Vec<_>>()
        };
        assert_eq!(refused(&attested(), false), [] as [&str; 0]);
        assert_eq!(refused(&attested(), true), [""]);
        assert_eq!(refused(&Attestation { date_agreed: day(11), ..attested() }, false), ["dateAgreed"]);
        let blank = Attestation { first_name: " ".to_owned(), email: "anna".to_owned(), ..attested() };
        assert_eq!(refused(&blank, false), ["acceptedBy.firstName", "acceptedBy.email"]);
    }

    #[test]
    fn each_part_of_an_attestation_is_asked() {
        for verdict in c_31_complete(&attested(), day(10), false) {
            passes("C-31", verdict);
        }
        for verdict in c_31_complete(&Attestation { date_agreed: day(11), ..attested() }, day(10), false).split_off(3) {
            match verdict.passed() {
                Some(true) => passes("C-31", verdict),
                _ => assert_eq!(refuses("C-31", verdict).code, "DATE_IN_FUTURE"),
            }
        }
    }

    #[test]
    fn a_day_begins_first_at_utc_plus_14() {
        let at = |hour| day(9).and_hms_opt(hour, 0, 0).unwrap();
        assert_eq!((latest_day(at(9)), latest_day(at(10))), (day(9), day(10)));
    }

    #[test]
    fn a_paid_or_recent_subscription_of_new_commerce_proves_the_agreement() {
        assert!(is_new_commerce("CFQ7TTC0LH18:0001") && !is_new_commerce("195416c1-3447-423a-b37b-ee59a99a19c4"));
        let paid =
            ShownSubscription { is_new_commerce: true, is_trial: false, is_charged: true, status: None, created: None };
        let status = Some(SubscriptionStatus::Active);
        let created = NaiveDate::from_ymd_opt(2020, 2, 1);
        let listed = ShownSubscription { is_charged: false, status, created, ..paid };
        shows("C-32", c_32_proves(paid) && c_32_proves(listed));
        for (name, other) in [
            ("a paid legacy offer", ShownSubscription { is_new_commerce: false, ..paid }),
            ("a recent legacy offer", ShownSubscription { is_new_commerce: false, ..listed }),
            ("a trial", ShownSubscription { is_trial: true, ..paid }),
            ("free", ShownSubscription { is_charged: false, ..paid }),
            ("created before", ShownSubscription { created: NaiveDate::from_ymd_opt(2020, 1, 31), ..listed }),
            ("created at an unknown time", ShownSubscription { created: None, ..listed }),
            ("ended", ShownSubscription { status: Some(SubscriptionStatus::Deleted), ..listed }),
            ("of unknown status", ShownSubscription { status: None, ..listed }),
        ] {
            assert!(!c_32_proves(other), "{name}");
        }
    }
}
