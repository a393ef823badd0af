use async_graphql::{ComplexObject, Context, Result, SimpleObject};
use partnergraph_store::read::partnerships::{self, PartnershipRow};

use crate::task::Outcome;
use partnergraph_domain::{PartnerKey, PartnershipKey};
use partnergraph_operation::Operation;
use partnergraph_operation::batch::BatchRow;
use partnergraph_operation::payload::{UserError, user_errors};
use partnergraph_types::{IndirectProviderEdge, IndirectResellerEdge, Partnership};

/// Result of a change to a partnership.
#[derive(SimpleObject)]
#[allow(missing_debug_implementations)]
#[graphql(complex)]
pub struct PartnershipPayload {
    /// The partnership after the change. Null if the change was rejected.
    partnership: Option<Partnership>,
    /// Why it was rejected. Empty on success.
    user_errors: Vec<UserError>,
}

#[ComplexObject]
impl PartnershipPayload {
    /// `partnership` with its cursor in the provider's list `indirectResellers`, in the default order and without a filter. Null if it is
    /// null, or if you are the reseller.
    async fn indirect_reseller_edge(&self, ctx: &Context<'_>) -> Result<Option<IndirectResellerEdge>> {
        self.stands_in(ctx, |row| row.provider_id)?.map(IndirectResellerEdge::listed).transpose()
    }

    /// `partnership` with its cursor in the reseller's list `indirectProviders`, in the default order and without a filter. Null if it is
    /// null, or if you are the provider.
    async fn indirect_provider_edge(&self, ctx: &Context<'_>) -> Result<Option<IndirectProviderEdge>> {
        self.stands_in(ctx, |row| row.reseller_id)?.map(IndirectProviderEdge::listed).transpose()
    }
}

impl PartnershipPayload {
    /// The partnership, if the caller is the end of it whose list shows the other.
    fn stands_in(&self, ctx: &Context<'_>, end: fn(&PartnershipRow) -> PartnerKey) -> Result<Option<Partnership>> {
        let own = Operation::of(ctx).scope()?.partner_id();
        let stands =
            |partnership: &&Partnership| own == Some(end(&partnership.0)) && partnership.0.removed_at.is_none();
        Ok(self.partnership.as_ref().filter(stands).cloned())
    }

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
