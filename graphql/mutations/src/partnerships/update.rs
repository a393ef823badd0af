use async_graphql::{Context, InputObject, MaybeUndefined, Object};
use chrono::NaiveDateTime;
use partnergraph_domain::checks::callers;
use partnergraph_domain::{AutoApproval, PartnerType, PartnershipKey, checks};
use partnergraph_store::write::partnership_settings::{self, PartnershipSettings};
use partnergraph_store::write::{facts, partnerships, request_facts, sale_facts};
use partnergraph_store::{Actor, Conn};

use super::PartnershipPayload;
use crate::orders::lines::filled;
use crate::task::{self, Attempt, not_found};
use partnergraph_operation::Operation;
use partnergraph_operation::lookups::PartnerLookup;
use partnergraph_operation::name::Name;
use partnergraph_operation::nullable::Nullable;

/// The changes to what you set about a reseller. Fields that you leave out stay unchanged.
#[derive(InputObject, Debug, Clone)]
pub struct UpdatePartnershipInput {
    /// The reseller.
    reseller: PartnerLookup,
    /// Your own name for the reseller, which it does not see. Null removes it.
    #[graphql(validator(custom = "Name"))]
    label: MaybeUndefined<String>,
    /// Which of the reseller's change requests are approved automatically, from now on in your name (B-16). Null leaves it
    /// unchanged.
    auto_approve: Option<AutoApproval>,
    /// The version you last read. Rejected if it has changed since. If null, the version is not checked.
    if_version: Option<i64>,
    /// Validate without saving. The payload is as it would be; ids of what would be created are not kept.
    #[graphql(default)]
    validate_only: bool,
}

/// `updatePartnership`.
#[derive(Debug, Default)]
pub struct UpdatePartnership;

#[Object]
impl UpdatePartnership {
    /// Changes your own name for a reseller, or which of its change requests are approved automatically. Only the provider
    /// can do this.
    ///
    /// An automatic approval is recorded under the user who set it, and that user must still have a role that can approve.
    /// Every rule of an approval applies; a request that breaks one waits for you.
    async fn update_partnership(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Parameters for `updatePartnership`.")] input: UpdatePartnershipInput,
    ) -> Nullable<PartnershipPayload> {
        let answer = async {
            let operation = Operation::of(ctx);
            let mode = input.validate_only.into();
            let outcome =
                task::write(operation, mode, move |conn, actor, now| update(conn, actor, now, &input)).await?;
            PartnershipPayload::of(operation, outcome.map(Some)).await
        };
        Nullable::from(answer.await)
    }
}

fn update(
    conn: &mut Conn,
    actor: &Actor,
    now: NaiveDateTime,
    input: &UpdatePartnershipInput,
) -> Attempt<PartnershipKey> {
    let provider_id = actor.scope.partner_id().filter(|_| request_facts::reseller_of(&actor.scope).is_none());
    let Some(provider_id) = provider_id else {
        return Err(callers::sets_for_another_provider().into());
    };
    let reseller_id = match input.reseller.key() {
        Some(key) => facts::account(conn, &actor.scope, key, PartnerType::IndirectReseller)?,
        None => None,
    };
    let reseller_id = reseller_id.ok_or_else(|| not_found("partner", "reseller"))?;
    let row = partnerships::latest(conn, provider_id, reseller_id)?;
    let named = sale_facts::named_on(conn, provider_id, Some(reseller_id))?;
    let Some((row, (_, reseller))) = row.zip(named) else { return Err(not_found("partnership", "reseller").into()) };
    let provider = facts::partner(conn, provider_id)?;
    let mut refusals = checks::update_partnership(&facts::actor(actor)?, &provider, &reseller, input.auto_approve);
    refusals.extend(task::stale(input.if_version, row.version));
    task::refuse_if(refusals)?;
    let settings = PartnershipSettings {
        label: match &input.label {
            MaybeUndefined::Undefined => None,
            MaybeUndefined::Null => Some(None),
            MaybeUndefined::Value(label) => Some(filled(Some(label))),
        },
        auto_approve: input.auto_approve,
    };
    partnership_settings::update(conn, actor, now, &row, &settings)?;
    Ok(row.id)
}
