use async_graphql::{ID, Result, SimpleObject};
use chrono::NaiveDateTime;
use partnergraph_domain::ChangeRequestKey;
use partnergraph_store::read::change_requests::{self, ChangeRequestRow};
use partnergraph_store::{Actor, Conn};

use crate::task::{Attempt, Outcome, not_found};
use partnergraph_operation::Operation;
use partnergraph_operation::batch::BatchRow;
use partnergraph_operation::ids::GlobalId;
use partnergraph_operation::payload::{UserError, user_errors};
use partnergraph_types::ChangeRequest;

/// Result of making or withdrawing a change request.
#[derive(SimpleObject)]
#[allow(missing_debug_implementations)]
#[graphql(complex)]
pub struct ChangeRequestPayload {
    /// The request after the change. Null if the change was rejected.
    change_request: Option<ChangeRequest>,
    /// Why it was rejected. Empty on success.
    user_errors: Vec<UserError>,
}

crate::payload::edges! { ChangeRequestPayload {
    /// `changeRequest` with its cursor in the list in which it stands, in the default order and without a filter. Null if it is null.
    change_request_edge: change_request => partnergraph_types::ChangeRequestEdge,
} }

impl ChangeRequestPayload {
    /// The payload, with its request read again after the commit.
    pub(super) async fn of(operation: &Operation, outcome: Outcome<ChangeRequestKey>) -> Result<Self> {
        Ok(match outcome {
            Ok(id) => Self { change_request: read(operation, id).await?, user_errors: Vec::new() },
            Err(refusals) => Self { change_request: None, user_errors: user_errors(refusals) },
        })
    }
}

/// The request, as the caller sees it now.
pub(super) async fn read(operation: &Operation, id: ChangeRequestKey) -> Result<Option<ChangeRequest>> {
    let now = operation.now();
    let row = operation.read(move |conn, scope| change_requests::find(conn, scope, id, now)).await?;
    Ok(row.map(|row| ChangeRequest(BatchRow::alone(row))))
}

/// The request that an input names.
pub(super) fn named(conn: &mut Conn, actor: &Actor, now: NaiveDateTime, id: &ID) -> Attempt<ChangeRequestRow> {
    let row = match id.parse() {
        Ok(GlobalId::ChangeRequest(id)) => change_requests::find(conn, &actor.scope, id, now)?,
        _ => None,
    };
    Ok(row.ok_or_else(|| not_found("change request", "changeRequest"))?)
}
