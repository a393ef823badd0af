//! What a caller may do with a subscription.

use chrono::NaiveDate;

use super::{Action, listed};
use crate::checks::callers::{self, ActsFor};
use crate::checks::{
    Carried, SubscriptionChangeFacts, carried_partner_of_record, clear_support_contact, dissociate_reseller,
    manage_subscription, open_to_association, open_to_designation, request_update, requestable_upgrade,
    room_for_request, update_subscription, upgrade_verdicts, visible_to_caller,
};
use crate::refusal::refusals;
use crate::rules::managing::{Management, WantedChange};
use crate::{
    ActionName, Actor, CustomerFacts, DissociateFacts, OrderChannel, PartnerFacts, Refusal, ResellerChoice,
    SubscriptionFacts, SubscriptionStatus,
};

/// The facts that decide what a caller may do with a subscription.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SubscriptionActionFacts {
    /// The caller.
    pub actor: Actor,
    /// For whom it acts.
    pub acts_for: ActsFor,
    /// The partner that sold it.
    pub seller: PartnerFacts,
    /// Its customer, as that partner knows it.
    pub customer: CustomerFacts,
    /// The subscription.
    pub subscription: SubscriptionFacts,
    /// How a reseller stands to what another organisation sold. `None` for all other callers.
    pub management: Option<ManagementFacts>,
    /// The partner of record that an upgrade must carry over, because the subscription is for own use. `None` if none
    /// must.
    pub kept: Option<ResellerChoice>,
    /// The current date.
    pub on: NaiveDate,
}

/// How a reseller manages what its provider sold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ManagementFacts {
    /// Its connection with the provider and the subscription.
    pub management: Management,
    /// The number of its open requests to the provider.
    pub open_requests: i64,
}

/// Every action on a subscription, with what prevents it.
#[must_use]
pub fn on_subscription(facts: &SubscriptionActionFacts) -> Vec<Action> {
    use ActionName::{
        AddLicenses, AssignSupportContact, AssociateReseller, CancelSubscription, ClearSupportContact,
        DisableAutoRenew, DissociateReseller, EnableAutoRenew, ReduceLicenses, RenameSubscription, RequestAutoRenew,
        RequestLicenses, RequestUpgrade, ResumeSubscription, SuspendSubscription, UpgradeSubscription,
    };
    let SubscriptionActionFacts { actor, seller, customer, subscription, .. } = facts;
    let held = facts.held();
    let sets = |status| WantedChange { status: Some(status), ..WantedChange::default() };
    let counts = |quantity| WantedChange { quantity: Some(quantity), ..WantedChange::default() };
    let renews = |auto_renew| WantedChange { auto_renew: Some(auto_renew), ..WantedChange::default() };
    let licences = i64::try_from(subscription.quantity.unwrap_or(0)).unwrap_or(i64::MAX);
    let (more, fewer) = (counts(licences.saturating_add(1)), counts(licences - 1));
    listed([
        (AssociateReseller, facts.visible(open_to_association(actor, seller, customer, subscription))),
        (DissociateReseller, facts.visible(dissociate_reseller(&held))),
        (AssignSupportContact, facts.visible(open_to_designation(actor, seller, customer, Some(subscription)))),
        (ClearSupportContact, facts.visible(clear_support_contact(&held))),
        (RenameSubscription, facts.updates(WantedChange { renamed: true, ..WantedChange::default() })),
        (AddLicenses, facts.updates(more)),
        (ReduceLicenses, facts.updates(fewer)),
        (SuspendSubscription, facts.updates(sets(SubscriptionStatus::Suspended))),
        (ResumeSubscription, facts.updates(sets(SubscriptionStatus::Active))),
        (CancelSubscription, facts.updates(sets(SubscriptionStatus::Deleted))),
        (EnableAutoRenew, facts.updates(renews(true))),
        (DisableAutoRenew, facts.updates(renews(false))),
        (UpgradeSubscription, facts.upgrades()),
        (RequestLicenses, facts.requests(|management| request_update(&facts.change(more), management))),
        (RequestAutoRenew, facts.requests(|management| request_update(&facts.change(renews(true)), management))),
        (
            RequestUpgrade,
            facts.requests(|management| requestable_upgrade(&facts.change(WantedChange::default()), management)),
        ),
    ])
}

impl SubscriptionActionFacts {
    fn held(&self) -> DissociateFacts {
        DissociateFacts {
            actor: self.actor.clone(),
            seller: self.seller.clone(),
            customer: self.customer.clone(),
            subscription: Some(self.subscription.clone()),
        }
    }

    /// The change through the portal in which every change is possible.
    fn change(&self, wanted: WantedChange) -> SubscriptionChangeFacts {
        SubscriptionChangeFacts {
            actor: self.actor.clone(),
            seller: self.seller.clone(),
            customer: self.customer.clone(),
            subscription: self.subscription.clone(),
            quantity: wanted.quantity,
            status: wanted.status,
            auto_renew: wanted.auto_renew,
            renamed: wanted.renamed,
            channel: OrderChannel::PartnerCenter,
            on: self.on,
        }
    }

    fn visible(&self, found: Vec<Refusal>) -> Vec<Refusal> {
        visible_to_caller(found, &self.actor, &self.seller)
    }

    fn updates(&self, wanted: WantedChange) -> Vec<Refusal> {
        let change = self.change(wanted);
        match &self.management {
            Some(it) => manage_subscription(&change, &it.management),
            None => self.visible(update_subscription(&change)),
        }
    }

