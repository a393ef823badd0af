//! The three types of partner account (T-01 to T-05).

use crate::{Capability, PartnerType, Refusal, ResellerChoice, RuleId, Verdict};

/// The capabilities that a direct-bill partner needs (T-05).
pub const DIRECT_BILL_NEEDS: [Capability; 4] =
    [Capability::ApiIntegration, Capability::Billing, Capability::Support, Capability::ManagedServices];

/// T-01: a tenant has one account, or a direct-bill and a reseller account. It never has two accounts of one type.
pub fn t_01_account_fits_tenant(held: &[PartnerType], wanted: PartnerType) -> Verdict {
    let fits = match wanted {
        PartnerType::IndirectProvider => held.is_empty(),
        PartnerType::IndirectReseller => held.iter().all(|held| *held == PartnerType::DirectBill),
        PartnerType::DirectBill => held.iter().all(|held| *held == PartnerType::IndirectReseller),
    };
    let held: Vec<_> = held.iter().map(|held| held.as_str()).collect();
    let message = format!(
        "The tenant already has an account of type {}, so it cannot also have a {wanted} account. Enrol with another tenant.",
        held.join(" and ")
    );
    Verdict::given(fits, RuleId::T_01, "ACCOUNT_TYPE_TAKEN", message)
}

/// T-03: an indirect reseller cannot buy from Microsoft; it orders through an indirect provider.
pub fn t_03_reseller_orders_through_provider(seller: PartnerType) -> Verdict {
    let message = "An indirect reseller has no billing relationship with Microsoft. An indirect provider must order.";
    Verdict::given(seller != PartnerType::IndirectReseller, RuleId::T_03, "PROVIDER_NEEDED", message)
}

/// T-04: a direct-bill partner sells to the customer directly, without a reseller.
pub fn t_04_direct_chain_without_reseller(seller: PartnerType, reseller: Option<&ResellerChoice>) -> Verdict {
    if reseller.is_none() { Verdict::Passed(RuleId::T_04) } else { t_04_sells_through_resellers(seller) }
}

/// T-04, before a reseller is named: a direct-bill partner can name none.
pub fn t_04_sells_through_resellers(seller: PartnerType) -> Verdict {
    let holds = seller != PartnerType::DirectBill;
    let message = "A direct-bill partner sells to the customer directly, without a reseller.";
    Verdict::given(holds, RuleId::T_04, "DIRECT_BILL_HAS_NO_RESELLER", message)
}

/// T-05: an applicant for direct bill must be in the programme and have every required capability. The refusal names
/// each missing one.
pub fn t_05_direct_bill_requirements(held: &[PartnerType], capabilities: &[Capability]) -> Verdict {
    let mut missing = Vec::new();
    if held.is_empty() {
        missing.push("an account in the programme".to_owned());
    }
    let lacking = DIRECT_BILL_NEEDS.iter().filter(|needed| !capabilities.contains(needed));
    missing.extend(lacking.map(|needed| format!("the capability {needed}")));
    if missing.is_empty() {
        return Verdict::Passed(RuleId::T_05);
    }
    let message = format!("A direct-bill account also needs: {}.", missing.join(", "));
    Verdict::Refused(Refusal::of(RuleId::T_05, "DIRECT_BILL_REQUIREMENTS", message).options(missing))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::PartnerType::{DirectBill, IndirectProvider, IndirectReseller};
    use crate::testing::{choice, passes, refuses, reseller};

    #[test]
    fn a_tenant_holds_direct_bill_and_reseller_together_and_nothing_else() {
        passes("T-01", t_01_account_fits_tenant(&[], IndirectProvider));
        passes("T-01", t_01_account_fits_tenant(&[DirectBill], IndirectReseller));
        passes("T-01", t_01_account_fits_tenant(&[IndirectReseller], DirectBill));
        refuses("T-01", t_01_account_fits_tenant(&[IndirectReseller], IndirectReseller));
        refuses("T-01", t_01_account_fits_tenant(&[IndirectProvider], IndirectReseller));
        refuses("T-01", t_01_account_fits_tenant(&[DirectBill], IndirectProvider));
    }

    #[test]
    fn a_reseller_does_not_order_alone() {
        passes("T-03", t_03_reseller_orders_through_provider(IndirectProvider));
        refuses("T-03", t_03_reseller_orders_through_provider(IndirectReseller));
    }

    #[test]
    fn a_direct_bill_partner_has_no_reseller() {
        let reseller = choice(reseller());
        passes("T-04", t_04_direct_chain_without_reseller(DirectBill, None));
        passes("T-04", t_04_direct_chain_without_reseller(IndirectProvider, Some(&reseller)));
        refuses("T-04", t_04_direct_chain_without_reseller(DirectBill, Some(&reseller)));
        passes("T-04", t_04_sells_through_resellers(IndirectProvider));
        refuses("T-04", t_04_sells_through_resellers(DirectBill));
    }

    #[test]
    fn an_applicant_for_direct_bill_learns_everything_that_is_missing() {
        passes("T-05", t_05_direct_bill_requirements(&[IndirectReseller], &DIRECT_BILL_NEEDS));
        let refusal = refuses("T-05", t_05_direct_bill_requirements(&[], &[Capability::Billing]));
        assert_eq!(refusal.options.len(), 4);
    }
}
