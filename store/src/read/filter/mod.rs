//! Filters of lists: tests of columns and of related rows, combined with and, or and not.
//!
//! A relation is always followed with the caller's scope: a filter matches only by what the caller sees.

mod agreement;
mod change_request;
mod customer;
mod entitlement;
mod event;
mod grant;
mod invitation;
mod mpn_profile;
mod order;
mod partner;
mod partnership;
mod run;
mod subscription;

pub use agreement::AgreementTerm;
pub use change_request::{ChangeRequestField, ChangeRequestTerm};
pub use customer::{CustomerField, CustomerTerm};
pub(crate) use customer::{shared_with, via_condition};
pub use entitlement::{EntitlementField, EntitlementTerm};
pub use event::{EventField, EventSubject, EventTerm};
pub use grant::{GrantField, GrantTerm};
pub use invitation::{InvitationField, InvitationTerm};
pub use mpn_profile::{MpnProfileField, MpnProfileTerm};
pub use order::{OrderTerm, OrderTermField};
pub use partner::{PartnerField, PartnerTerm};
pub use partnership::{PartnershipField, PartnershipTerm};
pub use run::{ChangeField, ChangeTerm, IssueField, IssueTerm};
pub use subscription::{SubscriptionField, SubscriptionTerm};

use partnergraph_domain::search_key;
use serde::Serialize;

use crate::sql::{Sql, Value, sql};

/// A composed condition on one kind of row.
///
/// Filters, their terms and their tests are serialised as their own names and values, so that a cursor can recognise its filter.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub enum Filter<T> {
    /// All are true. An empty list is always true.
    All(Vec<Filter<T>>),
    /// At least one is true. An empty list is never true.
    Any(Vec<Filter<T>>),
    /// Is false, or unknown because something is null.
    Not(Box<Filter<T>>),
    /// One condition.
    Term(T),
}

impl<T> Default for Filter<T> {
    fn default() -> Self {
        Self::All(Vec::new())
    }
}

impl<T> Filter<T> {
    /// The condition as SQL; `term` converts its terms.
    pub fn sql(&self, term: &impl Fn(&T) -> Sql) -> Sql {
        match self {
            Self::All(parts) if parts.is_empty() => sql("1 = 1"),
            Self::Any(parts) if parts.is_empty() => sql("1 = 0"),
            Self::All(parts) => sql("(").add(Sql::join(parts.iter().map(|part| part.sql(term)), " AND ")).push(")"),
            Self::Any(parts) => sql("(").add(Sql::join(parts.iter().map(|part| part.sql(term)), " OR ")).push(")"),
            Self::Not(part) => sql("((").add(part.sql(term)).push(") IS NOT TRUE)"),
            Self::Term(value) => term(value),
        }
    }

    /// All its terms, however they are composed.
    pub fn terms(&self) -> Vec<&T> {
        match self {
            Self::All(parts) | Self::Any(parts) => parts.iter().flat_map(Self::terms).collect(),
            Self::Not(part) => part.terms(),
            Self::Term(term) => vec![term],
        }
    }

    /// Whether it matches everything.
    #[must_use]
    pub fn is_everything(&self) -> bool {
        matches!(self, Self::All(parts) if parts.iter().all(Self::is_everything))
    }
}

/// One test of a column.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub enum Test {
    /// Null or not.
    IsNull(bool),
    /// Equal to the value.
    Is(Value),
    /// Not equal to the value, or null.
    IsNot(Value),
    /// Equal to one of these.
    In(Vec<Value>),
    /// Equal to none of these, or null.
    NotIn(Vec<Value>),
    /// Greater than the value.
    Above(Value),
    /// Greater than or equal to the value.
    AtLeast(Value),
    /// Less than the value.
    Below(Value),
    /// Less than or equal to the value.
    AtMost(Value),
    /// Text that starts with this.
    StartsWith(String),
    /// Text that contains this.
    Contains(String),
}

/// How the text of a column is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Spelling {
    /// The column holds the search key of the displayed text.
    Key,
    /// The column holds the displayed text. ASCII letters are compared case-insensitively, which both databases do alike.
    Shown,
    /// The column holds a canonical lower-case form, such as a GUID.
    Lower,
    /// The column holds a canonical upper-case form, such as a country or an enum value.
    Upper,
}

