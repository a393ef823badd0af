//! Keys that a plan gave, when it is applied later: others have written meanwhile, and the keys are theirs now.

use partnergraph_store::imports::rows::{
    Absent, Baseline, ChangedBaseline, ChangedEntitlement, ChangedGrant, ChangedRecord, ChangedReseller,
    ChangedSubscription, NewBaseline, NewChange, NewCustomer, NewEntitlement, NewGrant, NewHistory, NewPartnership,
    NewPlaceholder, NewRecord, NewRelationship, NewSource, NewSubscription, NewTenant,
};

use super::ops::Keys;

/// From the keys that a plan gave to those that are free now. Keys of rows that were there when it was made stay.
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

    /// Whether all keys stay as they are.
    pub(crate) fn is_none(&self) -> bool {
        self.base == self.free
    }

    pub(crate) fn customer(&self, key: i64) -> i64 {
        moved(key, self.base.customer, self.free.customer)
    }

    pub(crate) fn source(&self, key: i64) -> i64 {
        moved(key, self.base.source, self.free.source)
    }

    fn partner(&self, key: i64) -> i64 {
        moved(key, self.base.partner, self.free.partner)
    }

    fn subscription(&self, key: i64) -> i64 {
        moved(key, self.base.subscription, self.free.subscription)
    }

    fn baseline(&self, source_id: &mut i64, entity: char, entity_id: &mut i64) {
        *source_id = self.source(*source_id);
        *entity_id = if entity == 'C' { self.customer(*entity_id) } else { self.subscription(*entity_id) };
    }
}

fn moved(key: i64, base: i64, free: i64) -> i64 {
    if key > base { key - base + free } else { key }
}

/// A row whose keys can be moved.
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
        let Baseline { source_id, entity, entity_id, .. } = &mut self.0;
        shift.baseline(source_id, *entity, entity_id);
    }
}

impl Rebase for ChangedBaseline {
    fn rebase(&mut self, shift: &Shift) {
        let Baseline { source_id, entity, entity_id, .. } = &mut self.0;
        shift.baseline(source_id, *entity, entity_id);
    }
}

impl Rebase for Absent {
    fn rebase(&mut self, shift: &Shift) {
        shift.baseline(&mut self.source_id, self.entity, &mut self.entity_id);
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
        let base = Keys { customer: 10, partner: 3, subscription: 100, ..Keys::default() };
        let free = Keys { customer: 12, partner: 2, subscription: 100, ..Keys::default() };
        let shift = Shift::between(&base, free);
        assert_eq!((shift.customer(10), shift.customer(11), shift.customer(12)), (10, 13, 14));
        assert_eq!((shift.partner(2), shift.partner(4)), (2, 3));
        let mut row = ChangedReseller { id: 100, reseller_id: Some(4), since: None, is_own: true, run: None, by: None };
        row.rebase(&shift);
        assert_eq!((row.id, row.reseller_id), (100, Some(3)));
        assert!(Shift::between(&base, base.clone()).is_none() && !shift.is_none());
    }
}
