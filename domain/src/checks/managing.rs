//! Managing on behalf of a provider: what a reseller changes itself, what it asks for, and what an approval requires
//! (B-16).

use crate::refusal::refusals;
use crate::rules::managing::{
    Management, Reader, WantedChange, b_16_acts, b_16_does_itself, b_16_manages, b_16_needs_provider,
};
use crate::rules::{customer, partnership, subscription};
use crate::{Actor, CustomerFacts, Refusal, ResellerChoice, Verdict};

use super::order::{LineFacts, OrderFacts, order_verdicts, refused_lines};
use super::subscription::{
    Carried, SubscriptionChangeFacts, carried_partner_of_record, licence_count, life_cycle_of_change, not_deleted,
    update_verdicts, upgradable, upgrade_offer, upgrade_verdicts,
};

/// Checks only the role of a person who manages or asks for a reseller.
#[must_use]
pub fn manages_for(actor: &Actor, reseller: &crate::PartnerFacts) -> Vec<Refusal> {
    refusals([b_16_acts(actor, reseller)])
}

/// Checks whether a reseller may make the change to a subscription itself (B-16, A-01, C-01, N-04).
///
/// A reseller that does not manage the subscription learns nothing else.
#[must_use]
pub fn manage_subscription(facts: &SubscriptionChangeFacts, management: &Management) -> Vec<Refusal> {
    managed(&facts.actor, management, "subscription", || {
        let mut verdicts = of_subscription(facts);
        verdicts.extend(licence_count(facts));
        verdicts.extend(b_16_does_itself(&facts.subscription, wanted(facts)));
        verdicts.extend(life_cycle_of_change(facts));
        verdicts
    })
}

/// Checks whether a reseller may ask for licences or renewal (B-16, A-01, C-01, N-04). The rules of the sale are asked when
/// the provider approves, because they are about the provider.
#[must_use]
pub fn request_update(facts: &SubscriptionChangeFacts, management: &Management) -> Vec<Refusal> {
    managed(&facts.actor, management, "subscription", || {
        let mut verdicts = of_subscription(facts);
        verdicts.extend(licence_count(facts));
        verdicts.extend(life_cycle_of_change(facts));
        verdicts.push(b_16_needs_provider(&facts.subscription, wanted(facts)));
        verdicts
    })
}

/// Checks whether a reseller may ask for an upgrade (B-16, A-01, B-15, C-01), in the same way.
#[must_use]
pub fn request_upgrade(facts: &SubscriptionChangeFacts, management: &Management, offer: Offer<'_>) -> Vec<Refusal> {
    let mut found = requestable_upgrade(facts, management);
    if b_16_manages(management, Reader::Reseller).passed() == Some(true) {
        found.extend(offer.refusals());
    }
    found
}

/// What must hold whatever the offer is.
#[must_use]
pub fn requestable_upgrade(facts: &SubscriptionChangeFacts, management: &Management) -> Vec<Refusal> {
    managed(&facts.actor, management, "subscription", || {
        of_subscription(facts).into_iter().chain(upgradable(facts)).collect()
    })
}

/// Checks whether a reseller may ask for an order (B-16, A-01, C-01, N-04), in the same way.
#[must_use]
pub fn request_order(
    actor: &Actor,
    management: &Management,
    customer: &CustomerFacts,
    lines: &[LineFacts],
) -> Vec<Refusal> {
    managed(actor, management, "customer", || {
        let count = |line: &LineFacts| vec![subscription::n_04_licence_count_fits(line.billing_type, line.quantity)];
        let lines = refused_lines(lines, count).into_iter().map(Verdict::from);
        [customer::c_01_seller_related(customer).field(["customer"])].into_iter().chain(lines).collect()
    })
}

/// The refusals of somebody who does not manage, or those of the change.
fn managed(
    actor: &Actor,
    management: &Management,
    field: &'static str,
    change: impl FnOnce() -> Vec<Verdict>,
) -> Vec<Refusal> {
    let manages = b_16_manages(management, Reader::Reseller).field([field]);
    let is_manager = manages.passed() == Some(true);
    let mut found = refusals([b_16_acts(actor, &management.reseller), manages]);
    if is_manager {
        found.extend(refusals(change()));
    }
    found
}

fn of_subscription(facts: &SubscriptionChangeFacts) -> Vec<Verdict> {
    let related = customer::c_01_seller_related(&facts.customer).field(["subscription"]);
    [Some(related), not_deleted(facts)].into_iter().flatten().collect()
}

fn wanted(facts: &SubscriptionChangeFacts) -> WantedChange {
    WantedChange {
        quantity: facts.quantity,
        status: facts.status,
        auto_renew: facts.auto_renew,
        renamed: facts.renamed,
    }
}

/// The offer that a subscription has, and the one to upgrade it to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Offer<'a> {
    /// The id of the offer that it has. `None` if that is not known.
    pub held: Option<&'a str>,
    /// The id of the offer to upgrade to.
    pub wanted: &'a str,
    /// Its name.
    pub name: &'a str,
}

