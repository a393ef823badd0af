//! Shifts the keys that a plan assigned if it is applied later, because other writers may have used them in the
//! meantime.

use partnergraph_domain::{CustomerKey, ImportSourceKey, PartnerKey, SubscriptionKey};
use partnergraph_store::imports::rows::{
    Absent, BaselineOf, ChangedBaseline, ChangedEntitlement, ChangedGrant, ChangedRecord, ChangedReseller,
    ChangedSubscription, NewAgreement, NewBaseline, NewChange, NewCustomer, NewEntitlement, NewGrant, NewHistory,
    NewPartnership, NewPlaceholder, NewRecord, NewRelationship, NewResellerStatement, NewSource, NewSubscription,
    NewTenant, RepeatedAgreement,
};

use super::ops::{GivenKey, Keys};

/// The shift from the keys that a plan assigned to those that are free now. Keys of rows that existed when it was made
/// stay.
#[derive(Debug, Default)]
pub(crate) struct Shift {
    base: Keys,
    free: Keys,
}

impl Shift {
    /// `base` are the highest keys when the plan was made, `free` those of now.
    pub(crate) fn between(base: &Keys, free: Keys) -> Self {
        Self { base: base.clone(), free }
    }

    /// Whether all keys stay the same.
    pub(crate) fn is_none(&self) -> bool {
        self.base == self.free
    }

    pub(crate) fn customer(&self, key: CustomerKey) -> CustomerKey {
        moved(key, self.base.customer, self.free.customer)
    }

    pub(crate) fn source(&self, key: ImportSourceKey) -> ImportSourceKey {
        moved(key, self.base.source, self.free.source)
    }

    fn partner(&self, key: PartnerKey) -> PartnerKey {
        moved(key, self.base.partner, self.free.partner)
    }

    fn subscription(&self, key: SubscriptionKey) -> SubscriptionKey {
        moved(key, self.base.subscription, self.free.subscription)
    }

    fn baseline(&self, source_id: &mut ImportSourceKey, of: &mut BaselineOf) {
        *source_id = self.source(*source_id);
        *of = match *of {
            BaselineOf::Customer(key) => self.customer(key).into(),
            BaselineOf::Subscription(key) => self.subscription(key).into(),
        };
    }
}

fn moved<K: GivenKey>(key: K, base: K, free: K) -> K {
    if key > base { K::numbered(key.number() - base.number() + free.number()) } else { key }
}

/// A row whose keys can be shifted.
pub(crate) trait Rebase {
    fn rebase(&mut self, shift: &Shift);
}

impl Rebase for NewTenant {
    fn rebase(&mut self, _shift: &Shift) {}
}

impl Rebase for NewChange {
    fn rebase(&mut self, _shift: &Shift) {}
}

impl Rebase for NewSource {
    fn rebase(&mut self, shift: &Shift) {
        self.id = shift.source(self.id);
    }
}

impl Rebase for NewPlaceholder {
    fn rebase(&mut self, shift: &Shift) {
        self.id = shift.partner(self.id);
    }
}

impl Rebase for NewPartnership {
    fn rebase(&mut self, shift: &Shift) {
        self.id = moved(self.id, shift.base.partnership, shift.free.partnership);
        self.reseller_id = shift.partner(self.reseller_id);
    }
}

impl Rebase for NewResellerStatement {
    fn rebase(&mut self, shift: &Shift) {
        self.reseller_id = shift.partner(self.reseller_id);
    }
}

impl Rebase for NewCustomer {
    fn rebase(&mut self, shift: &Shift) {
        self.id = shift.customer(self.id);
    }
}

impl Rebase for NewRecord {
    fn rebase(&mut self, shift: &Shift) {
        self.0.id = moved(self.0.id, shift.base.record, shift.free.record);
        self.0.customer_id = shift.customer(self.0.customer_id);
    }
}

impl Rebase for ChangedRecord {
    fn rebase(&mut self, _shift: &Shift) {}
}

