//! The arithmetic: stated numbers minus wiped numbers, of which exactly one must remain.

use super::periods::{base_number, cancel_exactly, joined, without_renewal_fees};
use super::tally::{Remainder, Tally};
use super::{ChargeSet, Line, LineKind};

/// What a set of lines proves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WorkedOut {
    /// The number of seats.
    pub finding: Finding,
    /// The day of a cancellation after which nothing is charged.
    pub cancelled_on: Option<i32>,
    /// The newest day of a line that charges for the subscription.
    pub charged_on: Option<i32>,
    /// Whether it contained alike lines that give the same number counted once and counted separately.
    pub has_alike: bool,
}

/// What is known about the number of seats.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Finding {
    /// No line has seats.
    Silent,
    /// This number, which the lines prove.
    Proven(u32),
    /// This number after the newest change. There is no base that proves the number before it.
    Unproven(u32),
    /// The lines contradict each other, or some are missing.
    Held {
        /// The reason.
        reason: Reason,
        /// The last number that the earlier lines prove.
        before: Option<u32>,
        /// The number of the newest stating line.
        last_stated: Option<u32>,
    },
}

/// Why a number cannot be determined.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// More than one number remains, or a number was wiped that no line stated: a line is missing.
    LineMissing,
    /// Everything that was stated was wiped, and nothing shows that the subscription ended.
    NothingStatedAnew,
    /// Alike lines give one number counted once and another counted separately.
    AlikeLines,
    /// A line of an unknown type may have changed the number.
    UnknownKind,
    /// The sub-periods of a change can be read in two ways.
    Ambiguous,
}

impl Reason {
    /// The reason as a clause that follows "the number of seats cannot be determined: ".
    #[must_use]
    pub fn sentence(self) -> &'static str {
        match self {
            Self::LineMissing => "the charge lines do not add up to one number, so a line is missing",
            Self::NothingStatedAnew => "the charges were credited in full and no new number was stated",
            Self::AlikeLines => "identical lines give one number when counted once and another when counted separately",
            Self::UnknownKind => "a charge of an unknown type or unit may have changed it",
            Self::Ambiguous => "the charged sub-periods can be read in two ways",
        }
    }
}

/// A number that remains, and whether a base proves it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Number {
    seats: u32,
    is_proven: bool,
}

pub(super) fn work_out(set: &ChargeSet, has_counterpart: &dyn Fn(&Line) -> bool) -> WorkedOut {
    let base_day = set.base_day();
    let from = set.lines().partition_point(|line| base_day.is_some_and(|day| line.day < day));
    let lines = &set.lines()[from..];
    let charged_on = lines.iter().filter(|line| line.states()).map(|line| line.day).max();
    // The usual subscription of an invoice: one base and nothing else.
    if let [line] = lines
        && line.states()
        && !line.is_double
        && let (true, Some(seats)) = (line.kind.is_base() || line.kind == LineKind::Purchase, line.seats)
    {
        return WorkedOut { finding: Finding::Proven(seats), cancelled_on: None, charged_on, has_alike: false };
    }
    let cancelled_on = lines
        .iter()
        .filter(|line| line.kind == LineKind::Cancel)
        .map(|line| line.day)
        .max()
        .filter(|day| charged_on.is_none_or(|charged| charged <= *day));
    let (finding, has_alike) =
        if cancelled_on.is_some() { (Finding::Proven(0), false) } else { find(lines, base_day, has_counterpart) };
    WorkedOut { finding, cancelled_on, charged_on: charged_on.filter(|_| cancelled_on.is_none()), has_alike }
}

/// The finding for lines without a cancellation in effect, and whether alike lines among them made no difference.
fn find(lines: &[Line], base_day: Option<i32>, has_counterpart: &dyn Fn(&Line) -> bool) -> (Finding, bool) {
    let result = if lines.iter().any(|line| line.kind == LineKind::Unknown) {
        Err(Reason::UnknownKind)
    } else {
        let once = without_alike(lines);
        let apart = spread(lines);
        if apart.len() == once.len() {
            remaining(&once, base_day, has_counterpart).map(|number| (number, false))
        } else {
            match (remaining(&once, base_day, has_counterpart), remaining(&apart, base_day, has_counterpart)) {
                (Ok(a), Ok(b)) if a.seats == b.seats => Ok((a, true)),
                (Ok(_), Ok(_)) => Err(Reason::AlikeLines),
                (Ok(number), Err(_)) => Ok((number, false)),
                // Only counting the alike lines separately proves it, which is reported.
                (Err(_), Ok(number)) => Ok((number, true)),
                (Err(reason), Err(_)) => Err(reason),
            }
        }
    };
    match result {
        Ok((Number { seats, is_proven: true }, alike)) => (Finding::Proven(seats), alike),
        Ok((Number { seats, is_proven: false }, alike)) => (Finding::Unproven(seats), alike),
        Err(_) if lines.iter().all(|line| line.seats.is_none() && line.kind != LineKind::Unknown) => {
            (Finding::Silent, false)
        }
        Err(reason) => {
            let before = proven_before(lines, base_day, has_counterpart);
            (Finding::Held { reason, before, last_stated: last_stated(lines) }, false)
        }
    }
}

