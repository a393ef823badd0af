//! Changing and upgrading a subscription.

use chrono::NaiveDate;

use crate::refusal::refusals;
use crate::rules::removal::{self, WindingDown};
use crate::rules::subscription::Upgrade;
use crate::rules::{agreement, authz, customer, life_cycle, region, subscription};
use crate::{
    Actor, CustomerFacts, OrderChannel, PartnerFacts, Refusal, ResellerChoice, RuleId, SubscriptionFacts,
    SubscriptionStatus, SupportContactChoice, Verdict,
};

use super::{reseller_on_transaction, support_contact};

/// The facts that decide whether a subscription may be changed or upgraded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SubscriptionChangeFacts {
    /// The caller.
    pub actor: Actor,
    /// The partner that sold it.
    pub seller: PartnerFacts,
    /// Its customer, as that partner knows it.
    pub customer: CustomerFacts,
    /// The current subscription.
    pub subscription: SubscriptionFacts,
    /// The requested number of licences, or the part to upgrade. `None` to keep the number, or to upgrade all.
    pub quantity: Option<i64>,
    /// The requested status. `None` to keep it.
    pub status: Option<SubscriptionStatus>,
    /// Whether it shall renew automatically. `None` to keep that.
    pub auto_renew: Option<bool>,
    /// Whether another name is requested.
    pub renamed: bool,
    /// The portal that the change comes from.
    pub channel: OrderChannel,
    /// The current date.
    pub on: NaiveDate,
}

/// Checks whether a subscription may be changed.
///
/// Only additional licences are a sale, which requires channel, relationship, both agreements and region (B-01, C-02,
/// C-03, M-01, Q-14). Fewer licences, another name and another renewal setting do not. Suspending and ending a subscription and
/// stopping its renewal do not even require the relationship (D-06).
#[must_use]
pub fn update_subscription(facts: &SubscriptionChangeFacts) -> Vec<Refusal> {
    refusals(update_verdicts(facts))
}

/// The verdicts of [`update_subscription`].
#[must_use]
pub fn update_verdicts(facts: &SubscriptionChangeFacts) -> Vec<Verdict> {
    let winds_down = removal::d_06_winds_down(WindingDown {
        status: facts.status,
        auto_renew_enabled: facts.auto_renew,
        anything_else: facts.quantity.is_some() || facts.renamed,
    });
    let mut verdicts = if winds_down { may_wind_down(facts) } else { may_change(facts) };
    verdicts.extend(licence_count(facts));
    if subscription::adds_licences(facts.subscription.quantity, facts.quantity) {
        verdicts.extend(new_business(facts));
    }
    verdicts.extend(life_cycle_of_change(facts));
    verdicts
}

/// N-04 for the requested number of licences.
pub(super) fn licence_count(facts: &SubscriptionChangeFacts) -> Option<Verdict> {
    facts.quantity?;
    Some(subscription::n_04_licence_count_fits(facts.subscription.billing_type, facts.quantity))
}

/// What the status of the subscription prevents. Nothing for a deleted one, of which everything is refused anyway.
pub(super) fn life_cycle_of_change(facts: &SubscriptionChangeFacts) -> Vec<Verdict> {
    let held = facts.subscription.status;
    if held == SubscriptionStatus::Deleted {
        return Vec::new();
    }
    // A caller that resumes a subscription may change its licences in the same request.
    let is_resumed = facts.status == Some(SubscriptionStatus::Active)
        && life_cycle::status_change(held, SubscriptionStatus::Active).is_none();
    let before = facts.subscription.quantity.unwrap_or(0);
    let wanted = facts.quantity.and_then(|wanted| u64::try_from(wanted).ok());
    let in_use = (wanted.is_some_and(|wanted| wanted != before) && !is_resumed)
        .then(|| life_cycle::in_use(held).map(|refusal| refusal.field(["quantity"])));
    let status = facts.status.and_then(|wanted| life_cycle::status_change(held, wanted));
    in_use.flatten().into_iter().chain(status).map(Verdict::from).collect()
}

/// The effect of the upgrade, or why it is refused (B-01, B-15, C-02, C-03, M-01, Q-14).
///
/// # Errors
///
/// All refusals at once.
pub fn upgrade_subscription(facts: &SubscriptionChangeFacts) -> Result<Upgrade, Vec<Refusal>> {
    let found = refusals(upgrade_verdicts(facts));
    match subscription::b_15_upgrade(facts.subscription.quantity, facts.quantity) {
        Ok(upgrade) if found.is_empty() => Ok(upgrade),
        _ => Err(found),
    }
}

/// The verdicts of [`upgrade_subscription`].
#[must_use]
pub fn upgrade_verdicts(facts: &SubscriptionChangeFacts) -> Vec<Verdict> {
    may_change(facts).into_iter().chain(new_business(facts)).chain(upgradable(facts)).collect()
}

