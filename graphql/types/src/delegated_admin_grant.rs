use async_graphql::{Context, ID, Object, Result};
use partnergraph_domain::GrantKind;
use partnergraph_store::read::grants::{GrantOrder, GrantRow};

use super::{Customer, Partner, customer_of, partner_of};
use partnergraph_operation::batch::BatchRow;
use partnergraph_operation::connection;
use partnergraph_operation::ids::GlobalId;
use partnergraph_operation::scalars::{DateTime, Guid};

connection! {
    DelegatedAdminGrantConnection, DelegatedAdminGrantEdge, DelegatedAdminGrant, GrantOrder,
    "grants of delegated admin privileges"
}

/// A grant of delegated admin privileges that a customer gave a partner.
///
/// The grant is independent of partnerships and reseller relationships: it continues when they end, and the customer can revoke
/// it at any time (C-14, D-05, X-03).
#[derive(Debug, Clone)]
pub struct DelegatedAdminGrant(pub BatchRow<GrantRow>);

impl From<BatchRow<GrantRow>> for DelegatedAdminGrant {
    fn from(row: BatchRow<GrantRow>) -> Self {
        Self(row)
    }
}

/// A grant of delegated admin privileges that a customer gave a partner.
///
/// The grant is independent of partnerships and reseller relationships: it continues when they end, and the customer can revoke
/// it at any time (C-14, D-05, X-03).
#[Object]
impl DelegatedAdminGrant {
    /// The global id.
    pub async fn id(&self) -> ID {
        GlobalId::DelegatedAdminGrant(self.0.id).into()
    }

    /// The customer's tenant and name. The partner that holds the grant can always read them.
    fn customer(&self) -> DelegatedAdminCustomer {
        DelegatedAdminCustomer(self.0.clone())
    }

    /// The partner that holds the grant. Null if you cannot see it.
    async fn partner(&self, ctx: &Context<'_>) -> Result<Option<Partner>> {
        partner_of(ctx, self.0.batch(), |row| [Some(row.partner_id), None, None], Some(self.0.partner_id)).await
    }

    /// Whether the grant is active: granted, not revoked, and not expired.
    fn granted(&self) -> bool {
        self.0.granted
    }

    /// When the grant was made.
    fn granted_at(&self) -> DateTime {
        self.0.granted_at.into()
    }

    /// When the grant was revoked. Null if it was not revoked.
    fn revoked_at(&self) -> Option<DateTime> {
        self.0.revoked_at.map(DateTime)
    }

    /// What the grant covers. Null if unknown, as with granular grants from an import.
    fn scope(&self) -> Option<&str> {
        self.0.scope.as_deref()
    }

    /// The kind of grant: granular or not.
    fn kind(&self) -> GrantKind {
        self.0.kind
    }

    /// When the grant takes effect.
    fn start_date_time(&self) -> DateTime {
        self.0.granted_at.into()
    }

    /// When the grant expires. Null if it does not expire.
    fn end_date_time(&self) -> Option<DateTime> {
        self.0.end_at.map(DateTime)
    }

    /// When the partner last signed in under the grant. Null if it never did, or if unknown.
    fn last_sign_in_date_time(&self) -> Option<DateTime> {
        self.0.last_sign_in_at.map(DateTime)
    }

    /// Whether the grant is active but unused: the last sign-in is more than 90 days ago, or there was none and the grant was
    /// made more than 90 days ago.
    fn inactive(&self) -> bool {
        self.0.inactive
    }

    /// Whether the grant is active and not granular (DAP).
    fn dap_enabled(&self) -> bool {
        self.0.granted && self.0.kind == GrantKind::Dap
    }

    /// The number of the partner's agents that can sign in under the grant. Null if unknown.
    fn partner_agent_count(&self) -> Option<i64> {
        self.0.partner_agent_count
    }

    /// The number of times that the agents signed in. Null if unknown.
    fn partner_sign_in_count(&self) -> Option<i64> {
        self.0.partner_sign_in_count
    }

    /// The number of times that the agents signed in as Global admin. Null if unknown.
    fn global_admin_sign_in_count(&self) -> Option<i64> {
        self.0.global_admin_sign_in_count
    }

    /// The version. Increases with every change.
    fn version(&self) -> i64 {
        self.0.version
    }
}

/// The part of a customer that the holder of a grant can always read. A grant can outlast the relationship; the holder can then
/// no longer see the customer's other data (D-05).
#[derive(Debug, Clone)]
pub struct DelegatedAdminCustomer(BatchRow<GrantRow>);

/// The part of a customer that the holder of a grant can always read. A grant can outlast the relationship; the holder can then
/// no longer see the customer's other data (D-05).
#[Object]
impl DelegatedAdminCustomer {
    /// The id of the customer's tenant.
    fn tenant_id(&self) -> Result<Guid> {
        Ok(Guid::stored(&self.0.tenant_id)?)
    }

    /// The company name as the holder of the grant knows it. Null if none has been provided.
    fn company_name(&self) -> Option<&str> {
        self.0.company_name.as_deref()
    }

    /// The full customer. Null if you cannot see it, for example after the relationship has ended.
    async fn customer(&self, ctx: &Context<'_>) -> Result<Option<Customer>> {
        customer_of(ctx, self.0.batch(), |row| Some(row.customer_id), Some(self.0.customer_id)).await
    }
}
