//! Orders for an existing customer.

use chrono::NaiveDate;

use crate::refusal::refusals;
use crate::rules::scenario::TenantUse;
use crate::rules::{agreement, authz, customer, scenario, subscription};
use crate::{
    Actor, BillingType, CustomerFacts, OrderChannel, OrganizationLinkKind, PartnershipState, Refusal, ResellerChoice,
    RuleId, SupportContactChoice, Verdict,
};

use super::sale::reseller_within_region;
use super::{BuyerFacts, SaleFacts, reseller_on_transaction, sale, support_contact};

/// The most lines of one order.
pub const MOST_LINES: usize = 100;

/// One line of an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineFacts {
    /// The offer.
    pub offer_id: String,
    /// The name of the offer in the price list.
    pub offer_name: String,
    /// Licence-based or usage-based billing.
    pub billing_type: BillingType,
    /// The number of licences.
    pub quantity: Option<i64>,
    /// The reseller of this line. `None` for none, which is allowed and earns no one incentives (B-07).
    pub reseller: Option<ResellerChoice>,
    /// What links the buyer with that reseller. `None` for a third party.
    pub tie_to_reseller: Option<OrganizationLinkKind>,
    /// Its support contact. `None` for the default (K-04).
    pub support_contact: Option<SupportContactChoice>,
}

/// The facts that decide whether an order for an existing customer may be submitted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderFacts {
    /// The caller.
    pub actor: Actor,
    /// The partner that orders.
    pub seller: crate::PartnerFacts,
    /// The customer, as that partner knows it. `None` if there is no such account.
    pub customer: Option<CustomerFacts>,
    /// What the customer's tenant is used for.
    pub tenant_use: TenantUse,
    /// The seller's partnership with the reseller whose tenant it is. `None` if it is not a reseller's tenant.
    pub partnership_with_tenant: Option<PartnershipState>,
    /// How the customer is linked with the seller. Its links with resellers are on the lines.
    pub buyer: BuyerFacts,
    /// The portal that the order comes from.
    pub channel: OrderChannel,
    /// The lines.
    pub lines: Vec<LineFacts>,
    /// The current date.
    pub on: NaiveDate,
}

/// Checks an order: the seller, the customer and every line. Refusals of lines have field paths under `lines` and the
/// line's index.
///
/// - P-10: A provider can order and add subscriptions for the customers of a reseller with which it has an active
///   partnership.
/// - B-02: Each line of an order can name the reseller to associate with the new subscription.
/// - B-07: A line of an order without a reseller is accepted. No reseller earns incentives for it.
/// - B-12: Different lines of an order can name different resellers.
/// - K-04: A line of an order can name a support contact, but need not.
///
/// A single refusal rejects the whole order. Different lines may have different resellers (B-12).
#[must_use]
pub fn submit_order(facts: &OrderFacts) -> Vec<Refusal> {
    refusals(order_verdicts(facts))
}

/// The verdicts of [`submit_order`].
#[must_use]
pub fn order_verdicts(facts: &OrderFacts) -> Vec<Verdict> {
    let mut verdicts = seller_may_order(facts).to_vec();
    verdicts.push(subscription::b_01_sold_through(facts.channel));
    verdicts.extend(customer_may_be_sold_to(facts));
    verdicts.extend(judged_lines(&facts.lines, |line| {
        let mut verdicts = line_verdicts(&facts.seller, line);
        let buyer = BuyerFacts { tie_to_reseller: line.tie_to_reseller, ..facts.buyer };
        verdicts.extend(buyer_verdicts(&facts.to_customer(line.reseller.clone(), buyer)));
        verdicts
    }));
    verdicts
}

/// What must hold for any order for the customer, whatever its channel and its lines are.
#[must_use]
pub fn may_order(facts: &OrderFacts) -> Vec<Refusal> {
    refusals(seller_may_order(facts).into_iter().chain(customer_may_be_sold_to(facts)))
}

/// The rules about the seller alone (A-01, M-01).
fn seller_may_order(facts: &OrderFacts) -> [Verdict; 2] {
    [
        authz::a_01_provider_task(&facts.actor, &facts.seller),
        agreement::m_01_own_agreement_signed(&facts.seller, facts.on),
    ]
}

/// The rules about the sale to the customer that no line changes. Those that depend on a line's reseller are applied per line.
fn customer_may_be_sold_to(facts: &OrderFacts) -> Vec<Verdict> {
    let mut verdicts = match &facts.customer {
        None => vec![customer::c_26_account_and_relationship(None).field(["customer"])],
        Some(customer) => relationship_and_agreement(customer),
    };
    let of_customer = sale(&facts.to_customer(None, BuyerFacts::default())).into_iter();
    let of_customer = of_customer.chain(own_use_tenant(&facts.buyer));
    verdicts.extend(of_customer.map(|verdict| verdict.field(["customer"])));
    verdicts
}

