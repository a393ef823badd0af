use async_graphql::{InputObject, OneofObject};

use crate::orders::OrderLineInput;
use partnergraph_operation::lookups::{CustomerLookup, PartnerLookup, SubscriptionLookup};
use partnergraph_operation::name::Name;

/// What you ask your provider for: exactly one of these.
#[derive(OneofObject, Debug, Clone)]
pub enum RequestedChangeInput {
    /// An order for a customer.
    Order(RequestedOrderInput),
    /// More licences of a subscription, or its automatic renewal.
    Update(RequestedUpdateInput),
    /// An upgrade of a subscription.
    Upgrade(RequestedUpgradeInput),
}

/// An order to ask for.
#[derive(InputObject, Debug, Clone)]
pub struct RequestedOrderInput {
    /// The provider to place the order.
    pub(super) provider: PartnerLookup,
    /// The customer. The provider must have associated you with its account or with one of its live subscriptions.
    pub(super) customer: CustomerLookup,
    /// The order lines, from 1 to 100. As reseller and support contact, each can name only you, or nobody.
    pub(super) lines: Vec<OrderLineInput>,
}

/// A change of a subscription to ask for. Set `quantity`, `autoRenewEnabled` or both.
#[derive(InputObject, Debug, Clone)]
pub struct RequestedUpdateInput {
    /// The subscription.
    pub(super) subscription: SubscriptionLookup,
    /// The number of licences. Null leaves it unchanged.
    pub(super) quantity: Option<i64>,
    /// Whether the subscription renews automatically. Null leaves it unchanged.
    pub(super) auto_renew_enabled: Option<bool>,
    /// The version you last read. Rejected if it has changed since then. Checked again on approval. If null, the version is not
    /// checked.
    pub(super) if_version: Option<i64>,
}

/// An upgrade of a subscription to ask for.
#[derive(InputObject, Debug, Clone)]
pub struct RequestedUpgradeInput {
    /// The subscription. It must be active.
    pub(super) subscription: SubscriptionLookup,
    /// The id of the offer to upgrade to.
    #[graphql(validator(custom = "Name"))]
    pub(super) to_offer_id: String,
    /// The name of the offer in the price list.
    #[graphql(validator(custom = "Name"))]
    pub(super) to_offer_name: String,
    /// The number of licences to upgrade. Defaults to all.
    pub(super) quantity: Option<i64>,
    /// The version you last read. Rejected if it has changed since then. Checked again on approval. If null, the version is not
    /// checked.
    pub(super) if_version: Option<i64>,
}
