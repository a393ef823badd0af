use async_graphql::{Context, Object, Result};
use partnergraph_domain::Role;
use partnergraph_store::read::customers::CustomerBy;
use partnergraph_store::read::partners::PartnerBy;
use partnergraph_store::read::{customers, partners, users};
use partnergraph_store::{Actor, Scope};

use super::{Customer, Organization, Partner, User};
use partnergraph_operation::batch::BatchRow;
use partnergraph_operation::context::Operation;

/// The signed-in user and the organisation that the user acts for.
#[derive(Debug, Clone)]
pub struct Viewer(Actor);

impl Viewer {
    /// Returns the caller of the operation.
    ///
    /// # Errors
    /// `UNAUTHENTICATED`.
    pub fn of(ctx: &Context<'_>) -> Result<Self> {
        Ok(Self(Operation::of(ctx).actor()?.clone()))
    }
}

/// The signed-in user and the organisation that the user acts for.
#[Object]
impl Viewer {
    /// The user principal name that the token was issued to. Audit records show the same name.
    fn user_principal_name(&self) -> &str {
        &self.0.user_principal_name
    }

    /// The roles that the token carries.
    fn roles(&self) -> &[Role] {
        &self.0.roles
    }

    /// The user that the token belongs to, with the roles that the token carries. Null if the organisation has no user with the
    /// token's user principal name.
    async fn user(&self, ctx: &Context<'_>) -> Result<Option<User>> {
        let Some(id) = self.0.user_id else { return Ok(None) };
        let row = Operation::of(ctx).read(move |conn, scope| users::own(conn, scope, id)).await?;
        Ok(row.map(|row| User::with_roles(BatchRow::alone(row), self.0.roles.clone())))
    }

    /// The organisation that you act for: a partner account or a customer. Null for an operator, or if your tenant has no
    /// account yet.
    async fn organization(&self, ctx: &Context<'_>) -> Result<Option<Organization>> {
        let operation = Operation::of(ctx);
        Ok(match self.0.scope {
            Scope::Partner { id, .. } => operation
                .read(move |conn, scope| partners::find(conn, scope, PartnerBy::Row(id)))
                .await?
                .map(|row| Organization::Partner(Partner(BatchRow::alone(row)))),
            Scope::Customer { id } => operation
                .read(move |conn, scope| customers::find(conn, scope, &CustomerBy::Row(id)))
                .await?
                .map(|row| Organization::Customer(Customer(BatchRow::alone(row)))),
            Scope::Operator | Scope::Nobody => None,
        })
    }
}
