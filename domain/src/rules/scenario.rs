//! The supported and unsupported sales chains (Q-01 to Q-17, without the regions).

use super::partnership::is_active;
use crate::{
    MpnId, OrganizationLinkKind, PartnerType, PartnershipState, Refusal, RelationshipToPartner, RuleId, SalesRole,
    TenantId, Verdict,
};

/// The partners of a chain between Microsoft and the customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Chain {
    /// The partner that buys from Microsoft.
    pub seller: PartnerType,
    /// The partner that sells on to the customer. `None` if the first one sells directly.
    pub reseller: Option<PartnerType>,
}

/// a chain runs through a direct-bill partner, or through a provider and its reseller.
///
/// A provider without a reseller is neither of the two end-to-end chains, but it exists in real data. It is accepted
/// here for third-party customers, and Q-16 refuses it for own use.
pub fn q_01_supported_chain(chain: Chain) -> Verdict {
    let holds = matches!(
        (chain.seller, chain.reseller),
        (PartnerType::DirectBill | PartnerType::IndirectProvider, None)
            | (PartnerType::IndirectProvider, Some(PartnerType::IndirectReseller))
    );
    let message = "The supported chains are Microsoft → direct-bill partner → customer and Microsoft → provider → reseller → customer.";
    Verdict::given(holds, RuleId::Q_01, "CHAIN_NOT_SUPPORTED", message)
}

/// The links of a chain, from Microsoft to the customer.
#[must_use]
pub fn sales_chain(chain: Chain) -> Vec<SalesRole> {
    let link = |partner| match partner {
        PartnerType::IndirectProvider => SalesRole::IndirectProvider,
        PartnerType::IndirectReseller => SalesRole::IndirectReseller,
        PartnerType::DirectBill => SalesRole::DirectBill,
    };
    let partners = [Some(chain.seller), chain.reseller].into_iter().flatten().map(link);
    [SalesRole::Microsoft].into_iter().chain(partners).chain([SalesRole::Customer]).collect()
}

/// Whether a chain ends with a partner that may sell to another partner for its own use.
fn sells_for_own_use(chain: Chain) -> bool {
    chain.reseller.is_some() || chain.seller == PartnerType::DirectBill
}

/// a partner buys for its own use from an indirect reseller or a direct-bill partner.
pub fn q_04_own_use_from_reseller_or_direct_bill(chain: Chain) -> Verdict {
    let message = "For your own use buy from an indirect reseller or a direct-bill partner.";
    Verdict::given(sells_for_own_use(chain), RuleId::Q_04, "OWN_USE_CHAIN", message)
}

/// a partner cannot buy for its own use directly from a provider. A reseller in between is required.
pub fn q_16_own_use_not_from_provider(chain: Chain) -> Verdict {
    let message = "A provider cannot sell to a partner for its own use without a reseller in between.";
    Verdict::given(sells_for_own_use(chain), RuleId::Q_16, "OWN_USE_CHAIN", message)
}

/// What a tenant is used for in the programme.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TenantUse {
    /// A partner does its business as a partner from it.
    PartnerCsp,
    /// It is a customer's, or not known yet.
    Customer,
}

/// The tenant that a partner wants to use for itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OwnUseTenant {
    /// The tenant. `None` if a new one will be created.
    pub tenant_id: Option<TenantId>,
    /// The tenant from which the buyer does its business as a partner. `None` if it is not known.
    pub buyer_csp_tenant: Option<TenantId>,
    /// What the tenant is used for.
    pub used_as: TenantUse,
    /// Whether it is, or will be, marked as the buyer's for internal use.
    pub marked_internal: bool,
}

/// own use requires a customer tenant that is not the buyer's business tenant and is marked for the buyer's
/// internal use.
///
/// For a new customer, the refusal names the input field concerned.
pub fn q_05_own_use_tenant(tenant: OwnUseTenant) -> Verdict {
    let same = tenant.tenant_id.is_some() && tenant.tenant_id == tenant.buyer_csp_tenant;
    let (why, field) = if same || tenant.used_as == TenantUse::PartnerCsp {
        ("it is a partner's own business tenant", "tenantId")
    } else if !tenant.marked_internal {
        ("it is not marked for the buyer's internal use (internalUseOf)", "internalUseOf")
    } else {
        return Verdict::Passed(RuleId::Q_05);
    };
    let message = format!("The tenant cannot be used for own use: {why}.");
    Verdict::Refused(Refusal::of(RuleId::Q_05, "OWN_USE_TENANT", message).field([field]))
}

