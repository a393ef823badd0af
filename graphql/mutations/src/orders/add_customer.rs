use async_graphql::{Context, Object, Result};
use chrono::{Duration, NaiveDateTime};
use partnergraph_domain::checks::{self, BuyerFacts, NewCustomerFacts, OrderFacts};
use partnergraph_domain::rules::attestation::latest_day;
use partnergraph_domain::rules::new_customer::{NamesTenant, ReviewToken};
use partnergraph_domain::rules::scenario::TenantUse;
use partnergraph_domain::{Cloud, OrderReviewKey, PartnerKey, TenantId};
use partnergraph_store::columns::CustomerRecordColumns;
use partnergraph_store::write::associations::{self, AssociationOf};
use partnergraph_store::write::customer_agreements::{self, EvidenceOf};
use partnergraph_store::write::customers::NewCustomer;
use partnergraph_store::write::facts::NamedPartner;
use partnergraph_store::write::new_customers::{self, AddedCustomer};
use partnergraph_store::write::order_reviews::{self, NewReview};
use partnergraph_store::write::sale_facts::{self, OwnUse};
use partnergraph_store::write::users::Organization;
use partnergraph_store::write::{credentials, facts, tokens};
use partnergraph_store::{Actor, Conn, StoreResult};
use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::add_customer_input::{AddCustomerInput, AddCustomerMode};
use super::add_customer_payload::{AddCustomerPayload, CustomerCredentials, OrderReview, OrderReviewLine};
use super::lines::{self, NamedLine};
use super::placed::{self, Ordered, Placed};
use super::{OrderLineInput, allowed, seller};
use crate::agreements::CustomerAgreementInput;
use crate::password::TemporaryPassword;
use crate::payload;
use crate::targets::named_partner;
use crate::task::{self, Attempt, Creation, Mode};
use partnergraph_operation::Operation;
use partnergraph_operation::errors::{code, error};
use partnergraph_operation::nullable::Nullable;
use partnergraph_operation::payload::user_errors;

/// `addCustomer`.
#[derive(Debug, Default)]
pub struct AddCustomer;

#[Object]
impl AddCustomer {
    /// Adds a customer together with its first order, either directly or after a review (N-03, N-05).
    ///
    /// The customer gets a new tenant (C-30); a tenant that exists is invited with `inviteCustomer`. A submit creates everything
    /// or nothing: the tenant, the customer with its billing profile, the relationship, the association with the reseller, the order, and the first administrator. With
    /// `customerAgreement`, you attest that the customer accepted the Microsoft Customer Agreement (C-31); nothing is
    /// ordered without it (C-03).
    async fn add_customer(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Parameters for `addCustomer`.")] input: AddCustomerInput,
    ) -> Nullable<AddCustomerPayload> {
        let answer = async {
            let operation = Operation::of(ctx);
            let mode: Mode = input.validate_only.into();
            let adds = operation.actor()?.scope.partner_id().is_some() && input.tenant_id.is_none();
            let password = if mode == Mode::Write && input.mode == AddCustomerMode::Submit && adds {
                Some(fresh_password(operation).await?)
            } else {
                None
            };
            let request = Request {
                input: input.clone(),
                password_hash: password.as_ref().map(|password| password.hash.clone()),
                review_lasts: operation.policy().review_lasts(),
            };
            let outcome = task::write(operation, mode, move |conn, actor, now| add(conn, actor, now, &request)).await?;
            let (made, returned_once) = match outcome {
                Ok(done) => done,
                Err(refusals) => {
                    return Ok(AddCustomerPayload {
                        user_errors: user_errors(refusals),
                        ..AddCustomerPayload::default()
                    });
                }
            };
            let returned_once = returned_once.unwrap_or_default();
            Ok(match made {
                Made::Review { expires_at } => AddCustomerPayload {
                    review: Some(OrderReview {
                        token: returned_once.token.filter(|_| mode == Mode::Write),
                        expires_at: expires_at.into(),
                        lines: input.lines.into_iter().map(review_line).collect(),
                    }),
                    ..AddCustomerPayload::default()
                },
                Made::Customer(placed) => AddCustomerPayload {
                    customer: placed::customer(operation, placed.customer_id).await?,
                    order: placed::order(operation, placed.order_id).await?,
                    subscriptions: payload::subscriptions(operation, placed.subscriptions).await?,
                    credentials: returned_once.user_name.zip(password).map(|(user_name, password)| {
                        CustomerCredentials { user_name, temporary_password: password.secret }
                    }),
                    ..AddCustomerPayload::default()
                },
            })
        };
        Nullable::from(answer.await)
    }
}

