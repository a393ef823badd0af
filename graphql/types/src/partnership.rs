use std::collections::HashMap;
use std::sync::Arc;

use async_graphql::{Context, Enum, ID, Object, Result};
use partnergraph_domain::checks::actions;
use partnergraph_domain::{AutoApproval, PartnerKey, PartnershipKey, PartnershipState, RemovalChannel};
use partnergraph_store::read::customers;
use partnergraph_store::read::page::{By, Order};
use partnergraph_store::read::partnerships::{self, PartnershipOrder, PartnershipRow};
use partnergraph_store::read::reseller_listings::{self, ListingRow};
use partnergraph_store::write::action_facts;
use partnergraph_store::{Actor, Conn};

use super::action::{self, Action};
use super::{CustomerConnection, Partner, RemovalRepresentation, ResellerListing, partner_of};
use partnergraph_operation::batch::{BatchRow, CellKey};
use partnergraph_operation::connection;
use partnergraph_operation::connection::{PageArgs, Slice};
use partnergraph_operation::context::Operation;
use partnergraph_operation::fingerprint::{Fingerprint, Listing};
use partnergraph_operation::ids::GlobalId;
use partnergraph_operation::scalars::DateTime;

/// What one party of a partnership is to the other.
#[derive(Enum, Copy, Clone, Debug, PartialEq, Eq)]
pub enum PartnerRelationshipType {
    /// The indirect reseller of the other party.
    IsIndirectResellerOf,
    /// The indirect provider of the other party.
    IsIndirectCloudSolutionProviderOf,
}

connection! { PartnershipConnection, PartnershipEdge, Partnership, PartnershipOrder, "partnerships" }

/// A partnership between an indirect provider and an indirect reseller.
#[derive(Debug, Clone)]
pub struct Partnership(pub BatchRow<PartnershipRow>);

impl From<BatchRow<PartnershipRow>> for Partnership {
    fn from(row: BatchRow<PartnershipRow>) -> Self {
        Self(row)
    }
}

impl Partnership {
    pub(super) async fn end(&self, ctx: &Context<'_>, id: PartnerKey) -> Result<Option<Partner>> {
        partner_of(ctx, self.0.batch(), |row| [Some(row.provider_id), Some(row.reseller_id), None], Some(id)).await
    }
}

/// A partnership between an indirect provider and an indirect reseller.
#[Object]
impl Partnership {
    /// The global id.
    pub async fn id(&self) -> ID {
        GlobalId::Partnership(self.0.id).into()
    }

    /// The state of the partnership. An `IMPORTED` partnership is known only from an import and does not allow business.
    fn state(&self) -> PartnershipState {
        self.0.state
    }

    /// What you are to the other party. For operators: what the provider is to the reseller.
    async fn relationship_type(&self, ctx: &Context<'_>) -> Result<PartnerRelationshipType> {
        Ok(if Operation::of(ctx).scope()?.partner_id() == Some(self.0.reseller_id) {
            PartnerRelationshipType::IsIndirectResellerOf
        } else {
            PartnerRelationshipType::IsIndirectCloudSolutionProviderOf
        })
    }

    /// When the provider requested the partnership. Null if there was no request, as with an import.
    fn requested_at(&self) -> Option<DateTime> {
        self.0.requested_at.map(DateTime)
    }

    /// When the reseller accepted the partnership. Null if it has not accepted.
    fn accepted_at(&self) -> Option<DateTime> {
        self.0.accepted_at.map(DateTime)
    }

    /// When the partnership ended. Null if it has not ended.
    fn removed_at(&self) -> Option<DateTime> {
        self.0.removed_at.map(DateTime)
    }

    /// Who ended the partnership. Null if it has not ended.
    fn channel(&self) -> Option<RemovalChannel> {
        self.0.removal_channel
    }

    /// What the remover stated when it ended the partnership. Only the remover's organisation and operators can read a
    /// removed partnership. Null if it has not been removed.
    fn representation(&self) -> Result<Option<RemovalRepresentation>> {
        RemovalRepresentation::stored(self.0.representation.as_deref())
    }

    /// Whether the provider has administrator access to the reseller's own work account. The reseller can remove it (P-12).
    fn provider_admin_access(&self) -> bool {
        self.0.provider_admin_access
    }