/// Q-05 at the acceptance of an invitation: the Global admin confirms the internal use that the invitation states, and
/// no other. Only its word marks the tenant.
pub fn q_05_internal_use_confirmed(stated: Option<MpnId>, confirmed: Option<MpnId>) -> Verdict {
    let message = match stated {
        Some(buyer) => format!(
            "The invitation is for a tenant that serves the internal use of the partner with MPN ID {buyer}. If yours does, \
             pass that MPN ID as confirmInternalUseOf."
        ),
        None => "The invitation does not ask for internal use. Omit confirmInternalUseOf.".to_owned(),
    };
    Verdict::given(stated == confirmed, RuleId::Q_05, "INTERNAL_USE_NOT_CONFIRMED", message)
        .field(["confirmInternalUseOf"])
}

/// services cannot be provisioned to a tenant from which a partner does its business as a partner.
pub fn q_06_not_a_partner_tenant(tenant_use: TenantUse) -> Verdict {
    let message = "This is a partner's own tenant in the programme; services cannot be provisioned to it. To buy for its own use, \
                   a partner needs another tenant.";
    Verdict::given(tenant_use == TenantUse::Customer, RuleId::Q_06, "PARTNER_TENANT", message)
}

/// a partner cannot sell to itself.
///
/// `tie` is what links the partner that sells to the customer with the buyer.
pub fn q_07_not_to_itself(tie: Option<OrganizationLinkKind>) -> Verdict {
    let message = "A partner cannot sell to itself as an end customer.";
    Verdict::given(tie != Some(OrganizationLinkKind::SameCompany), RuleId::Q_07, "SELLS_TO_ITSELF", message)
}

/// a partner cannot sell to its affiliates.
pub fn q_08_not_to_affiliate(tie: Option<OrganizationLinkKind>) -> Verdict {
    let message = "A partner cannot sell to its affiliates as end customers.";
    Verdict::given(tie != Some(OrganizationLinkKind::Affiliate), RuleId::Q_08, "SELLS_TO_AFFILIATE", message)
}

/// for own use, the provider in the chain must be neither the buyer's company nor its affiliate.
pub fn q_17_provider_not_buyers_own(tie: Option<OrganizationLinkKind>) -> Verdict {
    let message = "The provider in this chain is the buyer's own company or its affiliate.";
    Verdict::given(tie.is_none(), RuleId::Q_17, "PROVIDER_IS_BUYERS_OWN", message)
}

/// The relationship that a provider and a tenant are to get.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WantedRelationship {
    /// Provider and end customer, with the state of the provider's partnership with the reseller whose tenant it is.
    Customer(Option<PartnershipState>),
    /// Provider and reseller, with the provider's relationship with the tenant as its customer.
    Partnership(RelationshipToPartner),
}

/// whether the tenant would become both a reseller and an end customer of one provider.
///
/// - A tenant cannot be both a reseller and an end customer of one provider. The refusal lists the alternatives
///
/// - First alternative: another tenant of the same company becomes the customer.
/// - Second alternative: the company ends its partnership with this provider and becomes a reseller of another
///   one. It then buys for its own use from a direct-bill partner, in a separate tenant.
/// - Third alternative: the company is an end customer of this provider and a reseller of another one.
pub fn q_09_not_both(wanted: WantedRelationship) -> Verdict {
    let message = match wanted {
        WantedRelationship::Customer(partnership) if is_active(partnership) => {
            "This tenant belongs to a reseller of the provider; it cannot also become the provider's end customer."
        }
        WantedRelationship::Partnership(RelationshipToPartner::Reseller) => {
            "This tenant is an end customer of the provider; it cannot also become the provider's reseller."
        }
        _ => return Verdict::Passed(RuleId::Q_09),
    };
    Verdict::Refused(Refusal::of(RuleId::Q_09, "BOTH_RESELLER_AND_CUSTOMER", message).options(q_13_ways_out()))
}