impl Rebase for NewRelationship {
    fn rebase(&mut self, shift: &Shift) {
        self.id = moved(self.id, shift.base.relationship, shift.free.relationship);
        self.customer_id = shift.customer(self.customer_id);
    }
}

impl Rebase for NewAgreement {
    fn rebase(&mut self, shift: &Shift) {
        self.customer_id = shift.customer(self.customer_id);
    }
}

impl Rebase for RepeatedAgreement {
    fn rebase(&mut self, shift: &Shift) {
        self.0.rebase(shift);
    }
}

impl Rebase for NewSubscription {
    fn rebase(&mut self, shift: &Shift) {
        self.0.id = shift.subscription(self.0.id);
        self.0.customer_id = shift.customer(self.0.customer_id);
        self.0.reseller_id = self.0.reseller_id.map(|key| shift.partner(key));
    }
}

impl Rebase for ChangedSubscription {
    fn rebase(&mut self, _shift: &Shift) {}
}

impl Rebase for ChangedReseller {
    fn rebase(&mut self, shift: &Shift) {
        self.reseller_id = self.reseller_id.map(|key| shift.partner(key));
    }
}

impl Rebase for NewHistory {
    fn rebase(&mut self, shift: &Shift) {
        self.id = moved(self.id, shift.base.history, shift.free.history);
        self.subscription_pk = shift.subscription(self.subscription_pk);
        self.reseller_id = shift.partner(self.reseller_id);
    }
}

impl Rebase for NewGrant {
    fn rebase(&mut self, shift: &Shift) {
        self.0.id = moved(self.0.id, shift.base.grant, shift.free.grant);
        self.0.customer_id = shift.customer(self.0.customer_id);
    }
}

impl Rebase for ChangedGrant {
    fn rebase(&mut self, _shift: &Shift) {}
}

impl Rebase for NewBaseline {
    fn rebase(&mut self, shift: &Shift) {
        shift.baseline(&mut self.0.source_id, &mut self.0.of);
    }
}

impl Rebase for ChangedBaseline {
    fn rebase(&mut self, shift: &Shift) {
        shift.baseline(&mut self.0.source_id, &mut self.0.of);
    }
}

impl Rebase for Absent {
    fn rebase(&mut self, shift: &Shift) {
        shift.baseline(&mut self.source_id, &mut self.of);
    }
}

impl Rebase for NewEntitlement {
    fn rebase(&mut self, shift: &Shift) {
        self.0.id = moved(self.0.id, shift.base.entitlement, shift.free.entitlement);
        self.0.subscription_pk = shift.subscription(self.0.subscription_pk);
        self.0.reseller_id = self.0.reseller_id.map(|id| shift.partner(id));
    }
}

impl Rebase for ChangedEntitlement {
    fn rebase(&mut self, shift: &Shift) {
        self.0.reseller_id = self.0.reseller_id.map(|id| shift.partner(id));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_that_the_plan_gave_move_and_those_that_were_there_stay() {
        let (customer, partner, subscription) = (CustomerKey::new, PartnerKey::new, SubscriptionKey::new);
        let keys = |customers, partners| Keys {
            customer: customer(customers),
            partner: partner(partners),
            subscription: subscription(100),
            ..Keys::default()
        };
        let (base, free) = (keys(10, 3), keys(12, 2));
        let shift = Shift::between(&base, free);
        let moved = |number| shift.customer(customer(number)).get();
        assert_eq!((moved(10), moved(11), moved(12)), (10, 13, 14));
        assert_eq!((shift.partner(partner(2)), shift.partner(partner(4))), (partner(2), partner(3)));
        let mut row = ChangedReseller {
            id: subscription(100),
            reseller_id: Some(partner(4)),
            since: None,
            is_own: true,
            run: None,
            by: None,
        };
        row.rebase(&shift);
        assert_eq!((row.id, row.reseller_id), (subscription(100), Some(partner(3))));
        assert!(Shift::between(&base, base.clone()).is_none() && !shift.is_none());
    }
}
