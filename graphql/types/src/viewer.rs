use async_graphql::{Context, Object, Result};
use partnergraph_domain::Role;
use partnergraph_store::read::customers::CustomerBy;
use partnergraph_store::read::partners::PartnerBy;
use partnergraph_store::read::{customers, partners, users};
use partnergraph_store::{Actor, Scope};

use super::{Customer, Organization, Partner, User};
use partnergraph_operation::context::Operation;
use partnergraph_operation::siblings::Member;

/// Whoever asks.
#[derive(Debug, Clone)]
pub struct Viewer(Actor);

impl Viewer {
    /// The caller of the operation.
    ///
    /// # Errors
    /// `UNAUTHENTICATED`.
    pub fn of(ctx: &Context<'_>) -> Result<Self> {
        Ok(Self(Operation::of(ctx).actor()?.clone()))
    }
}

/// Whoever asks.
#[Object]
impl Viewer {
    /// The name that the token was given to, as the history shows it.
    fn user_principal_name(&self) -> &str {
        &self.0.user_principal_name
    }

    /// What the token may do.
    fn roles(&self) -> &[Role] {
        &self.0.roles
    }

    /// The user that the token belongs to, with the roles that the token carries. Null for somebody whom the issuer of the token
    /// knows and the organisation's list of users does not.
    async fn user(&self, ctx: &Context<'_>) -> Result<Option<User>> {
        let Some(id) = self.0.user_id else { return Ok(None) };
        let row = Operation::of(ctx).read(move |conn, scope| users::own(conn, scope, id)).await?;
        Ok(row.map(|row| User::with_roles(Member::alone(row), self.0.roles.clone())))
    }

    /// The organisation that the user acts for: a partner account, or a customer. Null for an operator, and for a user whose
    /// tenant has no account yet.
    async fn organization(&self, ctx: &Context<'_>) -> Result<Option<Organization>> {
        let operation = Operation::of(ctx);
        Ok(match self.0.scope {
            Scope::Partner { id, .. } => operation
                .read(move |conn, scope| partners::find(conn, scope, PartnerBy::Row(id)))
                .await?
                .map(|row| Organization::Partner(Partner(Member::alone(row)))),
            Scope::Customer { id } => operation
                .read(move |conn, scope| customers::find(conn, scope, &CustomerBy::Row(id)))
                .await?
                .map(|row| Organization::Customer(Customer(Member::alone(row)))),
            Scope::Operator | Scope::Nobody => None,
        })
    }
}
