//! Adding a customer with its first order, in two steps: a review and the submit.

use chrono::NaiveDate;

use crate::refusal::refusals;
use crate::rules::attestation::{self, Attestation};
use crate::rules::new_customer::{self, NamesTenant, ReviewToken};
use crate::rules::scenario::TenantUse;
use crate::rules::text_rules::{is_domain, is_email};
use crate::rules::{agreement, authz, customer, subscription};
use crate::{Actor, PartnerFacts, Refusal, ResellerChoice, RuleId, Verdict};

use super::order::{buyer_verdicts, line_verdicts, own_use_tenant, refused_lines};
use super::{BuyerFacts, OrderFacts, SaleFacts, reseller_for_account, sale};

/// The facts that decide whether a customer may be added with its first order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewCustomerFacts {
    /// The order. There is no customer yet, and its tenant will be new.
    pub order: OrderFacts,
    /// The customer's country in the input.
    pub country: Option<crate::CountryCode>,
    /// The customer's name in the input.
    pub company_name: String,
    /// The customer's default domain in the input, in which the first administrator gets its user name.
    pub domain: String,
    /// The billing address.
    pub billing_email: String,
    /// The reseller to associate with the new account. `None` for none. Adding from a reseller's row selects it (N-01).
    pub reseller: Option<ResellerChoice>,
    /// What the partner attests about the customer agreement. `None` if it does so later.
    pub attestation: Option<Attestation>,
    /// The latest day that it may name ([`attestation::latest_day`]).
    pub latest: NaiveDate,
    /// The state of the review's token. `None` for a review, or a submit without one.
    pub review: Option<ReviewToken>,
}

/// Checks whether a customer may be added with its first order, both in a review and in the submit (N-03, N-05).
///
/// - P-13: A provider can add a customer, order for it, and name a partnered reseller as partner of record and support
///   contact, in one request.
/// - N-01: The input can name the reseller to associate with the new account, such as the one from whose row the
///   customer is added.
///
/// No relationship is required, because it begins with the account. An order requires the customer agreement, attested
/// with it (C-03, C-31). The tenant is always new (C-30; see [`names_no_tenant`]).
#[must_use]
pub fn add_customer(facts: &NewCustomerFacts) -> Vec<Refusal> {
    let order = &facts.order;
    let mut verdicts = vec![
        authz::a_01_provider_task(&order.actor, &order.seller),
        agreement::m_01_own_agreement_signed(&order.seller, order.on),
        subscription::b_01_sold_through(order.channel),
        new_customer::n_05_token_is_valid(facts.review),
    ];
    let to_customer = |reseller: Option<ResellerChoice>, buyer: BuyerFacts| SaleFacts {
        seller: order.seller.clone(),
        reseller,
        country: facts.country,
        tenant_use: TenantUse::Customer,
        partnership_with_tenant: None,
        buyer,
        new_business_blocked: Vec::new(),
    };
    verdicts.extend(sale(&to_customer(None, BuyerFacts::default())).into_iter().map(pointing));
    verdicts.extend(own_use_tenant(&order.buyer));
    if let Some(reseller) = &facts.reseller {
        verdicts.extend(reseller_for_account(&order.seller, reseller));
    }
    let mut found = refusals(verdicts);
    found.extend(agreement_attested(facts));
    found.extend(malformed(facts));
    found.extend(refused_lines(&order.lines, |line| {
        let mut verdicts = line_verdicts(&order.seller, line);
        // A line without its own reseller is sold through the account's reseller.
        let (reseller, tie_to_reseller) = match &line.reseller {
            Some(reseller) => (Some(reseller.clone()), line.tie_to_reseller),
            None => (facts.reseller.clone(), order.buyer.tie_to_reseller),
        };
        verdicts.extend(buyer_verdicts(&to_customer(reseller, BuyerFacts { tie_to_reseller, ..order.buyer })));
        verdicts
    }));
    found
}

/// Checks that the input names no tenant (C-30). Such an input gets this refusal alone, whatever the tenant is and whatever
/// else is wrong with the input: nothing about it is looked up.
#[must_use]
pub fn names_no_tenant(names: NamesTenant) -> Vec<Refusal> {
    refusals([new_customer::c_30_new_tenant(names)])
}

/// The customer agreement: attested in full, and needed if anything is ordered. Whoever may add the customer attests
/// it with the addition.
fn agreement_attested(facts: &NewCustomerFacts) -> Vec<Refusal> {
    let verdicts = match &facts.attestation {
        Some(attested) => attestation::c_31_complete(attested, facts.latest, false),
        None if facts.order.lines.is_empty() => Vec::new(),
        None => vec![customer::c_03_sells(None)],
    };
    refusals(verdicts).into_iter().map(|refusal| refusal.under(["customerAgreement".to_owned()])).collect()
}

/// The verdict of a rule about the sale, with the field of the input about the customer.
fn pointing(verdict: Verdict) -> Verdict {
    match verdict.rule() {
        Some(RuleId::Q_14) => verdict.field(["country"]),
        _ => verdict,
    }
}

/// Customer details that cannot be valid.
fn malformed(facts: &NewCustomerFacts) -> impl Iterator<Item = Refusal> {
    let name = facts
        .company_name
        .trim()
        .is_empty()
        .then(|| Refusal::plain("COMPANY_NAME_MISSING", "The customer's name is required.").field(["companyName"]));
    let domain = (!is_domain(facts.domain.trim())).then(|| {
        Refusal::plain("DOMAIN_INVALID", "Not a valid domain name. Use a name such as contoso.example.")
            .field(["domain"])
    });
    let email = (!is_email(&facts.billing_email))
        .then(|| Refusal::plain("EMAIL_INVALID", "The billing e-mail address is not valid.").field(["billingEmail"]));
    [name, domain, email].into_iter().flatten()
}

