use async_graphql::{Context, InputObject, Object};
use chrono::NaiveDateTime;
use partnergraph_domain::CustomerKey;
use partnergraph_domain::checks::callers;
use partnergraph_domain::checks::{self, AttestationFacts};
use partnergraph_domain::rules::attestation::latest_day;
use partnergraph_store::read::customers as read_customers;
use partnergraph_store::write::customer_agreements::{self, EvidenceOf};
use partnergraph_store::write::facts;
use partnergraph_store::{Actor, Conn};

use super::{AgreementContactInput, CustomerAgreementInput};
use crate::relationships::CustomerPayload;
use crate::task::{self, Attempt, not_found};
use partnergraph_operation::Operation;
use partnergraph_operation::lookups::CustomerLookup;
use partnergraph_operation::nullable::Nullable;
use partnergraph_operation::scalars::Date;

/// The customer whose agreement you confirm.
#[derive(InputObject, Debug, Clone)]
pub struct ConfirmCustomerAgreementInput {
    /// The customer.
    customer: CustomerLookup,
    /// Who accepted the agreement for the customer.
    accepted_by: AgreementContactInput,
    /// The day on which it was accepted. It cannot be later than today at UTC+14.
    date_agreed: Date,
    /// Validate without saving. The payload is as it would be; ids of what would be created are not kept.
    #[graphql(default)]
    pub(super) validate_only: bool,
}

/// `confirmCustomerAgreement`.
#[derive(Debug, Default)]
pub struct ConfirmCustomerAgreement;

#[Object]
impl ConfirmCustomerAgreement {
    /// Attests that a customer accepted the Microsoft Customer Agreement, so that you can order for it (C-31). Requires a
    /// Global admin, Admin agent or Sales agent of a provider or direct-bill partner. A different
    /// confirmation is kept in addition to earlier ones.
    async fn confirm_customer_agreement(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Parameters for `confirmCustomerAgreement`.")] input: ConfirmCustomerAgreementInput,
    ) -> Nullable<CustomerPayload> {
        let answer = async {
            let operation = Operation::of(ctx);
            let mode = input.validate_only.into();
            let outcome =
                task::write(operation, mode, move |conn, actor, now| confirm(conn, actor, now, &input)).await?;
            CustomerPayload::of(operation, outcome).await
        };
        Nullable::from(answer.await)
    }
}

/// Attests the agreement of one customer, and returns the customer's key.
pub(super) fn confirm(
    conn: &mut Conn,
    actor: &Actor,
    now: NaiveDateTime,
    input: &ConfirmCustomerAgreementInput,
) -> Attempt<CustomerKey> {
    let Some(partner_id) = actor.scope.partner_id() else {
        return Err(callers::confirms_for_others().into());
    };
    let row = match input.customer.key() {
        Some(key) => read_customers::find(conn, &actor.scope, &key)?,
        None => None,
    };
    let customer_id = row.ok_or_else(|| not_found("customer", "customer"))?.customer_id;
    let of = EvidenceOf { partner_id, customer_id };
    let agreement = CustomerAgreementInput::new(input.accepted_by.clone(), input.date_agreed);
    let acceptance = agreement.acceptance();
    task::refuse_if(checks::confirm_customer_agreement(&AttestationFacts {
        actor: facts::actor(actor)?,
        partner: facts::partner(conn, partner_id)?,
        customer: facts::customer(conn, partner_id, customer_id)?,
        attestation: agreement.attestation(),
        latest: latest_day(now),
        is_repeated: customer_agreements::is_attested(conn, of, &acceptance)?,
    }))?;
    customer_agreements::attest(conn, actor, now, of, &acceptance)?;
    Ok(customer_id)
}
