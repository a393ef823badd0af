//! Enrolling a partner and its review (E-01 to E-16).

use chrono::NaiveDate;

use super::text_rules::is_email;
use crate::{
    CountryCode, MpnId, MpnProfileFacts, PartnerType, Refusal, ReviewGround, RuleId, Verdict, VettingStatus,
    VettingSubStatus,
};

/// The content of an enrolment. Blank counts as missing.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct EnrolmentForm {
    /// The company's legal name.
    pub legal_name: Option<String>,
    /// Street and number.
    pub address_line: Option<String>,
    /// City.
    pub city: Option<String>,
    /// Postal code.
    pub postal_code: Option<String>,
    /// Country of the address.
    pub address_country: Option<String>,
    /// First name of the primary contact, who may be the enrolling user or another person of the company (E-10).
    pub contact_first_name: Option<String>,
    /// Last name of the primary contact.
    pub contact_last_name: Option<String>,
    /// E-mail address of the primary contact.
    pub contact_email: Option<String>,
    /// E-mail address of customer support.
    pub support_email: Option<String>,
    /// Telephone number of customer support.
    pub support_telephone: Option<String>,
    /// Website of customer support.
    pub support_website: Option<String>,
}

/// A field of the form: its value, and the path of the input field.
type Field<'a> = (&'a Option<String>, &'static [&'static str]);

impl EnrolmentForm {
    fn company(&self) -> [Field<'_>; 8] {
        [
            (&self.legal_name, &["legalName"]),
            (&self.address_line, &["address", "addressLine1"]),
            (&self.city, &["address", "city"]),
            (&self.postal_code, &["address", "postalCode"]),
            (&self.address_country, &["address", "country"]),
            (&self.contact_first_name, &["primaryContact", "firstName"]),
            (&self.contact_last_name, &["primaryContact", "lastName"]),
            (&self.contact_email, &["primaryContact", "email"]),
        ]
    }

    fn support(&self) -> [Field<'_>; 3] {
        [
            (&self.support_email, &["support", "email"]),
            (&self.support_telephone, &["support", "telephone"]),
            (&self.support_website, &["support", "website"]),
        ]
    }
}

