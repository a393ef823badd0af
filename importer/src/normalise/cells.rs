//! Cells by field, and the faults found in them.

use std::str::FromStr;

use chrono::NaiveDateTime;
use partnergraph_domain::{IdError, Severity};

use super::Context;
use crate::amount::Amount;
use crate::issue::Issue;
use crate::parse::{Record, Row, date};
use crate::profiles::{DateOrder, Field};

/// The largest number of seats; a table's and the API's whole numbers end there.
const MOST_SEATS: u64 = i32::MAX as u64;

/// How many dates a row may have; a format has fewer.
const DATES: usize = 12;

/// A row being read.
pub(super) struct Cells<'r> {
    pub(super) context: &'r Context,
    pub(super) row: Row<'r>,
    issues: Vec<Issue>,
    faulty: bool,
    /// Dates that were read: some are asked for twice, and a bad one is to be told once.
    dates: [Option<(Field, Option<NaiveDateTime>)>; DATES],
    read_dates: usize,
}

impl<'r> Cells<'r> {
    pub(super) fn new(context: &'r Context, row: Row<'r>) -> Self {
        Self { context, row, issues: Vec::new(), faulty: false, dates: [None; DATES], read_dates: 0 }
    }

    pub(super) fn finish(self) -> (Vec<Issue>, bool) {
        (self.issues, self.faulty)
    }

    /// Notes something about the row; an error rejects it.
    pub(super) fn tell(&mut self, issue: Issue) {
        self.faulty |= issue.severity == Severity::Error;
        self.issues.push(issue);
    }

    pub(super) fn issue(&self, severity: Severity, code: &'static str, message: impl Into<String>) -> Issue {
        Issue::new(severity, self.context.file, self.row.line, code, message)
    }

    /// A fault in a field's cell.
    pub(super) fn fault(&mut self, field: Field, code: &'static str, message: impl Into<String>, hint: &str) {
        let mut issue = self.issue(Severity::Error, code, message).hint(hint);
        issue.column = self.row.layout.name(field).map(str::to_owned);
        if let Some(value) = self.row.get(field) {
            issue = issue.value(value);
        }
        self.tell(issue);
    }

    /// A cell that must be there and is blank. Where the row ends before it, that is the fault already told.
    pub(super) fn missing(&mut self, field: Field, code: &'static str, message: &str, hint: &str) {
        if !self.row.is_cut_before(field) {
            self.fault(field, code, message, hint);
        }
    }

