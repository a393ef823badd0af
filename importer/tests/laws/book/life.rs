//! The lives of subscriptions: the result of a plan, day by day, with the true number of seats and the resulting charges. The
//! numbers are known because they are generated here, not derived from lines.

use chrono::{Days, NaiveDate};

use super::plan::{Begins, Commerce, Day, Op, Plan, Reference, Rhythm, SubscriptionPlan, Twice, What};
use super::state::State;

/// A charge that will be written as one line or two.
#[derive(Clone, Debug)]
pub struct Entry {
    pub subscription: usize,
    /// Its order date; in legacy files, which have none, the start of its period.
    pub date: NaiveDate,
    pub end: NaiveDate,
    pub kind: &'static str,
    pub seats: i64,
    /// 1 for a charge, -1 for a refund.
    pub sign: i64,
    pub reference: String,
    /// The month of the invoice.
    pub month: u32,
    /// How many lines contain it.
    pub times: u32,
    /// Whether it begins a set of charges.
    pub base: bool,
}

/// The true state of a subscription.
#[derive(Clone, Debug, Default)]
pub struct Truth {
    pub began: Option<NaiveDate>,
    /// The number of seats from each date on.
    pub numbers: Vec<(NaiveDate, i64)>,
    pub cancelled: Option<NaiveDate>,
    /// When all of its seats were moved to another subscription.
    pub left: Option<NaiveDate>,
    /// Whether a partial move wiped only the moved seats: without the lines before it the number cannot be determined.
    pub single: bool,
    /// Dates from which the term ends a month later.
    pub extended: Vec<NaiveDate>,
    /// Dates from which billing changes between monthly and yearly.
    pub replanned: Vec<NaiveDate>,
}

impl Truth {
    /// The seats at the end of a day; `None` before it began.
    pub fn seats(&self, at: NaiveDate) -> Option<i64> {
        self.numbers.iter().rev().find(|(from, _)| *from <= at).map(|(_, seats)| *seats)
    }

    pub fn last(&self) -> Option<i64> {
        self.numbers.last().map(|(_, seats)| *seats)
    }
}

/// The lives of all subscriptions of a plan.
#[derive(Clone, Debug, Default)]
pub struct Life {
    pub entries: Vec<Entry>,
    pub truths: Vec<Truth>,
}

pub fn date((month, day): Day) -> NaiveDate {
    NaiveDate::from_ymd_opt(2024, month + 1, day).expect("days of a book are days of every month of it")
}

struct Simulation<'a> {
    plan: &'a Plan,
    states: Vec<State>,
    life: Life,
    number: u32,
}

enum Action<'a> {
    Charge(usize),
    Op(usize, &'a Op),
}

impl Life {
    pub fn of(plan: &Plan) -> Self {
        let count = plan.subscriptions.len();
        let life = Self { entries: Vec::new(), truths: vec![Truth::default(); count] };
        let mut simulation = Simulation { plan, states: vec![State::default(); count], life, number: 0 };
        let mut actions: Vec<(NaiveDate, u8, Action<'_>)> = Vec::new();
        for (place, subject) in plan.subscriptions.iter().enumerate().filter(|(_, subject)| subject.seats > 0) {
            for month in subject.on.0..plan.months {
                actions.push((date((month, subject.on.1)), 1, Action::Charge(place)));
            }
        }
        for (number, op) in plan.ops.iter().enumerate() {
            actions.push((date(op.on), if op.early { 0 } else { 2 }, Action::Op(number, op)));
        }
        actions.sort_by_key(|(date, phase, _)| (*date, *phase));
        for (at, _, action) in actions {
            match action {
                Action::Charge(place) => simulation.charge(place, at),
                Action::Op(number, op) => simulation.op(number, op, at),
            }
        }
        let mut life = simulation.life;
        for place in 0..count {
            life.count_once_where_it_matters(place);
        }
        life
    }

    /// Includes lines only once if they are in the files twice and would give another number if each were counted.
    fn count_once_where_it_matters(&mut self, place: usize) {
        let of = |entry: &&mut Entry| entry.subscription == place;
        let base = self.entries.iter().filter(|entry| entry.subscription == place && entry.base).map(|e| e.date).max();
        let mut stated: Vec<i64> = Vec::new();
        let mut wiped: Vec<i64> = Vec::new();
        for entry in self.entries.iter().filter(|entry| entry.subscription == place && Some(entry.date) >= base) {
            let side = if entry.sign > 0 { &mut stated } else { &mut wiped };
            side.extend((0..entry.times).map(|_| entry.seats));
        }
        wiped.retain(|seats| match stated.iter().position(|other| other == seats) {
            Some(found) => {
                stated.swap_remove(found);
                false
            }
            None => true,
        });
        if wiped.is_empty() && stated.len() == 1 && Some(stated[0]) != self.truths[place].last() {
            self.entries.iter_mut().filter(of).for_each(|entry| entry.times = 1);
        }
    }
}

impl Simulation<'_> {
    fn subject(&self, place: usize) -> &SubscriptionPlan {
        &self.plan.subscriptions[place]
    }

