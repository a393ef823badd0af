//! Works out the periods of a subscription's partners of record from statements and edits.
//!
//! Both imports and the API have points in time: from this time on, this reseller is the partner of record. [`periods`]
//! is the only function that turns points into periods, so both write the same history.

use chrono::NaiveDateTime;

/// One statement or edit: from `at` on, this is the partner of record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Point<R, B> {
    /// The start. `None` for before anything that is known.
    pub at: Option<NaiveDateTime>,
    /// The partner of record. `None` if there is none from then on.
    pub reseller: Option<R>,
    /// What stated it.
    pub by: B,
}

/// A period with one partner of record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Period<R, B> {
    /// The partner of record.
    pub reseller: R,
    /// The first moment. `None` if the period began before anything that is known.
    pub from: Option<NaiveDateTime>,
    /// The first moment after it. `None` if the period is open.
    pub to: Option<NaiveDateTime>,
    /// What made the reseller the partner of record.
    pub by: B,
}

/// The periods that these points describe, in the order of time.
///
/// Points can be in any order. They never result in overlapping periods, and in a gap only if a point without a
/// reseller states one. Neighbouring points with the same reseller become one period, which keeps the earliest point's
/// `by`. If several points have the same moment, the last one in the list counts. Only the last period can be open
/// (`to` is `None`).
#[must_use]
pub fn periods<R: Clone + Eq, B: Clone>(mut points: Vec<Point<R, B>>) -> Vec<Period<R, B>> {
    // A stable sort, so that points with the same moment keep their order.
    points.sort_by_key(|point| point.at);
    let mut periods: Vec<Period<R, B>> = Vec::new();
    let mut points = points.into_iter().peekable();
    while let Some(point) = points.next() {
        if points.peek().is_some_and(|next| next.at == point.at) {
            continue;
        }
        if let Some(open) = periods.last_mut().filter(|period| period.to.is_none()) {
            if Some(&open.reseller) == point.reseller.as_ref() {
                continue;
            }
            open.to = point.at;
        }
        if let Some(reseller) = point.reseller {
            periods.push(Period { reseller, from: point.at, to: None, by: point.by });
        }
    }
    periods
}