    pub(super) fn get(&self, field: Field) -> Option<&'r str> {
        self.row.get(field)
    }

    pub(super) fn text(&self, field: Field) -> Option<String> {
        self.row.get(field).map(str::to_owned)
    }

    /// An id; a malformed one is a fault.
    pub(super) fn id<T: FromStr<Err = IdError>>(&mut self, field: Field, code: &'static str, what: &str) -> Option<T> {
        let text = self.get(field)?;
        match text.parse() {
            Ok(id) => Some(id),
            Err(error) => {
                self.fault(field, code, format!("{what} is malformed: {error}"), "a GUID has 32 hexadecimal digits");
                None
            }
        }
    }

    /// A date; nothing where there is none, and a fault where there is something else.
    pub(super) fn date(&mut self, field: Field) -> Option<NaiveDateTime> {
        if let Some((_, date)) = self.dates.iter().flatten().find(|(read, _)| *read == field) {
            return *date;
        }
        let date = self.get(field).and_then(|text| {
            date::parse(text, self.context.date_order).unwrap_or_else(|_| {
                let order = match self.context.date_order {
                    DateOrder::Mdy => "month, day, year",
                    DateOrder::Dmy => "day, month, year",
                    DateOrder::Ymd => "year, month, day",
                };
                let message = format!("this is no date; the file's dates are read as {order}");
                self.fault(
                    field,
                    "subscription.date.invalid",
                    message,
                    "if all dates are read in the wrong order, say --date-order",
                );
                None
            })
        });
        if let Some(place) = self.dates.get_mut(self.read_dates) {
            *place = Some((field, date));
            self.read_dates += 1;
        }
        date
    }

    /// A number of seats; nothing where the cell is blank, a fault where it is not a whole number.
    pub(super) fn whole_seats(&mut self, field: Field) -> Option<u32> {
        self.seats(field).map(|s| u32::try_from(s).unwrap_or(0))
    }
    pub(super) fn seats(&mut self, field: Field) -> Option<i64> {
        let text = self.get(field)?;
        match seats(text).map(i64::from) {
            Ok(seats) => Some(seats),
            Err(why) => {
                self.fault(
                    field,
                    "subscription.quantity.invalid",
                    why,
                    "seats are a whole number from 0 to 2147483647",
                );
                None
            }
        }
    }

    /// An amount of money; a fault where the cell is no number.
    pub(super) fn amount(&mut self, field: Field) -> Option<Amount> {
        let text = self.get(field)?;
        let amount = Amount::parse(text, self.context.mark);
        if amount.is_none() {
            self.fault(
                field,
                "charge.amount.invalid",
                "this is no amount of money",
                "write it as digits with a decimal point",
            );
        }
        amount
    }

    /// A row with more or fewer cells than the header has. Blank cells are none behind the last column, as far as the header
    /// line itself goes; beyond it even a blank one tells of a delimiter within a cell, which would have moved the others.
    pub(super) fn check_width(&mut self, cells: usize) {
        let width = self.row.layout.names.len();
        let surplus = cells > width.max(self.row.layout.cells)
            || (width.max(self.reject_width(cells))..cells)
                .any(|at| self.row.cell(at).is_some_and(|text| !text.is_empty()));
        if cells < width || surplus {
            let message = format!("the row has {cells} cells, the header {width}");
            let hint = "look for a delimiter or a line end within a cell that is not quoted";
            let issue = self.issue(Severity::Error, "row.field_count", message).hint(hint);
            self.tell(issue);
        }
    }

    /// A mended rejects file has cells of its own behind the last column, as many as its header says.
    fn reject_width(&self, cells: usize) -> usize {
        if cells == self.row.layout.cells { cells } else { 0 }
    }

    /// Bytes that are no text.
    pub(super) fn not_text(&mut self, record: &Record<'_>) {
        let bad = (0..record.len())
            .find(|at| record.cell(*at).is_some_and(|cell| cell.contains(&0) || std::str::from_utf8(cell).is_err()));
        let mut issue = self
            .issue(Severity::Error, "row.encoding", "the row has bytes that are no text in the file's encoding")
            .hint("mend the row, or name the file's encoding with --encoding");
        if let Some(at) = bad {
            issue.column = self.row.layout.names.get(at).cloned();
            issue = issue.value(&self.row.cell(at).unwrap_or_default().replace('\0', "\u{fffd}"));
        }
        self.tell(issue);
    }
}

/// Whole seats; `10.00` are ten.
fn seats(text: &str) -> Result<u32, &'static str> {
    if text.starts_with(['-', '−']) {
        return Err("the number of seats is negative");
    }
    let (whole, fraction) = match text.find(['.', ',']) {
        Some(mark) => (&text[..mark], &text[mark + 1..]),
        None => (text, "0"),
    };
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(whole) || !digits(fraction) {
        return Err("the number of seats is no whole number");
    }
    // Three noughts behind a comma may be thousands in one country and nothing in the next.
    if fraction.bytes().any(|byte| byte != b'0') || (text.contains(',') && fraction.len() == 3) {
        return Err("the number of seats is a fraction");
    }
    whole
        .parse::<u64>()
        .ok()
        .filter(|seats| *seats <= MOST_SEATS)
        .and_then(|seats| u32::try_from(seats).ok())
        .ok_or("the number of seats is too large")
}

#[cfg(test)]
mod tests {
    use super::seats;

    #[test]
    fn seats_are_whole_numbers() {
        for (text, expected) in [("0", 0), ("12", 12), ("10.0000", 10), ("10,0", 10), ("2147483647", 2_147_483_647)] {
            assert_eq!(seats(text), Ok(expected), "{text}");
        }
        for text in
            ["-1", "−1", "1.5", "ten", "", ".", "1e3", "2147483648", "99999999999999999999", "1,000", "1.000.000", "+5"]
        {
            assert!(seats(text).is_err(), "{text}");
        }
    }
}
