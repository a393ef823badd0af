//! A subscription, as a test states it.

use partnergraph_domain::{BillingType, SubscriptionId, SubscriptionStatus};
use partnergraph_store::write::subscriptions::{self, NewSubscription};
use uuid::Uuid;

use super::graph::{Graph, Partner, Subscription};

/// A subscription to add.
pub struct SubscriptionBuilder<'a> {
    pub(super) graph: &'a Graph,
    pub(super) new: NewSubscription,
}

impl SubscriptionBuilder<'_> {
    /// Its partner of record.
    pub fn reseller(mut self, reseller: &Partner) -> Self {
        self.new.reseller_id = Some(reseller.id);
        self
    }

    pub fn support_contact(mut self, contact: &Partner) -> Self {
        self.new.support_contact_id = Some(contact.id);
        self
    }

    pub fn id(mut self, id: Uuid) -> Self {
        self.new.subscription_id = SubscriptionId(id);
        self
    }

    pub fn quantity(mut self, quantity: i64) -> Self {
        self.new.columns.quantity = Some(quantity);
        self
    }

    pub fn status(mut self, status: SubscriptionStatus) -> Self {
        self.new.columns.status = status;
        self
    }

    pub fn friendly_name(mut self, name: &str) -> Self {
        self.new.columns.friendly_name = Some(name.to_owned());
        self
    }

    pub fn offer(mut self, id: &str, name: &str) -> Self {
        self.new.columns.offer_id = Some(id.to_owned());
        self.new.columns.offer_name = Some(name.to_owned());
        self
    }

    /// Usage-based, without a quantity.
    pub fn usage(mut self) -> Self {
        self.new.columns.billing_type = BillingType::Usage;
        self.new.columns.quantity = None;
        self
    }

    pub fn trial(mut self) -> Self {
        self.new.columns.is_trial = true;
        self
    }

    /// A reservation or savings plan, whose partner of record cannot be changed.
    pub fn fixed(mut self) -> Self {
        self.new.columns.partner_of_record_fixed = true;
        self
    }

    pub fn add(self) -> Subscription {
        let Self { graph, new } = self;
        let pk = graph.write(|conn, actor, now| subscriptions::add(conn, actor, now, &new));
        Subscription { pk, subscription_id: new.subscription_id }
    }
}
