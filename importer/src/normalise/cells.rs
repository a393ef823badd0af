//! Access to cells by field, and the errors found in them.

use std::str::FromStr;

use chrono::NaiveDateTime;
use partnergraph_domain::{IdError, MAX_NAME_CHARS, NameFault, Severity, check_name, without_controls};

use super::Context;
use super::seats::{SeatsFault, seats};
use crate::amount::Amount;
use crate::issue::Issue;
use crate::parse::{Record, Row, date};
use crate::profiles::{DateOrder, Field, Width};

/// The most dates that a row may have. No format has this many.
const DATES: usize = 12;

/// A row that is being read.
pub(super) struct Cells<'r> {
    pub(super) context: &'r Context,
    pub(super) row: Row<'r>,
    issues: Vec<Issue>,
    faulty: bool,
    /// Whether a cell contains something that its column cannot hold, as the cells of a shifted row do.
    doubtful: bool,
    /// Dates that were already read. Some are asked for twice, and an invalid one must be reported only once.
    dates: [Option<(Field, Option<NaiveDateTime>)>; DATES],
    read_dates: usize,
}

impl<'r> Cells<'r> {
    pub(super) fn new(context: &'r Context, row: Row<'r>) -> Self {
        Self { context, row, issues: Vec::new(), faulty: false, doubtful: false, dates: [None; DATES], read_dates: 0 }
    }

    /// Whether an error was reported.
    pub(super) fn is_faulty(&self) -> bool {
        self.faulty
    }

    pub(super) fn finish(self) -> Vec<Issue> {
        self.issues
    }

    /// Adds an issue about the row. An error rejects the row.
    pub(super) fn report(&mut self, issue: Issue) {
        self.faulty |= issue.severity == Severity::Error;
        self.issues.push(issue);
    }

    pub(super) fn issue(&self, severity: Severity, code: &'static str, message: impl Into<String>) -> Issue {
        Issue::new(severity, self.context.file, self.row.line, code, message)
    }

    /// Adds an error about a field's cell.
    pub(super) fn fault(&mut self, field: Field, code: &'static str, message: impl Into<String>, hint: &str) {
        let mut issue = self.issue(Severity::Error, code, message).hint(hint);
        issue.column = self.row.layout.name(field).map(str::to_owned);
        if let Some(value) = self.row.get(field) {
            issue = issue.value(value);
        }
        self.report(issue);
    }

    /// Reports a required cell that is blank. If the row ends before it, the row's width was already reported.
    pub(super) fn missing(&mut self, field: Field, code: &'static str, message: &str, hint: &str) {
        if !self.row.is_cut_before(field) {
            self.fault(field, code, message, hint);
        }
    }

