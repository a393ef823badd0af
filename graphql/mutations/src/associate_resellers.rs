use async_graphql::{Context, Enum, InputObject, Object, SimpleObject};
use chrono::NaiveDateTime;
use partnergraph_domain::Refusal;
use partnergraph_store::{Actor, Conn};

use super::associate_reseller::{AssociateResellerInput, associate};
use super::payload::{self, Changed};
use super::task::{self, Attempt, Outcome};
use partnergraph_operation::Operation;
use partnergraph_operation::errors::{code, error};
use partnergraph_operation::nullable::Nullable;
use partnergraph_operation::payload::{UserError, user_errors};
use partnergraph_types::{CustomerSubscription, Entitlement};

/// The maximum number of associations in one request.
const MOST: usize = 500;

/// What happens to the other items if one is rejected.
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorPolicy {
    /// If any item is rejected, nothing is saved.
    RejectEverything,
    /// Rejected items are skipped; the others are saved.
    RejectFailedRows,
}

/// Several associations at once.
#[derive(InputObject, Debug, Clone)]
pub struct AssociateResellersInput {
    /// What happens to the other items if one is rejected.
    error_policy: ErrorPolicy,
    /// Up to 500 associations, processed in this order.
    items: Vec<AssociateResellerInput>,
    /// Validate without saving.
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

impl AssociateResellersResult {
    fn refused(index: i32, user_errors: Vec<UserError>) -> Self {
        Self { index, customer_subscription: None, entitlement: None, user_errors }
    }
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
            if input.items.len() > MOST {
                return Err(error(code::BAD_INPUT, format!("at most {MOST} items are allowed in one request")));
            }
            let operation = Operation::of(ctx);
            let mode = input.validate_only.into();
            let items = input.items.len();
            let outcome = task::write(operation, mode, move |conn, actor, now| all(conn, actor, now, &input)).await?;
            let outcomes = match outcome {
                Ok(outcomes) => outcomes,
                // All items were rolled back; each reports its own refusals.
                Err(refusals) => return Ok(nothing_done(items, refusals)),
            };
            let mut results = Vec::with_capacity(outcomes.len());
            for (index, outcome) in (0_i32..).zip(outcomes) {
                results.push(match outcome {
                    Ok(changed) => AssociateResellersResult {
                        index,
                        customer_subscription: payload::subscription(operation, changed).await?,
                        entitlement: payload::entitlement(operation, changed).await?,
                        user_errors: Vec::new(),
                    },
                    Err(refusals) => AssociateResellersResult::refused(index, user_errors(refusals)),
                });
            }
            Ok(counted(results))
        };
        Nullable::from(answer.await)
    }
}

fn all(
    conn: &mut Conn,
    actor: &Actor,
    now: NaiveDateTime,
    input: &AssociateResellersInput,
) -> Attempt<Vec<Outcome<Changed>>> {
    let mut outcomes = Vec::with_capacity(input.items.len());
    for (index, item) in input.items.iter().enumerate() {
        let place = ["items".to_owned(), index.to_string()];
        // A refused item writes nothing and affects only itself. A database error stops all items.
        let outcome = task::settled(associate(conn, actor, now, item))?;
        outcomes.push(
            outcome.map_err(|refusals| {
                refusals.into_iter().map(|refusal| refusal.under(place.clone())).collect::<Vec<_>>()
            }),
        );
    }
    let refused: Vec<Refusal> =
        outcomes.iter().filter_map(|outcome| outcome.as_ref().err()).flatten().cloned().collect();
    if input.error_policy == ErrorPolicy::RejectEverything {
        task::refuse_if(refused)?;
    }
    Ok(outcomes)
}

/// Every item with its own refusals; none was saved.
fn nothing_done(items: usize, refusals: Vec<Refusal>) -> AssociateResellersPayload {
    let mut results: Vec<AssociateResellersResult> =
        (0_i32..).take(items).map(|index| AssociateResellersResult::refused(index, Vec::new())).collect();
    for refusal in refusals {
        let place = refusal.field.get(1).and_then(|index| index.parse::<usize>().ok());
        if let Some(result) = place.and_then(|index| results.get_mut(index)) {
            result.user_errors.extend(user_errors([refusal]));
        }
    }
    let failed = i32::try_from(items).unwrap_or(i32::MAX);
    AssociateResellersPayload { results, succeeded: 0, failed }
}

fn counted(results: Vec<AssociateResellersResult>) -> AssociateResellersPayload {
    let failed = results.iter().filter(|result| !result.user_errors.is_empty()).count();
    let count = |number: usize| i32::try_from(number).unwrap_or(i32::MAX);
    AssociateResellersPayload { succeeded: count(results.len() - failed), failed: count(failed), results }
}
