use async_graphql::{Context, InputObject, Object};
use chrono::NaiveDateTime;
use partnergraph_domain::checks::callers;
use partnergraph_domain::checks::{self, PartnershipRequestFacts};
use partnergraph_domain::{InvitationKey, InvitationKind, PartnerFacts, PartnerKey, PartnerType, drafts};
use partnergraph_store::write::invitations::{self, NewInvitation};
use partnergraph_store::write::{facts, partnerships};
use partnergraph_store::{Actor, Conn, StoreResult};

use crate::invitations::{Drafted, InvitationPayload, Letter};
use crate::task::{self, Attempt, Creation, Mode, not_found};
use partnergraph_operation::Operation;
use partnergraph_operation::lookups::PartnerLookup;
use partnergraph_operation::name::Name;
use partnergraph_operation::nullable::Nullable;
use partnergraph_operation::policy::Policy;
use partnergraph_types::InvitationSecret;

/// The reseller to request a partnership with.
#[derive(InputObject, Debug, Clone)]
pub struct RequestPartnershipInput {
    /// The reseller's email address (P-02).
    #[graphql(validator(custom = "Name"))]
    reseller_email: String,
    /// The reseller, if it has an account here. MPN IDs and tenant ids are public, so you can name a company that you
    /// cannot see yet. Null if anyone with the link may accept.
    reseller: Option<PartnerLookup>,
    /// A custom text of at most 10,000 characters that contains `{link}` where the personalised link belongs (P-04).
    /// Defaults to the built-in text.
    message: Option<String>,
    /// Makes it safe to retry: repeating a request with the same key and input returns the first result, without secrets, and
    /// creates nothing. From 1 to 200 characters. If null, every request is new.
    idempotency_key: Option<String>,
    /// Validate without saving. The payload is as it would be; ids of what would be created are not kept.
    #[graphql(default)]
    validate_only: bool,
}

/// `requestPartnership`.
#[derive(Debug, Default)]
pub struct RequestPartnership;

#[Object]
impl RequestPartnership {
    /// Drafts a request for a partnership between your provider account and an indirect reseller (P-01).
    ///
    /// The draft is returned only once: send it yourself, then call `markInvitationDone` (P-05). You can send a request
    /// to a company that is not enrolled yet; it can accept once it is enrolled (P-07). If you name the reseller, both
    /// sides see the partnership as `REQUESTED` while the request is open.
    async fn request_partnership(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Parameters for `requestPartnership`.")] input: RequestPartnershipInput,
    ) -> Nullable<InvitationPayload> {
        let answer = async {
            let operation = Operation::of(ctx);
            let mode = input.validate_only.into();
            let policy = operation.policy().clone();
            let work = move |conn: &mut Conn, actor: &Actor, now| request(conn, actor, now, &policy, &input);
            let outcome = task::write(operation, mode, work).await?;
            // The invitation shows who the reseller is. Whoever asks for that must leave a request.
            if mode == Mode::ValidateOnly && outcome.is_ok() {
                return Ok(InvitationPayload::of_nothing());
            }
            InvitationPayload::of(operation, outcome).await
        };
        Nullable::from(answer.await)
    }
}

fn request(
    conn: &mut Conn,
    actor: &Actor,
    now: NaiveDateTime,
    policy: &Policy,
    input: &RequestPartnershipInput,
) -> Attempt<Drafted> {
    let Some(provider_id) = actor.scope.partner_id() else {
        return Err(callers::requests_partnership_for_others().into());
    };
    let creation = Creation::of("requestPartnership", input.idempotency_key.as_deref(), input);
    let role = |conn: &mut Conn| {
        let (caller, requester) = (facts::actor(actor)?, facts::partner(conn, provider_id)?);
        task::refuse_if(checks::provider_task(&caller, &requester))
    };
    task::once(conn, actor, now, &creation, role, |conn| draft(conn, actor, now, (provider_id, policy), input))
}

fn draft(
    conn: &mut Conn,
    actor: &Actor,
    now: NaiveDateTime,
    (provider_id, policy): (PartnerKey, &Policy),
    input: &RequestPartnershipInput,
) -> Attempt<(InvitationKey, InvitationSecret)> {
    let (caller, requester) = (facts::actor(actor)?, facts::partner(conn, provider_id)?);
    // Only callers that may request a partnership learn whether the reseller exists.
    let named = input.reseller.as_ref().filter(|_| checks::may_request_partnership(&caller, &requester).is_empty());
    let reseller = match named {
        Some(lookup) => match named_reseller(conn, actor, lookup)? {
            Some(found) => Some(found),
            None => return Err(not_found("reseller", "reseller").into()),
        },
        None => None,
    };
    let partnership = match &reseller {
        Some((id, _)) => partnerships::latest(conn, provider_id, *id)?.map(|row| row.state),
        None => None,
    };
    let letter = Letter::new(policy);
    let facts = PartnershipRequestFacts {
        actor: caller,
        requester,
        reseller_email: input.reseller_email.clone(),
        reseller: reseller.as_ref().map(|(_, facts)| facts.clone()),
        partnership,
        message: input.message.clone(),
        link: letter.link.clone(),
    };
    let mut refusals = checks::request_partnership(&facts);
    refusals.extend(Letter::refusal(input.message.as_deref()));
    task::refuse_if(refusals)?;
    let inviter = Letter::inviter(conn, provider_id, &facts.requester)?;
    let (message, secret) = letter.write(drafts::partnership_request(&inviter), input.message.as_deref());
    let reseller_id = reseller.map(|(id, _)| id);
    let invitation = NewInvitation {
        kind: InvitationKind::Partnership,
        partner_id: provider_id,
        joint_provider_id: None,
        invited_partner_id: reseller_id,
        customer_id: None,
        invited_tenant_id: None,
        reseller_id: None,
        internal_use_of: None,
        recipient: input.reseller_email.trim().to_owned(),
        country: None,
        cloud: facts.requester.cloud,
        delegated_admin: false,
        provider_delegated_admin: false,
        message,
        expires_at: now + policy.invitation_lasts(),
    };
    let id = invitations::draft(conn, actor, now, &invitation, &letter.token)?;
    if let Some(reseller_id) = reseller_id {
        partnerships::request(conn, actor, now, (provider_id, reseller_id))?;
    }
    Ok((id, secret))
}

fn named_reseller(
    conn: &mut Conn,
    actor: &Actor,
    lookup: &PartnerLookup,
) -> StoreResult<Option<(PartnerKey, PartnerFacts)>> {
    let Some(key) = lookup.key() else { return Ok(None) };
    let found = facts::public_account(conn, &actor.scope, key, PartnerType::IndirectReseller)?;
    found.map(|id| Ok((id, facts::partner(conn, id)?))).transpose()
}