    /// The text of the field's cell. The nil GUID in an id column counts as blank, because portals write it if there is
    /// none.
    pub(super) fn get(&self, field: Field) -> Option<&'r str> {
        self.row.get(field).filter(|text| !(field.is_guid() && is_nil(text)))
    }

    /// A text to be stored as a name or label. It must meet the same rules as in the API, except for control
    /// characters: they do not make a list less useful, so they are replaced with spaces and reported as a warning.
    pub(super) fn text(&mut self, field: Field) -> Option<String> {
        let text = self.get(field)?;
        match check_name(text) {
            Ok(()) => Some(text.to_owned()),
            Err(NameFault::TooLong) => {
                let message = format!("the text has more than {MAX_NAME_CHARS} characters");
                self.fault(field, "row.text_too_long", message, "shorten it, or look for an unclosed quote");
                None
            }
            Err(NameFault::ControlCharacter('\0')) => None, // Already reported by `not_text`.
            Err(NameFault::ControlCharacter(_)) => {
                self.controls_are_spaces(field);
                Some(without_controls(text)).filter(|text| !text.is_empty())
            }
        }
    }

    /// Adds a warning about control characters in a cell.
    pub(super) fn controls_are_spaces(&mut self, field: Field) {
        let message = "control characters in the cell were replaced with spaces";
        let mut issue = self
            .issue(Severity::Warning, "row.control_characters", message)
            .hint("check the cell in the portal; if the text is correct without them, no action is needed");
        issue.column = self.row.layout.name(field).map(str::to_owned);
        issue.value = self.get(field).map(crate::issue::quoted);
        self.report(issue);
    }

    /// A value of an enum. An unknown value is a warning, which the report counts per value and file.
    pub(super) fn enum_value<T>(
        &mut self,
        field: Field,
        what: &str,
        read: impl FnOnce(&str) -> Option<T>,
    ) -> Option<T> {
        let text = self.get(field)?;
        let known = read(text);
        if known.is_none() {
            let message = format!("unknown {what}; the cell is ignored");
            self.unknown(
                field,
                "word.unknown",
                message,
                "check the spelling, and that the row's columns are not shifted",
            );
        }
        known
    }

    /// Adds a warning about an unknown value.
    pub(super) fn unknown(&mut self, field: Field, code: &'static str, message: impl Into<String>, hint: &str) {
        let mut issue = self.issue(Severity::Warning, code, message).hint(hint);
        issue.column = self.row.layout.name(field).map(str::to_owned);
        issue.value = self.get(field).map(crate::issue::quoted);
        self.doubtful = true;
        self.report(issue);
    }

    /// An id. A malformed one is an error.
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

    /// A date. `None` if the cell is blank; an error if it contains something else.
    pub(super) fn date(&mut self, field: Field) -> Option<NaiveDateTime> {
        if let Some((_, date)) = self.dates.iter().flatten().find(|(read, _)| *read == field) {
            return *date;
        }
        let date = self.get(field).and_then(|text| {
            date::parse(text, self.context.date_order).unwrap_or_else(|_| {
                self.not_a_date(field, text);
                None
            })
        });
        if let Some(place) = self.dates.get_mut(self.read_dates) {
            *place = Some((field, date));
            self.read_dates += 1;
        }
        date
    }

    /// Whether a cell contains something that is not a date. If so, this is reported.
    pub(super) fn is_bad_date(&self, field: Field) -> bool {
        self.get(field).is_some_and(|text| date::parse(text, self.context.date_order).is_err())
    }

    fn not_a_date(&mut self, field: Field, text: &str) {
        let code = match field {
            Field::DateAgreed => "agreement.date.invalid",
            Field::MpaSignedOn => "reseller.date.invalid",
            _ => "subscription.date.invalid",
        };
        if date::is_spreadsheet_number(text) {
            let message = "not a date but a spreadsheet's serial number for one";
            return self.fault(
                field,
                code,
                message,
                "format the column as a date in the spreadsheet and save it again",
            );
        }
        let order = match self.context.date_order {
            DateOrder::Mdy => "month, day, year",
            DateOrder::Dmy => "day, month, year",
            DateOrder::Ymd => "year, month, day",
        };
        let message = format!("not a valid date; the file's dates are read as {order}");
        self.fault(field, code, message, "if all dates are read in the wrong order, use --date-order");
    }

    /// A number of seats as a charge states it: negative if a line removes seats. `None` if the cell is blank or is not
    /// a whole number, which is an error.
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

    /// An amount of money. An error if the cell is not a number.
    pub(super) fn amount(&mut self, field: Field) -> Option<Amount> {
        let text = self.get(field)?;
        let amount = Amount::parse(text, self.context.decimal_mark);
        if amount.is_none() {
            self.fault(
                field,
                "charge.amount.invalid",
                "not a valid amount of money",
                "use digits with a decimal point",
            );
        }
        amount
    }

    /// A row must have as many cells as the header without its empty tail, or its additional cells must be blank. A
    /// delimiter within a cell can leave exactly such a blank at the end, so the row is also refused if one of its
    /// cells cannot belong to its column.
    pub(super) fn check_width(&mut self, cells: usize) {
        let width = self.row.layout.names.len();
        // A spreadsheet fills up short rows, so the rejection reasons that follow their last cell can end up in data
        // columns.
        let states_misfit =
            |at: usize| self.row.cell(at).is_some_and(|cell| cell.split(';').any(|code| code == MISFIT));
        if self.row.layout.rejects && (0..width).any(states_misfit) {
            let message = "the rejection reasons of an earlier import are in the row's data columns";
            let hint = "move each cell back into its own column, and delete the reasons";
            let issue = self.issue(Severity::Error, MISFIT, message).hint(hint);
            self.report(issue);
            return;
        }
        let fits = match self.row.layout.width(cells) {
            Width::Exact => true,
            Width::Wider => (width..cells).all(|at| self.row.cell(at).is_none_or(str::is_empty)) && !self.doubtful,
            Width::Narrower => false,
        };
        if !fits {
            let message = format!("the row has {cells} cells but the header has {width}");
            let hint = "look for an unquoted delimiter or line break within a cell";
            let issue = self.issue(Severity::Error, MISFIT, message).hint(hint);
            self.report(issue);
        }
    }

    /// Reports bytes that are not text.
    pub(super) fn not_text(&mut self, record: &Record<'_>) {
        let bad = (0..record.len())
            .find(|at| record.cell(*at).is_some_and(|cell| cell.contains(&0) || std::str::from_utf8(cell).is_err()));
        let encoding = self.context.encoding;
        let message = format!("the row has bytes that are not text in the file's encoding, {encoding}");
        // If many rows are like this one, correcting each of them by hand is the wrong remedy.
        let hint = match self.context.likely_encoding {
            Some(likely) => format!("the text seems to be in {likely}: import the file again with --encoding {likely}"),
            None => "set the file's encoding with --encoding, such as windows-1250; if only this row is damaged, fix the row".to_owned(),
        };
        let mut issue = self.issue(Severity::Error, "row.encoding", message).hint(hint);
        if let Some(at) = bad {
            issue.column = self.row.layout.names.get(at).cloned();
            issue = issue.value(&self.row.cell(at).unwrap_or_default().replace('\0', "\u{fffd}"));
        }
        self.report(issue);
    }
}

/// The code of a row whose number of cells differs from its header's.
const MISFIT: &str = "row.field_count";

/// Whether a text is the nil GUID, also in braces or without hyphens.
fn is_nil(text: &str) -> bool {
    text.starts_with(['0', '{', '(']) && {
        let mut noughts = 0;
        text.bytes().all(|byte| {
            noughts += usize::from(byte == b'0');
            matches!(byte, b'0' | b'-' | b'{' | b'}' | b'(' | b')')
        }) && noughts == 32
    }
}

#[cfg(test)]
mod tests {
    use super::is_nil;

    #[test]
    fn the_nil_guid_is_known_however_it_is_written() {
        for text in [
            "00000000-0000-0000-0000-000000000000",
            "{00000000-0000-0000-0000-000000000000}",
            "00000000000000000000000000000000",
        ] {
            assert!(is_nil(text), "{text}");
        }
        for text in ["", "0", "00000000-0000-0000-0000-000000000001", "0000-0000", "{}"] {
            assert!(!is_nil(text), "{text}");
        }
    }
}
