use async_graphql::{Context, InputObject, Object};
use chrono::NaiveDateTime;
use partnergraph_domain::checks::callers;
use partnergraph_domain::checks::{self, BuyerFacts, InvitationFacts};
use partnergraph_domain::drafts::{self, InvitationRequest, Inviter};
use partnergraph_domain::rules::invitation::{c_13_acceptance_portal, c_18_kind};
use partnergraph_domain::rules::scenario::TenantUse;
use partnergraph_domain::{
    CountryCode, CustomerKey, InvitationKey, InvitationKind, MpnId, PartnerFacts, PartnerKey, PartnerType,
    PartnershipState, RelationshipToPartner, TenantId,
};
use partnergraph_store::read::customers::{self, CustomerBy};
use partnergraph_store::read::partners::{self, PartnerBy};
use partnergraph_store::write::facts::NamedPartner;
use partnergraph_store::write::invitations::{self, NewInvitation};
use partnergraph_store::write::{facts, partnerships, sale_facts};
use partnergraph_store::{Actor, Conn, Scope, StoreResult};

use super::{Drafted, InternalUseInput, InvitationPayload, Letter};
use crate::targets::named_partner;
use crate::task::{self, Attempt, Creation, bad_input, not_found};
use partnergraph_operation::Operation;
use partnergraph_operation::lookups::{CustomerLookup, PartnerLookup};
use partnergraph_operation::name::Name;
use partnergraph_operation::nullable::Nullable;
use partnergraph_operation::policy::Policy;
use partnergraph_operation::scalars;
use partnergraph_types::InvitationSecret;

/// The customer to invite and what the invitation asks for.
#[derive(InputObject, Debug, Clone)]
pub struct InviteCustomerInput {
    /// The customer's email address (C-23).
    #[graphql(validator(custom = "Name"))]
    customer_email: String,
    /// The customer's country, which must be in your region (C-07). Optional if the country is already known.
    country: Option<scalars::CountryCode>,
    /// An existing customer, to restore delegated admin privileges (C-18). Null to invite a new customer. Unless
    /// `tenantId` is set, anyone with the link can accept for their own tenant.
    customer: Option<CustomerLookup>,
    /// The tenant to invite, whether or not it is known: only its own Global admin can accept (C-30). You learn nothing about a
    /// tenant that you cannot see. Null to invite by the link alone, or if `customer` names the customer.
    tenant_id: Option<scalars::Guid>,
    /// One of your resellers, to associate with the customer's account when it accepts (N-02). Only a provider can name one.
    /// Null for none.
    reseller: Option<PartnerLookup>,
    /// The partner whose internal use the tenant serves. It is not looked up before the customer accepts and confirms it
    /// with `confirmInternalUseOf`. Null for a third-party customer.
    internal_use_of: Option<InternalUseInput>,
    /// Whether to ask for delegated admin privileges. Must be set explicitly; null is rejected (C-08).
    delegated_admin: Option<bool>,
    /// One of the inviting reseller's providers, for a joint invitation (C-19). Null to invite for your own account
    /// only.
    joint_provider: Option<PartnerLookup>,
    /// Whether to ask for delegated admin privileges for that provider too (C-21).
    #[graphql(default)]
    provider_delegated_admin: bool,
    /// A custom text of at most 10,000 characters that contains `{link}` where the personalised link belongs (C-09).
    /// Defaults to the built-in text.
    message: Option<String>,
    /// Makes it safe to retry: repeating a request with the same key and input returns the first result, without secrets, and
    /// creates nothing. From 1 to 200 characters. If null, every request is new.
    idempotency_key: Option<String>,
    /// Validate without saving. The payload is as it would be; ids of what would be created are not kept.
    #[graphql(default)]
    pub(super) validate_only: bool,
}

/// `inviteCustomer`.
#[derive(Debug, Default)]
pub struct InviteCustomer;

#[Object]
impl InviteCustomer {
    /// Drafts an invitation to a reseller relationship with your account, or jointly with your account and one of its
    /// providers.
    ///
    /// The invitation is for the cloud of your own tenant (C-05, C-06). The draft is returned only once: send it
    /// yourself, then call `markInvitationDone` (C-29). The customer appears in no list until it accepts (C-12).
    async fn invite_customer(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Parameters for `inviteCustomer`.")] input: InviteCustomerInput,
    ) -> Nullable<InvitationPayload> {
        let answer = async {
            let operation = Operation::of(ctx);
            let mode = input.validate_only.into();
            let policy = operation.policy().clone();
            let work = move |conn: &mut Conn, actor: &Actor, now| invite(conn, actor, now, &policy, &input);
            let outcome = task::write(operation, mode, work).await?;
            InvitationPayload::of(operation, task::without_secret(outcome, mode)).await
        };
        Nullable::from(answer.await)
    }
}

