use serde::Serialize;

use super::{Column, CustomerField, CustomerTerm, Filter, PartnerTerm, Spelling, Test};
use crate::on::{Grant, On};
use crate::scope::Scope;
use crate::sql::sql;

/// A field of a delegated admin grant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[allow(missing_docs)]
pub enum GrantField {
    Kind,
    Scope,
    Granted,
    Inactive,
    GrantedAt,
    RevokedAt,
    EndDateTime,
    LastSignInDateTime,
    Version,
}

impl GrantField {
    fn column(self) -> Column {
        match self {
            Self::Kind => Column::plain("@.kind", Spelling::Upper),
            Self::Scope => Column::plain("@.scope", Spelling::Shown),
            Self::Granted => Column::plain("@.granted", Spelling::Lower),
            Self::Inactive => Column::plain("@.inactive", Spelling::Lower),
            Self::GrantedAt => Column::plain("@.granted_at", Spelling::Lower),
            Self::RevokedAt => Column::plain("@.revoked_at", Spelling::Lower),
            Self::EndDateTime => Column::plain("@.end_at", Spelling::Lower),
            Self::LastSignInDateTime => Column::plain("@.last_sign_in_at", Spelling::Lower),
            Self::Version => Column::plain("@.version", Spelling::Lower),
        }
    }
}

/// A condition on a delegated admin grant.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub enum GrantTerm {
    /// A test of a field.
    Field(GrantField, Test),
    /// The customer that granted it.
    Customer(Box<Filter<CustomerTerm>>),
    /// The partner that holds it.
    Partner(Filter<PartnerTerm>),
}

impl Filter<GrantTerm> {
    /// Converts to a condition on a grant, for lists that contain only what the caller sees.
    pub fn on_grants(&self, scope: &Scope) -> On<Grant> {
        On::new(self.sql(&|term| {
            match term {
                GrantTerm::Field(field, test) => field.column().test(test),
                GrantTerm::Partner(filter) => filter.seen_by(scope, "@.partner_id"),
                // D-05: if the customer no longer belongs to the holder, only its tenant and name can be tested.
                GrantTerm::Customer(filter) if filter.asks_for_identity_only() => {
                    sql("EXISTS (SELECT 1 FROM (SELECT @.tenant_id AS tenant_id, @.company_name AS company_name, \
                 @.name_key AS name_key) k WHERE ")
                    .add(filter.on_customers(scope).of("k"))
                    .push(")")
                }
                GrantTerm::Customer(filter) => filter.seen_customer(scope, "@.customer_id"),
            }
        }))
    }
}

impl Filter<CustomerTerm> {
    /// Whether only tenant and name are tested.
    fn asks_for_identity_only(&self) -> bool {
        match self {
            Self::All(parts) | Self::Any(parts) => parts.iter().all(Self::asks_for_identity_only),
            Self::Not(part) => part.asks_for_identity_only(),
            Self::Term(term) => {
                matches!(term, CustomerTerm::Field(CustomerField::TenantId | CustomerField::CompanyName, _))
            }
        }
    }
}
