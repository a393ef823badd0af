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

/// The two organisations to link, and how they are related.
#[derive(InputObject, Debug, Clone)]
pub struct LinkOrganizationsInput {
    /// An account of the first organisation.
    a: PartnerLookup,
    /// An account of the second organisation.
    b: PartnerLookup,
    /// How the organisations are related.
    kind: OrganizationLinkKind,
    /// Validate without saving. The payload is as it would be; ids of what would be created are not kept.
    #[graphql(default)]
    validate_only: bool,
}

/// Result of linking two organisations.
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
    /// Records that two organisations are the same company or affiliates, so that neither can sell to the other as an
    /// end customer. Operators only.
    ///
    /// If they become one company, it keeps the accounts and affiliates of both. Affiliates can become one company
    /// later.
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
        return Err(bad_input("Name two different accounts.", &["b"]).into());
    }
    task::refuse_if(checks::link_organizations(facts::tie(conn, a, b)?, input.kind))?;
    companies::link(conn, actor, now, (a, b), input.kind)?;
    Ok(())
}
