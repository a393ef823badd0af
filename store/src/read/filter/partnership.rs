use serde::Serialize;

use super::{Column, Filter, PartnerTerm, Spelling, Test};
use crate::on::{On, Partnership};
use crate::scope::Scope;

/// A field of a partnership.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum PartnershipField {
    /// When it ended.
    RemovedAt,
    /// Who ended it.
    Channel,
}

impl PartnershipField {
    fn column(self) -> Column {
        match self {
            Self::RemovedAt => Column::plain("@.removed_at", Spelling::Lower),
            Self::Channel => Column::plain("@.removal_channel", Spelling::Upper),
        }
    }
}

/// A condition on a partnership.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub enum PartnershipTerm {
    /// A test of a field.
    Field(PartnershipField, Test),
    /// The provider matches.
    Provider(Filter<PartnerTerm>),
    /// The reseller matches.
    Reseller(Filter<PartnerTerm>),
}

impl Filter<PartnershipTerm> {
    /// Converts to a condition on a partnership, without its own scope.
    pub fn on_partnerships(&self, scope: &Scope) -> On<Partnership> {
        On::new(self.sql(&|term| match term {
            PartnershipTerm::Field(field, test) => field.column().test(test),
            PartnershipTerm::Provider(filter) => filter.seen_by(scope, "@.provider_id"),
            PartnershipTerm::Reseller(filter) => filter.seen_by(scope, "@.reseller_id"),
        }))
    }
}
