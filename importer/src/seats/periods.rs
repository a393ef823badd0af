//! Charge periods: finds the sub-periods of one change, and lines that reverse another one.

use super::Line;
use super::tally::{Remainder, Tally};

/// The lines of the base: one number if all state the same, or if they are consecutive periods.
pub(super) fn base_number(base: &[Line]) -> Vec<Line> {
    let Some(first) = base.first() else { return Vec::new() };
    if base.iter().all(|line| line.seats == first.seats) {
        return vec![*first];
    }
    joined(base.to_vec())
}

/// In licence files the lines of a change share one period. Lines on the day of the base that lead to its number within
/// a separate period precede the base.
pub(super) fn without_renewal_fees(mut changes: Vec<Line>, base_day: Option<i32>, base: &Line) -> Vec<Line> {
    let period = |line: &Line| (line.start, line.end);
    let is_before =
        |line: &Line| Some(line.day) == base_day && !line.is_ordered && line.start.is_some() && line.end != base.end;
    let mut periods: Vec<_> = changes.iter().filter(|line| is_before(line)).map(period).collect();
    periods.sort_unstable();
    periods.dedup();
    for one in periods {
        let of_period = |line: &Line| is_before(line) && period(line) == one;
        let mut tally = Tally::default();
        changes.iter().filter(|line| of_period(line)).for_each(|line| tally.add(line));
        let renewed = matches!(tally.result(false), Some(Remainder::One { seats, surplus: Some(_) }) if Some(seats) == base.seats);
        if renewed {
            changes.retain(|line| !of_period(line));
        }
    }
    changes
}

/// Removes each wiping line together with the stating line of the same number and period that it reverses.
pub(super) fn cancel_exactly(base: &mut Vec<Line>, changes: &mut Vec<Line>) {
    let mut at = 0;
    while at < changes.len() {
        let wipe = changes[at];
        let gives_back = |line: &Line| {
            line.sign >= 0
                && (line.seats, line.start, line.end) == (wipe.seats, wipe.start, wipe.end)
                && line.start.is_some()
        };
        if wipe.sign < 0 && !wipe.is_ordered {
            if let Some(place) = changes.iter().position(gives_back) {
                changes.remove(at.max(place));
                changes.remove(at.min(place));
                at = 0;
                continue;
            }
            if let Some(place) = base.iter().position(gives_back) {
                base.remove(place);
                changes.remove(at);
                at = 0;
                continue;
            }
        }
        at += 1;
    }
}

/// Lines that each begin where the previous one ends are the sub-periods of one change. The one that ends last
/// represents them. Lines with an order date belong to the change of that date.
pub(super) fn joined(mut lines: Vec<Line>) -> Vec<Line> {
    if lines.len() < 2 {
        return lines;
    }
    let change = |line: &Line| if line.is_ordered { line.day } else { i32::MIN };
    lines.sort_unstable_by_key(|line| (change(line), line.start, line.end, *line));
    let mut merged = Vec::with_capacity(lines.len());
    while !lines.is_empty() {
        let mut last = lines.remove(0);
        while let Some(end) = last.end {
            let follows = |line: &Line| {
                change(line) == change(&last)
                    && line.start.is_some_and(|start| start == end + 1)
                    && line.end >= line.start
            };
            let Some(next) = lines.iter().position(follows) else { break };
            last = lines.remove(next);
        }
        merged.push(last);
    }
    merged
}
