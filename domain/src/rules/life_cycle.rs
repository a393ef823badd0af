//! The life cycle of a subscription: its status transitions, and the end of its term.
//!
//! This is not a rule of the catalogue. The statuses are those of the portals (see `Names and values` of the domain).

use chrono::{Days, Months, NaiveDate};

use crate::{Refusal, SubscriptionStatus, TermDuration};

/// The status transitions that a partner can make.
///
/// An active subscription can be suspended and resumed. Any subscription that is not deleted can be deleted, which is
/// final. An expired or disabled subscription cannot be resumed; it must be bought again. If the status is not known,
/// the partner sets it.
const TRANSITIONS: &[(SubscriptionStatus, &[SubscriptionStatus])] = {
    use SubscriptionStatus::{Active, Deleted, Disabled, Expired, None, Pending, Suspended};
    &[
        (Active, &[Suspended, Deleted]),
        (Suspended, &[Active, Deleted]),
        (Pending, &[Deleted]),
        (Expired, &[Deleted]),
        (Disabled, &[Deleted]),
        (None, &[Active, Suspended, Deleted]),
        (Deleted, &[]),
    ]
};

/// The statuses that a partner can set for a subscription with that status.
#[must_use]
pub fn next_states(held: SubscriptionStatus) -> &'static [SubscriptionStatus] {
    TRANSITIONS.iter().find(|(from, _)| *from == held).map_or(&[], |(_, to)| *to)
}

/// Checks a change of status. Keeping the status is not a change.
#[must_use]
pub fn status_change(held: SubscriptionStatus, wanted: SubscriptionStatus) -> Option<Refusal> {
    let next = next_states(held);
    (held != wanted && !next.contains(&wanted)).then(|| {
        let names: Vec<_> = next.iter().map(|status| status.as_str()).collect();
        let message = match names[..] {
            [] => format!("The status of a subscription that is {held} cannot be changed."),
            _ => format!("A subscription that is {held} can be set to {}, not to {wanted}.", names.join(" or ")),
        };
        Refusal::plain("STATUS_NOT_ALLOWED", message).field(["status"])
    })
}

/// Checks whether the licences of a subscription with that status can be changed, or the subscription upgraded: only an
/// active one.
#[must_use]
pub fn in_use(status: SubscriptionStatus) -> Option<Refusal> {
    (status != SubscriptionStatus::Active).then(|| {
        let message =
            format!("The subscription is {status}. Only an ACTIVE subscription can change its licences or offer.");
        Refusal::plain("SUBSCRIPTION_NOT_ACTIVE", message)
    })
}

/// The last day of a term that begins on that day: a year from 1 March ends on 28 (or 29) February.
///
/// `None` outside the calendar's range.
#[must_use]
pub fn last_day_of_term(first: NaiveDate, term: TermDuration) -> Option<NaiveDate> {
    let months = match term {
        TermDuration::P1M => 1,
        TermDuration::P1Y => 12,
        TermDuration::P3Y => 36,
    };
    first.checked_add_months(Months::new(months))?.checked_sub_days(Days::new(1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::IntoEnumIterator;
    use SubscriptionStatus::{Active, Deleted, Disabled, Expired, Suspended};

    #[test]
    fn every_state_has_its_row() {
        assert!(SubscriptionStatus::iter().all(|state| TRANSITIONS.iter().any(|(from, _)| *from == state)));
    }

    #[test]
    fn a_subscription_is_suspended_resumed_and_deleted_for_good() {
        for (held, wanted) in [(Active, Suspended), (Suspended, Active), (Active, Deleted), (Expired, Deleted)] {
            assert_eq!(status_change(held, wanted), None, "{held} {wanted}");
        }
        for status in SubscriptionStatus::iter() {
            assert_eq!(status_change(status, status), None);
        }
        for (held, wanted) in [(Deleted, Active), (Expired, Active), (Disabled, Active), (Active, Expired)] {
            assert_eq!(status_change(held, wanted).unwrap().code, "STATUS_NOT_ALLOWED", "{held} {wanted}");
        }
    }

    #[test]
    fn only_an_active_subscription_is_in_use() {
        assert_eq!(in_use(Active), None);
        assert_eq!(in_use(Suspended).unwrap().code, "SUBSCRIPTION_NOT_ACTIVE");
    }

    #[test]
    fn a_term_ends_on_the_day_before_the_next_begins() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        for (first, term, last) in [
            ("2026-03-01", TermDuration::P1Y, "2027-02-28"),
            ("2027-03-01", TermDuration::P1Y, "2028-02-29"),
            ("2026-01-31", TermDuration::P1M, "2026-02-27"),
            ("2026-03-01", TermDuration::P3Y, "2029-02-28"),
        ] {
            assert_eq!(last_day_of_term(day(first), term), Some(day(last)), "{first}");
        }
    }
}
