//! Issues of a file or a row: errors, conflicts and information.

use std::borrow::Cow;
use std::fmt;
use std::ops::Deref;

use serde::{Deserialize, Serialize};

use partnergraph_domain::RuleId;
pub use partnergraph_domain::Severity;

use crate::printable::escape_control;

/// A value quoted in an issue is cut at this many characters. Reports are for people, so an error in a cell of a
/// megabyte must not make the report that large.
const VALUE_LIMIT: usize = 120;

/// One issue of the report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Issue {
    /// `error`: the row is rejected, or part of it is held. `warning` and `info` have no effect.
    pub severity: Severity,
    /// The input's position on the command line, from 0.
    pub file: u16,
    /// The physical line on which the record starts, from 1. 0 if the issue is about the whole file.
    pub line: u64,
    /// The column as the file's own header spells it.
    pub column: Option<String>,
    /// Stable and machine-readable, such as `row.field_count`.
    pub code: Cow<'static, str>,
    /// The business rule that was broken.
    pub rule: Option<RuleId>,
    /// One sentence: what is wrong.
    pub message: String,
    /// One sentence: what to do about it.
    pub hint: Option<String>,
    /// The cell's text, cut if it is long.
    pub value: Option<String>,
}

impl Issue {
    /// Creates an issue about the record that starts on `line`.
    pub fn new(severity: Severity, file: u16, line: u64, code: &'static str, message: impl Into<String>) -> Self {
        Self {
            severity,
            file,
            line,
            column: None,
            code: Cow::Borrowed(code),
            rule: None,
            message: message.into(),
            hint: None,
            value: None,
        }
    }

    /// Sets the column that the issue is about.
    #[must_use]
    pub fn column(mut self, column: impl Into<String>) -> Self {
        self.column = Some(column.into());
        self
    }

    /// Sets the hint.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Sets the business rule behind the issue.
    #[must_use]
    pub fn rule(mut self, rule: RuleId) -> Self {
        self.rule = Some(rule);
        self
    }

    /// Sets the cell's text.
    #[must_use]
    pub fn value(mut self, value: &str) -> Self {
        self.value = Some(quoted(value));
        self
    }
}

/// Text as a report quotes it: cut to a readable length, with an ellipsis if it was cut.
pub(crate) fn quoted(text: &str) -> String {
    match text.char_indices().nth(VALUE_LIMIT) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// Why a whole file is not imported. Dereferences to [`Refused`]; boxed to keep results small.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(transparent)]
pub struct FileRefusal(Box<Refused>);

/// The content of a refusal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refused {
    /// `file.header.unknown`, `file.quote_open`, …
    pub code: Cow<'static, str>,
    /// The input's name as given.
    pub file: String,
    /// The physical line that shows the error, if there is one.
    pub line: Option<u64>,
    /// The column that shows the error, if there is one.
    pub column: Option<String>,
    /// The text that shows the error, cut if it is long.
    pub value: Option<String>,
    /// One sentence: what is wrong.
    pub message: String,
    /// One sentence: what to do about it.
    pub hint: Option<String>,
}

impl Deref for FileRefusal {
    type Target = Refused;

    fn deref(&self) -> &Refused {
        &self.0
    }
}

impl FileRefusal {
    /// Refuses `file` as a whole.
    pub fn new(file: &str, code: &'static str, message: impl Into<String>) -> Self {
        Self(Box::new(Refused {
            code: Cow::Borrowed(code),
            file: file.to_owned(),
            line: None,
            column: None,
            value: None,
            message: message.into(),
            hint: None,
        }))
    }

    /// Sets the hint.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.0.hint = Some(hint.into());
        self
    }

    /// Sets the line that shows the error.
    #[must_use]
    pub fn line(mut self, line: u64) -> Self {
        self.0.line = Some(line);
        self
    }

    /// Sets the column that shows the error.
    #[must_use]
    pub fn column(mut self, column: impl Into<String>) -> Self {
        self.0.column = Some(column.into());
        self
    }

    /// Sets the column and the text that show the error.
    #[must_use]
    pub fn cell(mut self, column: impl Into<String>, value: &str) -> Self {
        self.0.value = Some(quoted(value));
        self.column(column)
    }

    /// Converts the refusal into an issue of the report.
    #[must_use]
    pub fn into_issue(self, file: u16) -> Issue {
        let refused = *self.0;
        Issue {
            severity: Severity::Error,
            file,
            line: refused.line.unwrap_or(0),
            column: refused.column,
            code: refused.code,
            rule: None,
            message: refused.message,
            hint: refused.hint,
            value: refused.value,
        }
    }
}

impl fmt::Display for FileRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (file, message) = (escape_control(&self.file), escape_control(&self.message));
        match self.line {
            Some(line) => write!(f, "{file}:{line}: {message} [{}]", self.code),
            None => write!(f, "{file}: {message} [{}]", self.code),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_value_is_cut_between_characters() {
        let cut = quoted(&"ż".repeat(500));
        assert_eq!(cut.chars().count(), VALUE_LIMIT + 1);
        assert!(cut.ends_with('…'));
    }

    #[test]
    fn a_refusal_shows_what_does_not_print() {
        let refusal = FileRefusal::new("a\u{1b}[2J.csv", "file.empty", "the \u{1b}file is empty");
        assert_eq!(refusal.to_string(), "a\\u{1b}[2J.csv: the \\u{1b}file is empty [file.empty]");
    }

    #[test]
    fn a_refusal_says_where_and_why() {
        let refusal = FileRefusal::new("a.csv", "file.quote_open", "a quote is never closed").line(7);
        assert_eq!(refusal.to_string(), "a.csv:7: a quote is never closed [file.quote_open]");
        assert_eq!(refusal.into_issue(3).line, 7);
    }
}
