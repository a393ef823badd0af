//! What time brings about, written down. No read waits for it: an invitation whose time is over reads as expired at once.

use chrono::{Duration, NaiveDateTime};

use super::{idempotency, invitations, partnerships};
use crate::conn::Conn;
use crate::error::StoreResult;
use crate::imports::uploads;
use crate::scope::Actor;

/// How many invitations one transaction takes, so that nobody waits long for the writer.
const MOST: i64 = 200;

/// For how long the answer to an idempotency key is kept.
const KEYS_ARE_KEPT: Duration = Duration::days(30);

/// For how long an upload that nobody imports is kept.
const UPLOADS_ARE_KEPT: Duration = Duration::days(1);

/// Whether there may be more to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rest {
    /// All is done for now.
    Nothing,
    /// There may be more: call again.
    More,
}

/// Turns invitations whose time is over into expired ones, with the partnerships that were asked for by them, and forgets old
/// idempotency keys and the uploads that nobody needs any more. Several servers may do it at once: what one has done the other does not find any more.
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
