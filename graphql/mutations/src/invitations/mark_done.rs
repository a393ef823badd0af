use async_graphql::{Context, ID, InputObject, Object};
use chrono::NaiveDateTime;
use partnergraph_domain::checks;
use partnergraph_store::write::{facts, invitations};
use partnergraph_store::{Actor, Conn};

use super::revoke::own;
use super::{Drafted, InvitationPayload};
use crate::task::{self, Attempt};
use partnergraph_operation::Operation;
use partnergraph_operation::nullable::Nullable;

/// The invitation that was sent.
#[derive(InputObject, Debug, Clone)]
pub struct MarkInvitationDoneInput {
    /// The global id of the invitation.
    invitation: ID,
    /// The version you last read. Rejected if it has changed since. If null, the version is not checked.
    if_version: Option<i64>,
    /// Validate without saving. The payload is as it would be; ids of what would be created are not kept.
    #[graphql(default)]
    validate_only: bool,
}

/// `markInvitationDone`.
#[derive(Debug, Default)]
pub struct MarkInvitationDone;

#[Object]
impl MarkInvitationDone {
    /// Marks a drafted invitation as sent (P-05, C-29). The recipient can also respond before that.
    async fn mark_invitation_done(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Parameters for `markInvitationDone`.")] input: MarkInvitationDoneInput,
    ) -> Nullable<InvitationPayload> {
        let answer = async {
            let operation = Operation::of(ctx);
            let mode = input.validate_only.into();
            let outcome = task::write(operation, mode, move |conn, actor, now| done(conn, actor, now, &input)).await?;
            InvitationPayload::of(operation, outcome).await
        };
        Nullable::from(answer.await)
    }
}

fn done(conn: &mut Conn, actor: &Actor, now: NaiveDateTime, input: &MarkInvitationDoneInput) -> Attempt<Drafted> {
    let row = own(conn, actor, now, &input.invitation)?;
    let (caller, author) = (facts::actor(actor)?, facts::partner(conn, row.partner_id)?);
    let mut refusals = checks::mark_invitation_done(&caller, &author, row.kind, row.state_at(now));
    refusals.extend(task::stale(input.if_version, row.version));
    task::refuse_if(checks::visible_to_caller(refusals, &caller, &author))?;
    invitations::mark_done(conn, actor, now, &row)?;
    Ok((row.id, None))
}
