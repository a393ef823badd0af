//! The designated support contact of a subscription.

use crate::refusal::refusals;
use crate::rules::{authz, customer, partnership, region, subscription, support, types};
use crate::{
    Actor, CustomerFacts, DissociateFacts, PartnerFacts, Refusal, SubscriptionFacts, SupportContactChoice,
    SupportContactFacts, Verdict,
};

/// Checks whether a support contact may be designated.
///
/// The seller itself, which is the default, may always be designated. A reseller needs an active partnership (K-02) but
/// no agreement, because it is not on the transaction. Nothing else about the subscription changes (K-03).
#[must_use]
pub fn assign_support_contact(facts: &SupportContactFacts) -> Vec<Refusal> {
    let mut found = open_to_designation(&facts.actor, &facts.seller, &facts.customer, Some(&facts.subscription));
    found.extend(refusals(support_contact(&facts.seller, &facts.contact)));
    found
}

/// Applies every rule about the support contact of a subscription of that seller, at creation or later (K-04).
#[must_use]
pub fn support_contact(seller: &PartnerFacts, contact: &SupportContactChoice) -> Vec<Verdict> {
    let SupportContactChoice::Reseller(reseller) = contact else { return Vec::new() };
    // The seller's own MPN ID means the default, however the caller specified the choice.
    if subscription::own_mpn_id_not_used(seller, reseller).passed() == Some(false) {
        return Vec::new();
    }
    let mut verdicts = vec![
        types::t_04_direct_chain_without_reseller(seller.partner_type, Some(reseller)),
        subscription::e_11_is_indirect_reseller(reseller),
    ];
    if let (Some(account), Some(true)) = (&reseller.account, verdicts[1].passed()) {
        verdicts.extend([
            partnership::p_06_partnership_active(reseller),
            support::k_02_contact_is_partner(reseller),
            partnership::x_09_not_removed(reseller),
            region::q_15_partners_within_region(seller.country, account.country),
        ]);
    } else if reseller.account.is_none() {
        // An unknown MPN ID and that of an account that the caller cannot see are refused in the same way.
        verdicts.extend([partnership::p_06_partnership_active(reseller), support::k_02_contact_is_partner(reseller)]);
    }
    verdicts.into_iter().map(|verdict| verdict.field(["contact"])).collect()
}

/// Checks whether a subscription's support contact may be reset to the default, the seller.
#[must_use]
pub fn clear_support_contact(facts: &DissociateFacts) -> Vec<Refusal> {
    open_to_designation(&facts.actor, &facts.seller, &facts.customer, facts.subscription.as_ref())
}

/// What must hold whoever is to be the support contact (A-01, C-01, and a subscription that is not deleted).
#[must_use]
pub fn open_to_designation(
    actor: &Actor,
    seller: &PartnerFacts,
    customer: &CustomerFacts,
    held: Option<&SubscriptionFacts>,
) -> Vec<Refusal> {
    let mut found = refusals([
        authz::a_01_provider_task(actor, seller),
        customer::c_01_related_to_manage(customer).field(["subscription"]),
    ]);
    let deleted = held.and_then(subscription::deleted_does_not_change);
    found.extend(deleted.map(|refusal| refusal.field(["subscription"])));
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{admin_of, choice, customer, ids, partner, provider, reseller, subscription};
    use crate::{PartnerType, PartnershipState, ResellerChoice, SubscriptionStatus};

    fn facts(contact: SupportContactChoice) -> SupportContactFacts {
        let seller = provider();
        SupportContactFacts {
            actor: admin_of(&seller),
            seller,
            customer: customer(),
            subscription: subscription(),
            contact,
        }
    }

    #[test]
    fn a_partnered_reseller_and_the_seller_may_be_designated() {
        let unsigned = PartnerFacts { mpa_signed: false, ..reseller() };
        for contact in [
            SupportContactChoice::Seller,
            SupportContactChoice::Reseller(choice(provider())),
            SupportContactChoice::Reseller(choice(reseller())),
            SupportContactChoice::Reseller(choice(unsigned)),
        ] {
            assert_eq!(assign_support_contact(&facts(contact)), []);
        }
    }

    #[test]
    fn a_stranger_may_not() {
        let stranger = ResellerChoice { partnership: None, ..choice(reseller()) };
        let found = assign_support_contact(&facts(SupportContactChoice::Reseller(stranger)));
        assert_eq!(ids(&found), ["P-06", "K-02"]);
        assert_eq!(found[1].microsoft_code, Some(800_016));
        let removed = ResellerChoice { partnership: Some(PartnershipState::Removed), ..choice(reseller()) };
        assert!(ids(&assign_support_contact(&facts(SupportContactChoice::Reseller(removed)))).contains(&"X-09"));
        let provider = choice(partner(1_500, PartnerType::IndirectProvider));
        assert_eq!(ids(&assign_support_contact(&facts(SupportContactChoice::Reseller(provider)))), ["P-07"]);
    }

    #[test]
    fn a_deleted_subscription_keeps_its_contact() {
        let seller = provider();
        let deleted = SubscriptionFacts { status: SubscriptionStatus::Deleted, ..subscription() };
        let facts =
            DissociateFacts { actor: admin_of(&seller), seller, customer: customer(), subscription: Some(deleted) };
        assert_eq!(clear_support_contact(&facts)[0].code, "SUBSCRIPTION_DELETED");
        let facts = DissociateFacts { subscription: Some(subscription()), ..facts };
        assert_eq!(clear_support_contact(&facts), []);
    }
}
