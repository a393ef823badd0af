use async_graphql::{Context, InputObject, Object};
use chrono::NaiveDateTime;
use partnergraph_domain::checks::{self, PartnershipRequestFacts};
use partnergraph_domain::{InvitationKey, InvitationKind, PartnerFacts, PartnerKey, PartnerType, RuleId, drafts};
use partnergraph_store::write::invitations::{self, NewInvitation};
use partnergraph_store::write::{facts, partnerships};
use partnergraph_store::{Actor, Conn, StoreResult};

use crate::invitations::{Drafted, InvitationPayload, Letter};
use crate::task::{self, Attempt, Creation, not_found};
use partnergraph_operation::Operation;
use partnergraph_operation::lookups::PartnerLookup;
use partnergraph_operation::name::Name;
use partnergraph_operation::nullable::Nullable;
use partnergraph_operation::policy::Policy;
use partnergraph_types::InvitationSecret;

/// Whom to ask for a partnership.
#[derive(InputObject, Debug, Clone)]
pub struct RequestPartnershipInput {
    /// The address of the reseller (P-02).
    #[graphql(validator(custom = "Name"))]
    reseller_email: String,
    /// The reseller, where it has an account here. MPN IDs and tenant ids are public: a company that the caller does not see yet
    /// can be named by them. Null for whoever has the link.
    reseller: Option<PartnerLookup>,
    /// A text of one's own, with `{link}` where the personal link belongs (P-04). Null for the text that is built in.
    message: Option<String>,
    /// Makes it safe to retry: repeating a request with the same key and input returns the first result, without secrets, and
    /// creates nothing. From 1 to 200 characters. If null, every request is new.
    idempotency_key: Option<String>,
    /// Validate without saving.
    #[graphql(default)]
    validate_only: bool,
}

/// `requestPartnership`.
#[derive(Debug, Default)]
pub struct RequestPartnership;

#[Object]
impl RequestPartnership {
    /// Drafts a request for a partnership of the calling provider with an indirect reseller (P-01).
    ///
    /// The mail is told once; the provider sends it and marks the invitation done (P-05). A company that is not enrolled yet may
    /// be asked; its acceptance waits until it is (P-07). Where the reseller is named, both sides see the partnership as
    /// `REQUESTED` meanwhile.
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
            InvitationPayload::of(operation, task::made(outcome, mode)).await
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
        let message = "Partnerships are requested by the people of a provider.";
        return Err(task::not_for_caller(RuleId::A_01, message).into());
    };
    let creation = Creation::of("requestPartnership", input.idempotency_key.as_deref(), input);
    let role = |conn: &mut Conn| {
        let (asking, requester) = (facts::actor(actor)?, facts::partner(conn, provider_id)?);
        task::refuse_if(checks::provider_task(&asking, &requester))
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
    let (asking, requester) = (facts::actor(actor)?, facts::partner(conn, provider_id)?);
    // Whether there is such a reseller is told to those only who may ask it.
    let named = input.reseller.as_ref().filter(|_| checks::may_request_partnership(&asking, &requester));
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
    let asked = PartnershipRequestFacts {
        actor: asking,
        requester,
        reseller_email: input.reseller_email.clone(),
        reseller: reseller.as_ref().map(|(_, facts)| facts.clone()),
        partnership,
        message: input.message.clone(),
        link: letter.link.clone(),
    };
    let mut refusals = checks::request_partnership(&asked);
    refusals.extend(Letter::refusal(input.message.as_deref()));
    task::refuse_if(refusals)?;
    let inviter = Letter::inviter(conn, provider_id, &asked.requester)?;
    let (message, secret) = letter.write(drafts::partnership_request(&inviter), input.message.as_deref());
    let reseller_id = reseller.map(|(id, _)| id);
    let invitation = NewInvitation {
        kind: InvitationKind::Partnership,
        partner_id: provider_id,
        joint_provider_id: None,
        invited_partner_id: reseller_id,
        customer_id: None,
        recipient: input.reseller_email.trim().to_owned(),
        country: None,
        cloud: asked.requester.cloud,
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
