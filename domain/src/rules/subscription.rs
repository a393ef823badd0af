//! Subscriptions and their resellers (B-01 to B-15, N-04, E-11, and refusals by Microsoft that are not in the
//! catalogue).

use crate::{
    BillingType, MpnId, MpnKind, OrderChannel, PartnerFacts, PartnerType, Refusal, ResellerChoice, RuleId,
    SubscriptionFacts, SubscriptionStatus, Verdict,
};

/// The most licences of an order line.
pub const MAX_LICENCES: u64 = 1_000_000;

/// Whether that number of licences is more than the subscription has.
#[must_use]
pub fn adds_licences(held: Option<u64>, wanted: Option<i64>) -> bool {
    wanted.and_then(|wanted| u64::try_from(wanted).ok()).is_some_and(|wanted| wanted > held.unwrap_or(0))
}

/// B-01: orders, upgrades and additional licences are refused if they come through the Azure portal.
pub fn b_01_sold_through(channel: OrderChannel) -> Verdict {
    let message = "Order, upgrade or add licences through Partner Center or the Microsoft 365 portal.";
    Verdict::given(channel != OrderChannel::AzurePortal, RuleId::B_01, "CHANNEL_NOT_ALLOWED", message)
        .field(["channel"])
}

/// B-03: a subscription can get a reseller at any time, except a reservation or a savings plan, whose partner of record
/// is fixed.
pub fn b_03_partner_of_record_open(subscription: &SubscriptionFacts) -> Verdict {
    if !subscription.partner_of_record_fixed {
        return Verdict::Passed(RuleId::B_03);
    }
    let message = "The partner of record of a reservation or a savings plan cannot be changed.";
    Verdict::Refused(Refusal::of(RuleId::B_03, "PARTNER_OF_RECORD_FIXED", message).microsoft(800_098))
}

/// B-05: the MPN ID must be the location that the reseller's account is linked to, with an active profile.
///
/// A profile that is not in the register counts as an active location, because nothing is known to be wrong with it.
pub fn b_05_mpn_id_is_accounts_location(reseller: &ResellerChoice) -> Verdict {
    let given = reseller.mpn_id;
    let tied = reseller.account.as_ref().map(|account| account.mpn_id);
    let message = match (reseller.profile, tied) {
        (Some(profile), _) if profile.kind == MpnKind::Global => {
            format!(
                "MPN ID {given} is a global MPN ID, which does not count on transactions.{}",
                use_instead(tied, given)
            )
        }
        (Some(profile), _) if !profile.active => format!("The profile of MPN ID {given} is not active."),
        (_, Some(tied)) if tied != given => {
            format!(
                "MPN ID {given} is not the location that the reseller's account is linked to.{}",
                use_instead(Some(tied), given)
            )
        }
        _ => return Verdict::Passed(RuleId::B_05),
    };
    Verdict::Refused(Refusal::of(RuleId::B_05, "MPN_ID_INVALID", message))
}

fn use_instead(tied: Option<MpnId>, given: MpnId) -> String {
    tied.filter(|tied| *tied != given).map_or_else(String::new, |tied| format!(" Use {tied}."))
}

/// Whether the named reseller is not the seller itself, which cannot be its own partner of record (Microsoft's code
/// 2072).
pub fn own_mpn_id_not_used(seller: &PartnerFacts, reseller: &ResellerChoice) -> Verdict {
    let own = reseller.mpn_id == seller.mpn_id
        || reseller.account.as_ref().is_some_and(|account| account.is_same_account(seller));
    let message = format!("MPN ID {} is your own. Choose one of your resellers.", reseller.mpn_id);
    Verdict::given(!own, RuleId::B_05, "OWN_MPN_ID", message).map(|refusal| refusal.microsoft(2072))
}

