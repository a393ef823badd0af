use async_graphql::{Context, InputObject, Object, SimpleObject};
use chrono::NaiveDateTime;
use partnergraph_domain::{InvitationKind, InvitationState, Refusal, RuleId, checks};
use partnergraph_store::write::invitations::{self, Answerer, InvitationRow};
use partnergraph_store::write::{facts, partnerships};
use partnergraph_store::{Actor, Conn, Scope, StoreResult};

use crate::task::{self, Attempt, not_found};
use partnergraph_operation::Operation;
use partnergraph_operation::nullable::Nullable;
use partnergraph_operation::payload::{UserError, user_errors};

/// The invitation to decline.
#[derive(InputObject, Debug, Clone)]
pub struct DeclineInvitationInput {
    /// The token from the invitation link.
    token: String,
    /// Validate without saving. The payload is as it would be; ids of what would be created are not kept.
    #[graphql(default)]
    validate_only: bool,
}

/// Result of declining an invitation.
#[derive(SimpleObject, Debug)]
pub struct DeclineInvitationPayload {
    /// The state of the invitation after the change. Null if the change was rejected.
    state: Option<InvitationState>,
    /// Why it was rejected. Empty on success.
    user_errors: Vec<UserError>,
}

/// `declineInvitation`.
#[derive(Debug, Default)]
pub struct DeclineInvitation;

#[Object]
impl DeclineInvitation {
    /// Declines an invitation. Anyone who could accept it can decline it: a user of the reseller for a partnership
    /// request, or a Global admin of the customer for a customer invitation. The inviting partner sees that it was
    /// declined.
    async fn decline_invitation(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Parameters for `declineInvitation`.")] input: DeclineInvitationInput,
    ) -> Nullable<DeclineInvitationPayload> {
        let answer = async {
            let operation = Operation::of(ctx);
            let mode = input.validate_only.into();
            let outcome =
                task::write(operation, mode, move |conn, actor, now| decline(conn, actor, now, &input)).await?;
            Ok(match outcome {
                Ok(()) => DeclineInvitationPayload { state: Some(InvitationState::Declined), user_errors: Vec::new() },
                Err(refusals) => DeclineInvitationPayload { state: None, user_errors: user_errors(refusals) },
            })
        };
        Nullable::from(answer.await)
    }
}

fn decline(conn: &mut Conn, actor: &Actor, now: NaiveDateTime, input: &DeclineInvitationInput) -> Attempt<()> {
    let row = invitations::presented(conn, actor, &input.token)?.ok_or_else(|| not_found("invitation", "token"))?;
    task::refuse_if(against(conn, actor, now, &row)?)?;
    let answerer = match actor.scope {
        Scope::Partner { id, .. } => Answerer::Reseller(id),
        Scope::Customer { id } => Answerer::Customer(id),
        Scope::Operator | Scope::Nobody => Answerer::Stranger,
    };
    invitations::decline(conn, actor, now, &row, answerer)?;
    if let (InvitationKind::Partnership, Answerer::Reseller(id)) = (row.kind, answerer) {
        partnerships::decline_request(conn, actor, now, (row.partner_id, id))?;
    }
    Ok(())
}

fn against(conn: &mut Conn, actor: &Actor, now: NaiveDateTime, row: &InvitationRow) -> StoreResult<Vec<Refusal>> {
    let caller = facts::actor(actor)?;
    let state = row.state_at(now);
    if row.kind == InvitationKind::Partnership {
        let reseller = match actor.scope.partner_id() {
            Some(id) => Some(facts::partner(conn, id)?),
            None => None,
        };
        return Ok(checks::decline_partnership(&caller, reseller.as_ref(), state));
    }
    Ok(match caller.tenant_id {
        Some(tenant_id) => checks::decline_invitation(&caller, tenant_id, state),
        None => vec![task::not_for_caller(RuleId::A_06, "Only a Global admin of the customer can do this.")],
    })
}
