use async_graphql::{Context, InputObject, Object, SimpleObject};
use chrono::NaiveDateTime;
use partnergraph_domain::checks::{self, InternalUseFacts, InvitationAcceptanceFacts};
use partnergraph_domain::rules::invitation::c_21_joint_grants;
use partnergraph_domain::rules::text_rules::is_email;
use partnergraph_domain::{CountryCode, CustomerKey, InvitationKind, PartnerKey, Refusal, RuleId, TenantId};
use partnergraph_store::columns::CustomerRecordColumns;
use partnergraph_store::read::customers::CustomerBy;
use partnergraph_store::read::partners::PartnerBy;
use partnergraph_store::read::{customers as read_customers, relationships};
use partnergraph_store::write::associations::{self, AssociationOf};
use partnergraph_store::write::customer_agreements::{self, Acceptance, EvidenceOf, Signatory};
use partnergraph_store::write::customer_details::DetailsChange;
use partnergraph_store::write::customers::{self, NewCustomer};
use partnergraph_store::write::grants::{self, GrantOf};
use partnergraph_store::write::invitations::{self, Answerer, InvitationRow};
use partnergraph_store::write::{awaiting, customer_details, facts, partnerships};
use partnergraph_store::{Actor, Conn, Scope, StoreResult};

use super::InternalUseInput;
use super::internal_use::ConfirmedUse;
use crate::task::{self, Attempt, bad_input, not_found};
use partnergraph_operation::Operation;
use partnergraph_operation::batch::{Batch, BatchRow};
use partnergraph_operation::name::Name;
use partnergraph_operation::nullable::Nullable;
use partnergraph_operation::payload::{UserError, user_errors};
use partnergraph_types::{Customer, CustomerPartner};

/// The person who accepts the Microsoft Customer Agreement for the customer.
#[derive(InputObject, Debug, Clone)]
pub struct AcceptCustomerAgreementInput {
    /// The person's first name.
    #[graphql(validator(custom = "Name"))]
    first_name: String,
    /// The person's last name.
    #[graphql(validator(custom = "Name"))]
    last_name: String,
    /// The person's email address.
    #[graphql(validator(custom = "Name"))]
    email: String,
}

/// The invitation to accept.
#[derive(InputObject, Debug, Clone)]
pub struct AcceptInvitationInput {
    /// The token from the invitation link.
    token: String,
    /// Accepts the Microsoft Customer Agreement in the same step (C-10). Leave it null if the customer has already
    /// accepted the agreement (C-11).
    accept_customer_agreement: Option<AcceptCustomerAgreementInput>,
    /// Confirms that your tenant serves the internal use of the partner that the invitation states. Required if the
    /// invitation states one; otherwise leave it null. From then on, the tenant is marked as that partner's.
    confirm_internal_use_of: Option<InternalUseInput>,
    /// The customer's company name. Null leaves it unchanged.
    #[graphql(validator(custom = "Name"))]
    company_name: Option<String>,
    /// Validate without saving. The payload is as it would be; ids of what would be created are not kept.
    #[graphql(default)]
    validate_only: bool,
}

/// Result of accepting an invitation.
#[derive(SimpleObject)]
#[allow(missing_debug_implementations)]
#[graphql(complex)]
pub struct AcceptInvitationPayload {
    /// The customer that accepted. Null if the acceptance was rejected.
    customer: Option<Customer>,
    /// The customer's relationships with the inviting partners: one, or both of a joint invitation (C-20). Empty if the
    /// acceptance was rejected.
    relationships: Vec<CustomerPartner>,
    /// Why it was rejected. Empty on success.
    user_errors: Vec<UserError>,
}

crate::payload::edges! { AcceptInvitationPayload {
    /// `customer` with its cursor in the list in which it stands, in the default order and without a filter. Null if it is null.
    customer_edge: customer => partnergraph_types::CustomerEdge,
} }

/// `acceptInvitation`.
#[derive(Debug, Default)]
pub struct AcceptInvitation;

#[Object]
impl AcceptInvitation {
    /// Accepts an invitation to a reseller relationship for your tenant. Requires a Global admin.
    ///
    /// If the tenant is not yet known, it becomes a customer. A joint invitation creates both relationships or neither
    /// (C-20). An invitation that restores delegated admin privileges creates no relationship (C-18). An invitation that names a
    /// tenant can be accepted only for that tenant. If the invitation names a reseller, the reseller is associated with your
    /// account at that provider (N-02).
    async fn accept_invitation(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Parameters for `acceptInvitation`.")] input: AcceptInvitationInput,
    ) -> Nullable<AcceptInvitationPayload> {
        let answer = async {
            let operation = Operation::of(ctx);
            let mode = input.validate_only.into();
            let outcome =
                task::write(operation, mode, move |conn, actor, now| accept(conn, actor, now, &input)).await?;
            let Accepted { customer_id, partners } = match outcome {
                Ok(accepted) => accepted,
                Err(refusals) => return Ok(answer(None, Vec::new(), user_errors(refusals))),
            };
            let (row, related) = operation
                .read(move |conn, scope| {
                    let row = read_customers::find(conn, scope, &CustomerBy::Row(customer_id))?;
                    Ok((row, relationships::of_customers(conn, scope, &[customer_id])?))
                })
                .await?;
            let related = Batch::new(related.into_iter().filter(|row| partners.contains(&row.partner_id)).collect());
            let related = (0..related.rows().len()).filter_map(|at| BatchRow::at(&related, at)).map(CustomerPartner);
            Ok(answer(row.map(|row| Customer(BatchRow::alone(row))), related.collect(), Vec::new()))
        };
        Nullable::from(answer.await)
    }
}

