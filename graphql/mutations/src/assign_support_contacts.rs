use async_graphql::{Context, InputObject, Object, SimpleObject};

use super::assign_support_contact::{AssignSupportContactInput, assign};
use super::payload::{Changed, ChangedRows};
use super::several::{self, ErrorPolicy, Several};
use super::task::Outcome;
use partnergraph_operation::Operation;
use partnergraph_operation::nullable::Nullable;
use partnergraph_operation::payload::UserError;
use partnergraph_types::CustomerSubscription;

/// Several support contacts at once.
#[derive(InputObject, Debug, Clone)]
pub struct AssignSupportContactsInput {
    /// What happens to the other items if one is rejected.
    error_policy: ErrorPolicy,
    /// Up to 500 assignments, processed in this order. Their `validateOnly` must be false.
    items: Vec<AssignSupportContactInput>,
    /// Validate without saving. The payload is as it would be; ids of what would be created are not kept.
    #[graphql(default)]
    validate_only: bool,
}

/// Result of one assignment.
#[derive(SimpleObject)]
#[allow(missing_debug_implementations)]
pub struct AssignSupportContactsResult {
    /// Zero-based position of the item in `items`.
    index: i32,
    /// The subscription after the change. Null if it failed.
    customer_subscription: Option<CustomerSubscription>,
    /// Why it was rejected. Empty on success, and also if it failed only because another item was rejected.
    user_errors: Vec<UserError>,
}

/// Result of assigning several support contacts.
#[derive(SimpleObject)]
#[allow(missing_debug_implementations)]
pub struct AssignSupportContactsPayload {
    /// One result for each item, in the same order.
    results: Vec<AssignSupportContactsResult>,
    /// The number of items that succeeded.
    succeeded: i32,
    /// The number of items that failed. With `REJECT_EVERYTHING`, all items fail if any is rejected.
    failed: i32,
}

/// `assignSupportContacts`.
#[derive(Debug, Default)]
pub struct AssignSupportContacts;

#[Object]
impl AssignSupportContacts {
    /// Sets the designated support contacts of several subscriptions in one transaction. Each item works like
    /// `assignSupportContact`.
    async fn assign_support_contacts(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Parameters for `assignSupportContacts`.")] input: AssignSupportContactsInput,
    ) -> Nullable<AssignSupportContactsPayload> {
        let answer = async {
            let operation = Operation::of(ctx);
            let all = (input.items, input.error_policy, input.validate_only.into());
            let Several { outcomes, succeeded, failed } =
                several::write(operation, all, |item| item.validate_only, assign).await?;
            let rows = ChangedRows::of(operation, &outcomes).await?;
            let result = |(index, outcome): (i32, Outcome<Option<Changed>>)| {
                let (changed, user_errors) = several::reported(outcome);
                let customer_subscription = changed.and_then(|changed| rows.subscription(changed));
                AssignSupportContactsResult { index, customer_subscription, user_errors }
            };
            let results = (0_i32..).zip(outcomes).map(result).collect();
            Ok(AssignSupportContactsPayload { results, succeeded, failed })
        };
        Nullable::from(answer.await)
    }
}
