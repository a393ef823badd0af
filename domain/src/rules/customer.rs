//! Relationships between partners and customers, and the rights that they give (C-01 to C-04, C-12 to C-17, C-26, B-11,
//! N-10).

use crate::{
    CustomerFacts, CustomerRight, GrantKind, Refusal, RelationshipToPartner, RuleId, ServiceRequestPath, TenantId,
    Verdict,
};

const NO_RELATIONSHIP: &str = "NO_RELATIONSHIP";

/// Whether a relationship of that kind lets a partner sell to the customer and manage its subscriptions.
#[must_use]
pub fn is_reseller(relationship: RelationshipToPartner) -> bool {
    relationship == RelationshipToPartner::Reseller
}

/// Decides whether the acting partner has its own reseller relationship with the customer.
fn related(rule: RuleId, customer: &CustomerFacts, purpose: &str) -> Verdict {
    let message = format!(
        "You have no reseller relationship with customer {}. You need your own {purpose}: invite the customer.",
        customer.tenant_id
    );
    Verdict::given(is_reseller(customer.relationship), rule, NO_RELATIONSHIP, message)
}

/// C-01: managing a customer's subscriptions and services requires a reseller relationship with it.
pub fn c_01_related_to_manage(customer: &CustomerFacts) -> Verdict {
    related(RuleId::C_01, customer, "to manage its subscriptions")
}

/// C-01, for a reseller that manages what a provider sold (B-16): it stands on that provider's relationship.
pub fn c_01_seller_related(customer: &CustomerFacts) -> Verdict {
    let message = format!(
        "The provider has no reseller relationship with customer {}, so what it sold cannot be managed.",
        customer.tenant_id
    );
    Verdict::given(is_reseller(customer.relationship), RuleId::C_01, NO_RELATIONSHIP, message)
}

/// C-02: ordering, adding licences and upgrading require the provider's own relationship, whatever its reseller has.
pub fn c_02_related_to_sell(customer: &CustomerFacts) -> Verdict {
    related(RuleId::C_02, customer, "to order for it, to add licences or to upgrade")
}

/// B-11: an order must be submitted by a partner that has a reseller relationship with the customer.
pub fn b_11_related_to_order(customer: &CustomerFacts) -> Verdict {
    related(RuleId::B_11, customer, "to submit an order")
}

/// C-26: transacting requires a customer account and a relationship. Without an account there is no relationship.
pub fn c_26_account_and_relationship(customer: Option<&CustomerFacts>) -> Verdict {
    match customer {
        None => {
            Verdict::given(false, RuleId::C_26, NO_RELATIONSHIP, "The customer has no account here yet. Add it first.")
        }
        Some(customer) => related(RuleId::C_26, customer, "to transact with it"),
    }
}

/// Whether new business with the customer is allowed. If an import accepted the customer although it breaks rules, new
/// business is blocked until that is fixed. Returns one refusal for each broken rule.
#[must_use]
pub fn new_business_open(broken: &[RuleId]) -> Vec<Verdict> {
    let refusal = |rule: &RuleId| {
        let message = format!(
            "This customer was imported although it breaks rule {rule}. New business with it is blocked until that \
             is fixed."
        );
        Verdict::given(false, *rule, "NEW_BUSINESS_BLOCKED", message)
    };
    broken.iter().map(refusal).collect()
}

/// Whether the right depends on the agreement, of which only the partner itself has evidence.
#[must_use]
pub fn c_03_needs_agreement(right: CustomerRight) -> bool {
    right != CustomerRight::ManageAzure
}

/// The facts that decide which rights a partner has over a customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RightsFacts {
    /// What the partner is to the customer.
    pub relationship: RelationshipToPartner,
    /// Whether the customer accepted the Microsoft Customer Agreement.
    pub mca_accepted: bool,
    /// Whether the partner has delegated administration.
    pub delegated_admin: bool,
    /// Whether the partner provisioned an Azure subscription of the customer that is still live.
    pub azure_subscription: bool,
}