    /// Adds the recurring charges: the first one and each cycle.
    fn charge(&mut self, place: usize, at: NaiveDate) {
        let subject = self.subject(place).clone();
        let state = &mut self.states[place];
        if state.ended {
            return;
        }
        let first = state.seats.is_none();
        if first {
            if at != date(subject.on) || subject.begins == Begins::Incoming {
                return;
            }
            state.seats = Some(subject.seats);
            self.life.truths[place].began = Some(at);
            self.life.truths[place].numbers.push((at, subject.seats));
        } else if subject.rhythm == Rhythm::Year || self.life.truths[place].began == Some(at) {
            return;
        }
        let state = &mut self.states[place];
        if std::mem::take(&mut state.skips_fee) {
            return;
        }
        let seats = state.seats.unwrap_or_default();
        let reference = format!("B{}-{at}", subject.number);
        *state = State { base: Some(at), changed: false, closed: false, reference: reference.clone(), ..state.clone() };
        state.turn(at);
        let kind = match (subject.commerce, first && subject.begins == Begins::New, subject.rhythm) {
            (Commerce::New, true, _) => "new",
            (Commerce::New, false, Rhythm::Cycle) => "cycleCharge",
            (Commerce::New, false, _) => "renew",
            (Commerce::Legacy, true, _) => "PURCHASE FEE",
            (Commerce::Legacy, false, _) => "CYCLE FEE",
        };
        let end = if subject.rhythm == Rhythm::Year { at + Days::new(364) } else { cycle_end(at) };
        self.emit(place, (at, end), (kind, seats, 1), reference, 1);
        self.life.entries.last_mut().expect("one was added").base = true;
    }

    fn op(&mut self, number: usize, op: &Op, at: NaiveDate) {
        let place = op.subscription;
        let subject = self.subject(place).clone();
        let state = &mut self.states[place];
        let Some(from) = state.seats.filter(|_| !state.ended && !state.closed) else { return };
        state.turn(at);
        let on_base_day = op.on.1 == subject.on.1;
        let busy = subject.free && (!state.lines_today.is_empty() || (on_base_day && op.early));
        let plain = matches!(op.what, What::Add(_) | What::Remove(_) | What::Cancel(_) | What::Credit);
        if busy || (subject.free && !plain) {
            return;
        }
        self.number += 1;
        match op.what {
            What::Add(more) => self.change(number, op, at, ("addQuantity", from, from + more)),
            What::Remove(fewer) if fewer < from => self.change(number, op, at, ("removeQuantity", from, from - fewer)),
            What::BillingPlan(more) => {
                if self.change(number, op, at, ("changeBillingPlan", from, from + more)) {
                    self.life.truths[place].replanned.push(at);
                }
                true
            }
            What::Extend => {
                if self.change(number, op, at, ("extendTerm", from, from)) {
                    self.life.truths[place].extended.push(at);
                }
                true
            }
            What::Move { to, seats, single } if !on_base_day => {
                self.transfer("moveQuantity", (place, to), (from, seats), single, at)
            }
            What::Convert { to, seats } if !on_base_day => {
                self.transfer("convert", (place, to), (from, seats), true, at)
            }
            What::Cancel(word) if !on_base_day || (subject.trial && !op.early) => {
                self.emit(place, (at, cycle_end(at)), (word, from, -1), format!("C{}", self.number), 1);
                self.set(place, at, 0);
                self.states[place].ended = true;
                self.life.truths[place].cancelled = Some(at);
                true
            }
            What::Credit => {
                let at_once = self.states[place].lines_today.insert(("customerCredit", -1, 1));
                if at_once {
                    self.emit(place, (at, at), ("customerCredit", 1, -1), format!("K{}", self.number), 1);
                }
                true
            }
            What::SubPeriods(more) => self.sub_periods(place, at, from + more),
            _ => false,
        };
    }