/// E-11 and P-07: an MPN ID counts as a reseller's only if its company has an account as an indirect reseller.
///
/// A membership alone breaks E-11, an account of another type P-07. Both are Microsoft's 2204.
pub fn e_11_is_indirect_reseller(reseller: &ResellerChoice) -> Verdict {
    const CODE: &str = "NOT_AN_INDIRECT_RESELLER";
    match &reseller.account {
        None => {
            let message = format!(
                "MPN ID {} has no account in the programme; membership alone does not make a reseller. The company must enrol \
                 as an indirect reseller.",
                reseller.mpn_id
            );
            Verdict::Refused(Refusal::of(RuleId::E_11, CODE, message))
        }
        Some(account) if account.partner_type != PartnerType::IndirectReseller => {
            let message = format!(
                "MPN ID {} belongs to a partner of type {}, not to an indirect reseller.",
                reseller.mpn_id, account.partner_type
            );
            Verdict::Refused(Refusal::of(RuleId::P_07, CODE, message))
        }
        Some(_) => Verdict::Passed(RuleId::E_11),
    }
}

/// A deleted subscription can never change (Microsoft's code 2011; not a rule of the catalogue).
#[must_use]
pub fn deleted_does_not_change(subscription: &SubscriptionFacts) -> Option<Refusal> {
    (subscription.status == SubscriptionStatus::Deleted)
        .then(|| Refusal::plain("SUBSCRIPTION_DELETED", "A deleted subscription cannot be changed.").microsoft(2011))
}

/// N-04: a licence-based subscription has a licence count of at least one. A usage-based subscription has none.
pub fn n_04_licence_count_fits(billing_type: BillingType, quantity: Option<i64>) -> Verdict {
    let message = match (billing_type, quantity) {
        (BillingType::Usage, None) => return Verdict::Passed(RuleId::N_04),
        (BillingType::Usage, Some(_)) => "A usage-based subscription has no licence count. Omit quantity.".to_owned(),
        (_, None) => "A licence-based subscription needs a licence count of at least 1.".to_owned(),
        (_, Some(count)) if u64::try_from(count).is_ok_and(|count| (1..=MAX_LICENCES).contains(&count)) => {
            return Verdict::Passed(RuleId::N_04);
        }
        (_, Some(count)) => format!("{count} is not a valid licence count. It must be from 1 to {MAX_LICENCES}."),
    };
    Verdict::Refused(Refusal::of(RuleId::N_04, "QUANTITY_OUT_OF_RANGE", message).microsoft(2002).field(["quantity"]))
}

/// The result of an upgrade.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Upgrade {
    /// The whole subscription moves to the new offer.
    Whole,
    /// A second subscription is created, and the first one keeps the rest.
    Partial {
        /// The licences of the first one; at least one.
        remaining: u64,
        /// The licences of the second one; at least one.
        moved: u64,
    },
}

