use serde::Serialize;

use super::{Column, CustomerTerm, Filter, PartnerTerm, Spelling, SubscriptionTerm, Test};
use crate::on::{ChangeRequest, On};
use crate::scope::Scope;
use crate::sql::sql;

/// A field of a change request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[allow(missing_docs)]
pub enum ChangeRequestField {
    Kind,
    State,
    Quantity,
    RequestedAt,
    ExpiresAt,
    DecidedAt,
    Version,
}

impl ChangeRequestField {
    fn column(self) -> Column {
        match self {
            Self::Kind => Column::plain("@.kind", Spelling::Upper),
            Self::State => Column::plain("@.state", Spelling::Upper),
            Self::Quantity => Column::plain("@.quantity", Spelling::Lower),
            Self::RequestedAt => Column::plain("@.requested_at", Spelling::Lower),
            Self::ExpiresAt => Column::plain("@.expires_at", Spelling::Lower),
            Self::DecidedAt => Column::plain("@.decided_at", Spelling::Lower),
            Self::Version => Column::plain("@.version", Spelling::Lower),
        }
    }
}

/// A condition on a change request.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub enum ChangeRequestTerm {
    /// A test of a field.
    Field(ChangeRequestField, Test),
    /// Its customer matches.
    Customer(Box<Filter<CustomerTerm>>),
    /// Its subscription matches. Never true for an order.
    Subscription(Filter<SubscriptionTerm>),
    /// The reseller that asks matches.
    RequestedBy(Filter<PartnerTerm>),
    /// The provider that decides matches.
    Provider(Filter<PartnerTerm>),
}

impl Filter<ChangeRequestTerm> {
    /// Converts to a condition on a change request, for lists that contain only what the caller sees.
    pub fn on_change_requests(&self, scope: &Scope) -> On<ChangeRequest> {
        On::new(self.sql(&|term| {
            match term {
                ChangeRequestTerm::Field(field, test) => field.column().test(test),
                ChangeRequestTerm::Customer(filter) => filter.seen_customer(scope, "@.customer_id"),
                ChangeRequestTerm::Subscription(filter) => {
                    sql("EXISTS (SELECT 1 FROM subscriptions s WHERE s.id = @.subscription_pk AND ")
                        .add(scope.sees_subscription().of("s"))
                        .push(" AND ")
                        .add(filter.on_subscriptions(scope).of("s"))
                        .push(")")
                }
                ChangeRequestTerm::RequestedBy(filter) => filter.seen_by(scope, "@.reseller_id"),
                ChangeRequestTerm::Provider(filter) => filter.seen_by(scope, "@.seller_id"),
            }
        }))
    }
}
