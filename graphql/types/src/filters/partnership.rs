use async_graphql::{InputObject, MaybeUndefined, Result};
use partnergraph_store::read::filter::{Filter, PartnershipField, PartnershipTerm, Test};

use super::{Budget, DateTimeFilter, PartnerFilter, RemovalChannelFilter};

/// Filters partnerships that have been removed. All conditions that are set must match. An empty filter matches everything.
#[derive(InputObject, Debug, Clone, Default)]
pub struct PartnershipFilter {
    /// When the partnership ended.
    pub removed_at: MaybeUndefined<DateTimeFilter>,
    /// Who ended the partnership.
    pub channel: MaybeUndefined<RemovalChannelFilter>,
    /// The provider matches.
    pub provider: MaybeUndefined<PartnerFilter>,
    /// The reseller matches.
    pub reseller: MaybeUndefined<PartnerFilter>,
    /// All of these must match. An empty list matches everything.
    pub and: Option<Vec<PartnershipFilter>>,
    /// At least one of these must match. An empty list matches nothing.
    pub or: Option<Vec<PartnershipFilter>>,
    /// This must not match. Items with missing values are included unless the condition itself matches missing values.
    pub not: Option<Box<PartnershipFilter>>,
}

impl PartnershipFilter {
    /// Converts the filter to the store's condition.
    ///
    /// # Errors
    /// `BAD_FILTER`.
    pub fn build(self, budget: &mut Budget) -> Result<Filter<PartnershipTerm>> {
        let mut own = Vec::new();
        let mut add = |field, tests: Vec<Test>| {
            own.extend(tests.into_iter().map(|test| Filter::Term(PartnershipTerm::Field(field, test))));
        };
        add(PartnershipField::RemovedAt, budget.tests("removedAt", false, self.removed_at)?);
        add(PartnershipField::Channel, budget.tests("channel", false, self.channel)?);
        let related = budget.related("provider", self.provider, |filter, budget| filter.build(budget))?;
        own.extend(related.map(|filter| Filter::Term(PartnershipTerm::Provider(filter))));
        let related = budget.related("reseller", self.reseller, |filter, budget| filter.build(budget))?;
        own.extend(related.map(|filter| Filter::Term(PartnershipTerm::Reseller(filter))));
        budget.composed(own, (self.and, self.or, self.not), Self::build)
    }
}