async fn fresh_password(operation: &Operation) -> Result<TemporaryPassword> {
    TemporaryPassword::fresh().await.map_err(|failed| {
        tracing::error!(request_id = operation.request_id(), error = %failed, "a temporary password could not be generated");
        error(code::INTERNAL, "internal error; the server's log has details under this request id")
    })
}

fn review_line(line: OrderLineInput) -> OrderReviewLine {
    OrderReviewLine { offer_id: line.offer_id, offer_name: line.offer_name, quantity: line.quantity }
}

/// The request, and what was prepared for it outside the transaction.
struct Request {
    input: AddCustomerInput,
    password_hash: Option<String>,
    review_lasts: Duration,
}

/// What was created, as remembered under an idempotency key. Contains no secrets.
#[derive(Serialize, Deserialize)]
enum Made {
    Review { expires_at: NaiveDateTime },
    Customer(Placed),
}

/// What is returned only once.
#[derive(Default)]
struct ReturnedOnce {
    token: Option<SecretString>,
    /// The user name of the first administrator, if one was created.
    user_name: Option<String>,
}

fn add(conn: &mut Conn, actor: &Actor, now: NaiveDateTime, request: &Request) -> Attempt<(Made, Option<ReturnedOnce>)> {
    if request.input.tenant_id.is_some() {
        allowed(conn, actor)?;
        // This refusal alone, before anything that the input names is looked up.
        return Err(checks::names_no_tenant(NamesTenant::Yes).into());
    }
    let key = request.input.idempotency_key.as_deref();
    let creation = Creation::of("addCustomer", key, &request.input);
    let role = |conn: &mut Conn| allowed(conn, actor);
    task::once(conn, actor, now, &creation, role, |conn| {
        let ready = prepare(conn, actor, now, &request.input)?;
        Ok(match request.input.mode {
            AddCustomerMode::Review => review(conn, actor, now, request, &ready)?,
            AddCustomerMode::Submit => submit(conn, actor, now, request, &ready)?,
        })
    })
}

/// A request that passed every check.
struct Ready {
    seller_id: PartnerKey,
    cloud: Cloud,
    reseller_id: Option<PartnerKey>,
    buyer_id: Option<PartnerKey>,
    lines: Vec<NamedLine>,
    review_id: Option<OrderReviewKey>,
}

/// Finds the entities that the input names and checks the rules, in the same way for a review and a submit.
fn prepare(conn: &mut Conn, actor: &Actor, now: NaiveDateTime, input: &AddCustomerInput) -> Attempt<Ready> {
    let (seller_id, seller) = seller(conn, actor)?;
    let mut missing = Vec::new();
    let reseller = match &input.reseller {
        Some(lookup) => task::gather(named_partner(conn, &actor.scope, seller_id, lookup, "reseller"), &mut missing)?,
        None => None,
    };
    let buyer_id = task::gather(buyer(conn, actor, input), &mut missing)?.flatten();
    // An own-use purchase needs a reseller in its chain, so a line that names none is sold through the account's
    // reseller. Otherwise the reseller of a line and that of the account are independent (K-03).
    let sold = lines::sold_through(&input.lines, input.reseller.as_ref().filter(|_| buyer_id.is_some()));
    let lines = lines::name(conn, &actor.scope, (seller_id, buyer_id), &sold);
    let lines = task::gather(lines, &mut missing)?.unwrap_or_default();
    task::refuse_if(missing)?;
    let (review_id, token) = reviewed(conn, now, seller_id, input)?;
    let reseller_id = reseller.as_ref().and_then(|named| named.id);
    let own_use = buyer_id.map(|buyer_id| OwnUse { buyer_id, tenant_id: None, marked: true });
    let ready = Ready { seller_id, cloud: seller.cloud, reseller_id, buyer_id, lines, review_id };
    let order = OrderFacts {
        actor: facts::actor(actor)?,
        seller,
        customer: None,
        tenant_use: TenantUse::Customer,
        partnership_with_tenant: None,
        buyer: BuyerFacts {
            tie_to_reseller: sale_facts::tie(conn, buyer_id, reseller_id)?,
            ..sale_facts::buyer_facts(conn, seller_id, own_use)?
        },
        channel: input.channel,
        lines: lines::facts(&ready.lines),
        on: now.date(),
    };
    task::refuse_if(checks::add_customer(&NewCustomerFacts {
        order,
        country: Some(input.country.0),
        company_name: input.company_name.clone(),
        domain: input.domain.clone(),
        billing_email: input.billing_email.clone(),
        reseller: reseller.map(|NamedPartner { choice, .. }| choice),
        attestation: input.customer_agreement.as_ref().map(CustomerAgreementInput::attestation),
        latest: latest_day(now),
        review: token,
    }))?;
    Ok(ready)
}