pub(super) fn invite(
    conn: &mut Conn,
    actor: &Actor,
    now: NaiveDateTime,
    policy: &Policy,
    input: &InviteCustomerInput,
) -> Attempt<Drafted> {
    let Some(partner_id) = actor.scope.partner_id() else {
        return Err(callers::invites_for_others().into());
    };
    let creation = Creation::of("inviteCustomer", input.idempotency_key.as_deref(), input);
    let role = |conn: &mut Conn| {
        let (caller, inviter) = (facts::actor(actor)?, facts::partner(conn, partner_id)?);
        task::refuse_if(checks::invites_customer(&caller, &inviter))
    };
    task::once(conn, actor, now, &creation, role, |conn| draft(conn, actor, now, (partner_id, policy), input))
}

fn draft(
    conn: &mut Conn,
    actor: &Actor,
    now: NaiveDateTime,
    (partner_id, policy): (PartnerKey, &Policy),
    input: &InviteCustomerInput,
) -> Attempt<(InvitationKey, InvitationSecret)> {
    let mut missing = Vec::new();
    let customer = task::gather(named_customer(conn, actor, partner_id, input), &mut missing)?;
    let joint = task::gather(named_provider(conn, actor, partner_id, input), &mut missing)?;
    let reseller = match &input.reseller {
        Some(lookup) => task::gather(named_partner(conn, &actor.scope, partner_id, lookup, "reseller"), &mut missing)?,
        None => None,
    };
    let stated = InternalUseInput::stated(input.internal_use_of.as_ref(), "internalUseOf");
    let internal_use_of = task::gather(stated.map_err(Into::into), &mut missing)?;
    task::refuse_if(missing)?;
    let customer = customer.unwrap_or_else(|| Invited::unseen(None));
    let (joint, internal_use_of) = (joint.flatten(), internal_use_of.flatten());
    let reseller_id = reseller.as_ref().and_then(|named| named.id);
    let letter = Letter::new(policy);
    let country = customer.country.or(input.country.map(|country| country.0));
    let facts = InvitationFacts {
        actor: facts::actor(actor)?,
        inviter: facts::partner(conn, partner_id)?,
        customer_email: input.customer_email.clone(),
        country,
        relationship: customer.relationship,
        named_in: if input.tenant_id.is_some() { "tenantId" } else { "customer" },
        tenant_use: visible_use(conn, &actor.scope, customer.tenant_id)?,
        partnership_with_tenant: facts::partnership_with_tenant(conn, partner_id, customer.tenant_id)?,
        reseller: reseller.as_ref().map(|named| named.choice.clone()),
        buyer: visible_buyer(conn, &actor.scope, (partner_id, reseller_id), internal_use_of)?,
        delegated_admin: input.delegated_admin,
        joint: joint.as_ref().map(|joint| (joint.facts.clone(), joint.partnership)),
        message: input.message.clone(),
        link: letter.link.clone(),
    };
    let mut refusals = checks::invite_customer(&facts);
    refusals.extend(Letter::refusal(input.message.as_deref()));
    if input.provider_delegated_admin && joint.is_none() {
        let message = "Delegated admin privileges for a provider can be requested only in a joint invitation.";
        refusals.push(bad_input(message, &["providerDelegatedAdmin"]));
    }
    task::refuse_if(refusals)?;
    let delegated_admin = input.delegated_admin.unwrap_or(false);
    let inviter = Letter::inviter(conn, partner_id, &facts.inviter)?;
    let provider = match &joint {
        Some(joint) => Some(Letter::inviter(conn, joint.id, &joint.facts)?),
        None => None,
    };
    let kind = c_18_kind(customer.relationship, joint.is_some());
    let request = InvitationRequest {
        delegated_admin,
        provider_delegated_admin: input.provider_delegated_admin,
        reseller: associated(conn, reseller.as_ref())?,
        internal_use_of,
        portal: c_13_acceptance_portal(facts.inviter.cloud),
    };
    let text = match kind {
        InvitationKind::DelegatedAdmin => drafts::delegated_admin_request(&inviter, &request),
        _ => drafts::customer_invitation(&inviter, provider.as_ref(), &request),
    };
    let (message, secret) = letter.write(text, input.message.as_deref());
    let invitation = NewInvitation {
        kind,
        partner_id,
        joint_provider_id: joint.as_ref().map(|joint| joint.id),
        invited_partner_id: None,
        customer_id: customer.id,
        invited_tenant_id: input.tenant_id.and(customer.tenant_id),
        reseller_id,
        internal_use_of,
        recipient: input.customer_email.trim().to_owned(),
        country,
        cloud: facts.inviter.cloud,
        delegated_admin,
        provider_delegated_admin: input.provider_delegated_admin,
        message,
        expires_at: now + policy.invitation_lasts(),
    };
    Ok((invitations::draft(conn, actor, now, &invitation, &letter.token)?, secret))
}