/// C-03 and C-04: whether the partner has that right.
///
/// - C-03: A partner has three rights over a customer: to order, to manage services and to manage Azure. A refusal
///   names what is missing for the right.
/// - C-04: Managing the Azure subscriptions that the partner provisioned requires a relationship, but no delegated
///   administration.
///
/// Ordering requires relationship and agreement, managing services requires delegated administration and agreement, and
/// managing Azure requires a subscription that the partner provisioned and a relationship, but no admin permission.
/// Microsoft's code means that the agreement is missing, and is returned only if nothing else is missing.
pub fn c_03_right(right: CustomerRight, facts: RightsFacts) -> Verdict {
    let relationship = (is_reseller(facts.relationship), "a reseller relationship");
    let agreement = (facts.mca_accepted, "the customer's acceptance of the Microsoft Customer Agreement");
    let needed: &[_] = match right {
        CustomerRight::Order => &[relationship, agreement],
        CustomerRight::ManageServices => &[(facts.delegated_admin, "delegated administration privileges"), agreement],
        CustomerRight::ManageAzure => {
            &[relationship, (facts.azure_subscription, "an Azure subscription that you provisioned")]
        }
    };
    let missing: Vec<_> = needed.iter().filter(|(there, _)| !there).map(|(_, what)| *what).collect();
    let purpose = match right {
        CustomerRight::Order => "Ordering for the customer",
        CustomerRight::ManageServices => "Managing the customer's services",
        CustomerRight::ManageAzure => "Managing the customer's Azure subscriptions",
    };
    let message = format!("{purpose} requires {}.", missing.join(" and "));
    if missing == [agreement.1] {
        let message =
            format!("{message} Confirm it with customerAgreement or confirmCustomerAgreement, or invite the customer.");
        return Verdict::given(false, RuleId::C_03, "CUSTOMER_AGREEMENT_MISSING", message);
    }
    Verdict::given(missing.is_empty(), RuleId::C_03, "RIGHT_MISSING", message)
        .map(|refusal| Refusal { microsoft_code: None, ..refusal })
}

/// C-03: whether the partner may sell to the customer: an order, additional licences or an upgrade. Everything that sells
/// asks this one function. `None` is a customer that is being added, whose relationship begins with its first order.
pub fn c_03_sells(customer: Option<&CustomerFacts>) -> Verdict {
    let (relationship, mca_accepted) =
        customer.map_or((RelationshipToPartner::Reseller, false), |it| (it.relationship, it.mca_accepted));
    let facts = RightsFacts { relationship, mca_accepted, delegated_admin: false, azure_subscription: false };
    c_03_right(CustomerRight::Order, facts)
}

/// C-12 and D-01: whether a customer is on a partner's list.
///
/// - C-12: A customer is on a partner's list from the time it accepts the partner's invitation.
/// - D-01: A customer is off a partner's list once the relationship is removed.
#[must_use]
pub fn c_12_on_the_list(relationship: RelationshipToPartner) -> bool {
    relationship != RelationshipToPartner::None
}

/// C-14: a customer can reassign delegated administration from one of its partners to another.
pub fn c_14_reassigned_among_partners(from: TenantId, to: TenantId, to_relationship: RelationshipToPartner) -> Verdict {
    let holds = from != to && c_12_on_the_list(to_relationship);
    let message = "Admin permissions can only be reassigned to a partner that has a relationship with the customer.";
    Verdict::given(holds, RuleId::C_14, "NOT_A_PARTNER_OF_CUSTOMER", message).field(["to"])
}

/// C-14: only delegated administration that a partner has can be reassigned.
pub fn c_14_held_to_reassign(held: Option<GrantKind>) -> Verdict {
    let message = "This partner has no delegated administration privileges to reassign.";
    Verdict::given(held.is_some(), RuleId::C_14, "NO_DELEGATED_ADMIN", message).field(["from"])
}

/// The number of days without a sign-in after which a live grant of delegated administration is flagged as inactive.
pub const INACTIVE_AFTER_DAYS: i64 = 90;

/// C-15: the relationship stays as it is when the partner's delegated administration is removed.
#[must_use]
pub fn c_15_relationship_without_admin(relationship: RelationshipToPartner) -> RelationshipToPartner {
    relationship
}

/// Whether the agreement with a customer was renegotiated after the customer removed the admin permissions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Renegotiation {
    /// No. The agreement stays in effect.
    None,
    /// Yes. The partner's duty to support ended with it.
    Recorded,
}

/// C-16: a partner is responsible for support while there is a relationship and no renegotiation is recorded.
#[must_use]
pub fn c_16_support_responsible(relationship: RelationshipToPartner, renegotiation: Renegotiation) -> bool {
    is_reseller(relationship) && renegotiation == Renegotiation::None
}

/// C-17: a partner raises service requests through its delegated administration, or by telephone to Microsoft if it has
/// none.
#[must_use]
pub fn c_17_service_request_path(grant: Option<GrantKind>) -> ServiceRequestPath {
    grant.map_or(ServiceRequestPath::MicrosoftSupportPhone, |_| ServiceRequestPath::DelegatedAdmin)
}

