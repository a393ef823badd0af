//! Counts how often each number is stated and wiped, and what remains.

use super::{Line, LineKind};

/// How often each number is stated and wiped.
#[derive(Default)]
pub(super) struct Tally {
    counts: Vec<Count>,
    /// Whether all lines without a sign add seats, or all remove seats.
    unsigned: Option<LineKind>,
    is_mixed: bool,
}

#[derive(Clone, Copy)]
struct Count {
    seats: u32,
    /// Stated minus wiped.
    net: i64,
    /// Without a sign.
    open: i64,
    /// Stated by an extension of the term, which may repeat the number without wiping it.
    extended: i64,
}

pub(super) enum Remainder {
    /// One number, and possibly one that was wiped and never stated.
    One { seats: u32, surplus: Option<u32> },
    /// One number, which an extension of the term repeats.
    Extended(u32),
    /// One of two numbers, of which the other one was wiped; it is unclear which.
    Either(u32, u32),
    /// No number.
    Empty,
}

impl Tally {
    /// Counts a line.
    pub(super) fn add(&mut self, line: &Line) {
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

    /// What remains. Each line without a sign counts as wiping or stating such that the lines form a chain. A number
    /// within the chain is stated and wiped equally often, so a number with an odd count is at its beginning or end.
    pub(super) fn result(&self, is_based: bool) -> Option<Remainder> {
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
                        _ => Some(Remainder::Either(*a, *b)),
                    },
                    (true, true) => Some(Remainder::Either(*a, *b)),
                    _ => None,
                }
            }
            _ => None,
        }
    }
}
