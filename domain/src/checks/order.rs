//! Orders: for a customer that is there, and for one that comes with the order.

use chrono::NaiveDate;

use crate::refusal::refusals;
use crate::rules::customer::RightsFacts;
use crate::rules::new_customer::{self, ReviewToken};
use crate::rules::scenario::DirectoryUse;
use crate::rules::text_rules::is_email;
use crate::rules::{agreement, authz, customer, subscription};
use crate::{
    Actor, BillingType, CustomerFacts, CustomerRight, OrderChannel, OrganizationLinkKind, PartnershipState, Refusal,
    ResellerChoice, SupportContactChoice, Verdict,
};

use super::{BuyerFacts, SaleFacts, reseller_for_account, reseller_on_transaction, sale, support_contact};

/// One line of an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineFacts {
    /// By what the offer is charged.
    pub billing_type: BillingType,
    /// The licences wanted.
    pub quantity: Option<i64>,
    /// The reseller of this line; `None` for none, which is allowed and earns nobody incentives (B-07).
    pub reseller: Option<ResellerChoice>,
    /// What links the buyer with that reseller; `None` for a third party.
    pub tie_to_reseller: Option<OrganizationLinkKind>,
    /// Its support contact; `None` for the default (K-04).
    pub support_contact: Option<SupportContactChoice>,
}

/// Everything that decides whether an order for an existing customer may be submitted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderFacts {
    /// Who asks.
    pub actor: Actor,
    /// The partner that orders.
    pub seller: crate::PartnerFacts,
    /// The customer, as that partner knows it; `None` where there is no such account.
    pub customer: Option<CustomerFacts>,
    /// What the customer's directory is used for.
    pub directory: DirectoryUse,
    /// The seller's partnership with the reseller whose directory it is; `None` where it is no reseller's.
    pub partnership_with_directory: Option<PartnershipState>,
    /// What the customer has to do with the seller; its ties to resellers stand on the lines.
    pub buyer: BuyerFacts,
    /// The portal through which the order comes.
    pub channel: OrderChannel,
    /// The lines.
    pub lines: Vec<LineFacts>,
    /// The day.
    pub on: NaiveDate,
}

/// Everything against an order: the seller's, the customer's and every line's refusals, the latter below `lines` and
/// their index.
///
/// One refusal keeps the whole order out. Different lines may have different resellers (B-12).
#[must_use]
pub fn submit_order(facts: &OrderFacts) -> Vec<Refusal> {
    let mut verdicts = vec![
        authz::a_01_provider_task(&facts.actor, &facts.seller),
        agreement::m_01_own_agreement_signed(&facts.seller, facts.on),
        subscription::b_01_sold_through(facts.channel),
    ];
    match &facts.customer {
        None => verdicts.push(customer::c_26_account_and_relationship(None).field(["customer"])),
        Some(customer) => verdicts.extend(relationship_and_agreement(customer)),
    }
    let country = facts.customer.as_ref().and_then(|customer| customer.country);
    let to_customer = |reseller: Option<ResellerChoice>, buyer: BuyerFacts| SaleFacts {
        seller: facts.seller.clone(),
        reseller,
        country,
        directory: facts.directory,
        partnership_with_directory: facts.partnership_with_directory,
        buyer,
    };
    // What hangs on a line's reseller is asked by line, all else of the sale once.
    let of_customer = sale(&to_customer(None, BuyerFacts::default()));
    verdicts.extend(of_customer.into_iter().map(|verdict| verdict.field(["customer"])));
    let mut found = refusals(verdicts);
    found.extend(refused_lines(&facts.lines, |line| {
        let mut verdicts = line_verdicts(&facts.seller, line);
        let buyer = BuyerFacts { tie_to_reseller: line.tie_to_reseller, ..facts.buyer };
        verdicts.extend(buyer_verdicts(&to_customer(line.reseller.clone(), buyer)));
        verdicts
    }));
    found
}

