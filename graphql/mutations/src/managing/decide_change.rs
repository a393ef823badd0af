use async_graphql::{Context, Enum, ID, InputObject, Object, SimpleObject};
use chrono::NaiveDateTime;
use partnergraph_domain::{ChangeRequestKey, Refusal, checks};
use partnergraph_store::write::change_requests::{self, Decision};
use partnergraph_store::write::facts;
use partnergraph_store::{Actor, Conn};

use super::approve::{Approval, Done, approve};
use super::payload;
use crate::orders::lines::filled;
use crate::orders::placed;
use crate::task::{self, Attempt};
use partnergraph_operation::Operation;
use partnergraph_operation::nullable::Nullable;
use partnergraph_operation::payload::{UserError, user_errors};
use partnergraph_types::{ChangeRequest, CustomerSubscription, Order};

/// The provider's decision about a change request.
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChangeDecision {
    /// The request is approved, and what was asked for is done.
    Approve,
    /// The request is declined.
    Decline,
}

/// A decision about a change request.
#[derive(InputObject, Debug, Clone)]
pub struct DecideChangeInput {
    /// The global id of the change request.
    change_request: ID,
    /// The decision.
    decision: ChangeDecision,
    /// A note for the reseller, at most 10,000 characters. Null for none.
    note: Option<String>,
    /// Validate without saving. The payload is as it would be; ids of what would be created are not kept.
    #[graphql(default)]
    validate_only: bool,
}

/// Result of deciding a change request.
#[derive(SimpleObject, Default)]
#[allow(missing_debug_implementations)]
#[graphql(complex)]
pub struct DecideChangePayload {
    /// The request after the decision. Null if the decision was rejected.
    change_request: Option<ChangeRequest>,
    /// The order that the approval placed. Null if it placed none, or if the decision was rejected.
    order: Option<Order>,
    /// The subscriptions that the approval created or changed: those of the order in the order of its lines, the changed one, or the
    /// upgraded one and its successor. Empty if there are none, or if the decision was rejected.
    subscriptions: Vec<CustomerSubscription>,
    /// What an upgrade did not carry over to the new subscription, and why. Usually empty.
    warnings: Vec<String>,
    /// Why it was rejected. Empty on success.
    user_errors: Vec<UserError>,
}

crate::payload::edges! { DecideChangePayload {
    /// `changeRequest` with its cursor in the list in which it stands, in the default order and without a filter. Null if it is null.
    change_request_edge: change_request => partnergraph_types::ChangeRequestEdge,
    /// `order` with its cursor in the list in which it stands, in the default order and without a filter. Null if it is null.
    order_edge: order => partnergraph_types::OrderEdge,
} }

/// `decideChange`.
#[derive(Debug, Default)]
pub struct DecideChange;

#[Object]
impl DecideChange {
    /// Approves or declines a change request of a reseller (B-16). Only the provider that was asked can decide. A request
    /// is decided once.
    ///
    /// An approval does what was asked for, through Partner Center, in your name: the same as `submitOrder`, `updateSubscription` or
    /// `upgradeSubscription`, with every rule as of now. It also requires that the reseller may still ask: the partnership, and
    /// the association with the subscription or the customer account.
    async fn decide_change(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Parameters for `decideChange`.")] input: DecideChangeInput,
    ) -> Nullable<DecideChangePayload> {
        let answer = async {
            let operation = Operation::of(ctx);
            let mode = input.validate_only.into();
            let outcome =
                task::write(operation, mode, move |conn, actor, now| decide(conn, actor, now, &input)).await?;
            let (id, done) = match outcome {
                Ok(decided) => decided,
                Err(refusals) => {
                    let user_errors = user_errors(refusals);
                    return Ok(DecideChangePayload { user_errors, ..DecideChangePayload::default() });
                }
            };
            Ok(DecideChangePayload {
                change_request: payload::read(operation, id).await?,
                order: match done.order_id {
                    Some(order_id) => placed::order(operation, order_id).await?,
                    None => None,
                },
                subscriptions: crate::payload::subscriptions(operation, done.subscriptions).await?,
                warnings: done.warnings,
                user_errors: Vec::new(),
            })
        };
        Nullable::from(answer.await)
    }
}

fn decide(
    conn: &mut Conn,
    actor: &Actor,
    now: NaiveDateTime,
    input: &DecideChangeInput,
) -> Attempt<(ChangeRequestKey, Done)> {
    let row = payload::named(conn, actor, now, &input.change_request)?;
    let seller = facts::partner(conn, row.seller_id)?;
    let mut refusals = checks::provider_task(&facts::actor(actor)?, &seller);
    refusals.extend(checks::open_request(row.state));
    task::refuse_if(at_request(refusals))?;
    let note = filled(input.note.as_deref());
    let done = match input.decision {
        ChangeDecision::Approve => {
            let approved = approve(conn, actor, now, &row, Approval::ByUser(note.as_deref()));
            task::settled(approved)?.map_err(at_request)?
        }
        ChangeDecision::Decline => {
            change_requests::decide(conn, actor, now, &row, Decision::Declined, note.as_deref())?;
            Done::default()
        }
    };
    Ok((row.id, done))
}

/// The refusals, which are all about the request, each once: those of different lines can be the same.
fn at_request(refusals: Vec<Refusal>) -> Vec<Refusal> {
    let mut distinct: Vec<Refusal> = Vec::with_capacity(refusals.len());
    for refusal in refusals {
        let refusal = refusal.field(["changeRequest"]);
        if !distinct.contains(&refusal) {
            distinct.push(refusal);
        }
    }
    distinct
}
