use async_graphql::{Context, InputObject, Object};
use chrono::NaiveDateTime;
use partnergraph_domain::checks::{self, PartnershipAcceptanceFacts};
use partnergraph_domain::{InvitationKind, PartnershipKey, RelationshipToPartner};
use partnergraph_store::write::invitations::{self, Answerer, InvitationRow};
use partnergraph_store::write::{customers, facts, partnerships};
use partnergraph_store::{Actor, Conn, StoreResult};

use super::PartnershipPayload;
use crate::task::{self, Attempt, not_found};
use partnergraph_operation::Operation;
use partnergraph_operation::nullable::Nullable;

/// The partnership request to accept.
#[derive(InputObject, Debug, Clone)]
pub struct AcceptPartnershipInput {
    /// The token from the invitation link.
    token: String,
    /// Authorises the provider. Must be true (P-08).
    #[graphql(default)]
    confirm: bool,
    /// Validate without saving. The payload is as it would be; ids of what would be created are not kept.
    #[graphql(default)]
    validate_only: bool,
}

/// `acceptPartnership`.
#[derive(Debug, Default)]
pub struct AcceptPartnership;

#[Object]
impl AcceptPartnership {
    /// Accepts a provider's partnership request for your reseller account.
    ///
    /// The provider and the reseller appear in each other's lists at the same time (P-09). The provider can place
    /// orders for the reseller's customers (P-10) and gets administrator access to the reseller's own work account
    /// (P-11). The reseller does not gain the provider's customers (P-16).
    async fn accept_partnership(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Parameters for `acceptPartnership`.")] input: AcceptPartnershipInput,
    ) -> Nullable<PartnershipPayload> {
        let answer = async {
            let operation = Operation::of(ctx);
            let mode = input.validate_only.into();
            let outcome =
                task::write(operation, mode, move |conn, actor, now| accept(conn, actor, now, &input)).await?;
            PartnershipPayload::of(operation, outcome).await
        };
        Nullable::from(answer.await)
    }
}

fn accept(
    conn: &mut Conn,
    actor: &Actor,
    now: NaiveDateTime,
    input: &AcceptPartnershipInput,
) -> Attempt<Option<PartnershipKey>> {
    let missing = || not_found("invitation", "token");
    let row = invitations::presented(conn, actor, &input.token)?.ok_or_else(missing)?;
    if row.kind != InvitationKind::Partnership {
        return Err(missing().into());
    }
    let facts = acceptance_facts(conn, actor, now, &row, input)?;
    let refusals = checks::accept_partnership(&facts);
    let reseller_id = match actor.scope.partner_id() {
        Some(id) if refusals.is_empty() => id,
        _ => return Err(refusals.into()),
    };
    let pair = (row.partner_id, reseller_id);
    invitations::accept(conn, actor, now, &row, Answerer::Reseller(reseller_id))?;
    partnerships::accept_request(conn, actor, now, pair, row.created_at)?;
    Ok(partnerships::latest(conn, pair.0, pair.1)?.map(|row| row.id))
}

/// The facts that the check needs. A tenant can hold two accounts (T-01); the account that accepts is the caller's own.
fn acceptance_facts(
    conn: &mut Conn,
    actor: &Actor,
    now: NaiveDateTime,
    row: &InvitationRow,
    input: &AcceptPartnershipInput,
) -> StoreResult<PartnershipAcceptanceFacts> {
    let caller = facts::actor(actor)?;
    let (reseller, partnership) = match actor.scope.partner_id() {
        Some(id) => {
            let latest = partnerships::latest(conn, row.partner_id, id)?;
            (Some(facts::partner(conn, id)?), latest.map(|latest| latest.state))
        }
        None => (None, None),
    };
    let customer = match caller.tenant_id {
        Some(tenant_id) => customers::by_tenant(conn, tenant_id)?,
        None => None,
    };
    let customer_relationship = match customer {
        Some(customer_id) => customers::relationship(conn, row.partner_id, customer_id)?,
        None => RelationshipToPartner::None,
    };
    Ok(PartnershipAcceptanceFacts {
        actor: caller,
        provider: facts::partner(conn, row.partner_id)?,
        reseller,
        invitation: row.state_at(now),
        partnership,
        customer_relationship,
        confirmed: input.confirm,
    })
}
