use async_graphql::{Result, SimpleObject};
use partnergraph_store::read::partnerships;

use crate::task::Outcome;
use partnergraph_domain::PartnershipKey;
use partnergraph_operation::Operation;
use partnergraph_operation::batch::BatchRow;
use partnergraph_operation::payload::{UserError, user_errors};
use partnergraph_types::Partnership;

/// Result of a change to a partnership.
#[derive(SimpleObject)]
#[allow(missing_debug_implementations)]
pub struct PartnershipPayload {
    /// The partnership after the change. Null if the change was rejected, or if creating a partnership was only
    /// validated.
    partnership: Option<Partnership>,
    /// Why it was rejected. Empty on success.
    user_errors: Vec<UserError>,
}

impl PartnershipPayload {
    /// The payload, with its partnership read again after the commit.
    pub(super) async fn of(operation: &Operation, outcome: Outcome<Option<PartnershipKey>>) -> Result<Self> {
        Ok(match outcome {
            Ok(Some(id)) => Self { partnership: read(operation, id).await?, user_errors: Vec::new() },
            Ok(None) => Self { partnership: None, user_errors: Vec::new() },
            Err(refusals) => Self { partnership: None, user_errors: user_errors(refusals) },
        })
    }
}

pub(super) async fn read(operation: &Operation, id: PartnershipKey) -> Result<Option<Partnership>> {
    let row = operation.read(move |conn, scope| partnerships::find(conn, scope, id)).await?;
    Ok(row.map(|row| Partnership(BatchRow::alone(row))))
}
