//! The model of change requests (B-16): what a reseller can ask for, and what an approval requires.

use std::collections::BTreeSet;

use crate::act::Act;
use crate::answers::Answer;
use crate::model::{Footprint, Judgement, Standing, State, Subscription, not_found, unless};

/// A request for licences.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Request {
    pub(crate) subscription: String,
    pub(crate) reseller: usize,
    pub(crate) seats: i64,
    pub(crate) if_version: Option<i64>,
    pub(crate) open: bool,
}

impl State {
    pub(crate) fn ask(&self, me: usize, seats: i64, act: &Act) -> Judgement {
        let Some(sold) = self.subscriptions.get(&act.subscription).filter(|sold| self.shown(me, sold)) else {
            return not_found();
        };
        let mut refused = BTreeSet::new();
        if !self.is_active(sold.seller, me) || !self.manages(me, sold) {
            refused.insert("B-16".to_owned());
        } else {
            // It stands on its provider's relationship, and asks only for what it cannot do itself.
            refused.extend((!self.related.contains(&(sold.seller, sold.customer))).then(|| "C-01".to_owned()));
            refused.extend((seats <= sold.seats).then(|| "B-16".to_owned()));
        }
        refused.extend(self.stale(sold, act));
        let request = self.request(me, seats, act);
        unless(refused, || match self.passes_by_itself(&request) {
            true => Footprint::of(&["CREATE_CHANGE_REQUEST"], &["APPROVE_CHANGE_REQUEST", "UPDATE_SUBSCRIPTION"]),
            false => Footprint::of(&["CREATE_CHANGE_REQUEST"], &[]),
        })
    }

    pub(crate) fn decide(&self, me: usize, approves: bool, refused: BTreeSet<String>, act: &Act) -> Judgement {
        let request = self.requests.get(&act.request);
        let Some(request) = request.filter(|request| self.subscriptions[&request.subscription].seller == me) else {
            return not_found();
        };
        let mut refused = refused;
        refused.extend((!request.open).then(|| "CHANGE_REQUEST_CLOSED".to_owned()));
        if refused.is_empty() && approves {
            refused = self.against_approval(request);
        }
        unless(refused, || match approves {
            true => Footprint::of(&["APPROVE_CHANGE_REQUEST"], &["UPDATE_SUBSCRIPTION"]),
            false => Footprint::of(&["DECLINE_CHANGE_REQUEST"], &[]),
        })
    }

    pub(crate) fn withdraw(&self, me: usize, act: &Act) -> Judgement {
        let Some(request) = self.requests.get(&act.request).filter(|request| request.reseller == me) else {
            return not_found();
        };
        let refused = (!request.open).then(|| "CHANGE_REQUEST_CLOSED".to_owned()).into_iter().collect();
        unless(refused, || Footprint::of(&["WITHDRAW_CHANGE_REQUEST"], &[]))
    }

    pub(crate) fn trust(
        &self,
        me: usize,
        reseller: usize,
        trusts: bool,
        refused: BTreeSet<String>,
        act: &Act,
    ) -> Judgement {
        let Some(standing) = self.partnerships.get(&(me, reseller)) else { return not_found() };
        let mut refused = refused;
        refused.extend((trusts && *standing != Standing::Active).then(|| "P-06".to_owned()));
        refused.extend((*standing == Standing::Removed).then(|| "PARTNERSHIP_ENDED".to_owned()));
        let set_by = self.trusted.get(&(me, reseller));
        let is_so = if trusts { set_by == Some(&act.by.name) } else { set_by.is_none() };
        unless(refused, || match is_so {
            true => Judgement::Unchanged,
            false => Footprint::of(&["UPDATE_PARTNER_RELATIONSHIP"], &[]),
        })
    }

    pub(crate) fn make_request(&mut self, me: usize, seats: i64, act: &Act, answer: &Answer) {
        let id = answer.request.clone().unwrap_or_else(|| panic!("no request in {answer:?}"));
        let request = self.request(me, seats, act);
        let passes = self.passes_by_itself(&request);
        let earlier = self.requests.insert(id.clone(), request);
        assert_eq!(earlier, None, "an id was given twice");
        if passes {
            self.close_request(&id, true);
        }
    }

    /// Closes the request, and does what it asks for if it is approved.
    pub(crate) fn close_request(&mut self, id: &str, approved: bool) {
        let request = self.requests.get_mut(id).unwrap();
        request.open = false;
        let sold = self.subscriptions.get_mut(&request.subscription).unwrap();
        if approved && sold.seats != request.seats {
            sold.seats = request.seats;
            sold.version += 1;
        }
    }

    fn request(&self, me: usize, seats: i64, act: &Act) -> Request {
        let (subscription, if_version) = (act.subscription.clone(), act.if_version);
        Request { subscription, reseller: me, seats, if_version, open: true }
    }

    fn passes_by_itself(&self, request: &Request) -> bool {
        let seller = self.subscriptions[&request.subscription].seller;
        self.trusted.contains_key(&(seller, request.reseller)) && self.against_approval(request).is_empty()
    }

    fn against_approval(&self, request: &Request) -> BTreeSet<String> {
        let sold = &self.subscriptions[&request.subscription];
        let mut refused: Vec<&str> = Vec::new();
        if !self.is_active(sold.seller, request.reseller) {
            refused.extend(["P-06", "B-16"]);
        }
        if !self.manages(request.reseller, sold) {
            refused.push("B-16");
        }
        if !self.related.contains(&(sold.seller, sold.customer)) {
            refused.push("C-01");
            // More licences are a sale.
            refused.extend(["C-02", "C-03"].into_iter().filter(|_| request.seats > sold.seats));
        }
        if request.if_version.is_some_and(|version| version != sold.version) {
            refused.push("STALE_VERSION");
        }
        refused.into_iter().map(str::to_owned).collect()
    }

    /// Whether the reseller is partner of record of it, or associated with the account.
    fn manages(&self, me: usize, sold: &Subscription) -> bool {
        sold.reseller == Some(me) || self.associated.contains(&(sold.seller, sold.customer, me))
    }

    /// Whether the reseller sees the subscription: it sees the customer through one of its providers, and the subscription through
    /// an association with the account, as partner of record or as support contact.
    fn shown(&self, me: usize, sold: &Subscription) -> bool {
        let named = |other: &Subscription| other.reseller == Some(me) || other.contact == Some(me);
        let by_account = |provider: usize| {
            self.related.contains(&(provider, sold.customer))
                && self.associated.contains(&(provider, sold.customer, me))
        };
        let sees_customer = self.related.iter().any(|(provider, customer)| {
            let of_pair = |other: &&Subscription| other.seller == *provider && other.customer == *customer;
            *customer == sold.customer
                && (by_account(*provider) || self.subscriptions.values().filter(of_pair).any(named))
        });
        sees_customer && (named(sold) || by_account(sold.seller))
    }
}
