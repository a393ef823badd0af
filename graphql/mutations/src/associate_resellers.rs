use async_graphql::{Context, InputObject, Object, SimpleObject};

use super::associate_reseller::{AssociateResellerInput, associate};
use super::payload::{Changed, ChangedRows};
use super::several::{self, ErrorPolicy, Several};
use super::task::Outcome;
use partnergraph_operation::Operation;
use partnergraph_operation::nullable::Nullable;
use partnergraph_operation::payload::UserError;
use partnergraph_types::{CustomerSubscription, Entitlement};

/// Several associations at once.
#[derive(InputObject, Debug, Clone)]
pub struct AssociateResellersInput {
    /// What happens to the other items if one is rejected.
    error_policy: ErrorPolicy,
    /// Up to 500 associations, processed in this order. Their `validateOnly` must be false.
    items: Vec<AssociateResellerInput>,
    /// Validate without saving. The payload is as it would be; ids of what would be created are not kept.
    #[graphql(default)]
    validate_only: bool,
}

/// Result of one association.
#[derive(SimpleObject)]
#[allow(missing_debug_implementations)]
pub struct AssociateResellersResult {
    /// Zero-based position of the item in `items`.
    index: i32,
    /// The subscription after the change, or the subscription of the entitlement. Null if the item named a customer, or if it
    /// failed.
    customer_subscription: Option<CustomerSubscription>,
    /// The entitlement after the change. Null if the item did not name one, or if it failed.
    entitlement: Option<Entitlement>,
    /// Why it was rejected. Empty on success, and also if it failed only because another item was rejected.
    user_errors: Vec<UserError>,
}

/// Result of associating several resellers.
#[derive(SimpleObject)]
#[allow(missing_debug_implementations)]
pub struct AssociateResellersPayload {
    /// One result for each item, in the same order.
    results: Vec<AssociateResellersResult>,
    /// The number of items that succeeded.
    succeeded: i32,
    /// The number of items that failed. With `REJECT_EVERYTHING`, all items fail if any is rejected.
    failed: i32,
}

/// `associateResellers`.
#[derive(Debug, Default)]
pub struct AssociateResellers;

#[Object]
impl AssociateResellers {
    /// Associates resellers with several subscriptions, entitlements and customers in one transaction. Each item works
    /// like `associateReseller`.
    async fn associate_resellers(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Parameters for `associateResellers`.")] input: AssociateResellersInput,
    ) -> Nullable<AssociateResellersPayload> {
        let answer = async {
            let operation = Operation::of(ctx);
            let all = (input.items, input.error_policy, input.validate_only.into());
            let Several { outcomes, succeeded, failed } =
                several::write(operation, all, |item| item.validate_only, associate).await?;
            let rows = ChangedRows::of(operation, &outcomes).await?;
            let result = |(index, outcome): (i32, Outcome<Option<Changed>>)| {
                let (changed, user_errors) = several::reported(outcome);
                AssociateResellersResult {
                    index,
                    customer_subscription: changed.and_then(|changed| rows.subscription(changed)),
                    entitlement: changed.and_then(|changed| rows.entitlement(changed)),
                    user_errors,
                }
            };
            let results = (0_i32..).zip(outcomes).map(result).collect();
            Ok(AssociateResellersPayload { results, succeeded, failed })
        };
        Nullable::from(answer.await)
    }
}