/// Checks whether a review may be cancelled (A-01, N-05). A review that is already cancelled stays cancelled.
#[must_use]
pub fn cancel_review(actor: &Actor, partner: &PartnerFacts, review: ReviewToken) -> Vec<Refusal> {
    let review = (review != ReviewToken::Cancelled).then_some(review);
    refusals([authz::a_01_provider_task(actor, partner), new_customer::n_05_token_is_valid(review).field(["token"])])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::LineFacts;
    use crate::rules::scenario::OwnUseTenant;
    use crate::testing::{self, actor, choice, country, ids, line, provider, reseller, shows, tenant};
    use crate::{OrganizationLinkKind, Role};

    fn order(lines: Vec<LineFacts>) -> OrderFacts {
        OrderFacts { customer: None, ..testing::order(lines) }
    }

    fn addition() -> NewCustomerFacts {
        NewCustomerFacts {
            order: order(vec![line()]),
            country: Some(country("PL")),
            company_name: "Contoso".to_owned(),
            domain: "contoso.example".to_owned(),
            billing_email: "it@contoso.example".to_owned(),
            reseller: Some(choice(reseller())),
            attestation: Some(Attestation {
                first_name: "Anna".to_owned(),
                last_name: "Nowak".to_owned(),
                email: "anna@contoso.example".to_owned(),
                date_agreed: today(),
            }),
            latest: today(),
            review: None,
        }
    }

    fn today() -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 10, 1).unwrap()
    }

    #[test]
    fn an_order_comes_with_the_customers_agreement() {
        let unattested = NewCustomerFacts { attestation: None, ..addition() };
        let found = add_customer(&unattested);
        assert_eq!((ids(&found), found[0].code), (vec!["C-03"], "CUSTOMER_AGREEMENT_MISSING"));
        assert_eq!(
            (found[0].microsoft_code, &found[0].field[..]),
            (Some(13605), &["customerAgreement".to_owned()][..])
        );
        let tomorrow = today().succ_opt().unwrap();
        let early = addition().attestation.map(|attested| Attestation { date_agreed: tomorrow, ..attested });
        let found = add_customer(&NewCustomerFacts { attestation: early, ..addition() });
        assert_eq!((ids(&found), found[0].field.join(".")), (vec!["C-31"], "customerAgreement.dateAgreed".to_owned()));
    }

    #[test]
    fn a_new_customer_needs_no_relationship_yet() {
        assert_eq!(add_customer(&addition()), []);
        shows("P-13", add_customer(&addition()).is_empty());
        shows("N-01", add_customer(&addition()).is_empty());
    }

    #[test]
    fn a_new_customer_is_checked_in_full() {
        let stranger = ResellerChoice { partnership: None, ..choice(reseller()) };
        let bad = NewCustomerFacts {
            country: Some(country("US")),
            company_name: " ".to_owned(),
            domain: "contoso".to_owned(),
            billing_email: "it".to_owned(),
            reseller: Some(stranger),
            attestation: None,
            latest: today(),
            review: Some(ReviewToken::Expired),
            order: order(vec![LineFacts { quantity: None, ..line() }]),
        };
        let expected = ["N-05", "Q-14", "P-06", "N-09", "C-03", "-", "-", "-", "N-04", "Q-14"];
        let found = add_customer(&bad);
        assert_eq!(ids(&found), expected);
        assert_eq!(found[1].field, ["country"]);
    }

    #[test]
    fn a_tenant_that_the_input_names_is_never_added() {
        assert_eq!(names_no_tenant(NamesTenant::No), []);
        assert_eq!(ids(&names_no_tenant(NamesTenant::Yes)), ["C-30"]);
    }

    #[test]
    fn own_use_is_asked_line_by_line() {
        let own_use = OwnUseTenant {
            tenant_id: None,
            buyer_csp_tenant: Some(tenant(4)),
            used_as: TenantUse::Customer,
            marked_internal: true,
        };
        let mut facts = addition();
        facts.order.buyer.own_use = Some(own_use);
        assert_eq!(add_customer(&facts), []);
        facts.reseller = None;
        let found = add_customer(&facts);
        assert_eq!(ids(&found), ["Q-04", "Q-16"]);
        assert_eq!(found[0].field, ["lines", "0"]);
        facts.order.lines[0].reseller = Some(choice(reseller()));
        facts.order.lines[0].tie_to_reseller = Some(OrganizationLinkKind::SameCompany);
        assert_eq!(ids(&add_customer(&facts)), ["Q-07"]);
        facts.order.lines[0].tie_to_reseller = None;
        facts.order.lines.push(facts.order.lines[0].clone());
        facts.order.buyer.own_use = Some(OwnUseTenant { marked_internal: false, ..own_use });
        let found = add_customer(&facts);
        assert_eq!((ids(&found), &found[0].field[..]), (vec!["Q-05"], &["internalUseOf".to_owned()][..]));
    }

    #[test]
    fn a_review_is_cancelled_once_and_only_while_it_is_open() {
        let sales = actor(tenant(1_000), Role::SalesAgent);
        for review in [ReviewToken::Good, ReviewToken::Cancelled] {
            assert_eq!(cancel_review(&sales, &provider(), review), []);
        }
        for review in [ReviewToken::Unknown, ReviewToken::Expired, ReviewToken::Used] {
            let found = cancel_review(&actor(tenant(1_000), Role::HelpdeskAgent), &provider(), review);
            assert_eq!((ids(&found), &found[1].field[..]), (vec!["A-01", "N-05"], &["token".to_owned()][..]));
        }
    }
}
