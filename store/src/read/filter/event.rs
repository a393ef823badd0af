use serde::Serialize;

use super::{Column, CustomerTerm, Filter, PartnerTerm, Spelling, Test};
use crate::on::{Event, On};
use crate::scope::Scope;
use crate::sql::sql;

/// A field of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum EventField {
    /// The operation.
    OperationType,
    /// The status of the operation.
    OperationStatus,
    /// When it happened.
    OperationDate,
    /// Who did it.
    UserPrincipalName,
    /// The tenant id of the customer, whether or not the caller still sees it.
    CustomerTenantId,
    /// The import run that did it.
    RunId,
}

impl EventField {
    fn column(self) -> Column {
        match self {
            Self::OperationType => Column::plain("@.operation_type", Spelling::Upper),
            Self::OperationStatus => Column::plain("@.operation_status", Spelling::Upper),
            Self::OperationDate => Column::plain("@.operation_date", Spelling::Lower),
            Self::UserPrincipalName => Column::plain("@.user_principal_name", Spelling::Shown),
            Self::CustomerTenantId => Column::plain("@.customer_tenant_id", Spelling::Lower),
            Self::RunId => Column::plain("@.run_id", Spelling::Lower),
        }
    }
}

/// A condition on an event.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub enum EventTerm {
    /// A test of a field.
    Field(EventField, Test),
    /// The customer matches, if the caller sees it.
    Customer(Box<Filter<CustomerTerm>>),
    /// The other partner matches.
    Partner(Filter<PartnerTerm>),
}

impl Filter<EventTerm> {
    /// Converts to a condition on an event, without its own scope.
    pub fn on_events(&self, scope: &Scope) -> On<Event> {
        On::new(self.sql(&|term| {
            match term {
                EventTerm::Field(field, test) => field.column().test(test),
                EventTerm::Customer(filter) => sql("EXISTS (SELECT 1 FROM ")
                    .add(scope.customers())
                    .push(" k WHERE k.customer_id = @.customer_id AND ")
                    .add(filter.on_customers(scope).of("k"))
                    .push(")"),
                EventTerm::Partner(filter) => filter.seen_by(scope, "@.partner_id"),
            }
        }))
    }
}
