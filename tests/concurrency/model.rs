//! An in-memory model of the graph and of the effects of acts. Written from the rules, not from the program.

use std::collections::{BTreeMap, BTreeSet};

use crate::act::{Act, Op};
use crate::answers::Answer;
use crate::letters::Letter;
use crate::requests::Request;
use crate::support::Role;
use crate::world::{Org, reseller_of_customer};

/// The state between a provider and a reseller, if there ever was a partnership.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Standing {
    Requested,
    Active,
    Removed,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Subscription {
    pub(crate) seller: usize,
    pub(crate) customer: usize,
    /// The partner of record.
    pub(crate) reseller: Option<usize>,
    /// The support contact; `None` for the seller.
    pub(crate) contact: Option<usize>,
    /// The number of licences.
    pub(crate) seats: i64,
    pub(crate) version: i64,
}

impl Subscription {
    pub(crate) fn sold(seller: usize, customer: usize, reseller: Option<usize>, seats: i64) -> Self {
        Self { seller, customer, reseller, contact: None, seats, version: 1 }
    }
}

/// A state of the graph. Providers, resellers and customers are indexes into the world's lists.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct State {
    /// By provider and reseller.
    pub(crate) partnerships: BTreeMap<(usize, usize), Standing>,
    /// Providers and their customers.
    pub(crate) related: BTreeSet<(usize, usize)>,
    /// Provider, customer, reseller.
    pub(crate) associated: BTreeSet<(usize, usize, usize)>,
    pub(crate) subscriptions: BTreeMap<String, Subscription>,
    /// By token.
    pub(crate) letters: BTreeMap<String, Letter>,
    /// Providers with delegated admin privileges for a customer.
    pub(crate) grants: BTreeSet<(usize, usize)>,
    /// Providers that have attested a customer's agreement.
    pub(crate) attested: BTreeSet<(usize, usize)>,
    /// By global id.
    pub(crate) requests: BTreeMap<String, Request>,
    /// Providers and resellers whose requests are approved automatically, with the name of whoever set it.
    pub(crate) trusted: BTreeMap<(usize, usize), String>,
}

/// The effect of an act in a state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Judgement {
    /// All rules that refuse it, or the code of a refusal without a rule.
    Refused(BTreeSet<String>),
    /// The state is already as requested: nothing is written or recorded.
    Unchanged,
    Changed(Footprint),
}

/// The events that an act leaves in the history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Footprint {
    /// One of these, exactly once.
    pub(crate) main: &'static [&'static str],
    /// Events that are allowed in addition.
    pub(crate) beside: &'static [&'static str],
    /// The previous and new reseller of a changed field.
    pub(crate) change: Option<Renamed>,
    /// The events of a move, each of which occurs exactly once, instead of all the others.
    pub(crate) moved: Vec<(&'static str, Renamed)>,
}

/// A field with its previous and new reseller.
pub(crate) type Renamed = (&'static str, Option<usize>, Option<usize>);

impl Footprint {
    pub(crate) fn of(main: &'static [&'static str], beside: &'static [&'static str]) -> Judgement {
        Judgement::Changed(Self { main, beside, change: None, moved: Vec::new() })
    }

    fn naming(
        main: &'static [&'static str],
        field: &'static str,
        before: Option<usize>,
        after: Option<usize>,
    ) -> Judgement {
        if before == after {
            return Judgement::Unchanged;
        }
        Judgement::Changed(Self { main, beside: &[], change: Some((field, before, after)), moved: Vec::new() })
    }
}

pub(crate) fn not_found() -> Judgement {
    Judgement::Refused(BTreeSet::from(["NOT_FOUND".to_owned()]))
}

/// The judgement if nothing refuses the act.
pub(crate) fn unless(refused: BTreeSet<String>, otherwise: impl FnOnce() -> Judgement) -> Judgement {
    if refused.is_empty() { otherwise() } else { Judgement::Refused(refused) }
}