/// One refusal for each missing field, or the rule passed.
fn given(rule: RuleId, fields: &[Field<'_>]) -> Vec<Verdict> {
    let blank = |value: &Option<String>| value.as_ref().is_none_or(|text| text.trim().is_empty());
    let missing: Vec<_> = fields
        .iter()
        .filter(|(value, _)| blank(value))
        .map(|(_, path)| {
            let message = format!("{} is needed to enrol.", path.join("."));
            Verdict::Refused(Refusal::of(rule, "FIELD_MISSING", message).field(path.iter().copied()))
        })
        .collect();
    if missing.is_empty() { vec![Verdict::Passed(rule)] } else { missing }
}

/// The day from which a newcomer can only enrol as an indirect reseller (E-01).
pub fn newcomers_are_resellers_from() -> NaiveDate {
    NaiveDate::from_ymd_opt(2020, 10, 1).expect("a day of the calendar")
}

/// E-01: from 2020-10-01 on, a partner new to the programme can enrol only as an indirect reseller.
///
/// `held` are its existing accounts in the programme.
pub fn e_01_newcomer_is_reseller(held: &[PartnerType], wanted: PartnerType, on: NaiveDate) -> Verdict {
    let holds = wanted == PartnerType::IndirectReseller
        || on < newcomers_are_resellers_from()
        || (!held.is_empty() && wanted == PartnerType::DirectBill);
    let message = format!(
        "A partner new to the programme enrols as INDIRECT_RESELLER, not as {wanted}. A partner already in it can apply for DIRECT_BILL."
    );
    Verdict::given(holds, RuleId::E_01, "PARTNER_TYPE_NOT_OPEN", message).field(["type"])
}

/// E-02: a partner already in the programme provides only its customer support contact.
pub fn e_02_support_given(form: &EnrolmentForm) -> Vec<Verdict> {
    given(RuleId::E_02, &form.support())
}

/// E-03: a newcomer provides name, address, primary contact and support contact. Each missing field is a separate
/// refusal.
pub fn e_03_company_given(form: &EnrolmentForm) -> Vec<Verdict> {
    let fields: Vec<_> = form.company().into_iter().chain(form.support()).collect();
    let mut verdicts = given(RuleId::E_03, &fields);
    let email = form.contact_email.as_deref().unwrap_or_default();
    if !email.trim().is_empty() && !is_email(email) {
        verdicts.retain(|verdict| verdict.passed() != Some(true));
        let refusal =
            Refusal::of(RuleId::E_03, "EMAIL_INVALID", format!("{} is not a valid e-mail address.", email.trim()));
        verdicts.push(Verdict::Refused(refusal.field(["primaryContact", "email"])));
    }
    verdicts
}

/// E-03: a newcomer states its country if its tenant does not.
pub fn e_03_country_given(country: Option<CountryCode>) -> Verdict {
    Verdict::given(country.is_some(), RuleId::E_03, "FIELD_MISSING", "country is needed to enrol.").field(["country"])
}

/// E-06, for the account itself: its country is that of its tenant, which determines market and region.
pub fn e_06_account_of_tenant(tenant: Option<CountryCode>, stated: Option<CountryCode>) -> Verdict {
    let (Some(tenant), Some(stated)) = (tenant, stated) else { return Verdict::Passed(RuleId::E_06) };
    let message = format!("The tenant's country is {tenant}, so the account's country cannot be {stated}.");
    Verdict::given(tenant == stated, RuleId::E_06, "COUNTRY_DIFFERS", message).field(["country"])
}

/// An MPN ID is linked to one account of a type (not a rule of the catalogue).
#[must_use]
pub fn mpn_id_free(mpn_id: MpnIdUse) -> Option<Refusal> {
    let message = "Another account is linked to this MPN ID. Enrol with the MPN ID of your own company's location.";
    (mpn_id == MpnIdUse::Taken).then(|| Refusal::plain("MPN_ID_TAKEN", message).field(["mpnId"]))
}

/// Whether an account may be linked to an MPN ID.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MpnIdUse {
    /// No account has it, or only a placeholder of an import, or the same company's account of another type.
    Free,
    /// Another account has it.
    Taken,
}

/// E-04: an enrolment links an MPN ID to the new account.
pub fn e_04_mpn_id_given(mpn_id: Option<MpnId>) -> Verdict {
    Verdict::given(mpn_id.is_some(), RuleId::E_04, "MPN_ID_MISSING", "An MPN ID is needed to link to the account.")
        .field(["mpnId"])
}

/// E-05: the MPN ID must be that of an active company profile.
pub fn e_05_profile_active(profile: Option<&MpnProfileFacts>) -> Verdict {
    let message = match profile {
        None => "The register has no profile with this MPN ID.",
        Some(profile) if !profile.active => "The profile of this MPN ID is not active.",
        Some(_) => return Verdict::Passed(RuleId::E_05),
    };
    Verdict::Refused(Refusal::of(RuleId::E_05, "MPN_PROFILE_NOT_ACTIVE", message).field(["mpnId"]))
}

/// E-06: the MPN ID and the tenant must have the same country. The same region is not enough.
pub fn e_06_same_country(profile: CountryCode, tenant: Option<CountryCode>) -> Verdict {
    let Some(tenant) = tenant else {
        return Verdict::unknown(RuleId::E_06, "The country of the tenant is not known.");
    };
    let message = format!("The MPN ID's country is {profile} and the tenant's is {tenant}; they must be the same.");
    Verdict::given(profile == tenant, RuleId::E_06, "COUNTRY_DIFFERS", message).field(["mpnId"])
}

/// E-08: there must be a primary contact who can be asked. A partner already in the programme need not name the contact
/// if it is known.
pub fn e_08_contact_reachable(form: &EnrolmentForm) -> Verdict {
    let email = form.contact_email.as_deref().unwrap_or_default().trim();
    let (code, message) = if email.is_empty() {
        ("FIELD_MISSING", "There is no one to verify the enrolment with. Name a primary contact.".to_owned())
    } else {
        ("EMAIL_INVALID", format!("{email} is not a valid e-mail address."))
    };
    Verdict::given(is_email(email), RuleId::E_08, code, message).field(["primaryContact", "email"])
}

