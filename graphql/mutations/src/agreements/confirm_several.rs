use async_graphql::{Context, InputObject, Object, SimpleObject};
use partnergraph_domain::CustomerKey;
use partnergraph_store::read::customers;

use super::confirm::{ConfirmCustomerAgreementInput, confirm};
use crate::several::{self, ErrorPolicy, Several};
use partnergraph_operation::Operation;
use partnergraph_operation::batch::{Batch, BatchRow};
use partnergraph_operation::nullable::Nullable;
use partnergraph_operation::payload::UserError;
use partnergraph_types::Customer;

/// Several confirmations at once.
#[derive(InputObject, Debug, Clone)]
pub struct ConfirmCustomerAgreementsInput {
    /// What happens to the other items if one is rejected.
    error_policy: ErrorPolicy,
    /// Up to 500 confirmations, processed in this order. Their `validateOnly` must be false.
    items: Vec<ConfirmCustomerAgreementInput>,
    /// Validate without saving. The payload is as it would be; ids of what would be created are not kept.
    #[graphql(default)]
    validate_only: bool,
}

/// Result of one confirmation.
#[derive(SimpleObject)]
#[allow(missing_debug_implementations)]
pub struct ConfirmCustomerAgreementsResult {
    /// Zero-based position of the item in `items`.
    index: i32,
    /// The customer after the change. Null if it was not saved.
    customer: Option<Customer>,
    /// Why it was rejected. Empty on success, and also if it was not saved only because another item was rejected.
    user_errors: Vec<UserError>,
}

/// Result of confirming several agreements.
#[derive(SimpleObject)]
#[allow(missing_debug_implementations)]
pub struct ConfirmCustomerAgreementsPayload {
    /// One result for each item, in the same order.
    results: Vec<ConfirmCustomerAgreementsResult>,
    /// The number of items that succeeded.
    succeeded: i32,
    /// The number of items that failed. With `REJECT_EVERYTHING`, all items fail if any is rejected.
    failed: i32,
}

/// `confirmCustomerAgreements`.
#[derive(Debug, Default)]
pub struct ConfirmCustomerAgreements;

#[Object]
impl ConfirmCustomerAgreements {
    /// Attests the agreements of several customers in one transaction. Each item works like `confirmCustomerAgreement`.
    async fn confirm_customer_agreements(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Parameters for `confirmCustomerAgreements`.")] input: ConfirmCustomerAgreementsInput,
    ) -> Nullable<ConfirmCustomerAgreementsPayload> {
        let answer = async {
            let operation = Operation::of(ctx);
            let all = (input.items, input.error_policy, input.validate_only.into());
            let Several { outcomes, succeeded, failed } =
                several::write(operation, all, |item| item.validate_only, confirm).await?;
            let keys: Vec<CustomerKey> =
                outcomes.iter().filter_map(|outcome| outcome.as_ref().ok().copied().flatten()).collect();
            let rows = Batch::new(operation.read(move |conn, scope| customers::by_ids(conn, scope, &keys)).await?);
            let mut results = Vec::with_capacity(outcomes.len());
            for (index, outcome) in (0_i32..).zip(outcomes) {
                let (key, user_errors) = several::reported(outcome);
                let at = key.and_then(|key| rows.rows().iter().position(|row| row.customer_id == key));
                let customer = at.and_then(|at| BatchRow::at(&rows, at)).map(Customer);
                results.push(ConfirmCustomerAgreementsResult { index, customer, user_errors });
            }
            Ok(ConfirmCustomerAgreementsPayload { results, succeeded, failed })
        };
        Nullable::from(answer.await)
    }
}
