use async_graphql::{ID, InputObject, MaybeUndefined, Result};
use partnergraph_store::read::filter::{EventField, EventSubject, EventTerm, Filter, Test};
use partnergraph_store::sql::Value;

use super::comparators::Comparator;
use super::{
    Budget, CustomerFilter, DateTimeFilter, OperationStatusFilter, OperationTypeFilter, PartnerFilter, StringFilter,
    SubscriptionFilter, UuidFilter,
};
use partnergraph_operation::errors::{code, error};
use partnergraph_operation::ids::GlobalId;

/// Filters audit records. All conditions that are set must match. An empty filter matches everything.
#[derive(InputObject, Debug, Clone, Default)]
pub struct AuditEventFilter {
    /// The type of operation.
    pub operation_type: MaybeUndefined<OperationTypeFilter>,
    /// Whether the operation succeeded.
    pub operation_status: MaybeUndefined<OperationStatusFilter>,
    /// When the operation took place.
    pub operation_date: MaybeUndefined<DateTimeFilter>,
    /// Who performed the operation: a user principal name, or a name such as `command line` for the platform itself.
    pub user_principal_name: MaybeUndefined<StringFilter>,
    /// The tenant id of the customer concerned, even if the relationship has ended. Can be null.
    pub customer_id: MaybeUndefined<UuidFilter>,
    /// The id of the subscription that changed, even if you can no longer see it. Can be null.
    pub subscription_id: MaybeUndefined<UuidFilter>,
    /// The customer concerned matches. Finds only customers that you can see now; use `customerId` to find the others as well.
    pub customer: MaybeUndefined<Box<CustomerFilter>>,
    /// The subscription that changed matches. Finds only subscriptions that you can see now; use `subscriptionId` to find the others
    /// as well.
    pub subscription: MaybeUndefined<Box<SubscriptionFilter>>,
    /// A partner involved matches: one that a changed field names before or after, or the other end of a relationship. Subscriptions that
    /// an import created are not among them. Finds only partners that
    /// you can see.
    pub partner: MaybeUndefined<PartnerFilter>,
    /// The global id of the entity that changed, as in `AuditRecord.subject`, whether or not you can still see it. The id of anything
    /// else matches nothing.
    pub subject: MaybeUndefined<ID>,
    /// The global id of the import run that performed the operation. The id of anything else matches nothing.
    pub run: MaybeUndefined<ID>,
    /// The import run that performed the operation, as `run`, with all comparisons. Can be null.
    pub import_run_id: MaybeUndefined<ImportRunIdFilter>,
    /// All of these must match. An empty list matches everything.
    pub and: Option<Vec<AuditEventFilter>>,
    /// At least one of these must match. An empty list matches nothing.
    pub or: Option<Vec<AuditEventFilter>>,
    /// This must not match. Items with missing values are included unless the condition itself matches missing values.
    pub not: Option<Box<AuditEventFilter>>,
}

impl AuditEventFilter {
    /// Converts the filter to the store's condition.
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
        add(EventField::SubscriptionId, budget.tests("subscriptionId", true, self.subscription_id)?);
        add(EventField::RunId, budget.tests("importRunId", true, self.import_run_id)?);
        let related = budget.related("customer", self.customer, |filter, budget| filter.build(budget))?;
        own.extend(related.map(|filter| Filter::Term(EventTerm::Customer(Box::new(filter)))));
        let related = budget.related("partner", self.partner, |filter, budget| filter.build(budget))?;
        own.extend(related.map(|filter| Filter::Term(EventTerm::Partner(filter))));
        let related = budget.related("subscription", self.subscription, |filter, budget| filter.build(budget))?;
        own.extend(related.map(|filter| Filter::Term(EventTerm::Subscription(Box::new(filter)))));
        let of_run = budget.related("run", self.run, |id, _| Ok(run(&id)))?;
        own.extend(of_run.map(|run| Filter::Term(EventTerm::Field(EventField::RunId, Test::Is(run)))));
        let changed = budget.related("subject", self.subject, |id, _| Ok(subject(&id)))?;
        own.extend(changed.map(|subject| Filter::Term(EventTerm::Subject(subject))));
        budget.composed(own, (self.and, self.or, self.not), Self::build)
    }
}

/// Filters by the global id of an import run. All comparisons that are set must match; set at least one.
#[derive(InputObject, Debug, Clone, Default)]
pub struct ImportRunIdFilter {
    /// Equal to this value. Null matches missing values.
    pub eq: MaybeUndefined<ID>,
    /// Not equal to this value (missing values match). Null matches any value that is present.
    pub ne: MaybeUndefined<ID>,
    /// Equal to one of these values. An empty list matches nothing.
    #[graphql(name = "in")]
    pub within: Option<Vec<ID>>,
    /// Equal to none of these values (missing values match).
    pub not_in: Option<Vec<ID>>,
}

impl Comparator for ImportRunIdFilter {
    fn tests(self, field: &str, nullable: bool) -> Result<Vec<Test>> {
        if !nullable && (self.eq.is_null() || self.ne.is_null()) {
            return Err(error(
                code::BAD_FILTER,
                format!("`{field}` cannot be compared with null, because it is never null"),
            ));
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

/// The entity with that id, if audit records have such subjects.
fn subject(id: &ID) -> Option<EventSubject> {
    Some(match id.parse().ok()? {
        GlobalId::ImportRun(row) => EventSubject::ImportRun(row),
        GlobalId::CustomerSubscription(id) => EventSubject::Subscription(id.to_string()),
        GlobalId::Invitation(row) => EventSubject::Invitation(row),
        GlobalId::Partnership(row) => EventSubject::Partnership(row),
        GlobalId::Customer(id) => EventSubject::Customer(id.to_string()),
        GlobalId::Partner(row) => EventSubject::Partner(row),
        _ => return None,
    })
}

/// The row of a run. For the id of anything else, a key that no run has.
fn run(id: &ID) -> Value {
    match id.parse() {
        Ok(GlobalId::ImportRun(row)) => row.into(),
        _ => Value::from(-1_i64),
    }
}
