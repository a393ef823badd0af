//! Collects unknown values. Each is reported once per file, with the number of its lines and the seats and money
//! concerned.

use std::collections::{BTreeMap, HashMap};

use crate::amount::Amount;
use crate::fact::QuantityStatement;
use crate::issue::Issue;
use crate::read::Parsed;

/// The codes of warnings that are reported once per value.
const CODES: [&str; 4] =
    ["charge.type.unknown", "word.unknown", "subscription.status.unknown", "customer.domain.invalid"];
/// The most unknown values of a column that are reported separately, so that a file full of nonsense cannot fill the
/// memory.
const WORDS: usize = 100;

/// The unknown values of one file.
#[derive(Debug, Default)]
pub(crate) struct UnknownWords {
    places: HashMap<Key, usize>,
    /// In the order of their first occurrence.
    words: Vec<Word>,
    /// By code and column: the number of values.
    columns: HashMap<Key, usize>,
}

/// Code, column and value. The value is `None` for a column as a whole.
type Key = (String, Option<String>, Option<String>);

#[derive(Debug)]
struct Word {
    /// The issue of the first line.
    issue: Issue,
    lines: u64,
    seats: u64,
    money: BTreeMap<String, Amount>,
    /// Whether it stands for all values of its column that exceed the limit.
    others: bool,
}

impl UnknownWords {
    /// Takes the issue of a row if it is about an unknown value, and returns it if it is about anything else.
    pub(crate) fn take(&mut self, issue: Issue, parsed: &Parsed) -> Option<Issue> {
        if !CODES.contains(&&*issue.code) {
            return Some(issue);
        }
        let (seats, money) = at_stake(parsed);
        let word = self.word(issue);
        word.lines += 1;
        word.seats += seats;
        if let Some((currency, amount)) = money {
            match word.money.get_mut(currency) {
                Some(sum) => *sum = sum.plus(amount),
                None => {
                    word.money.insert(currency.to_owned(), amount);
                }
            }
        }
        None
    }

    /// The index of an issue's value. A new one is added if the limit of its column allows.
    fn word(&mut self, issue: Issue) -> &mut Word {
        let column: Key = (issue.code.to_string(), issue.column.clone(), None);
        // Case does not matter, as when values are parsed. The first spelling is shown.
        let word = issue.value.as_deref().unwrap_or_default().trim().to_lowercase();
        let key: Key = (column.0.clone(), column.1.clone(), Some(word));
        if let Some(place) = self.places.get(&key).or_else(|| self.places.get(&column)) {
            return &mut self.words[*place];
        }
        let known = self.columns.entry(column.clone()).or_default();
        let others = *known >= WORDS;
        *known += 1;
        self.places.insert(if others { column } else { key }, self.words.len());
        self.words.push(Word { issue, lines: 0, seats: 0, money: BTreeMap::new(), others });
        self.words.last_mut().expect("a word was just added")
    }

    /// One issue for each value, in the order of their first lines. Clears the collection.
    pub(crate) fn tell(&mut self) -> impl Iterator<Item = Issue> + use<> {
        self.places.clear();
        self.columns.clear();
        std::mem::take(&mut self.words).into_iter().map(Word::told)
    }
}

impl Word {
    fn told(self) -> Issue {
        let mut issue = self.issue;
        if self.others {
            issue.message.push_str(", and more unknown values after it");
        }
        let lines = if self.lines == 1 { "line" } else { "lines" };
        issue.message.push_str(&format!(": {} {lines}", self.lines));
        if self.seats > 0 {
            issue.message.push_str(&format!(", {} seats", self.seats));
        }
        for (currency, sum) in &self.money {
            issue.message.push_str(&format!(", {sum} {currency}"));
        }
        issue
    }
}

/// Adds the seats and the money of the row, as far as they could be read.
fn at_stake(parsed: &Parsed) -> (u64, Option<(&str, Amount)>) {
    let Some(subscription) = parsed.outcome.as_ref().ok().and_then(|fact| fact.subscription.as_deref()) else {
        return (0, None);
    };
    match subscription.charge.as_deref() {
        Some(charge) => (
            charge.seats.map_or(0, u64::from),
            charge.currency.as_deref().and_then(|word| Some((word, charge.subtotal?))),
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

    fn unknown(line: u64, column: &str, word: &str) -> Issue {
        Issue::new(Severity::Warning, 0, line, "word.unknown", "unknown term").column(column).value(word)
    }

    #[test]
    fn a_word_is_told_once_with_its_first_line() {
        let mut words = UnknownWords::default();
        for (line, column, word) in [(2, "Term", "P9Y"), (3, "Term", "P8Y"), (4, "Term", "P9Y"), (5, "Cycle", "P9Y")] {
            assert_eq!(words.take(unknown(line, column, word), &row(line)), None);
        }
        let other = Issue::new(Severity::Error, 0, 6, "row.field_count", "too many");
        assert_eq!(words.take(other.clone(), &row(6)), Some(other));
        let told: Vec<_> = words.tell().map(|issue| (issue.line, issue.message)).collect();
        let expected = [(2, "unknown term: 2 lines"), (3, "unknown term: 1 line"), (5, "unknown term: 1 line")];
        assert_eq!(told, expected.map(|(line, message)| (line, message.to_owned())));
        assert_eq!(words.tell().count(), 0);
    }

    #[test]
    fn a_column_of_nonsense_fills_neither_the_memory_nor_the_report() {
        let mut words = UnknownWords::default();
        for line in 0..10_000 {
            words.take(unknown(line, "Term", &line.to_string()), &row(line));
        }
        let told: Vec<Issue> = words.tell().collect();
        assert_eq!(told.len(), WORDS + 1);
        assert_eq!(told[WORDS].message, "unknown term, and more unknown values after it: 9900 lines");
    }
}
