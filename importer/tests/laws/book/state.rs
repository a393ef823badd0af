//! The state of a subscription while its life is generated.

use std::collections::HashSet;

use chrono::NaiveDate;

/// What determines which actions are possible next, and how they are written.
#[derive(Clone, Debug, Default)]
pub struct State {
    pub seats: Option<i64>,
    pub ended: bool,
    pub reference: String,
    /// The date of the newest base.
    pub base: Option<NaiveDate>,
    pub changed: bool,
    /// Whether no further action is possible before the next base.
    pub closed: bool,
    pub skips_fee: bool,
    pub today: Option<NaiveDate>,
    pub lines_today: HashSet<(&'static str, i64, i64)>,
    pub numbers_today: Vec<i64>,
}

impl State {
    pub fn turn(&mut self, at: NaiveDate) {
        if self.today != Some(at) {
            self.today = Some(at);
            self.lines_today.clear();
            self.numbers_today = self.seats.into_iter().collect();
        }
    }

    /// Whether a change can be written in a decidable way: no number of the day occurs again, and no line equals another.
    pub fn admits(&mut self, kind: &'static str, from: i64, to: i64) -> bool {
        let comes_back = to != from && self.numbers_today.contains(&to);
        let alike = self.lines_today.contains(&(kind, -1, from)) || self.lines_today.contains(&(kind, 1, to));
        if comes_back || alike {
            return false;
        }
        self.lines_today.extend([(kind, -1, from), (kind, 1, to)]);
        self.numbers_today.push(to);
        true
    }
}
