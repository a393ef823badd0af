//! What adding a customer answers. The secrets among it are told once and are nowhere else.

use async_graphql::{Object, SimpleObject};
use secrecy::{ExposeSecret as _, SecretString};

use partnergraph_operation::payload::UserError;
use partnergraph_operation::scalars::DateTime;
use partnergraph_types::{Customer, CustomerSubscription, Order};

/// How the first administrator of a new tenant signs in, told once (N-06, N-07).
#[allow(missing_debug_implementations)]
pub struct CustomerCredentials {
    pub(super) user_name: String,
    pub(super) temporary_password: SecretString,
}

/// How the first administrator of a new tenant signs in, told once (N-06, N-07).
#[Object]
impl CustomerCredentials {
    /// The name of the user.
    fn user_name(&self) -> &str {
        &self.user_name
    }

    /// The temporary password; the user changes it at first sign-in. Only a hash is kept: no later answer has it, and
    /// nobody can look it up.
    fn temporary_password(&self) -> &str {
        self.temporary_password.expose_secret()
    }
}

/// A line as it is shown for review.
#[derive(SimpleObject, Debug, Clone)]
pub struct OrderReviewLine {
    /// The offer.
    pub(super) offer_id: String,
    /// Its name in the price list.
    pub(super) offer_name: String,
    /// The licences. Null for an offer that is charged by use.
    pub(super) quantity: Option<i64>,
}

/// What is shown for review before it is submitted (N-03, N-05).
#[allow(missing_debug_implementations)]
pub struct OrderReview {
    pub(super) token: Option<SecretString>,
    pub(super) expires_at: DateTime,
    pub(super) lines: Vec<OrderReviewLine>,
}

/// What is shown for review before it is submitted (N-03, N-05).
#[Object]
impl OrderReview {
    /// The token with which the same input is submitted, or the review cancelled. Null where the review is told again under an
    /// idempotency key: it is shown once.
    fn token(&self) -> Option<&str> {
        self.token.as_ref().map(|token| token.expose_secret())
    }

    /// Until when it can be submitted.
    fn expires_at(&self) -> DateTime {
        self.expires_at
    }

    /// The lines.
    fn lines(&self) -> &[OrderReviewLine] {
        &self.lines
    }

    /// All licences of all lines; what is charged by use has none.
    fn total_licenses(&self) -> i64 {
        self.lines.iter().filter_map(|line| line.quantity).sum()
    }
}

/// A customer that was added, or what is shown for review before it is.
#[derive(SimpleObject, Default)]
#[allow(missing_debug_implementations)]
pub struct AddCustomerPayload {
    /// The customer. Null in a review, and where it is refused or only validated.
    pub(super) customer: Option<Customer>,
    /// Its first order. Null as with `customer`.
    pub(super) order: Option<Order>,
    /// The subscriptions of the order, in the order of the lines. Empty where there is no customer.
    pub(super) subscriptions: Vec<CustomerSubscription>,
    /// How the first administrator signs in. Null in a review, for a tenant that a customer has already, where the answer is
    /// given again under an idempotency key, and where it is refused or only validated.
    pub(super) credentials: Option<CustomerCredentials>,
    /// What was reviewed. Null in a submit, and where it is refused or only validated.
    pub(super) review: Option<OrderReview>,
    /// Why it was rejected. Empty on success.
    pub(super) user_errors: Vec<UserError>,
}