/// The points from which these periods follow: one at the start of each, and one without a reseller at its end.
///
/// More points can be added to the list. Points that [`periods`] merged into one period are not restored.
#[must_use]
pub fn points<R: Clone, B: Clone>(periods: &[Period<R, B>]) -> Vec<Point<R, B>> {
    let mut points = Vec::with_capacity(periods.len() * 2);
    for period in periods {
        points.push(Point { at: period.from, reseller: Some(period.reseller.clone()), by: period.by.clone() });
        if period.to.is_some() {
            points.push(Point { at: period.to, reseller: None, by: period.by.clone() });
        }
    }
    points
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, TimeDelta};
    use proptest::prelude::*;
    use rstest::rstest;

    use super::*;

    fn moment(hour: u8) -> NaiveDateTime {
        DateTime::UNIX_EPOCH.naive_utc() + TimeDelta::hours(hour.into())
    }

    /// `"-A 2B 5. 7A"`: A from the beginning, B from hour 2, no one from hour 5, A again from hour 7. `by` is the index
    /// in the list.
    fn read(text: &str) -> Vec<Point<char, usize>> {
        let points = text.split_whitespace().enumerate();
        points
            .map(|(by, point)| {
                let (at, reseller) = point.split_at(1);
                let reseller = reseller.chars().next().filter(|reseller| *reseller != '.');
                Point { at: at.parse().ok().map(moment), reseller, by }
            })
            .collect()
    }

    fn write(periods: &[Period<char, usize>]) -> String {
        let hour = |at: Option<NaiveDateTime>| {
            at.map_or("-".to_owned(), |at| (at - DateTime::UNIX_EPOCH.naive_utc()).num_hours().to_string())
        };
        let line = |period: &Period<char, usize>| {
            format!("{}{}{}#{}", hour(period.from), period.reseller, hour(period.to), period.by)
        };
        periods.iter().map(line).collect::<Vec<_>>().join(" ")
    }

    #[rstest]
    #[case("", "")]
    #[case("3A", "3A-#0")]
    #[case("-A", "-A-#0")]
    #[case("3A 5B", "3A5#0 5B-#1")]
    #[case("5B 3A", "3A5#1 5B-#0")]
    #[case("-A 5B", "-A5#0 5B-#1")]
    // Months that repeat the known reseller add nothing.
    #[case("3A 4A 5A", "3A-#0")]
    #[case("4A 3A 5B", "3A5#1 5B-#2")]
    // There is a gap only if it is stated.
    #[case("3A 4. 6B", "3A4#0 6B-#2")]
    #[case("3A 4.", "3A4#0")]
    #[case("3. 4A", "4A-#1")]
    #[case("-. 4A", "4A-#1")]
    // A reseller that returns has two periods.
    #[case("1A 2B 3A", "1A2#0 2B3#1 3A-#2")]
    #[case("1A 3A 2B", "1A2#0 2B3#2 3A-#1")]
    // Of several points with one moment the last counts, and a period without length is dropped.
    #[case("3A 3B", "3B-#1")]
    #[case("3A 3.", "")]
    #[case("1A 3B 3A", "1A-#0")]
    #[case("1A 3. 3A", "1A-#0")]
    fn points_become_periods(#[case] points: &str, #[case] expected: &str) {
        assert_eq!(write(&periods(read(points))), expected);
    }

    fn any_points() -> impl Strategy<Value = Vec<Point<u8, u8>>> {
        let point = (proptest::option::of(0_u8..30), proptest::option::of(0_u8..4), any::<u8>());
        proptest::collection::vec(point, 0..20).prop_map(|points| {
            points.into_iter().map(|(at, reseller, by)| Point { at: at.map(moment), reseller, by }).collect()
        })
    }

    fn at_different_moments() -> impl Strategy<Value = Vec<Point<u8, u8>>> {
        any_points().prop_map(|mut points| {
            points.sort_by_key(|point| point.at);
            points.dedup_by_key(|point| point.at);
            points
        })
    }

    /// The partner of record at a moment: the newest statement up to then.
    fn stated(points: &[Point<u8, u8>], at: Option<NaiveDateTime>) -> Option<u8> {
        let known = points.iter().filter(|point| point.at <= at);
        known.max_by_key(|point| point.at).and_then(|point| point.reseller)
    }

    fn holder(periods: &[Period<u8, u8>], at: Option<NaiveDateTime>) -> Option<u8> {
        let holds = |period: &&Period<u8, u8>| period.from <= at && period.to.is_none_or(|to| at < Some(to));
        periods.iter().find(holds).map(|period| period.reseller)
    }

    proptest! {
        #[test]
        fn any_order_of_the_points_gives_the_same(
            (sorted, shuffled) in at_different_moments().prop_flat_map(|points| (Just(points.clone()), Just(points).prop_shuffle())),
        ) {
            prop_assert_eq!(periods(shuffled), periods(sorted));
        }

        #[test]
        fn periods_have_a_length_an_order_and_no_overlap(points in any_points()) {
            let found = periods(points);
            for period in &found {
                prop_assert!(period.to.is_none() || period.from < period.to);
            }
            for pair in found.windows(2) {
                prop_assert!(pair[0].to.is_some() && pair[0].to <= pair[1].from);
                prop_assert!(pair[0].to < pair[1].from || pair[0].reseller != pair[1].reseller, "merged: {:?}", pair);
            }
        }

        #[test]
        fn at_every_moment_the_newest_statement_holds(points in at_different_moments()) {
            let found = periods(points.clone());
            for at in std::iter::once(None).chain((0..30).map(|hour| Some(moment(hour)))) {
                prop_assert_eq!(holder(&found, at), stated(&points, at));
            }
        }

        #[test]
        fn a_gap_is_always_one_that_a_point_states(points in any_points()) {
            let found = periods(points.clone());
            let ends = found.iter().enumerate().filter(|(index, period)| {
                period.to.is_some() && found.get(index + 1).is_none_or(|next| next.from > period.to)
            });
            for (_, period) in ends {
                prop_assert!(points.iter().any(|point| point.reseller.is_none() && point.at == period.to));
            }
        }

        #[test]
        fn what_is_stored_and_read_again_is_the_same(points in any_points()) {
            let found = periods(points);
            prop_assert_eq!(periods(super::points(&found)), found);
        }
    }
}
