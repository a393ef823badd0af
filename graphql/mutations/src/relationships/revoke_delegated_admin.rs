use async_graphql::{Context, InputObject, Object, Result, SimpleObject};
use chrono::NaiveDateTime;
use partnergraph_domain::checks;
use partnergraph_store::read::grants as read_grants;
use partnergraph_store::write::facts;
use partnergraph_store::write::grants::{self, GrantOf, Notified};
use partnergraph_store::{Actor, Conn};

use super::named::{own_customer, partner_named};
use crate::task::{self, Attempt, Outcome};
use partnergraph_operation::Operation;
use partnergraph_operation::lookups::PartnerLookup;
use partnergraph_operation::nullable::Nullable;
use partnergraph_operation::payload::{UserError, user_errors};
use partnergraph_types::DelegatedAdmin;

/// The partner that loses delegated admin privileges.
#[derive(InputObject, Debug, Clone)]
pub struct RevokeDelegatedAdminInput {
    /// The partner that loses the privileges.
    partner: PartnerLookup,
    /// Validate without saving. The payload is as it would be; ids of what would be created are not kept.
    #[graphql(default)]
    validate_only: bool,
}

/// Result of a change to delegated admin privileges.
#[derive(SimpleObject, Debug)]
pub struct DelegatedAdminPayload {
    /// The partner's privileges after the change. Null if the change was rejected.
    delegated_admin: Option<DelegatedAdmin>,
    /// Why it was rejected. Empty on success.
    user_errors: Vec<UserError>,
}

impl DelegatedAdminPayload {
    /// The payload, with the grant read again after the commit.
    pub(super) async fn of(operation: &Operation, outcome: Outcome<GrantOf>) -> Result<Self> {
        let pair = match outcome {
            Ok(key) => (key.partner_id, key.customer_id),
            Err(refusals) => return Ok(Self { delegated_admin: None, user_errors: user_errors(refusals) }),
        };
        let now = operation.now();
        let row = operation.read(move |conn, scope| read_grants::latest(conn, scope, pair, now)).await?;
        let delegated_admin = Some(DelegatedAdmin::of_grant(row.as_ref()));
        Ok(Self { delegated_admin, user_errors: Vec::new() })
    }
}

/// `revokeDelegatedAdmin`.
#[derive(Debug, Default)]
pub struct RevokeDelegatedAdmin;

#[Object]
impl RevokeDelegatedAdmin {
    /// Removes the admin permissions of one of your partners, including granular ones, on behalf of the customer
    /// (C-14). The relationship stays (C-15), and the partner remains responsible for support until a renegotiation is
    /// recorded (C-16).
    async fn revoke_delegated_admin(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Parameters for `revokeDelegatedAdmin`.")] input: RevokeDelegatedAdminInput,
    ) -> Nullable<DelegatedAdminPayload> {
        let answer = async {
            let operation = Operation::of(ctx);
            let mode = input.validate_only.into();
            let outcome =
                task::write(operation, mode, move |conn, actor, now| revoke(conn, actor, now, &input)).await?;
            DelegatedAdminPayload::of(operation, outcome).await
        };
        Nullable::from(answer.await)
    }
}

fn revoke(conn: &mut Conn, actor: &Actor, now: NaiveDateTime, input: &RevokeDelegatedAdminInput) -> Attempt<GrantOf> {
    let (customer_id, tenant_id) = own_customer(actor)?;
    let partner_id = partner_named(conn, actor, customer_id, &input.partner, "partner")?;
    task::refuse_if(checks::revoke_delegated_admin(&facts::actor(actor)?, tenant_id))?;
    let key = GrantOf { partner_id, customer_id };
    grants::revoke(conn, actor, now, key, Notified::BothSides)?;
    Ok(key)
}