/// The rules of a relationship that an order rests on (C-02, C-26, B-11, and C-03's agreement).
fn relationship_and_agreement(facts: &CustomerFacts) -> Vec<Verdict> {
    let rights = RightsFacts {
        relationship: facts.relationship,
        mca_accepted: facts.mca_accepted,
        delegated_admin: false,
        azure_subscription: false,
    };
    let verdicts = [
        customer::c_02_related_to_sell(facts),
        customer::b_11_related_to_order(facts),
        customer::c_26_account_and_relationship(Some(facts)),
        customer::c_03_right(CustomerRight::Order, rights),
    ];
    verdicts.into_iter().map(|verdict| verdict.field(["customer"])).collect()
}

/// Of the verdicts on a whole sale, those on what the buyer has to do with the sellers.
fn buyer_verdicts(facts: &SaleFacts) -> impl Iterator<Item = Verdict> {
    let of_buyer = ["Q-04", "Q-05", "Q-07", "Q-08", "Q-16", "Q-17"];
    sale(facts).into_iter().filter(move |verdict| verdict.rule().is_some_and(|rule| of_buyer.contains(&rule.0)))
}

/// The verdicts on one line of an order of that seller (N-04, and those of its reseller and its support contact).
fn line_verdicts(seller: &crate::PartnerFacts, line: &LineFacts) -> Vec<Verdict> {
    let mut verdicts = vec![subscription::n_04_licence_count_fits(line.billing_type, line.quantity)];
    if let Some(reseller) = &line.reseller {
        verdicts.extend(reseller_on_transaction(seller, reseller));
    }
    if let Some(contact) = &line.support_contact {
        verdicts.extend(support_contact(seller, contact).into_iter().map(|verdict| verdict.field(["supportContact"])));
    }
    verdicts
}

/// Every line's refusals, each under `lines` and the line's index; an order without lines is refused.
fn refused_lines(lines: &[LineFacts], verdicts: impl Fn(&LineFacts) -> Vec<Verdict>) -> Vec<Refusal> {
    if lines.is_empty() {
        return vec![Refusal::plain("LINES_MISSING", "An order has at least one line.").field(["lines"])];
    }
    let of_line = |(index, line): (usize, &LineFacts)| {
        let index = index.to_string();
        refusals(verdicts(line)).into_iter().map(move |refusal| refusal.under(["lines".to_owned(), index.clone()]))
    };
    lines.iter().enumerate().flat_map(of_line).collect()
}

/// Everything that decides whether a customer may be added together with its first order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewCustomerFacts {
    /// The order; its `customer` is `None` unless the directory is known already as this partner's customer.
    pub order: OrderFacts,
    /// The country that the input states for the customer.
    pub country: Option<crate::CountryCode>,
    /// Where the bill goes.
    pub billing_email: String,
    /// The reseller to be associated with the new account; `None` for none. Adding from a reseller's row selects it
    /// (N-01).
    pub reseller: Option<ResellerChoice>,
    /// What became of the review's token; `None` for a submit, or a review, without one.
    pub review: Option<ReviewToken>,
}

