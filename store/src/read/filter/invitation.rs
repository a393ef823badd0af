use serde::Serialize;

use super::{Column, Filter, Spelling, Test};
use crate::sql::Sql;

/// A property of an invitation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[allow(missing_docs)]
pub enum InvitationField {
    Kind,
    State,
    Recipient,
    Country,
    Cloud,
    DelegatedAdmin,
    CreatedAt,
    ExpiresAt,
    Version,
}

impl InvitationField {
    fn column(self) -> Column {
        match self {
            Self::Kind => Column::plain("iv.kind", Spelling::Upper),
            Self::State => Column::plain("iv.state", Spelling::Upper),
            Self::Recipient => Column::plain("iv.recipient", Spelling::Shown),
            Self::Country => Column::plain("iv.country", Spelling::Upper),
            Self::Cloud => Column::plain("iv.cloud", Spelling::Upper),
            Self::DelegatedAdmin => Column::plain("iv.delegated_admin", Spelling::Lower),
            Self::CreatedAt => Column::plain("iv.created_at", Spelling::Lower),
            Self::ExpiresAt => Column::plain("iv.expires_at", Spelling::Lower),
            Self::Version => Column::plain("iv.version", Spelling::Lower),
        }
    }
}

/// A test of a property of an invitation.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct InvitationTerm(pub InvitationField, pub Test);

impl Filter<InvitationTerm> {
    /// As a condition on `iv`, which holds only what the caller sees.
    #[must_use]
    pub fn on_invitations(&self) -> Sql {
        self.sql(&|InvitationTerm(field, test)| field.column().test(test))
    }
}
