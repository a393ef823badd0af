//! What a caller may do with a customer.

use super::{Action, listed};
use crate::checks::callers::{self, ActsFor};
use crate::checks::sale::open_to_invitation;
use crate::checks::{
    OrderFacts, account_open_to_association, dissociate_reseller, edit_customer_details, edit_own_details,
    invites_customer, manages_for, may_attest, may_decide_for_customer, may_end_relationship, may_order,
    record_renegotiation, visible_to_caller,
};
use crate::refusal::refusals;
use crate::rules::region;
use crate::rules::scenario::TenantUse;
use crate::{ActionName, Actor, CustomerFacts, DissociateFacts, PartnerFacts, Refusal, TenantId};

/// The facts that decide what a caller may do with a customer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CustomerActionFacts {
    /// The caller.
    pub actor: Actor,
    /// For whom it acts.
    pub acts_for: ActsFor,
    /// The customer. `None` if the caller left it: it reads its identity, but cannot name it in a mutation (D-06).
    pub known: Option<KnownCustomer>,
}

/// A customer that the caller can name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownCustomer {
    /// Its tenant.
    pub tenant_id: TenantId,
    /// What the caller's own account could order for it, still without lines. `None` if the caller acts for no partner.
    pub order: Option<OrderFacts>,
    /// What its tenant is used for, as far as the caller sees.
    pub visible_use: TenantUse,
    /// The record that the caller reads. `None` if no partner has one.
    pub record: Option<RecordRead>,
}

/// A partner's record of a customer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordRead {
    /// The partner whose record it is.
    pub partner: PartnerFacts,
    /// Whether it is the caller's own.
    pub is_callers: bool,
    /// The customer, as that partner knows it.
    pub customer: CustomerFacts,
}

/// Every action on a customer, with what prevents it.
#[must_use]
pub fn on_customer(facts: &CustomerActionFacts) -> Vec<Action> {
    use ActionName::{
        AssociateReseller, ConfirmCustomerAgreement, DissociateReseller, GrantTenantOwner, InviteCustomer,
        ReassignDelegatedAdmin, RecordRenegotiation, RemoveCustomerRelationship, RequestOrder, RevokeDelegatedAdmin,
        RevokeTenantOwner, SubmitOrder, UpdateCustomer,
    };
    let actor = &facts.actor;
    let decides = facts.decides();
    listed([
        (AssociateReseller, facts.at_provider(|it| account_open_to_association(actor, &it.partner, &it.customer))),
        (DissociateReseller, facts.at_provider(|it| dissociate_reseller(&it.without_reseller(actor)))),
        (SubmitOrder, facts.at_account(callers::orders_for_others, |_, order| may_order(order))),
        (RequestOrder, facts.requests_order()),
        (
            ConfirmCustomerAgreement,
            facts.at_own(callers::confirms_for_others, |_, own, customer| may_attest(actor, own, customer)),
        ),
        (UpdateCustomer, facts.edits()),
        (
            InviteCustomer,
            facts.at_own(callers::invites_for_others, |known, own, customer| facts.invites(known, own, customer)),
        ),
        (
            RemoveCustomerRelationship,
            facts.at_own(callers::ends_anothers_relationship, |_, own, customer| {
                may_end_relationship(actor, own, customer)
            }),
        ),
        (
            RecordRenegotiation,
            facts.at_own(callers::renegotiates_for_others, |_, own, customer| {
                record_renegotiation(actor, own, customer)
            }),
        ),
        (RevokeDelegatedAdmin, decides.clone()),
        (ReassignDelegatedAdmin, decides.clone()),
        (GrantTenantOwner, decides.clone()),
        (RevokeTenantOwner, decides),
    ])
}

impl CustomerActionFacts {
    /// The refusal of a mutation that does not find the customer.
    fn unknown() -> Vec<Refusal> {
        vec![Refusal::not_found("customer", "customer")]
    }