impl State {
    /// The effect of the act in this state.
    pub(crate) fn judge(&self, act: &Act) -> Judgement {
        match (act.by.org, act.op) {
            (Org::Provider(me), op) => self.judge_provider(me, act, op),
            (Org::Reseller(me), Op::AcceptRequest { .. }) => self.accept_request(me, act),
            (Org::Reseller(me), Op::Ask { seats, .. }) => self.ask(me, seats, act),
            (Org::Reseller(me), Op::Withdraw { .. }) => self.withdraw(me, act),
            (Org::Customer(me), Op::AcceptInvitation { .. }) => self.accept_invitation(me, act),
            (org, op) => panic!("{org:?} does no {op:?}"),
        }
    }

    fn judge_provider(&self, me: usize, act: &Act, op: Op) -> Judgement {
        // a helpdesk agent cannot do a provider's tasks.
        let mut refused = BTreeSet::new();
        if act.by.role == Role::HelpdeskAgent {
            refused.insert("A-01".to_owned());
        }
        match op {
            Op::PutOnSubscription { reseller, .. } => {
                let Some(sold) = self.sold(me, act, &mut refused) else { return not_found() };
                refused.extend(self.stale(sold, act));
                refused.extend(self.against(me, reseller, "N-09"));
                unless(refused, || naming_partner_of_record(sold.reseller, Some(reseller)))
            }
            Op::TakeOffSubscription { .. } => {
                let Some(sold) = self.sold(me, act, &mut refused) else { return not_found() };
                unless(refused, || naming_partner_of_record(sold.reseller, None))
            }
            Op::Support { reseller, .. } => {
                let Some(sold) = self.sold(me, act, &mut refused) else { return not_found() };
                refused.extend(self.stale(sold, act));
                refused.extend(self.against(me, reseller, "K-02"));
                unless(refused, || naming_contact(sold.contact, Some(reseller)))
            }
            Op::ClearSupport { .. } => {
                let Some(sold) = self.sold(me, act, &mut refused) else { return not_found() };
                unless(refused, || naming_contact(sold.contact, None))
            }
            Op::PutOnCustomer { customer, reseller } => {
                if !self.related.contains(&(me, customer)) {
                    return not_found();
                }
                refused.extend(self.against(me, reseller, "N-09"));
                let before = self.associated.contains(&(me, customer, reseller)).then_some(reseller);
                unless(refused, || {
                    Footprint::naming(&["CREATE_CUSTOMER_ASSOCIATION"], "indirectResellers", before, Some(reseller))
                })
            }
            Op::TakeOffCustomer { customer, reseller } => {
                if !self.related.contains(&(me, customer)) {
                    return not_found();
                }
                if !self.partnerships.contains_key(&(me, reseller)) {
                    refused.insert("NOT_FOUND".to_owned());
                }
                let before = self.associated.contains(&(me, customer, reseller)).then_some(reseller);
                unless(refused, || {
                    Footprint::naming(&["REMOVE_CUSTOMER_ASSOCIATION"], "indirectResellers", before, None)
                })
            }
            Op::Request { reseller } => {
                // A caller that cannot request learns nothing about the reseller.
                if refused.is_empty() && self.is_active(me, reseller) {
                    refused.insert("ALREADY_PARTNERS".to_owned());
                }
                unless(refused, || {
                    Footprint::of(
                        &["CREATE_INVITATION"],
                        &["CREATE_PARTNER_RELATIONSHIP", "UPDATE_PARTNER_RELATIONSHIP"],
                    )
                })
            }
            Op::Part { reseller } => match self.partnerships.get(&(me, reseller)) {
                None => not_found(),
                Some(standing) => {
                    if *standing == Standing::Removed {
                        refused.insert("PARTNERSHIP_ENDED".to_owned());
                    }
                    unless(refused, || Footprint::of(&["REMOVE_PARTNER_RELATIONSHIP"], &["REVOKE_INVITATION"]))
                }
            },
            Op::Order { customer, reseller } => {
                if !self.related.contains(&(me, customer)) {
                    return not_found();
                }
                refused.extend(self.both(me, customer));
                refused.extend(reseller.into_iter().flat_map(|reseller| self.against(me, reseller, "N-09")));
                unless(refused, || Footprint::of(&["CREATE_ORDER"], &[]))
            }
            // C-30: nobody takes a tenant that exists, whoever's it is.
            Op::Add { .. } if refused.is_empty() => Judgement::Refused(BTreeSet::from(["C-30".to_owned()])),
            Op::Add { .. } => Judgement::Refused(refused),
            Op::Invite { .. } => unless(
                // Here A-02 is checked instead: it names the same roles for a provider.
                refused.into_iter().map(|_| "A-02".to_owned()).collect(),
                || Footprint::of(&["CREATE_INVITATION"], &[]),
            ),
            Op::Confirm { customer } => {
                if !self.related.contains(&(me, customer)) {
                    return not_found();
                }
                refused.extend(self.attested.contains(&(me, customer)).then(|| "C-31".to_owned()));
                unless(refused, || Footprint::of(&["CREATE_AGREEMENT"], &[]))
            }
            Op::RemoveCustomer { customer } => {
                if !self.related.contains(&(me, customer)) {
                    return not_found();
                }
                unless(refused.into_iter().map(|_| "A-02".to_owned()).collect(), || {
                    Footprint::of(&["REMOVE_PARTNER_CUSTOMER_RELATIONSHIP"], &[])
                })
            }
            Op::Decide { approves, .. } => self.decide(me, approves, refused, act),
            Op::Move { from, to } => self.judge_move(me, from, to, refused),
            Op::Trust { reseller, trusts } => self.trust(me, reseller, trusts, refused, act),
            Op::AcceptRequest { .. } | Op::AcceptInvitation { .. } | Op::Ask { .. } | Op::Withdraw { .. } => {
                panic!("a provider does no {op:?}")
            }
        }
    }