/// A column to test.
#[derive(Debug, Clone, Copy)]
pub struct Column {
    /// The expression to compare.
    pub compared: &'static str,
    /// The expression that is null if there is no value.
    pub shown: &'static str,
    /// How text is compared.
    pub spelling: Spelling,
}

impl Column {
    /// A column that is compared as it is.
    #[must_use]
    pub const fn plain(column: &'static str, spelling: Spelling) -> Self {
        Self { compared: column, shown: column, spelling }
    }

    fn spelled(self, text: &str) -> String {
        match self.spelling {
            Spelling::Key => search_key(text),
            Spelling::Shown => text.trim().to_ascii_lowercase(),
            Spelling::Lower => text.trim().to_lowercase(),
            Spelling::Upper => text.trim().to_uppercase(),
        }
    }

    fn value(self, value: &Value) -> Value {
        match value {
            Value::Text(Some(text)) => Value::from(self.spelled(text)),
            other => other.clone(),
        }
    }

    fn side(self) -> Sql {
        match self.spelling {
            Spelling::Shown => sql("LOWER(").push(self.compared).push(")"),
            _ => sql(self.compared),
        }
    }

    /// Converts the test to a condition.
    #[must_use]
    pub fn test(self, test: &Test) -> Sql {
        let compare = |sign: &'static str, value: &Value| self.side().push(sign).bind(self.value(value));
        let values = |values: &[Value]| -> Vec<Value> { values.iter().map(|value| self.value(value)).collect() };
        match test {
            Test::IsNull(true) => sql(self.shown).push(" IS NULL"),
            Test::IsNull(false) => sql(self.shown).push(" IS NOT NULL"),
            Test::Is(value) => compare(" = ", value),
            Test::IsNot(value) => sql("(").add(compare(" <> ", value)).push(" OR ").push(self.shown).push(" IS NULL)"),
            Test::In(wanted) => self.side().push(" IN ").list(values(wanted)),
            Test::NotIn(unwanted) if unwanted.is_empty() => sql("1 = 1"),
            Test::NotIn(unwanted) => sql("(")
                .add(self.side())
                .push(" NOT IN ")
                .list(values(unwanted))
                .push(" OR ")
                .push(self.shown)
                .push(" IS NULL)"),
            Test::Above(value) => compare(" > ", value),
            Test::AtLeast(value) => compare(" >= ", value),
            Test::Below(value) => compare(" < ", value),
            Test::AtMost(value) => compare(" <= ", value),
            Test::StartsWith(text) | Test::Contains(text) if self.spelled(text).is_empty() => {
                sql(self.shown).push(" IS NOT NULL")
            }
            // A range of keys, which can use an index and compares bytes on both databases.
            Test::StartsWith(text) => {
                let from = self.spelled(text);
                let to = format!("{from}\u{10FFFF}");
                sql("(")
                    .add(self.side())
                    .push(" >= ")
                    .bind(from)
                    .push(" AND ")
                    .add(self.side())
                    .push(" < ")
                    .bind(to)
                    .push(")")
            }
            Test::Contains(text) => {
                let escaped = self.spelled(text).replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
                self.side().push(" LIKE ").bind(format!("%{escaped}%")).push(" ESCAPE '\\'")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_all_matches_everything_and_an_empty_any_nothing() {
        let term = |_: &()| sql("x");
        assert_eq!(Filter::<()>::All(vec![]).sql(&term).text(), "1 = 1");
        assert_eq!(Filter::<()>::Any(vec![]).sql(&term).text(), "1 = 0");
        assert_eq!(Filter::Not(Box::new(Filter::Term(()))).sql(&term).text(), "((x) IS NOT TRUE)");
    }

    #[test]
    fn wildcards_in_a_text_are_escaped() {
        let column = Column::plain("c", Spelling::Key);
        assert_eq!(column.test(&Test::Contains("50%".into())).text(), "c LIKE ? ESCAPE '\\'");
        assert_eq!(column.test(&Test::In(vec![])).text(), "c IN (SELECT NULL WHERE 1 = 0)");
        assert_eq!(column.test(&Test::NotIn(vec![])).text(), "1 = 1");
    }
}