    /// Wipes one number and states another, unless a line would be like another one of the same day.
    fn change(&mut self, number: usize, op: &Op, at: NaiveDate, (kind, from, to): (&'static str, i64, i64)) -> bool {
        let place = op.subscription;
        let subject = self.subject(place).clone();
        if !self.states[place].admits(kind, from, to) {
            return false;
        }
        let twice = if subject.free || subject.commerce == Commerce::Legacy { Twice::No } else { op.twice };
        let wiping = if matches!(twice, Twice::Wiping | Twice::All) { 2 } else { 1 };
        let stating = if matches!(twice, Twice::Stating | Twice::All) { 2 } else { 1 };
        let kind = if subject.commerce == Commerce::Legacy { "CYCLE INSTANCE PRORATE" } else { kind };
        let own = format!("R{number}");
        self.pair(place, at, (kind, from, to), &own, (wiping, stating));
        true
    }

    fn pair(
        &mut self,
        place: usize,
        at: NaiveDate,
        (kind, from, to): (&'static str, i64, i64),
        own: &str,
        (wiping, stating): (u32, u32),
    ) {
        let original = self.subject(place).scheme.reference == Reference::Original;
        let before = self.states[place].reference.clone();
        let end = self.states[place].base.map_or_else(|| cycle_end(at), cycle_end).max(at);
        self.emit(place, (at, end), (kind, from, -1), if original { before } else { own.to_owned() }, wiping);
        self.emit(place, (at, end), (kind, to, 1), own.to_owned(), stating);
        self.states[place].reference = own.to_owned();
        self.set(place, at, to);
    }

    /// Moves seats from one subscription of a customer to another.
    fn transfer(
        &mut self,
        kind: &'static str,
        (from, to): (usize, usize),
        (had, seats): (i64, Option<i64>),
        single: bool,
        at: NaiveDate,
    ) -> bool {
        let moved = seats.unwrap_or(had);
        let left = had - moved;
        let target = self.subject(to).clone();
        let receiver = self.states[to].clone();
        let base_day_of_target = chrono::Datelike::day(&at) == target.on.1;
        let begins = receiver.seats.is_none();
        let cannot = receiver.ended || receiver.closed || base_day_of_target || target.seats == 0;
        if cannot || left < 0 || (seats.is_some() && left == 0) || (begins && target.begins != Begins::Incoming) {
            return false;
        }
        self.states[to].turn(at);
        let before = receiver.seats.unwrap_or(0);
        let alike = !begins && !self.states[to].admits(kind, before, before + moved);
        if alike || (left > 0 && !single && !self.states[from].admits(kind, had, left)) {
            return false;
        }
        if (left == 0 || single) && !self.states[from].lines_today.insert((kind, -1, moved)) {
            return false;
        }
        let own = format!("M{}", self.number);
        match (left, single) {
            (0, _) | (_, true) => {
                self.emit(from, (at, cycle_end(at)), (kind, moved, -1), own.clone(), 1);
                self.set(from, at, left);
                self.states[from].closed = true;
                self.states[from].ended = left == 0;
                self.life.truths[from].single |= left > 0;
                self.life.truths[from].left = (left == 0).then_some(at);
            }
            (_, false) => self.pair(from, at, (kind, had, left), &own, (1, 1)),
        }
        if begins {
            self.emit(to, (at, cycle_end(at)), (kind, moved, 1), own.clone(), 1);
            self.life.truths[to].began = Some(at);
            self.set(to, at, moved);
            self.states[to].reference = own;
        } else {
            self.pair(to, at, (kind, before, before + moved), &own, (1, 1));
        }
        true
    }

    /// Microsoft's example: the cycle is refunded as a whole and charged again in parts, as is the next cycle.
    fn sub_periods(&mut self, place: usize, at: NaiveDate, to: i64) -> bool {
        let state = &mut self.states[place];
        let (Some(start), Some(from)) = (state.base, state.seats) else { return false };
        let end = cycle_end(start);
        if state.changed || at <= start || at > end {
            return false;
        }
        state.closed = true;
        state.skips_fee = true;
        let own = format!("P{}", self.number);
        let next = end + Days::new(1);
        let kind = "CYCLE INSTANCE PRORATE";
        let lines = [
            ((start, end), (kind, from, -1)),
            ((start, at - Days::new(1)), (kind, from, 1)),
            ((at, end), (kind, to, 1)),
            ((next, cycle_end(next)), (kind, to, 1)),
        ];
        for (period, line) in lines {
            self.emit(place, period, line, own.clone(), 1);
            self.life.entries.last_mut().expect("one was added").month = at_month(end).min(self.plan.months - 1);
        }
        self.set(place, at, to);
        true
    }

    fn set(&mut self, place: usize, at: NaiveDate, seats: i64) {
        self.states[place].seats = Some(seats);
        self.states[place].changed = true;
        self.life.truths[place].numbers.push((at, seats));
    }

    fn emit(
        &mut self,
        subscription: usize,
        (date, end): (NaiveDate, NaiveDate),
        (kind, seats, sign): (&'static str, i64, i64),
        own: String,
        times: u32,
    ) {
        let reference = match self.subject(subscription).scheme.reference {
            Reference::Pair | Reference::Original => own,
            Reference::Constant => "R1".to_owned(),
            Reference::Blank => String::new(),
        };
        let month = at_month(date).min(self.plan.months - 1);
        let entry = Entry { subscription, date, end, kind, seats, sign, reference, month, times, base: false };
        self.life.entries.push(entry);
    }
}

fn at_month(at: NaiveDate) -> u32 {
    chrono::Datelike::month0(&at)
}

/// The last day of the one-month cycle that begins on a date.
pub fn cycle_end(start: NaiveDate) -> NaiveDate {
    start + chrono::Months::new(1) - Days::new(1)
}