/// E-08: a review can be decided only after the primary contact has verified the e-mail address.
pub fn e_08_contact_verified(sub_status: VettingSubStatus) -> Verdict {
    let open = matches!(
        sub_status,
        VettingSubStatus::Entry | VettingSubStatus::EmailOwnership | VettingSubStatus::EmailDomain
    );
    let message = "The primary contact has not verified the e-mail address yet. The review continues after that.";
    Verdict::given(!open, RuleId::E_08, "CONTACT_NOT_VERIFIED", message)
}

/// E-09: a review is decided once, while it is pending.
pub fn e_09_review_pending(status: VettingStatus) -> Verdict {
    let message = format!("There is no review to decide: the enrolment is {status}.");
    Verdict::given(status == VettingStatus::Pending, RuleId::E_09, "REVIEW_NOT_PENDING", message)
}

/// E-09: whether a change of the review's status sends an e-mail to the primary contact: each change sends exactly one.
#[must_use]
pub fn e_09_makes_mail(before: VettingStatus, after: VettingStatus) -> bool {
    before != after
}

/// E-12: a profile still in Partner Membership Center must move to Partner Center before its owner signs the agreement.
pub fn e_12_moved_to_partner_center(profile: Option<&MpnProfileFacts>) -> Verdict {
    let there = profile.is_some_and(|profile| profile.in_partner_membership_center);
    let message = "The MPN profile is still in Partner Membership Center. Move it to Partner Center first, then sign.";
    Verdict::given(!there, RuleId::E_12, "IN_PARTNER_MEMBERSHIP_CENTER", message)
}

/// E-15: a rejection states its ground: the company's profile or the contact's authority. If the reviewer gives none,
/// it is the profile, which a review checks first.
#[must_use]
pub fn e_15_ground_of_rejection(ground: Option<ReviewGround>) -> VettingSubStatus {
    match ground {
        Some(ReviewGround::Authority) => VettingSubStatus::EmploymentVerification,
        Some(ReviewGround::Profile) | None => VettingSubStatus::BusinessVerification,
    }
}

/// The primary contact's answers to the two questions of the verification e-mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ContactAnswer {
    /// Whether the contact signed up.
    pub signed_up: bool,
    /// Whether the address belongs to the company.
    pub email_belongs_to_company: bool,
}