impl OrderFacts {
    /// The sale to the customer through that reseller.
    fn to_customer(&self, reseller: Option<ResellerChoice>, buyer: BuyerFacts) -> SaleFacts {
        let customer = self.customer.as_ref();
        SaleFacts {
            seller: self.seller.clone(),
            reseller,
            country: customer.and_then(|customer| customer.country),
            tenant_use: self.tenant_use,
            partnership_with_tenant: self.partnership_with_tenant,
            buyer,
            new_business_blocked: customer.map(|customer| customer.new_business_blocked.clone()).unwrap_or_default(),
        }
    }
}

/// The rules about the relationship that an order requires (C-02, C-26, B-11, and C-03's agreement).
fn relationship_and_agreement(facts: &CustomerFacts) -> Vec<Verdict> {
    let verdicts = [
        customer::c_02_related_to_sell(facts),
        customer::b_11_related_to_order(facts),
        customer::c_26_account_and_relationship(Some(facts)),
        customer::c_03_sells(Some(facts)),
    ];
    verdicts.into_iter().map(|verdict| verdict.field(["customer"])).collect()
}

/// Q-05, which is the same for all lines. Nothing for a third party.
pub(super) fn own_use_tenant(buyer: &BuyerFacts) -> Option<Verdict> {
    buyer.own_use.map(scenario::q_05_own_use_tenant)
}

/// The verdicts on a whole sale that depend on a line: the chain through its reseller, the reseller's region, and how
/// the buyer is linked with the sellers.
pub(super) fn buyer_verdicts(facts: &SaleFacts) -> impl Iterator<Item = Verdict> {
    let of_buyer = [RuleId::Q_04, RuleId::Q_07, RuleId::Q_08, RuleId::Q_16, RuleId::Q_17];
    // Without a reseller the chain is the same for all lines and is checked once.
    let has_reseller = facts.reseller.is_some();
    let is_relevant = move |verdict: &Verdict| {
        verdict.rule().is_some_and(|rule| of_buyer.contains(&rule) || (has_reseller && rule == RuleId::Q_01))
    };
    reseller_within_region(facts).into_iter().chain(sale(facts).into_iter().filter(is_relevant))
}

/// The verdicts on one line of an order of that seller (N-04, and those about its reseller and its support contact).
pub(super) fn line_verdicts(seller: &crate::PartnerFacts, line: &LineFacts) -> Vec<Verdict> {
    let mut verdicts = vec![subscription::n_04_licence_count_fits(line.billing_type, line.quantity)];
    if let Some(reseller) = &line.reseller {
        verdicts.extend(reseller_on_transaction(seller, reseller));
    }
    if let Some(contact) = &line.support_contact {
        verdicts.extend(support_contact(seller, contact).into_iter().map(|verdict| verdict.field(["supportContact"])));
    }
    verdicts
}

/// Every line's refusals, each under `lines` and the line's index. An order without lines is refused.
pub(super) fn refused_lines(lines: &[LineFacts], verdicts: impl Fn(&LineFacts) -> Vec<Verdict>) -> Vec<Refusal> {
    refusals(judged_lines(lines, verdicts))
}

/// Every line's verdicts, each under `lines` and the line's index. An order without lines is refused.
fn judged_lines(lines: &[LineFacts], verdicts: impl Fn(&LineFacts) -> Vec<Verdict>) -> Vec<Verdict> {
    if lines.is_empty() {
        return vec![Refusal::plain("LINES_MISSING", "An order needs at least one line.").field(["lines"]).into()];
    }
    if lines.len() > MOST_LINES {
        let message = format!("An order can have at most {MOST_LINES} lines.");
        return vec![Refusal::plain("LINES_TOO_MANY", message).field(["lines"]).into()];
    }
    let of_line = |(index, line): (usize, &LineFacts)| {
        let index = index.to_string();
        let found = malformed(line).into_iter().map(Verdict::from).chain(verdicts(line));
        found.map(move |verdict| verdict.under(["lines".to_owned(), index.clone()])).collect::<Vec<_>>()
    };
    lines.iter().enumerate().flat_map(of_line).collect()
}