/// The partner whose own use the tenant is for.
fn buyer(conn: &mut Conn, actor: &Actor, input: &AddCustomerInput) -> Attempt<Option<PartnerKey>> {
    let Some(lookup) = &input.internal_use_of else { return Ok(None) };
    let found = match lookup.key() {
        Some(key) => sale_facts::buyer(conn, &actor.scope, key)?,
        None => None,
    };
    Ok(Some(found.ok_or_else(|| task::not_found("partner", "internalUseOf"))?))
}

/// The review that a submit names, and its state.
fn reviewed(
    conn: &mut Conn,
    now: NaiveDateTime,
    seller_id: PartnerKey,
    input: &AddCustomerInput,
) -> StoreResult<(Option<OrderReviewKey>, Option<ReviewToken>)> {
    let (AddCustomerMode::Submit, Some(token)) = (input.mode, &input.review_token) else { return Ok((None, None)) };
    Ok(match order_reviews::find(conn, seller_id, token)? {
        Some(row) => (Some(row.id), Some(row.token(now, Some(&input.reviewed_hash())))),
        None => (None, Some(ReviewToken::Unknown)),
    })
}

fn review(
    conn: &mut Conn,
    actor: &Actor,
    now: NaiveDateTime,
    request: &Request,
    ready: &Ready,
) -> StoreResult<(Made, ReturnedOnce)> {
    let token = SecretString::from(tokens::fresh_secret().replacen(tokens::PREFIX, "rev_", 1));
    let expires_at = now + request.review_lasts;
    let review = NewReview {
        partner_id: ready.seller_id,
        token: token.expose_secret(),
        input_hash: &request.input.reviewed_hash(),
        expires_at,
    };
    order_reviews::open(conn, actor, now, &review)?;
    Ok((Made::Review { expires_at }, ReturnedOnce { token: Some(token), user_name: None }))
}

fn submit(
    conn: &mut Conn,
    actor: &Actor,
    now: NaiveDateTime,
    request: &Request,
    ready: &Ready,
) -> StoreResult<(Made, ReturnedOnce)> {
    let input = &request.input;
    let tenant_id = TenantId(Uuid::new_v4());
    let added = AddedCustomer {
        customer: NewCustomer {
            tenant_id,
            cloud: ready.cloud,
            columns: CustomerRecordColumns {
                company_name: Some(input.company_name.trim().to_owned()),
                domain: Some(input.domain()),
                country: Some(input.country.0),
                acquisition: input.acquisition,
                ..CustomerRecordColumns::default()
            },
        },
        internal_use_of: ready.buyer_id,
        billing: input.billing(),
    };
    let customer_id = new_customers::add(conn, actor, now, ready.seller_id, &added)?;
    if let Some(agreement) = &input.customer_agreement {
        let of = EvidenceOf { partner_id: ready.seller_id, customer_id };
        customer_agreements::attest(conn, actor, now, of, &agreement.acceptance())?;
    }
    if let Some(reseller_id) = ready.reseller_id {
        let key = AssociationOf { provider_id: ready.seller_id, customer_id, reseller_id };
        associations::associate(conn, actor, now, key)?;
    }
    let ordered = Ordered {
        seller_id: ready.seller_id,
        customer_id,
        channel: input.channel,
        lines: &input.lines,
        named: &ready.lines,
    };
    let placed = placed::place(conn, actor, now, &ordered)?;
    if let Some(id) = ready.review_id {
        order_reviews::use_up(conn, now, id)?;
    }
    let user_name = match &request.password_hash {
        Some(hash) => Some(first_admin(conn, actor, now, tenant_id, &input.domain(), hash)?),
        None => None,
    };
    Ok((Made::Customer(placed), ReturnedOnce { token: None, user_name }))
}

/// Creates the first administrator of the new tenant and returns its user name.
fn first_admin(
    conn: &mut Conn,
    actor: &Actor,
    now: NaiveDateTime,
    tenant_id: TenantId,
    domain: &str,
    password_hash: &str,
) -> StoreResult<String> {
    let (organization, user_name) = (Organization::Tenant(tenant_id), format!("admin@{domain}"));
    credentials::add_first_admin(conn, actor, now, organization, &user_name, password_hash)?;
    Ok(user_name)
}