/// B-15: an upgrade creates a new subscription. A full upgrade ends the old one; a partial upgrade leaves it the remaining
/// licences.
///
/// # Errors
///
/// The refusal, if the part is zero or more than the whole, or if the subscription is usage-based.
pub fn b_15_upgrade(held: Option<u64>, part: Option<i64>) -> Result<Upgrade, Refusal> {
    let refuse = |message: String| {
        Refusal::of(RuleId::B_15, "QUANTITY_OUT_OF_RANGE", message).microsoft(2002).field(["quantity"])
    };
    match (held, part) {
        (_, None) => Ok(Upgrade::Whole),
        (None, Some(_)) => {
            Err(refuse("A usage-based subscription can only be upgraded as a whole. Omit quantity.".to_owned()))
        }
        (Some(held), Some(part)) => match u64::try_from(part) {
            Ok(moved) if moved == held && moved > 0 => Ok(Upgrade::Whole),
            Ok(moved) if moved > 0 && moved < held => Ok(Upgrade::Partial { remaining: held - moved, moved }),
            _ => Err(refuse(format!("{part} of {held} licences cannot be upgraded. Upgrade from 1 to {held}."))),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::MpnProfileFacts;
    use crate::testing::{
        choice, direct_bill, partner, passes, profile, provider, refuses, reseller, shows, subscription,
    };
    use proptest::prelude::*;

    #[test]
    fn nothing_is_sold_through_the_azure_portal() {
        passes("B-01", b_01_sold_through(OrderChannel::M365Portal));
        refuses("B-01", b_01_sold_through(OrderChannel::AzurePortal));
    }

    #[test]
    fn the_partner_of_record_of_a_reservation_is_fixed() {
        passes("B-03", b_03_partner_of_record_open(&subscription()));
        let reservation = SubscriptionFacts { partner_of_record_fixed: true, ..subscription() };
        assert_eq!(refuses("B-03", b_03_partner_of_record_open(&reservation)).microsoft_code, Some(800_098));
    }

    #[test]
    fn the_mpn_id_is_the_accounts_own_active_location() {
        let own = choice(reseller());
        passes("B-05", b_05_mpn_id_is_accounts_location(&own));
        passes("B-05", b_05_mpn_id_is_accounts_location(&ResellerChoice { profile: None, ..own.clone() }));
        let sibling = MpnId(2_001);
        let wrong = [
            ResellerChoice { profile: Some(profile(2_000, MpnKind::Global)), ..own.clone() },
            ResellerChoice {
                profile: Some(MpnProfileFacts { active: false, ..profile(2_000, MpnKind::Location) }),
                ..own.clone()
            },
            ResellerChoice { mpn_id: sibling, profile: Some(profile(2_001, MpnKind::Location)), ..own.clone() },
            ResellerChoice { mpn_id: sibling, profile: None, ..own },
        ];
        for choice in wrong {
            assert_eq!(refuses("B-05", b_05_mpn_id_is_accounts_location(&choice)).microsoft_code, Some(2200));
        }
    }

    #[test]
    fn a_seller_is_not_its_own_partner_of_record() {
        passes("B-05", own_mpn_id_not_used(&provider(), &choice(reseller())));
        let refusal = refuses("B-05", own_mpn_id_not_used(&provider(), &choice(provider())));
        assert_eq!(refusal.microsoft_code, Some(2072));
    }

    #[test]
    fn an_mpn_id_without_a_resellers_account_is_no_reseller() {
        passes("E-11", e_11_is_indirect_reseller(&choice(reseller())));
        let member = ResellerChoice { account: None, ..choice(reseller()) };
        assert_eq!(refuses("E-11", e_11_is_indirect_reseller(&member)).microsoft_code, Some(2204));
        for other in [direct_bill(), partner(1_001, PartnerType::IndirectProvider)] {
            assert_eq!(refuses("P-07", e_11_is_indirect_reseller(&choice(other))).microsoft_code, Some(2204));
        }
    }

    #[test]
    fn a_deleted_subscription_stays_as_it_is() {
        assert_eq!(deleted_does_not_change(&subscription()), None);
        let deleted = SubscriptionFacts { status: SubscriptionStatus::Deleted, ..subscription() };
        assert_eq!(deleted_does_not_change(&deleted).unwrap().microsoft_code, Some(2011));
    }

    #[test]
    fn licences_are_counted_and_use_is_not() {
        passes("N-04", n_04_licence_count_fits(BillingType::License, Some(1)));
        passes("N-04", n_04_licence_count_fits(BillingType::Usage, None));
        for (billing_type, quantity) in [
            (BillingType::License, None),
            (BillingType::License, Some(0)),
            (BillingType::License, Some(-3)),
            (BillingType::License, Some(1_000_001)),
            (BillingType::Usage, Some(1)),
        ] {
            refuses("N-04", n_04_licence_count_fits(billing_type, quantity));
        }
    }

    #[test]
    fn a_partial_upgrade_makes_a_second_subscription() {
        shows("B-15", b_15_upgrade(Some(10), Some(4)) == Ok(Upgrade::Partial { remaining: 6, moved: 4 }));
        shows("B-15", b_15_upgrade(Some(10), None) == Ok(Upgrade::Whole));
        shows("B-15", b_15_upgrade(None, None) == Ok(Upgrade::Whole));
        for (held, part) in [(Some(10), 11), (Some(10), 0), (Some(10), -1), (None, 1), (Some(0), 0)] {
            assert_eq!(b_15_upgrade(held, Some(part)).unwrap_err().rule, Some(RuleId::B_15));
        }
    }

    proptest! {
        #[test]
        fn an_upgrade_loses_no_licence(held in 1u64..10_000, part in 1i64..10_000) {
            if let Ok(Upgrade::Partial { remaining, moved }) = b_15_upgrade(Some(held), Some(part)) {
                prop_assert_eq!(remaining + moved, held);
            }
        }
    }
}
