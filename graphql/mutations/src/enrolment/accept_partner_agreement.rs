use async_graphql::{Context, InputObject, Object};
use chrono::NaiveDateTime;
use partnergraph_domain::{PartnerKey, RuleId, checks};
use partnergraph_store::write::{enrolment, facts};
use partnergraph_store::{Actor, Conn};

use super::PartnerPayload;
use crate::task::{self, Attempt};
use partnergraph_operation::Operation;
use partnergraph_operation::nullable::Nullable;

/// The acceptance of the Microsoft Partner Agreement.
#[derive(InputObject, Debug, Clone)]
pub struct AcceptPartnerAgreementInput {
    /// Must be true to accept the agreement.
    confirm: bool,
    /// Validate without saving. The payload is as it would be; ids of what would be created are not kept.
    #[graphql(default)]
    validate_only: bool,
}

/// `acceptPartnerAgreement`.
#[derive(Debug, Default)]
pub struct AcceptPartnerAgreement;

#[Object]
impl AcceptPartnerAgreement {
    /// Accepts the Microsoft Partner Agreement for your account. Requires a Global admin, an authorised
    /// enrolment (M-05) and an MPN profile that is in Partner Center (E-12). If the agreement was already accepted,
    /// nothing changes.
    async fn accept_partner_agreement(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Parameters for `acceptPartnerAgreement`.")] input: AcceptPartnerAgreementInput,
    ) -> Nullable<PartnerPayload> {
        let answer = async {
            let operation = Operation::of(ctx);
            let mode = input.validate_only.into();
            let outcome =
                task::write(operation, mode, move |conn, actor, now| accept(conn, actor, now, &input)).await?;
            PartnerPayload::of(operation, outcome).await
        };
        Nullable::from(answer.await)
    }
}

fn accept(
    conn: &mut Conn,
    actor: &Actor,
    now: NaiveDateTime,
    input: &AcceptPartnerAgreementInput,
) -> Attempt<PartnerKey> {
    let Some(partner_id) = actor.scope.partner_id() else {
        let message = "Only a Global admin of a partner account can accept the agreement. If you have no partner account, enrol first.";
        return Err(task::not_for_caller(RuleId::A_05, message).into());
    };
    let partner = facts::partner(conn, partner_id)?;
    task::refuse_if(checks::accept_partner_agreement(&facts::actor(actor)?, &partner, input.confirm))?;
    enrolment::accept_agreement(conn, actor, now, partner_id)?;
    Ok(partner_id)
}