/// What the inviter knows about the customer to invite.
struct Invited {
    /// The customer's key. `None` if the input names none that the inviter sees.
    id: Option<CustomerKey>,
    /// Its tenant. `None` if anyone with the link may accept.
    tenant_id: Option<TenantId>,
    country: Option<CountryCode>,
    relationship: RelationshipToPartner,
}

impl Invited {
    /// A customer that the inviter does not see: alike, whether it is known or not.
    fn unseen(tenant_id: Option<TenantId>) -> Self {
        Self { id: None, tenant_id, country: None, relationship: RelationshipToPartner::None }
    }
}

fn named_customer(
    conn: &mut Conn,
    actor: &Actor,
    partner_id: PartnerKey,
    input: &InviteCustomerInput,
) -> Attempt<Invited> {
    let (key, named) = match (&input.customer, input.tenant_id.map(TenantId::from)) {
        (Some(_), Some(_)) => {
            let message = "Name the customer with customer or with tenantId, not with both.";
            return Err(bad_input(message, &["tenantId"]).into());
        }
        (Some(lookup), None) => (lookup.key(), None),
        (None, named) => (named.map(CustomerBy::Tenant), named),
    };
    let row = match key {
        Some(key) => customers::find(conn, &actor.scope, &key)?,
        None => None,
    };
    match row {
        Some(row) => {
            let known = facts::customer(conn, partner_id, row.customer_id)?;
            Ok(Invited {
                id: Some(row.customer_id),
                tenant_id: Some(known.tenant_id),
                country: known.country,
                relationship: known.relationship,
            })
        }
        None if input.customer.is_some() => Err(not_found("customer", "customer").into()),
        None => Ok(Invited::unseen(named)),
    }
}

/// What the tenant is used for, as far as the inviter sees: an account that it does not see is none.
fn visible_use(conn: &mut Conn, scope: &Scope, tenant_id: Option<TenantId>) -> StoreResult<TenantUse> {
    let account = match tenant_id {
        Some(tenant_id) => partners::find(conn, scope, PartnerBy::Tenant(tenant_id))?,
        None => None,
    };
    Ok(if account.is_some() { TenantUse::PartnerCsp } else { TenantUse::Customer })
}

/// How the buyer is linked with the sellers, if the inviter sees its account.
fn visible_buyer(
    conn: &mut Conn,
    scope: &Scope,
    (inviter_id, reseller_id): (PartnerKey, Option<PartnerKey>),
    mpn_id: Option<MpnId>,
) -> StoreResult<BuyerFacts> {
    let buyer = match mpn_id {
        Some(mpn_id) => partners::find(conn, scope, PartnerBy::Mpn(mpn_id))?.map(|row| row.id),
        None => None,
    };
    Ok(BuyerFacts {
        own_use: None,
        tie_to_seller: sale_facts::tie(conn, buyer, Some(inviter_id))?,
        tie_to_reseller: sale_facts::tie(conn, buyer, reseller_id)?,
    })
}

/// The reseller to associate, as the e-mail presents it.
fn associated(conn: &mut Conn, reseller: Option<&NamedPartner>) -> StoreResult<Option<Inviter>> {
    match reseller.and_then(|named| named.id.zip(named.choice.account.as_ref())) {
        Some((id, account)) => Letter::inviter(conn, id, account).map(Some),
        None => Ok(None),
    }
}

/// The provider of a joint invitation.
struct Joint {
    id: PartnerKey,
    facts: PartnerFacts,
    partnership: Option<PartnershipState>,
}

/// Finds the provider. Providers are listed publicly (V-01), so any of them can be named. A rule checks that the two
/// are partners (C-22).
fn named_provider(
    conn: &mut Conn,
    actor: &Actor,
    partner_id: PartnerKey,
    input: &InviteCustomerInput,
) -> Attempt<Option<Joint>> {
    let Some(lookup) = &input.joint_provider else { return Ok(None) };
    let found = match lookup.key() {
        Some(key) => match facts::public_account(conn, &actor.scope, key, PartnerType::IndirectProvider)? {
            Some(id) => Some(id),
            None => partners::find(conn, &actor.scope, key)?.map(|row| row.id),
        },
        None => None,
    };
    let id = found.ok_or_else(|| not_found("partner", "jointProvider"))?;
    let partnership = partnerships::latest(conn, id, partner_id)?.map(|row| row.state);
    Ok(Some(Joint { id, facts: facts::partner(conn, id)?, partnership }))
}