/// Whether the subscription and the requested part of it can be upgraded at all (B-15).
pub(super) fn upgradable(facts: &SubscriptionChangeFacts) -> Vec<Verdict> {
    let mut verdicts = Vec::new();
    if facts.subscription.status != SubscriptionStatus::Deleted {
        let in_use = life_cycle::in_use(facts.subscription.status);
        verdicts.extend(in_use.map(|refusal| Verdict::from(refusal.field(["subscription"]))));
    }
    verdicts.push(match subscription::b_15_upgrade(facts.subscription.quantity, facts.quantity) {
        Ok(_) => Verdict::Passed(RuleId::B_15),
        Err(refusal) => refusal.into(),
    });
    verdicts
}

/// The requirements of any change (A-01, C-01, and a subscription that is not deleted).
fn may_change(facts: &SubscriptionChangeFacts) -> Vec<Verdict> {
    let mut verdicts = vec![
        authz::a_01_provider_task(&facts.actor, &facts.seller),
        customer::c_01_related_to_manage(&facts.customer).field(["subscription"]),
    ];
    verdicts.extend(not_deleted(facts));
    verdicts
}

/// The requirements of suspending or ending a subscription and of stopping its renewal (A-01, and a subscription that is not
/// deleted).
fn may_wind_down(facts: &SubscriptionChangeFacts) -> Vec<Verdict> {
    let task = authz::a_01_provider_task(&facts.actor, &facts.seller);
    [task].into_iter().chain(not_deleted(facts)).collect()
}

/// A deleted subscription cannot be changed.
pub(super) fn not_deleted(facts: &SubscriptionChangeFacts) -> Option<Verdict> {
    subscription::deleted_does_not_change(&facts.subscription).map(|refusal| refusal.field(["subscription"]).into())
}

/// The requirements of a change that is a sale.
fn new_business(facts: &SubscriptionChangeFacts) -> Vec<Verdict> {
    let mut verdicts = vec![
        subscription::b_01_sold_through(facts.channel),
        customer::c_02_related_to_sell(&facts.customer).field(["subscription"]),
        customer::c_03_sells(Some(&facts.customer)).field(["subscription"]),
        agreement::m_01_own_agreement_signed(&facts.seller, facts.on),
        region::q_14_sells_within_region(facts.seller.country, facts.customer.country).field(["subscription"]),
    ];
    let blocked = customer::new_business_open(&facts.customer.new_business_blocked);
    verdicts.extend(blocked.into_iter().map(|verdict| verdict.field(["subscription"])));
    verdicts
}

/// Checks the offer of an upgrade: it must differ from the subscription's offer.
#[must_use]
pub fn upgrade_offer(held: Option<&str>, wanted: &str, name: &str) -> Vec<Refusal> {
    let missing = |text: &str, field: &'static str| {
        let message = "Specify the offer to upgrade to.";
        text.trim().is_empty().then(|| Refusal::plain("OFFER_MISSING", message).field([field]))
    };
    let same = held.is_some_and(|held| held.trim().eq_ignore_ascii_case(wanted.trim()));
    let same = same.then(|| {
        let message = "The subscription already has this offer. Buy additional licences instead.";
        Refusal::plain("SAME_OFFER", message).field(["toOfferId"])
    });
    [missing(wanted, "toOfferId"), missing(name, "toOfferName"), same].into_iter().flatten().collect()
}

/// What happens to the partner of record, or to the support contact, of a subscription that is upgraded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Carried {
    /// The new subscription has it too.
    Kept,
    /// It is omitted, with the reason: the new subscription is new business, which is not possible with it (P-06, X-09,
    /// M-02).
    LeftOut(Vec<Refusal>),
}

impl Carried {
    fn by(refusals: Vec<Refusal>) -> Self {
        if refusals.is_empty() { Self::Kept } else { Self::LeftOut(refusals) }
    }
}

/// Whether the partner of record is carried over to the subscription that an upgrade creates.
///
/// The old subscription keeps its partner of record (M-07, X-09). The new one is new business: it gets the reseller
/// only if the seller could associate it now.
#[must_use]
pub fn carried_partner_of_record(seller: &PartnerFacts, reseller: &ResellerChoice) -> Carried {
    Carried::by(refusals(reseller_on_transaction(seller, reseller)))
}