/// E-16: the primary contact answers two questions. If both answers are yes, the enrolment goes to review; any no
/// rejects it.
#[must_use]
pub fn e_16_after_answer(answer: ContactAnswer) -> (VettingStatus, VettingSubStatus) {
    match answer {
        ContactAnswer { signed_up: false, .. } => (VettingStatus::Rejected, VettingSubStatus::EmailOwnership),
        ContactAnswer { email_belongs_to_company: false, .. } => {
            (VettingStatus::Rejected, VettingSubStatus::EmailDomain)
        }
        _ => (VettingStatus::Pending, VettingSubStatus::Decision),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::MpnKind;
    use crate::testing::{country, form, leaves_open, passes, profile, refuses, shows};
    use PartnerType::{DirectBill, IndirectProvider, IndirectReseller};

    #[test]
    fn a_newcomer_becomes_an_indirect_reseller() {
        let day = newcomers_are_resellers_from();
        passes("E-01", e_01_newcomer_is_reseller(&[], IndirectReseller, day));
        passes("E-01", e_01_newcomer_is_reseller(&[], IndirectProvider, day.pred_opt().unwrap()));
        passes("E-01", e_01_newcomer_is_reseller(&[IndirectReseller], DirectBill, day));
        refuses("E-01", e_01_newcomer_is_reseller(&[], DirectBill, day));
        refuses("E-01", e_01_newcomer_is_reseller(&[IndirectReseller], IndirectProvider, day));
    }

    #[test]
    fn every_missing_field_is_reported() {
        passes("E-03", e_03_company_given(&form()).remove(0));
        let found = e_03_company_given(&EnrolmentForm { legal_name: Some("  ".to_owned()), city: None, ..form() });
        assert_eq!(found.len(), 2);
        assert_eq!(refuses("E-03", found[1].clone()).field, ["address", "city"]);
        assert_eq!(e_03_company_given(&EnrolmentForm::default()).len(), 11);
        let typo = EnrolmentForm { contact_email: Some("anna".to_owned()), ..form() };
        assert_eq!(refuses("E-03", e_03_company_given(&typo).remove(0)).code, "EMAIL_INVALID");
    }

    #[test]
    fn a_partner_of_the_programme_gives_its_support_contact_only() {
        let support = EnrolmentForm { legal_name: None, contact_email: None, ..form() };
        passes("E-02", e_02_support_given(&support).remove(0));
        let nothing = e_02_support_given(&EnrolmentForm::default());
        assert_eq!(nothing.len(), 3);
        refuses("E-02", nothing[0].clone());
    }

    #[test]
    fn the_mpn_id_is_active_and_of_the_tenants_country() {
        let active = profile(2_000, MpnKind::Location);
        passes("E-04", e_04_mpn_id_given(Some(MpnId(2_000))));
        refuses("E-04", e_04_mpn_id_given(None));
        passes("E-05", e_05_profile_active(Some(&active)));
        refuses("E-05", e_05_profile_active(None));
        refuses("E-05", e_05_profile_active(Some(&MpnProfileFacts { active: false, ..active })));
        passes("E-06", e_06_same_country(country("PL"), Some(country("PL"))));
        refuses("E-06", e_06_same_country(country("PL"), Some(country("DE"))));
        leaves_open("E-06", e_06_same_country(country("PL"), None));
        passes("E-12", e_12_moved_to_partner_center(Some(&active)));
        let there = MpnProfileFacts { in_partner_membership_center: true, ..active };
        refuses("E-12", e_12_moved_to_partner_center(Some(&there)));
    }

    #[test]
    fn the_account_is_of_its_tenants_country() {
        passes("E-03", e_03_country_given(Some(country("PL"))));
        refuses("E-03", e_03_country_given(None));
        passes("E-06", e_06_account_of_tenant(None, Some(country("DE"))));
        passes("E-06", e_06_account_of_tenant(Some(country("PL")), None));
        refuses("E-06", e_06_account_of_tenant(Some(country("PL")), Some(country("DE"))));
        assert_eq!(mpn_id_free(MpnIdUse::Free), None);
        assert_eq!(mpn_id_free(MpnIdUse::Taken).unwrap().field, ["mpnId"]);
    }

    #[test]
    fn a_review_waits_for_the_contact_and_is_decided_once() {
        passes("E-08", e_08_contact_reachable(&form()));
        refuses("E-08", e_08_contact_reachable(&EnrolmentForm::default()));
        passes("E-08", e_08_contact_verified(VettingSubStatus::Decision));
        refuses("E-08", e_08_contact_verified(VettingSubStatus::EmailOwnership));
        passes("E-09", e_09_review_pending(VettingStatus::Pending));
        refuses("E-09", e_09_review_pending(VettingStatus::Authorized));
        shows("E-09", e_09_makes_mail(VettingStatus::Pending, VettingStatus::Rejected));
        shows("E-09", !e_09_makes_mail(VettingStatus::Pending, VettingStatus::Pending));
        shows("E-15", e_15_ground_of_rejection(None) == VettingSubStatus::BusinessVerification);
        let authority = e_15_ground_of_rejection(Some(ReviewGround::Authority));
        shows("E-15", authority == VettingSubStatus::EmploymentVerification);
    }

    #[test]
    fn a_no_of_the_contact_rejects() {
        let after = |signed_up, email_belongs_to_company| {
            e_16_after_answer(ContactAnswer { signed_up, email_belongs_to_company })
        };
        shows("E-16", after(true, true) == (VettingStatus::Pending, VettingSubStatus::Decision));
        shows("E-16", after(false, true) == (VettingStatus::Rejected, VettingSubStatus::EmailOwnership));
        shows("E-16", after(true, false) == (VettingStatus::Rejected, VettingSubStatus::EmailDomain));
    }
}
