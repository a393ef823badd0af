use async_graphql::{Context, Object};
use chrono::NaiveDateTime;
use partnergraph_domain::rules::invitation::c_10_agreement_accepted;
use partnergraph_domain::{InvitationKind, PartnerKey};
use partnergraph_store::read::invitations;
use partnergraph_store::read::partners::{self, PartnerBy};
use partnergraph_store::write::invitations::{self as written, InvitationRow};
use partnergraph_store::write::{customer_agreements, customers, facts};
use partnergraph_store::{Actor, Conn, Scope, StoreResult};

use partnergraph_operation::connection::{PageArgs, Slice};
use partnergraph_operation::context::Operation;
use partnergraph_operation::fingerprint::{Fingerprint, Listing};
use partnergraph_operation::nullable::Nullable;
use partnergraph_operation::scalars::CountryCode;
use partnergraph_types::filters::{Budget, InvitationFilter, InvitationOrder};
use partnergraph_types::{InvitationConnection, InvitingPartner, ReceivedInvitation};

#[derive(Default)]
pub(super) struct InvitationsQuery;

#[Object]
impl InvitationsQuery {
    /// Invitations that your organisation drafted, and joint invitations that name you as the provider. Operators see
    /// all invitations.
    #[allow(clippy::too_many_arguments)]
    async fn invitations(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Returns only the items that match.")] filter: Option<Box<InvitationFilter>>,
        #[graphql(desc = "The sort order. Defaults to newest first.")] order_by: Option<Vec<InvitationOrder>>,
        #[graphql(desc = "Returns the first _n_ items (max 100). Defaults to 20 unless `last` is set.")] first: Option<
            i32,
        >,
        #[graphql(desc = "Returns the last _n_ items (max 100).")] last: Option<i32>,
        #[graphql(desc = "Returns only the items after this cursor.")] after: Option<String>,
        #[graphql(desc = "Returns only the items before this cursor.")] before: Option<String>,
    ) -> Nullable<InvitationConnection> {
        let answer = async {
            let operation = Operation::of(ctx);
            let filter = filter.unwrap_or_default().build(&mut Budget::default())?;
            let order = InvitationOrder::order(&order_by.unwrap_or_default());
            let fingerprint = Fingerprint::of(Listing::Invitations, &order, &filter)?;
            let list = invitations::list(&operation.scope()?, &filter, order, operation.now());
            let args = PageArgs { first, last, after, before };
            Slice::root(operation, &args, fingerprint, list).await.map(InvitationConnection)
        };
        Nullable::from(answer.await)
    }

    /// The invitation whose link you received, by the token from the link: who invites, and what an acceptance does. Null if
    /// you cannot answer it with your organisation: an unknown token, an invitation that names another organisation, and one
    /// that another organisation answered look the same.
    ///
    /// Anyone who has the token can answer the invitation. Pass it in a variable of a POST request, so that no access log
    /// contains it.
    async fn received_invitation(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The token from the invitation link.")] token: String,
    ) -> Nullable<ReceivedInvitation> {
        let answer = async {
            let operation = Operation::of(ctx);
            let (actor, now) = (operation.actor()?.clone(), operation.now());
            operation.read(move |conn, _| received(conn, &actor, &token, now)).await
        };
        Nullable::maybe(answer.await)
    }
}

/// The invitation, if it is for the caller. The names are those in its email, so they are read without the caller's scope.
fn received(
    conn: &mut Conn,
    actor: &Actor,
    token: &str,
    now: NaiveDateTime,
) -> StoreResult<Option<ReceivedInvitation>> {
    let Some(row) = written::presented(conn, actor, token)? else { return Ok(None) };
    let Some(inviter) = named(conn, Some(row.partner_id))? else { return Ok(None) };
    Ok(Some(ReceivedInvitation {
        kind: row.kind,
        state: row.state_at(now),
        expires_at: row.expires_at.into(),
        inviter,
        joint_provider: named(conn, row.joint_provider_id)?,
        delegated_admin: row.delegated_admin,
        provider_delegated_admin: row.provider_delegated_admin,
        reseller: named(conn, row.reseller_id)?,
        agreement_required: agreement_required(conn, actor, &row)?,
        internal_use_of_mpn_id: row.internal_use_of_mpn_id,
    }))
}

fn named(conn: &mut Conn, id: Option<PartnerKey>) -> StoreResult<Option<InvitingPartner>> {
    let Some(id) = id else { return Ok(None) };
    let row = partners::find(conn, &Scope::Operator, PartnerBy::Row(id))?;
    Ok(row.map(|row| InvitingPartner {
        mpn_id: row.mpn_id.clone(),
        country: row.country.map(CountryCode),
        partner_type: row.partner_type,
        name: row.profile.name.clone(),
    }))
}

/// Whether the caller's tenant has yet to accept the customer agreement.
fn agreement_required(conn: &mut Conn, actor: &Actor, row: &InvitationRow) -> StoreResult<bool> {
    if row.kind == InvitationKind::Partnership {
        return Ok(false);
    }
    let known = match facts::actor(actor)?.tenant_id {
        Some(tenant_id) => customers::by_tenant(conn, tenant_id)?,
        None => None,
    };
    let accepted = match known {
        Some(id) => customer_agreements::has_accepted(conn, id)?,
        None => false,
    };
    Ok(c_10_agreement_accepted(accepted, false).passed() != Some(true))
}
