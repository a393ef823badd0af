use async_graphql::{InputObject, MaybeUndefined, Result};
use partnergraph_store::read::filter::{Filter, OrderTerm, OrderTermField, Test};

use super::{Budget, CustomerFilter, DateTimeFilter, OrderChannelFilter, PartnerFilter, StringFilter};

/// Filters orders. All conditions that are set must match. An empty filter matches everything.
#[derive(InputObject, Debug, Clone, Default)]
pub struct OrderFilter {
    /// The order number.
    pub order_number: MaybeUndefined<StringFilter>,
    /// The portal through which the order was placed.
    pub channel: MaybeUndefined<OrderChannelFilter>,
    /// The user principal name of the user who placed the order.
    pub ordered_by: MaybeUndefined<StringFilter>,
    /// When the order was placed.
    pub created_at: MaybeUndefined<DateTimeFilter>,
    /// The customer that the order is for matches.
    pub customer: MaybeUndefined<Box<CustomerFilter>>,
    /// The partner that placed the order matches.
    pub provider: MaybeUndefined<PartnerFilter>,
    /// All of these must match. An empty list matches everything.
    pub and: Option<Vec<OrderFilter>>,
    /// At least one of these must match. An empty list matches nothing.
    pub or: Option<Vec<OrderFilter>>,
    /// This must not match. Items with missing values are included unless the condition itself matches missing values.
    pub not: Option<Box<OrderFilter>>,
}

impl OrderFilter {
    /// Converts the filter to the store's condition.
    ///
    /// # Errors
    /// `BAD_FILTER`.
    pub fn build(self, budget: &mut Budget) -> Result<Filter<OrderTerm>> {
        let mut own = Vec::new();
        let mut add = |field, tests: Vec<Test>| {
            own.extend(tests.into_iter().map(|test| Filter::Term(OrderTerm::Field(field, test))));
        };
        add(OrderTermField::OrderNumber, budget.tests("orderNumber", false, self.order_number)?);
        add(OrderTermField::Channel, budget.tests("channel", false, self.channel)?);
        add(OrderTermField::OrderedBy, budget.tests("orderedBy", false, self.ordered_by)?);
        add(OrderTermField::CreatedAt, budget.tests("createdAt", false, self.created_at)?);
        let related = budget.related("customer", self.customer, |filter, budget| filter.build(budget))?;
        own.extend(related.map(|filter| Filter::Term(OrderTerm::Customer(Box::new(filter)))));
        let related = budget.related("provider", self.provider, |filter, budget| filter.build(budget))?;
        own.extend(related.map(|filter| Filter::Term(OrderTerm::Provider(filter))));
        budget.composed(own, (self.and, self.or, self.not), Self::build)
    }
}
