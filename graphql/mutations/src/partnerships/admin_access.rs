use async_graphql::{Context, InputObject, Object};
use chrono::NaiveDateTime;
use partnergraph_domain::checks::callers;
use partnergraph_domain::{PartnerType, PartnershipKey, checks};
use partnergraph_store::write::{facts, partnerships};
use partnergraph_store::{Actor, Conn, Scope};

use super::PartnershipPayload;
use crate::task::{self, Attempt, not_found};
use partnergraph_operation::Operation;
use partnergraph_operation::lookups::PartnerLookup;
use partnergraph_operation::nullable::Nullable;

/// The provider that loses admin access.
#[derive(InputObject, Debug, Clone)]
pub struct RemoveProviderAdminAccessInput {
    /// The provider.
    provider: PartnerLookup,
    /// The version you last read. Rejected if it has changed since. If null, the version is not checked.
    if_version: Option<i64>,
    /// Validate without saving. The payload is as it would be; ids of what would be created are not kept.
    #[graphql(default)]
    validate_only: bool,
}

/// `removeProviderAdminAccess`.
#[derive(Debug, Default)]
pub struct RemoveProviderAdminAccess;

#[Object]
impl RemoveProviderAdminAccess {
    /// Removes a provider's administrator access to your reseller account. Requires a Global admin of the reseller
    /// . The partnership stays active (P-12).
    async fn remove_provider_admin_access(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Parameters for `removeProviderAdminAccess`.")] input: RemoveProviderAdminAccessInput,
    ) -> Nullable<PartnershipPayload> {
        let answer = async {
            let operation = Operation::of(ctx);
            let mode = input.validate_only.into();
            let outcome = task::write(operation, mode, move |conn, actor, now| take(conn, actor, now, &input)).await?;
            PartnershipPayload::of(operation, outcome.map(Some)).await
        };
        Nullable::from(answer.await)
    }
}

fn take(
    conn: &mut Conn,
    actor: &Actor,
    now: NaiveDateTime,
    input: &RemoveProviderAdminAccessInput,
) -> Attempt<PartnershipKey> {
    let Scope::Partner { id: reseller_id, partner_type: PartnerType::IndirectReseller } = actor.scope else {
        return Err(callers::takes_anothers_access_away().into());
    };
    let provider_id = match input.provider.key() {
        Some(key) => facts::account(conn, &actor.scope, key, PartnerType::IndirectProvider)?,
        None => None,
    };
    let found = match provider_id {
        Some(provider_id) => partnerships::latest(conn, provider_id, reseller_id)?,
        None => None,
    };
    let row = found.ok_or_else(|| not_found("partner", "provider"))?;
    let (caller, reseller) = (facts::actor(actor)?, facts::partner(conn, reseller_id)?);
    let mut refusals = checks::remove_provider_admin_access(&caller, &reseller, row.state);
    refusals.extend(task::stale(input.if_version, row.version));
    task::refuse_if(refusals)?;
    partnerships::remove_admin_access(conn, actor, now, &row)?;
    Ok(row.id)
}
