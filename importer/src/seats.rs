//! Works out the number of seats from charge lines.
//!
//! A reconciliation file contains charges, not states: one change of seats consists of several lines, not in
//! chronological order, and possibly in several files. The number of seats is therefore a function only of the *set* of
//! known lines ([`ChargeSet`]), and not of their order or their distribution over files.
//!
//! - A *base* (a purchase, a renewal, a cycle charge) states a number. The set begins at the newest base; earlier lines
//!   are history and are dropped.
//! - A *change* cancels the previous number and states another one. Whichever references pair the lines, exactly one
//!   stated number must remain after the cancelled ones are subtracted: the number of seats.
//!
//! This module does not depend on files, databases or reports. Days are counted from the beginning of the common era.

mod pack;
mod periods;
mod solve;
mod tally;

pub use solve::{Finding, Reason, WorkedOut};

/// The type of a line, as far as seats are concerned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
pub enum LineKind {
    /// A purchase.
    New = 0,
    /// A renewal for the next term.
    Renew = 1,
    /// The next billing period of a term.
    Cycle = 2,
    /// A licence file's purchase fee. It is a base if it is the first one, and a change if others precede it.
    Purchase = 3,
    /// Seats were added.
    Add = 4,
    /// Seats were removed.
    Remove = 5,
    /// Seats were moved to or from another subscription of the customer.
    Move = 6,
    /// The billing plan was changed, with or without the number of seats.
    ChangePlan = 7,
    /// The term was extended.
    ExtendTerm = 8,
    /// The product was changed. If seats stay behind, it is a partial upgrade.
    Convert = 9,
    /// A licence file's correction after a change: prorated fees, credits.
    Prorate = 10,
    /// The subscription was cancelled.
    Cancel = 11,
    /// A type that this program does not know. It may have changed the seats.
    Unknown = 12,
    /// The number that someone decided on when the lines proved none. Lines up to its day are history.
    Restart = 13,
}

impl LineKind {
    const ALL: [Self; 14] = [
        Self::New,
        Self::Renew,
        Self::Cycle,
        Self::Purchase,
        Self::Add,
        Self::Remove,
        Self::Move,
        Self::ChangePlan,
        Self::ExtendTerm,
        Self::Convert,
        Self::Prorate,
        Self::Cancel,
        Self::Unknown,
        Self::Restart,
    ];

    /// Whether a positive line of this type states a number that needs no other line.
    fn is_base(self) -> bool {
        matches!(self, Self::New | Self::Renew | Self::Cycle | Self::Restart)
    }

    /// Whether the seats of this change may be on another subscription of the same customer.
    fn has_counterpart(self) -> bool {
        matches!(self, Self::Convert | Self::Move)
    }

    fn name(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Renew => "renew",
            Self::Cycle => "cycleCharge",
            Self::Purchase => "purchase fee",
            Self::Add => "addQuantity",
            Self::Remove => "removeQuantity",
            Self::Move => "moveQuantity",
            Self::ChangePlan => "changeBillingPlan",
            Self::ExtendTerm => "extendTerm",
            Self::Convert => "convert",
            Self::Prorate => "prorate",
            Self::Cancel => "cancel",
            Self::Unknown => "unknown",
            Self::Restart => "decided",
        }
    }
}

/// One charge line of a subscription. Equal lines are the same line, imported twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Line {
    /// The day of the order, else the first day of the charge period.
    pub day: i32,
    /// The type.
    pub kind: LineKind,
    /// −1 wipes, 1 states, 0 if all amounts are zero.
    pub sign: i8,
    /// The number of seats. A cancellation may have none.
    pub seats: Option<u32>,
    /// The first day that is charged.
    pub start: Option<i32>,
    /// The last day that is charged.
    pub end: Option<i32>,
    /// Whether the line has an order date. Licence files have none.
    pub is_ordered: bool,
    /// A fingerprint of what else distinguishes lines: reference, product, time of the order.
    pub likeness: u32,
    /// A fingerprint of price and SKU. Lines that differ only in these are *alike*.
    pub price: u16,
    /// A fingerprint of the reference, kept if a counterpart on another subscription is looked for; else 0.
    pub reference: u32,
    /// Whether one file contains it twice.
    pub is_double: bool,
}

impl Line {
    fn states(&self) -> bool {
        self.sign > 0 || (self.sign == 0 && (self.kind.is_base() || self.kind == LineKind::Purchase))
    }

    fn is_same(&self, other: &Self) -> bool {
        Self { is_double: false, ..*self } == Self { is_double: false, ..*other }
    }

    fn is_alike(&self, other: &Self) -> bool {
        let plain = |line: &Self| Self { price: 0, is_double: false, ..*line };
        plain(self) == plain(other)
    }
}

/// The known charge lines of one subscription from one source, from the newest base on, in the order of their days.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ChargeSet {
    lines: Vec<Line>,
}

impl ChargeSet {
    /// The set of these lines.
    #[must_use]
    pub fn of(lines: impl IntoIterator<Item = Line>) -> Self {
        let mut set = Self::default();
        set.extend(lines);
        set
    }

