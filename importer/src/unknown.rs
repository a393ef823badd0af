//! Collects unknown values. Each is reported once per file, with the number of its lines and the seats and money
//! concerned.

use std::collections::{BTreeMap, HashMap};

use partnergraph_domain::counted;

use crate::amount::Amount;
use crate::fact::{QuantityStatement, Stated};
use crate::issue::Issue;
use crate::read::Parsed;

/// The codes of warnings that are reported once per value.
const CODES: [&str; 4] =
    ["charge.type.unknown", "word.unknown", "subscription.status.unknown", "customer.domain.invalid"];
/// The most unknown values of a column that are reported separately, so that a file full of nonsense cannot fill the
/// memory.
const MAX_VALUES: usize = 100;

/// The unknown values of one file.
#[derive(Debug, Default)]
pub(crate) struct UnknownValues {
    places: HashMap<Key, usize>,
    /// In the order of their first occurrence.
    values: Vec<Entry>,
    /// By code and column: the number of values.
    columns: HashMap<Key, usize>,
}

/// Code, column and value. The value is `None` for a column as a whole.
type Key = (String, Option<String>, Option<String>);

#[derive(Debug)]
struct Entry {
    /// The issue of the first line.
    issue: Issue,
    lines: u64,
    seats: u64,
    money: BTreeMap<String, Amount>,
    /// Whether it stands for all values of its column that exceed the limit.
    others: bool,
}

impl UnknownValues {
    /// Takes the issue of a row if it is about an unknown value, and returns it if it is about anything else.
    pub(crate) fn take(&mut self, issue: Issue, parsed: &Parsed) -> Option<Issue> {
        if !CODES.contains(&&*issue.code) {
            return Some(issue);
        }
        let (seats, money) = at_stake(parsed);
        let entry = self.entry(issue);
        entry.lines += 1;
        entry.seats += seats;
        if let Some((currency, amount)) = money {
            match entry.money.get_mut(currency) {
                Some(sum) => *sum = sum.plus(amount),
                None => {
                    entry.money.insert(currency.to_owned(), amount);
                }
            }
        }
        None
    }

    /// The index of an issue's value. A new one is added if the limit of its column allows.
    fn entry(&mut self, issue: Issue) -> &mut Entry {
        let column: Key = (issue.code.to_string(), issue.column.clone(), None);
        // Case does not matter, as when values are parsed. The first spelling is shown.
        let entry = issue.value.as_deref().unwrap_or_default().trim().to_lowercase();
        let key: Key = (column.0.clone(), column.1.clone(), Some(entry));
        if let Some(place) = self.places.get(&key).or_else(|| self.places.get(&column)) {
            return &mut self.values[*place];
        }
        let known = self.columns.entry(column.clone()).or_default();
        let others = *known >= MAX_VALUES;
        *known += 1;
        self.places.insert(if others { column } else { key }, self.values.len());
        self.values.push(Entry { issue, lines: 0, seats: 0, money: BTreeMap::new(), others });
        self.values.last_mut().expect("an entry was just added")
    }

    /// One issue for each value, in the order of their first lines. Clears the collection.
    pub(crate) fn report(&mut self) -> impl Iterator<Item = Issue> + use<> {
        self.places.clear();
        self.columns.clear();
        std::mem::take(&mut self.values).into_iter().map(Entry::into_issue)
    }
}

impl Entry {
    fn into_issue(self) -> Issue {
        let mut issue = self.issue;
        if self.others {
            issue.message.push_str(", and more unknown values after it");
        }
        issue.message.push_str(&format!(": {}", counted(self.lines, "line")));
        if self.seats > 0 {
            issue.message.push_str(&format!(", {}", counted(self.seats, "seat")));
        }
        for (currency, sum) in &self.money {
            issue.message.push_str(&format!(", {sum} {currency}"));
        }
        issue
    }
}

/// Adds the seats and the money of the row, as far as they could be read.
fn at_stake(parsed: &Parsed) -> (u64, Option<(&str, Amount)>) {
    let fact = parsed.outcome.as_ref().ok().and_then(Stated::customer);
    let Some(subscription) = fact.and_then(|fact| fact.subscription.as_deref()) else {
        return (0, None);
    };
    match subscription.charge.as_deref() {
        Some(charge) => (
            charge.seats.map_or(0, u64::from),
            charge.currency.as_deref().and_then(|entry| Some((entry, charge.subtotal?))),
        ),
        None => match subscription.quantity {
            QuantityStatement::Seats(seats) => (u64::from(seats), None),
            QuantityStatement::Silent | QuantityStatement::Metered => (0, None),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::issue::Severity;
    use crate::read::Rejected;

    fn row(line: u64) -> Parsed {
        Parsed { line, offset: 0, outcome: Err(Rejected { charged: None }), uncounted: None, issues: Vec::new() }
    }

    fn unknown(line: u64, column: &str, entry: &str) -> Issue {
        Issue::new(Severity::Warning, 0, line, "word.unknown", "unknown term").column(column).value(entry)
    }

    #[test]
    fn a_value_is_reported_once_with_its_first_line() {
        let mut values = UnknownValues::default();
        for (line, column, entry) in [(2, "Term", "P9Y"), (3, "Term", "P8Y"), (4, "Term", "P9Y"), (5, "Cycle", "P9Y")] {
            assert_eq!(values.take(unknown(line, column, entry), &row(line)), None);
        }
        let other = Issue::new(Severity::Error, 0, 6, "row.field_count", "too many");
        assert_eq!(values.take(other.clone(), &row(6)), Some(other));
        let issues: Vec<_> = values.report().map(|issue| (issue.line, issue.message)).collect();
        let expected = [(2, "unknown term: 2 lines"), (3, "unknown term: 1 line"), (5, "unknown term: 1 line")];
        assert_eq!(issues, expected.map(|(line, message)| (line, message.to_owned())));
        assert_eq!(values.report().count(), 0);
    }

    #[test]
    fn a_column_of_nonsense_fills_neither_the_memory_nor_the_report() {
        let mut values = UnknownValues::default();
        for line in 0..10_000 {
            values.take(unknown(line, "Term", &line.to_string()), &row(line));
        }
        let issues: Vec<Issue> = values.report().collect();
        assert_eq!(issues.len(), MAX_VALUES + 1);
        assert_eq!(issues[MAX_VALUES].message, "unknown term, and more unknown values after it: 9900 lines");
    }
}
