//! Combines the charge rows of one subscription with the lines that are already known.

use super::RowFact;
use crate::seats::{ChargeSet, Finding, Line, WorkedOut};

/// The result of charge rows.
#[derive(Debug)]
pub(crate) struct Charged {
    /// All lines that are known now.
    pub(crate) set: ChargeSet,
    /// What they prove.
    pub(crate) worked_out: WorkedOut,
    /// Whether the lines known before ended with a cancellation, so that `DELETED` followed from the charges.
    pub(crate) was_cancelled: bool,
    /// The parts of the rows, by their indexes among the given rows.
    pub(crate) parts: Vec<(usize, Part)>,
}

/// The part of a charge row in the result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    /// It states the number that is in effect, or is the newest row if none does.
    Holds,
    /// It is one of the lines from which the number follows.
    Evidence,
    /// It states the same as another row.
    Repeats,
    /// A base that was imported before is newer.
    History,
}

/// Combines the charge rows among `rows` with the `known` lines. `None` if no row is a charge.
pub(crate) fn charged(
    rows: &[RowFact],
    known: Option<&ChargeSet>,
    has_counterpart: &dyn Fn(&Line) -> bool,
) -> Option<Charged> {
    let mut lines: Vec<(usize, Option<Line>)> = Vec::with_capacity(rows.len());
    for (place, row) in rows.iter().enumerate() {
        if let Some(charge) = row.fact.charge.as_deref() {
            lines.push((place, charge.line()));
        }
    }
    if lines.is_empty() {
        return None;
    }
    let before = known.filter(|known| !known.is_empty());
    let was_cancelled = before.is_some_and(|known| known.work_out(has_counterpart).cancelled_on.is_some());
    let repeats = doubles(rows, &mut lines);
    let mut set = before.cloned().unwrap_or_default();
    set.extend(lines.iter().filter_map(|(_, line)| *line));
    let worked_out = set.work_out(has_counterpart);
    let primary = primary(&lines, &repeats, &set, &worked_out);
    let parts = lines
        .iter()
        .zip(&repeats)
        .map(|((place, line), repeats)| {
            let part = match line {
                Some(line) if is_history(line, before, &set) => Part::History,
                _ if Some(*place) == primary => Part::Holds,
                _ if *repeats => Part::Repeats,
                _ => Part::Evidence,
            };
            (*place, part)
        })
        .collect();
    Some(Charged { set, worked_out, was_cancelled, parts })
}

/// Marks lines that one file contains twice, and returns for each line whether an earlier one is equal.
fn doubles(rows: &[RowFact], lines: &mut [(usize, Option<Line>)]) -> Vec<bool> {
    let mut repeats = vec![false; lines.len()];
    for at in 1..lines.len() {
        let Some(line) = lines[at].1 else { continue };
        let file = rows[lines[at].0].at.file;
        let plain = |line: &Line| Line { is_double: false, price: 0, ..*line };
        for before in 0..at {
            let Some(other) = lines[before].1 else { continue };
            if plain(&other) != plain(&line) {
                continue;
            }
            repeats[at] = true;
            if other.price == line.price && rows[lines[before].0].at.file == file {
                lines[at].1 = Some(Line { is_double: true, ..line });
            }
        }
    }
    repeats
}

/// A line that is not in the set, because a newer base was known before these rows.
fn is_history(line: &Line, before: Option<&ChargeSet>, set: &ChargeSet) -> bool {
    let is_older = |known: &ChargeSet| known.base_day().is_some_and(|day| day > line.day);
    !set.has(line) && line.seats.is_some() && before.is_some_and(is_older)
}

/// The row that states the number, or the newest row.
fn primary(
    lines: &[(usize, Option<Line>)],
    repeats: &[bool],
    set: &ChargeSet,
    worked_out: &WorkedOut,
) -> Option<usize> {
    let number = match worked_out.finding {
        Finding::Proven(seats) | Finding::Unproven(seats) => Some(seats),
        Finding::Silent | Finding::Held { .. } => None,
    };
    let in_order = || {
        lines
            .iter()
            .zip(repeats)
            .filter(|(_, repeats)| !**repeats)
            .map(|((place, line), _)| (*place, *line))
            .filter(|(_, line)| line.is_none_or(|line| line.seats.is_none() || set.has(&line)))
    };
    let stating = in_order()
        .filter(|(_, line)| line.is_some_and(|line| line.sign >= 0 && number.is_some() && line.seats == number));
    let newest = |(place, line): &(usize, Option<Line>)| (line.map(|line| (line.day, line.sign)), *place);
    stating.max_by_key(newest).or_else(|| in_order().max_by_key(newest)).map(|(place, _)| place)
}
