//! Who does what, and how often.

use proptest::prelude::*;
use proptest::strategy::Union;

use crate::act::{Op, Version};
use crate::world::{CUSTOMERS, Org, RESELLERS};

/// The actions of users of that organisation, with their frequencies.
pub(crate) fn deeds_of(org: Org) -> BoxedStrategy<Op> {
    match org {
        Org::Provider(_) => Union::new_weighted(deeds_of_provider()).boxed(),
        Org::Reseller(_) => Union::new_weighted(deeds_of_reseller()).boxed(),
        Org::Customer(_) => (0..4_usize).prop_map(|letter| Op::AcceptInvitation { letter }).boxed(),
    }
}

fn deeds_of_reseller() -> Vec<(u32, BoxedStrategy<Op>)> {
    let version = prop_oneof![2 => Just(Version::Unsaid), 1 => Just(Version::LastSeen)];
    let ask = (0..1_000_usize, 1..30_i64, version).prop_map(|(subscription, seats, version)| Op::Ask {
        subscription,
        seats,
        version,
    });
    vec![
        (4, (0..4_usize).prop_map(|letter| Op::AcceptRequest { letter }).boxed()),
        (6, ask.boxed()),
        (1, (0..1_000_usize).prop_map(|request| Op::Withdraw { request }).boxed()),
    ]
}

fn deeds_of_provider() -> Vec<(u32, BoxedStrategy<Op>)> {
    let subscription = || 0..1_000_usize;
    let reseller = || 0..RESELLERS;
    let customer = || 0..CUSTOMERS;
    let version = || prop_oneof![2 => Just(Version::Unsaid), 1 => Just(Version::LastSeen)];
    let put_on = (subscription(), reseller(), version())
        .prop_map(|(subscription, reseller, version)| Op::PutOnSubscription { subscription, reseller, version });
    let support = (subscription(), reseller(), version()).prop_map(|(subscription, reseller, version)| Op::Support {
        subscription,
        reseller,
        version,
    });
    let decide = (0..1_000_usize, any::<bool>()).prop_map(|(request, approves)| Op::Decide { request, approves });
    let trust = (reseller(), any::<bool>()).prop_map(|(reseller, trusts)| Op::Trust { reseller, trusts });
    let of_customer = || (customer(), reseller());
    let sale = || (customer(), proptest::option::of(reseller()));
    vec![
        (6, put_on.boxed()),
        (2, subscription().prop_map(|subscription| Op::TakeOffSubscription { subscription }).boxed()),
        (3, of_customer().prop_map(|(customer, reseller)| Op::PutOnCustomer { customer, reseller }).boxed()),
        (2, of_customer().prop_map(|(customer, reseller)| Op::TakeOffCustomer { customer, reseller }).boxed()),
        (4, support.boxed()),
        (2, subscription().prop_map(|subscription| Op::ClearSupport { subscription }).boxed()),
        (5, reseller().prop_map(|reseller| Op::Request { reseller }).boxed()),
        (2, reseller().prop_map(|reseller| Op::Part { reseller }).boxed()),
        (4, sale().prop_map(|(customer, reseller)| Op::Order { customer, reseller }).boxed()),
        (2, sale().prop_map(|(customer, reseller)| Op::Add { customer, reseller }).boxed()),
        (3, customer().prop_map(|customer| Op::Invite { customer }).boxed()),
        (2, customer().prop_map(|customer| Op::Confirm { customer }).boxed()),
        (1, customer().prop_map(|customer| Op::RemoveCustomer { customer }).boxed()),
        (2, (reseller(), proptest::option::of(reseller())).prop_map(|(from, to)| Op::Move { from, to }).boxed()),
        (4, decide.boxed()),
        (2, trust.boxed()),
    ]
}
