//! Removing partnerships and customer relationships (X-01 to X-10, D-02 to D-04, D-06).

use crate::text::counted;
use crate::{
    Actor, DelegatedAdminPolicy, PartnershipState, Refusal, RemovalChannel, Role, RuleId, SubscriptionStatus, TenantId,
    Verdict,
};

/// What the caller states about the decision to end something. It is recorded with the removal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Representation {
    /// The decision was made in good faith.
    pub good_faith: bool,
    /// It serves a legitimate business purpose.
    pub legitimate_business_purpose: bool,
    /// It is in accordance with the agreement with the other party.
    pub in_accordance_with_agreement: bool,
    /// The caller defends and indemnifies Microsoft against claims to the contrary.
    pub indemnify: bool,
}

fn confirmed(rule: RuleId, confirm: bool) -> Verdict {
    let message = "Confirm the removal: pass confirm as true.";
    Verdict::given(confirm, rule, "CONFIRMATION_MISSING", message).field(["confirm"])
}

fn represented(rule: RuleId, given: &Representation) -> Vec<Verdict> {
    let statements = [
        (given.good_faith, "goodFaith", "the decision was made in good faith"),
        (given.legitimate_business_purpose, "legitimateBusinessPurpose", "it serves a legitimate business purpose"),
        (given.in_accordance_with_agreement, "inAccordanceWithAgreement", "it is in accordance with the agreement"),
        (given.indemnify, "indemnify", "you hold Microsoft harmless against claims to the contrary"),
    ];
    let missing: Vec<_> = statements
        .iter()
        .filter(|(made, ..)| !made)
        .map(|(_, field, what)| {
            let refusal = Refusal::of(rule, "REPRESENTATION_MISSING", format!("State that {what}."));
            Verdict::Refused(refusal.field(["representation", field]))
        })
        .collect();
    if missing.is_empty() { vec![Verdict::Passed(rule)] } else { missing }
}

/// removing a partnership requires an explicit confirmation.
pub fn x_01_removal_confirmed(confirm: bool) -> Verdict {
    confirmed(RuleId::X_01, confirm)
}

/// D-04: removing a customer relationship requires an explicit confirmation.
pub fn d_04_removal_confirmed(confirm: bool) -> Verdict {
    confirmed(RuleId::D_04, confirm)
}

/// a partnership is on both sides' lists while it is requested, active or imported. The history of a removed one
/// stays readable.
#[must_use]
pub fn x_04_listed(state: PartnershipState) -> bool {
    matches!(state, PartnershipState::Requested | PartnershipState::Active | PartnershipState::Imported)
}

/// Who might be notified of a removal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Recipient {
    /// A user of that organisation.
    Organization(TenantId),
    /// An operator.
    Operator,
}

/// only operators and the organisation that removes are notified of a removal. Everyone else's lists change
/// without notice.
///
/// `remover` is `None` if an operator removed it. Then only operators are notified.
#[must_use]
pub fn x_05_is_notified_of_removal(recipient: Recipient, remover: Option<TenantId>) -> bool {
    match recipient {
        Recipient::Operator => true,
        Recipient::Organization(organization) => remover == Some(organization),
    }
}

/// the caller must state good faith, a legitimate business purpose, accordance with the agreement, and indemnity.
/// Each missing statement is a separate refusal.
pub fn x_06_represented(given: &Representation) -> Vec<Verdict> {
    represented(RuleId::X_06, given)
}

/// D-03: removing a customer relationship requires the same four statements as removing a partnership.
pub fn d_03_represented(given: &Representation) -> Vec<Verdict> {
    represented(RuleId::D_03, given)
}

/// X-07 and D-03: the removal returns a reminder that the caller must give legal notice if the agreement requires it,
/// because none is generated.
#[must_use]
pub fn x_07_legal_notice() -> &'static str {
    "If your agreement requires it, give your customer or partner legal notice of the termination yourself: none is generated \
     or sent here."
}

/// The two sides of a partnership, and who wants to end it.
#[derive(Debug, Clone, Copy)]
pub struct Ending<'a> {
    /// The caller.
    pub actor: &'a Actor,
    /// The provider's tenant.
    pub provider: TenantId,
    /// The channel in the input. `None` if there is none.
    pub channel: Option<RemovalChannel>,
}

/// a partnership is removed by the provider itself (`SELF_SERVICE`), or by an operator at either side's request
/// (`MICROSOFT_SUPPORT`).
///
/// # Errors
///
/// The refusal, if the caller is the reseller or anyone else, or if the channel in the input is not the caller's.
pub fn x_08_channel(ending: Ending<'_>) -> Result<RemovalChannel, Refusal> {
    let own = if ending.actor.has_any(&[Role::Operator]) {
        RemovalChannel::MicrosoftSupport
    } else if ending.actor.tenant_id == Some(ending.provider) {
        RemovalChannel::SelfService
    } else {
        let message = "Only the provider can remove a partnership. A reseller that wants to end it can ask support, which removes it with \
                       the channel MICROSOFT_SUPPORT.";
        return Err(Refusal::of(RuleId::X_08, "NOT_THE_PROVIDER", message));
    };
    match ending.channel {
        Some(named) if named != own => {
            let message = format!("You cannot use the channel {named}. Omit it or pass {own}.");
            Err(Refusal::of(RuleId::X_08, "CHANNEL_NOT_ALLOWED", message).field(["channel"]))
        }
        _ => Ok(own),
    }
}

