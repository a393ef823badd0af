use std::collections::HashMap;

use async_graphql::{Context, InputObject, Object, SimpleObject};
use partnergraph_domain::InvitationKey;
use partnergraph_store::read::invitations;
use partnergraph_store::{Actor, Conn};

use super::Drafted;
use super::invite_customer::{InviteCustomerInput, invite};
use crate::several::{self, ErrorPolicy, Several};
use crate::task::Mode;
use partnergraph_operation::Operation;
use partnergraph_operation::batch::{Batch, BatchRow};
use partnergraph_operation::nullable::Nullable;
use partnergraph_operation::payload::UserError;
use partnergraph_types::Invitation;

/// Several invitations at once.
#[derive(InputObject, Debug, Clone)]
pub struct InviteCustomersInput {
    /// What happens to the other items if one is rejected.
    error_policy: ErrorPolicy,
    /// Up to 500 invitations, processed in this order. Their `validateOnly` must be false.
    items: Vec<InviteCustomerInput>,
    /// Validate without saving. The payload is as it would be; ids of what would be created are not kept.
    #[graphql(default)]
    validate_only: bool,
}

/// Result of one invitation.
#[derive(SimpleObject)]
#[allow(missing_debug_implementations)]
pub struct InviteCustomersResult {
    /// Zero-based position of the item in `items`.
    index: i32,
    /// The invitation. Null if it failed.
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
            let operation = Operation::of(ctx);
            let mode = input.validate_only.into();
            let all = (input.items, input.error_policy, mode);
            let policy = operation.policy().clone();
            let one = move |conn: &mut Conn, actor: &Actor, now, item: &_| invite(conn, actor, now, &policy, item);
            let Several { outcomes, succeeded, failed } =
                several::write(operation, all, |item| item.validate_only, one).await?;
            let reported: Vec<_> = outcomes.into_iter().map(several::reported).collect();
            let drafted = reported.iter().filter_map(|(drafted, _)| drafted.as_ref());
            let keys: Vec<InvitationKey> = drafted.map(|(id, _)| *id).collect();
            let now = operation.now();
            let rows =
                Batch::new(operation.read(move |conn, scope| invitations::by_ids(conn, scope, &keys, now)).await?);
            let places: HashMap<InvitationKey, usize> = (0..).zip(rows.rows()).map(|(at, row)| (row.id, at)).collect();
            let drafted = |(id, secret): Drafted| {
                let row = places.get(&id).and_then(|at| BatchRow::at(&rows, *at));
                row.map(|row| Invitation::fresh(row, secret.filter(|_| mode == Mode::Write)))
            };
            let result = |(index, (made, user_errors)): (i32, (Option<Drafted>, _))| InviteCustomersResult {
                index,
                invitation: made.and_then(drafted),
                user_errors,
            };
            let results = (0_i32..).zip(reported).map(result).collect();
            Ok(InviteCustomersPayload { results, succeeded, failed })
        };
        Nullable::from(answer.await)
    }
}