impl Offer<'_> {
    fn refusals(self) -> Vec<Refusal> {
        upgrade_offer(self.held, self.wanted, self.name)
    }
}

/// The facts that decide whether a provider can approve a request now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApprovalFacts {
    /// How the reseller that asked stands now.
    pub management: Management,
    /// What the approval does.
    pub change: RequestedChange,
}

/// What an approval does, with the provider as the actor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RequestedChange {
    /// Places an order.
    Order(Box<OrderFacts>),
    /// Changes a subscription.
    Update {
        /// The change.
        change: Box<SubscriptionChangeFacts>,
        /// The refusal if the subscription has changed since the version that the request states.
        stale: Option<Refusal>,
    },
    /// Upgrades a subscription.
    Upgrade {
        /// The upgrade.
        change: Box<SubscriptionChangeFacts>,
        /// The refusal if the subscription has changed since the version that the request states.
        stale: Option<Refusal>,
        /// The refusals of the offer ([`upgrade_offer`]).
        offer: Vec<Refusal>,
        /// The partner of record that must be carried over, because the subscription is for own use. `None` if
        /// none must.
        kept: Option<ResellerChoice>,
    },
    /// Nothing: the subscription no longer exists.
    Nothing,
}

/// The verdict of every rule on an approval: that the reseller may still ask (P-06, B-16), and those of the order, the
/// change or the upgrade.
#[must_use]
pub fn approval(facts: &ApprovalFacts) -> Vec<Verdict> {
    let management = &facts.management;
    let reseller = ResellerChoice {
        mpn_id: management.reseller.mpn_id,
        profile: management.reseller.mpn_profile,
        account: Some(management.reseller.clone()),
        partnership: management.partnership,
    };
    let mut verdicts =
        vec![partnership::p_06_partnership_active(&reseller), b_16_manages(management, Reader::Provider)];
    match &facts.change {
        RequestedChange::Order(order) => verdicts.extend(order_verdicts(order)),
        RequestedChange::Update { change, stale } => {
            verdicts.extend(update_verdicts(change));
            verdicts.extend(stale.clone().map(Verdict::from));
        }
        RequestedChange::Upgrade { change, stale, offer, kept } => {
            verdicts.extend(upgrade_verdicts(change));
            verdicts.extend(offer.iter().cloned().chain(stale.clone()).map(Verdict::from));
            if let Some(Carried::LeftOut(refusals)) =
                kept.as_ref().map(|kept| carried_partner_of_record(&change.seller, kept))
            {
                verdicts.extend(refusals.into_iter().map(Verdict::from));
            }
        }
        RequestedChange::Nothing => {
            verdicts.push(Refusal::plain("NOT_FOUND", "The subscription no longer exists.").into());
        }
    }
    verdicts
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::standing::Standing;
    use crate::testing::{actor, admin_of, choice, customer, ids, line, order, provider, reseller, subscription};
    use crate::{
        OrderChannel, PartnerFacts, PartnershipState, RelationshipToPartner, Role, SubscriptionFacts,
        SubscriptionStatus,
    };

    fn manager() -> Management {
        let standing = Standing { partner_of_record: true, ..Standing::default() };
        Management { reseller: reseller(), partnership: Some(PartnershipState::Active), standing }
    }

    fn stranger() -> Management {
        Management { standing: Standing { support_contact: true, ..Standing::default() }, ..manager() }
    }

    fn change() -> SubscriptionChangeFacts {
        SubscriptionChangeFacts {
            actor: admin_of(&reseller()),
            seller: provider(),
            customer: customer(),
            subscription: subscription(),
            quantity: None,
            status: None,
            auto_renew: None,
            renamed: false,
            channel: OrderChannel::PartnerCenter,
            on: crate::rules::agreement::agreement_needed_from(),
        }
    }

    const OFFER: Offer<'static> = Offer { held: Some("A:1"), wanted: "B:1", name: "B" };

    #[test]
    fn a_reseller_reduces_suspends_and_stops_the_renewal_itself() {
        let own = SubscriptionChangeFacts {
            quantity: Some(9),
            auto_renew: Some(false),
            // None of what only a sale needs.
            seller: PartnerFacts { mpa_signed: false, ..provider() },
            customer: CustomerFacts { mca_accepted: false, country: None, ..customer() },
            channel: OrderChannel::AzurePortal,
            ..change()
        };
        assert_eq!(manage_subscription(&own, &manager()), []);
        let suspends = SubscriptionChangeFacts { status: Some(SubscriptionStatus::Suspended), ..change() };
        assert_eq!(manage_subscription(&suspends, &manager()), []);
        let all = SubscriptionChangeFacts {
            quantity: Some(11),
            auto_renew: Some(true),
            status: Some(SubscriptionStatus::Deleted),
            subscription: SubscriptionFacts { auto_renew_enabled: Some(false), ..subscription() },
            ..change()
        };
        assert_eq!(ids(&manage_subscription(&all, &manager())), ["B-16"; 3]);
    }

    #[test]
    fn who_does_not_manage_learns_nothing_else() {
        let bad = SubscriptionChangeFacts {
            actor: actor(reseller().tenant_id.unwrap(), Role::HelpdeskAgent),
            customer: CustomerFacts { relationship: RelationshipToPartner::None, ..customer() },
            quantity: Some(0),
            ..change()
        };
        assert_eq!(ids(&manage_subscription(&bad, &stranger())), ["A-01", "B-16"]);
        assert_eq!(ids(&request_update(&bad, &stranger())), ["A-01", "B-16"]);
        assert_eq!(ids(&request_upgrade(&bad, &stranger(), OFFER)), ["A-01", "B-16"]);
        assert_eq!(ids(&request_order(&bad.actor, &stranger(), &bad.customer, &[])), ["A-01", "B-16"]);
        // Whoever manages learns everything at once.
        assert_eq!(ids(&manage_subscription(&bad, &manager())), ["A-01", "C-01", "N-04"]);
        assert_eq!(ids(&request_update(&bad, &manager())), ["A-01", "C-01", "N-04", "B-16"]);
        assert_eq!(ids(&request_upgrade(&bad, &manager(), OFFER)), ["A-01", "C-01", "B-15"]);
        let lines = [line(), LineFacts { quantity: None, ..line() }];
        let found = request_order(&bad.actor, &manager(), &bad.customer, &lines);
        assert_eq!(
            (ids(&found), found[2].field.join(".")),
            (vec!["A-01", "C-01", "N-04"], "lines.1.quantity".to_owned())
        );
    }

    #[test]
    fn a_request_says_nothing_of_the_rules_about_the_provider() {
        let more = SubscriptionChangeFacts {
            quantity: Some(11),
            seller: PartnerFacts { mpa_signed: false, country: None, ..provider() },
            customer: CustomerFacts { mca_accepted: false, ..customer() },
            ..change()
        };
        assert_eq!(request_update(&more, &manager()), []);
        assert_eq!(request_upgrade(&SubscriptionChangeFacts { quantity: None, ..more.clone() }, &manager(), OFFER), []);
        assert_eq!(request_order(&more.actor, &manager(), &more.customer, &[line()]), []);
        let same = Offer { wanted: "a:1", ..OFFER };
        assert_eq!(request_upgrade(&change(), &manager(), same)[0].code, "SAME_OFFER");
        // The approval asks them.
        let decided = SubscriptionChangeFacts { actor: admin_of(&provider()), ..more };
        let facts = ApprovalFacts {
            management: manager(),
            change: RequestedChange::Update { change: Box::new(decided), stale: None },
        };
        assert_eq!(ids(&refusals(approval(&facts))), ["C-03", "M-01", "Q-14"]);
    }

    #[test]
    fn an_approval_asks_every_rule_again() {
        let by_provider = SubscriptionChangeFacts { actor: admin_of(&provider()), quantity: Some(11), ..change() };
        let update = |change: SubscriptionChangeFacts, if_version| RequestedChange::Update {
            change: Box::new(change),
            stale: Refusal::stale(if_version, 4),
        };
        let refused = |management, change| ids(&refusals(approval(&ApprovalFacts { management, change })));
        assert_eq!(refused(manager(), update(by_provider.clone(), Some(4))), [] as [&str; 0]);
        assert_eq!(refused(manager(), update(by_provider.clone(), Some(3))), ["-"]);
        assert_eq!(refused(stranger(), update(by_provider.clone(), None)), ["B-16"]);
        let parted = Management { partnership: Some(PartnershipState::Removed), ..manager() };
        assert_eq!(refused(parted.clone(), update(by_provider.clone(), None)), ["P-06", "B-16"]);
        let left = CustomerFacts { relationship: RelationshipToPartner::None, ..customer() };
        let unrelated = SubscriptionChangeFacts { customer: left, ..by_provider.clone() };
        assert_eq!(refused(manager(), update(unrelated, None)), ["C-01", "C-02", "C-03"]);
        assert_eq!(refused(manager(), RequestedChange::Nothing), ["-"]);
        let lines = vec![LineFacts { reseller: Some(choice(reseller())), ..line() }];
        assert_eq!(refused(manager(), RequestedChange::Order(Box::new(order(lines)))), [] as [&str; 0]);

        let whole = Box::new(SubscriptionChangeFacts { quantity: None, ..by_provider });
        let upgrade = |offer, kept| RequestedChange::Upgrade { change: whole.clone(), stale: None, offer, kept };
        assert_eq!(refused(manager(), upgrade(Vec::new(), Some(choice(reseller())))), [] as [&str; 0]);
        let unsigned = choice(PartnerFacts { mpa_signed: false, ..reseller() });
        assert_eq!(
            refused(manager(), upgrade(upgrade_offer(Some("A"), "A", "A"), Some(unsigned))),
            ["-", "M-02", "B-06", "M-03", "M-04"]
        );
    }
}
