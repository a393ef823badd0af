//! Charge periods: which lines are the sub-periods of one change, and which give another line back.

use super::Line;
use super::tally::{Remainder, Tally};

/// The lines of the base: one number where all state the same, or where they are periods that follow one another.
pub(super) fn base_number(base: &[Line]) -> Vec<Line> {
    let Some(first) = base.first() else { return Vec::new() };
    if base.iter().all(|line| line.seats == first.seats) {
        return vec![*first];
    }
    joined(base.to_vec())
}

/// In licence files the lines of a change have one period. Those of the day of the base that lead to its number within a period of
/// their own came before it.
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

/// Takes away each wiping line with the stating line of the same number and period that it gives back.
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

/// Lines of which each begins where the one before it ends are the sub-periods of one change: the one that ends last
/// stands for them. Where there is a day of order, one change has one.
pub(super) fn joined(mut lines: Vec<Line>) -> Vec<Line> {
    if lines.len() < 2 {
        return lines;
    }
    let change = |line: &Line| if line.is_ordered { line.day } else { i32::MIN };
    lines.sort_unstable_by_key(|line| (change(line), line.start, line.end, *line));
    let mut kept = Vec::with_capacity(lines.len());
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
        kept.push(last);
    }
    kept
}