    /// What an action by the caller's own account requires.
    fn at_account(
        &self,
        for_others: fn() -> Refusal,
        check: impl FnOnce(&KnownCustomer, &OrderFacts) -> Vec<Refusal>,
    ) -> Vec<Refusal> {
        if !matches!(self.acts_for, ActsFor::Seller | ActsFor::Reseller) {
            return vec![for_others()];
        }
        match self.known.as_ref().and_then(|known| Some((known, known.order.as_ref()?))) {
            Some((known, order)) => check(known, order),
            None => Self::unknown(),
        }
    }

    /// The same for an action that needs the account and the customer as it knows it.
    fn at_own(
        &self,
        for_others: fn() -> Refusal,
        check: impl FnOnce(&KnownCustomer, &PartnerFacts, &CustomerFacts) -> Vec<Refusal>,
    ) -> Vec<Refusal> {
        self.at_account(for_others, |known, order| match &order.customer {
            Some(customer) => check(known, &order.seller, customer),
            None => Self::unknown(),
        })
    }

    /// What an action with resellers requires of the provider through which the caller knows the customer.
    fn at_provider(&self, check: impl FnOnce(&RecordRead) -> Vec<Refusal>) -> Vec<Refusal> {
        match self.known.as_ref().and_then(|known| known.record.as_ref()) {
            Some(record) if record.is_callers && self.acts_for == ActsFor::Reseller => {
                vec![callers::associates_without_provider()]
            }
            Some(record) => visible_to_caller(check(record), &self.actor, &record.partner),
            None => Self::unknown(),
        }
    }

    /// The role with which a reseller asks. Which provider it asks, and what it manages there, are part of the request.
    fn requests_order(&self) -> Vec<Refusal> {
        if self.acts_for != ActsFor::Reseller {
            return vec![callers::requests_without_reseller()];
        }
        self.at_account(callers::requests_without_reseller, |_, order| manages_for(&self.actor, &order.seller))
    }

    fn edits(&self) -> Vec<Refusal> {
        let Some(known) = &self.known else { return Self::unknown() };
        match (self.acts_for, &known.record) {
            (ActsFor::Seller | ActsFor::Reseller, Some(record)) => {
                let found = edit_customer_details(&self.actor, &record.partner);
                visible_to_caller(found, &self.actor, &record.partner)
            }
            (ActsFor::Seller | ActsFor::Reseller, None) => Self::unknown(),
            _ => edit_own_details(&self.actor, known.tenant_id),
        }
    }

    /// A-02, C-07, Q-06 and Q-09: whatever the invitation of a known customer says. It states the country if that is not known.
    fn invites(&self, known: &KnownCustomer, inviter: &PartnerFacts, customer: &CustomerFacts) -> Vec<Refusal> {
        let mut found = invites_customer(&self.actor, inviter);
        let country = customer.country.is_some();
        found.extend(refusals(country.then(|| region::c_07_invites_within_region(inviter.country, customer.country))));
        let partnership = known.order.as_ref().and_then(|order| order.partnership_with_tenant);
        found.extend(refusals(open_to_invitation(known.visible_use, partnership, "customer")));
        found
    }

    /// What the customer decides about its partners.
    fn decides(&self) -> Vec<Refusal> {
        match (&self.known, self.acts_for) {
            (Some(known), ActsFor::Customer) => may_decide_for_customer(&self.actor, known.tenant_id),
            _ => vec![callers::decides_for_another_customer()],
        }
    }
}

impl RecordRead {
    fn without_reseller(&self, actor: &Actor) -> DissociateFacts {
        DissociateFacts {
            actor: actor.clone(),
            seller: self.partner.clone(),
            customer: self.customer.clone(),
            subscription: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{admin_of, customer, ids, operator, order, reseller, tenant};
    use crate::{CountryCode, RelationshipToPartner, Role};

    fn of_seller(customer: CustomerFacts) -> CustomerActionFacts {
        let order = OrderFacts { customer: Some(customer.clone()), ..order(Vec::new()) };
        let record = RecordRead { partner: order.seller.clone(), is_callers: true, customer };
        CustomerActionFacts {
            actor: admin_of(&order.seller),
            acts_for: ActsFor::Seller,
            known: Some(KnownCustomer {
                tenant_id: tenant(9_000),
                order: Some(order),
                visible_use: TenantUse::Customer,
                record: Some(record),
            }),
        }
    }

    fn against(facts: &CustomerActionFacts, name: ActionName) -> Vec<&'static str> {
        let found = on_customer(facts).into_iter().find(|action| action.name == name).unwrap();
        ids(&found.refusals)
    }

    fn allowed(facts: &CustomerActionFacts) -> Vec<&'static str> {
        on_customer(facts).iter().filter(|it| it.is_allowed()).map(|it| it.name.as_str()).collect()
    }

