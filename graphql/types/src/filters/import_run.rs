use async_graphql::{InputObject, MaybeUndefined, Result};
use partnergraph_store::read::filter::{ChangeField, ChangeTerm, Filter, IssueField, IssueTerm, Test};

use super::{Budget, SeverityFilter, StringFilter};

/// Filters the issues of an import run. All conditions that are set must match. An empty filter matches everything.
#[derive(InputObject, Debug, Clone, Default)]
pub struct ImportIssueFilter {
    /// The stable code of the issue, such as `row.outranked`.
    pub code: MaybeUndefined<StringFilter>,
    /// The severity of the issue.
    pub severity: MaybeUndefined<SeverityFilter>,
    /// The name of the file, as listed on the run.
    pub file: MaybeUndefined<StringFilter>,
    /// All of these must match. An empty list matches everything.
    pub and: Option<Vec<ImportIssueFilter>>,
    /// At least one of these must match. An empty list matches nothing.
    pub or: Option<Vec<ImportIssueFilter>>,
    /// This must not match. Items with missing values are included unless the condition itself matches missing values.
    pub not: Option<Box<ImportIssueFilter>>,
}

impl ImportIssueFilter {
    /// Converts the filter to the store's condition.
    ///
    /// # Errors
    /// `BAD_FILTER`.
    pub fn build(self, budget: &mut Budget) -> Result<Filter<IssueTerm>> {
        let mut own = Vec::new();
        let mut add = |field, tests: Vec<Test>| {
            own.extend(tests.into_iter().map(|test| Filter::Term(IssueTerm(field, test))));
        };
        add(IssueField::Code, budget.tests("code", false, self.code)?);
        add(IssueField::Severity, budget.tests("severity", false, self.severity)?);
        add(IssueField::File, budget.tests("file", false, self.file)?);
        budget.composed(own, (self.and, self.or, self.not), Self::build)
    }
}

/// Filters the changes of an import run. All conditions that are set must match. An empty filter matches everything.
#[derive(InputObject, Debug, Clone, Default)]
pub struct ImportChangeFilter {
    /// The type of record, such as CUSTOMER or SUBSCRIPTION.
    pub entity: MaybeUndefined<StringFilter>,
    /// What was done: CREATE, UPDATE or REVERT.
    pub action: MaybeUndefined<StringFilter>,
    /// The name of the changed field. Can be null.
    pub field: MaybeUndefined<StringFilter>,
    /// The id that identifies the record in the portals.
    pub key: MaybeUndefined<StringFilter>,
    /// All of these must match. An empty list matches everything.
    pub and: Option<Vec<ImportChangeFilter>>,
    /// At least one of these must match. An empty list matches nothing.
    pub or: Option<Vec<ImportChangeFilter>>,
    /// This must not match. Items with missing values are included unless the condition itself matches missing values.
    pub not: Option<Box<ImportChangeFilter>>,
}

impl ImportChangeFilter {
    /// Converts the filter to the store's condition.
    ///
    /// # Errors
    /// `BAD_FILTER`.
    pub fn build(self, budget: &mut Budget) -> Result<Filter<ChangeTerm>> {
        let mut own = Vec::new();
        let mut add = |field, tests: Vec<Test>| {
            own.extend(tests.into_iter().map(|test| Filter::Term(ChangeTerm(field, test))));
        };
        add(ChangeField::Entity, budget.tests("entity", false, self.entity)?);
        add(ChangeField::Action, budget.tests("action", false, self.action)?);
        add(ChangeField::Field, budget.tests("field", true, self.field)?);
        add(ChangeField::Key, budget.tests("key", false, self.key)?);
        budget.composed(own, (self.and, self.or, self.not), Self::build)
    }
}
