//! Writes changes that are due. Reads do not wait for it: an invitation that is past its expiry date reads as expired at once.

use chrono::{Duration, NaiveDateTime};

use super::{idempotency, invitations, partnerships};
use crate::conn::Conn;
use crate::error::StoreResult;
use crate::imports::uploads;
use crate::scope::Actor;

/// How many invitations one transaction processes, so that no writer has to wait long.
const MOST: i64 = 200;

/// How long the response for an idempotency key is kept.
const KEYS_ARE_KEPT: Duration = Duration::days(30);

/// How long an upload that is not imported is kept.
const UPLOADS_ARE_KEPT: Duration = Duration::days(1);

/// Whether there may be more to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rest {
    /// Everything is done for now.
    Nothing,
    /// There may be more: call again.
    More,
}

/// Expires invitations that are past their expiry date, with the partnerships requested by them, and deletes old idempotency keys
/// and uploads that are no longer needed. Several servers can do this at the same time: what one has processed, the other no
/// longer finds.
///
/// # Errors
/// Any database error.
pub fn expire_due(conn: &mut Conn, now: NaiveDateTime) -> StoreResult<Rest> {
    let actor = Actor::housekeeping();
    let expired = invitations::expire(conn, &actor, now, MOST)?;
    for row in &expired {
        if let Some(reseller_id) = row.invited_partner_id {
            partnerships::expire_request(conn, &actor, now, (row.partner_id, reseller_id))?;
        }
    }
    idempotency::forget(conn, now - KEYS_ARE_KEPT)?;
    let more_uploads = uploads::sweep(conn, now, now - UPLOADS_ARE_KEPT)?;
    let more_invitations = i64::try_from(expired.len()).unwrap_or(MOST) >= MOST;
    Ok(if more_uploads || more_invitations { Rest::More } else { Rest::Nothing })
}
