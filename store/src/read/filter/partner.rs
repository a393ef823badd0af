use std::borrow::Cow;

use partnergraph_domain::Capability;
use serde::Serialize;

use super::{Filter, Test};
pub use crate::columns::partner::PartnerField;
use crate::on::{On, Partner};
use crate::scope::Scope;
use crate::sql::{Sql, sql};

/// A condition on a partner account.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub enum PartnerTerm {
    /// A test of a field.
    Field(PartnerField, Test),
    /// Has this capability.
    Capability(Capability),
    /// Its directory entry shows this service.
    Service(Capability),
}

impl PartnerTerm {
    fn sql(&self) -> Sql {
        match self {
            Self::Field(field, test) => field.column().test(test),
            // Capabilities are a JSON list of enum values. With its quotes, no value is a part of another.
            Self::Capability(value) => sql("@.capabilities LIKE ").bind(format!("%\"{value}\"%")),
            Self::Service(value) => {
                sql("EXISTS (SELECT 1 FROM directory_entries de WHERE de.partner_id = @.id AND de.services LIKE ")
                    .bind(format!("%\"{value}\"%"))
                    .push(")")
            }
        }
    }
}

impl Filter<PartnerTerm> {
    /// Converts to a condition on a partner account without the caller's scope, for lists that contain only what the caller sees.
    pub fn on_partners(&self) -> On<Partner> {
        On::new(self.sql(&PartnerTerm::sql))
    }

    /// Converts to the condition that the caller sees the partner account in `column` and that it matches.
    #[must_use]
    pub fn seen_by(&self, scope: &Scope, column: impl Into<Cow<'static, str>>) -> Sql {
        sql("EXISTS (SELECT 1 FROM partners p WHERE p.id = ")
            .push(column)
            .push(" AND (")
            .add(scope.sees_partner().of("p"))
            .push(") AND ")
            .add(self.on_partners().of("p"))
            .push(")")
    }

    /// The MPN ID, if the filter tests nothing else.
    #[must_use]
    pub fn only_mpn_id(&self) -> Option<&str> {
        match self {
            Self::All(parts) => match parts.as_slice() {
                [one] => one.only_mpn_id(),
                _ => None,
            },
            Self::Term(PartnerTerm::Field(PartnerField::MpnId, Test::Is(crate::sql::Value::Text(Some(text))))) => {
                Some(text)
            }
            _ => None,
        }
    }
}
