use async_graphql::{Context, InputObject, Object};
use chrono::NaiveDateTime;
use partnergraph_domain::checks::callers;
use partnergraph_domain::{CustomerKey, checks};
use partnergraph_store::read::customers as read_customers;
use partnergraph_store::write::{customers, facts};
use partnergraph_store::{Actor, Conn};

use super::CustomerPayload;
use crate::task::{self, Attempt, not_found};
use partnergraph_operation::Operation;
use partnergraph_operation::lookups::CustomerLookup;
use partnergraph_operation::nullable::Nullable;

/// The customer whose agreement was renegotiated.
#[derive(InputObject, Debug, Clone)]
pub struct RecordRenegotiationInput {
    /// The customer.
    customer: CustomerLookup,
    /// The version you last read. Rejected if it has changed since. If null, the version is not checked.
    if_version: Option<i64>,
    /// Validate without saving. The payload is as it would be; ids of what would be created are not kept.
    #[graphql(default)]
    validate_only: bool,
}

/// `recordRenegotiation`.
#[derive(Debug, Default)]
pub struct RecordRenegotiation;

#[Object]
impl RecordRenegotiation {
    /// Records that you and a customer renegotiated your agreement, which ends your responsibility to support the
    /// customer (C-16).
    async fn record_renegotiation(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Parameters for `recordRenegotiation`.")] input: RecordRenegotiationInput,
    ) -> Nullable<CustomerPayload> {
        let answer = async {
            let operation = Operation::of(ctx);
            let mode = input.validate_only.into();
            let outcome =
                task::write(operation, mode, move |conn, actor, now| recorded(conn, actor, now, &input)).await?;
            CustomerPayload::of(operation, outcome).await
        };
        Nullable::from(answer.await)
    }
}

fn recorded(
    conn: &mut Conn,
    actor: &Actor,
    now: NaiveDateTime,
    input: &RecordRenegotiationInput,
) -> Attempt<CustomerKey> {
    let Some(partner_id) = actor.scope.partner_id() else {
        return Err(callers::renegotiates_for_others().into());
    };
    let row = match input.customer.key() {
        Some(key) => read_customers::find(conn, &actor.scope, &key)?,
        None => None,
    };
    let row = row.ok_or_else(|| not_found("customer", "customer"))?;
    let partner = facts::partner(conn, partner_id)?;
    let customer = facts::customer(conn, partner_id, row.customer_id)?;
    let mut refusals = checks::record_renegotiation(&facts::actor(actor)?, &partner, &customer);
    refusals.extend(task::stale(input.if_version, row.version));
    task::refuse_if(refusals)?;
    customers::renegotiate(conn, actor, now, (partner_id, row.customer_id))?;
    Ok(row.customer_id)
}