fn answer(
    customer: Option<Customer>,
    relationships: Vec<CustomerPartner>,
    user_errors: Vec<UserError>,
) -> AcceptInvitationPayload {
    AcceptInvitationPayload { customer, relationships, user_errors }
}

/// The customer that accepted, and the partners whose invitation it was.
struct Accepted {
    customer_id: CustomerKey,
    partners: Vec<PartnerKey>,
}

fn accept(conn: &mut Conn, actor: &Actor, now: NaiveDateTime, input: &AcceptInvitationInput) -> Attempt<Accepted> {
    let missing = || not_found("invitation", "token");
    let row = invitations::presented(conn, actor, &input.token)?.ok_or_else(missing)?;
    if row.kind == InvitationKind::Partnership {
        return Err(missing().into());
    }
    let Some(tenant_id) = facts::actor(actor)?.tenant_id else {
        let message = "Only a Global admin of the customer can accept the invitation.";
        return Err(task::not_for_caller(RuleId::A_06, message).into());
    };
    let known = customers::by_tenant(conn, tenant_id)?;
    let country = country_of(conn, &row, row.partner_id, known)?;
    let mut refusals = Vec::new();
    let confirmed = input.confirm_internal_use_of.as_ref();
    let internal_use = task::gather(ConfirmedUse::find(conn, &row, tenant_id, confirmed), &mut refusals)?;
    let internal_use = internal_use.unwrap_or_else(|| ConfirmedUse::unknown(&row));
    let facts = facts(conn, actor, now, &row, (tenant_id, known, country), (input, internal_use.facts))?;
    refusals.extend(checks::accept_invitation(&facts));
    refusals.extend(input.accept_customer_agreement.as_ref().into_iter().flat_map(against_signatory));
    task::refuse_if(refusals)?;
    let given_name = input.company_name.as_deref().map(str::trim).filter(|name| !name.is_empty());
    let new = NewCustomer {
        tenant_id,
        cloud: row.cloud,
        columns: CustomerRecordColumns {
            company_name: given_name.map(str::to_owned),
            country,
            ..CustomerRecordColumns::default()
        },
    };
    let customer_id = relate(conn, actor, now, &row, &new)?;
    // An unknown tenant becomes a customer here, and the history entries that follow belong to it.
    let actor = &match actor.scope {
        Scope::Nobody => Actor { scope: Scope::Customer { id: customer_id }, ..actor.clone() },
        _ => actor.clone(),
    };
    invitations::accept(conn, actor, now, &row, Answerer::Customer(customer_id))?;
    if let Some(name) = given_name {
        let change = DetailsChange { company_name: Some(Some(name.to_owned())), ..DetailsChange::default() };
        customer_details::update_own(conn, actor, now, customer_id, &change)?;
    }
    prove_agreement(conn, actor, now, (customer_id, &row), input)?;
    if let Some(reseller_id) = row.reseller_id {
        let key = AssociationOf { provider_id: row.partner_id, customer_id, reseller_id };
        associations::associate(conn, actor, now, key)?;
    }
    if let Some(buyer_id) = internal_use.buyer_id {
        let of = (customer_id, buyer_id);
        customer_details::mark_internal_use(conn, actor, now, of, &row.inviters())?;
    }
    for partner_id in holders(&row)? {
        grants::grant(conn, actor, now, GrantOf { partner_id, customer_id })?;
    }
    Ok(Accepted { customer_id, partners: row.inviters() })
}

/// Records for each inviting partner that the customer accepted the agreement: now, or before (C-11). Both look the same to the partner:
/// the person whom the customer has named, and the moment at which it accepted this invitation. So the partner does not learn
/// whether the customer had accepted through another one.
fn prove_agreement(
    conn: &mut Conn,
    actor: &Actor,
    now: NaiveDateTime,
    (customer_id, row): (CustomerKey, &InvitationRow),
    input: &AcceptInvitationInput,
) -> StoreResult<()> {
    let by = match &input.accept_customer_agreement {
        Some(person) => Some(Signatory {
            first_name: Some(person.first_name.trim().to_owned()),
            last_name: Some(person.last_name.trim().to_owned()),
            email: Some(person.email.trim().to_owned()),
            phone_number: None,
        }),
        None => customer_agreements::accepted_by(conn, customer_id)?,
    };
    let Some(by) = by else { return Ok(()) };
    let acceptance = Acceptance { by, at: now };
    for partner_id in row.inviters() {
        customer_agreements::accept(conn, actor, now, EvidenceOf { partner_id, customer_id }, &acceptance)?;
    }
    Ok(())
}

