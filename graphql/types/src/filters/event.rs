use async_graphql::{ID, InputObject, MaybeUndefined, Result};
use partnergraph_store::read::filter::{EventField, EventTerm, Filter, Test};
use partnergraph_store::sql::Value;

use super::comparators::Comparator;
use super::{
    Budget, CustomerFilter, DateTimeFilter, OperationStatusFilter, OperationTypeFilter, PartnerFilter, StringFilter,
    UuidFilter,
};
use partnergraph_operation::errors::{code, error};
use partnergraph_operation::ids::GlobalId;

/// Conditions on a record of the history. All that is given must hold; nothing at all matches everything. A condition that is left
/// out is none.
#[derive(InputObject, Debug, Clone, Default)]
pub struct AuditEventFilter {
    /// What was done.
    pub operation_type: MaybeUndefined<OperationTypeFilter>,
    /// Whether it was done.
    pub operation_status: MaybeUndefined<OperationStatusFilter>,
    /// When.
    pub operation_date: MaybeUndefined<DateTimeFilter>,
    /// Who did it.
    pub user_principal_name: MaybeUndefined<StringFilter>,
    /// The tenant id of the customer concerned, also of one whose relationship has ended. Can be null.
    pub customer_id: MaybeUndefined<UuidFilter>,
    /// The customer concerned matches. Finds customers that the caller sees now; `customerId` finds the others as well.
    pub customer: MaybeUndefined<Box<CustomerFilter>>,
    /// The partner at the other end matches.
    pub partner: MaybeUndefined<PartnerFilter>,
    /// The import run that did it. Can be null.
    pub import_run_id: MaybeUndefined<ImportRunIdFilter>,
    /// All of these hold. None at all: matches everything.
    pub and: Option<Vec<AuditEventFilter>>,
    /// One of these holds at least. None at all: matches nothing.
    pub or: Option<Vec<AuditEventFilter>>,
    /// Negates the condition. A null value counts as not matching, so it is included.
    pub not: Option<Box<AuditEventFilter>>,
}

impl AuditEventFilter {
    /// As the store's condition.
    ///
    /// # Errors
    /// `BAD_FILTER`.
    pub fn build(self, budget: &mut Budget) -> Result<Filter<EventTerm>> {
        let mut own = Vec::new();
        let mut add = |field, tests: Vec<Test>| {
            own.extend(tests.into_iter().map(|test| Filter::Term(EventTerm::Field(field, test))));
        };
        add(EventField::OperationType, budget.tests("operationType", false, self.operation_type)?);
        add(EventField::OperationStatus, budget.tests("operationStatus", false, self.operation_status)?);
        add(EventField::OperationDate, budget.tests("operationDate", false, self.operation_date)?);
        add(EventField::UserPrincipalName, budget.tests("userPrincipalName", false, self.user_principal_name)?);
        add(EventField::CustomerTenantId, budget.tests("customerId", true, self.customer_id)?);
        add(EventField::RunId, budget.tests("importRunId", true, self.import_run_id)?);
        let related = budget.related("customer", self.customer, |filter, budget| filter.build(budget))?;
        own.extend(related.map(|filter| Filter::Term(EventTerm::Customer(Box::new(filter)))));
        let related = budget.related("partner", self.partner, |filter, budget| filter.build(budget))?;
        own.extend(related.map(|filter| Filter::Term(EventTerm::Partner(filter))));
        budget.composed(own, (self.and, self.or, self.not), Self::build)
    }
}

/// Comparisons of the global id of an import run. All that are given must hold; one at least must be given.
#[derive(InputObject, Debug, Clone, Default)]
pub struct ImportRunIdFilter {
    /// Equal to this value. Null matches missing values.
    pub eq: MaybeUndefined<ID>,
    /// Not equal to this value (missing values match). Null matches any value that is present.
    pub ne: MaybeUndefined<ID>,
    /// Equal to one of these. None at all: matches nothing.
    #[graphql(name = "in")]
    pub within: Option<Vec<ID>>,
    /// Equal to none of these, or null.
    pub not_in: Option<Vec<ID>>,
}

impl Comparator for ImportRunIdFilter {
    fn tests(self, field: &str, nullable: bool) -> Result<Vec<Test>> {
        if !nullable && (self.eq.is_null() || self.ne.is_null()) {
            return Err(error(code::BAD_FILTER, format!("`{field}` is never null")));
        }
        let mut tests = Vec::new();
        match self.eq {
            MaybeUndefined::Undefined => {}
            MaybeUndefined::Null => tests.push(Test::IsNull(true)),
            MaybeUndefined::Value(id) => tests.push(Test::Is(run(&id))),
        }
        match self.ne {
            MaybeUndefined::Undefined => {}
            MaybeUndefined::Null => tests.push(Test::IsNull(false)),
            MaybeUndefined::Value(id) => tests.push(Test::IsNot(run(&id))),
        }
        tests.extend(self.within.map(|ids| Test::In(ids.iter().map(run).collect())));
        tests.extend(self.not_in.map(|ids| Test::NotIn(ids.iter().map(run).collect())));
        Ok(tests)
    }
}

/// The row of a run; for the id of anything else one that no run has.
fn run(id: &ID) -> Value {
    match id.parse() {
        Ok(GlobalId::ImportRun(row)) => row.into(),
        _ => Value::from(-1_i64),
    }
}