/// the refusal of Q-09 lists what a reseller that wants to buy for itself can do instead.
#[must_use]
pub fn q_13_ways_out() -> [&'static str; 3] {
    [
        "Use another, separate tenant as the customer.",
        "End the partnership with this provider and start one with another; then buy for your own use from a direct-bill partner.",
        "Stay an end customer of this provider and be a reseller of another provider.",
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{passes, refuses, shows, tenant};
    use PartnerType::{DirectBill, IndirectProvider, IndirectReseller};

    const DIRECT: Chain = Chain { seller: DirectBill, reseller: None };
    const INDIRECT: Chain = Chain { seller: IndirectProvider, reseller: Some(IndirectReseller) };
    const PROVIDER_ALONE: Chain = Chain { seller: IndirectProvider, reseller: None };
    const RESELLER_ALONE: Chain = Chain { seller: IndirectReseller, reseller: None };

    #[test]
    fn chains_begin_with_a_provider_or_a_direct_bill_partner() {
        for chain in [DIRECT, INDIRECT, PROVIDER_ALONE] {
            passes("Q-01", q_01_supported_chain(chain));
        }
        refuses("Q-01", q_01_supported_chain(RESELLER_ALONE));
        refuses("Q-01", q_01_supported_chain(Chain { reseller: Some(IndirectReseller), ..DIRECT }));
        let links =
            [SalesRole::Microsoft, SalesRole::IndirectProvider, SalesRole::IndirectReseller, SalesRole::Customer];
        assert_eq!(sales_chain(INDIRECT), links);
    }

    #[test]
    fn own_use_is_bought_from_resellers_and_direct_bill_partners() {
        for chain in [DIRECT, INDIRECT] {
            passes("Q-04", q_04_own_use_from_reseller_or_direct_bill(chain));
            passes("Q-16", q_16_own_use_not_from_provider(chain));
        }
        refuses("Q-04", q_04_own_use_from_reseller_or_direct_bill(PROVIDER_ALONE));
        refuses("Q-16", q_16_own_use_not_from_provider(PROVIDER_ALONE));
    }

    #[test]
    fn own_use_needs_a_tenant_apart() {
        let apart = OwnUseTenant {
            tenant_id: Some(tenant(2)),
            buyer_csp_tenant: Some(tenant(1)),
            used_as: TenantUse::Customer,
            marked_internal: true,
        };
        passes("Q-05", q_05_own_use_tenant(apart));
        let business = OwnUseTenant { tenant_id: Some(tenant(1)), ..apart };
        assert_eq!(refuses("Q-05", q_05_own_use_tenant(business)).field, ["tenantId"]);
        let unmarked = OwnUseTenant { marked_internal: false, ..apart };
        assert_eq!(refuses("Q-05", q_05_own_use_tenant(unmarked)).field, ["internalUseOf"]);
        let (buyer, other) = (Some(MpnId(7)), Some(MpnId(8)));
        for (stated, confirmed) in [(None, None), (buyer, buyer)] {
            passes("Q-05", q_05_internal_use_confirmed(stated, confirmed));
        }
        for (stated, confirmed) in [(buyer, None), (buyer, other), (None, buyer)] {
            let refusal = refuses("Q-05", q_05_internal_use_confirmed(stated, confirmed));
            assert_eq!((refusal.code, &refusal.field[0][..]), ("INTERNAL_USE_NOT_CONFIRMED", "confirmInternalUseOf"));
        }
        passes("Q-06", q_06_not_a_partner_tenant(TenantUse::Customer));
        refuses("Q-06", q_06_not_a_partner_tenant(TenantUse::PartnerCsp));
    }

    #[test]
    fn nobody_sells_to_its_own() {
        let (company, affiliate) = (Some(OrganizationLinkKind::SameCompany), Some(OrganizationLinkKind::Affiliate));
        passes("Q-07", q_07_not_to_itself(affiliate));
        refuses("Q-07", q_07_not_to_itself(company));
        passes("Q-08", q_08_not_to_affiliate(company));
        refuses("Q-08", q_08_not_to_affiliate(affiliate));
        passes("Q-17", q_17_provider_not_buyers_own(None));
        refuses("Q-17", q_17_provider_not_buyers_own(affiliate));
    }

    #[test]
    fn a_reseller_is_not_its_providers_customer_and_the_message_names_alternatives() {
        let both = q_09_not_both(WantedRelationship::Customer(Some(PartnershipState::Active)));
        shows("Q-13", refuses("Q-09", both).options == q_13_ways_out());
        refuses("Q-09", q_09_not_both(WantedRelationship::Partnership(RelationshipToPartner::Reseller)));
        passes("Q-09", q_09_not_both(WantedRelationship::Partnership(RelationshipToPartner::None)));
    }

    #[test]
    fn each_way_out_leads_out() {
        let stranger = q_09_not_both(WantedRelationship::Customer(None));
        let ended = q_09_not_both(WantedRelationship::Customer(Some(PartnershipState::Removed)));
        let of_another = q_09_not_both(WantedRelationship::Partnership(RelationshipToPartner::None));
        let in_partner_tenant = q_06_not_a_partner_tenant(TenantUse::PartnerCsp);
        let apart = q_06_not_a_partner_tenant(TenantUse::Customer);
        shows("Q-10", stranger.passed() == Some(true) && apart.passed() == Some(true));
        shows("Q-11", ended.passed() == Some(true) && in_partner_tenant.passed() == Some(false));
        shows("Q-12", of_another.passed() == Some(true));
    }
}
