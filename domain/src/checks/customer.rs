//! Ending or changing a relationship between a partner and a customer, by either of them.

use crate::refusal::refusals;
use crate::rules::removal::{self, LeftBehind, Representation};
use crate::rules::{authz, customer};
use crate::{Actor, CustomerFacts, GrantKind, PartnerFacts, Refusal, RelationshipToPartner, TenantId, Via};

/// The facts that decide whether a relationship with a customer may be removed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CustomerRemovalFacts {
    /// The caller.
    pub actor: Actor,
    /// The partner whose relationship it is.
    pub partner: PartnerFacts,
    /// The customer, as that partner knows it.
    pub customer: CustomerFacts,
    /// What the partner would leave with the customer.
    pub left: LeftBehind,
    /// Whether the caller explicitly leaves live subscriptions.
    pub leave_subscriptions: bool,
    /// Whether the caller explicitly confirmed.
    pub confirmed: bool,
    /// What the caller states about the decision.
    pub representation: Representation,
}

/// Checks whether a relationship with a customer may be removed (A-02, C-01, D-03, D-04, D-06).
#[must_use]
pub fn remove_customer_relationship(facts: &CustomerRemovalFacts) -> Vec<Refusal> {
    let mut found = may_end_relationship(&facts.actor, &facts.partner, &facts.customer);
    found.extend(refusals([
        removal::d_06_live_subscriptions(facts.left, facts.leave_subscriptions),
        removal::d_04_removal_confirmed(facts.confirmed),
    ]));
    found.extend(refusals(removal::d_03_represented(&facts.representation)));
    found
}

/// What must hold whatever the partner leaves and states (A-02, C-01).
#[must_use]
pub fn may_end_relationship(actor: &Actor, partner: &PartnerFacts, facts: &CustomerFacts) -> Vec<Refusal> {
    refusals([
        authz::a_02_removes_relationship(actor, partner),
        customer::c_01_related_to_manage(facts).field(["customer"]),
    ])
}

/// What must hold whatever a customer decides for itself about its partners.
#[must_use]
pub fn may_decide_for_customer(actor: &Actor, customer: TenantId) -> Vec<Refusal> {
    refusals([authz::a_06_decides_for_customer(actor, customer)])
}

/// Checks whether a customer may revoke delegated administration (A-06, C-14). It may do so at any time.
#[must_use]
pub fn revoke_delegated_admin(actor: &Actor, customer: TenantId) -> Vec<Refusal> {
    may_decide_for_customer(actor, customer)
}

/// Another partner of the customer, to which delegated administration is to be reassigned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reassignment {
    /// The tenant of the partner that has it.
    pub from: TenantId,
    /// The tenant of the partner that is to get it.
    pub to: TenantId,
    /// What that partner is to the customer.
    pub to_relationship: RelationshipToPartner,
    /// What the first partner has. `None` if it has no delegated administration.
    pub held: Option<GrantKind>,
}

/// Checks whether a customer may reassign delegated administration (A-06, C-14).
#[must_use]
pub fn reassign_delegated_admin(actor: &Actor, customer: TenantId, change: Reassignment) -> Vec<Refusal> {
    let mut found = may_decide_for_customer(actor, customer);
    found.extend(refusals([
        customer::c_14_held_to_reassign(change.held),
        customer::c_14_reassigned_among_partners(change.from, change.to, change.to_relationship),
    ]));
    found
}

/// Checks whether a customer may make a reseller an owner of its Azure tenant (A-06, N-10).
#[must_use]
pub fn grant_tenant_owner(actor: &Actor, customer: TenantId, reseller_via: Option<Via>) -> Vec<Refusal> {
    let mut found = may_decide_for_customer(actor, customer);
    found.extend(refusals([customer::n_10_tenant_owner_is_associated(reseller_via)]));
    found
}

/// Checks whether a customer may revoke that ownership.
#[must_use]
pub fn revoke_tenant_owner(actor: &Actor, customer: TenantId) -> Vec<Refusal> {
    may_decide_for_customer(actor, customer)
}

/// Checks whether a renegotiation of the agreement with a customer may be recorded (A-02, C-01; see C-16).
#[must_use]
pub fn record_renegotiation(actor: &Actor, partner: &PartnerFacts, facts: &CustomerFacts) -> Vec<Refusal> {
    may_end_relationship(actor, partner, facts)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Role;
    use crate::testing::{actor, admin_of, customer, ids, provider, tenant};

    #[test]
    fn a_removal_says_everything_that_is_missing() {
        let all = Representation {
            good_faith: true,
            legitimate_business_purpose: true,
            in_accordance_with_agreement: true,
            indemnify: true,
        };
        let facts = CustomerRemovalFacts {
            actor: admin_of(&provider()),
            partner: provider(),
            customer: customer(),
            left: LeftBehind::default(),
            leave_subscriptions: false,
            confirmed: true,
            representation: all,
        };
        assert_eq!(remove_customer_relationship(&facts), []);
        let bad = CustomerRemovalFacts {
            actor: actor(tenant(1_000), Role::UserAdmin),
            customer: CustomerFacts { relationship: RelationshipToPartner::None, ..customer() },
            left: LeftBehind { subscriptions: 1, ..LeftBehind::default() },
            confirmed: false,
            representation: Representation { good_faith: false, ..all },
            ..facts
        };
        assert_eq!(ids(&remove_customer_relationship(&bad)), ["A-02", "C-01", "D-06", "D-04", "D-03"]);
    }

    #[test]
    fn the_customers_global_admin_decides_about_admin_rights() {
        let admin = actor(tenant(9_000), Role::GlobalAdmin);
        let stranger = admin_of(&provider());
        let change = Reassignment {
            from: tenant(1),
            to: tenant(2),
            to_relationship: RelationshipToPartner::Reseller,
            held: Some(GrantKind::Dap),
        };
        assert_eq!(revoke_delegated_admin(&admin, tenant(9_000)), []);
        assert_eq!(ids(&revoke_delegated_admin(&stranger, tenant(9_000))), ["A-06"]);
        assert_eq!(reassign_delegated_admin(&admin, tenant(9_000), change), []);
        let back = Reassignment { to: tenant(1), ..change };
        assert_eq!(ids(&reassign_delegated_admin(&stranger, tenant(9_000), back)), ["A-06", "C-14"]);
        let nothing = Reassignment { held: None, ..change };
        assert_eq!(ids(&reassign_delegated_admin(&admin, tenant(9_000), nothing)), ["C-14"]);
        assert_eq!(grant_tenant_owner(&admin, tenant(9_000), Some(Via::Account)), []);
        assert_eq!(ids(&grant_tenant_owner(&stranger, tenant(9_000), None)), ["A-06", "N-10"]);
        assert_eq!(revoke_tenant_owner(&admin, tenant(9_000)), []);
    }

    #[test]
    fn a_renegotiation_is_recorded_by_the_partner() {
        assert_eq!(record_renegotiation(&admin_of(&provider()), &provider(), &customer()), []);
        let sales = actor(tenant(1_000), Role::SalesAgent);
        assert_eq!(ids(&record_renegotiation(&sales, &provider(), &customer())), ["A-02"]);
    }
}
