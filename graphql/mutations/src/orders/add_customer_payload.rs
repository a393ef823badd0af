//! The payload of `addCustomer`. The secrets in it are returned once and stored nowhere in clear text.

use async_graphql::{Object, SimpleObject};
use secrecy::{ExposeSecret as _, SecretString};

use partnergraph_operation::payload::UserError;
use partnergraph_operation::scalars::DateTime;
use partnergraph_types::{Customer, CustomerSubscription, Order};

/// The sign-in details of a new tenant's first administrator, returned once (N-06, N-07).
#[allow(missing_debug_implementations)]
pub struct CustomerCredentials {
    pub(super) user_name: String,
    pub(super) temporary_password: SecretString,
}

/// The sign-in details of a new tenant's first administrator, returned once (N-06, N-07).
#[Object]
impl CustomerCredentials {
    /// The user name of the administrator.
    fn user_name(&self) -> &str {
        &self.user_name
    }

    /// The temporary password. The user must change it at first sign-in. Only a hash is stored, so the password is
    /// never returned again and cannot be looked up.
    fn temporary_password(&self) -> &str {
        self.temporary_password.expose_secret()
    }
}

/// An order line in a review.
#[derive(SimpleObject, Debug, Clone)]
pub struct OrderReviewLine {
    /// The id of the offer.
    pub(super) offer_id: String,
    /// The name of the offer in the price list.
    pub(super) offer_name: String,
    /// The number of licences. Null for a usage-based offer.
    pub(super) quantity: Option<i64>,
}

/// An order to check before it is submitted (N-03, N-05).
#[allow(missing_debug_implementations)]
pub struct OrderReview {
    pub(super) token: Option<SecretString>,
    pub(super) expires_at: DateTime,
    pub(super) lines: Vec<OrderReviewLine>,
}

/// An order to check before it is submitted (N-03, N-05).
#[Object]
impl OrderReview {
    /// The token to submit the same input or to cancel the review. Null if it was only validated. Returned only once: null if the request is repeated
    /// with the same idempotency key.
    fn token(&self) -> Option<&str> {
        self.token.as_ref().map(|token| token.expose_secret())
    }

    /// When the review expires.
    fn expires_at(&self) -> DateTime {
        self.expires_at
    }

    /// The order lines.
    fn lines(&self) -> &[OrderReviewLine] {
        &self.lines
    }

    /// The total number of licences on all lines. Usage-based lines do not count.
    fn total_licenses(&self) -> i64 {
        self.lines.iter().filter_map(|line| line.quantity).sum()
    }
}

/// Result of adding a customer, or of a review.
#[derive(SimpleObject, Default)]
#[allow(missing_debug_implementations)]
#[graphql(complex)]
pub struct AddCustomerPayload {
    /// The customer. Null for a review, or if the request was rejected.
    pub(super) customer: Option<Customer>,
    /// The customer's first order. Null if `customer` is null.
    pub(super) order: Option<Order>,
    /// The subscriptions created by the order, in the same order as the lines. Empty if `customer` is null.
    pub(super) subscriptions: Vec<CustomerSubscription>,
    /// The sign-in details of the first administrator. Null for a review, if the request is repeated with the same
    /// idempotency key, or if it was rejected or only validated.
    pub(super) credentials: Option<CustomerCredentials>,
    /// The review. Null for a submit, or if the request was rejected.
    pub(super) review: Option<OrderReview>,
    /// Why it was rejected. Empty on success.
    pub(super) user_errors: Vec<UserError>,
}

crate::payload::edges! { AddCustomerPayload {
    /// `customer` with its cursor in the list in which it stands, in the default order and without a filter. Null if it is null.
    customer_edge: customer => partnergraph_types::CustomerEdge,
    /// `order` with its cursor in the list in which it stands, in the default order and without a filter. Null if it is null.
    order_edge: order => partnergraph_types::OrderEdge,
} }