/// The number that the longest run of days from the beginning proves.
fn proven_before(lines: &[Line], base_day: Option<i32>, has_counterpart: &dyn Fn(&Line) -> bool) -> Option<u32> {
    let mut days: Vec<i32> = lines.iter().map(|line| line.day).collect();
    days.dedup();
    days.iter()
        .rev()
        .find_map(|day| {
            let earlier = &lines[..lines.partition_point(|line| line.day < *day)];
            let known = !earlier.is_empty() && earlier.iter().all(|line| line.kind != LineKind::Unknown);
            known.then(|| remaining(&without_alike(earlier), base_day, has_counterpart).ok()).flatten().map(|n| n.seats)
        })
        .or_else(|| {
            // All lines are on the day of the base: the base alone.
            let base: Vec<Line> = lines.iter().filter(|line| is_base(line, base_day)).copied().collect();
            if base.is_empty() {
                None
            } else {
                remaining(&without_alike(&base), base_day, has_counterpart).ok().map(|n| n.seats)
            }
        })
}

fn last_stated(lines: &[Line]) -> Option<u32> {
    let stating = lines.iter().filter(|line| line.states() && line.kind != LineKind::Unknown && line.seats.is_some());
    stating.max_by_key(|line| (line.day, line.end, line.seats)).and_then(|line| line.seats)
}

/// The lines, with those that differ only in price and SKU counted once.
fn without_alike(lines: &[Line]) -> Vec<Line> {
    let mut once: Vec<Line> = Vec::with_capacity(lines.len());
    for line in lines {
        if !once.iter().any(|known| known.is_alike(line)) {
            once.push(*line);
        }
    }
    once
}

/// Each line as often as its file contains it.
fn spread(lines: &[Line]) -> Vec<Line> {
    lines.iter().flat_map(|line| std::iter::repeat_n(*line, if line.is_double { 2 } else { 1 })).collect()
}

fn is_base(line: &Line, base_day: Option<i32>) -> bool {
    base_day == Some(line.day) && line.states() && (line.kind.is_base() || line.kind == LineKind::Purchase)
}

/// How the sub-periods of changes are combined.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Reading {
    /// A line that exactly reverses an earlier one, including its period, cancels it. Then the sub-periods of a change
    /// are one.
    ExactFirst,
    /// The sub-periods of a change are one, for stated and for wiped numbers.
    BothSides,
    /// Only stated numbers are split into sub-periods.
    StatedOnly,
    /// Every line counts by itself.
    Plain,
}

/// The number that remains.
fn remaining(lines: &[Line], base_day: Option<i32>, has_counterpart: &dyn Fn(&Line) -> bool) -> Result<Number, Reason> {
    let (base, changes): (Vec<Line>, Vec<Line>) = lines.iter().partition(|line| is_base(line, base_day));
    let base = base_number(&base);
    let changes = after_renewal(changes, base_day, &base);
    let legacy = changes.iter().any(|line| !line.is_ordered);
    let mut found: Option<Number> = None;
    let mut first_reason = None;
    let readings: &[Reading] = if legacy {
        &[Reading::ExactFirst, Reading::BothSides, Reading::StatedOnly, Reading::Plain]
    } else {
        &[Reading::BothSides, Reading::StatedOnly, Reading::Plain]
    };
    for reading in readings {
        match read(&base, &changes, *reading, has_counterpart) {
            Ok(number) => match found {
                None => found = Some(number),
                // Two valid readings that disagree prove nothing. The last two readings are only for lines that the
                // first two cannot read.
                Some(other) if other.seats != number.seats && *reading == Reading::BothSides => {
                    return Err(Reason::Ambiguous);
                }
                Some(_) => break,
            },
            Err(reason) => {
                first_reason.get_or_insert(reason);
            }
        }
    }
    found.ok_or(first_reason.unwrap_or(Reason::LineMissing))
}

