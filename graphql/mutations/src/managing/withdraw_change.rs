use async_graphql::{Context, ID, InputObject, Object};
use chrono::NaiveDateTime;
use partnergraph_domain::{ChangeRequestKey, checks};
use partnergraph_store::write::{change_requests, facts};
use partnergraph_store::{Actor, Conn};

use super::{ChangeRequestPayload, payload};
use crate::task::{self, Attempt};
use partnergraph_operation::Operation;
use partnergraph_operation::nullable::Nullable;

/// The change request to withdraw.
#[derive(InputObject, Debug, Clone)]
pub struct WithdrawChangeInput {
    /// The global id of the change request.
    change_request: ID,
    /// Validate without saving. The payload is as it would be; ids of what would be created are not kept.
    #[graphql(default)]
    validate_only: bool,
}

/// `withdrawChange`.
#[derive(Debug, Default)]
pub struct WithdrawChange;

#[Object]
impl WithdrawChange {
    /// Withdraws an open change request that your organisation made, whether or not it could still make it. Requires a
    /// Global admin, Admin agent or Sales agent (B-16).
    async fn withdraw_change(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Parameters for `withdrawChange`.")] input: WithdrawChangeInput,
    ) -> Nullable<ChangeRequestPayload> {
        let answer = async {
            let operation = Operation::of(ctx);
            let mode = input.validate_only.into();
            let outcome =
                task::write(operation, mode, move |conn, actor, now| withdraw(conn, actor, now, &input)).await?;
            ChangeRequestPayload::of(operation, outcome).await
        };
        Nullable::from(answer.await)
    }
}

fn withdraw(
    conn: &mut Conn,
    actor: &Actor,
    now: NaiveDateTime,
    input: &WithdrawChangeInput,
) -> Attempt<ChangeRequestKey> {
    let row = payload::named(conn, actor, now, &input.change_request)?;
    let reseller = facts::partner(conn, row.reseller_id)?;
    let mut refusals = checks::manages_for(&facts::actor(actor)?, &reseller);
    refusals.extend(checks::open_request(row.state));
    let refusals = refusals.into_iter().map(|refusal| refusal.field(["changeRequest"])).collect();
    task::refuse_if(refusals)?;
    change_requests::withdraw(conn, actor, now, &row)?;
    Ok(row.id)
}