/// N-10: a customer can make a reseller an owner of its Azure tenant. The reseller must be associated with the customer
/// account.
pub fn n_10_tenant_owner_is_associated(via: Option<crate::Via>) -> Verdict {
    let message =
        "Only a reseller that is associated with the customer account can become an owner of its Azure tenant.";
    Verdict::given(via == Some(crate::Via::Account), RuleId::N_10, "NOT_ASSOCIATED", message).field(["reseller"])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Via;
    use crate::testing::{customer, passes, refuses, shows, tenant};
    use RelationshipToPartner::{Advisor, None as Nothing, Reseller};

    const ALL: RightsFacts =
        RightsFacts { relationship: Reseller, mca_accepted: true, delegated_admin: true, azure_subscription: true };

    #[test]
    fn a_partner_needs_its_own_relationship() {
        let related = customer();
        passes("C-01", c_01_related_to_manage(&related));
        passes("C-01", c_01_seller_related(&related));
        passes("C-02", c_02_related_to_sell(&related));
        passes("B-11", b_11_related_to_order(&related));
        passes("C-26", c_26_account_and_relationship(Some(&related)));
        refuses("C-26", c_26_account_and_relationship(None));
        for relationship in [Nothing, Advisor] {
            let stranger = CustomerFacts { relationship, ..customer() };
            assert_eq!(refuses("C-01", c_01_related_to_manage(&stranger)).microsoft_code, Some(20002));
            assert_eq!(refuses("C-01", c_01_seller_related(&stranger)).microsoft_code, Some(20002));
            assert_eq!(refuses("C-02", c_02_related_to_sell(&stranger)).microsoft_code, Some(20002));
            assert_eq!(refuses("B-11", b_11_related_to_order(&stranger)).microsoft_code, Some(20002));
            refuses("C-26", c_26_account_and_relationship(Some(&stranger)));
        }
    }

    #[test]
    fn a_customer_that_came_in_against_a_rule_has_no_new_business() {
        assert_eq!(new_business_open(&[]), []);
        let found = new_business_open(&[RuleId::Q_14, RuleId::Q_06]);
        let refusal = refuses("Q-14", found[0].clone());
        assert_eq!((refusal.code, refusal.microsoft_code, found.len()), ("NEW_BUSINESS_BLOCKED", Some(2030), 2));
        refuses("Q-06", found[1].clone());
    }

    #[test]
    fn ordering_needs_the_agreement() {
        passes("C-03", c_03_right(CustomerRight::Order, RightsFacts { delegated_admin: false, ..ALL }));
        let refusal = refuses("C-03", c_03_right(CustomerRight::Order, RightsFacts { mca_accepted: false, ..ALL }));
        assert_eq!((refusal.code, refusal.microsoft_code), ("CUSTOMER_AGREEMENT_MISSING", Some(13605)));
        for mca_accepted in [true, false] {
            let stranger = RightsFacts { relationship: Nothing, mca_accepted, ..ALL };
            let refusal = refuses("C-03", c_03_right(CustomerRight::Order, stranger));
            assert_eq!((refusal.code, refusal.microsoft_code), ("RIGHT_MISSING", None));
            assert_eq!(refusal.message.contains("Microsoft Customer Agreement"), !mca_accepted);
        }
    }

    #[test]
    fn managing_services_needs_delegated_administration_and_azure_does_not() {
        let without = RightsFacts { delegated_admin: false, ..ALL };
        passes("C-03", c_03_right(CustomerRight::ManageServices, ALL));
        assert_eq!(refuses("C-03", c_03_right(CustomerRight::ManageServices, without)).microsoft_code, None);
        shows("C-04", c_03_right(CustomerRight::ManageAzure, without).passed() == Some(true));
        let nothing = RightsFacts { azure_subscription: false, mca_accepted: false, ..ALL };
        assert_eq!(refuses("C-03", c_03_right(CustomerRight::ManageAzure, nothing)).code, "RIGHT_MISSING");
    }

    #[test]
    fn a_customer_is_listed_while_related() {
        shows("C-12", c_12_on_the_list(Reseller));
        shows("D-01", !c_12_on_the_list(Nothing));
    }

    #[test]
    fn admin_permissions_go_to_another_partner_of_the_customer() {
        passes("C-14", c_14_reassigned_among_partners(tenant(1), tenant(2), Reseller));
        refuses("C-14", c_14_reassigned_among_partners(tenant(1), tenant(1), Reseller));
        refuses("C-14", c_14_reassigned_among_partners(tenant(1), tenant(2), Nothing));
        passes("C-14", c_14_held_to_reassign(Some(GrantKind::Dap)));
        refuses("C-14", c_14_held_to_reassign(None));
    }

    #[test]
    fn losing_admin_permissions_ends_neither_relationship_nor_duty() {
        shows("C-15", c_15_relationship_without_admin(Reseller) == Reseller);
        shows("C-16", c_16_support_responsible(Reseller, Renegotiation::None));
        shows("C-16", !c_16_support_responsible(Reseller, Renegotiation::Recorded));
        shows("C-17", c_17_service_request_path(None) == ServiceRequestPath::MicrosoftSupportPhone);
        shows("C-17", c_17_service_request_path(Some(GrantKind::Gdap)) == ServiceRequestPath::DelegatedAdmin);
    }

    #[test]
    fn a_tenant_owner_is_associated_with_the_account() {
        passes("N-10", n_10_tenant_owner_is_associated(Some(Via::Account)));
        refuses("N-10", n_10_tenant_owner_is_associated(Some(Via::Subscription)));
        refuses("N-10", n_10_tenant_owner_is_associated(None));
    }
}
