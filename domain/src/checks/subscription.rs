//! Changing and upgrading a subscription.

use chrono::NaiveDate;

use crate::refusal::refusals;
use crate::rules::subscription::Upgrade;
use crate::rules::{agreement, authz, customer, region, subscription};
use crate::{
    Actor, CustomerFacts, OrderChannel, PartnerFacts, Refusal, SubscriptionFacts, SubscriptionStatus, Verdict,
};

/// Everything that decides whether a subscription may be changed or upgraded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SubscriptionChangeFacts {
    /// Who asks.
    pub actor: Actor,
    /// The partner that sold it.
    pub seller: PartnerFacts,
    /// Its customer, as that partner knows it.
    pub customer: CustomerFacts,
    /// The subscription as it is.
    pub subscription: SubscriptionFacts,
    /// The licences wanted, or the part to upgrade; `None` to leave them, or to upgrade all.
    pub quantity: Option<i64>,
    /// The status wanted; `None` to leave it.
    pub status: Option<SubscriptionStatus>,
    /// The portal through which the change comes.
    pub channel: OrderChannel,
    /// The day.
    pub on: NaiveDate,
}

/// Everything against changing a subscription.
///
/// Only more licences are a sale, and ask for channel, relationship, own agreement and region (B-01, C-02, M-01, Q-14);
/// fewer licences, another name and another renewal do not.
#[must_use]
pub fn update_subscription(facts: &SubscriptionChangeFacts) -> Vec<Refusal> {
    let mut found = may_change(facts);
    if facts.quantity.is_some() {
        let count = subscription::n_04_licence_count_fits(facts.subscription.billing_type, facts.quantity);
        found.extend(refusals([count]));
    }
    let held = facts.subscription.quantity.unwrap_or(0);
    if facts.quantity.and_then(|wanted| u64::try_from(wanted).ok()).is_some_and(|wanted| wanted > held) {
        found.extend(refusals(new_business(facts)));
    }
    if let Some(wanted) = facts.status {
        found.extend(status_change(facts.subscription.status, wanted));
    }
    found
}

/// What the upgrade does, or everything against it (B-01, B-15, C-02, M-01, Q-14).
///
/// # Errors
///
/// All refusals at once.
pub fn upgrade_subscription(facts: &SubscriptionChangeFacts) -> Result<Upgrade, Vec<Refusal>> {
    let mut found = may_change(facts);
    found.extend(refusals(new_business(facts)));
    match subscription::b_15_upgrade(facts.subscription.quantity, facts.quantity) {
        Ok(upgrade) if found.is_empty() => Ok(upgrade),
        Ok(_) => Err(found),
        Err(refusal) => Err(found.into_iter().chain([refusal]).collect()),
    }
}

/// What any change asks for (A-01, C-01, a deleted subscription).
fn may_change(facts: &SubscriptionChangeFacts) -> Vec<Refusal> {
    let mut found = refusals([
        authz::a_01_provider_task(&facts.actor, &facts.seller),
        customer::c_01_related_to_manage(&facts.customer).field(["subscription"]),
    ]);
    found.extend(subscription::deleted_does_not_change(&facts.subscription).map(|it| it.field(["subscription"])));
    found
}

/// What a change asks for that sells something.
fn new_business(facts: &SubscriptionChangeFacts) -> [Verdict; 4] {
    [
        subscription::b_01_sold_through(facts.channel),
        customer::c_02_related_to_sell(&facts.customer).field(["subscription"]),
        agreement::m_01_own_agreement_signed(&facts.seller, facts.on),
        region::q_14_sells_within_region(facts.seller.country, facts.customer.country).field(["subscription"]),
    ]
}

/// The statuses that a partner sets: active, suspended and deleted. The others come from elsewhere (no row of the
/// catalogue says it).
fn status_change(held: SubscriptionStatus, wanted: SubscriptionStatus) -> Option<Refusal> {
    use SubscriptionStatus::{Active, Deleted, Suspended};
    (held != wanted && !matches!(wanted, Active | Suspended | Deleted)).then(|| {
        let message = format!("A subscription can be set to ACTIVE, SUSPENDED or DELETED, not to {wanted}.");
        Refusal::plain("STATUS_NOT_ALLOWED", message).field(["status"])
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{admin_of, customer, ids, provider, subscription};

    fn facts() -> SubscriptionChangeFacts {
        SubscriptionChangeFacts {
            actor: admin_of(&provider()),
            seller: provider(),
            customer: customer(),
            subscription: subscription(),
            quantity: None,
            status: None,
            channel: OrderChannel::PartnerCenter,
            on: agreement::agreement_needed_from(),
        }
    }

    #[test]
    fn fewer_licences_are_bound_to_no_channel_and_more_are() {
        let azure = SubscriptionChangeFacts {
            channel: OrderChannel::AzurePortal,
            customer: CustomerFacts { country: None, ..customer() },
            seller: PartnerFacts { mpa_signed: false, ..provider() },
            ..facts()
        };
        assert_eq!(update_subscription(&SubscriptionChangeFacts { quantity: Some(9), ..azure.clone() }), []);
        let more = update_subscription(&SubscriptionChangeFacts { quantity: Some(11), ..azure });
        assert_eq!(ids(&more), ["B-01", "M-01", "Q-14"]);
    }

    #[test]
    fn a_wrong_count_and_a_wrong_status_are_refused() {
        let bad = SubscriptionChangeFacts { quantity: Some(-1), status: Some(SubscriptionStatus::Expired), ..facts() };
        let found = update_subscription(&bad);
        assert_eq!((ids(&found), found[1].code), (vec!["N-04", "-"], "STATUS_NOT_ALLOWED"));
        let suspended = SubscriptionChangeFacts { status: Some(SubscriptionStatus::Suspended), ..facts() };
        assert_eq!(update_subscription(&suspended), []);
    }

    #[test]
    fn a_deleted_subscription_does_not_change() {
        let deleted = SubscriptionFacts { status: SubscriptionStatus::Deleted, ..subscription() };
        let found = update_subscription(&SubscriptionChangeFacts { subscription: deleted, ..facts() });
        assert_eq!(found[0].microsoft_code, Some(2011));
    }

    #[test]
    fn an_upgrade_is_a_sale() {
        assert_eq!(upgrade_subscription(&facts()), Ok(Upgrade::Whole));
        let part = SubscriptionChangeFacts { quantity: Some(4), ..facts() };
        assert_eq!(upgrade_subscription(&part), Ok(Upgrade::Partial { remaining: 6, moved: 4 }));
        let bad = SubscriptionChangeFacts { quantity: Some(40), channel: OrderChannel::AzurePortal, ..facts() };
        assert_eq!(ids(&upgrade_subscription(&bad).unwrap_err()), ["B-01", "B-15"]);
    }
}
