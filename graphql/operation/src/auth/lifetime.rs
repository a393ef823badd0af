use std::fmt;
use std::str::FromStr;

use chrono::{Duration, NaiveDateTime};

/// The maximum length of a finite lifetime, in days.
const MAX_DAYS: i64 = 3650;

/// How long an access token is valid: a number of days (`90d`), hours (`12h`) or minutes (`30m`), or `never` for a token that
/// does not expire.
///
/// Ordered by length, so that a lifetime can be compared with the maximum allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Lifetime {
    /// Valid for this long.
    For(Duration),
    /// Valid until it is revoked.
    Never,
}

impl Lifetime {
    /// The end of a lifetime that starts at `now`. `None` if it has no end.
    #[must_use]
    pub fn end(self, now: NaiveDateTime) -> Option<NaiveDateTime> {
        match self {
            Self::For(length) => now.checked_add_signed(length),
            Self::Never => None,
        }
    }
}

impl fmt::Display for Lifetime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Never => f.write_str("never"),
            Self::For(length) if length.num_minutes() % (24 * 60) == 0 => write!(f, "{}d", length.num_days()),
            Self::For(length) if length.num_minutes() % 60 == 0 => write!(f, "{}h", length.num_hours()),
            Self::For(length) => write!(f, "{}m", length.num_minutes()),
        }
    }
}

/// The text is not a valid lifetime.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a lifetime: use a number with d, h or m, such as 90d or 12h (at most {MAX_DAYS}d), or `never`")]
pub struct InvalidLifetime(String);

impl FromStr for Lifetime {
    type Err = InvalidLifetime;

    fn from_str(text: &str) -> Result<Self, InvalidLifetime> {
        let invalid = || InvalidLifetime(text.to_owned());
        let word = text.trim();
        if word.eq_ignore_ascii_case("never") {
            return Ok(Self::Never);
        }
        let split = word.find(|c: char| !c.is_ascii_digit()).ok_or_else(invalid)?;
        let (number, unit) = word.split_at(split);
        let number: i64 = number.parse().map_err(|_| invalid())?;
        let length = match unit {
            "d" => Duration::try_days(number),
            "h" => Duration::try_hours(number),
            "m" => Duration::try_minutes(number),
            _ => None,
        }
        .ok_or_else(invalid)?;
        if length <= Duration::zero() || length > Duration::days(MAX_DAYS) {
            return Err(invalid());
        }
        Ok(Self::For(length))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lifetime_is_read_and_written_in_its_largest_unit() {
        for (text, written) in
            [("90d", "90d"), ("12h", "12h"), ("48h", "2d"), ("90m", "90m"), (" never ", "never"), ("3650d", "3650d")]
        {
            assert_eq!(text.parse::<Lifetime>().map(|lifetime| lifetime.to_string()), Ok(written.to_owned()));
        }
        for text in [
            "",
            "d",
            "90",
            "0d",
            "-1d",
            "90 d",
            "1.5d",
            "3651d",
            "99999999999999999999d",
            "9223372036854775807d",
            "forever",
        ] {
            assert!(text.parse::<Lifetime>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_token_that_never_expires_lives_longest() {
        let [day, days, never] = ["1d", "2d", "never"].map(|text| text.parse::<Lifetime>().unwrap());
        assert!(day < days && days < never);
        let now = NaiveDateTime::default();
        assert_eq!((day.end(now), never.end(now)), (Some(now + Duration::hours(24)), None));
    }
}