    /// The upgrade of the whole subscription, to whichever offer.
    fn upgrades(&self) -> Vec<Refusal> {
        let mut found = refusals(upgrade_verdicts(&self.change(WantedChange::default())));
        if let Some(Carried::LeftOut(lost)) =
            self.kept.as_ref().map(|kept| carried_partner_of_record(&self.seller, kept))
        {
            found.extend(lost);
        }
        self.visible(found)
    }

    fn requests(&self, check: impl FnOnce(&Management) -> Vec<Refusal>) -> Vec<Refusal> {
        if self.acts_for != ActsFor::Reseller {
            return vec![callers::requests_without_reseller()];
        }
        let Some(it) = &self.management else { return vec![callers::requests_from_itself()] };
        let found = check(&it.management);
        if found.is_empty() { room_for_request(it.open_requests).into_iter().collect() } else { found }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::standing::Standing;
    use crate::testing::{admin_of, choice, customer, direct_bill, ids, provider, reseller, subscription};
    use crate::{BillingType, PartnershipState, RelationshipToPartner};

    fn facts() -> SubscriptionActionFacts {
        SubscriptionActionFacts {
            actor: admin_of(&provider()),
            acts_for: ActsFor::Seller,
            seller: provider(),
            customer: customer(),
            subscription: subscription(),
            management: None,
            kept: None,
            on: crate::rules::agreement::agreement_needed_from(),
        }
    }

    fn of_reseller(partner_of_record: bool) -> SubscriptionActionFacts {
        let management = Management {
            reseller: reseller(),
            partnership: Some(PartnershipState::Active),
            standing: Standing { partner_of_record, ..Standing::default() },
        };
        SubscriptionActionFacts {
            actor: admin_of(&reseller()),
            acts_for: ActsFor::Reseller,
            management: Some(ManagementFacts { management, open_requests: 0 }),
            ..facts()
        }
    }

    /// The names of the actions that nothing prevents.
    fn allowed(facts: &SubscriptionActionFacts) -> Vec<&'static str> {
        on_subscription(facts).iter().filter(|it| it.is_allowed()).map(|it| it.name.as_str()).collect()
    }

    fn against(facts: &SubscriptionActionFacts, name: ActionName) -> Vec<&'static str> {
        let found = on_subscription(facts).into_iter().find(|action| action.name == name).unwrap();
        ids(&found.refusals)
    }

    #[test]
    fn the_seller_may_do_everything_but_ask_itself() {
        let prevented: Vec<_> = on_subscription(&facts()).into_iter().filter(|action| !action.is_allowed()).collect();
        assert!(prevented.iter().all(|action| action.name.as_str().starts_with("REQUEST_")), "{prevented:?}");
        assert_eq!(prevented.len(), 3);
    }

    #[test]
    fn a_reseller_does_itself_what_commits_nobody_and_asks_for_the_rest() {
        let renews = SubscriptionFacts { auto_renew_enabled: Some(false), ..subscription() };
        let facts = SubscriptionActionFacts { subscription: renews, ..of_reseller(true) };
        assert_eq!(
            allowed(&facts),
            [
                "RENAME_SUBSCRIPTION",
                "REDUCE_LICENSES",
                "SUSPEND_SUBSCRIPTION",
                "RESUME_SUBSCRIPTION",
                "DISABLE_AUTO_RENEW",
                "REQUEST_LICENSES",
                "REQUEST_AUTO_RENEW",
                "REQUEST_UPGRADE"
            ]
        );
        assert_eq!(against(&facts, ActionName::AddLicenses), ["B-16"]);
        assert_eq!(against(&facts, ActionName::AssociateReseller), ["A-01"]);
        assert_eq!(allowed(&of_reseller(false)), [] as [&str; 0]);
    }

    #[test]
    fn too_many_open_requests_prevent_another() {
        let mut facts = of_reseller(true);
        facts.management.as_mut().unwrap().open_requests = crate::checks::MOST_OPEN_REQUESTS;
        let found = on_subscription(&facts);
        let asks = found.iter().find(|action| action.name == ActionName::RequestUpgrade).unwrap();
        assert_eq!(asks.refusals[0].code, "TOO_MANY_CHANGE_REQUESTS");
    }

    #[test]
    fn what_was_left_can_be_wound_down() {
        let customer = CustomerFacts { relationship: RelationshipToPartner::None, ..customer() };
        let left = SubscriptionActionFacts { customer, ..facts() };
        assert_eq!(allowed(&left), ["SUSPEND_SUBSCRIPTION", "CANCEL_SUBSCRIPTION", "DISABLE_AUTO_RENEW"]);
    }

    #[test]
    fn a_direct_bill_partner_has_no_resellers_and_usage_has_no_licences() {
        let usage = SubscriptionFacts { billing_type: BillingType::Usage, quantity: None, ..subscription() };
        let direct = SubscriptionActionFacts {
            actor: admin_of(&direct_bill()),
            seller: direct_bill(),
            subscription: usage,
            ..facts()
        };
        assert_eq!(against(&direct, ActionName::AssociateReseller), ["T-04"]);
        assert_eq!(against(&direct, ActionName::AddLicenses), ["N-04"]);
        assert_eq!(against(&direct, ActionName::ReduceLicenses), ["N-04"]);
    }

    #[test]
    fn an_upgrade_for_own_use_needs_the_reseller_that_it_has() {
        let lost = ResellerChoice { partnership: Some(PartnershipState::Removed), ..choice(reseller()) };
        let found = against(&SubscriptionActionFacts { kept: Some(lost), ..facts() }, ActionName::UpgradeSubscription);
        assert!(found.contains(&"X-09"), "{found:?}");
        let kept = SubscriptionActionFacts { kept: Some(choice(reseller())), ..facts() };
        assert_eq!(against(&kept, ActionName::UpgradeSubscription), [] as [&str; 0]);
    }
}
