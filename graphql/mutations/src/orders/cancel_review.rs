use async_graphql::{Context, InputObject, Object, SimpleObject};
use chrono::NaiveDateTime;
use partnergraph_domain::checks;
use partnergraph_domain::rules::new_customer::ReviewToken;
use partnergraph_store::write::{facts, order_reviews};
use partnergraph_store::{Actor, Conn};

use super::seller;
use crate::task::{self, Attempt};
use partnergraph_operation::Operation;
use partnergraph_operation::nullable::Nullable;
use partnergraph_operation::payload::{UserError, user_errors};
use partnergraph_operation::scalars::DateTime;

/// The review to cancel.
#[derive(InputObject, Debug, Clone)]
pub struct CancelReviewInput {
    /// The token that the review returned.
    token: String,
    /// Validate without saving. The payload is as it would be; ids of what would be created are not kept.
    #[graphql(default)]
    validate_only: bool,
}

/// Result of cancelling a review.
#[derive(SimpleObject, Debug)]
pub struct CancelReviewPayload {
    /// When the review was first cancelled. Null if the request was rejected.
    cancelled_at: Option<DateTime>,
    /// Why it was rejected. Empty on success.
    user_errors: Vec<UserError>,
}

/// `cancelReview`.
#[derive(Debug, Default)]
pub struct CancelReview;

#[Object]
impl CancelReview {
    /// Cancels the review of a new customer, so that its token can no longer be submitted (N-05).
    ///
    /// Cancelling a cancelled review changes nothing. A review that was submitted or has expired cannot be cancelled.
    async fn cancel_review(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Parameters for `cancelReview`.")] input: CancelReviewInput,
    ) -> Nullable<CancelReviewPayload> {
        let answer = async {
            let operation = Operation::of(ctx);
            let mode = input.validate_only.into();
            let outcome =
                task::write(operation, mode, move |conn, actor, now| cancel(conn, actor, now, &input)).await?;
            Ok(match outcome {
                Ok(cancelled_at) => {
                    CancelReviewPayload { cancelled_at: Some(DateTime(cancelled_at)), user_errors: Vec::new() }
                }
                Err(refusals) => CancelReviewPayload { cancelled_at: None, user_errors: user_errors(refusals) },
            })
        };
        Nullable::from(answer.await)
    }
}

fn cancel(conn: &mut Conn, actor: &Actor, now: NaiveDateTime, input: &CancelReviewInput) -> Attempt<NaiveDateTime> {
    let (seller_id, seller) = seller(conn, actor)?;
    let row = order_reviews::find(conn, seller_id, &input.token)?;
    let state = row.as_ref().map_or(ReviewToken::Unknown, |row| row.token(now, None));
    let refusals = checks::cancel_review(&facts::actor(actor)?, &seller, state);
    let Some(row) = row.filter(|_| refusals.is_empty()) else { return Err(refusals.into()) };
    if row.cancelled_at.is_none() {
        order_reviews::cancel(conn, now, row.id)?;
    }
    Ok(row.cancelled_at.unwrap_or(now))
}
