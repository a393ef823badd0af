use async_graphql::{Result, SimpleObject};
use partnergraph_store::read::invitations;

use crate::task::Outcome;
use partnergraph_domain::InvitationKey;
use partnergraph_operation::Operation;
use partnergraph_operation::batch::BatchRow;
use partnergraph_operation::payload::{UserError, user_errors};
use partnergraph_types::{Invitation, InvitationSecret};

/// Result of a change to an invitation.
#[derive(SimpleObject)]
#[allow(missing_debug_implementations)]
#[graphql(complex)]
pub struct InvitationPayload {
    /// The invitation after the change. Null if the change was rejected, or if requesting a partnership was only validated.
    invitation: Option<Invitation>,
    /// Why it was rejected. Empty on success.
    user_errors: Vec<UserError>,
}

crate::payload::edges! { InvitationPayload {
    /// `invitation` with its cursor in the list in which it stands, in the default order and without a filter. Null if it is null.
    invitation_edge: invitation => partnergraph_types::InvitationEdge,
} }

/// The key of an invitation, and the secret that is returned only once.
pub(crate) type Drafted = (InvitationKey, Option<InvitationSecret>);

impl InvitationPayload {
    /// Success, without an invitation.
    pub(crate) fn of_nothing() -> Self {
        Self { invitation: None, user_errors: Vec::new() }
    }

    /// The payload, with its invitation read again after the commit.
    pub(crate) async fn of(operation: &Operation, outcome: Outcome<Drafted>) -> Result<Self> {
        let (id, secret) = match outcome {
            Ok(drafted) => drafted,
            Err(refusals) => return Ok(Self { invitation: None, user_errors: user_errors(refusals) }),
        };
        let now = operation.now();
        let row = operation.read(move |conn, scope| invitations::find(conn, scope, id, now)).await?;
        Ok(Self { invitation: row.map(|row| Invitation::fresh(BatchRow::alone(row), secret)), user_errors: Vec::new() })
    }
}