/// What still refers to a reseller after its partnership was removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Remaining {
    /// Customers associated with it.
    pub customers: u64,
    /// Subscriptions whose partner of record it is.
    pub partners_of_record: u64,
    /// Subscriptions whose support contact it is.
    pub support_contacts: u64,
    /// Grants of delegated administration.
    pub delegated_admin: u64,
}

/// a removal returns advice, and the number of customers, partners of record, support contacts and grants that
/// still refer to the reseller.
#[must_use]
pub fn x_10_advice(remaining: Remaining) -> Vec<String> {
    let Remaining { customers, partners_of_record, support_contacts, delegated_admin } = remaining;
    let mut advice = vec!["Inform the reseller and the affected customers: no one was notified.".to_owned()];
    if remaining != Remaining::default() {
        let number = |count: u64, one: &str, many: &str| format!("{count} {}", if count == 1 { one } else { many });
        advice.push(format!(
            "The following still refer to the reseller and were not changed: {}, {}, {}, {}.",
            number(customers, "customer", "customers"),
            number(partners_of_record, "partner of record", "partners of record"),
            number(support_contacts, "support contact", "support contacts"),
            number(delegated_admin, "grant of delegated administration", "grants of delegated administration"),
        ));
    }
    advice
}

/// What a partner leaves with a customer when it ends its relationship: the live subscriptions that it sold, and its delegated
/// administration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct LeftBehind {
    /// Subscriptions that are active, suspended or pending.
    pub subscriptions: u64,
    /// Their licences, without those of trials and usage-based subscriptions.
    pub licenses: u64,
    /// Those of the subscriptions that renew automatically.
    pub renewing: u64,
    /// Active grants of delegated administration.
    pub delegated_admin: u64,
}

/// D-06: while active, suspended or pending subscriptions that it sold exist, a partner can end its relationship with a customer only
/// with `leaveSubscriptions`.
pub fn d_06_live_subscriptions(left: LeftBehind, leave_subscriptions: bool) -> Verdict {
    let (count, verb) = (left.subscriptions, if left.subscriptions == 1 { "is" } else { "are" });
    let message = format!(
        "{} that you sold to this customer {verb} still active, suspended or pending. End what is not needed with \
         updateSubscription, or pass leaveSubscriptions as true to leave the rest.",
        counted(count, "subscription")
    );
    Verdict::given(count == 0 || leave_subscriptions, RuleId::D_06, "LIVE_SUBSCRIPTIONS", message)
        .field(["leaveSubscriptions"])
}

/// D-06: what the partner is told about subscriptions that it leaves and that renew automatically. `None` if there are none.
#[must_use]
pub fn d_06_renewal_warning(left: LeftBehind) -> Option<String> {
    let (renew, its) = if left.renewing == 1 { ("renews", "its") } else { ("renew", "their") };
    (left.renewing > 0).then(|| {
        format!(
            "{} that you leave {renew} automatically. To stop {its} renewal, set autoRenewEnabled to false with \
             updateSubscription.",
            counted(left.renewing, "subscription")
        )
    })
}

/// A change of a subscription, as far as it decides whether the seller may make it without a relationship with the customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct WindingDown {
    /// The requested status. `None` to keep it.
    pub status: Option<SubscriptionStatus>,
    /// The requested automatic renewal. `None` to keep it.
    pub auto_renew_enabled: Option<bool>,
    /// Whether anything else is requested.
    pub anything_else: bool,
}

/// D-06: whether a change only suspends the subscription, ends it or stops its renewal. The seller of a subscription that it left can
/// still do this, so that nobody is charged without remedy. Everything else is managing, which requires a relationship (C-01).
#[must_use]
pub fn d_06_winds_down(change: WindingDown) -> bool {
    let ends = |status| matches!(status, SubscriptionStatus::Suspended | SubscriptionStatus::Deleted);
    !change.anything_else
        && (change.status.is_some() || change.auto_renew_enabled.is_some())
        && change.status.is_none_or(ends)
        && change.auto_renew_enabled != Some(true)
}