/// Required fields that are missing in a line.
fn malformed(line: &LineFacts) -> Vec<Refusal> {
    let blank = |text: &str, field: &'static str| {
        let message = "Specify the offer to order.";
        text.trim().is_empty().then(|| Refusal::plain("OFFER_MISSING", message).field([field]))
    };
    let unknown = (line.billing_type == BillingType::None).then(|| {
        Refusal::plain("BILLING_TYPE_UNKNOWN", "Specify the billing type: licence-based or usage-based.")
            .field(["billingType"])
    });
    [blank(&line.offer_id, "offerId"), blank(&line.offer_name, "offerName"), unknown].into_iter().flatten().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::scenario::OwnUseTenant;
    use crate::testing::{actor, choice, customer, ids, line, order, partner, provider, reseller, shows, tenant};
    use crate::{PartnerFacts, PartnerType, RelationshipToPartner, Role};

    #[test]
    fn an_order_goes_through_with_and_without_resellers() {
        let other = choice(partner(2_500, PartnerType::IndirectReseller));
        let with = |reseller| LineFacts { reseller: Some(reseller), ..line() };
        shows("B-07", submit_order(&order(vec![line()])).is_empty());
        shows("B-02", submit_order(&order(vec![with(choice(reseller()))])).is_empty());
        shows("B-12", submit_order(&order(vec![with(choice(reseller())), with(other)])).is_empty());
        let contact = SupportContactChoice::Reseller(choice(reseller()));
        let supported = LineFacts { support_contact: Some(contact), ..line() };
        shows("K-04", submit_order(&order(vec![supported])).is_empty());
        shows("P-10", submit_order(&order(vec![with(choice(reseller()))])).is_empty());
    }

    #[test]
    fn the_refusals_of_every_line_are_returned_at_once() {
        let unsigned = choice(PartnerFacts { mpa_signed: false, ..reseller() });
        let lines = vec![LineFacts { quantity: Some(0), ..line() }, LineFacts { reseller: Some(unsigned), ..line() }];
        let found = submit_order(&order(lines));
        assert_eq!(ids(&found), ["N-04", "M-02", "B-06", "M-03", "M-04"]);
        assert_eq!(found[0].field, ["lines", "0", "quantity"]);
        assert_eq!(found[1].field, ["lines", "1", "reseller"]);
        assert_eq!(submit_order(&order(Vec::new()))[0].code, "LINES_MISSING");
    }

    #[test]
    fn an_order_needs_relationship_agreement_channel_and_country() {
        let stranger = CustomerFacts {
            relationship: RelationshipToPartner::None,
            mca_accepted: false,
            country: None,
            ..customer()
        };
        let bad = OrderFacts {
            actor: actor(tenant(1_000), Role::HelpdeskAgent),
            seller: PartnerFacts { mpa_signed: false, ..provider() },
            customer: Some(stranger),
            channel: OrderChannel::AzurePortal,
            ..order(vec![line()])
        };
        let found = submit_order(&bad);
        assert_eq!(ids(&found), ["A-01", "M-01", "B-01", "C-02", "B-11", "C-26", "C-03", "Q-14"]);
        // Without a relationship, more than the agreement is missing.
        assert_eq!((found[6].code, found[6].microsoft_code), ("RIGHT_MISSING", None));
        assert_eq!((found[7].code, &found[7].field[..]), (Verdict::UNDECIDED, &["customer".to_owned()][..]));
    }

    #[test]
    fn an_order_to_a_partners_tenant_points_at_the_customer_once() {
        let own_use = OwnUseTenant {
            tenant_id: Some(tenant(4)),
            buyer_csp_tenant: Some(tenant(4)),
            used_as: TenantUse::PartnerCsp,
            marked_internal: false,
        };
        let bad = OrderFacts {
            tenant_use: TenantUse::PartnerCsp,
            partnership_with_tenant: Some(PartnershipState::Active),
            buyer: BuyerFacts { own_use: Some(own_use), ..BuyerFacts::default() },
            ..order(vec![LineFacts { reseller: Some(choice(reseller())), ..line() }; 2])
        };
        let found = submit_order(&bad);
        assert_eq!(ids(&found), ["Q-06", "Q-09", "Q-05"]);
        assert!(found.iter().all(|refusal| refusal.field == ["customer"]));
    }

    #[test]
    fn a_line_says_what_is_ordered_and_how_it_is_charged() {
        let bare = LineFacts {
            offer_id: " ".to_owned(),
            offer_name: String::new(),
            billing_type: BillingType::None,
            ..line()
        };
        let found = submit_order(&order(vec![line(), bare]));
        let codes: Vec<_> = found.iter().map(|refusal| (refusal.code, refusal.field[2].as_str())).collect();
        assert_eq!(
            codes,
            [("OFFER_MISSING", "offerId"), ("OFFER_MISSING", "offerName"), ("BILLING_TYPE_UNKNOWN", "billingType")]
        );
        assert_eq!(submit_order(&order(vec![line(); MOST_LINES + 1]))[0].code, "LINES_TOO_MANY");
    }

    #[test]
    fn a_customer_that_came_in_against_a_rule_gets_no_order() {
        let customer = CustomerFacts { new_business_blocked: vec![RuleId::Q_06], ..customer() };
        let found = submit_order(&OrderFacts { customer: Some(customer), ..order(vec![line(), line()]) });
        assert_eq!((ids(&found), found[0].code), (vec!["Q-06"], "NEW_BUSINESS_BLOCKED"));
        assert_eq!(found[0].field, ["customer"]);
    }
}
