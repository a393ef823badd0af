//! Associating a reseller with a subscription or a customer account, and removing the association.

use crate::refusal::refusals;
use crate::rules::{agreement, authz, customer, partnership, region, subscription, types};
use crate::{
    Actor, AssociateCustomerFacts, AssociateFacts, CustomerFacts, DissociateFacts, PartnerFacts, Refusal,
    ResellerChoice, SubscriptionFacts, Verdict,
};

/// Checks whether a reseller may become the partner of record of a subscription.
///
/// Applies A-01, C-01, C-02, B-03, T-04, the check for a deleted subscription, and the reseller's own rules; see
/// [`reseller_on_transaction`]. A missing agreement never changes existing associations (M-07), but every new one needs
/// the agreement, on old subscriptions too.
#[must_use]
pub fn associate_reseller_to_subscription(facts: &AssociateFacts) -> Vec<Refusal> {
    let mut found = open_to_association(&facts.actor, &facts.seller, &facts.customer, &facts.subscription);
    found.extend(refusals(named_on_transaction(&facts.seller, &facts.reseller)));
    found
}

/// What must hold whichever reseller is to become the partner of record (A-01, C-01, C-02, B-03, T-04, and a deleted
/// subscription).
#[must_use]
pub fn open_to_association(
    actor: &Actor,
    seller: &PartnerFacts,
    customer: &CustomerFacts,
    held: &SubscriptionFacts,
) -> Vec<Refusal> {
    let mut found = refusals([
        authz::a_01_provider_task(actor, seller),
        customer::c_01_related_to_manage(customer).field(["subscription"]),
        customer::c_02_related_to_sell(customer).field(["subscription"]),
    ]);
    found.extend(subscription::deleted_does_not_change(held).map(|refusal| refusal.field(["subscription"])));
    found.extend(refusals([
        subscription::b_03_partner_of_record_open(held).field(["subscription"]),
        types::t_04_sells_through_resellers(seller.partner_type).field(["reseller"]),
    ]));
    found
}

/// Checks whether a reseller may be associated with a customer account, which gives it access but no incentive credit
/// (B-04).
///
/// The agreement is required too, because delegating an account to a reseller is new business with it (M-03, M-04).
#[must_use]
pub fn associate_reseller_to_customer(facts: &AssociateCustomerFacts) -> Vec<Refusal> {
    let mut found = account_open_to_association(&facts.actor, &facts.provider, &facts.customer);
    found.extend(refusals(named_for_account(&facts.provider, &facts.reseller)));
    found
}

/// What must hold whichever reseller is to be associated with the customer account (A-01, C-01, T-04).
#[must_use]
pub fn account_open_to_association(actor: &Actor, provider: &PartnerFacts, customer: &CustomerFacts) -> Vec<Refusal> {
    refusals([
        authz::a_01_provider_task(actor, provider),
        customer::c_01_related_to_manage(customer).field(["customer"]),
        types::t_04_sells_through_resellers(provider.partner_type).field(["reseller"]),
    ])
}

/// Checks whether a reseller may be removed from a subscription or a customer account.
///
/// No partnership is required: a reseller whose partnership has ended can still be removed.
#[must_use]
pub fn dissociate_reseller(facts: &DissociateFacts) -> Vec<Refusal> {
    let field = if facts.subscription.is_some() { "subscription" } else { "customer" };
    let mut found = refusals([
        authz::a_01_provider_task(&facts.actor, &facts.seller),
        customer::c_01_related_to_manage(&facts.customer).field([field]),
    ]);
    if let Some(held) = &facts.subscription {
        found.extend(subscription::deleted_does_not_change(held).map(|refusal| refusal.field([field])));
        found.extend(refusals([subscription::b_03_partner_of_record_open(held).field([field])]));
    }
    found
}

/// Applies every rule about a reseller on a subscription of that seller, at creation or later.
///
/// If the MPN ID is the seller's own (2072), this is the only refusal. If it does not belong to a reseller (2204), the
/// only other refusal is B-05. The refusals of the remaining rules would follow from these.
#[must_use]
pub fn reseller_on_transaction(seller: &PartnerFacts, reseller: &ResellerChoice) -> Vec<Verdict> {
    let chain = types::t_04_sells_through_resellers(seller.partner_type).field(["reseller"]);
    [chain].into_iter().chain(named_on_transaction(seller, reseller)).collect()
}

