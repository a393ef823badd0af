//! Relationships of partners and customers, and the rights they give (C-01 to C-28, B-11, D-01, D-02).

use super::rule_ids;
use crate::{CustomerFacts, RelationshipToPartner, RuleId, Verdict};

rule_ids! { C_01 = "C-01", C_02 = "C-02", B_11 = "B-11" }

/// Decides whether the acting partner has a reseller relationship of its own with the customer.
fn related(rule: RuleId, customer: &CustomerFacts, purpose: &str) -> Verdict {
    let message = format!(
        "You have no reseller relationship with the customer {}; you need one of your own {purpose}. Invite the customer.",
        customer.tenant_id
    );
    Verdict::given(customer.relationship == RelationshipToPartner::Reseller, rule, "NO_RELATIONSHIP", message)
}

/// C-01: managing a customer's subscriptions and services needs a reseller relationship with it.
pub fn c_01_related_to_manage(customer: &CustomerFacts) -> Verdict {
    related(C_01, customer, "to manage its subscriptions")
}

/// C-02: ordering, enlarging and upgrading need the provider's own relationship, whatever its reseller has.
pub fn c_02_related_to_sell(customer: &CustomerFacts) -> Verdict {
    related(C_02, customer, "to order for it, to enlarge or to upgrade")
}

/// B-11: an order is submitted by a partner that has a reseller relationship with the customer.
pub fn b_11_related_to_order(customer: &CustomerFacts) -> Verdict {
    related(B_11, customer, "to submit an order")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{customer, passes, refuses};

    #[test]
    fn a_partner_needs_its_own_relationship() {
        let related = customer();
        passes("C-01", c_01_related_to_manage(&related));
        passes("C-02", c_02_related_to_sell(&related));
        passes("B-11", b_11_related_to_order(&related));
        for relationship in [RelationshipToPartner::None, RelationshipToPartner::Advisor] {
            let stranger = CustomerFacts { relationship, ..customer() };
            assert_eq!(refuses("C-01", c_01_related_to_manage(&stranger)).microsoft_code, Some(20002));
            assert_eq!(refuses("C-02", c_02_related_to_sell(&stranger)).microsoft_code, Some(20002));
            assert_eq!(refuses("B-11", b_11_related_to_order(&stranger)).microsoft_code, Some(20002));
        }
    }
}
