use serde::Serialize;

use super::{Column, Filter, PartnerTerm, Spelling, Test};
use crate::on::{Entitlement, On};
use crate::scope::Scope;
use crate::sql::sql;

/// A field of an entitlement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[allow(missing_docs)]
pub enum EntitlementField {
    EntitlementId,
    Description,
    Version,
}

impl EntitlementField {
    fn column(self) -> Column {
        let (column, spelling) = match self {
            Self::EntitlementId => ("@.entitlement_id", Spelling::Shown),
            Self::Description => ("@.description", Spelling::Shown),
            Self::Version => ("@.version", Spelling::Lower),
        };
        Column::plain(column, spelling)
    }
}

/// A condition on an entitlement.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub enum EntitlementTerm {
    /// A test of a field.
    Field(EntitlementField, Test),
    /// Its partner of record matches. Never true if there is none.
    PartnerOfRecord(Filter<PartnerTerm>),
    /// Whether it has a partner of record.
    HasPartnerOfRecord(bool),
}

impl Filter<EntitlementTerm> {
    /// Converts to a condition on an entitlement, without its own scope.
    pub fn on_entitlements(&self, scope: &Scope) -> On<Entitlement> {
        On::new(self.sql(&|term| match term {
            EntitlementTerm::Field(field, test) => field.column().test(test),
            EntitlementTerm::PartnerOfRecord(filter) => filter.seen_by(scope, "@.reseller_id"),
            // A partner of record that the caller cannot see counts as none.
            EntitlementTerm::HasPartnerOfRecord(true) => Filter::default().seen_by(scope, "@.reseller_id"),
            EntitlementTerm::HasPartnerOfRecord(false) => {
                sql("NOT ").add(Filter::default().seen_by(scope, "@.reseller_id"))
            }
        }))
    }
}