/// The same without T-04, which does not depend on the reseller.
fn named_on_transaction(seller: &PartnerFacts, reseller: &ResellerChoice) -> Vec<Verdict> {
    let mut verdicts = reseller_is_one(seller, reseller);
    if let (Some(account), true) = (&reseller.account, is_all_right(&verdicts)) {
        verdicts.extend(reseller_in_partnership(seller, account, reseller));
        verdicts.push(subscription::b_05_mpn_id_is_accounts_location(reseller));
        verdicts.extend([
            agreement::m_02_reseller_signed_for_association(account),
            agreement::b_06_reseller_signed_for_transaction(account),
            agreement::m_03_reseller_signed_for_business(account),
            agreement::m_04_reseller_transactable(account),
        ]);
    } else {
        verdicts.extend(nobody_is_no_partner(reseller));
        verdicts.push(subscription::b_05_mpn_id_is_accounts_location(reseller));
    }
    verdicts.into_iter().map(|verdict| verdict.field(["reseller"])).collect()
}

/// Applies every rule about a reseller that is to be associated with a customer account of that provider.
#[must_use]
pub fn reseller_for_account(provider: &PartnerFacts, reseller: &ResellerChoice) -> Vec<Verdict> {
    let chain = types::t_04_sells_through_resellers(provider.partner_type).field(["reseller"]);
    [chain].into_iter().chain(named_for_account(provider, reseller)).collect()
}

/// The same without T-04, which does not depend on the reseller.
fn named_for_account(provider: &PartnerFacts, reseller: &ResellerChoice) -> Vec<Verdict> {
    let mut verdicts = reseller_is_one(provider, reseller);
    if let (Some(account), true) = (&reseller.account, is_all_right(&verdicts)) {
        verdicts.extend(reseller_in_partnership(provider, account, reseller));
        verdicts.extend([
            agreement::m_03_reseller_signed_for_business(account),
            agreement::m_04_reseller_transactable(account),
        ]);
    } else {
        verdicts.extend(nobody_is_no_partner(reseller));
    }
    verdicts.into_iter().map(|verdict| verdict.field(["reseller"])).collect()
}

/// An MPN ID without an account has no partnership either. The caller gets the same answer for an account that it
/// cannot see, so that the two cannot be told apart.
fn nobody_is_no_partner(reseller: &ResellerChoice) -> Vec<Verdict> {
    if reseller.account.is_some() {
        return Vec::new();
    }
    vec![partnership::p_06_partnership_active(reseller), partnership::n_09_associates_partners_only(reseller)]
}

/// Whether the choice is an indirect reseller, and not the seller itself.
fn reseller_is_one(seller: &PartnerFacts, reseller: &ResellerChoice) -> Vec<Verdict> {
    let own = subscription::own_mpn_id_not_used(seller, reseller);
    if own.passed() == Some(false) { vec![own] } else { vec![subscription::e_11_is_indirect_reseller(reseller)] }
}

fn is_all_right(verdicts: &[Verdict]) -> bool {
    verdicts.iter().all(|verdict| verdict.passed() == Some(true))
}

