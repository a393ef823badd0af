use async_graphql::{Context, ID, Object, Result};
use partnergraph_domain::GrantKind;
use partnergraph_store::read::grants::{GrantOrder, GrantRow};

use super::{Customer, Partner, customer_of, partner_of};
use partnergraph_operation::connection;
use partnergraph_operation::ids::GlobalId;
use partnergraph_operation::scalars::{DateTime, Guid};
use partnergraph_operation::siblings::Member;

connection! {
    DelegatedAdminGrantConnection, DelegatedAdminGrantEdge, DelegatedAdminGrant, GrantOrder,
    "grants of delegated administration"
}

/// A grant of delegated administration of a customer to a partner.
///
/// It has a life of its own: it outlives partnership and relationship, and the customer can end it any time (C-14, D-05, X-03).
#[derive(Debug, Clone)]
pub struct DelegatedAdminGrant(pub Member<GrantRow>);

impl From<Member<GrantRow>> for DelegatedAdminGrant {
    fn from(row: Member<GrantRow>) -> Self {
        Self(row)
    }
}

/// A grant of delegated administration of a customer to a partner.
///
/// It has a life of its own: it outlives partnership and relationship, and the customer can end it any time (C-14, D-05, X-03).
#[Object]
impl DelegatedAdminGrant {
    /// The global id.
    pub async fn id(&self) -> ID {
        GlobalId::DelegatedAdminGrant(self.0.id).into()
    }

    /// The customer's tenant and name, which the holder of a grant always reads.
    fn customer(&self) -> DelegatedAdminCustomer {
        DelegatedAdminCustomer(self.0.clone())
    }

    /// The partner that holds it. Null where the caller does not see it.
    async fn partner(&self, ctx: &Context<'_>) -> Result<Option<Partner>> {
        partner_of(ctx, self.0.level(), |row| [Some(row.partner_id), None, None], Some(self.0.partner_id)).await
    }

    /// Whether it stands: given, not revoked and not ended.
    fn granted(&self) -> bool {
        self.0.granted
    }

    /// When it was given.
    fn granted_at(&self) -> DateTime {
        self.0.granted_at.into()
    }

    /// When it was revoked. Null where it was not.
    fn revoked_at(&self) -> Option<DateTime> {
        self.0.revoked_at.map(DateTime)
    }

    /// What it covers. Null where that is not known, as with granular grants from an import.
    fn scope(&self) -> Option<&str> {
        self.0.scope.as_deref()
    }

    /// Whether it is granular.
    fn kind(&self) -> GrantKind {
        self.0.kind
    }

    /// When it began.
    fn start_date_time(&self) -> DateTime {
        self.0.granted_at.into()
    }

    /// When it ends by itself. Null where it does not.
    fn end_date_time(&self) -> Option<DateTime> {
        self.0.end_at.map(DateTime)
    }

    /// When the partner last signed in by it. Null where it never did, or where that is not known.
    fn last_sign_in_date_time(&self) -> Option<DateTime> {
        self.0.last_sign_in_at.map(DateTime)
    }

    /// Whether it stands unused: the last sign-in, or the grant itself where there was none, is more than 90 days ago.
    fn inactive(&self) -> bool {
        self.0.inactive
    }

    /// Whether delegated administration privileges, which are not granular, stand by it.
    fn dap_enabled(&self) -> bool {
        self.0.granted && self.0.kind == GrantKind::Dap
    }

    /// How many agents of the partner can sign in by it. Null where that is not known.
    fn partner_agent_count(&self) -> Option<i64> {
        self.0.partner_agent_count
    }

    /// How often they signed in. Null where that is not known.
    fn partner_sign_in_count(&self) -> Option<i64> {
        self.0.partner_sign_in_count
    }

    /// How often they signed in as Global admin. Null where that is not known.
    fn global_admin_sign_in_count(&self) -> Option<i64> {
        self.0.global_admin_sign_in_count
    }

    /// Rises with every change.
    fn version(&self) -> i64 {
        self.0.version
    }
}

/// As much of a customer as the holder of a grant always reads: a grant outlives the relationship, and what else the holder knew of
/// the customer is closed then (D-05).
#[derive(Debug, Clone)]
pub struct DelegatedAdminCustomer(Member<GrantRow>);

/// As much of a customer as the holder of a grant always reads: a grant outlives the relationship, and what else the holder knew of
/// the customer is closed then (D-05).
#[Object]
impl DelegatedAdminCustomer {
    /// The id of the customer's tenant.
    fn tenant_id(&self) -> Result<Guid> {
        Ok(Guid::stored(&self.0.tenant_id)?)
    }

    /// The name, as the holder knows it. Null where nobody has stated one.
    fn company_name(&self) -> Option<&str> {
        self.0.company_name.as_deref()
    }

    /// The whole customer. Null where the caller does not see it, as after the end of the relationship.
    async fn customer(&self, ctx: &Context<'_>) -> Result<Option<Customer>> {
        customer_of(ctx, self.0.level(), |row| Some(row.customer_id), Some(self.0.customer_id)).await
    }
}
