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
const MOST_SEATS: i64 = i32::MAX as i64;

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

    /// Whether an error was told.
    pub(super) fn is_faulty(&self) -> bool {
        self.faulty
    }

    pub(super) fn finish(self) -> Vec<Issue> {
        self.issues
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

    /// A number of seats as a charge states it: negative where a line takes seats back. `None` if the cell is blank or not a
    /// whole number, which is a fault.
    pub(super) fn seats(&mut self, field: Field) -> Option<i64> {
        let text = self.get(field)?;
        match seats(text) {
            Ok(seats) => Some(seats),
            Err(fault) => {
                self.fault(field, "subscription.quantity.invalid", fault.message(), fault.hint());
                None
            }
        }
    }

    /// A number of seats as a list states it, which cannot be negative.
    pub(super) fn whole_seats(&mut self, field: Field) -> Option<u32> {
        let seats = self.seats(field)?;
        let whole = u32::try_from(seats);
        if whole.is_err() {
            let fault = SeatsFault::Negative;
            self.fault(field, "subscription.quantity.invalid", fault.message(), fault.hint());
        }
        whole.ok()
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

/// Why a cell is not a number of seats.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum SeatsFault {
    NotANumber,
    Fraction,
    /// Three digits after the only separator, or several groups of them.
    Thousands,
    Negative,
    TooLarge,
}

impl SeatsFault {
    const fn message(self) -> &'static str {
        match self {
            Self::NotANumber => "the number of seats is not a whole number",
            Self::Fraction => "the number of seats is a fraction",
            Self::Thousands => "the number of seats is ambiguous: a thousands separator?",
            Self::Negative => "the number of seats is negative",
            Self::TooLarge => "the number of seats is too large",
        }
    }

    const fn hint(self) -> &'static str {
        match self {
            Self::Thousands => "is it a thousands separator? write the number with digits only, such as 1200",
            _ => "seats are a whole number from 0 to 2147483647",
        }
    }
}

/// Whole seats; `10.00` is ten. Exactly three decimals are never read as a whole number: `1.000` is a thousand in one
/// country and one in the next.
fn seats(text: &str) -> Result<i64, SeatsFault> {
    let (text, negative) = match text.strip_prefix(['-', '−']) {
        Some(rest) => (rest, true),
        None => (text, false),
    };
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let signed = |seats: i64| if negative { -seats } else { seats };
    // Almost every cell is digits and nothing else.
    if digits(text) {
        return whole_number(text).map(signed);
    }
    let separator = |c: char| matches!(c, '.' | ',' | '\'' | '’' | ' ' | '\u{a0}' | '\u{202f}');
    let groups: Vec<&str> = text.splitn(8, separator).collect();
    let (whole, fraction) = match groups[..] {
        [_, ref rest @ ..] if groups.iter().all(|group| digits(group)) && rest.iter().all(|group| group.len() == 3) => {
            return Err(SeatsFault::Thousands);
        }
        [whole, fraction] if text.contains(['.', ',']) && digits(whole) && digits(fraction) => (whole, fraction),
        _ => return Err(SeatsFault::NotANumber),
    };
    if fraction.bytes().any(|byte| byte != b'0') {
        return Err(SeatsFault::Fraction);
    }
    whole_number(whole).map(signed)
}

fn whole_number(digits: &str) -> Result<i64, SeatsFault> {
    digits.parse().ok().filter(|seats| *seats <= MOST_SEATS).ok_or(SeatsFault::TooLarge)
}

#[cfg(test)]
mod tests {
    use super::{SeatsFault, seats};

    #[test]
    fn seats_are_whole_numbers() {
        for (text, expected) in [
            ("0", 0),
            ("12", 12),
            ("10.0000", 10),
            ("10.00", 10),
            ("10,0", 10),
            ("2147483647", 2_147_483_647),
            ("-1", -1),
            ("−12.0", -12),
            ("-0", 0),
        ] {
            assert_eq!(seats(text), Ok(expected), "{text}");
        }
        for text in ["ten", "", ".", "-", "1e3", "+5", "1.", ".5", "--1", "1 2", "1.2.3", "1.0000.0"] {
            assert_eq!(seats(text), Err(SeatsFault::NotANumber), "{text}");
        }
        for text in ["1.5", "10,25", "0.0001"] {
            assert_eq!(seats(text), Err(SeatsFault::Fraction), "{text}");
        }
        for text in ["2147483648", "99999999999999999999", "-2147483648"] {
            assert_eq!(seats(text), Err(SeatsFault::TooLarge), "{text}");
        }
    }

    #[test]
    fn three_digits_after_a_separator_are_never_guessed_at() {
        for text in
            ["1,200", "1.200", "1.000", "10,000", "1.000.000", "1 200", "1\u{a0}200", "1'200", "-1,200", "1234.000"]
        {
            assert_eq!(seats(text), Err(SeatsFault::Thousands), "{text}");
        }
    }
}
