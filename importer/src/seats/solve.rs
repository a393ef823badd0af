//! The arithmetic: stated numbers less wiped numbers, and exactly one must remain.

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
    /// Whether alike lines were among them, which give the same number counted once and counted apart.
    pub has_alike: bool,
}

/// What is known of the number of seats.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Finding {
    /// No line has seats.
    Silent,
    /// So many, and the lines prove it.
    Proven(u32),
    /// So many after the newest change; no base is known from which the number before it follows.
    Unproven(u32),
    /// The lines contradict each other, or some are missing.
    Held {
        /// What stands in the way.
        reason: Reason,
        /// The last number that the lines before the trouble prove.
        before: Option<u32>,
        /// The number that the newest stating line has.
        last_stated: Option<u32>,
    },
}

/// Why a number cannot be known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// More than one number remains, or a number was wiped that nothing stated: a line is missing.
    LineMissing,
    /// All that was stated was wiped, and nothing says that the subscription ended.
    NothingStatedAnew,
    /// Alike lines give one number counted once and another counted apart.
    AlikeLines,
    /// A line of an unknown kind may have changed the number.
    UnknownKind,
    /// The sub-periods of a change can be read in two ways.
    Ambiguous,
}

impl Reason {
    /// The reason as a clause that follows "the number of seats cannot be known: ".
    #[must_use]
    pub fn sentence(self) -> &'static str {
        match self {
            Self::LineMissing => "the charge lines do not add up to one number, so a line is missing",
            Self::NothingStatedAnew => "the charges were credited in full and no new number was stated",
            Self::AlikeLines => "identical lines give one number when counted once and another when counted separately",
            Self::UnknownKind => "a charge of an unknown type may have changed it",
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

/// The finding of lines without a cancellation in force, and whether alike lines among them made no difference.
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
                (Ok(number), Err(_)) | (Err(_), Ok(number)) => Ok((number, false)),
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
            // All of it lies on the day of the base: the base alone.
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

/// Lines alike but for price and SKU, once each.
fn without_alike(lines: &[Line]) -> Vec<Line> {
    let mut once: Vec<Line> = Vec::with_capacity(lines.len());
    for line in lines {
        if !once.iter().any(|known| known.is_alike(line)) {
            once.push(*line);
        }
    }
    once
}

/// Each line as often as its file has it.
fn spread(lines: &[Line]) -> Vec<Line> {
    lines.iter().flat_map(|line| std::iter::repeat_n(*line, if line.is_double { 2 } else { 1 })).collect()
}

fn is_base(line: &Line, base_day: Option<i32>) -> bool {
    base_day == Some(line.day) && line.states() && (line.kind.is_base() || line.kind == LineKind::Purchase)
}

/// How the sub-periods of changes are put together.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Reading {
    /// What gives an earlier line back exactly, period and all, cancels it; then the sub-periods of a change are one.
    ExactFirst,
    /// The sub-periods of a change are one, on both sides.
    BothSides,
    /// Only what is stated is told in sub-periods.
    StatedOnly,
    /// Every line counts for itself.
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
                // Two sound readings that disagree prove nothing. The last two are for what the first two cannot read.
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

/// The lines of the base: one number where all state the same, or where they are periods that follow one another.
fn base_number(base: &[Line]) -> Vec<Line> {
    let Some(first) = base.first() else { return Vec::new() };
    if base.iter().all(|line| line.seats == first.seats) {
        return vec![*first];
    }
    joined(base.to_vec())
}

/// Changes of the day of the base that end at its number came before it, as seats are changed when a term is renewed.
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
        _ => changes,
    }
}

/// In licence files the two lines of such a change have one period.
fn without_renewal_fees(mut changes: Vec<Line>, base_day: Option<i32>, base: &Line) -> Vec<Line> {
    let is_before = |line: &Line| Some(line.day) == base_day && !line.is_ordered && line.start.is_some();
    let mut at = 0;
    while at < changes.len() {
        let wipe = changes[at];
        let ends_at_base = |line: &Line| {
            is_before(line)
                && line.sign > 0
                && line.seats == base.seats
                && (line.start, line.end) == (wipe.start, wipe.end)
                && line.end != base.end
        };
        if is_before(&wipe)
            && wipe.sign < 0
            && wipe.seats != base.seats
            && let Some(place) = changes.iter().position(ends_at_base)
        {
            changes.remove(at.max(place));
            changes.remove(at.min(place));
            at = 0;
        } else {
            at += 1;
        }
    }
    changes
}

