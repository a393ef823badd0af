//! Orders that were reviewed before they are submitted (N-03, N-05). Only a hash of the token is stored.
//!
//! A review is not part of the graph and records no event; the customer exists only once it is submitted.

use chrono::NaiveDateTime;
use diesel::prelude::*;
use partnergraph_domain::rules::new_customer::ReviewToken;
use partnergraph_domain::{OrderReviewKey, PartnerKey};

use super::tokens::hash;
use crate::conn::Conn;
use crate::error::StoreResult;
use crate::schema::order_reviews;
use crate::scope::Actor;

/// A new review.
#[derive(Debug, Clone)]
pub struct NewReview<'a> {
    /// The partner.
    pub partner_id: PartnerKey,
    /// The secret with which it is submitted or cancelled.
    pub token: &'a str,
    /// The hash of the reviewed input: equal hashes mean equal inputs.
    pub input_hash: &'a str,
    /// When it expires.
    pub expires_at: NaiveDateTime,
}

/// A stored review.
#[derive(Debug, Clone, Queryable)]
pub struct ReviewRow {
    /// Its key.
    pub id: OrderReviewKey,
    input_hash: String,
    /// When it expires.
    pub expires_at: NaiveDateTime,
    /// When it was cancelled; `None` if it was not.
    pub cancelled_at: Option<NaiveDateTime>,
    used_at: Option<NaiveDateTime>,
}

impl ReviewRow {
    /// Its state. `input_hash` is that of the submitted input; `None` if nothing is submitted.
    #[must_use]
    pub fn token(&self, now: NaiveDateTime, input_hash: Option<&str>) -> ReviewToken {
        if self.used_at.is_some() {
            ReviewToken::Used
        } else if self.cancelled_at.is_some() {
            ReviewToken::Cancelled
        } else if self.expires_at <= now {
            ReviewToken::Expired
        } else if input_hash.is_some_and(|hash| hash != self.input_hash) {
            ReviewToken::OtherInput
        } else {
            ReviewToken::Good
        }
    }
}

/// Stores a review and returns its key.
///
/// # Errors
/// Any database error.
pub fn open(conn: &mut Conn, actor: &Actor, now: NaiveDateTime, review: &NewReview<'_>) -> StoreResult<OrderReviewKey> {
    Ok(on!(conn, c => diesel::insert_into(order_reviews::table)
        .values((
            order_reviews::token_hash.eq(hash(review.token)),
            order_reviews::partner_id.eq(review.partner_id),
            order_reviews::input_hash.eq(review.input_hash),
            order_reviews::created_by.eq(&actor.user_principal_name),
            order_reviews::created_at.eq(now),
            order_reviews::expires_at.eq(review.expires_at),
        ))
        .returning(order_reviews::id)
        .get_result(c))?)
}

/// The partner's review with this token; another partner's review is not found.
///
/// # Errors
/// Any database error.
pub fn find(conn: &mut Conn, partner_id: PartnerKey, token: &str) -> StoreResult<Option<ReviewRow>> {
    Ok(on!(conn, c => order_reviews::table
        .filter(order_reviews::token_hash.eq(hash(token)).and(order_reviews::partner_id.eq(partner_id)))
        .select((
            order_reviews::id,
            order_reviews::input_hash,
            order_reviews::expires_at,
            order_reviews::cancelled_at,
            order_reviews::used_at,
        ))
        .first(c)
        .optional())?)
}

/// Marks a review as submitted.
///
/// # Errors
/// Any database error.
pub fn use_up(conn: &mut Conn, now: NaiveDateTime, id: OrderReviewKey) -> StoreResult<()> {
    on!(conn, c => diesel::update(order_reviews::table.find(id)).set(order_reviews::used_at.eq(now)).execute(c))?;
    Ok(())
}

/// Cancels a review.
///
/// # Errors
/// Any database error.
pub fn cancel(conn: &mut Conn, now: NaiveDateTime, id: OrderReviewKey) -> StoreResult<()> {
    on!(conn, c => diesel::update(order_reviews::table.find(id)).set(order_reviews::cancelled_at.eq(now)).execute(c))?;
    Ok(())
}
