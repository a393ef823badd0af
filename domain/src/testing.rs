//! Builders for tests, which state only what matters, and assertions that name the rule under test.

use uuid::Uuid;

use crate::*;

pub(crate) fn country(text: &str) -> CountryCode {
    text.parse().unwrap()
}

pub(crate) fn tenant(number: u128) -> TenantId {
    TenantId(Uuid::from_u128(number))
}

pub(crate) fn actor(tenant_id: TenantId, role: Role) -> Actor {
    Actor { tenant_id: Some(tenant_id), roles: vec![role] }
}

pub(crate) fn operator() -> Actor {
    Actor { tenant_id: None, roles: vec![Role::Operator] }
}

/// The person who may do everything for that partner.
pub(crate) fn admin_of(partner: &PartnerFacts) -> Actor {
    actor(partner.tenant_id.unwrap(), Role::GlobalAdmin)
}

pub(crate) fn profile(mpn_id: u64, kind: MpnKind) -> MpnProfileFacts {
    MpnProfileFacts {
        mpn_id: MpnId(mpn_id),
        kind,
        country: country("PL"),
        active: true,
        in_partner_membership_center: false,
    }
}

/// A Polish partner that meets all requirements. Its tenant has the number of its MPN ID.
pub(crate) fn partner(mpn_id: u64, partner_type: PartnerType) -> PartnerFacts {
    PartnerFacts {
        tenant_id: Some(tenant(mpn_id.into())),
        mpn_id: MpnId(mpn_id),
        partner_type,
        country: Some(country("PL")),
        cloud: Cloud::Public,
        onboarded: true,
        enrolled: true,
        mpa_signed: true,
        mpn_profile: Some(profile(mpn_id, MpnKind::Location)),
        capabilities: Vec::new(),
    }
}

pub(crate) fn provider() -> PartnerFacts {
    partner(1_000, PartnerType::IndirectProvider)
}

pub(crate) fn reseller() -> PartnerFacts {
    partner(2_000, PartnerType::IndirectReseller)
}

pub(crate) fn direct_bill() -> PartnerFacts {
    partner(3_000, PartnerType::DirectBill)
}

/// The reseller named by its own MPN ID, in an active partnership.
pub(crate) fn choice(account: PartnerFacts) -> ResellerChoice {
    ResellerChoice {
        mpn_id: account.mpn_id,
        profile: account.mpn_profile,
        account: Some(account),
        partnership: Some(PartnershipState::Active),
    }
}

/// A Polish customer with a reseller relationship and the agreement.
pub(crate) fn customer() -> CustomerFacts {
    CustomerFacts {
        tenant_id: tenant(9_000),
        country: Some(country("PL")),
        relationship: RelationshipToPartner::Reseller,
        mca_accepted: true,
        new_business_blocked: Vec::new(),
    }
}

pub(crate) fn subscription() -> SubscriptionFacts {
    SubscriptionFacts {
        status: SubscriptionStatus::Active,
        billing_type: BillingType::License,
        quantity: Some(10),
        auto_renew_enabled: Some(true),
        partner_of_record_fixed: false,
        partner_of_record: None,
    }
}

/// Asserts that the rule with that id passes.
#[track_caller]
pub(crate) fn passes(id: &str, verdict: Verdict) {
    match verdict {
        Verdict::Passed(rule) => assert_eq!(rule.as_str(), id),
        other => panic!("{id} should pass: {other:?}"),
    }
}

static CODES: &str = include_str!("../data/refusal-codes.tsv");

/// Asserts that the rule with that id refuses with one of the codes in `refusal-codes.tsv`, and returns the refusal.
#[track_caller]
pub(crate) fn refuses(id: &str, verdict: Verdict) -> Refusal {
    match verdict {
        Verdict::Refused(refusal) => {
            assert_eq!(refusal.rule, Some(id.parse().unwrap()));
            let known = CODES.lines().find_map(|line| line.strip_prefix(&format!("{id}\t"))).unwrap_or_default();
            assert!(
                known.split(' ').any(|code| code == refusal.code),
                "{id} refuses with {}, not with {known}",
                refusal.code
            );
            refusal
        }
        other => panic!("{id} should refuse: {other:?}"),
    }
}

/// Asserts that the rule with that id cannot be decided.
#[track_caller]
pub(crate) fn leaves_open(id: &str, verdict: Verdict) {
    assert_eq!(verdict.passed(), None, "{verdict:?}");
    assert_eq!(verdict.rule().unwrap().as_str(), id);
}

/// Asserts something that a rule states without refusing anything.
#[track_caller]
pub(crate) fn shows(id: &str, holds: bool) {
    assert!(id.parse::<RuleId>().is_ok());
    assert!(holds, "{id} does not hold");
}

/// The ids of the rules that refuse, in order; "-" for a refusal without one.
pub(crate) fn ids(refusals: &[Refusal]) -> Vec<&'static str> {
    refusals.iter().map(|refusal| refusal.rule.map_or("-", RuleId::as_str)).collect()
}

/// A complete enrolment of a newcomer.
pub(crate) fn form() -> rules::enrolment::EnrolmentForm {
    let text = |text: &str| Some(text.to_owned());
    rules::enrolment::EnrolmentForm {
        legal_name: text("Fabrikam Sp. z o.o."),
        address_line: text("ul. Prosta 1"),
        city: text("Warszawa"),
        postal_code: text("00-001"),
        address_country: text("PL"),
        contact_first_name: text("Anna"),
        contact_last_name: text("Nowak"),
        contact_email: text("anna.nowak@fabrikam.example"),
        support_email: text("help@fabrikam.example"),
        support_telephone: text("+48 22 000 00 00"),
        support_website: text("https://fabrikam.example"),
    }
}

/// A line of five licences, without a reseller.
pub(crate) fn line() -> checks::LineFacts {
    checks::LineFacts {
        offer_id: "CFQ7TTC0LH18:0001".to_owned(),
        offer_name: "Microsoft 365 Business Basic".to_owned(),
        billing_type: BillingType::License,
        quantity: Some(5),
        reseller: None,
        tie_to_reseller: None,
        support_contact: None,
    }
}

/// An order of the provider for its customer.
pub(crate) fn order(lines: Vec<checks::LineFacts>) -> checks::OrderFacts {
    let seller = provider();
    checks::OrderFacts {
        actor: admin_of(&seller),
        seller,
        customer: Some(customer()),
        tenant_use: rules::scenario::TenantUse::Customer,
        partnership_with_tenant: None,
        buyer: checks::BuyerFacts::default(),
        channel: OrderChannel::M365Portal,
        lines,
        on: rules::agreement::agreement_needed_from(),
    }
}
