//! The current time.

use chrono::{DateTime, NaiveDateTime, Utc};

/// The current time in UTC, in whole seconds. This is the precision that users see and that the tables store on both databases.
#[must_use]
#[allow(clippy::disallowed_methods, reason = "this is what to call instead")]
pub fn now() -> NaiveDateTime {
    let now = Utc::now();
    DateTime::from_timestamp(now.timestamp(), 0).unwrap_or(now).naive_utc()
}
