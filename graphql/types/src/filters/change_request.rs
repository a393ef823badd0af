use async_graphql::{Enum, InputObject, MaybeUndefined, Result};
use partnergraph_store::read::change_requests::ChangeRequestOrder as ChangeRequests;
use partnergraph_store::read::filter::{ChangeRequestField, ChangeRequestTerm, Filter, Test};
use partnergraph_store::read::page::{By, Order};

use super::{
    Budget, ChangeRequestKindFilter, ChangeRequestStateFilter, CustomerFilter, DateTimeFilter, IntFilter,
    OrderDirection, PartnerFilter, SubscriptionFilter,
};

/// Filters change requests. All conditions that are set must match. An empty filter matches everything.
#[derive(InputObject, Debug, Clone, Default)]
pub struct ChangeRequestFilter {
    /// What is asked for.
    pub kind: MaybeUndefined<ChangeRequestKindFilter>,
    /// The current state. A request that has expired is `EXPIRED`.
    pub state: MaybeUndefined<ChangeRequestStateFilter>,
    /// The number of licences that is asked for. Can be null.
    pub quantity: MaybeUndefined<IntFilter>,
    /// When the request was made.
    pub requested_at: MaybeUndefined<DateTimeFilter>,
    /// When the request expires.
    pub expires_at: MaybeUndefined<DateTimeFilter>,
    /// When the provider decided. Can be null.
    pub decided_at: MaybeUndefined<DateTimeFilter>,
    /// The customer matches.
    pub customer: MaybeUndefined<Box<CustomerFilter>>,
    /// The subscription matches. Never matches a request for an order.
    pub subscription: MaybeUndefined<Box<SubscriptionFilter>>,
    /// The reseller that asks matches.
    pub requested_by: MaybeUndefined<PartnerFilter>,
    /// The provider that decides matches.
    pub provider: MaybeUndefined<PartnerFilter>,
    /// The version. Increases with every change.
    pub version: MaybeUndefined<IntFilter>,
    /// All of these must match. An empty list matches everything.
    pub and: Option<Vec<ChangeRequestFilter>>,
    /// At least one of these must match. An empty list matches nothing.
    pub or: Option<Vec<ChangeRequestFilter>>,
    /// This must not match. Items with missing values are included unless the condition itself matches missing values.
    pub not: Option<Box<ChangeRequestFilter>>,
}

impl ChangeRequestFilter {
    /// Converts the filter to the store's condition.
    ///
    /// # Errors
    /// `BAD_FILTER`.
    pub fn build(self, budget: &mut Budget) -> Result<Filter<ChangeRequestTerm>> {
        let mut own = Vec::new();
        let mut add = |field, tests: Vec<Test>| {
            own.extend(tests.into_iter().map(|test| Filter::Term(ChangeRequestTerm::Field(field, test))));
        };
        add(ChangeRequestField::Kind, budget.tests("kind", false, self.kind)?);
        add(ChangeRequestField::State, budget.tests("state", false, self.state)?);
        add(ChangeRequestField::Quantity, budget.tests("quantity", true, self.quantity)?);
        add(ChangeRequestField::RequestedAt, budget.tests("requestedAt", false, self.requested_at)?);
        add(ChangeRequestField::ExpiresAt, budget.tests("expiresAt", false, self.expires_at)?);
        add(ChangeRequestField::DecidedAt, budget.tests("decidedAt", true, self.decided_at)?);
        add(ChangeRequestField::Version, budget.tests("version", false, self.version)?);
        let customer = budget.related("customer", self.customer, |filter, budget| filter.build(budget))?;
        own.extend(customer.map(|filter| Filter::Term(ChangeRequestTerm::Customer(Box::new(filter)))));
        let subscription = budget.related("subscription", self.subscription, |filter, budget| filter.build(budget))?;
        own.extend(subscription.map(|filter| Filter::Term(ChangeRequestTerm::Subscription(filter))));
        let requested_by = budget.related("requestedBy", self.requested_by, |filter, budget| filter.build(budget))?;
        own.extend(requested_by.map(|filter| Filter::Term(ChangeRequestTerm::RequestedBy(filter))));
        let provider = budget.related("provider", self.provider, |filter, budget| filter.build(budget))?;
        own.extend(provider.map(|filter| Filter::Term(ChangeRequestTerm::Provider(filter))));
        budget.composed(own, (self.and, self.or, self.not), Self::build)
    }
}

/// Fields that change requests can be sorted by.
#[derive(Enum, Copy, Clone, Debug, PartialEq, Eq)]
pub enum ChangeRequestOrderField {
    /// When the request was made.
    RequestedAt,
    /// When the request expires.
    ExpiresAt,
    /// The state, sorted by its enum value name.
    State,
}

/// A sort key for change requests.
#[derive(InputObject, Copy, Clone, Debug, PartialEq, Eq)]
pub struct ChangeRequestOrder {
    /// The field to sort by.
    pub field: ChangeRequestOrderField,
    /// The sort direction.
    #[graphql(default)]
    pub direction: OrderDirection,
}

impl ChangeRequestOrder {
    /// Converts the sort keys to the store's order, with a unique last key. Defaults to newest first.
    #[must_use]
    pub fn order(by: &[Self]) -> Order<ChangeRequests> {
        let default = [Self { field: ChangeRequestOrderField::RequestedAt, direction: OrderDirection::Desc }];
        let by = if by.is_empty() { &default[..] } else { by };
        Order::new(
            by.iter().map(|by| By { field: by.column(), descending: by.direction == OrderDirection::Desc }).collect(),
        )
    }

    fn column(self) -> ChangeRequests {
        match self.field {
            ChangeRequestOrderField::RequestedAt => ChangeRequests::RequestedAt,
            ChangeRequestOrderField::ExpiresAt => ChangeRequests::ExpiresAt,
            ChangeRequestOrderField::State => ChangeRequests::State,
        }
    }
}
