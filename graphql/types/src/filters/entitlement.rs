use async_graphql::{InputObject, MaybeUndefined, Result};
use partnergraph_store::read::filter::{EntitlementField, EntitlementTerm, Filter, Test};

use super::budget::Budget;
use super::comparators::{IntFilter, StringFilter};
use super::partner::PartnerFilter;

/// Filters entitlements. All conditions that are set must match. An empty filter matches everything.
#[derive(InputObject, Debug, Clone, Default)]
pub struct EntitlementFilter {
    /// The id shown in the portals.
    pub entitlement_id: MaybeUndefined<StringFilter>,
    /// The description from the portal. Can be null.
    pub description: MaybeUndefined<StringFilter>,
    /// The version. Increases with every change.
    pub version: MaybeUndefined<IntFilter>,
    /// The partner of record matches. Set to null to match entitlements without one.
    pub partner_of_record: MaybeUndefined<PartnerFilter>,
    /// All of these must match. An empty list matches everything.
    pub and: Option<Vec<EntitlementFilter>>,
    /// At least one of these must match. An empty list matches nothing.
    pub or: Option<Vec<EntitlementFilter>>,
    /// This must not match. Items with missing values are included unless the condition itself matches missing values.
    pub not: Option<Box<EntitlementFilter>>,
}

impl EntitlementFilter {
    /// Converts the filter to the store's condition.
    ///
    /// # Errors
    /// `BAD_FILTER`.
    pub fn build(self, budget: &mut Budget) -> Result<Filter<EntitlementTerm>> {
        let mut own = Vec::new();
        let mut add = |field, tests: Vec<Test>| {
            own.extend(tests.into_iter().map(|test| Filter::Term(EntitlementTerm::Field(field, test))));
        };
        add(EntitlementField::EntitlementId, budget.tests("entitlementId", false, self.entitlement_id)?);
        add(EntitlementField::Description, budget.tests("description", true, self.description)?);
        add(EntitlementField::Version, budget.tests("version", false, self.version)?);
        if self.partner_of_record.is_null() {
            own.push(Filter::Term(EntitlementTerm::HasPartnerOfRecord(false)));
        } else {
            let related =
                budget.related("partnerOfRecord", self.partner_of_record, |filter, budget| filter.build(budget))?;
            own.extend(related.map(|filter| Filter::Term(EntitlementTerm::PartnerOfRecord(filter))));
        }
        budget.composed(own, (self.and, self.or, self.not), Self::build)
    }
}
