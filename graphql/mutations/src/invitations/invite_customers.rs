use async_graphql::{Context, InputObject, Object, SimpleObject};
use chrono::NaiveDateTime;
use partnergraph_store::read::invitations;
use partnergraph_store::{Actor, Conn};

use super::Drafted;
use super::invite_customer::{InviteCustomerInput, invite};
use crate::several::{self, ErrorPolicy, Several};
use crate::task::{self, Attempt, Mode, Outcome};
use partnergraph_operation::Operation;
use partnergraph_operation::nullable::Nullable;
use partnergraph_operation::payload::UserError;
use partnergraph_operation::policy::Policy;
use partnergraph_types::Invitation;

/// Several invitations at once.
#[derive(InputObject, Debug, Clone)]
pub struct InviteCustomersInput {
    /// What happens to the other items if one is rejected.
    error_policy: ErrorPolicy,
    /// Up to 500 invitations, processed in this order. Their `validateOnly` must be false.
    items: Vec<InviteCustomerInput>,
    /// Validate without saving.
    #[graphql(default)]
    validate_only: bool,
}

/// Result of one invitation.
#[derive(SimpleObject)]
#[allow(missing_debug_implementations)]
pub struct InviteCustomersResult {
    /// Zero-based position of the item in `items`.
    index: i32,
    /// The invitation. Null if it failed, or if it was only validated.
    invitation: Option<Invitation>,
    /// Why it was rejected. Empty on success, and also if it failed only because another item was rejected.
    user_errors: Vec<UserError>,
}

/// Result of inviting several customers.
#[derive(SimpleObject)]
#[allow(missing_debug_implementations)]
pub struct InviteCustomersPayload {
    /// One result for each item, in the same order.
    results: Vec<InviteCustomersResult>,
    /// The number of items that succeeded.
    succeeded: i32,
    /// The number of items that failed. With `REJECT_EVERYTHING`, all items fail if any is rejected.
    failed: i32,
}

/// `inviteCustomers`.
#[derive(Debug, Default)]
pub struct InviteCustomers;

#[Object]
impl InviteCustomers {
    /// Drafts invitations of several customers in one transaction. Each item works like `inviteCustomer`.
    async fn invite_customers(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Parameters for `inviteCustomers`.")] input: InviteCustomersInput,
    ) -> Nullable<InviteCustomersPayload> {
        let answer = async {
            let items = several::count(&input.items, |item| item.validate_only)?;
            let operation = Operation::of(ctx);
            let mode = input.validate_only.into();
            let policy = operation.policy().clone();
            let work = move |conn: &mut Conn, actor: &Actor, now| all(conn, actor, now, &policy, &input);
            let outcome = task::write(operation, mode, work).await?;
            let Several { outcomes, succeeded, failed } = several::settled(items, outcome);
            let reported: Vec<_> = outcomes.into_iter().map(several::reported).collect();
            let now = operation.now();
            let results = operation
                .read(move |conn, scope| {
                    let mut results = Vec::with_capacity(items);
                    for (index, (drafted, user_errors)) in (0_i32..).zip(reported) {
                        // What was only validated has been rolled back.
                        let invitation = match drafted.filter(|_| mode == Mode::Write) {
                            Some((id, secret)) => {
                                invitations::find(conn, scope, id, now)?.map(|row| Invitation::fresh(row, secret))
                            }
                            None => None,
                        };
                        results.push(InviteCustomersResult { index, invitation, user_errors });
                    }
                    Ok(results)
                })
                .await?;
            Ok(InviteCustomersPayload { results, succeeded, failed })
        };
        Nullable::from(answer.await)
    }
}

fn all(
    conn: &mut Conn,
    actor: &Actor,
    now: NaiveDateTime,
    policy: &Policy,
    input: &InviteCustomersInput,
) -> Attempt<Vec<Outcome<Drafted>>> {
    several::each(&input.items, input.error_policy, |item| invite(conn, actor, now, policy, item))
}
