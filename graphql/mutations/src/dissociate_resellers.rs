use async_graphql::{Context, InputObject, Object, SimpleObject};

use super::dissociate_reseller::{DissociateResellerInput, dissociate};
use super::payload::{Changed, ChangedRows};
use super::several::{self, ErrorPolicy, Several};
use super::task::Outcome;
use partnergraph_operation::Operation;
use partnergraph_operation::nullable::Nullable;
use partnergraph_operation::payload::UserError;
use partnergraph_types::{CustomerSubscription, Entitlement};

/// Several dissociations at once.
#[derive(InputObject, Debug, Clone)]
pub struct DissociateResellersInput {
    /// What happens to the other items if one is rejected.
    error_policy: ErrorPolicy,
    /// Up to 500 dissociations, processed in this order. Their `validateOnly` must be false.
    items: Vec<DissociateResellerInput>,
    /// Validate without saving. The payload is as it would be; ids of what would be created are not kept.
    #[graphql(default)]
    validate_only: bool,
}

/// Result of one dissociation.
#[derive(SimpleObject)]
#[allow(missing_debug_implementations)]
pub struct DissociateResellersResult {
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

/// Result of dissociating several resellers.
#[derive(SimpleObject)]
#[allow(missing_debug_implementations)]
pub struct DissociateResellersPayload {
    /// One result for each item, in the same order.
    results: Vec<DissociateResellersResult>,
    /// The number of items that succeeded.
    succeeded: i32,
    /// The number of items that failed. With `REJECT_EVERYTHING`, all items fail if any is rejected.
    failed: i32,
}

/// `dissociateResellers`.
#[derive(Debug, Default)]
pub struct DissociateResellers;

#[Object]
impl DissociateResellers {
    /// Removes resellers from several subscriptions, entitlements and customers in one transaction. Each item works like
    /// `dissociateReseller`.
    async fn dissociate_resellers(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Parameters for `dissociateResellers`.")] input: DissociateResellersInput,
    ) -> Nullable<DissociateResellersPayload> {
        let answer = async {
            let operation = Operation::of(ctx);
            let all = (input.items, input.error_policy, input.validate_only.into());
            let Several { outcomes, succeeded, failed } =
                several::write(operation, all, |item| item.validate_only, dissociate).await?;
            let rows = ChangedRows::of(operation, &outcomes).await?;
            let result = |(index, outcome): (i32, Outcome<Option<Changed>>)| {
                let (changed, user_errors) = several::reported(outcome);
                DissociateResellersResult {
                    index,
                    customer_subscription: changed.and_then(|changed| rows.subscription(changed)),
                    entitlement: changed.and_then(|changed| rows.entitlement(changed)),
                    user_errors,
                }
            };
            let results = (0_i32..).zip(outcomes).map(result).collect();
            Ok(DissociateResellersPayload { results, succeeded, failed })
        };
        Nullable::from(answer.await)
    }
}