/// X-03 and D-02: a grant of delegated administration stays after a removal. The setting `delegated_admin_on_removal`
/// can change this for customer relationships.
///
/// The removal of a partnership never affects it. The removal of a customer relationship ends it if the policy is
/// [`DelegatedAdminPolicy::Remove`].
#[must_use]
pub fn d_02_grant_survives(policy: DelegatedAdminPolicy) -> bool {
    policy == DelegatedAdminPolicy::Keep
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{actor, operator, passes, refuses, shows, tenant};

    const ALL: Representation = Representation {
        good_faith: true,
        legitimate_business_purpose: true,
        in_accordance_with_agreement: true,
        indemnify: true,
    };

    #[test]
    fn a_removal_is_confirmed() {
        passes("X-01", x_01_removal_confirmed(true));
        refuses("X-01", x_01_removal_confirmed(false));
        passes("D-04", d_04_removal_confirmed(true));
        refuses("D-04", d_04_removal_confirmed(false));
    }

    #[test]
    fn every_statement_is_made() {
        passes("X-06", x_06_represented(&ALL).remove(0));
        passes("D-03", d_03_represented(&ALL).remove(0));
        let mut missing = x_06_represented(&Representation { indemnify: false, ..ALL });
        assert_eq!(refuses("X-06", missing.remove(0)).field, ["representation", "indemnify"]);
        let none = d_03_represented(&Representation::default());
        assert_eq!(none.len(), 4);
        refuses("D-03", none[0].clone());
    }

    #[test]
    fn the_provider_removes_itself_and_support_for_both() {
        let provider = tenant(1);
        let ending = |actor, channel| x_08_channel(Ending { actor, provider, channel });
        let (own, other) = (actor(provider, Role::GlobalAdmin), actor(tenant(2), Role::GlobalAdmin));
        let support = operator();
        shows("X-08", ending(&own, None) == Ok(RemovalChannel::SelfService));
        shows("X-08", ending(&support, None) == Ok(RemovalChannel::MicrosoftSupport));
        assert_eq!(ending(&other, None).unwrap_err().rule, Some(RuleId::X_08));
        assert_eq!(ending(&own, Some(RemovalChannel::MicrosoftSupport)).unwrap_err().field, ["channel"]);
    }

    #[test]
    fn a_removal_is_silent_but_for_the_remover() {
        let remover = Some(tenant(1));
        shows("X-05", x_05_is_notified_of_removal(Recipient::Organization(tenant(1)), remover));
        shows("X-05", x_05_is_notified_of_removal(Recipient::Operator, remover));
        shows("X-05", !x_05_is_notified_of_removal(Recipient::Organization(tenant(2)), remover));
        shows("X-05", !x_05_is_notified_of_removal(Recipient::Organization(tenant(1)), None));
        shows("X-04", !x_04_listed(PartnershipState::Removed) && x_04_listed(PartnershipState::Active));
    }

    #[test]
    fn the_remover_learns_what_stays_and_what_to_do() {
        shows("X-07", x_07_legal_notice().contains("legal notice"));
        let advice =
            |customers| x_10_advice(Remaining { customers, delegated_admin: 1, ..Remaining::default() }).remove(1);
        shows(
            "X-10",
            advice(3).contains(" 3 customers, 0 partners of record, 0 support contacts, 1 grant of delegated"),
        );
        shows("X-10", advice(1).contains(" 1 customer, "));
        assert_eq!(x_10_advice(Remaining::default()).len(), 1);
    }

    #[test]
    fn live_subscriptions_are_left_only_on_purpose() {
        let left = LeftBehind { subscriptions: 2, renewing: 1, ..LeftBehind::default() };
        passes("D-06", d_06_live_subscriptions(LeftBehind::default(), false));
        passes("D-06", d_06_live_subscriptions(left, true));
        let refused = refuses("D-06", d_06_live_subscriptions(left, false));
        assert!(refused.message.starts_with("2 subscriptions that you sold to this customer are still active"));
        let warning = d_06_renewal_warning(left).unwrap();
        assert!(warning.starts_with("1 subscription that you leave renews automatically."), "{warning}");
        assert_eq!(d_06_renewal_warning(LeftBehind { renewing: 0, ..left }), None);
    }

    #[test]
    fn a_subscription_that_was_left_can_be_wound_down_and_nothing_else() {
        let to = |status| WindingDown { status: Some(status), ..WindingDown::default() };
        let renewal = |on| WindingDown { auto_renew_enabled: Some(on), ..WindingDown::default() };
        for change in [to(SubscriptionStatus::Suspended), to(SubscriptionStatus::Deleted), renewal(false)] {
            shows("D-06", d_06_winds_down(change));
            shows("D-06", !d_06_winds_down(WindingDown { anything_else: true, ..change }));
        }
        for change in [to(SubscriptionStatus::Active), renewal(true), WindingDown::default()] {
            shows("D-06", !d_06_winds_down(change));
        }
        shows(
            "D-06",
            !d_06_winds_down(WindingDown { auto_renew_enabled: Some(true), ..to(SubscriptionStatus::Deleted) }),
        );
    }

    #[test]
    fn delegated_administration_survives_unless_the_policy_says_otherwise() {
        shows("D-02", d_02_grant_survives(DelegatedAdminPolicy::default()));
        shows("D-02", !d_02_grant_survives(DelegatedAdminPolicy::Remove));
    }
}
