use serde::Serialize;

use super::{Column, Filter, Spelling, Test};
use crate::on::{Invitation, On};

/// A field of an invitation.
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
            Self::Kind => Column::plain("@.kind", Spelling::Upper),
            Self::State => Column::plain("@.state", Spelling::Upper),
            Self::Recipient => Column::plain("@.recipient", Spelling::Shown),
            Self::Country => Column::plain("@.country", Spelling::Upper),
            Self::Cloud => Column::plain("@.cloud", Spelling::Upper),
            Self::DelegatedAdmin => Column::plain("@.delegated_admin", Spelling::Lower),
            Self::CreatedAt => Column::plain("@.created_at", Spelling::Lower),
            Self::ExpiresAt => Column::plain("@.expires_at", Spelling::Lower),
            Self::Version => Column::plain("@.version", Spelling::Lower),
        }
    }
}

/// A test of a field of an invitation.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct InvitationTerm(pub InvitationField, pub Test);

impl Filter<InvitationTerm> {
    /// Converts to a condition on an invitation, for lists that contain only what the caller sees.
    pub fn on_invitations(&self) -> On<Invitation> {
        On::new(self.sql(&|InvitationTerm(field, test)| field.column().test(test)))
    }
}
