use async_graphql::{Context, InputObject, Object};
use chrono::NaiveDateTime;
use partnergraph_domain::checks::{self, Reassignment};
use partnergraph_domain::{CustomerKey, PartnerKey, TenantId};
use partnergraph_store::write::grants::{self, GrantOf};
use partnergraph_store::write::{customers, facts};
use partnergraph_store::{Actor, Conn};

use super::DelegatedAdminPayload;
use super::named::{own_customer, partner_named};
use crate::task::{self, Attempt, not_found};
use partnergraph_operation::Operation;
use partnergraph_operation::lookups::PartnerLookup;
use partnergraph_operation::nullable::Nullable;

/// The partners between which delegated admin privileges are moved.
#[derive(InputObject, Debug, Clone)]
pub struct ReassignDelegatedAdminInput {
    /// The partner that has the privileges now.
    from: PartnerLookup,
    /// The partner that receives them. You must have a relationship with it.
    to: PartnerLookup,
    /// Validate without saving. The payload is as it would be; ids of what would be created are not kept.
    #[graphql(default)]
    validate_only: bool,
}

/// `reassignDelegatedAdmin`.
#[derive(Debug, Default)]
pub struct ReassignDelegatedAdmin;

#[Object]
impl ReassignDelegatedAdmin {
    /// Moves delegated admin privileges from one of your partners to another, on behalf of the customer (C-14). Neither
    /// partner learns about the other. Returns the privileges of the receiving partner.
    async fn reassign_delegated_admin(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Parameters for `reassignDelegatedAdmin`.")] input: ReassignDelegatedAdminInput,
    ) -> Nullable<DelegatedAdminPayload> {
        let answer = async {
            let operation = Operation::of(ctx);
            let mode = input.validate_only.into();
            let outcome =
                task::write(operation, mode, move |conn, actor, now| reassign(conn, actor, now, &input)).await?;
            DelegatedAdminPayload::of(operation, outcome).await
        };
        Nullable::from(answer.await)
    }
}

fn reassign(
    conn: &mut Conn,
    actor: &Actor,
    now: NaiveDateTime,
    input: &ReassignDelegatedAdminInput,
) -> Attempt<GrantOf> {
    let (customer_id, tenant_id) = own_customer(actor)?;
    let mut missing = Vec::new();
    let from = task::gather(named(conn, actor, customer_id, &input.from, "from"), &mut missing)?;
    let to = task::gather(named(conn, actor, customer_id, &input.to, "to"), &mut missing)?;
    let (Some((from_id, from)), Some((to_id, to))) = (from, to) else { return Err(missing.into()) };
    let key = GrantOf { partner_id: from_id, customer_id };
    let change = Reassignment {
        from,
        to,
        to_relationship: customers::relationship(conn, to_id, customer_id)?,
        held: grants::held(conn, now, key)?,
    };
    task::refuse_if(checks::reassign_delegated_admin(&facts::actor(actor)?, tenant_id, change))?;
    grants::reassign(conn, actor, now, key, to_id)?;
    Ok(GrantOf { partner_id: to_id, customer_id })
}

/// Finds a partner of the customer and its tenant. A placeholder without a tenant cannot hold delegated admin
/// privileges.
fn named(
    conn: &mut Conn,
    actor: &Actor,
    customer_id: CustomerKey,
    lookup: &PartnerLookup,
    field: &str,
) -> Attempt<(PartnerKey, TenantId)> {
    let id = partner_named(conn, actor, customer_id, lookup, field)?;
    let tenant_id = facts::partner(conn, id)?.tenant_id;
    Ok((id, tenant_id.ok_or_else(|| not_found("partner", field))?))
}
