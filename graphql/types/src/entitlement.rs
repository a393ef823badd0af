use async_graphql::{Context, ID, Object, Result};
use partnergraph_store::read::entitlements::{EntitlementOrder, EntitlementRow};

use super::{Partner, partner_of};
use partnergraph_operation::batch::BatchRow;
use partnergraph_operation::connection;
use partnergraph_operation::ids::GlobalId;

connection! { EntitlementConnection, EntitlementEdge, Entitlement, EntitlementOrder, "entitlements" }

/// What a customer is entitled to under an Azure plan, such as an Azure subscription or a resource group. Each entitlement has a
/// partner of record of its own.
#[derive(Debug, Clone)]
pub struct Entitlement(pub BatchRow<EntitlementRow>);

impl From<BatchRow<EntitlementRow>> for Entitlement {
    fn from(row: BatchRow<EntitlementRow>) -> Self {
        Self(row)
    }
}

/// What a customer is entitled to under an Azure plan, such as an Azure subscription or a resource group. Each entitlement has a
/// partner of record of its own.
#[Object]
impl Entitlement {
    /// The global id.
    pub async fn id(&self) -> ID {
        GlobalId::Entitlement(self.0.id).into()
    }

    /// The id shown in the portals, usually a GUID. Unique within the subscription.
    fn entitlement_id(&self) -> &str {
        &self.0.entitlement_id
    }

    /// The description from the portal. Null if there is none.
    fn description(&self) -> Option<&str> {
        self.0.description.as_deref()
    }

    /// The reseller that earns the incentives for this entitlement. Null if there is none or you cannot see it (B-14).
    async fn partner_of_record(&self, ctx: &Context<'_>) -> Result<Option<Partner>> {
        partner_of(ctx, self.0.batch(), |row| [row.reseller_id, None, None], self.0.reseller_id).await
    }

    /// The version. Increases with every change.
    fn version(&self) -> i64 {
        self.0.version
    }
}
