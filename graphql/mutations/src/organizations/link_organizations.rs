use async_graphql::{Context, InputObject, Object, SimpleObject};
use chrono::NaiveDateTime;
use partnergraph_domain::{OrganizationLinkKind, PartnerKey, checks};
use partnergraph_store::read::partners;
use partnergraph_store::write::{companies, facts};
use partnergraph_store::{Actor, Conn, StoreResult};

use crate::task::{self, Attempt, bad_input, not_found};
use partnergraph_operation::Operation;
use partnergraph_operation::lookups::PartnerLookup;
use partnergraph_operation::nullable::Nullable;
use partnergraph_operation::payload::{UserError, user_errors};

/// Which two organisations, and how they belong together.
#[derive(InputObject, Debug, Clone)]
pub struct LinkOrganizationsInput {
    /// An account of the one.
    a: PartnerLookup,
    /// An account of the other.
    b: PartnerLookup,
    /// How they belong together.
    kind: OrganizationLinkKind,
    /// Validate without saving.
    #[graphql(default)]
    validate_only: bool,
}

/// Two organisations that were linked.
#[derive(SimpleObject, Debug)]
pub struct LinkOrganizationsPayload {
    /// Why it was rejected. Empty on success.
    user_errors: Vec<UserError>,
}

/// `linkOrganizations`.
#[derive(Debug, Default)]
pub struct LinkOrganizations;

#[Object]
impl LinkOrganizations {
    /// Records that two organisations are one company, or affiliates, so that neither sells to the other as an end customer
    /// . For operators.
    ///
    /// Companies that become one keep all accounts and affiliates of both. Affiliates may become one company later.
    async fn link_organizations(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Parameters for `linkOrganizations`.")] input: LinkOrganizationsInput,
    ) -> Nullable<LinkOrganizationsPayload> {
        let answer = async {
            let operation = Operation::of(ctx);
            let mode = input.validate_only.into();
            let outcome = task::write(operation, mode, move |conn, actor, now| link(conn, actor, now, &input)).await?;
            Ok(LinkOrganizationsPayload { user_errors: user_errors(outcome.err().unwrap_or_default()) })
        };
        Nullable::from(answer.await)
    }
}

fn link(conn: &mut Conn, actor: &Actor, now: NaiveDateTime, input: &LinkOrganizationsInput) -> Attempt<()> {
    task::refuse_if(checks::record_links(&facts::actor(actor)?))?;
    let mut refusals = Vec::new();
    let mut find = |lookup: &PartnerLookup, field: &str| -> StoreResult<Option<PartnerKey>> {
        let row = match lookup.key() {
            Some(key) => partners::find(conn, &actor.scope, key)?,
            None => None,
        };
        if row.is_none() {
            refusals.push(not_found("partner", field));
        }
        Ok(row.map(|row| row.id))
    };
    let (a, b) = (find(&input.a, "a")?, find(&input.b, "b")?);
    let (Some(a), Some(b)) = (a, b) else { return Err(refusals.into()) };
    if a == b {
        return Err(bad_input("This is one account; name two.", &["b"]).into());
    }
    task::refuse_if(checks::link_organizations(facts::tie(conn, a, b)?, input.kind))?;
    companies::link(conn, actor, now, (a, b), input.kind)?;
    Ok(())
}