/// The rules about the partnership that every association requires.
fn reseller_in_partnership(seller: &PartnerFacts, account: &PartnerFacts, reseller: &ResellerChoice) -> [Verdict; 4] {
    [
        partnership::p_06_partnership_active(reseller),
        partnership::n_09_associates_partners_only(reseller),
        partnership::x_09_not_removed(reseller),
        region::q_15_partners_within_region(seller.country, account.country),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{
        actor, admin_of, choice, country, customer, direct_bill, ids, profile, provider, reseller, subscription, tenant,
    };
    use crate::{
        CustomerFacts, MpnId, MpnKind, PartnershipState, RelationshipToPartner, Role, SubscriptionFacts,
        SubscriptionStatus,
    };

    fn facts(choice: ResellerChoice) -> AssociateFacts {
        let seller = provider();
        AssociateFacts {
            actor: admin_of(&seller),
            seller,
            customer: customer(),
            subscription: subscription(),
            reseller: choice,
        }
    }

    fn refused(facts: &AssociateFacts) -> Vec<&'static str> {
        ids(&associate_reseller_to_subscription(facts))
    }

    #[test]
    fn a_reseller_in_good_order_is_put_on_a_subscription() {
        assert_eq!(associate_reseller_to_subscription(&facts(choice(reseller()))), []);
    }

    #[test]
    fn all_refusals_are_returned_at_once() {
        let account = PartnerFacts { mpa_signed: false, country: Some(country("JP")), ..reseller() };
        let reseller = ResellerChoice {
            mpn_id: MpnId(2_001),
            profile: Some(profile(2_001, MpnKind::Location)),
            partnership: Some(PartnershipState::Removed),
            ..choice(account)
        };
        let facts = AssociateFacts {
            actor: actor(tenant(1_000), Role::HelpdeskAgent),
            customer: CustomerFacts { relationship: RelationshipToPartner::None, ..customer() },
            subscription: SubscriptionFacts {
                status: SubscriptionStatus::Deleted,
                partner_of_record_fixed: true,
                ..subscription()
            },
            ..facts(reseller)
        };
        let expected = [
            "A-01", "C-01", "C-02", "-", "B-03", "P-06", "N-09", "X-09", "Q-15", "B-05", "M-02", "B-06", "M-03", "M-04",
        ];
        assert_eq!(refused(&facts), expected);
    }

    #[test]
    fn a_reseller_without_the_agreement_is_refused_with_microsofts_codes() {
        let found =
            associate_reseller_to_subscription(&facts(choice(PartnerFacts { mpa_signed: false, ..reseller() })));
        assert_eq!(ids(&found), ["M-02", "B-06", "M-03", "M-04"]);
        assert_eq!(found[0].microsoft_code, Some(2203));
        assert_eq!(found[2].microsoft_code, Some(900_123));
        assert!(found.iter().all(|refusal| refusal.field == ["reseller"]));
    }

    #[test]
    fn an_imported_partnership_is_none() {
        let imported = ResellerChoice { partnership: Some(PartnershipState::Imported), ..choice(reseller()) };
        let found = associate_reseller_to_subscription(&facts(imported));
        assert_eq!(ids(&found), ["P-06", "N-09"]);
        assert_eq!(found[1].microsoft_code, Some(800_016));
    }

    #[test]
    fn the_providers_own_mpn_id_and_a_strangers_are_refused_plainly() {
        let own = associate_reseller_to_subscription(&facts(choice(provider())));
        assert_eq!((own.len(), own[0].microsoft_code), (1, Some(2072)));
        let member = ResellerChoice { account: None, partnership: None, ..choice(reseller()) };
        let found = associate_reseller_to_subscription(&facts(member));
        assert_eq!((ids(&found), found[0].microsoft_code), (vec!["E-11", "P-06", "N-09"], Some(2204)));
    }

    #[test]
    fn a_direct_bill_partner_has_no_reseller() {
        let seller = direct_bill();
        let facts = AssociateFacts { actor: admin_of(&seller), seller, ..facts(choice(reseller())) };
        assert_eq!(refused(&facts), ["T-04"]);
    }

    #[test]
    fn an_account_association_does_not_ask_for_the_location() {
        let provider = provider();
        let sibling = ResellerChoice { mpn_id: MpnId(2_001), ..choice(reseller()) };
        let facts =
            AssociateCustomerFacts { actor: admin_of(&provider), provider, customer: customer(), reseller: sibling };
        assert_eq!(associate_reseller_to_customer(&facts), []);
    }

    #[test]
    fn a_reseller_is_taken_off_whatever_became_of_the_partnership() {
        let seller = provider();
        let facts = DissociateFacts {
            actor: admin_of(&seller),
            seller,
            customer: customer(),
            subscription: Some(subscription()),
        };
        assert_eq!(dissociate_reseller(&facts), []);
        let fixed = SubscriptionFacts { partner_of_record_fixed: true, ..subscription() };
        let facts = DissociateFacts { subscription: Some(fixed), ..facts };
        assert_eq!(ids(&dissociate_reseller(&facts)), ["B-03"]);
        let facts = DissociateFacts { subscription: None, actor: actor(tenant(5), Role::GlobalAdmin), ..facts };
        assert_eq!(ids(&dissociate_reseller(&facts)), ["A-01"]);
    }
}