    /// The state after an act that changed it.
    pub(crate) fn after(&self, act: &Act, answer: &Answer) -> Self {
        let mut next = self.clone();
        match (act.by.org, act.op) {
            (Org::Provider(_), Op::PutOnSubscription { reseller, .. }) => {
                next.change(act, |sold| sold.reseller = Some(reseller));
            }
            (Org::Provider(_), Op::TakeOffSubscription { .. }) => next.change(act, |sold| sold.reseller = None),
            (Org::Provider(_), Op::Support { reseller, .. }) => next.change(act, |sold| sold.contact = Some(reseller)),
            (Org::Provider(_), Op::ClearSupport { .. }) => next.change(act, |sold| sold.contact = None),
            (Org::Provider(me), Op::PutOnCustomer { customer, reseller }) => {
                next.associated.insert((me, customer, reseller));
            }
            (Org::Provider(me), Op::TakeOffCustomer { customer, reseller }) => {
                next.associated.remove(&(me, customer, reseller));
            }
            (Org::Provider(me), Op::Request { reseller }) => {
                next.partnerships.insert((me, reseller), Standing::Requested);
                next.draft(me, Org::Reseller(reseller), answer);
            }
            (Org::Provider(me), Op::Part { reseller }) => {
                next.partnerships.insert((me, reseller), Standing::Removed);
                next.trusted.remove(&(me, reseller));
                // Open requests are closed.
                let asked = |letter: &&mut Letter| letter.from == me && letter.to == Org::Reseller(reseller);
                next.letters.values_mut().filter(asked).for_each(|letter| letter.open = false);
            }
            (Org::Provider(me), Op::Order { customer, reseller }) => next.sell(me, customer, reseller, answer),
            (Org::Provider(me), Op::Invite { customer }) => next.draft(me, Org::Customer(customer), answer),
            (Org::Provider(me), Op::Confirm { customer }) => next.attested.extend([(me, customer)]),
            (Org::Provider(me), Op::RemoveCustomer { customer }) => {
                next.related.remove(&(me, customer));
            }
            (Org::Provider(me), Op::Move { from, to }) => next.carry_over(me, from, to),
            (Org::Provider(_), Op::Decide { approves, .. }) => next.close_request(&act.request, approves),
            (Org::Provider(me), Op::Trust { reseller, trusts }) => {
                next.trusted.remove(&(me, reseller));
                next.trusted.extend(trusts.then(|| ((me, reseller), act.by.name.clone())));
            }
            (Org::Reseller(_), Op::Withdraw { .. }) => next.close_request(&act.request, false),
            (Org::Reseller(me), Op::Ask { seats, .. }) => next.make_request(me, seats, act, answer),
            (Org::Reseller(me), _) => {
                let from = next.close(&act.token);
                next.partnerships.insert((from, me), Standing::Active);
            }
            (Org::Customer(me), _) => {
                let from = next.close(&act.token);
                next.related.insert((from, me));
                next.grants.insert((from, me));
            }
            (org, op) => panic!("{org:?} does no {op:?}"),
        }
        next
    }

