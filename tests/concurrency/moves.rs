//! The model of moves: what a provider takes from one reseller and gives to another, or to nobody.

use std::collections::BTreeSet;

use crate::model::{Footprint, Judgement, Renamed, State, not_found, unless};

impl State {
    pub(crate) fn judge_move(&self, me: usize, from: usize, to: Option<usize>, refused: BTreeSet<String>) -> Judgement {
        // A move is a run, so A-02 is checked, and before anything is looked up.
        if !refused.is_empty() {
            return Judgement::Refused(BTreeSet::from(["A-02".to_owned()]));
        }
        if !self.partnerships.contains_key(&(me, from)) {
            return not_found();
        }
        if to == Some(from) {
            return Judgement::Refused(BTreeSet::from(["BAD_INPUT".to_owned()]));
        }
        let against = to.into_iter().flat_map(|to| {
            let rules = self.against(me, to, "N-09");
            // The support contact has its own rule.
            let support = (!rules.is_empty()).then(|| "K-02".to_owned());
            rules.into_iter().chain(support).collect::<Vec<_>>()
        });
        let moved = self.events_of_move(me, from, to);
        unless(against.collect(), || match moved.is_empty() {
            true => Judgement::Unchanged,
            false => Judgement::Changed(Footprint { main: &[], beside: &[], change: None, moved }),
        })
    }

    fn events_of_move(&self, me: usize, from: usize, to: Option<usize>) -> Vec<(&'static str, Renamed)> {
        let mut events = Vec::new();
        for sold in self.subscriptions.values() {
            if sold.seller != me || !self.related.contains(&(me, sold.customer)) {
                continue;
            }
            let renamed = if to.is_some() { "UPDATE_MPN_ASSOCIATION" } else { "REMOVE_MPN_ASSOCIATION" };
            events.extend((sold.reseller == Some(from)).then_some((renamed, ("partnerOfRecord", Some(from), to))));
            let contact = ("UPDATE_SUPPORT_CONTACT", ("supportContact", Some(from), to));
            events.extend((sold.contact == Some(from)).then_some(contact));
        }
        for (_, customer, _) in self.accounts(me, from) {
            events.push(("REMOVE_CUSTOMER_ASSOCIATION", ("indirectResellers", Some(from), None)));
            let begins = to.filter(|to| !self.associated.contains(&(me, customer, *to)));
            events.extend(begins.map(|to| ("CREATE_CUSTOMER_ASSOCIATION", ("indirectResellers", None, Some(to)))));
        }
        events
    }

    /// The reseller's associations with accounts of customers that the provider still has.
    fn accounts(&self, me: usize, from: usize) -> Vec<(usize, usize, usize)> {
        let own = |(provider, customer, reseller): &&(usize, usize, usize)| {
            *provider == me && *reseller == from && self.related.contains(&(me, *customer))
        };
        self.associated.iter().filter(own).copied().collect()
    }

    pub(crate) fn carry_over(&mut self, me: usize, from: usize, to: Option<usize>) {
        let related = self.related.clone();
        for sold in self.subscriptions.values_mut() {
            let is_moved = sold.reseller == Some(from) || sold.contact == Some(from);
            if sold.seller != me || !related.contains(&(me, sold.customer)) || !is_moved {
                continue;
            }
            for held in [&mut sold.reseller, &mut sold.contact] {
                if *held == Some(from) {
                    *held = to;
                }
            }
            sold.version += 1;
        }
        for account in self.accounts(me, from) {
            self.associated.remove(&account);
            self.associated.extend(to.map(|to| (me, account.1, to)));
        }
    }
}