    #[test]
    fn a_provider_does_everything_that_is_not_the_customers() {
        assert_eq!(
            allowed(&of_seller(customer())),
            [
                "ASSOCIATE_RESELLER",
                "DISSOCIATE_RESELLER",
                "SUBMIT_ORDER",
                "CONFIRM_CUSTOMER_AGREEMENT",
                "UPDATE_CUSTOMER",
                "INVITE_CUSTOMER",
                "REMOVE_CUSTOMER_RELATIONSHIP",
                "RECORD_RENEGOTIATION"
            ]
        );
        assert_eq!(against(&of_seller(customer()), ActionName::GrantTenantOwner), ["A-06"]);
    }

    #[test]
    fn what_is_missing_prevents_an_order() {
        let country: Option<CountryCode> = Some("US".parse().unwrap());
        let facts = of_seller(CustomerFacts { mca_accepted: false, country, ..customer() });
        assert_eq!(against(&facts, ActionName::SubmitOrder), ["C-03", "Q-14"]);
        assert_eq!(against(&facts, ActionName::InviteCustomer), ["C-07"]);
        let unrelated = of_seller(CustomerFacts { relationship: RelationshipToPartner::None, ..customer() });
        assert_eq!(against(&unrelated, ActionName::RemoveCustomerRelationship), ["C-01"]);
    }

    #[test]
    fn another_partners_record_says_only_that_access_is_refused() {
        let mut facts = of_seller(CustomerFacts { relationship: RelationshipToPartner::None, ..customer() });
        facts.actor = admin_of(&reseller());
        facts.acts_for = ActsFor::Reseller;
        let known = facts.known.as_mut().unwrap();
        known.record.as_mut().unwrap().is_callers = false;
        known.order.as_mut().unwrap().seller = reseller();
        assert_eq!(against(&facts, ActionName::AssociateReseller), ["A-01"]);
        assert_eq!(against(&facts, ActionName::UpdateCustomer), ["A-01"]);
        assert_eq!(against(&facts, ActionName::RequestOrder), [] as [&str; 0]);
        facts.known.as_mut().unwrap().record.as_mut().unwrap().is_callers = true;
        assert_eq!(against(&facts, ActionName::AssociateReseller), ["A-01"]);
    }

    #[test]
    fn a_customer_decides_for_itself_and_operators_only_correct() {
        let known = KnownCustomer { order: None, ..of_seller(customer()).known.unwrap() };
        let actor = crate::testing::actor(tenant(9_000), Role::GlobalAdmin);
        let own = CustomerActionFacts { actor, acts_for: ActsFor::Customer, known: Some(known.clone()) };
        assert_eq!(
            allowed(&own),
            [
                "UPDATE_CUSTOMER",
                "REVOKE_DELEGATED_ADMIN",
                "REASSIGN_DELEGATED_ADMIN",
                "GRANT_TENANT_OWNER",
                "REVOKE_TENANT_OWNER"
            ]
        );
        let platform = CustomerActionFacts { actor: operator(), acts_for: ActsFor::Platform, known: Some(known) };
        assert_eq!(allowed(&platform), ["UPDATE_CUSTOMER"]);
    }

    #[test]
    fn a_customer_that_was_left_cannot_be_named() {
        let left = CustomerActionFacts { known: None, ..of_seller(customer()) };
        let found = on_customer(&left);
        let unknown = found.iter().filter(|action| action.refusals[0].code == "NOT_FOUND").count();
        assert_eq!((unknown, allowed(&left).len()), (8, 0));
    }
}
