use async_graphql::{InputObject, MaybeUndefined, Result};
use partnergraph_store::read::filter::{AgreementTerm, Filter};

use super::{AgreementEvidenceFilter, Budget, DateTimeFilter};

/// Filters evidence of agreements. All conditions that are set must match. An empty filter matches everything.
#[derive(InputObject, Debug, Clone, Default)]
pub struct AgreementFilter {
    /// How you know that the customer accepted the agreement.
    pub evidence: MaybeUndefined<AgreementEvidenceFilter>,
    /// When the customer accepted it. Can be null.
    pub accepted_at: MaybeUndefined<DateTimeFilter>,
    /// All of these must match. An empty list matches everything.
    pub and: Option<Vec<AgreementFilter>>,
    /// At least one of these must match. An empty list matches nothing.
    pub or: Option<Vec<AgreementFilter>>,
    /// This must not match. Items with missing values are included unless the condition itself matches missing values.
    pub not: Option<Box<AgreementFilter>>,
}

impl AgreementFilter {
    /// Converts the filter to the store's condition.
    ///
    /// # Errors
    /// `BAD_FILTER`.
    pub fn build(self, budget: &mut Budget) -> Result<Filter<AgreementTerm>> {
        let evidence = budget.tests("evidence", false, self.evidence)?.into_iter().map(AgreementTerm::Evidence);
        let accepted_at =
            budget.tests("acceptedAt", true, self.accepted_at)?.into_iter().map(AgreementTerm::AcceptedAt);
        let own = evidence.chain(accepted_at).map(Filter::Term).collect();
        budget.composed(own, (self.and, self.or, self.not), Self::build)
    }
}