/// Everything against adding a customer with its first order, in a review and in the submit alike (N-03, N-05).
///
/// No relationship and no customer agreement is asked for, as both begin with the account. A directory that is this
/// partner's customer already is refused.
#[must_use]
pub fn add_customer(facts: &NewCustomerFacts) -> Vec<Refusal> {
    let order = &facts.order;
    let mut verdicts = vec![
        authz::a_01_provider_task(&order.actor, &order.seller),
        agreement::m_01_own_agreement_signed(&order.seller, order.on),
        subscription::b_01_sold_through(order.channel),
        new_customer::n_05_token_stands(facts.review),
    ];
    let to_customer = |reseller: Option<ResellerChoice>, buyer: BuyerFacts| SaleFacts {
        seller: order.seller.clone(),
        reseller,
        country: facts.country,
        directory: order.directory,
        partnership_with_directory: order.partnership_with_directory,
        buyer,
    };
    verdicts.extend(sale(&to_customer(None, BuyerFacts::default())));
    if let Some(reseller) = &facts.reseller {
        verdicts.extend(reseller_for_account(&order.seller, reseller));
    }
    let mut found = refusals(verdicts);
    if order.customer.is_some() {
        let message = "This directory is your customer already; order for it instead.";
        found.push(Refusal::plain("ALREADY_A_CUSTOMER", message).field(["tenantId"]));
    }
    if !is_email(&facts.billing_email) {
        found
            .push(Refusal::plain("EMAIL_INVALID", "The billing address is no e-mail address.").field(["billingEmail"]));
    }
    found.extend(refused_lines(&order.lines, |line| {
        let mut verdicts = line_verdicts(&order.seller, line);
        // A line without a reseller of its own is sold through the one of the account.
        let (reseller, tie_to_reseller) = match &line.reseller {
            Some(reseller) => (Some(reseller.clone()), line.tie_to_reseller),
            None => (facts.reseller.clone(), order.buyer.tie_to_reseller),
        };
        verdicts.extend(buyer_verdicts(&to_customer(reseller, BuyerFacts { tie_to_reseller, ..order.buyer })));
        verdicts
    }));
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::agreement::agreement_needed_from;
    use crate::rules::scenario::OwnUseDirectory;
    use crate::testing::{actor, admin_of, choice, country, customer, ids, partner, provider, reseller, shows, tenant};
    use crate::{PartnerFacts, PartnerType, RelationshipToPartner, Role};

    fn line() -> LineFacts {
        LineFacts {
            billing_type: BillingType::License,
            quantity: Some(5),
            reseller: None,
            tie_to_reseller: None,
            support_contact: None,
        }
    }

    fn order(lines: Vec<LineFacts>) -> OrderFacts {
        let seller = provider();
        OrderFacts {
            actor: admin_of(&seller),
            seller,
            customer: Some(customer()),
            directory: DirectoryUse::Customer,
            partnership_with_directory: None,
            buyer: BuyerFacts::default(),
            channel: OrderChannel::M365Portal,
            lines,
            on: agreement_needed_from(),
        }
    }

    fn addition() -> NewCustomerFacts {
        NewCustomerFacts {
            order: OrderFacts { customer: None, ..order(vec![line()]) },
            country: Some(country("PL")),
            billing_email: "it@contoso.example".to_owned(),
            reseller: Some(choice(reseller())),
            review: None,
        }
    }

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
    fn every_lines_refusals_are_said_at_once() {
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
        assert_eq!(found[6].microsoft_code, Some(13605));
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
            billing_email: "it".to_owned(),
            reseller: Some(stranger),
            review: Some(ReviewToken::Expired),
            order: OrderFacts {
                customer: Some(customer()),
                partnership_with_directory: Some(PartnershipState::Active),
                directory: DirectoryUse::PartnerCsp,
                ..order(vec![LineFacts { quantity: None, ..line() }])
            },
        };
        let expected = ["N-05", "Q-14", "Q-06", "Q-09", "P-06", "N-09", "-", "-", "N-04"];
        assert_eq!(ids(&add_customer(&bad)), expected);
    }

    #[test]
    fn own_use_is_asked_line_by_line() {
        let directory = OwnUseDirectory {
            tenant_id: None,
            buyer_csp_tenant: Some(tenant(4)),
            used_as: DirectoryUse::Customer,
            marked_internal: true,
        };
        let mut facts = addition();
        facts.order.buyer.own_use = Some(directory);
        assert_eq!(add_customer(&facts), []);
        facts.reseller = None;
        let found = add_customer(&facts);
        assert_eq!(ids(&found), ["Q-04", "Q-16"]);
        assert_eq!(found[0].field, ["lines", "0"]);
        facts.order.lines[0].reseller = Some(choice(reseller()));
        facts.order.lines[0].tie_to_reseller = Some(OrganizationLinkKind::SameCompany);
        assert_eq!(ids(&add_customer(&facts)), ["Q-07"]);
    }
}
