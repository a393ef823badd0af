//! Whether a sale would be allowed at all: the rules of chain, region and own use, each with its verdict.
//!
//! `salesEligibility` returns the verdicts. Orders turn the same verdicts into refusals.

use chrono::NaiveDate;

use crate::refusal::refusals;
use crate::rules::scenario::{self, Chain, OwnUseTenant, TenantUse, WantedRelationship};
use crate::rules::{agreement, customer, region, types};
use crate::{
    CountryCode, CustomerFacts, OrganizationLinkKind, PartnerFacts, PartnershipState, Refusal, ResellerChoice, RuleId,
    Verdict,
};

use super::reseller_on_transaction;

/// A possible sale.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SaleFacts {
    /// The partner that buys, or wants to buy, from Microsoft.
    pub seller: PartnerFacts,
    /// The reseller in between, with its partnership with the seller.
    pub reseller: Option<ResellerChoice>,
    /// The customer's country. `None` if it is not known.
    pub country: Option<CountryCode>,
    /// What the tenant that receives the services is used for.
    pub tenant_use: TenantUse,
    /// The state of the seller's partnership with the reseller whose tenant that is. `None` if it is not a reseller's
    /// tenant.
    pub partnership_with_tenant: Option<PartnershipState>,
    /// How the buyer is linked with the sellers. The default is a third party.
    pub buyer: BuyerFacts,
    /// The rules that the customer breaks, although an import accepted it.
    pub new_business_blocked: Vec<RuleId>,
}

/// How the buyer of a sale is linked with the sellers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct BuyerFacts {
    /// The tenant that a partner wants to use for itself. `None` if the buyer is not a partner.
    pub own_use: Option<OwnUseTenant>,
    /// What links the buyer with the partner that buys from Microsoft.
    pub tie_to_seller: Option<OrganizationLinkKind>,
    /// What links the buyer with the reseller in between. `None` if there is none.
    pub tie_to_reseller: Option<OrganizationLinkKind>,
}

impl BuyerFacts {
    /// What links the buyer with the last seller of the chain, which must not be its own company.
    pub(super) fn tie_to_last_seller(&self, reseller: Option<&ResellerChoice>) -> Option<OrganizationLinkKind> {
        if reseller.is_some() { self.tie_to_reseller } else { self.tie_to_seller }
    }
}

/// The verdict of every rule about the sale (T-03, T-04, Q-01, Q-04 to, and the rules about the
/// reseller).
#[must_use]
pub fn sale(facts: &SaleFacts) -> Vec<Verdict> {
    let reseller_type =
        facts.reseller.as_ref().and_then(|reseller| reseller.account.as_ref()).map(|it| it.partner_type);
    let chain = Chain { seller: facts.seller.partner_type, reseller: reseller_type };
    let tie = facts.buyer.tie_to_last_seller(facts.reseller.as_ref());
    let mut verdicts = vec![
        types::t_03_reseller_orders_through_provider(chain.seller),
        types::t_04_direct_chain_without_reseller(chain.seller, facts.reseller.as_ref()),
        scenario::q_01_supported_chain(chain),
        region::q_14_sells_within_region(facts.seller.country, facts.country),
        scenario::q_06_not_a_partner_tenant(facts.tenant_use),
        scenario::q_07_not_to_itself(tie),
        scenario::q_08_not_to_affiliate(tie),
        scenario::q_09_not_both(WantedRelationship::Customer(facts.partnership_with_tenant)),
    ];
    verdicts.extend(customer::new_business_open(&facts.new_business_blocked));
    if let Some(tenant) = facts.buyer.own_use {
        verdicts.extend([
            scenario::q_04_own_use_from_reseller_or_direct_bill(chain),
            scenario::q_05_own_use_tenant(tenant),
            scenario::q_16_own_use_not_from_provider(chain),
        ]);
        // Without a reseller the seller is also the last one, and already cover it.
        if facts.reseller.is_some() {
            verdicts.push(scenario::q_17_provider_not_buyers_own(facts.buyer.tie_to_seller));
        }
    }
    if let Some(reseller) = &facts.reseller {
        verdicts.extend(reseller_within_region(facts));
        let of_reseller = reseller_on_transaction(&facts.seller, reseller);
        // T-04 was already applied above.
        verdicts.extend(of_reseller.into_iter().filter(|verdict| verdict.rule() != Some(RuleId::T_04)));
    }
    verdicts
}

/// about the tenant that an invitation names.
pub(super) fn open_to_invitation(
    tenant_use: TenantUse,
    partnership: Option<PartnershipState>,
    named_in: &'static str,
) -> [Verdict; 2] {
    [
        scenario::q_06_not_a_partner_tenant(tenant_use).field([named_in]),
        scenario::q_09_not_both(WantedRelationship::Customer(partnership)).field([named_in]),
    ]
}

/// Q-14 for the reseller in between, if it has an account: it sells to the customer too.
pub(super) fn reseller_within_region(facts: &SaleFacts) -> Option<Verdict> {
    let account = facts.reseller.as_ref()?.account.as_ref()?;
    Some(region::q_14_sells_within_region(account.country, facts.country).field(["reseller"]))
}

