//! What time it is.

use chrono::{DateTime, NaiveDateTime, Utc};

/// Now in UTC, in whole seconds: as exact as what people read and the tables keep, on both databases.
#[must_use]
#[allow(clippy::disallowed_methods, reason = "this is what to call instead")]
pub fn now() -> NaiveDateTime {
    let now = Utc::now();
    DateTime::from_timestamp(now.timestamp(), 0).unwrap_or(now).naive_utc()
}