fn read(
    base: &[Line],
    changes: &[Line],
    reading: Reading,
    has_counterpart: &dyn Fn(&Line) -> bool,
) -> Result<Number, Reason> {
    let (mut base, mut changes) = (base.to_vec(), changes.to_vec());
    // A base that is given back exactly has proved the number before the change all the same.
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
        Some(Remainder::One { seats, surplus: Some(_) }) if !is_based => Ok(Number { seats, is_proven: false }),
        Some(Remainder::One { seats, surplus: Some(wiped) }) => {
            let partial = wiping.iter().any(|line| line.seats == Some(wiped) && line.kind.has_counterpart());
            let left = seats.checked_sub(wiped).filter(|left| *left > 0);
            left.filter(|_| partial).map(|seats| Number { seats, is_proven: true }).ok_or(Reason::LineMissing)
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
        None => Err(Reason::LineMissing),
    }
}

/// Takes away each wiping line with the stating line of the same number and period that it gives back.
fn cancel_exactly(base: &mut Vec<Line>, changes: &mut Vec<Line>) {
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
fn joined(mut lines: Vec<Line>) -> Vec<Line> {
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

/// How often each number is stated and wiped.
#[derive(Default)]
struct Tally {
    counts: Vec<Count>,
    /// Whether all lines without a sign add seats, or all remove seats.
    unsigned: Option<LineKind>,
    is_mixed: bool,
}

#[derive(Clone, Copy)]
struct Count {
    seats: u32,
    /// Stated less wiped.
    net: i64,
    /// Without a sign.
    open: i64,
    /// Stated by an extension of the term, which may repeat the number without wiping it.
    extended: i64,
}

enum Remainder {
    /// One number, and perhaps one that was wiped and never stated.
    One { seats: u32, surplus: Option<u32> },
    /// One number, which an extension of the term repeats.
    Extended(u32),
    /// Nothing.
    Empty,
}

impl Tally {
    fn add(&mut self, line: &Line) {
        let Some(seats) = line.seats else { return };
        let place = self.counts.iter().position(|count| count.seats == seats).unwrap_or_else(|| {
            self.counts.push(Count { seats, net: 0, open: 0, extended: 0 });
            self.counts.len() - 1
        });
        let count = &mut self.counts[place];
        if line.sign < 0 {
            count.net -= 1;
        } else if line.states() {
            count.net += 1;
            count.extended += i64::from(line.kind == LineKind::ExtendTerm);
        } else {
            count.open += 1;
            self.is_mixed |= self.unsigned.is_some_and(|kind| kind != line.kind);
            self.unsigned = Some(line.kind);
        }
    }

    /// What remains. Each line without a sign is taken as wiping or stating so that a chain comes out: a number that the chain
    /// only passes through is stated and wiped equally often, so one with an odd count begins or ends it.
    fn result(&self, is_based: bool) -> Option<Remainder> {
        let mut odd: Vec<(u32, bool, bool)> = Vec::new();
        for count in &self.counts {
            let Count { seats, net, open, extended } = *count;
            let extra = net - 1;
            if open == 0 && extra > 0 && extended >= extra && self.counts.len() == 1 {
                return Some(Remainder::Extended(seats));
            }
            if (net + open) % 2 == 0 {
                if net.abs() > open {
                    return None;
                }
            } else {
                let (may_end, may_begin) = ((1 - net).abs() <= open, (-1 - net).abs() <= open);
                if !may_end && !may_begin {
                    return None;
                }
                odd.push((seats, may_end, may_begin));
            }
        }
        match odd.as_slice() {
            [] => Some(Remainder::Empty),
            [(seats, true, _)] => Some(Remainder::One { seats: *seats, surplus: None }),
            [(a, a_ends, a_begins), (b, b_ends, b_begins)] => {
                let one = |seats: u32, surplus: u32| Some(Remainder::One { seats, surplus: Some(surplus) });
                match (*a_ends && *b_begins, *b_ends && *a_begins) {
                    (true, false) => one(*a, *b),
                    (false, true) => one(*b, *a),
                    (true, true) if !self.is_mixed && !is_based => match self.unsigned {
                        Some(LineKind::Add) => one(*a.max(b), *a.min(b)),
                        Some(LineKind::Remove) => one(*a.min(b), *a.max(b)),
                        _ => None,
                    },
                    _ => None,
                }
            }
            _ => None,
        }
    }
}