    /// The provider. Null if you cannot see it.
    async fn provider(&self, ctx: &Context<'_>) -> Result<Option<Partner>> {
        self.end(ctx, self.0.provider_id).await
    }

    /// The reseller. Null if you cannot see it.
    async fn reseller(&self, ctx: &Context<'_>) -> Result<Option<Partner>> {
        self.end(ctx, self.0.reseller_id).await
    }

    /// What the provider's imported lists state about the reseller. Null if no list has it, or if you are the reseller.
    async fn listing(&self, ctx: &Context<'_>) -> Result<Option<ResellerListing>> {
        let operation = Operation::of(ctx);
        let batch = self.0.batch();
        let listings: Arc<HashMap<PartnershipKey, ListingRow>> = batch
            .shared(CellKey::Name("listings"), || async {
                let ids = batch.keys(|row| Some(row.id));
                let rows =
                    operation.read(move |conn, scope| reseller_listings::of_partnerships(conn, scope, &ids)).await?;
                Ok(rows.into_iter().map(|row| (row.partnership_id, row)).collect())
            })
            .await?;
        listings.get(&self.0.id).map(ResellerListing::of).transpose()
    }

    /// The provider's own name for the reseller. Null if it has none, and always for the reseller.
    fn label(&self) -> Option<&str> {
        self.0.label.as_deref()
    }

    /// Which of the reseller's change requests the provider approves automatically. All rules of the
    /// approval still apply; a request that breaks one waits for the provider's decision.
    fn auto_approve(&self) -> AutoApproval {
        self.0.auto_approve
    }

    /// The user principal name of the provider's user under whose name requests are approved automatically: whoever set it.
    /// Null if none are, and always for the reseller.
    fn auto_approve_set_by(&self) -> Option<&str> {
        self.0.auto_approve_by.as_deref()
    }

    /// The number of customers that the provider and the reseller share (C-28). It is the same for both.
    async fn customer_count(&self, ctx: &Context<'_>) -> Result<i64> {
        let operation = Operation::of(ctx);
        let batch = self.0.batch();
        let counts: Arc<HashMap<PartnershipKey, i64>> = batch
            .shared(CellKey::Name("customer counts"), || async {
                let ids = batch.keys(|row| Some(row.id));
                let counts =
                    operation.read(move |conn, scope| partnerships::customer_counts(conn, scope, &ids)).await?;
                Ok(counts.into_iter().collect())
            })
            .await?;
        Ok(counts.get(&self.0.id).copied().unwrap_or(0))
    }

    /// The customers that the provider and the reseller share (C-28), ordered by name.
    async fn customers(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Returns the first _n_ items (max 100). Defaults to 20 unless `last` is set.")] first: Option<
            i32,
        >,
        #[graphql(desc = "Returns the last _n_ items (max 100).")] last: Option<i32>,
        #[graphql(desc = "Returns only the items after this cursor.")] after: Option<String>,
        #[graphql(desc = "Returns only the items before this cursor.")] before: Option<String>,
    ) -> Result<CustomerConnection> {
        let args = PageArgs { first, last, after, before };
        Slice::below(
            ctx,
            &self.0,
            |row| row.id,
            args,
            |scope| {
                let order = Order::new(vec![By { field: customers::CustomerOrder::CompanyName, descending: false }]);
                Ok((
                    Fingerprint::of(Listing::CustomersOfPartnership, &order, &())?,
                    customers::of_partnerships(scope, order),
                ))
            },
        )
        .await
        .map(CustomerConnection)
    }

    /// What can be done with the partnership, and whether you may do it now. Empty for an ended partnership if the two have a
    /// later one.
    async fn actions(&self, ctx: &Context<'_>) -> Result<Vec<Action>> {
        let load = |conn: &mut Conn, actor: &Actor, rows: &[PartnershipRow], _| {
            action_facts::of_partnerships(conn, actor, rows)
        };
        let facts = action::facts_of(ctx, self.0.batch(), load).await?;
        Ok(action::listed(facts.get(&self.0.id).map(actions::on_partnership)))
    }

    /// The version. Increases with every change.
    fn version(&self) -> i64 {
        self.0.version
    }

    /// When the partnership was first recorded.
    fn created_at(&self) -> DateTime {
        self.0.created_at.into()
    }

    /// When the partnership was last changed.
    fn updated_at(&self) -> DateTime {
        self.0.updated_at.into()
    }
}