/// Whether the support contact is carried over in the same way (K-02).
#[must_use]
pub fn carried_support_contact(seller: &PartnerFacts, contact: &ResellerChoice) -> Carried {
    Carried::by(refusals(support_contact(seller, &SupportContactChoice::Reseller(contact.clone()))))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::PartnershipState;
    use crate::testing::{admin_of, choice, customer, ids, provider, reseller, subscription};

    fn facts() -> SubscriptionChangeFacts {
        SubscriptionChangeFacts {
            actor: admin_of(&provider()),
            seller: provider(),
            customer: customer(),
            subscription: subscription(),
            quantity: None,
            status: None,
            auto_renew: None,
            renamed: false,
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
    fn a_subscription_that_was_left_can_only_be_wound_down() {
        let customer = CustomerFacts { relationship: crate::RelationshipToPartner::None, ..customer() };
        let left = SubscriptionChangeFacts { customer, ..facts() };
        let ended = SubscriptionChangeFacts { status: Some(SubscriptionStatus::Deleted), ..left.clone() };
        let not_renewed = SubscriptionChangeFacts { auto_renew: Some(false), ..left.clone() };
        assert_eq!(update_subscription(&ended), []);
        assert_eq!(update_subscription(&not_renewed), []);
        let renewed = SubscriptionChangeFacts { auto_renew: Some(true), ..left.clone() };
        let fewer = SubscriptionChangeFacts { quantity: Some(9), ..ended };
        let renamed = SubscriptionChangeFacts { renamed: true, ..not_renewed.clone() };
        for refused in [&renewed, &fewer, &renamed, &left] {
            assert_eq!(ids(&update_subscription(refused)), ["C-01"]);
        }
        let stranger = SubscriptionChangeFacts { actor: admin_of(&reseller()), ..not_renewed };
        assert_eq!(ids(&update_subscription(&stranger)), ["A-01"]);
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

    #[test]
    fn only_an_active_subscription_gets_other_licences_or_another_offer() {
        let suspended = SubscriptionFacts { status: SubscriptionStatus::Suspended, ..subscription() };
        let fewer = SubscriptionChangeFacts { subscription: suspended, quantity: Some(9), ..facts() };
        let found = update_subscription(&fewer);
        assert_eq!((found[0].code, found.len()), ("SUBSCRIPTION_NOT_ACTIVE", 1));
        assert_eq!(upgrade_subscription(&fewer).unwrap_err()[0].code, "SUBSCRIPTION_NOT_ACTIVE");
        let resumed = SubscriptionChangeFacts { status: Some(SubscriptionStatus::Active), ..fewer.clone() };
        assert_eq!(update_subscription(&resumed), []);
        let same = SubscriptionChangeFacts { quantity: Some(10), ..fewer };
        assert_eq!(update_subscription(&same), []);
    }

    #[test]
    fn a_customer_that_came_in_against_a_rule_is_neither_enlarged_nor_upgraded() {
        let blocked = CustomerFacts { new_business_blocked: vec![RuleId::Q_06], ..customer() };
        let more = SubscriptionChangeFacts { customer: blocked, quantity: Some(11), ..facts() };
        let found = update_subscription(&more);
        assert_eq!((found[0].code, ids(&found)), ("NEW_BUSINESS_BLOCKED", vec!["Q-06"]));
        let whole = SubscriptionChangeFacts { quantity: None, ..more.clone() };
        assert_eq!(ids(&upgrade_subscription(&whole).unwrap_err()), ["Q-06"]);
        assert_eq!(update_subscription(&SubscriptionChangeFacts { quantity: Some(9), ..more }), []);
    }

    #[test]
    fn without_the_customers_agreement_nothing_more_is_sold() {
        let customer = CustomerFacts { mca_accepted: false, ..customer() };
        let more = SubscriptionChangeFacts { customer, quantity: Some(11), ..facts() };
        let found = update_subscription(&more);
        assert_eq!((found[0].code, ids(&found)), ("CUSTOMER_AGREEMENT_MISSING", vec!["C-03"]));
        assert_eq!((found[0].microsoft_code, &found[0].field[..]), (Some(13605), &["subscription".to_owned()][..]));
        let whole = SubscriptionChangeFacts { quantity: None, ..more.clone() };
        assert_eq!(ids(&upgrade_subscription(&whole).unwrap_err()), ["C-03"]);
        assert_eq!(update_subscription(&SubscriptionChangeFacts { quantity: Some(9), ..more }), []);
    }

    #[test]
    fn an_upgrade_leads_to_another_offer() {
        assert_eq!(upgrade_offer(Some("A:1"), "B:1", "B"), []);
        assert_eq!(upgrade_offer(Some("A:1"), "a:1", "A")[0].code, "SAME_OFFER");
        assert_eq!(upgrade_offer(None, "", " ").len(), 2);
    }

    #[test]
    fn a_reseller_goes_over_while_there_is_business_with_it() {
        let removed = ResellerChoice { partnership: Some(PartnershipState::Removed), ..choice(reseller()) };
        let unsigned = choice(PartnerFacts { mpa_signed: false, ..reseller() });
        assert_eq!(carried_partner_of_record(&provider(), &choice(reseller())), Carried::Kept);
        assert_eq!(carried_support_contact(&provider(), &unsigned), Carried::Kept);
        for left in [
            carried_partner_of_record(&provider(), &removed),
            carried_partner_of_record(&provider(), &unsigned),
            carried_support_contact(&provider(), &removed),
        ] {
            assert!(matches!(left, Carried::LeftOut(_)));
        }
    }
}
