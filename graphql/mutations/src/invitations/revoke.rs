use async_graphql::{Context, ID, InputObject, Object};
use chrono::NaiveDateTime;
use partnergraph_domain::checks;
use partnergraph_store::read::invitations as read_invitations;
use partnergraph_store::write::invitations::{self, InvitationRow};
use partnergraph_store::write::{facts, partnerships};
use partnergraph_store::{Actor, Conn};

use super::{Drafted, InvitationPayload};
use crate::task::{self, Attempt, not_found};
use partnergraph_operation::Operation;
use partnergraph_operation::ids::GlobalId;
use partnergraph_operation::nullable::Nullable;

/// The invitation to revoke.
#[derive(InputObject, Debug, Clone)]
pub struct RevokeInvitationInput {
    /// The global id of the invitation.
    invitation: ID,
    /// The version you last read. Rejected if it has changed since. If null, the version is not checked.
    if_version: Option<i64>,
    /// Validate without saving. The payload is as it would be; ids of what would be created are not kept.
    #[graphql(default)]
    validate_only: bool,
}

/// `revokeInvitation`.
#[derive(Debug, Default)]
pub struct RevokeInvitation;

#[Object]
impl RevokeInvitation {
    /// Revokes an open invitation. Its link stops working. A partnership that the invitation requested ends as expired.
    async fn revoke_invitation(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Parameters for `revokeInvitation`.")] input: RevokeInvitationInput,
    ) -> Nullable<InvitationPayload> {
        let answer = async {
            let operation = Operation::of(ctx);
            let mode = input.validate_only.into();
            let outcome =
                task::write(operation, mode, move |conn, actor, now| revoke(conn, actor, now, &input)).await?;
            InvitationPayload::of(operation, outcome).await
        };
        Nullable::from(answer.await)
    }
}

fn revoke(conn: &mut Conn, actor: &Actor, now: NaiveDateTime, input: &RevokeInvitationInput) -> Attempt<Drafted> {
    let row = own(conn, actor, now, &input.invitation)?;
    let (caller, author) = (facts::actor(actor)?, facts::partner(conn, row.partner_id)?);
    let mut refusals = checks::revoke_invitation(&caller, &author, row.kind, row.state_at(now));
    refusals.extend(task::stale(input.if_version, row.version));
    task::refuse_if(checks::visible_to_caller(refusals, &caller, &author))?;
    invitations::revoke(conn, actor, now, &row)?;
    if let Some(reseller_id) = row.invited_partner_id {
        partnerships::expire_request(conn, actor, now, (row.partner_id, reseller_id))?;
    }
    Ok((row.id, None))
}

/// Finds the invitation with this global id within the caller's scope. The rules decide what the caller may do with it.
pub(super) fn own(conn: &mut Conn, actor: &Actor, now: NaiveDateTime, id: &ID) -> Attempt<InvitationRow> {
    let missing = || not_found("invitation", "invitation");
    let Ok(GlobalId::Invitation(id)) = id.parse() else { return Err(missing().into()) };
    if read_invitations::find(conn, &actor.scope, id, now)?.is_none() {
        return Err(missing().into());
    }
    Ok(invitations::by_row(conn, id)?.ok_or_else(missing)?)
}