    /// A breach that no order of acts may cause: a tenant that is both a provider's reseller and its customer.
    pub(crate) fn breach(&self) -> Option<String> {
        let both = self.related.iter().find(|(provider, customer)| self.both(*provider, *customer).is_some());
        both.map(|(provider, customer)| format!("customer {customer} is a reseller of provider {provider} too"))
    }

    pub(crate) fn is_active(&self, provider: usize, reseller: usize) -> bool {
        self.partnerships.get(&(provider, reseller)) == Some(&Standing::Active)
    }

    /// Q-09, if the customer's tenant is that of the provider's reseller.
    pub(crate) fn both(&self, provider: usize, customer: usize) -> Option<String> {
        let reseller = reseller_of_customer(customer)?;
        self.is_active(provider, reseller).then(|| "Q-09".to_owned())
    }

    pub(crate) fn stale(&self, sold: &Subscription, act: &Act) -> Option<String> {
        act.if_version.filter(|version| *version != sold.version).map(|_| "STALE_VERSION".to_owned())
    }

    /// The refusals for naming the reseller in anything new. A reseller that the provider never dealt with is unknown to it.
    pub(crate) fn against(&self, provider: usize, reseller: usize, own_rule: &str) -> Vec<String> {
        let rules: &[&str] = match self.partnerships.get(&(provider, reseller)) {
            Some(Standing::Active) => return Vec::new(),
            Some(Standing::Requested) => &["P-06"],
            Some(Standing::Removed) => &["P-06", "X-09"],
            None => &["E-11", "P-06"],
        };
        rules.iter().copied().chain([own_rule]).map(str::to_owned).collect()
    }

    fn change(&mut self, act: &Act, change: impl FnOnce(&mut Subscription)) {
        let sold = self.subscriptions.get_mut(&act.subscription).unwrap();
        change(sold);
        sold.version += 1;
    }

    fn sell(&mut self, seller: usize, customer: usize, reseller: Option<usize>, answer: &Answer) {
        let [made] = &answer.subscriptions[..] else { panic!("an order of one line makes one: {answer:?}") };
        let earlier = self.subscriptions.insert(made.clone(), Subscription::sold(seller, customer, reseller, 3));
        assert_eq!(earlier, None, "the id {made} was given twice");
    }
}

fn naming_partner_of_record(before: Option<usize>, after: Option<usize>) -> Judgement {
    let main: &[&str] = match (before, after) {
        (None, _) => &["CREATE_MPN_ASSOCIATION"],
        (Some(_), Some(_)) => &["UPDATE_MPN_ASSOCIATION"],
        (Some(_), None) => &["REMOVE_MPN_ASSOCIATION"],
    };
    Footprint::naming(main, "partnerOfRecord", before, after)
}

fn naming_contact(before: Option<usize>, after: Option<usize>) -> Judgement {
    Footprint::naming(&["UPDATE_SUPPORT_CONTACT"], "supportContact", before, after)
}