/// The verdicts of `salesEligibility`: those of the sale, the seller's own agreement (M-01) and, for a customer that the
/// seller already has, the customer's agreement (C-03).
///
/// A relationship with the customer is not required, because the question is asked before there is one.
#[must_use]
pub fn sales_eligibility(facts: &SaleFacts, customer: Option<&CustomerFacts>, on: NaiveDate) -> Vec<Verdict> {
    let own = agreement::m_01_own_agreement_signed(&facts.seller, on);
    let agreed = customer.map(|customer| customer::c_03_sells(Some(customer)));
    [own].into_iter().chain(agreed).chain(sale(facts)).collect()
}

/// The refusals of the sale, including one for an unknown country.
///
/// - A customer can buy different services from different partners. What it buys elsewhere is not checked.
/// - Several partners can manage a customer's subscriptions. Its relationships with other partners are not
///   checked.
#[must_use]
pub fn sale_refusals(facts: &SaleFacts) -> Vec<Refusal> {
    refusals(sale(facts))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{choice, country, direct_bill, ids, provider, reseller, shows, tenant};

    fn third_party() -> SaleFacts {
        SaleFacts {
            seller: provider(),
            reseller: Some(choice(reseller())),
            country: Some(country("PL")),
            tenant_use: TenantUse::Customer,
            partnership_with_tenant: None,
            buyer: BuyerFacts::default(),
            new_business_blocked: Vec::new(),
        }
    }

    fn own_use() -> SaleFacts {
        let own_tenant = OwnUseTenant {
            tenant_id: Some(tenant(5)),
            buyer_csp_tenant: Some(tenant(4)),
            used_as: TenantUse::Customer,
            marked_internal: true,
        };
        SaleFacts { buyer: BuyerFacts { own_use: Some(own_tenant), ..BuyerFacts::default() }, ..third_party() }
    }

    #[test]
    fn both_chains_and_a_provider_alone_sell_to_third_parties() {
        assert_eq!(sale_refusals(&third_party()), []);
        assert_eq!(sale_refusals(&SaleFacts { reseller: None, ..third_party() }), []);
        assert_eq!(sale_refusals(&SaleFacts { seller: direct_bill(), reseller: None, ..third_party() }), []);
    }

    #[test]
    fn one_customer_buys_from_several_partners() {
        // No fact shows who else sells to the customer or manages it.
        let other = SaleFacts { seller: direct_bill(), reseller: None, ..third_party() };
        shows("Q-02", sale_refusals(&third_party()).is_empty() && sale_refusals(&other).is_empty());
        shows("Q-03", sale_refusals(&third_party()).is_empty() && sale_refusals(&other).is_empty());
    }

    #[test]
    fn a_reseller_alone_and_a_direct_bill_partners_reseller_do_not_sell() {
        let alone = SaleFacts { seller: reseller(), reseller: None, ..third_party() };
        assert_eq!(ids(&sale_refusals(&alone)), ["T-03", "Q-01"]);
        let two = SaleFacts { seller: direct_bill(), ..third_party() };
        assert_eq!(ids(&sale_refusals(&two)), ["T-04", "Q-01"]);
    }

    #[test]
    fn own_use_goes_through_a_reseller_that_is_not_ones_own() {
        assert_eq!(sale_refusals(&own_use()), []);
        let straight = SaleFacts { reseller: None, ..own_use() };
        assert_eq!(ids(&sale_refusals(&straight)), ["Q-04", "Q-16"]);
        let mut own_provider = own_use();
        own_provider.buyer.tie_to_seller = Some(OrganizationLinkKind::Affiliate);
        assert_eq!(ids(&sale_refusals(&own_provider)), ["Q-17"]);
        let mut itself = own_use();
        itself.buyer.tie_to_reseller = Some(OrganizationLinkKind::SameCompany);
        assert_eq!(ids(&sale_refusals(&itself)), ["Q-07"]);
    }

    #[test]
    fn eligibility_gives_every_verdict_once() {
        let verdicts = sales_eligibility(&own_use(), None, agreement::agreement_needed_from());
        assert!(verdicts.iter().all(|verdict| verdict.passed() == Some(true)));
        for id in ["M-01", "T-04", "Q-04", "Q-06", "Q-17", "P-06", "M-04"] {
            assert_eq!(verdicts.iter().filter(|verdict| verdict.rule().unwrap().as_str() == id).count(), 1, "{id}");
        }
    }

    #[test]
    fn an_unknown_country_leaves_the_sale_open_and_an_order_refused() {
        let unknown = SaleFacts { country: None, ..third_party() };
        let open: Vec<_> = sale(&unknown).into_iter().filter(|verdict| verdict.passed().is_none()).collect();
        assert_eq!(open.len(), 2);
        assert!(sale_refusals(&unknown).iter().all(|refusal| refusal.code == Verdict::UNDECIDED));
    }

    #[test]
    fn a_customer_that_came_in_against_a_rule_is_not_sold_to() {
        let blocked = SaleFacts { new_business_blocked: vec![RuleId::Q_14], ..third_party() };
        let found = sale_refusals(&blocked);
        assert_eq!((ids(&found), found[0].code), (vec!["Q-14"], "NEW_BUSINESS_BLOCKED"));
    }

    #[test]
    fn a_resellers_own_tenant_is_refused_with_the_ways_out() {
        let facts = SaleFacts {
            tenant_use: TenantUse::PartnerCsp,
            partnership_with_tenant: Some(PartnershipState::Active),
            ..third_party()
        };
        let found = sale_refusals(&facts);
        assert_eq!(ids(&found), ["Q-06", "Q-09"]);
        assert_eq!(found[1].options.len(), 3);
    }
}