/// The facts that the check needs.
fn facts(
    conn: &mut Conn,
    actor: &Actor,
    now: NaiveDateTime,
    row: &InvitationRow,
    (tenant_id, known, country): (TenantId, Option<CustomerKey>, Option<CountryCode>),
    (input, internal_use): (&AcceptInvitationInput, InternalUseFacts),
) -> StoreResult<InvitationAcceptanceFacts> {
    let mut partners = Vec::new();
    for partner_id in row.inviters() {
        let partnership = facts::partnership_with_tenant(conn, partner_id, tenant_id)?;
        partners.push((facts::partner(conn, partner_id)?, partnership));
    }
    let joint_partnership = match row.joint_provider_id {
        Some(provider_id) => {
            let latest = partnerships::latest(conn, provider_id, row.partner_id)?;
            Some(latest.map(|latest| latest.state))
        }
        None => None,
    };
    let reseller = match row.reseller_id {
        Some(id) => facts::named_partner(conn, &Scope::Operator, row.partner_id, PartnerBy::Row(id))?,
        None => None,
    };
    let mca_accepted_before = match known {
        Some(id) => customer_agreements::has_accepted(conn, id)?,
        None => false,
    };
    Ok(InvitationAcceptanceFacts {
        actor: facts::actor(actor)?,
        customer: tenant_id,
        tenant_use: facts::tenant_use(conn, tenant_id)?,
        country,
        invitation: row.state_at(now),
        partners,
        reseller: reseller.map(|named| named.choice),
        internal_use,
        joint_partnership,
        mca_accepted_before,
        mca_accepted_now: input.accept_customer_agreement.is_some(),
    })
}

/// The customer's country as that partner knows it, or as the invitation states it.
fn country_of(
    conn: &mut Conn,
    row: &InvitationRow,
    partner_id: PartnerKey,
    known: Option<CustomerKey>,
) -> StoreResult<Option<CountryCode>> {
    let stated = match known {
        Some(customer_id) => facts::customer(conn, partner_id, customer_id)?.country,
        None => None,
    };
    Ok(match stated {
        Some(country) => Some(country),
        None => row.country,
    })
}

fn against_signatory(person: &AcceptCustomerAgreementInput) -> Vec<Refusal> {
    let refuse = |message, field| bad_input(message, &["acceptCustomerAgreement", field]);
    [
        person
            .first_name
            .trim()
            .is_empty()
            .then(|| refuse("Enter the name of the person who accepts the agreement.", "firstName")),
        person
            .last_name
            .trim()
            .is_empty()
            .then(|| refuse("Enter the name of the person who accepts the agreement.", "lastName")),
        (!is_email(&person.email)).then(|| refuse("Not a valid email address.", "email")),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// Creates the missing relationships, all in this transaction (C-18, C-20).
fn relate(
    conn: &mut Conn,
    actor: &Actor,
    now: NaiveDateTime,
    row: &InvitationRow,
    new: &NewCustomer,
) -> StoreResult<CustomerKey> {
    let mut customer_id = customers::add(conn, actor, now, row.partner_id, new)?;
    for partner_id in row.inviters() {
        // The provider must not learn what the reseller knows about the customer, so each gets its own country.
        let country = country_of(conn, row, partner_id, Some(customer_id))?;
        let columns = CustomerRecordColumns { country, ..new.columns.clone() };
        let new = &NewCustomer { columns, ..new.clone() };
        customer_id = customers::add(conn, actor, now, partner_id, new)?;
        let known = (new.columns.company_name.as_deref(), country);
        customers::complete_record(conn, actor, now, (partner_id, customer_id), known)?;
        // C-25: a customer that the partner knew only from other portals was waiting for this acceptance.
        awaiting::lift(conn, partner_id, customer_id)?;
    }
    Ok(customer_id)
}

/// The partners that get delegated admin privileges. Nobody gets them unless the invitation asks for them (C-08). For a
/// joint invitation, the reseller gets them; the provider gets them only if the invitation asks for the provider
/// explicitly (C-21).
fn holders(row: &InvitationRow) -> StoreResult<Vec<PartnerKey>> {
    let (inviter, provider) = match row.kind {
        InvitationKind::JointCustomer => {
            let granted = c_21_joint_grants(row.provider_delegated_admin);
            (row.delegated_admin && granted.reseller, granted.provider)
        }
        _ => (row.delegated_admin, false),
    };
    let provider = row.joint_provider_id.filter(|_| provider);
    Ok([inviter.then_some(row.partner_id), provider].into_iter().flatten().collect())
}