/// Removes changes on the day of the base that end at its number: they precede it, as when seats are changed at the
/// renewal of a term. If other changes of that day follow, the lines that lead to the base's number are removed,
/// together with the number that no line of the set states.
fn after_renewal(changes: Vec<Line>, base_day: Option<i32>, base: &[Line]) -> Vec<Line> {
    let [only] = base else { return changes };
    let changes = without_renewal_fees(changes, base_day, only);
    let (of_day, later): (Vec<Line>, Vec<Line>) = changes.iter().partition(|line| Some(line.day) == base_day);
    if of_day.is_empty() {
        return changes;
    }
    let mut tally = Tally::default();
    of_day.iter().for_each(|line| tally.add(line));
    match tally.result(false) {
        Some(Remainder::One { seats, surplus: Some(_) }) if Some(seats) == only.seats => later,
        // Without amounts it is unclear which of the numbers was the earlier one. Nothing precedes a purchase.
        Some(Remainder::Either(a, b)) if only.kind != LineKind::New && [a, b].map(Some).contains(&only.seats) => later,
        Some(Remainder::One { surplus: Some(former), .. }) => {
            let place = |sign: i8, seats: Option<u32>| {
                changes.iter().position(|line| (line.day, line.sign, line.seats) == (only.day, sign, seats))
            };
            match (place(-1, Some(former)), place(1, only.seats)) {
                (Some(former), Some(renewed)) => {
                    let left = changes.iter().enumerate().filter(|(at, _)| *at != former && *at != renewed);
                    left.map(|(_, line)| *line).collect()
                }
                _ => changes,
            }
        }
        _ => changes,
    }
}

fn read(
    base: &[Line],
    changes: &[Line],
    reading: Reading,
    has_counterpart: &dyn Fn(&Line) -> bool,
) -> Result<Number, Reason> {
    let (mut base, mut changes) = (base.to_vec(), changes.to_vec());
    // A base that is reversed exactly has still proved the number before the change.
    let is_based = !base.is_empty();
    if reading == Reading::ExactFirst {
        cancel_exactly(&mut base, &mut changes);
    }
    let (wiping, rest): (Vec<Line>, Vec<Line>) = changes.into_iter().partition(|line| line.sign < 0);
    let (stating, unsigned): (Vec<Line>, Vec<Line>) = rest.into_iter().partition(|line| line.sign > 0);
    let stating = if reading == Reading::Plain { stating } else { joined(stating) };
    let wiping = if matches!(reading, Reading::ExactFirst | Reading::BothSides) { joined(wiping) } else { wiping };
    let mut tally = Tally::default();
    base.iter().chain(&stating).chain(&wiping).chain(&unsigned).for_each(|line| tally.add(line));
    match tally.result(is_based) {
        Some(Remainder::One { seats, surplus: None }) => {
            let moved_in = stating.iter().any(|line| line.kind.has_counterpart());
            Ok(Number { seats, is_proven: is_based || moved_in })
        }
        Some(Remainder::One { seats, surplus: Some(wiped) }) => {
            let left = seats.checked_sub(wiped).filter(|left| *left > 0);
            let takes = |line: &&Line| line.seats == Some(wiped) && is_part(line, is_based, &stating, has_counterpart);
            let part = wiping.iter().find(takes);
            match (part, left) {
                // After the period of the base, another base is missing, with the number that it stated.
                (Some(line), Some(_))
                    if is_based && base.iter().all(|base| base.end.is_some_and(|end| end < line.day)) =>
                {
                    Err(Reason::LineMissing)
                }
                (Some(_), Some(seats)) => {
                    let moved_in = stating.iter().any(|line| line.kind.has_counterpart());
                    Ok(Number { seats, is_proven: is_based || moved_in })
                }
                _ if !is_based => Ok(Number { seats, is_proven: false }),
                _ => Err(Reason::LineMissing),
            }
        }
        Some(Remainder::Extended(seats)) => Ok(Number { seats, is_proven: true }),
        Some(Remainder::Empty) => {
            let last = wiping.iter().map(|line| line.day).max();
            let moved = wiping
                .iter()
                .filter(|line| Some(line.day) == last)
                .any(|line| line.kind.has_counterpart() && has_counterpart(line));
            if moved { Ok(Number { seats: 0, is_proven: true }) } else { Err(Reason::NothingStatedAnew) }
        }
        Some(Remainder::Either(..)) | None => Err(Reason::LineMissing),
    }
}

/// Whether a line that wipes a number that no line stated moved a part of the seats to another subscription. Without a
/// base, the line may also wipe the number before the first known one. Then the other side must show the move, and no
/// number may be stated in its place.
fn is_part(line: &Line, is_based: bool, stating: &[Line], has_counterpart: &dyn Fn(&Line) -> bool) -> bool {
    let anew = || stating.iter().any(|other| (other.day, other.kind) == (line.day, line.kind));
    line.kind.has_counterpart() && (is_based || (!anew() && has_counterpart(line)))
}