    /// Adds lines. Known lines still count once. Lines before the newest base are dropped, except conversions and
    /// moves, which another subscription of the customer may need as a counterpart.
    pub fn extend(&mut self, lines: impl IntoIterator<Item = Line>) {
        for line in lines {
            if line.seats.is_none() && !matches!(line.kind, LineKind::Cancel | LineKind::Unknown) {
                continue;
            }
            match self.lines.iter_mut().find(|known| known.is_same(&line)) {
                Some(known) => known.is_double |= line.is_double,
                None => self.lines.push(line),
            }
        }
        self.lines.sort_unstable();
        self.drop_history();
    }

    fn drop_history(&mut self) {
        let decided = self.lines.iter().filter(|line| line.kind == LineKind::Restart).max().copied();
        if let Some(decided) = decided {
            self.lines.retain(|line| line.day > decided.day || *line == decided || line.kind.has_counterpart());
        }
        // A purchase fee drops nothing, because a file that is imported later may show that it was not the first.
        if let Some(day) = self.stating().filter(|line| line.kind.is_base()).map(|line| line.day).max() {
            self.lines.retain(|line| line.day >= day || line.kind.has_counterpart());
        }
    }

    fn stating(&self) -> impl Iterator<Item = &Line> {
        self.lines.iter().filter(|line| line.states() && line.seats.is_some())
    }

    /// The day of the base. The set begins with the newest base; a purchase fee is a base if nothing precedes it.
    pub(crate) fn base_day(&self) -> Option<i32> {
        let first = self.stating().find(|line| line.kind.is_base() || line.kind == LineKind::Purchase);
        first.map(|line| line.day)
    }

    /// Whether no lines are known.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    /// The lines, in the order of their days.
    #[must_use]
    pub fn lines(&self) -> &[Line] {
        &self.lines
    }

    /// Whether it contains lines that move seats to or from other subscriptions.
    #[must_use]
    pub fn has_moves(&self) -> bool {
        self.lines.iter().any(|line| line.kind.has_counterpart())
    }

    /// Whether a line is in the set, and not history.
    #[must_use]
    pub fn has(&self, line: &Line) -> bool {
        self.base_day().is_none_or(|day| line.day >= day) && self.lines.iter().any(|known| known.is_same(line))
    }

    /// The number of seats with its proof, or why it cannot be determined.
    ///
    /// `has_counterpart` returns whether the seats that a line converts or moves away are charged for on another
    /// subscription of the same customer.
    #[must_use]
    pub fn work_out(&self, has_counterpart: &dyn Fn(&Line) -> bool) -> WorkedOut {
        solve::work_out(self, has_counterpart)
    }

    /// Restarts with a number that someone decided on, on the day of the newest line.
    pub fn restart(&mut self, seats: u32) {
        let Some(day) = self.lines.iter().map(|line| line.day).max() else { return };
        self.extend([Line {
            day,
            kind: LineKind::Restart,
            sign: 1,
            seats: Some(seats),
            start: None,
            end: None,
            is_ordered: true,
            likeness: 0,
            price: 0,
            reference: 0,
            is_double: false,
        }]);
    }

    /// Whether a charge after this day is known, which shows that a subscription goes on after the end of its term.
    #[must_use]
    pub fn goes_on_after(&self, day: i32) -> bool {
        let proves = |line: &&Line| {
            matches!(line.kind, LineKind::Cycle | LineKind::Renew | LineKind::ExtendTerm) && line.states()
        };
        self.lines.iter().filter(proves).any(|line| line.start.is_some_and(|start| start > day))
    }

    /// All lines in readable form: `new 10 (2026-06-18), addQuantity credit 10 charge 12 (2026-06-20)`.
    ///
    /// There are no signs before the numbers: in "removeQuantity +20", the 20 seats that remain would look like an increase.
    #[must_use]
    pub fn chain(&self) -> String {
        let mut text = String::new();
        let mut before: Option<(i32, LineKind)> = None;
        let close = |text: &mut String, before: Option<(i32, LineKind)>| {
            if let Some((day, _)) = before {
                text.push_str(&format!(" ({})", shown(day)));
            }
        };
        for line in &self.lines {
            if before != Some((line.day, line.kind)) {
                close(&mut text, before);
                if before.is_some() {
                    text.push_str(", ");
                }
                text.push_str(line.kind.name());
                before = Some((line.day, line.kind));
            }
            let sign = match (line.sign, line.kind.is_base()) {
                (-1, _) => "credit ",
                (1, false) => "charge ",
                (0, false) => "zero amount ",
                _ => "",
            };
            let seats = line.seats.map_or_else(|| "?".to_owned(), |seats| seats.to_string());
            text.push_str(&format!(" {sign}{seats}"));
            if line.is_double {
                text.push_str(" (twice)");
            }
        }
        close(&mut text, before);
        text
    }
}

fn shown(day: i32) -> String {
    chrono::NaiveDate::from_num_days_from_ce_opt(day).map_or_else(|| day.to_string(), |day| day.to_string())
}

#[cfg(test)]
mod tests;
